//! What a build counts: whole numbers only, merged by addition, so that the order of merging cannot matter.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::gutted::Gutted;
use crate::document::{Block, Change, Document, Part, Rejected, Rule, StageIndex};
use crate::sink::row::Row;

/// Counts of a build, or of a part of it.
///
/// The accounting identity: `input = kept + removed + rejected`, in documents, blocks and bytes. Bytes are those of the
/// blocks as they were read (UTF-8, without the white space between blocks), and those of the input for what was rejected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Everything that was read or refused.
    pub input: Amount,
    /// What is in the dataset.
    pub kept: Amount,
    /// What stages removed, as single blocks or with their document.
    pub removed: Amount,
    /// What could not be read.
    pub rejected: Amount,
    /// What is in the dataset, as its columns show it.
    pub output: Output,
    /// By stage, what its rules did.
    pub stages: BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
    /// By language code (`""` where no stage told it), what is in the dataset.
    pub languages: BTreeMap<String, Output>,
    /// By split, what is in the dataset.
    pub splits: BTreeMap<String, Output>,
    /// By cause, records or rests of files that were refused, and records that were kept with replaced bytes.
    pub causes: BTreeMap<String, u64>,
    /// By index of the `[[source]]`, what of its documents was read and kept.
    pub sources: BTreeMap<u32, SourceCounts>,
    /// By the stage that removed the copy which was kept, texts that stand nowhere in the dataset although only copies of them were
    /// to go.
    pub orphans: BTreeMap<StageIndex, u64>,
    /// By stage, what its rules removed for such a copy: a part of `stages`.
    pub orphaned: BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
    /// Documents that lost most of their running prose.
    pub gutted: Gutted,
    /// Documents whose id another document had before them; they got `~2`, `~3`, ....
    pub repeated_ids: u64,
}

/// An amount of text, in the three units of the accounting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Documents.
    pub documents: u64,
    /// Blocks.
    pub blocks: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What became of the documents of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// What was read.
    pub input: Amount,
    /// What is in the dataset.
    pub kept: Amount,
}

/// Rows of the dataset and what they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Rows.
    pub documents: u64,
    /// UTF-8 bytes of the `text` column.
    pub bytes: u64,
    /// Words.
    pub words: u64,
    /// Tokens; 0 where no stage counted them.
    pub tokens: u64,
}

/// What one rule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCounts {
    /// Documents it removed.
    pub documents: u64,
    /// Blocks it removed one by one.
    pub blocks: u64,
    /// Bytes in both.
    pub bytes: u64,
    /// Edits it made.
    pub edits: u64,
}

impl RuleCounts {
    /// These but for `part` of them.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        Self {
            documents: self.documents.saturating_sub(part.documents),
            blocks: self.blocks.saturating_sub(part.blocks),
            bytes: self.bytes.saturating_sub(part.bytes),
            edits: self.edits.saturating_sub(part.edits),
        }
    }
}

impl Counts {
    /// Counts a document that went through the whole pipeline; `row` is what the dataset shows of it if it was kept.
    pub fn add_document(&mut self, document: &Document, row: Option<&Row>) {
        let blocks = document.blocks().len() as u64;
        let bytes: u64 = document.blocks().map(Block::bytes).sum();
        let mut still_in = Amount { documents: 1, blocks: 0, bytes: 0 };
        for block in document.blocks() {
            if block.is_kept() {
                still_in += Amount { documents: 0, blocks: 1, bytes: block.bytes() };
            }
            for change in block.changes() {
                let rule = self.rule(&change);
                if let Part::Range { .. } = change.part {
                    rule.edits += 1;
                } else {
                    rule.blocks += 1;
                    rule.bytes += block.bytes();
                }
            }
        }
        if let Some(removal) = document.removal() {
            let rule = self.rule(&removal);
            rule.documents += 1;
            rule.bytes += still_in.bytes;
        }
        self.input += Amount { documents: 1, blocks, bytes };
        match row {
            Some(row) => {
                self.kept += still_in;
                self.removed +=
                    Amount { documents: 0, blocks: blocks - still_in.blocks, bytes: bytes - still_in.bytes };
                self.add_row(document, row);
            }
            None => self.removed += Amount { documents: 1, blocks, bytes },
        }
    }

    /// Counts a document that went through the whole pipeline to the source it came from, by the source's index.
    pub fn add_to_source(&mut self, source: u32, document: &Document) {
        let amount = |bytes: u64, blocks: usize| Amount { documents: 1, blocks: blocks as u64, bytes };
        let counts = self.sources.entry(source).or_default();
        counts.input += amount(document.blocks().map(Block::bytes).sum(), document.blocks().len());
        if document.is_kept() {
            counts.kept += amount(document.kept().map(Block::bytes).sum(), document.kept_count());
        }
    }

    /// Counts a refused record, or one that was kept with replaced bytes.
    pub fn add_rejected(&mut self, rejected: &Rejected) {
        *self.causes.entry(rejected.cause.as_str().to_owned()).or_default() += 1;
        if rejected.refused {
            let amount = Amount { documents: 1, blocks: 0, bytes: rejected.bytes };
            self.input += amount;
            self.rejected += amount;
        }
    }

    fn add_row(&mut self, document: &Document, row: &Row) {
        let tokens = row.tokens.as_ref().map_or(0, |tokens| u64::from(tokens.count));
        let output = Output { documents: 1, bytes: row.text.len() as u64, words: u64::from(row.words), tokens };
        let language = row.language.as_ref().map_or("", |language| language.code.as_str());
        self.output += output;
        *self.languages.entry(language.to_owned()).or_default() += output;
        *self.splits.entry(split_of(document).to_owned()).or_default() += output;
    }

    fn rule(&mut self, change: &Change<'_>) -> &mut RuleCounts {
        self.stages.entry(change.stage).or_default().entry(change.rule).or_default()
    }
}

/// The split of a document: the one a stage chose, else `train`.
#[must_use]
pub fn split_of(document: &Document) -> &str {
    document.split().unwrap_or("train")
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.input += other.input;
        self.kept += other.kept;
        self.removed += other.removed;
        self.rejected += other.rejected;
        self.output += other.output;
        add_rules(&mut self.stages, &other.stages);
        add_rules(&mut self.orphaned, &other.orphaned);
        for (mine, theirs) in [(&mut self.languages, &other.languages), (&mut self.splits, &other.splits)] {
            for (key, output) in theirs {
                *mine.entry(key.clone()).or_default() += *output;
            }
        }
        for (cause, count) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += count;
        }
        for (source, counts) in &other.sources {
            *self.sources.entry(*source).or_default() += *counts;
        }
        for (stage, texts) in &other.orphans {
            *self.orphans.entry(*stage).or_default() += texts;
        }
        self.gutted += &other.gutted;
        self.repeated_ids += other.repeated_ids;
    }
}

/// Adds what rules did, rule by rule.
pub fn add_rules(
    mine: &mut BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
    theirs: &BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
) {
    for (stage, rules) in theirs {
        let mine = mine.entry(*stage).or_default();
        for (rule, counts) in rules {
            *mine.entry(*rule).or_default() += *counts;
        }
    }
}

impl AddAssign for SourceCounts {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.kept += other.kept;
    }
}

/// Adds field by field. No build comes near the limit; the figures of a damaged file may, and then they stay there.
macro_rules! add_fields {
    ($type:ident: $($field:ident),+) => {
        impl AddAssign for $type {
            fn add_assign(&mut self, other: Self) {
                $(self.$field = self.$field.saturating_add(other.$field);)+
            }
        }
    };
}

add_fields!(Amount: documents, blocks, bytes);
add_fields!(Output: documents, bytes, words, tokens);
add_fields!(RuleCounts: documents, blocks, bytes, edits);
