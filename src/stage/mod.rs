//! The two kinds of stage, what a stage is given to build itself, and the one table of all stages.
//!
//! A **local stage** sees one document and remembers nothing. A **global stage** needs the corpus, in rounds: in each it
//! observes every document and writes notes, and decides over the sorted notes; what the last round decided it applies to
//! each document. Stages do no IO while they run: bad data is a verdict.
//!
//! To add a stage: one new file here with its config struct, what it says of itself ([`StageInfo`]), its rules and its tests,
//! and one line in `table.rs`. No other place names a stage.

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Mark, Rule, StageIndex};

pub mod boilerplate;
pub mod classifier;
pub mod decontaminate;
pub mod document_dedup;
mod elsewhere;
mod global;
pub mod identity;
mod info;
mod kept_text;
pub mod language;
mod model_file;
pub mod near_dedup;
pub mod normalize;
pub mod paragraph_dedup;
mod patterns;
mod sentence;
pub mod split;
pub mod substring_dedup;
mod table;
pub mod tokenize;

pub use elsewhere::known_elsewhere;
pub use global::{
    Copies, Decision, GlobalStage, Group, MOST_PAYLOAD, Note, Notes, Outgoing, Round, Sweep, Sweeping, decide_all,
};
pub use info::{RuleInfo, Signal, StageInfo, Takes};
pub use sentence::{Case, figure};
pub use table::{NAMES, STAGES, StageConfig, giver};

/// A stage as the pipeline runs it.
pub enum Stage {
    /// Sees one document at a time.
    Local(Box<dyn LocalStage>),
    /// Needs the whole corpus.
    Global(Box<dyn GlobalStage>),
}

impl Stage {
    /// The stage, or the part of it, that judges a document by itself.
    #[must_use]
    pub fn local(&self) -> Option<&dyn LocalStage> {
        match self {
            Self::Local(stage) => Some(stage.as_ref()),
            Self::Global(stage) => stage.local(),
        }
    }
}

/// A stage that sees one document and remembers nothing.
///
/// Law: the result depends on the document and the stage's config alone.
pub trait LocalStage: Send + Sync {
    /// Sets verdicts, records edits, fills facts. Never called for a document that is removed already.
    fn apply(&self, document: &mut Document, mark: Mark);

    /// What weighed most where the stage removed a block of `document`, it being the stage at `index`: for `explain`, after
    /// all stages ran. The default says nothing: most rules say it all by their name and their figures.
    fn evidence(&self, document: &Document, index: StageIndex) -> Vec<Weighed> {
        let _ = (document, index);
        Vec::new()
    }

    /// What `rule` found in `text`, on which it acted: for `explain`. The default says nothing.
    fn found(&self, rule: Rule, text: &str) -> Option<Found> {
        let _ = (rule, text);
        None
    }

    /// What the stage at `index` took `document` for, where that decides how it judges its blocks, with the evidence in one line:
    /// for `explain`, after all stages ran.
    fn taken_for(&self, document: &Document, index: StageIndex) -> Option<String> {
        let _ = (document, index);
        None
    }
}

/// What a rule found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// For people: a language's name, a phrase.
    pub said: String,
    /// What the list that is the rule's option would have to name for the text to stay.
    pub name: Option<String>,
}

/// The evidence on one removed block.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// [`crate::document::Block::number`] of the block.
    pub block: u32,
    /// Kinds of evidence and what each added to the value that decided, the weightiest first.
    pub pieces: Vec<(&'static str, f64)>,
}

/// The config of one kind of stage: what the user may write, and how it becomes a stage.
///
/// The struct's rustdoc and its fields' rustdoc are the user's reference; the JSON Schema is made from them.
pub trait Configure {
    /// What the stage says of itself, whatever its options are.
    const INFO: StageInfo;

    /// Checks what types cannot, loads what the stage needs (models, vocabularies), and makes the stage.
    ///
    /// # Errors
    /// Names the field that is wrong, what is wrong with it, and what to do.
    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError>;

    /// From now on the stage also takes the title out of the text, where it stands in its column; false if it knows no titles.
    fn take_title(&mut self) -> bool {
        false
    }
}

/// What a stage may look at when it is made.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The config's folder: paths in the config are relative to it.
    pub folder: &'a Path,
}

/// A stage that is ready to run, with what the plan must know of it.
pub struct Configured {
    /// The stage itself.
    pub stage: Stage,
    /// Its rules, in the order of their [`crate::document::Rule`] numbers.
    pub rules: Vec<RuleInfo>,
    /// Rules that options ask for by themselves, by name and option: one that never acts shows that its option is dead.
    pub requested: Vec<(&'static str, &'static str)>,
    /// Whether the first round of a global stage counts the copies that a stage right before it takes out: it observes at the
    /// same time then, before they are gone.
    pub counts_copies: bool,
    /// Models, vocabularies and word lists it decides by.
    pub models: Vec<Model>,
    /// Names of what it compares with that stands outside of the corpus, by the numbers that its removals name
    /// ([`crate::document::Reason::because_of`]).
    pub outside: Arc<[String]>,
    /// What it may take out of the dataset, as it is configured.
    pub removes: Removes,
    /// Whether it may change text within a block.
    pub edits: bool,
    /// Of what it removes the copies, if that is what it does.
    pub copied: Option<Copied>,
    /// What must have been filled by an earlier stage.
    pub needs: &'static [Fact],
    /// What it fills for later stages, where that is less than it could with other options.
    pub gives: Option<&'static [Fact]>,
    /// What else a person should know of it as it is configured: `check` tells it.
    pub tells: Vec<String>,
}

/// What a stage may take out of the dataset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removes {
    /// Single blocks. (A document of which no block is left goes as well.)
    pub blocks: bool,
    /// Whole documents.
    pub documents: bool,
}

/// Of what a stage removes the copies, and which copy stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Whole documents; the first of the corpus stays. What a later stage decides about one of two equal texts it would decide
    /// about the other, so no later stage can take away what this one kept.
    Documents,
    /// Documents that are nearly the same as another; that other stays. A later stage may decide otherwise about the two.
    NearDocuments,
    /// Parts of documents; the first of the corpus stays.
    Parts,
    /// Parts of documents; the first of the same document stays.
    PartsOfDocument,
    /// Parts of documents, wherever they stand more than once; none stays.
    AllParts,
}

/// A model, vocabulary or word list, as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Model {
    /// Its usual name, or its path as the config writes it.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Something one stage fills and another may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// [`Document::language`].
    Language,
    /// [`Document::tokens`].
    Tokens,
    /// The near-duplicate cluster.
    Cluster,
    /// [`Document::split`].
    Split,
}

/// Why a stage cannot be made from its config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StageError {
    /// The field at fault, as written in the stage's table; empty for the stage as a whole.
    pub field: String,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Configured {
    /// A stage with these rules that needs nothing. Of a stage that says no more, the plan expects anything: that it removes
    /// and that it edits.
    #[must_use]
    pub fn new(stage: Stage, rules: Vec<RuleInfo>) -> Self {
        Self {
            stage,
            rules,
            requested: Vec::new(),
            counts_copies: false,
            models: Vec::new(),
            outside: Arc::default(),
            removes: Removes { blocks: true, documents: true },
            edits: true,
            copied: None,
            needs: &[],
            gives: None,
            tells: Vec::new(),
        }
    }

    /// A stage that leaves every text as it is: it only looks, or fills facts.
    #[must_use]
    pub fn harmless(stage: Stage) -> Self {
        Self { removes: Removes::NOTHING, edits: false, ..Self::new(stage, Vec::new()) }
    }

    /// Whether it may remove blocks or documents, or edit text.
    #[must_use]
    pub fn changes_text(&self) -> bool {
        self.edits || self.removes != Removes::NOTHING
    }
}

impl Removes {
    /// Nothing at all.
    pub const NOTHING: Self = Self { blocks: false, documents: false };
    /// Single blocks.
    pub const BLOCKS: Self = Self { blocks: true, documents: false };
    /// Whole documents.
    pub const DOCUMENTS: Self = Self { blocks: false, documents: true };

    /// This if `wanted`, else nothing.
    #[must_use]
    pub fn only_if(self, wanted: bool) -> Self {
        if wanted { self } else { Self::NOTHING }
    }
}

impl StageError {
    /// An error at `field` of the stage's table.
    #[must_use]
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Where the copies that count stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Copies in any document of the corpus.
    #[default]
    Corpus,
    /// Copies within the same document only.
    Document,
}
