//! `paragraph_dedup`: removes paragraphs that stand elsewhere word for word.
//!
//! Global with `scope = "corpus"`, because which copy is the first is only known once all documents are read; local with
//! `scope = "document"`. The key is the SHA-256 of the folded text, so what counts as the same is exact and named. Only paragraphs are
//! compared: a line of code, a row of a table or a rule means something at its place, whatever stands elsewhere.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use regex::RegexSet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::patterns::patterns;
use super::{
    Configure, Configured, Copied, Copies, Decision, GlobalStage, Group, LocalStage, Note, Notes, Removes, Round,
    RuleInfo, Scope, Signal, Stage, StageError, StageInfo, Surroundings, decide_all,
};
use crate::document::{Block, Document, Mark, Position, Reason, Rule};
use crate::text::repair::unwrap::Line;
use crate::text::shape::{Kind, kinds};
use crate::text::{fold, hash};

/// Removes paragraphs that stand elsewhere word for word, by SHA-256 of the normalised paragraph.
///
/// Lines of code (fenced, set in or told by their signs), rows of tables, lines without a letter, and lines of verse that are set in
/// are no paragraphs: they stay, and nothing is removed for their sake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParagraphDedup {
    /// Where copies count: `corpus` compares all documents, `document` only the paragraphs of one.
    pub scope: Scope,
    /// Shorter paragraphs are never removed here. In characters (Unicode scalar values) of the folded text.
    pub min_chars: u32,
    /// What stays of several copies: the `first` in the order of source, path, record and block, or `none`. Or a list of regular
    /// expressions: the first, and every block that one of them finds anywhere in its text.
    pub keep: Keep,
    /// Removes only what stands in at least this many documents. 1 also removes repeats within one document.
    #[schemars(range(min = 1))]
    pub min_documents: u32,
    /// What counts as the same: `exact` (Unicode NFC, white space folded) or `ccnet` (CCNet's form: also lower case,
    /// digits folded, Unicode punctuation dropped).
    pub key: Key,
}

/// What stays of several copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keep {
    /// The copy at the least position.
    #[default]
    First,
    /// No copy at all, as CCNet does.
    None,
    /// The copy at the least position, and each block that one of these regular expressions finds.
    Matching(Vec<String>),
}

/// The normal form under which two paragraphs count as the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Unicode NFC, white space runs one space, trimmed.
    #[default]
    Exact,
    /// CCNet's form.
    Ccnet,
}

impl Default for ParagraphDedup {
    fn default() -> Self {
        Self { scope: Scope::Corpus, min_chars: 40, keep: Keep::First, min_documents: 1, key: Key::Exact }
    }
}

impl Configure for ParagraphDedup {
    const INFO: StageInfo = StageInfo {
        does: "removes paragraphs that stand elsewhere, by SHA-256 of the normalised paragraph; code, tables and rules stay",
        needs_corpus: "yes, unless `scope = \"document\"`",
        signal: Some(Signal::Repeated),
        rules,
        fixture: include_str!("../../tests/stages/paragraph_dedup.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if self.scope == Scope::Document && self.min_documents > 1 {
            return Err(StageError::new(
                "min_documents",
                "more than one document can never be met within one document",
            )
            .hint("drop `min_documents`, or set `scope = \"corpus\"`"));
        }
        let held: &[String] = if let Keep::Matching(expressions) = &self.keep { expressions } else { &[] };
        let dedup = Box::new(Dedup { config: self.clone(), held: patterns("keep", held)? });
        let (stage, copied) = match self.scope {
            Scope::Corpus => (Stage::Global(dedup), Copied::Parts),
            Scope::Document => (Stage::Local(dedup), Copied::PartsOfDocument),
        };
        let copied = Some(if self.keep == Keep::None { Copied::AllParts } else { copied });
        let more = Configured::new(stage, rules());
        Ok(Configured { removes: Removes::BLOCKS, edits: false, copied, ..more })
    }
}

fn rules() -> Vec<RuleInfo> {
    let means = "a paragraph that stands elsewhere in the corpus, or in the document, word for word";
    let rule = RuleInfo::block("repeated_paragraph", means).kept_by("keep");
    vec![rule.saying("[a copy of {copy}; ]the paragraph stands in {n documents}")]
}

/// The stage.
struct Dedup {
    config: ParagraphDedup,
    /// Finds the blocks that stay whatever stands elsewhere.
    held: RegexSet,
}

/// The only rule. Its value is the number of documents with the paragraph, its threshold `min_documents`.
const REPEATED_PARAGRAPH: Rule = Rule(0);

impl Dedup {
    /// The keys of the kept paragraphs that are long enough to be compared.
    fn keys(&self, document: &Document, mut each: impl FnMut([u8; 16], Position)) {
        let least = self.config.min_chars as usize;
        // Folding in CCNet's form may make a text longer.
        let is_short = |block: Block<'_>| block.text().len() < least && self.config.key == Key::Exact;
        if document.kept().all(is_short) {
            return;
        }
        let mut folded = String::new();
        for (block, kind) in document.blocks().zip(shapes(document)) {
            if !block.is_kept() || kind != Kind::Text || is_short(block) {
                continue;
            }
            match self.config.key {
                Key::Exact => fold::exact(block.text(), &mut folded),
                Key::Ccnet => fold::ccnet(block.text(), &mut folded),
            }
            let long_enough = folded.len() >= least && folded.chars().nth(least.saturating_sub(1)).is_some();
            if long_enough && !self.held.is_match(block.text()) {
                each(hash::key(folded.as_bytes()), document.position_of(block));
            }
        }
    }
}

/// What each block of the document is, removed ones included: these stand around the others as well.
fn shapes(document: &Document) -> Vec<Kind> {
    let blocks = document.blocks();
    let lines: Vec<Line<'_>> =
        blocks.map(|block| Line { text: block.text(), after_blank: block.blank_before() }).collect();
    kinds(&lines)
}

impl GlobalStage for Dedup {
    fn round(&self, _number: usize) -> Round<'_> {
        Round::Group(self)
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        let removed = decisions.iter().filter_map(|decision| {
            let block = document.block_numbered(decision.position.block)?;
            let partner = decision.partner.filter(|_| self.config.keep != Keep::None);
            let reason = Reason::new(REPEATED_PARAGRAPH)
                .measured(decision.value as f64, f64::from(self.config.min_documents))
                .in_favour_of(partner);
            Some((block.index(), reason))
        });
        let removed: Vec<(usize, Reason)> = removed.collect();
        mark.remove_blocks(document, removed);
    }
}

impl Group for Dedup {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        self.keys(document, |key, position| note(Note::new(key, position)));
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let (first, documents) = (copies.first.position, copies.documents);
        if documents < u64::from(self.config.min_documents) || copies.notes < 2 {
            return;
        }
        notes.each(&mut |note| {
            if note.position != first {
                decision(Decision { position: note.position, partner: Some(first), value: documents });
            }
        });
        if self.config.keep == Keep::None {
            decision(Decision { position: first, partner: None, value: documents });
        }
    }
}

impl LocalStage for Dedup {
    fn apply(&self, document: &mut Document, mark: Mark) {
        let mut notes = Vec::new();
        self.keys(document, |key, position| notes.push(Note::new(key, position)));
        let distinct: HashSet<[u8; 16]> = notes.iter().map(|note| note.key).collect();
        if distinct.len() == notes.len() {
            return;
        }
        notes.sort_unstable();
        let mut decisions = Vec::new();
        decide_all(self, &notes, &mut |decision| decisions.push(decision));
        decisions.sort_unstable();
        GlobalStage::apply(self, document, &decisions, mark);
    }
}

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::First => serializer.serialize_str("first"),
            Self::None => serializer.serialize_str("none"),
            Self::Matching(patterns) => patterns.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Keep;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("\"first\", \"none\" or a list of regular expressions")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Keep, E> {
                match text {
                    "first" => Ok(Keep::First),
                    "none" => Ok(Keep::None),
                    other => Err(E::custom(format!("`{other}` is neither \"first\" nor \"none\""))),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keep, A::Error> {
                let mut patterns = Vec::new();
                while let Some(pattern) = list.next_element()? {
                    patterns.push(pattern);
                }
                Ok(Keep::Matching(patterns))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for Keep {
    fn schema_name() -> Cow<'static, str> {
        "Keep".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What stays of several copies.",
            "anyOf": [
                { "type": "string", "enum": ["first", "none"] },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::StageIndex;

    /// The blocks that are left of `text` after the stage with these options, `scope` being the document.
    fn left(options: &str, text: &str) -> Vec<String> {
        let config: ParagraphDedup = toml::from_str(&format!("scope = 'document'\n{options}")).unwrap();
        let configured = config.configure(&Surroundings { folder: ".".as_ref() }).unwrap();
        let Stage::Local(stage) = configured.stage else { panic!("within a document the stage is local") };
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), text);
        stage.apply(&mut document, Mark::new(StageIndex(0)));
        document.kept().map(|block| block.text().to_owned()).collect()
    }

    #[test]
    fn a_repeated_paragraph_goes_and_what_is_none_stays() {
        let paragraph = "The ferry left the harbour at dawn with forty people on board, the captain said.";
        assert_eq!(left("", &[paragraph, paragraph].join("\n\n")), [paragraph]);
        for block in [
            "    let total = boats.iter().map(|boat| boat.seats).sum::<u64>();",
            "| a boat with a long name | a harbour with a long name | 1904 |",
            "=========================================================",
            "* * * * * * * * * * * * * * * * * * * * * * * * * * * * *",
            "12.50    14.00    17.25    1,904    2,000    12.50    14.00",
            "SELECT name, harbour FROM boats WHERE seats > 40 AND year = 1904;",
            "    No shepherd stirs, no bell, no bleating sheep on the hill,",
        ] {
            let text = [paragraph, block, "Between them stands another line.", block].join("\n\n");
            assert_eq!(left("", &text).len(), 4, "{block}");
        }
    }

    #[test]
    fn a_block_that_keep_finds_stays_and_takes_no_other_along() {
        let refrain = "And the boats go out, and the boats come in, with the turning of the tide.";
        let other = "The captain of the ferry said nothing to anybody for the rest of that day.";
        let text = [refrain, other, refrain, other].join("\n\n");
        assert_eq!(left("keep = ['turning of the tide']", &text), [refrain, other, refrain]);
        assert_eq!(left("keep = []", &text), left("keep = 'first'", &text));
        assert_eq!(left("keep = 'none'", &text), Vec::<String>::new());
    }

    #[test]
    fn what_keep_cannot_be_is_refused() {
        let config: ParagraphDedup = toml::from_str("keep = ['fine', '(']").unwrap();
        let error = config.configure(&Surroundings { folder: ".".as_ref() }).err().unwrap();
        assert_eq!(error.field, "keep[1]");
        assert!(toml::from_str::<ParagraphDedup>("keep = 'last'").is_err());
    }

    #[test]
    fn keep_is_written_as_it_is_read() {
        for written in ["\"first\"", "\"none\"", "[\"a\",\"b\"]"] {
            let keep: Keep = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_string(&keep).unwrap(), written);
        }
    }
}
