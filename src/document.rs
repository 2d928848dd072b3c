//! The nouns every floor shares: a document, its blocks, and what was decided about them.
//!
//! This module knows nobody: not where documents are read, not which stages exist, not how they are written.
//! Stages never cut text out of a document. They set verdicts on blocks or on the whole document, and record
//! edits inside blocks; text leaves only in the sink. That is what makes `explain`, the ledger and the
//! accounting free.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod lines;
mod rejected;

pub use crate::text::day::Day;
pub use rejected::{Cause, Rejected};

use lines::lines;

/// A place in the corpus: file, record in the file, block in the record.
///
/// The file is named by a key of its name, so a position means the same in every build, whatever other files there are.
/// The order of the corpus is another: files sorted by (source in the config, name), then records, then blocks. "The first
/// copy" means the first in that order, in which the runner hands over notes. Positions never reach an output file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Key of the file's name: the first 64 bits of its SHA-256.
    pub file: u64,
    /// 0-based record in the file.
    pub record: u64,
    /// Number of the block in the record ([`Block::number`]); 0 where a whole document is meant.
    pub block: u32,
}

/// One article: its identity, what is known of it, its blocks in order, and the verdicts on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Place of the document; `block` is 0.
    pub position: Position,
    /// What `fields.id` maps, else `source#record`.
    pub id: String,
    /// Path relative to the config's folder with `/` on every system.
    pub source: Arc<str>,
    /// The columns that come from the input's fields or from what was cut.
    pub facts: Facts,
    /// What else is known, by key; each value is JSON text. Becomes the `metadata` column.
    pub metadata: BTreeMap<String, String>,
    /// Language of the whole text, when a stage decided it.
    pub language: Option<Language>,
    /// Tokens of the kept text, when a stage counted them.
    pub tokens: Option<Tokens>,
    /// Name of the split, when a stage assigned it.
    pub split: Option<String>,
    /// Paragraphs in order, removed ones included.
    pub blocks: Vec<Block>,
    /// Set once the whole document is removed.
    pub removal: Option<Removal>,
}

/// Facts about an article that have a column of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Headline.
    pub title: Option<String>,
    /// Author or authors, as written, joined with `; `.
    pub author: Option<String>,
    /// Day of first publication.
    pub published: Option<Day>,
    /// Day of the last update.
    pub updated: Option<Day>,
    /// Address of the article.
    pub url: Option<String>,
    /// Name or host of the site.
    pub site: Option<String>,
    /// Section or category on the site.
    pub section: Option<String>,
    /// Photo or agency credit.
    pub credit: Option<String>,
}

/// Language of a document or a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Language {
    /// ISO 639-1 code where one exists, else ISO 639-3; `und` if undecided.
    pub code: String,
    /// ISO 15924 code of the prevailing script, e.g. `Latn`; `Zyyy` without letters.
    pub script: String,
    /// Confidence from 0 to 1.
    pub score: f32,
}

/// Tokens of a document's kept text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Number of tokens, special ones included where the config adds them.
    pub count: u32,
    /// The ids themselves, when the config asks for them.
    pub ids: Option<Vec<u32>>,
}

/// One paragraph: one line of an article dump, or several where hard-wrapped text was joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// 0-based ordinal of the block's first line among the record's non-blank lines. Never changes.
    pub number: u32,
    /// A blank line stood between this block and the one before it.
    pub blank_before: bool,
    /// The text as it stands now, edits applied. Never contains a line feed.
    pub text: String,
    /// UTF-8 bytes of the block as it was read, before any edit.
    pub bytes: u64,
    /// Language of this block alone, when a stage decided it.
    pub language: Option<Language>,
    /// Share of the documents of its site that have this block, where so many have it that it is no chance.
    pub share_of_site: Option<f32>,
    /// Set once the block is removed; the first removal stands.
    pub removal: Option<Removal>,
    /// Changes inside the block, in the order they were made.
    pub edits: Vec<Edit>,
}

/// Why a block or a document was removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    /// The stage that decided.
    pub stage: StageIndex,
    /// The rule that matched, numbered within the stage.
    pub rule: Rule,
    /// The measured value, where the rule measures one.
    pub value: Option<f64>,
    /// The limit the value was held against.
    pub threshold: Option<f64>,
    /// For a duplicate: the copy that was kept.
    pub partner: Option<Position>,
}

/// A change inside a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The stage that made it.
    pub stage: StageIndex,
    /// The rule that matched, numbered within the stage.
    pub rule: Rule,
    /// First byte changed, in the block's text just before this edit.
    pub start: u32,
    /// One past the last byte changed, likewise.
    pub end: u32,
    /// How many spots inside the range changed, where that is more than one.
    pub spots: u32,
    /// What stood in the range.
    pub original: String,
    /// What stands there instead.
    pub replacement: String,
}

/// Index of a stage in the pipeline, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StageIndex(pub u16);

/// Index of a rule in its stage's list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rule(pub u16);

/// A stage's stamp: what it uses to set verdicts and record edits, so that each names its stage.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    stage: StageIndex,
}

/// Why something is removed, before the stage's stamp is on it.
#[derive(Debug, Clone, Copy)]
pub struct Reason {
    rule: Rule,
    value: Option<f64>,
    threshold: Option<f64>,
    partner: Option<Position>,
}

impl Position {
    /// The position of the whole document that holds this block.
    #[must_use]
    pub fn document(self) -> Self {
        Self { block: 0, ..self }
    }
}

impl Document {
    /// Cuts `text` into blocks: each non-blank line is one. Lines end at LF, CRLF, CR, form feed
    /// and the line ends of Unicode.
    ///
    /// ```
    /// use tamis::document::{Document, Position};
    /// let position = Position { file: 0, record: 0, block: 0 };
    /// let document = Document::new(position, "a.txt#0".into(), "a.txt".into(), "One.\r\n\r\nTwo.\n");
    /// assert_eq!(document.blocks.len(), 2);
    /// assert!(document.blocks[1].blank_before);
    /// assert_eq!(document.text(), "One.\n\nTwo.");
    /// ```
    #[must_use]
    pub fn new(position: Position, id: String, source: Arc<str>, text: &str) -> Self {
        let mut blocks = Vec::new();
        let mut blank_before = false;
        for line in lines(text) {
            if line.trim().is_empty() {
                blank_before = !blocks.is_empty();
                continue;
            }
            blocks.push(Block::new(blocks.len() as u32, blank_before, line));
            blank_before = false;
        }
        Self {
            position,
            id,
            source,
            facts: Facts::default(),
            metadata: BTreeMap::new(),
            language: None,
            tokens: None,
            split: None,
            blocks,
            removal: None,
        }
    }

    /// The blocks that are still in, in order.
    pub fn kept(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.removal.is_none())
    }

    /// The kept blocks as one text: adjacent lines stay adjacent, a blank line stays a blank line.
    ///
    /// Two kept blocks with only removed ones between them are set apart by a blank line where any blank line stood
    /// between them.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.blocks.iter().map(|block| block.text.len() + 2).sum();
        let mut text = String::with_capacity(bytes);
        let mut blank = false;
        for block in &self.blocks {
            blank |= block.blank_before;
            if block.removal.is_some() {
                continue;
            }
            if !text.is_empty() {
                text.push_str(if blank { "\n\n" } else { "\n" });
            }
            text.push_str(&block.text);
            blank = false;
        }
        text
    }

    /// Where `block` stands in the corpus.
    #[must_use]
    pub fn position_of(&self, block: &Block) -> Position {
        Position { block: block.number, ..self.position }
    }
}

impl Block {
    /// A block that was just read: its text as given, nothing decided yet.
    #[must_use]
    pub fn new(number: u32, blank_before: bool, text: &str) -> Self {
        Self {
            number,
            blank_before,
            text: text.to_owned(),
            bytes: text.len() as u64,
            language: None,
            share_of_site: None,
            removal: None,
            edits: Vec::new(),
        }
    }

    /// True while no stage removed the block.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.removal.is_none()
    }
}

impl Reason {
    /// A reason that names its rule and nothing else.
    #[must_use]
    pub const fn new(rule: Rule) -> Self {
        Self { rule, value: None, threshold: None, partner: None }
    }

    /// Adds the measured value and the limit it was held against.
    #[must_use]
    pub const fn measured(self, value: f64, threshold: f64) -> Self {
        Self { value: Some(value), threshold: Some(threshold), ..self }
    }

    /// Names the copy that is kept.
    #[must_use]
    pub const fn in_favour_of(self, partner: Option<Position>) -> Self {
        Self { partner, ..self }
    }
}

impl Mark {
    /// The stamp of the stage at `stage`.
    #[must_use]
    pub const fn new(stage: StageIndex) -> Self {
        Self { stage }
    }

    /// Removes `block`, unless an earlier stage or rule has.
    pub fn remove_block(self, block: &mut Block, reason: Reason) {
        block.removal.get_or_insert_with(|| self.stamp(reason));
    }

    /// Removes the whole document, unless an earlier stage or rule has.
    pub fn remove_document(self, document: &mut Document, reason: Reason) {
        document.removal.get_or_insert_with(|| self.stamp(reason));
    }

    /// Replaces `range` of the block's text and records the change.
    ///
    /// `range` must lie on character boundaries; `spots` says how many separate places inside it differ.
    pub fn edit(self, block: &mut Block, rule: Rule, range: Range<usize>, replacement: &str, spots: u32) {
        let Some(original) = block.text.get(range.clone()) else {
            debug_assert!(false, "an edit must lie on character boundaries");
            return;
        };
        let original = original.to_owned();
        block.edits.push(Edit {
            stage: self.stage,
            rule,
            start: range.start as u32,
            end: range.end as u32,
            spots,
            original,
            replacement: replacement.to_owned(),
        });
        block.text.replace_range(range, replacement);
    }

    /// Appends `next` to `block` with `joint` between them, as one paragraph that was wrapped over lines.
    ///
    /// The line end (and any white space around it) becomes `joint`, recorded as an edit under `rule`. The bytes of
    /// both lines and of the line feed between them now belong to `block`; the caller drops `next` from the document.
    pub fn join(self, block: &mut Block, next: &Block, rule: Rule, joint: &str) {
        let start = block.text.trim_end().len();
        let head = next.text.len() - next.text.trim_start().len();
        block.bytes += 1 + next.bytes;
        let end = block.text.len() + 1 + head;
        block.text.push('\n');
        block.text.push_str(&next.text);
        self.edit(block, rule, start..end, joint, 1);
    }

    fn stamp(self, reason: Reason) -> Removal {
        Removal {
            stage: self.stage,
            rule: reason.rule,
            value: reason.value,
            threshold: reason.threshold,
            partner: reason.partner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Position = Position { file: 0, record: 0, block: 0 };

    fn document(text: &str) -> Document {
        Document::new(HERE, "a#0".into(), "a".into(), text)
    }

    #[test]
    fn a_blank_line_beside_a_removed_block_stays_one_blank_line() {
        let mut document = document("\n\na\n\nb\nc\nd");
        let mark = Mark::new(StageIndex(0));
        mark.remove_block(&mut document.blocks[1], Reason::new(Rule(0)));
        assert_eq!(document.text(), "a\n\nc\nd");
    }

    #[test]
    fn the_first_removal_stands() {
        let mut document = document("a");
        Mark::new(StageIndex(1)).remove_block(&mut document.blocks[0], Reason::new(Rule(3)));
        Mark::new(StageIndex(2)).remove_block(&mut document.blocks[0], Reason::new(Rule(4)));
        assert_eq!(document.blocks[0].removal.as_ref().map(|removal| removal.rule), Some(Rule(3)));
    }

    #[test]
    fn joining_two_lines_keeps_their_bytes_and_records_the_line_end() {
        let mut document = document("one \n  two");
        let next = document.blocks.remove(1);
        Mark::new(StageIndex(0)).join(&mut document.blocks[0], &next, Rule(0), " ");
        let block = &document.blocks[0];
        assert_eq!(block.text, "one two");
        assert_eq!(block.bytes, "one \n  two".len() as u64);
        assert_eq!(block.edits[0].original, " \n  ");
    }
}
