//! Phrase packs: the rules as a pack's TOML writes them, read and checked. Knows nothing of documents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mined::{self, MinedPhrase};

/// A pack that is built in.
pub struct Embedded {
    /// The name that a config uses.
    pub name: &'static str,
    /// Its rules.
    core: &'static str,
    /// Their phrases and cases, a file a language.
    languages: &'static [(&'static str, &'static str)],
}

/// The packs that are built in.
pub const EMBEDDED: [Embedded; 1] = [Embedded {
    name: "news",
    core: include_str!("../data/packs/news.toml"),
    languages: &[
        ("ar", include_str!("../data/packs/news/ar.toml")),
        ("de", include_str!("../data/packs/news/de.toml")),
        ("en", include_str!("../data/packs/news/en.toml")),
        ("es", include_str!("../data/packs/news/es.toml")),
        ("fa", include_str!("../data/packs/news/fa.toml")),
        ("fr", include_str!("../data/packs/news/fr.toml")),
        ("hi", include_str!("../data/packs/news/hi.toml")),
        ("id", include_str!("../data/packs/news/id.toml")),
        ("it", include_str!("../data/packs/news/it.toml")),
        ("ja", include_str!("../data/packs/news/ja.toml")),
        ("ko", include_str!("../data/packs/news/ko.toml")),
        ("nl", include_str!("../data/packs/news/nl.toml")),
        ("pl", include_str!("../data/packs/news/pl.toml")),
        ("pt", include_str!("../data/packs/news/pt.toml")),
        ("ru", include_str!("../data/packs/news/ru.toml")),
        ("sv", include_str!("../data/packs/news/sv.toml")),
        ("tr", include_str!("../data/packs/news/tr.toml")),
        ("uk", include_str!("../data/packs/news/uk.toml")),
        ("vi", include_str!("../data/packs/news/vi.toml")),
        ("zh", include_str!("../data/packs/news/zh.toml")),
    ],
}];

/// A phrase pack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
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
    /// Phrases that `tamis mine` proposed, and somebody looked through. They become rules on whole blocks.
    #[serde(default)]
    mined: Vec<MinedPhrase>,
}

/// What a language adds to a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spoken {
    /// Phrases.
    #[serde(rename = "match")]
    phrases: Vec<String>,
    /// Blocks that it must find, and blocks that it must not.
    cases: Cases,
}

/// Cases of a rule in one language.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code, reason = "read by the test of the pack"))]
pub struct Cases {
    /// Blocks that the rule must find.
    #[serde(rename = "match")]
    pub found: Vec<String>,
    /// Blocks that no rule may find.
    pub keep: Vec<String>,
    /// Ordinary sentences that begin as a phrase of the rule does, or hold what it looks for: whatever finds them, they stay in a
    /// text without chrome, between its paragraphs and at its end.
    #[serde(default)]
    pub stay: Vec<String>,
}

/// A rule on whole blocks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhraseRule {
    /// Name of the rule in the ledger.
    pub id: String,
    /// What it finds, for people.
    pub is: String,
    /// What happens to a block that it finds.
    pub effect: Effect,
    /// What follows such a block is no longer the article.
    #[serde(default)]
    pub ends: bool,
    /// Its blocks tell a scraped page. Off for what books, manuals and licences have as well.
    #[serde(default = "yes")]
    pub telling: bool,
    /// Such a block is unmistakable between two paragraphs of a text that is no scraped page, too.
    #[serde(default)]
    pub inside: bool,
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
    /// Regular expression whose first group is the value for the column; without one, what stands after the phrase.
    pub value: Option<String>,
    /// Blocks that it must find.
    #[serde(default)]
    pub must_match: Vec<String>,
    /// Blocks that it must not find.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_not_match: Vec<String>,
    /// Cases by language, of packs with a file a language.
    #[serde(skip)]
    pub cases: BTreeMap<String, Cases>,
}

/// A rule on the edge of a block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutRule {
    /// Name of the rule in the ledger.
    pub id: String,
    /// What it finds, for people.
    pub is: String,
    /// Which edge it looks at.
    pub at: Edge,
    /// What the block must begin or end with, white space aside, for the pattern to be tried: keeps the stage fast.
    #[serde(default)]
    pub edges: Vec<String>,
    /// Regular expression over the edge, as the text is written. The group `cut` goes, or the whole match where there is
    /// none. The group `value` is what fills the column; likewise `names`, if it has two words, and `agency`, if it names one.
    pub pattern: String,
    /// The column that the group `value` fills.
    pub fact: Option<Effect>,
    /// Text before and after the cut.
    #[serde(default)]
    pub must_match: Vec<[String; 2]>,
    /// Text that it must leave alone.
    #[serde(default)]
    #[allow(dead_code, reason = "read by the test of the pack")]
    pub must_not_match: Vec<String>,
}

/// What happens to a block that a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
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
pub enum Edge {
    /// Its first characters.
    Start,
    /// Its last characters.
    End,
    /// The brackets that end it: the pattern is tried on what stands in them, and they go as a whole.
    Brackets,
}

fn yes() -> bool {
    true
}

fn hundred() -> usize {
    100
}

impl Pack {
    /// Reads a pack.
    ///
    /// # Errors
    /// Says where and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pack: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        pack.rule.extend(mined::rules(&pack.name, &pack.mined));
        Ok(pack)
    }
}

impl Embedded {
    /// All its text, for the digest.
    pub fn text(&self) -> String {
        self.languages.iter().fold(self.core.to_owned(), |all, (_, text)| all + text)
    }

    /// Reads it.
    ///
    /// # Errors
    /// Says which file is wrong and how.
    pub fn pack(&self) -> Result<Pack, String> {
        let mut pack = Pack::parse(self.core)?;
        for (language, text) in self.languages {
            let spoken: BTreeMap<String, Spoken> =
                toml::from_str(text).map_err(|error| format!("{language}: {error}"))?;
            for (id, spoken) in spoken {
                let rule = pack.rule.iter_mut().find(|rule| rule.id == id);
                let rule = rule.ok_or_else(|| format!("{language}: there is no rule `{id}`"))?;
                rule.phrases.insert((*language).to_owned(), spoken.phrases);
                rule.cases.insert((*language).to_owned(), spoken.cases);
            }
        }
        Ok(pack)
    }
}

impl PhraseRule {
    /// A block that it finds, in English where it has one in English.
    pub fn example(&self) -> Option<String> {
        let spoken = self.cases.get("en").into_iter().chain(self.cases.values());
        self.must_match.first().or_else(|| spoken.flat_map(|cases| &cases.found).next()).cloned()
    }

    /// A rule of mined phrases.
    pub fn mined(id: String, effect: Effect, phrases: Vec<String>) -> Self {
        Self {
            id,
            is: "blocks that a site repeats".to_owned(),
            effect,
            ends: false,
            inside: true,
            telling: true,
            max_chars: 2200,
            sentences: true,
            single_words: true,
            phrases: [(String::new(), phrases)].into(),
            patterns: Vec::new(),
            value: None,
            must_match: Vec::new(),
            must_not_match: Vec::new(),
            cases: BTreeMap::new(),
        }
    }
}
