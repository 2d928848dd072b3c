//! Phrase packs: the rules as a pack's TOML writes them, read and checked. Knows nothing of documents.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The packs that are built in, by name.
pub(super) const EMBEDDED: [(&str, &str); 1] = [("news", include_str!("../../../data/packs/news.toml"))];

/// A phrase pack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    /// Its usual name.
    pub name: String,
    /// Counts up with each change of its decisions.
    pub version: u32,
    /// Rules on whole blocks.
    #[serde(default)]
    pub rule: Vec<PhraseRule>,
    /// Rules on the edges of a block.
    #[serde(default)]
    pub cut: Vec<CutRule>,
}

/// A rule on whole blocks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhraseRule {
    /// Name of the rule in the ledger.
    pub id: String,
    /// What it finds, for people.
    #[allow(dead_code, reason = "says what the rule is for; read by people and by the tests")]
    pub is: String,
    /// What happens to a block that it finds.
    pub effect: Effect,
    /// What follows such a block is no longer the article.
    #[serde(default)]
    pub ends: bool,
    /// Longest block, in characters, that a phrase with a star or a pattern may find.
    #[serde(default = "hundred")]
    pub max_chars: usize,
    /// Phrases with a star and patterns also find blocks that read as sentences.
    #[serde(default)]
    pub sentences: bool,
    /// Phrases of a single word are as sure as the others. Without this they are hints, since most are headings too.
    #[serde(default)]
    pub single_words: bool,
    /// Phrases by language.
    #[serde(default)]
    pub phrases: BTreeMap<String, Vec<String>>,
    /// Regular expressions over the folded block.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Regular expression whose first group is the value for the column; without one, what stands behind the phrase.
    pub value: Option<String>,
    /// Blocks that it must find.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_match: Vec<String>,
    /// Blocks that it must not find.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_not_match: Vec<String>,
}

/// A rule on the edge of a block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutRule {
    /// Name of the rule in the ledger.
    pub id: String,
    /// What it finds, for people.
    #[allow(dead_code, reason = "says what the rule is for; read by people and by the tests")]
    pub is: String,
    /// Which edge it looks at.
    pub at: Edge,
    /// What the block must begin or end with, white space aside, for the pattern to be tried: keeps the stage fast.
    #[serde(default)]
    pub edges: Vec<String>,
    /// Regular expression over the edge, as the text is written. The group `cut` goes, or the whole match where there is
    /// none; the group `value` is what fills the column.
    pub pattern: String,
    /// The column that the group `value` fills.
    pub fact: Option<Effect>,
    /// Text before and after the cut.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_match: Vec<[String; 2]>,
    /// Text that it must leave alone.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_not_match: Vec<String>,
}

/// What happens to a block that a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    /// Goes wherever it stands.
    Remove,
    /// Goes before the first and after the last real paragraph.
    Edge,
    /// Goes only among other chrome.
    Hint,
    /// Goes, and names the author.
    Author,
    /// Goes, and holds the day of publication.
    Published,
    /// Goes, and holds the day of the last change.
    Updated,
    /// Goes, and holds a photo or agency credit.
    Credit,
    /// Goes, and names the section.
    Section,
}

/// An edge of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Edge {
    /// Its first characters.
    Start,
    /// Its last characters.
    End,
    /// The brackets that end it: the pattern is tried on what stands in them, and they go as a whole.
    Brackets,
}

fn hundred() -> usize {
    100
}

impl Pack {
    /// Reads a pack; the error says where and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}
