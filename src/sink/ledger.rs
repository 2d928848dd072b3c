//! The ledger: one row for everything that was removed, edited or refused, with the reason.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::LedgerDetail;
use super::columns::Names;
use crate::document::{Block, Change, Document, Part, Position, Rule, StageIndex};
use crate::text::hash;

/// What stands after a rule's name where the copy that was kept is gone as well: `paragraph_dedup.repeated_paragraph_orphaned`.
pub const ORPHANED: &str = "_orphaned";

/// All ledger rows of one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The document's id.
    pub id: String,
    /// Path of the input file.
    pub source: Arc<str>,
    /// 0-based record in the file.
    pub record: u64,
    /// What happened to it, in block order; a removal of the whole document comes last.
    pub rows: Vec<LedgerRow>,
}

/// One removal or edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// The block's number; `None` for a whole document.
    pub block: Option<u32>,
    /// The stage that decided.
    pub stage: StageIndex,
    /// Its rule.
    pub rule: Rule,
    /// The measured value; for an edit of several spots, their number.
    pub value: Option<f64>,
    /// The limit with which the value was compared.
    pub threshold: Option<f64>,
    /// For a duplicate, where the kept copy stands.
    pub partner: Option<Position>,
    /// That copy's document, by the id the dataset has for it; filled in once all ids are known. For what was found by something
    /// outside of the corpus, the name of that.
    pub partner_id: Option<String>,
    /// For a duplicate, whether a later stage removed the kept copy; filled in at the same time.
    pub orphaned: bool,
    /// For an edit, the bytes it covered within the block as it then was.
    pub range: Option<(u32, u32)>,
    /// Bytes removed: as read, for removals; covered by the edit, for edits.
    pub bytes: u64,
    /// What was removed, or what stood where the edit is; as the config's `ledger` wants it.
    pub text: Option<String>,
}

impl LedgerEntry {
    /// Names what removals found that stands outside of the corpus; what is left to be named stands in it.
    #[must_use]
    pub fn with_outside(mut self, names: &Names) -> Self {
        for row in &mut self.rows {
            if let Some(name) = row.partner.and_then(|partner| names.outside(row.stage, partner)) {
                (row.partner, row.partner_id) = (None, Some(name.to_owned()));
            }
        }
        self
    }

    /// What the ledger says of `document`, or `None` if nothing happened to it.
    ///
    /// A removed block's row holds the text as it stood when it was removed; its bytes are those that were read, so that
    /// kept and removed add up to the input. A removed document's row holds the blocks that were still in.
    /// What a rule took that is `sensitive` is shown by its hash at most.
    #[must_use]
    pub fn new(document: &Document, detail: LedgerDetail, sensitive: &BTreeSet<(StageIndex, Rule)>) -> Option<Self> {
        let detail = |stage, rule| match detail {
            LedgerDetail::Full if sensitive.contains(&(stage, rule)) => LedgerDetail::Hashes,
            detail => detail,
        };
        let mut rows = Vec::new();
        for block in document.blocks() {
            for change in block.changes() {
                let detail = detail(change.stage, change.rule);
                rows.push(match change.part {
                    Part::Range { original, .. } => LedgerRow::new(&change, original.len() as u64, original, detail),
                    _ => LedgerRow::new(&change, block.bytes(), block.text(), detail),
                });
            }
        }
        if let Some(removal) = document.removal() {
            let detail = detail(removal.stage, removal.rule);
            let bytes = document.kept().map(Block::bytes).sum();
            rows.push(LedgerRow::new(&removal, bytes, &document.text(), detail));
        }
        let (id, source) = (document.id().to_owned(), Arc::clone(document.source()));
        (!rows.is_empty()).then(|| Self { id, source, record: document.position().record, rows })
    }
}

/// Parts `entries` so that the rows of each part have at most `most` bytes of strings, where a row alone has no more: each
/// row repeats the id of its document. All of them are one part, as they are, where that holds already.
#[must_use]
pub fn in_batches(entries: Vec<LedgerEntry>, most: u64) -> Vec<Vec<LedgerEntry>> {
    let bytes = |entry: &LedgerEntry| entry.rows.iter().map(|row| row.strings(entry)).sum::<u64>();
    if entries.iter().map(bytes).sum::<u64>() <= most {
        return vec![entries];
    }
    let mut parts: Vec<Vec<LedgerEntry>> = Vec::new();
    let mut held = u64::MAX;
    for mut entry in entries {
        let mut begun = false;
        for row in std::mem::take(&mut entry.rows) {
            let strings = row.strings(&entry);
            if held.saturating_add(strings) > most {
                parts.push(Vec::new());
                (held, begun) = (0, false);
            }
            held += strings;
            let Some(part) = parts.last_mut() else { continue };
            if !begun {
                part.push(entry.clone());
                begun = true;
            }
            part.last_mut().into_iter().for_each(|entry| entry.rows.push(row.clone()));
        }
    }
    parts
}

impl LedgerRow {
    /// Bytes of the strings of this row of `entry`.
    fn strings(&self, entry: &LedgerEntry) -> u64 {
        let own = [&self.partner_id, &self.text].into_iter().flatten().map(String::len).sum::<usize>();
        (entry.id.len() + entry.source.len() + own) as u64
    }

    /// The row of a change that took `text` out, which had so many bytes when it was read.
    fn new(change: &Change<'_>, bytes: u64, text: &str, detail: LedgerDetail) -> Self {
        let (block, range) = match change.part {
            Part::Document => (None, None),
            Part::Block(block) => (Some(block), None),
            Part::Range { block, start, end, .. } => (Some(block), Some((start, end))),
        };
        Self {
            block,
            stage: change.stage,
            rule: change.rule,
            value: change.value,
            threshold: change.threshold,
            partner: change.partner,
            partner_id: None,
            orphaned: false,
            range,
            bytes,
            text: shown(text, detail),
        }
    }
}

fn shown(text: &str, detail: LedgerDetail) -> Option<String> {
    match detail {
        LedgerDetail::Full => Some(text.to_owned()),
        LedgerDetail::Hashes => Some(hash::hex(&hash::sha256(text.as_bytes()))),
        LedgerDetail::Counts => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Mark, Reason};

    fn entry(id: &str, rows: u32) -> LedgerEntry {
        let row = |block| LedgerRow {
            block: Some(block),
            stage: StageIndex(0),
            rule: Rule(0),
            value: None,
            threshold: None,
            partner: None,
            partner_id: None,
            range: None,
            bytes: 3,
            text: Some("abc".to_owned()),
            orphaned: false,
        };
        LedgerEntry { id: id.to_owned(), source: "a".into(), record: 0, rows: (0..rows).map(row).collect() }
    }

    #[test]
    fn the_text_that_a_sensitive_rule_took_is_never_shown() {
        let mut document =
            Document::new(Position { file: 0, record: 0, block: 0 }, "a".into(), "a".into(), "one 42\ntwo\nsix");
        let open = Mark::new(StageIndex(0));
        let veiled = Mark::new(StageIndex(1));
        veiled.edit(&mut document, |editor| {
            if editor.block().index() == 0 {
                editor.replace(Rule(3), 4..6, "N", 1);
            }
        });
        veiled.remove_blocks(&mut document, [(1, Reason::new(Rule(3)))]);
        open.remove_blocks(&mut document, [(2, Reason::new(Rule(3)))]);
        let texts = |detail| {
            let entry =
                LedgerEntry::new(&document, detail, &[(StageIndex(1), Rule(3))].into()).expect("it was changed");
            entry.rows.into_iter().map(|row| row.text).collect::<Vec<_>>()
        };
        let sha256 = |text: &str| Some(hash::hex(&hash::sha256(text.as_bytes())));
        assert_eq!(texts(LedgerDetail::Full), [sha256("42"), sha256("two"), Some("six".to_owned())]);
        assert_eq!(texts(LedgerDetail::Counts), [None, None, None]);
    }

    #[test]
    fn a_batch_counts_the_id_of_each_row() {
        let entries = vec![entry("a", 3), entry(&"x".repeat(96), 5), entry("b", 2)];
        assert_eq!(in_batches(entries.clone(), 10_000), [entries.as_slice()]);
        let parts = in_batches(entries.clone(), 210);
        let rows = |part: &Vec<LedgerEntry>| part.iter().map(|entry| entry.rows.len()).collect::<Vec<_>>();
        assert_eq!(parts.iter().map(rows).collect::<Vec<_>>(), [vec![3, 1], vec![2], vec![2, 2]]);
        let all = |parts: &[Vec<LedgerEntry>]| -> Vec<(String, Option<u32>)> {
            let rows =
                parts.iter().flatten().flat_map(|entry| entry.rows.iter().map(|row| (entry.id.clone(), row.block)));
            rows.collect()
        };
        assert_eq!(all(&parts), all(&[entries]));
        assert_eq!(in_batches(vec![entry("long", 2)], 1).len(), 2);
    }
}
