//! What a stage says of itself: the one place from which the plan, the reference pages and `tamis stages` learn about it.

use std::borrow::Cow;

use super::sentence::Case;
use super::{Fact, Removes};

/// What a stage says of itself, whatever its options are.
#[derive(Debug, Clone, Copy)]
pub struct StageInfo {
    /// What it does, for people: a fragment that continues "the stage ...".
    pub does: &'static str,
    /// Whether it needs the whole corpus, for people: `no`, `yes`, or under which options.
    pub needs_corpus: &'static str,
    /// Whether it costs so much that the pipeline is cut after it, so that what it came to is kept when a later option changes.
    pub costly: bool,
    /// The columns of the dataset that it fills, beside its quality signal.
    pub columns: &'static [&'static str],
    /// The quality signal that what it removes counts for.
    pub signal: Option<Signal>,
    /// What it fills for later stages.
    pub gives: &'static [Fact],
    /// The fewest options with which it can be made, as the config writes them.
    pub sample: &'static str,
    /// Its fixture, `tests/stages/NAME.toml`: what stays and what goes, from which examples are taken.
    pub fixture: &'static str,
    /// The rules that it has with the models and packs that are built in, in the order of their [`crate::document::Rule`] numbers.
    pub rules: fn() -> Vec<RuleInfo>,
}

/// A rule of a stage, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name without the stage's name: `comment_form`.
    pub name: Cow<'static, str>,
    /// What it acts on.
    pub takes: Takes,
    /// What it found where it acts, for people: a fragment of one sentence.
    pub means: Cow<'static, str>,
    /// The same of one case, with its figures: a [template](super::sentence). Without one, `means` is said.
    pub says: Option<Cow<'static, str>>,
    /// The option of its stage that keeps what it takes, if there is one.
    pub option: Option<&'static str>,
    /// A text that it takes, where the stage knows one.
    pub example: Option<String>,
    /// The data version that had it first.
    pub since: &'static str,
    /// Whether what it takes must not be read by others: the ledger then holds the SHA-256 of the text at most.
    pub is_sensitive: bool,
}

/// What a rule acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// It removes whole documents.
    Documents,
    /// It removes blocks.
    Blocks,
    /// It changes text within a block, and records that as an edit.
    Text,
}

/// A quality signal: the share of a document's bytes that stages of one kind removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// What was taken for chrome.
    Chrome,
    /// What stands elsewhere too.
    Repeated,
}

/// The first data version.
const FIRST: &str = "1.0.0";

impl StageInfo {
    /// A cheap stage that fills nothing and has no rules.
    pub const PLAIN: Self = Self {
        does: "",
        needs_corpus: "no",
        costly: false,
        columns: &[],
        signal: None,
        gives: &[],
        sample: "{}",
        fixture: "",
        rules: Vec::new,
    };

    /// What its rules may take out of the dataset, whatever the options.
    #[must_use]
    pub fn removes(&self) -> Removes {
        let takes = |wanted| (self.rules)().iter().any(|rule| rule.takes == wanted);
        Removes { blocks: takes(Takes::Blocks), documents: takes(Takes::Documents) }
    }

    /// Whether it may change text within a block, whatever the options.
    #[must_use]
    pub fn edits(&self) -> bool {
        (self.rules)().iter().any(|rule| rule.takes == Takes::Text)
    }
}

impl RuleInfo {
    /// A rule that removes documents.
    #[must_use]
    pub fn document(name: impl Into<Cow<'static, str>>, means: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Takes::Documents, name, means)
    }

    /// A rule that removes blocks.
    #[must_use]
    pub fn block(name: impl Into<Cow<'static, str>>, means: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Takes::Blocks, name, means)
    }

    /// A rule that changes text within a block.
    #[must_use]
    pub fn text(name: impl Into<Cow<'static, str>>, means: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Takes::Text, name, means)
    }

    /// The rule of every stage for documents of which it left no block.
    #[must_use]
    pub fn nothing_left() -> Self {
        Self::document("nothing_left", "the stage left no block of the document")
    }

    fn new(takes: Takes, name: impl Into<Cow<'static, str>>, means: impl Into<Cow<'static, str>>) -> Self {
        let (name, means) = (name.into(), means.into());
        Self { name, takes, means, says: None, option: None, example: None, since: FIRST, is_sensitive: false }
    }

    /// Gives what it says of one case: a [template](super::sentence).
    #[must_use]
    pub fn saying(self, says: impl Into<Cow<'static, str>>) -> Self {
        Self { says: Some(says.into()), ..self }
    }

    /// Why it acted, in a sentence without its full stop.
    #[must_use]
    pub fn sentence(&self, case: &Case<'_>) -> String {
        self.says.as_deref().and_then(|says| case.tell(says)).unwrap_or_else(|| self.means.to_string())
    }

    /// Gives a text that it takes.
    #[must_use]
    pub fn such_as(self, example: Option<String>) -> Self {
        Self { example, ..self }
    }

    /// Names the option that keeps what it takes.
    #[must_use]
    pub fn kept_by(self, option: &'static str) -> Self {
        Self { option: Some(option), ..self }
    }
}

impl Takes {
    /// In one word, for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Blocks => "blocks",
            Self::Text => "text",
        }
    }
}

impl Signal {
    /// Its name in the `quality` column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Repeated => "repeated",
        }
    }
}
