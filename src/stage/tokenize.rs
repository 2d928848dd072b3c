//! `tokenize`: counts the tokens of each document, and keeps their ids if asked.
//!
//! Local. The ids are exactly the encoding of the document's text at this place of the pipeline: a document with too
//! many tokens is removed as a whole, never cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Configured, Fact, LocalStage, Model, Removes, RuleInfo, Stage, StageError, StageInfo, Surroundings,
};
use crate::document::{Document, Mark, Reason, Rule, Tokens};
use crate::tokenizer::{Tokenizer, TokenizerError};

/// Counts the tokens of each document, and keeps their ids if asked.
///
/// The ids are exactly the encoding of the text, as the tokenizer's reference implementation gives it; special tokens
/// that stand in the text are encoded as ordinary text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokenize {
    /// An embedded vocabulary (`gpt2`, `r50k_base`, `p50k_base`, `cl100k_base`, `o200k_base`), or the path of a
    /// `tokenizer.json`, relative to the config's folder.
    pub tokenizer: String,
    /// Keeps the ids themselves, in the column `token_ids`, and not their number alone.
    #[serde(default)]
    pub ids: bool,
    /// Puts the tokenizer's beginning-of-sequence token before the text's; it counts as one token.
    #[serde(default)]
    pub add_bos: bool,
    /// Puts the tokenizer's end-of-sequence token after the text's; it counts as one token.
    #[serde(default)]
    pub add_eos: bool,
    /// Removes documents with fewer tokens than this, added ones included. Unset: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tokens: Option<u32>,
    /// Removes documents with more tokens than this, added ones included; they are not cut. Unset: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl Configure for Tokenize {
    const INFO: StageInfo = StageInfo {
        does: "counts tokens and writes their ids: `gpt2`, `cl100k_base`, `o200k_base` or your own `tokenizer.json`",
        costly: true,
        columns: &["tokens", "token_ids"],
        gives: &[Fact::Tokens],
        sample: "{ tokenizer = \"gpt2\" }",
        rules,
        fixture: include_str!("../../tests/stages/tokenize.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if let (Some(min), Some(max)) = (self.min_tokens, self.max_tokens)
            && min > max
        {
            return Err(StageError::new(
                "min_tokens",
                format!("{min} is more than `max_tokens`, {max}: no document has both"),
            ));
        }
        let tokenizer = Tokenizer::open(&self.tokenizer, surroundings.folder).map_err(|error| {
            let refused = StageError::new("tokenizer", describe(&error, &self.tokenizer));
            match error.hint() {
                Some(hint) => refused.hint(hint),
                None => refused,
            }
        })?;
        let added = |field, wanted: bool, token: Option<u32>| match token {
            Some(id) if wanted => Ok(Some(id)),
            None if wanted => {
                Err(StageError::new(field, format!("`{}` names no such token", self.tokenizer)).hint(format!(
                    "a tokenizer_config.json beside it may name it as `{}_token`",
                    field.trim_start_matches("add_")
                )))
            }
            _ => Ok(None),
        };
        let bos = added("add_bos", self.add_bos, tokenizer.bos())?;
        let eos = added("add_eos", self.add_eos, tokenizer.eos())?;
        let mut models = vec![Model { name: tokenizer.name().to_owned(), sha256: tokenizer.sha256().to_owned() }];
        if let (true, Some((name, sha256))) = (self.add_bos || self.add_eos, tokenizer.roles_file()) {
            models.push(Model { name: name.to_owned(), sha256: sha256.to_owned() });
        }
        let limited = self.min_tokens.is_some() || self.max_tokens.is_some();
        let removes = Removes::DOCUMENTS.only_if(limited || tokenizer.may_refuse());
        let stage = Stage::Local(Box::new(Encode { config: self.clone(), tokenizer, bos, eos }));
        Ok(Configured { models, removes, edits: false, ..Configured::new(stage, rules()) })
    }
}

/// The rules below, in the order of their numbers.
fn rules() -> Vec<RuleInfo> {
    vec![
        RuleInfo::document("too_few_tokens", "the document has fewer tokens than `min_tokens`")
            .kept_by("min_tokens")
            .saying("{n tokens} where `min_tokens` asks for {limit}"),
        RuleInfo::document("too_many_tokens", "the document has more tokens than `max_tokens`")
            .kept_by("max_tokens")
            .saying("{n tokens} where `max_tokens` allows {limit}"),
        RuleInfo::document("unencodable_text", "the text has a character for which the `tokenizer.json` has no token")
            .kept_by("tokenizer"),
    ]
}

/// The document has fewer tokens than `min_tokens`.
const TOO_FEW_TOKENS: Rule = Rule(0);

/// The document has more tokens than `max_tokens`.
const TOO_MANY_TOKENS: Rule = Rule(1);

/// The model of a `tokenizer.json` has no id for some character, not even an unknown one.
const UNENCODABLE_TEXT: Rule = Rule(2);

/// The stage.
struct Encode {
    config: Tokenize,
    tokenizer: Tokenizer,
    bos: Option<u32>,
    eos: Option<u32>,
}

impl LocalStage for Encode {
    fn apply(&self, document: &mut Document, mark: Mark) {
        let mut ids = Vec::new();
        ids.extend(self.bos);
        if self.tokenizer.encode_into(&document.text(), &mut ids).is_err() {
            mark.remove_document(document, Reason::new(UNENCODABLE_TEXT));
            return;
        }
        ids.extend(self.eos);
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let below = self.config.min_tokens.filter(|&min| count < min);
        let above = self.config.max_tokens.filter(|&max| count > max);
        if let Some(min) = below {
            mark.remove_document(document, Reason::new(TOO_FEW_TOKENS).measured(f64::from(count), f64::from(min)));
        } else if let Some(max) = above {
            mark.remove_document(document, Reason::new(TOO_MANY_TOKENS).measured(f64::from(count), f64::from(max)));
        }
        ids.shrink_to_fit();
        document.set_tokens(Tokens { count, ids: self.config.ids.then_some(ids) });
    }
}

/// The error with the tokenizer's name as the config writes it, rather than as a path of this machine.
fn describe(error: &TokenizerError, written: &str) -> String {
    match error {
        TokenizerError::UnknownName { .. } | TokenizerError::Encode { .. } => error.to_string(),
        TokenizerError::Unreadable { source, .. } => format!("cannot read `{written}`: {source}"),
        TokenizerError::Folder { .. } => format!("`{written}` is a folder"),
        TokenizerError::NotJson { source, .. } => format!("`{written}` is not JSON: {source}"),
        TokenizerError::Invalid { cause, .. } => format!("`{written}` is no tokenizer that can be used: {cause}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::{Change, Part, Position, StageIndex};

    const WORDS: &str = r#"{"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": {"one": 0, "two": 1}, "unk_token": "[UNK]"}}"#;

    fn configure(config: &str, folder: &Path) -> Result<Configured, StageError> {
        toml::from_str::<Tokenize>(config).unwrap().configure(&Surroundings { folder })
    }

    fn refusal(config: &str, folder: &Path) -> StageError {
        configure(config, folder).err().expect("the config is refused")
    }

    fn apply(config: &str, text: &str) -> Document {
        let configured = configure(config, Path::new(".")).unwrap();
        let Stage::Local(stage) = configured.stage else { panic!("tokenize is local") };
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), text);
        stage.apply(&mut document, Mark::new(StageIndex(3)));
        document
    }

    #[test]
    fn tokens_are_counted_and_kept_only_if_asked() {
        let document = apply("tokenizer = \"gpt2\"", "hello\n\nworld");
        assert_eq!(document.tokens(), Some(&Tokens { count: 4, ids: None }));
        let document = apply("tokenizer = \"gpt2\"\nids = true", "hello\n\nworld");
        assert_eq!(document.tokens(), Some(&Tokens { count: 4, ids: Some(vec![31373, 198, 198, 6894]) }));
    }

    #[test]
    fn added_tokens_stand_at_the_ends_and_count() {
        let config = "tokenizer = \"gpt2\"\nids = true\nadd_bos = true\nadd_eos = true";
        let ids = Some(vec![50256, 31373, 50256]);
        assert_eq!(apply(config, "hello").tokens(), Some(&Tokens { count: 3, ids }));
    }

    #[test]
    fn a_special_token_in_the_text_is_text() {
        let tokens = apply("tokenizer = \"gpt2\"\nids = true", "<|endoftext|>").tokens().cloned();
        assert_eq!(tokens.unwrap().ids.unwrap(), [27, 91, 437, 1659, 5239, 91, 29]);
    }

    #[test]
    fn a_document_over_the_limit_is_removed_with_its_number_of_tokens() {
        let config = "tokenizer = \"gpt2\"\nmin_tokens = 2\nmax_tokens = 3";
        let removal = |text| apply(config, text).removal().map(|change| Change { part: Part::Document, ..change });
        let reason = |rule, value, threshold| {
            let (value, threshold) = (Some(value), Some(threshold));
            Some(Change { part: Part::Document, stage: StageIndex(3), rule, value, threshold, partner: None })
        };
        assert_eq!(removal("one two three four"), reason(TOO_MANY_TOKENS, 4.0, 3.0));
        assert_eq!(removal("one two three"), None);
        assert_eq!(removal("one"), reason(TOO_FEW_TOKENS, 1.0, 2.0));
    }

    #[test]
    fn the_plan_learns_the_vocabulary_and_whether_documents_may_go() {
        let configured = configure("tokenizer = \"o200k_base\"", Path::new(".")).unwrap();
        assert_eq!(configured.models[0].name, "o200k_base");
        assert_eq!(configured.models[0].sha256.len(), 64);
        assert!(!configured.changes_text());
        let limited = configure("tokenizer = \"gpt2\"\nmax_tokens = 9", Path::new(".")).unwrap();
        assert!(limited.changes_text());
    }

    #[test]
    fn a_tokenizer_that_is_not_there_is_named_with_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str, bytes: &str| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            refusal(&format!("tokenizer = \"{name}\""), folder.path())
        };
        let check = |error: StageError, message: &str, hint: &str| {
            assert_eq!(error.field, "tokenizer");
            assert!(error.message.contains(message), "{error:?}");
            assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{error:?}");
            assert!(!error.message.contains(&*folder.path().to_string_lossy()), "{error:?}");
        };
        let named = |name: &str| refusal(&format!("tokenizer = \"{name}\""), folder.path());
        check(named("o200k"), "no tokenizer `o200k`", "did you mean `o200k_base`");
        check(named("cl100kbase"), "no tokenizer", "did you mean `cl100k_base`");
        check(named("gpt-4o"), "no tokenizer", "did you mean `o200k_base`");
        check(named("llama"), "no tokenizer `llama`", "embedded are gpt2");
        check(
            named("missing/tokenizer.json"),
            "cannot read `missing/tokenizer.json`",
            "relative to the config's folder",
        );
        std::fs::create_dir(folder.path().join("model")).unwrap();
        check(named("model"), "`model` is a folder", "name the `tokenizer.json`");
        check(written("cut.json", WORDS.split_at(100).0), "`cut.json` is not JSON", "cut off");
        check(written("text.json", "no json"), "`text.json` is not JSON", "expected is a `tokenizer.json`");
        check(written("other.json", "{\"a\": 1}"), "no `model` with a `vocab`", "expected is a `tokenizer.json`");
        check(written("array.json", "[1]"), "no `model` with a `vocab`", "expected is");
        let strange = WORDS.replace("Whitespace", "Wormhole");
        check(written("strange.json", &strange), "Wormhole", "expected is");
    }

    #[test]
    fn what_the_model_has_no_id_for_removes_the_document() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("words.json"), WORDS).unwrap();
        let configured = configure("tokenizer = \"words.json\"\nids = true", folder.path()).unwrap();
        assert!(configured.changes_text());
        let Stage::Local(stage) = configured.stage else { panic!("tokenize is local") };
        let position = Position { file: 0, record: 0, block: 0 };
        let mut known = Document::new(position, "a#0".into(), "a".into(), "one two one");
        stage.apply(&mut known, Mark::new(StageIndex(0)));
        assert_eq!(known.tokens().and_then(|tokens| tokens.ids.as_deref()), Some(&[0, 1, 0][..]));
        let mut unknown = Document::new(position, "a#0".into(), "a".into(), "one three");
        stage.apply(&mut unknown, Mark::new(StageIndex(0)));
        assert_eq!(unknown.removal().map(|removal| removal.rule), Some(UNENCODABLE_TEXT));
    }

    #[test]
    fn a_missing_special_token_is_an_error_until_a_file_beside_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let words = WORDS.replace(
            "[]",
            r#"[{"id": 2, "content": "<s>", "special": true, "normalized": false, "lstrip": false, "rstrip": false, "single_word": false}]"#,
        );
        std::fs::write(folder.path().join("tokenizer.json"), words).unwrap();
        let config = "tokenizer = \"tokenizer.json\"\nadd_bos = true";
        let error = refusal(config, folder.path());
        assert_eq!((error.field.as_str(), error.hint.unwrap().contains("`bos_token`")), ("add_bos", true));
        std::fs::write(folder.path().join("tokenizer_config.json"), r#"{"bos_token": {"content": "<s>"}}"#).unwrap();
        let configured = configure(config, folder.path()).unwrap();
        assert_eq!(configured.models.len(), 2, "both files decide the ids");
    }
}
