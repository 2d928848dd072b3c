//! `language`: tells which language each document is in, and keeps the wanted ones.
//!
//! Local. The document is told from a bounded sample of its blocks, and each block of some length on its own, so that a
//! mixed document shows its shares and a paragraph in a foreign language can be dropped.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Configured, Fact, Found, LocalStage, Model, Removes, RuleInfo, Stage, StageError, StageInfo,
    Surroundings, model_file,
};
use crate::document::{Block, Document, Language as Told, Mark, Position, Reason, Rule};
use crate::text::hash;
use crate::text::language::{self, Detected, Foreign, NO_LANGUAGE, UNDECIDED};

/// Tells the language of each document, with the embedded detector or a fastText model; keeps the wanted languages.
///
/// The shares of the languages of a mixed document are kept in its `metadata` as `languages`; as `tamis_languages` where the
/// input has that name for something of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Language {
    /// The languages to keep, as ISO 639-1 codes where they exist, else ISO 639-3 (`["fr", "en"]`). `und` keeps documents
    /// whose language is not decided, `zxx` those in no language: tables of figures, source code. Empty: every document stays.
    pub keep: Vec<String>,
    /// A document told with a lower score counts as `und`. From 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_score: f32,
    /// Removes paragraphs that are certainly in another language than the document, such as an English notice in a
    /// French article. Names and short quotations stay.
    pub drop_foreign_blocks: bool,
    /// The path of a fastText model to tell languages with, relative to the config's folder: `lid.176.ftz`, GlotLID, OpenLID
    /// and others. Its labels (`__label__fr`, `fra_Latn`, `zho_Hans`) become the codes above. Unset: the embedded detector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Default for Language {
    fn default() -> Self {
        Self { keep: Vec::new(), min_score: 0.5, drop_foreign_blocks: false, model: None }
    }
}

impl Configure for Language {
    const INFO: StageInfo = StageInfo {
        does: "tells the language of documents and paragraphs with an embedded detector (`zxx` for figures and code); keeps the \
               wanted ones",
        costly: true,
        columns: &["language", "language_script", "language_score", "metadata"],
        gives: &[Fact::Language],
        rules,
        fixture: include_str!("../../tests/stages/language.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if !(0.0..=1.0).contains(&self.min_score) {
            return Err(StageError::new("min_score", format!("{} is no score", self.min_score))
                .hint("scores lie between 0 and 1"));
        }
        let (detector, model) = match &self.model {
            None => {
                let model = Model { name: language::DETECTOR.to_owned(), sha256: hash::hex(&language::digest()) };
                (Detector::Embedded, model)
            }
            Some(path) => {
                let (model, entry) = model_file::open("model", path, surroundings)?;
                let foreign = Foreign::new(model).map_err(|label| no_languages(path, &label))?;
                (Detector::Foreign(Box::new(foreign)), entry)
            }
        };
        if let Some(unknown) = self.keep.iter().find(|code| !detector.knows(code)) {
            return Err(detector.unknown_code(unknown));
        }
        Ok(Configured {
            models: vec![model],
            removes: Removes { blocks: self.drop_foreign_blocks, documents: !self.keep.is_empty() },
            edits: false,
            ..Configured::new(Stage::Local(Box::new(Tell { config: self.clone(), detector })), rules())
        })
    }
}

fn rules() -> Vec<RuleInfo> {
    vec![
        RuleInfo::document("not_kept", "the document is in a language that `keep` does not name")
            .kept_by("keep")
            .saying("{found} ({value}); the config keeps {option}"),
        RuleInfo::document(
            "too_uncertain",
            "the language is told with a score below `min_score`, and `keep` wants it told",
        )
        .kept_by("keep")
        .saying("no language for certain ({value} where `min_score` asks for {limit}); the config keeps {option}"),
        RuleInfo::block("foreign_block", "a paragraph that is certainly in another language than its document")
            .kept_by("drop_foreign_blocks")
            .saying("{found} ({value}) in a document of another language"),
    ]
}

fn no_languages(path: &str, label: &str) -> StageError {
    StageError::new("model", format!("`{path}` tells no languages: its label `{label}` is no language code"))
        .hint("a model of other labels belongs in a `classifier` stage")
}

/// The stage.
struct Tell {
    config: Language,
    detector: Detector,
}

/// What tells languages.
enum Detector {
    Embedded,
    Foreign(Box<Foreign>),
}

impl Detector {
    fn detect<'a>(&self, blocks: impl Iterator<Item = &'a str> + Clone) -> Detected<'_> {
        match self {
            Self::Embedded => language::detect_blocks(blocks),
            Self::Foreign(foreign) => foreign.detect_blocks(blocks),
        }
    }

    /// The codes that it can answer, in order.
    fn codes(&self) -> Vec<&str> {
        match self {
            Self::Embedded => language::CODES.iter().map(|(code, ..)| *code).collect(),
            Self::Foreign(foreign) => foreign.codes().into_iter().collect(),
        }
    }

    fn knows(&self, code: &str) -> bool {
        [UNDECIDED, NO_LANGUAGE].contains(&code) || self.codes().contains(&code)
    }

    fn unknown_code(&self, unknown: &str) -> StageError {
        let hint = language::nearest(unknown).filter(|code| self.knows(code)).map_or_else(
            || {
                format!(
                    "it tells {}, {UNDECIDED} for undecided, or {NO_LANGUAGE} for no language",
                    self.codes().join(", ")
                )
            },
            |code| format!("did you mean `{code}` ({})?", language::name(code).unwrap_or_default()),
        );
        StageError::new("keep", format!("the detector knows no language `{unknown}`")).hint(hint)
    }
}

/// The document's language is not among `keep`. The value is its score, the threshold `min_score`.
const NOT_KEPT: Rule = Rule(0);
/// The document's language is not told with `min_score`. The value is the score.
const TOO_UNCERTAIN: Rule = Rule(1);
/// A paragraph in another language than the document's. The value is its score, the threshold [`CERTAIN`].
const FOREIGN_BLOCK: Rule = Rule(2);

/// A shorter paragraph is not told on its own: a headline full of names, a slogan, a quotation. In bytes.
const PARAGRAPH_LEAST: usize = 80;
/// Nor is one with fewer letters, for all its figures and addresses.
const PARAGRAPH_LETTERS: u32 = 40;
/// Of a paragraph, so many bytes are looked at.
const PARAGRAPH_BYTES: usize = 384;
/// The score from which a paragraph is certainly in its language.
const CERTAIN: f32 = 0.98;
/// The least share of a document's letters that makes a language one of its languages.
const REAL_SHARE: f64 = 0.1;

impl LocalStage for Tell {
    fn apply(&self, document: &mut Document, mark: Mark) {
        let kept = || document.kept().map(Block::text);
        let mut paragraphs = Paragraphs(Vec::new());
        let told = if let Some(score) = language::absent(kept()) {
            let script = language::script(kept().next().unwrap_or_default()).to_owned();
            Told { code: NO_LANGUAGE.to_owned(), script, score }
        } else {
            paragraphs = self.detector.tell_paragraphs(document);
            self.tell(document, &paragraphs)
        };
        // It may start with a quotation: what is foreign is so as a whole.
        paragraphs.0.retain_mut(|(index, own)| {
            if is_foreign(own, &told.code) {
                *own = self.detector.detect(document.block(*index).map(Block::text).into_iter());
            }
            has_letters(own)
        });
        if self.config.drop_foreign_blocks {
            let foreign = paragraphs.0.iter().filter(|(_, own)| is_foreign(own, &told.code));
            let reason = |score| Reason::new(FOREIGN_BLOCK).measured(f64::from(score), f64::from(CERTAIN));
            mark.remove_blocks(document, foreign.map(|(index, own)| (*index, reason(own.score))));
        }
        if let Some(shares) = shares(document, &paragraphs) {
            let key = if has_own_languages(document) { "tamis_languages" } else { "languages" };
            document.metadata_mut().insert(key.to_owned(), shares);
        }
        let keep = &self.config.keep;
        if !keep.is_empty() && !keep.contains(&told.code) {
            let rule = if told.code == UNDECIDED { TOO_UNCERTAIN } else { NOT_KEPT };
            let reason = Reason::new(rule).measured(f64::from(told.score), f64::from(self.config.min_score));
            mark.remove_document(document, reason);
        }
        document.set_language(told);
    }

    fn found(&self, rule: Rule, text: &str) -> Option<Found> {
        let said = |code: &str| match code {
            NO_LANGUAGE => "no language at all".to_owned(),
            code => language::name(code).unwrap_or(code).to_owned(),
        };
        match rule {
            NOT_KEPT => {
                let code = self.told(text).code;
                (code != UNDECIDED).then(|| Found { said: said(&code), name: Some(code) })
            }
            TOO_UNCERTAIN => Some(Found { said: String::new(), name: Some(UNDECIDED.to_owned()) }),
            FOREIGN_BLOCK => {
                let own = self.detector.detect(std::iter::once(text));
                Some(Found { said: said(own.code), name: None })
            }
            _ => None,
        }
    }
}

impl Tell {
    /// The language of a text as the stage tells it.
    fn told(&self, text: &str) -> Told {
        let nowhere = Position { file: 0, record: 0, block: 0 };
        let document = Document::new(nowhere, String::new(), "".into(), text);
        let blocks = || document.kept().map(Block::text);
        match language::absent(blocks()) {
            Some(score) => Told { code: NO_LANGUAGE.to_owned(), script: String::new(), score },
            None => self.tell(&document, &self.detector.tell_paragraphs(&document)),
        }
    }

    /// Tells the language of a document whose blocks are told: that which most of its text is certainly in, else that of a
    /// sample of it. Neither depends on the order of the blocks, but for which parts of a long text are sampled.
    fn tell(&self, document: &Document, paragraphs: &Paragraphs<'_>) -> Told {
        let shares = Shares::of(document, paragraphs);
        if let Some(told) = shares.evident() {
            let code = if told.score < self.config.min_score { UNDECIDED.to_owned() } else { told.code };
            return Told { code, ..told };
        }
        let sampled = self.detector.detect(document.kept().map(Block::text));
        // The sample of a mixed document may hold more of the lesser part.
        if let Some(most) =
            shares.most().filter(|most| *most != sampled.code && !language::are_close(most, sampled.code))
        {
            let own = paragraphs.0.iter().filter(|(_, own)| own.code == most);
            let detected = self.detector.detect(own.filter_map(|(index, _)| document.block(*index)).map(Block::text));
            if detected.code == most {
                return self.config.told(&detected);
            }
        }
        self.config.told(&sampled)
    }
}

/// The paragraphs of a document that were told on their own: index and language of each, in order.
struct Paragraphs<'a>(Vec<(usize, Detected<'a>)>);

/// How much of a document is certainly in which language.
struct Shares<'a> {
    /// Bytes of all kept blocks.
    all: u64,
    by_code: BTreeMap<&'a str, Share<'a>>,
}

/// What of a document is certainly in one language.
#[derive(Default)]
struct Share<'a> {
    bytes: u64,
    blocks: u32,
    /// Bytes by script.
    scripts: BTreeMap<&'a str, u64>,
    /// Scores in millionths, each weighing as much as its block has bytes.
    scores: u128,
}

impl<'a> Shares<'a> {
    /// Those of what is left of the document.
    fn of(document: &Document, paragraphs: &Paragraphs<'a>) -> Self {
        let mut shares = Self { all: 0, by_code: BTreeMap::new() };
        let mut told = paragraphs.0.iter().peekable();
        for block in document.kept() {
            let bytes = block.text().len() as u64;
            shares.all += bytes;
            while told.next_if(|(index, _)| *index < block.index()).is_some() {}
            let own = told.next_if(|(index, _)| *index == block.index()).map(|(_, own)| own);
            if let Some(own) = own.filter(|own| own.code != UNDECIDED && own.score >= CERTAIN) {
                let share = shares.by_code.entry(own.code).or_default();
                share.bytes += bytes;
                share.blocks += 1;
                *share.scripts.entry(own.script).or_default() += bytes;
                share.scores += u128::from(bytes) * (f64::from(own.score) * 1e6) as u128;
            }
        }
        shares
    }

    /// The language with the most bytes, if it has more than all others together and two fifths of the document.
    fn most(&self) -> Option<&'a str> {
        let (code, share) = self.by_code.iter().max_by_key(|(_, share)| share.bytes)?;
        let total: u64 = self.by_code.values().map(|share| share.bytes).sum();
        (share.bytes * 2 > total && share.bytes * 5 >= self.all * 2).then_some(*code)
    }

    /// The language that most of the document is in beyond doubt: three paragraphs and more, three fifths of the bytes, twice as
    /// many as of others, and none in a language close to it.
    fn evident(&self) -> Option<Told> {
        let code = self.most()?;
        let share = self.by_code.get(code)?;
        let others: u64 = self.by_code.values().map(|share| share.bytes).sum::<u64>() - share.bytes;
        let close = self.by_code.keys().any(|other| *other != code && language::are_close(other, code));
        if share.blocks < 3 || share.bytes * 5 < self.all * 3 || share.bytes < others * 2 || close {
            return None;
        }
        let (script, _) = share.scripts.iter().max_by_key(|(_, bytes)| **bytes)?;
        let score = (share.scores / u128::from(share.bytes.max(1))) as f64 / 1e6;
        Some(Told { code: code.to_owned(), script: (*script).to_owned(), score: score as f32 })
    }
}

impl Language {
    fn told(&self, detected: &Detected<'_>) -> Told {
        let code = if detected.score < self.min_score { UNDECIDED } else { detected.code };
        Told { code: code.to_owned(), script: detected.script.to_owned(), score: detected.score }
    }
}

impl Detector {
    /// Tells the language of each kept paragraph that is long enough.
    fn tell_paragraphs(&self, document: &Document) -> Paragraphs<'_> {
        let long_enough = document.kept().filter(|block| block.text().len() >= PARAGRAPH_LEAST);
        let told = long_enough.map(|block| {
            let end = block.text().floor_char_boundary(PARAGRAPH_BYTES);
            (block.index(), self.glance(block.text().get(..end).unwrap_or(block.text())))
        });
        Paragraphs(told.filter(|(_, own)| has_letters(own)).collect())
    }

    fn glance(&self, paragraph: &str) -> Detected<'_> {
        match self {
            Self::Embedded => language::glance(paragraph),
            Self::Foreign(foreign) => foreign.detect(paragraph),
        }
    }
}

/// Whether a paragraph has enough letters to be told on its own.
fn has_letters(detected: &Detected<'_>) -> bool {
    detected.weight() >= PARAGRAPH_LETTERS
}

/// True for a block that is certainly in another language than the document, one that nobody confuses with it.
fn is_foreign(own: &Detected<'_>, document: &str) -> bool {
    let decided = ![UNDECIDED, NO_LANGUAGE].contains(&document) && own.code != UNDECIDED;
    decided && own.code != document && own.score >= CERTAIN && !language::are_close(own.code, document)
}

/// Whether the input itself has metadata called `languages`, rather than an earlier stage of this kind.
fn has_own_languages(document: &Document) -> bool {
    let is_ours = |value: &String| {
        let shares: Option<BTreeMap<&str, f64>> = serde_json::from_str(value).ok();
        shares.is_some_and(|shares| value.as_str() == written(shares))
    };
    document.metadata().get("languages").is_some_and(|value| document.language().is_none() || !is_ours(value))
}

fn written<'a>(shares: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let shares: Vec<String> = shares.into_iter().map(|(code, share)| format!("\"{code}\":{share:.3}")).collect();
    format!("{{{}}}", shares.join(","))
}

/// Share of each language in the kept blocks that were told, as a JSON object, when more than one has a real share.
fn shares(document: &Document, paragraphs: &Paragraphs<'_>) -> Option<String> {
    let shares = Shares::of(document, paragraphs);
    let total: u64 = shares.by_code.values().map(|share| share.bytes).sum();
    let part = |bytes: u64| bytes as f64 / total as f64;
    let parts = shares.by_code.into_iter().map(|(code, share)| (code, part(share.bytes)));
    let real: Vec<(&str, f64)> = parts.filter(|(_, part)| *part >= REAL_SHARE).collect();
    (real.len() > 1).then(|| written(real))
}

#[cfg(test)]
mod tests;
