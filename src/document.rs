//! The nouns every floor shares: a document, its blocks, and what was decided about them.
//!
//! This module knows nobody: not where documents are read, not which stages exist, not how they are written.
//! A document is closed: stages see its blocks as views, and change it only through a [`Mark`], which records each change.
//! Nothing is cut out: what stages removed stays with the document, and text leaves only in the sink. That is what makes
//! `explain`, the ledger and the accounting free.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod block;
mod body;
mod change;
mod lines;
mod rejected;
mod rewrite;
mod tokens;
mod wire;

pub use crate::text::day::Day;
pub use block::{Block, Blocks};
pub use change::{Change, Mark, Part, Reason, Rule, StageIndex};
pub use rejected::{Cause, Rejected};
pub use rewrite::{Editor, Joint};
pub use tokens::Tokens;
pub use wire::Unreadable;

use body::{Body, Removed};
use lines::lines;
use wire::Touched;

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

/// One article: its identity, what is known of it, its blocks in order, and what stages did to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    position: Position,
    id: String,
    source: Arc<str>,
    facts: Facts,
    metadata: BTreeMap<String, String>,
    language: Option<Language>,
    tokens: Option<Tokens>,
    cluster: Option<Cluster>,
    split: Option<String>,
    /// Set once the whole document is removed.
    removal: Option<Removed>,
    body: Body,
    touched: Touched,
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

/// The near copies to which a document belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// The id of the one that stays.
    pub id: String,
    /// How many there are, that one included.
    pub size: u32,
    /// How near the document is to that one, from 0 to 1.
    pub similarity: f32,
}

impl Position {
    /// The place of what stands outside of the corpus, such as an item of an evaluation set: the stage that names it knows it by
    /// `number`.
    #[must_use]
    pub const fn outside(number: u64) -> Self {
        Self { file: u64::MAX, record: number, block: 0 }
    }

    /// The number of what stands outside of the corpus; none for a place in it.
    #[must_use]
    pub const fn number_outside(self) -> Option<u64> {
        if self.file == u64::MAX { Some(self.record) } else { None }
    }

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
    /// let blocks: Vec<_> = document.blocks().map(|block| (block.text(), block.blank_before())).collect();
    /// assert_eq!(blocks, [("One.", false), ("Two.", true)]);
    /// assert_eq!(document.text(), "One.\n\nTwo.");
    /// ```
    #[must_use]
    pub fn new(position: Position, id: String, source: Arc<str>, text: &str) -> Self {
        let line_feeds = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let mut body = Body::with_capacity(text.len(), line_feeds + 1);
        let mut blank_before = false;
        for line in lines(text) {
            if line.trim().is_empty() {
                blank_before = true;
            } else {
                body.push(blank_before, line);
                blank_before = false;
            }
        }
        Self {
            position,
            id,
            source,
            facts: Facts::default(),
            metadata: BTreeMap::new(),
            language: None,
            tokens: None,
            cluster: None,
            split: None,
            removal: None,
            body,
            touched: Touched::default(),
        }
    }

    /// Place of the document; `block` is 0.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// What `fields.id` maps, else `source#record`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Gives the document another id.
    pub fn rename(&mut self, id: String) {
        self.touched.id = true;
        self.id = id;
    }

    /// Path of its file relative to the config's folder with `/` on every system.
    #[must_use]
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The columns that come from the input's fields or from what was cut.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The same, to be filled or repaired.
    pub fn facts_mut(&mut self) -> &mut Facts {
        self.touched.facts = true;
        &mut self.facts
    }

    /// What else is known, by key; each value is JSON text. Becomes the `metadata` column.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// The same, to be added to.
    pub fn metadata_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.touched.metadata = true;
        &mut self.metadata
    }

    /// Language of the whole text, when a stage decided it.
    #[must_use]
    pub fn language(&self) -> Option<&Language> {
        self.language.as_ref()
    }

    /// Says which language the whole text is in.
    pub fn set_language(&mut self, language: Language) {
        self.touched.language = true;
        self.language = Some(language);
    }

    /// Tokens of the kept text, when a stage counted them.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// Says which tokens the kept text has.
    pub fn set_tokens(&mut self, tokens: Tokens) {
        self.touched.tokens = true;
        self.tokens = Some(tokens);
    }

    /// The near copies to which it belongs, when a stage found any.
    #[must_use]
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// Says to which near copies it belongs.
    pub fn set_cluster(&mut self, cluster: Cluster) {
        self.touched.cluster = true;
        self.cluster = Some(cluster);
    }

    /// Name of the split, when a stage assigned it.
    #[must_use]
    pub fn split(&self) -> Option<&str> {
        self.split.as_deref()
    }

    /// Puts the document into a split.
    pub fn set_split(&mut self, split: String) {
        self.touched.split = true;
        self.split = Some(split);
    }

    /// How and why the whole document was removed, if it was.
    #[must_use]
    pub fn removal(&self) -> Option<Change<'_>> {
        self.removal.as_ref().map(|removal| self.body.removal(removal, Part::Document))
    }

    /// True while no stage removed the whole document.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.removal.is_none()
    }

    /// Its paragraphs in order, removed ones included.
    #[must_use]
    pub fn blocks(&self) -> Blocks<'_> {
        Blocks::new(&self.body)
    }

    /// The blocks that are still in, in order.
    pub fn kept(&self) -> impl Iterator<Item = Block<'_>> + Clone {
        self.blocks().filter(|block| block.is_kept())
    }

    /// How many blocks are still in.
    #[must_use]
    pub fn kept_count(&self) -> usize {
        self.body.len() - self.body.removals.len()
    }

    /// The block at `index`, if there are so many.
    #[must_use]
    pub fn block(&self, index: usize) -> Option<Block<'_>> {
        Blocks::from(&self.body, index).next()
    }

    /// The block with this number, if it is there: of a line that was joined to the one before it, nothing has the number.
    #[must_use]
    pub fn block_numbered(&self, number: u32) -> Option<Block<'_>> {
        self.block(self.body.index_of(number)?)
    }

    /// The kept blocks as one text: adjacent lines stay adjacent, a blank line stays a blank line.
    ///
    /// Two kept blocks with only removed ones between them are set apart by a blank line where any blank line stood
    /// between them.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        if self.body.removals.is_empty() {
            return Cow::Borrowed(&self.body.text);
        }
        let mut text = String::with_capacity(self.body.text.len());
        let mut blank = false;
        for block in self.blocks() {
            blank |= block.blank_before();
            if !block.is_kept() {
                continue;
            }
            if !text.is_empty() {
                text.push_str(if blank { "\n\n" } else { "\n" });
            }
            text.push_str(block.text());
            blank = false;
        }
        Cow::Owned(text)
    }

    /// Notes of blocks, by number, what share of the documents of their site has them.
    pub fn set_shares_of_site(&mut self, shares: impl IntoIterator<Item = (u32, f32)>) {
        let body = &self.body;
        let mut known: Vec<(u32, f32)> =
            shares.into_iter().filter_map(|(number, share)| Some((body.index_of(number)? as u32, share))).collect();
        known.sort_by_key(|(block, _)| *block);
        self.touched.shares = true;
        self.body.shares = known;
    }

    /// Where `block` stands in the corpus.
    #[must_use]
    pub fn position_of(&self, block: Block<'_>) -> Position {
        Position { block: block.number(), ..self.position }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Position = Position { file: 0, record: 0, block: 0 };

    fn document(text: &str) -> Document {
        Document::new(HERE, "a#0".into(), "a".into(), text)
    }

    fn texts(document: &Document) -> Vec<&str> {
        document.blocks().map(Block::text).collect()
    }

    #[test]
    fn a_blank_line_beside_a_removed_block_stays_one_blank_line() {
        let mut document = document("\n\na\n\nb\nc\nd");
        Mark::new(StageIndex(0)).remove_blocks(&mut document, [(1, Reason::new(Rule(0)))]);
        assert_eq!(document.text(), "a\n\nc\nd");
    }

    #[test]
    fn a_line_of_which_nothing_is_to_be_said_costs_four_bytes_beside_its_text() {
        let text = "a\n".repeat(100_000);
        let mut document = document(&text);
        let held = |document: &Document| document.body.text.capacity() + 4 * document.body.starts.capacity();
        assert!(held(&document) < 3 * text.len() + 100, "{}", held(&document));
        let mut bytes = Vec::new();
        document.write(&mut bytes);
        assert!(bytes.len() < 2 * text.len(), "{}", bytes.len());
        document = Document::read(&bytes).unwrap();
        assert!(held(&document) < 3 * text.len() + 100, "{}", held(&document));
        assert_eq!(document.text(), text.trim_end());
    }

    #[test]
    fn the_first_removal_stands_in_whatever_order_blocks_are_removed() {
        let mut document = document("a\nb\nc");
        Mark::new(StageIndex(1)).remove_blocks(&mut document, [(2, Reason::new(Rule(3)))]);
        let again = [(2, Reason::new(Rule(4))), (0, Reason::new(Rule(5)))];
        Mark::new(StageIndex(2)).remove_blocks(&mut document, again);
        let rules: Vec<_> = document.blocks().map(|block| block.removal().map(|removal| removal.rule)).collect();
        assert_eq!(rules, [Some(Rule(5)), None, Some(Rule(3))]);
        assert_eq!(document.kept_count(), 1);
    }

    #[test]
    fn a_removal_names_its_copy() {
        let mut document = document("a\nb\nc");
        let copy = Position { file: 9, record: 8, block: 7 };
        let reason = Reason::new(Rule(0)).measured(2.0, 1.0).in_favour_of(Some(copy));
        Mark::new(StageIndex(1)).remove_blocks(&mut document, [(0, reason), (1, Reason::new(Rule(0)))]);
        let partners: Vec<_> =
            document.blocks().map(|block| block.removal().and_then(|change| change.partner)).collect();
        assert_eq!(partners, [Some(copy), None, None]);
    }

    #[test]
    fn joining_two_lines_keeps_their_bytes_and_records_the_line_end() {
        let mut document = document("one \n  two\nthree");
        let joint = |index| (index == 1).then_some(Joint { cut: 0, text: " " });
        Mark::new(StageIndex(0)).join(&mut document, Rule(0), joint);
        assert_eq!(texts(&document), ["one two", "three"]);
        let block = document.block(0).unwrap();
        assert_eq!(block.bytes(), "one \n  two".len() as u64);
        let Some(Part::Range { original, .. }) = block.edits().next().map(|edit| edit.part) else { panic!("an edit") };
        assert_eq!(original, " \n  ");
        assert_eq!(document.block(1).map(Block::number), Some(2));
        assert_eq!(document.block_numbered(2).map(Block::text), Some("three"));
        assert_eq!(document.block_numbered(1).map(Block::text), None);
    }

    #[test]
    fn a_removed_block_between_two_joined_lines_comes_after_them() {
        let mut document = document("a\n\nx\ny\nb\nc\n\nd");
        let mark = Mark::new(StageIndex(0));
        mark.remove_blocks(&mut document, [(1, Reason::new(Rule(0))), (2, Reason::new(Rule(1)))]);
        mark.join(&mut document, Rule(0), |index| [3, 4].contains(&index).then_some(Joint { cut: 0, text: "-" }));
        assert_eq!(texts(&document), ["a-b-c", "x", "y", "d"]);
        assert_eq!(document.blocks().map(Block::number).collect::<Vec<_>>(), [0, 1, 2, 5]);
        assert_eq!((0..6).filter_map(|number| document.block_numbered(number)).count(), 4);
        assert_eq!(document.text(), "a-b-c\n\nd");
    }

    #[test]
    fn edits_of_many_passes_come_in_order_and_move_no_other_block() {
        let mut document = document("one\n\ntwo\nthree");
        for (stage, (from, to)) in [("o", "00"), ("t", ""), ("0", "é")].into_iter().enumerate() {
            let changed = Mark::new(StageIndex(stage as u16)).edit(&mut document, |editor| {
                while let Some(at) = editor.text().find(from) {
                    editor.replace(Rule(7), at..at + from.len(), to, 1);
                }
            });
            assert!(changed);
        }
        assert_eq!(document.text(), "ééne\n\nwéé\nhree");
        let stages = |index: usize| document.block(index).unwrap().edits().map(|edit| edit.stage.0).collect::<Vec<_>>();
        assert_eq!([0, 1, 2].map(stages), [vec![0, 2, 2], vec![0, 1, 2, 2], vec![1]]);
        assert_eq!(document.blocks().map(Block::bytes).collect::<Vec<_>>(), [3, 3, 5]);
        assert!(!Mark::new(StageIndex(3)).edit(&mut document, |_| {}));
    }
}
