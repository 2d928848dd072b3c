//! What is counted as it is written: the rows, ledger rows and refusals that went into Parquet files. The accounting compares
//! these with the counts of the documents, and those with what was read.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::counts::{Amount, Counts, Output, RuleCounts, add_rules};
use super::ledger::LedgerEntry;
use super::row::Row;
use crate::document::{Document, Rejected, Rule, StageIndex};

/// What the reader gave, before any stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Documents.
    pub documents: u64,
    /// Lines that became blocks, and their bytes with one for the end of each: joining lines leaves this as it is.
    pub length: u64,
}

/// What was written into Parquet files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// By split, rows of the dataset.
    pub splits: BTreeMap<String, Output>,
    /// Blocks in them.
    pub blocks: u64,
    /// By stage and rule, rows of the ledger.
    pub stages: BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
    /// Those whose kept copy is gone: a part of `stages`.
    pub orphaned: BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
    /// By cause, rows of `ledger/rejected`.
    pub causes: BTreeMap<String, u64>,
    /// What these rows refuse.
    pub rejected: Amount,
}

/// Two counts that should be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imbalance {
    /// Of what.
    pub what: String,
    /// Counted earlier.
    pub before: String,
    /// Counted later.
    pub after: String,
}

impl fmt::Display for Imbalance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}, then {}", self.what, self.before, self.after)
    }
}

impl Imbalance {
    /// `None` where `before` and `after` are equal.
    pub fn between<T: PartialEq + fmt::Debug>(what: &str, before: &T, after: &T) -> Option<Self> {
        let differ = before != after;
        differ.then(|| Self { what: what.to_owned(), before: format!("{before:?}"), after: format!("{after:?}") })
    }
}

impl Read {
    /// Counts a document as it was read, or as it went through all stages: both come to the same.
    pub fn add(&mut self, document: &Document) {
        self.documents += 1;
        self.length += document.blocks().map(|block| block.bytes() + 1).sum::<u64>();
    }

    /// What `counts` has of documents.
    #[must_use]
    pub fn of(counts: &Counts) -> Self {
        let read = |all: u64, rejected: u64| all.saturating_sub(rejected);
        let (input, rejected) = (counts.input, counts.rejected);
        let length = read(input.bytes, rejected.bytes) + read(input.blocks, rejected.blocks);
        Self { documents: read(input.documents, rejected.documents), length }
    }
}

impl AddAssign for Read {
    fn add_assign(&mut self, other: Self) {
        self.documents += other.documents;
        self.length += other.length;
    }
}

impl Written {
    /// Counts a row of the dataset.
    pub fn add_row(&mut self, split: &str, row: &Row) {
        let tokens = row.tokens.as_ref().map_or(0, |tokens| u64::from(tokens.count));
        let output = Output { documents: 1, bytes: row.text.len() as u64, words: u64::from(row.words), tokens };
        if !self.splits.contains_key(split) {
            self.splits.insert(split.to_owned(), Output::default());
        }
        self.splits.get_mut(split).into_iter().for_each(|sum| *sum += output);
        self.blocks += u64::from(row.blocks_kept);
    }

    /// Counts the ledger's rows about a document.
    pub fn add_entry(&mut self, entry: &LedgerEntry) {
        for row in &entry.rows {
            let counts = match (row.range, row.block) {
                (Some(_), _) => RuleCounts { edits: 1, ..RuleCounts::default() },
                (None, None) => RuleCounts { documents: 1, bytes: row.bytes, ..RuleCounts::default() },
                (None, Some(_)) => RuleCounts { blocks: 1, bytes: row.bytes, ..RuleCounts::default() },
            };
            *self.stages.entry(row.stage).or_default().entry(row.rule).or_default() += counts;
            if row.orphaned {
                *self.orphaned.entry(row.stage).or_default().entry(row.rule).or_default() += counts;
            }
        }
    }

    /// Counts a row of `ledger/rejected`.
    pub fn add_rejected(&mut self, rejected: &Rejected) {
        *self.causes.entry(rejected.cause.as_str().to_owned()).or_default() += 1;
        if rejected.refused {
            self.rejected += Amount { documents: 1, blocks: 0, bytes: rejected.bytes };
        }
    }

    /// The first count that is not what the documents were counted as, if any is not.
    #[must_use]
    pub fn differs(&self, counts: &Counts) -> Option<Imbalance> {
        let kept: u64 = self.splits.values().map(|output| output.documents).sum();
        Imbalance::between("rows of each split", &counts.splits, &self.splits)
            .or_else(|| Imbalance::between("documents kept", &counts.kept.documents, &kept))
            .or_else(|| Imbalance::between("blocks kept", &counts.kept.blocks, &self.blocks))
            .or_else(|| Imbalance::between("removals and edits by rule", &counts.stages, &self.stages))
            .or_else(|| Imbalance::between("refusals by cause", &counts.causes, &self.causes))
            .or_else(|| Imbalance::between("what was refused", &counts.rejected, &self.rejected))
    }
}

impl AddAssign<&Self> for Written {
    fn add_assign(&mut self, other: &Self) {
        for (split, output) in &other.splits {
            *self.splits.entry(split.clone()).or_default() += *output;
        }
        self.blocks += other.blocks;
        add_rules(&mut self.stages, &other.stages);
        add_rules(&mut self.orphaned, &other.orphaned);
        for (cause, count) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += count;
        }
        self.rejected += other.rejected;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::document::{Joint, Mark, Position, Reason};

    #[test]
    fn joined_lines_are_as_long_as_they_were_read() {
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), "one \n  two\n\nthree");
        let (mut read, mut after) = (Read::default(), Read::default());
        read.add(&document);
        let joint = |index| (index == 1).then_some(Joint { cut: 0, text: " " });
        Mark::new(StageIndex(0)).join(&mut document, Rule(0), joint);
        assert_eq!(document.blocks().count(), 2);
        after.add(&document);
        assert_eq!(read, after);
        let mut lost = Read::default();
        lost.add(&Document::new(position, "a#0".into(), "a".into(), "one \n  two"));
        assert_ne!(read, lost, "a block that is gone shows");
    }

    #[test]
    fn a_row_or_a_removal_that_was_not_written_is_named() {
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), "one\ntwo");
        Mark::new(StageIndex(1)).remove_blocks(&mut document, [(0, Reason::new(Rule(2)))]);
        let row = Row::new(&document, &crate::sink::row::Signals::default());
        let entry = LedgerEntry::new(&document, crate::sink::LedgerDetail::Full, &BTreeSet::new()).unwrap();
        let mut counts = Counts::default();
        counts.add_document(&document, Some(&row));
        let mut written = Written::default();
        assert_eq!(written.differs(&counts).unwrap().what, "rows of each split");
        written.add_row("train", &row);
        assert_eq!(written.differs(&counts).unwrap().what, "removals and edits by rule");
        written.add_entry(&entry);
        assert_eq!(written.differs(&counts), None);
        let mut twice = written.clone();
        twice += &written;
        assert!(twice.differs(&counts).is_some());
    }
}
