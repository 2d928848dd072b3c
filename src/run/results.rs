//! What the last segment writes: rows of the dataset and entries of the ledger, sorted by the shard that they will go to, and
//! what is needed to name the kept copies.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::error::RunError;
use super::job::Job;
use super::partition::Outcome;
use super::resolve::{EntryPlace, Joined, put_plain};
use super::store::Key;
use crate::document::{Document, Rule, StageIndex};
use crate::exchange::{Record, Sorter, put_number, take_number};
use crate::sink::LedgerDetail;
use crate::sink::columns::Names;
use crate::sink::counts::split_of;
use crate::sink::ledger::LedgerEntry;
use crate::sink::remains::{Remains, Spared};
use crate::sink::row::{Row, Signals};
use crate::text::hash;

/// The kinds of files that the last segment leaves, each one sorted file.
pub const KINDS: [&str; 3] = [ROWS, LEDGER, KEPT_COPIES];
/// Rows of the dataset.
pub const ROWS: &str = "rows";
/// Entries of the ledger.
pub const LEDGER: &str = "ledger";
/// What remains of the documents, and references to other documents.
pub const KEPT_COPIES: &str = "kept_copies";

/// A row of the dataset on its way to its shard: sorted by split and hash of the id.
pub struct SplitRow {
    /// The split.
    pub split: String,
    /// Where it belongs within the split.
    pub place: EntryPlace,
    /// The row.
    pub sized: Measured<Row>,
}

/// An entry of the ledger on its way to its shard: sorted by the hash of the id.
pub struct PlacedEntry {
    /// Where it belongs.
    pub place: EntryPlace,
    /// The entry.
    pub sized: Measured<LedgerEntry>,
}

/// A value with its size as row groups count it, which can be read without the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured<T> {
    /// Rows of the table that it makes.
    pub rows: u64,
    /// Bytes of its values that count for the size of row groups and shards.
    pub bytes: u64,
    /// The value.
    pub value: T,
}

impl Record for SplitRow {
    fn key(&self, out: &mut Vec<u8>) {
        put_split(out, &self.split);
        self.place.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.sized.put(out);
    }

    fn read(key: &[u8], value: &[u8]) -> Option<Self> {
        let split = key.split(|byte| *byte == 0).next()?;
        let split = std::str::from_utf8(split).ok()?.to_owned();
        Some(Self { split, place: place_of_row(key)?, sized: Measured::read(value)? })
    }
}

impl Record for PlacedEntry {
    fn key(&self, out: &mut Vec<u8>) {
        self.place.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.sized.put(out);
    }

    fn read(mut key: &[u8], value: &[u8]) -> Option<Self> {
        Some(Self { place: EntryPlace::take(&mut key).filter(|_| key.is_empty())?, sized: Measured::read(value)? })
    }
}

impl<T: serde::Serialize + DeserializeOwned> Measured<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_number(out, self.rows);
        put_number(out, self.bytes);
        put_plain(out, &self.value);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (rows, bytes, value) = decode_measured(bytes)?;
        Some(Self { rows, bytes, value: postcard::from_bytes(value).ok()? })
    }
}

/// Rows, bytes, and the value as it is written.
#[must_use]
pub fn decode_measured(mut bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (rows, size) = (take_number(&mut bytes)?, take_number(&mut bytes)?);
    Some((rows, size, bytes))
}

/// Appends a split's name, ended by a zero byte, which no name holds.
pub fn put_split(out: &mut Vec<u8>, split: &str) {
    out.extend_from_slice(split.as_bytes());
    out.push(0);
}

/// Which of `shards` shards a hash belongs to: they are equal parts of the hashes.
#[must_use]
pub fn shard_of(hash: u64, shards: u64) -> u64 {
    ((u128::from(hash) * u128::from(shards)) >> 64) as u64
}

/// The place in the key of a row.
#[must_use]
pub fn place_of_row(key: &[u8]) -> Option<EntryPlace> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let mut rest = key.get(end + 1..)?;
    EntryPlace::take(&mut rest).filter(|_| rest.is_empty())
}

/// Writes the results of one partition.
pub struct ResultWriter<'a> {
    job: &'a Job<'a>,
    result: Key,
    rows: Sorter<SplitRow>,
    ledger: Sorter<PlacedEntry>,
    kept_copies: Sorter<Joined>,
    signals: Signals,
    detail: LedgerDetail,
    sensitive: BTreeSet<(StageIndex, Rule)>,
    names: Names,
}

impl<'a> ResultWriter<'a> {
    /// Begins results that will lie under `result`.
    #[must_use]
    pub fn new(job: &'a Job<'a>, result: Key) -> Self {
        Self {
            job,
            result,
            rows: job.sorter(4),
            ledger: job.sorter(8),
            kept_copies: job.sorter(8),
            signals: job.plan.signals(),
            detail: job.plan.config.output.ledger,
            sensitive: job.plan.sensitive(),
            names: job.plan.names(),
        }
    }

    /// Takes a document that went through all stages.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(&mut self, document: Document, outcome: &mut Outcome) -> Result<(), RunError> {
        let place = EntryPlace { hash: hash::prefix(document.id().as_bytes()), position: document.position() };
        let row = document.is_kept().then(|| Row::new(&document, &self.signals));
        outcome.counts.add_document(&document, row.as_ref());
        let source = self.job.source_of(document.position());
        outcome.counts.add_to_source(source, &document);
        outcome.counts.gutted.add(source, &document, |stage| self.job.plan.stage(stage).copied.is_some());
        if let Some(row) = row {
            let ids = row.tokens.as_ref().and_then(|tokens| tokens.ids.as_ref()).map_or(0, Vec::len);
            let bytes = (row.text.len() + 4 * ids) as u64;
            let split = split_of(&document).to_owned();
            self.rows.push(&SplitRow { split, place, sized: Measured { rows: 1, bytes, value: row } })?;
        }
        if let Some(entry) = LedgerEntry::new(&document, self.detail, &self.sensitive) {
            let entry = entry.with_outside(&self.names);
            for row in &entry.rows {
                let Some(partner) = row.partner else { continue };
                let to = partner.document();
                let spared = Spared::new(row.block, partner, to == document.position());
                self.kept_copies.push(&Joined::Reference { to, spared, from: place })?;
            }
            let rows = entry.rows.len() as u64;
            let bytes = entry.rows.iter().map(|row| row.text.as_ref().map_or(0, String::len) as u64).sum();
            outcome.ledger_bytes += bytes;
            self.ledger.push(&PlacedEntry { place, sized: Measured { rows, bytes, value: entry } })?;
        }
        self.kept_copies.push(&Joined::Remains(Remains::of(&document)))?;
        Ok(())
    }

    /// Puts all files in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(self) -> Result<(), RunError> {
        self.job.keep(self.rows, self.result, ROWS)?;
        self.job.keep(self.ledger, self.result, LEDGER)?;
        self.job.keep(self.kept_copies, self.result, KEPT_COPIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Mark, Position, Reason, Rule, StageIndex};
    use crate::exchange::KeyRange;

    #[test]
    fn rows_and_entries_survive_the_disk() {
        fn again<R: Record>(record: &R) -> R {
            let (mut key, mut value) = (Vec::new(), Vec::new());
            record.key(&mut key);
            record.put(&mut value);
            R::read(&key, &value).unwrap()
        }
        let position = Position { file: 3, record: 900, block: 0 };
        let place = EntryPlace { hash: u64::MAX - 1, position };
        let mut document = Document::new(position, "a#900".into(), "a".into(), "one\ntwo");
        let value = Row::new(&document, &Signals::default());
        let row = SplitRow { split: "train".to_owned(), place, sized: Measured { rows: 1, bytes: 7, value } };
        let read = again(&row);
        assert_eq!((&read.split, read.place, &read.sized), (&row.split, place, &row.sized));
        let mark = Mark::new(StageIndex(1));
        mark.remove_document(&mut document, Reason::new(Rule(0)));
        let value = LedgerEntry::new(&document, LedgerDetail::Full, &BTreeSet::new()).unwrap();
        let entry = PlacedEntry { place, sized: Measured { rows: 1, bytes: 7, value } };
        let read = again(&entry);
        assert_eq!((read.place, &read.sized), (place, &entry.sized));
    }

    #[test]
    fn a_shard_is_a_range_of_the_keys() {
        for (hash, of) in
            [(0, 7), (u64::MAX, 7), (1 << 63, 2), ((1 << 63) - 1, 2), (u64::MAX / 3, 3), (u64::MAX / 3 + 1, 3)]
        {
            let mut key = Vec::new();
            put_split(&mut key, "train");
            EntryPlace { hash, position: Position { file: 0, record: 0, block: 0 } }.put(&mut key);
            let shard = shard_of(hash, of);
            for other in 0..of {
                let range = KeyRange::part(b"train\0", other..other + 1, of);
                let holds = key >= range.from && range.to.as_ref().is_none_or(|to| key < *to);
                assert_eq!(holds, other == shard, "{hash} in {other} of {of}");
            }
        }
    }
}
