//! What the last segment writes: rows of the dataset, entries of the ledger, and what is needed to name the kept copies.

use serde::{Deserialize, Serialize};

use super::blob::{BlobWriter, BucketWriter};
use super::error::RunError;
use super::job::Job;
use super::partition::{Outcome, write_frame};
use super::store::Key;
use crate::document::{Document, Position};
use crate::sink::LedgerDetail;
use crate::sink::counts::split_of;
use crate::sink::fate::{Fate, Spared};
use crate::sink::ledger::LedgerEntry;
use crate::sink::row::{Row, Signals};
use crate::text::hash;

/// Where one row or ledger entry lies in a partition's file, and which shard it belongs to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct IndexEntry {
    /// First 64 bits of the id's key: choose the shard.
    pub hash: u64,
    /// Index into [`Index::splits`].
    pub split: u32,
    /// Where it begins in the section.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Rows of the table that it makes.
    pub rows: u64,
    /// Bytes of its values that count for the size of row groups and shards.
    pub bytes: u64,
}

/// All rows or ledger entries of a partition, in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Index {
    /// Names of splits.
    pub splits: Vec<String>,
    /// The entries.
    pub entries: Vec<IndexEntry>,
}

/// So many bytes of asks are held in memory.
const ASKS_BYTES: usize = 4 << 20;

/// Bytes of an ask on disk.
pub const ASK_BYTES: usize = 21;

/// Appends what a removal asks about its partner.
fn put_ask(out: &mut Vec<u8>, document: Position, spared: Spared) {
    let (kind, block) = match spared {
        Spared::Document => (0, 0),
        Spared::Block(block) => (1, block),
        Spared::OwnBlock(block) => (2, block),
    };
    out.extend_from_slice(&document.file.to_le_bytes());
    out.extend_from_slice(&document.record.to_le_bytes());
    out.extend_from_slice(&block.to_le_bytes());
    out.push(kind);
}

/// Reads what [`put_ask`] wrote: the document, and what of it is asked for.
#[must_use]
pub fn read_ask(mut bytes: &[u8]) -> (Position, Spared) {
    let mut file = [0; 8];
    let mut record = [0; 8];
    let mut block = [0; 4];
    file.copy_from_slice(&bytes[..8]);
    record.copy_from_slice(&bytes[8..16]);
    block.copy_from_slice(&bytes[16..20]);
    bytes = &bytes[20..];
    let block = u32::from_le_bytes(block);
    let position = Position { file: u64::from_le_bytes(file), record: u64::from_le_bytes(record), block };
    let spared = match bytes[0] {
        0 => Spared::Document,
        1 => Spared::Block(position.block),
        _ => Spared::OwnBlock(position.block),
    };
    (position.document(), spared)
}

/// Writes the results of one partition.
///
/// Files: `rows` (rows, index), `ledger` (entries, index), `fates` (one [`Fate`] a document), `asks` (a bucket a range of
/// partitions: kept copies there that the ledger names).
pub struct ResultWriter<'a> {
    job: &'a Job<'a>,
    rows: BlobWriter,
    row_index: Index,
    ledger: BlobWriter,
    ledger_index: Index,
    fates: BlobWriter,
    asks: BucketWriter,
    signals: Signals,
    detail: LedgerDetail,
    frame: Vec<u8>,
}

impl<'a> ResultWriter<'a> {
    /// Begins results that will lie under `key`.
    ///
    /// # Errors
    /// If the files cannot be created.
    pub fn create(job: &'a Job<'a>, key: Key) -> Result<Self, RunError> {
        Ok(Self {
            job,
            rows: job.create(key, "rows")?,
            row_index: Index::default(),
            ledger: job.create(key, "ledger")?,
            ledger_index: Index::default(),
            fates: job.create(key, "fates")?,
            asks: BucketWriter::new(job.create(key, "asks")?, job.keys.answers.len(), ASKS_BYTES),
            signals: job.plan.signals(),
            detail: job.plan.config.output.ledger,
            frame: Vec::new(),
        })
    }

    /// Takes a document that went through all stages.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(&mut self, document: Document, outcome: &mut Outcome) -> Result<(), RunError> {
        let hash = hash::prefix(document.id.as_bytes());
        let row = document.removal.is_none().then(|| Row::new(&document, &self.signals));
        outcome.counts.add_document(&document, row.as_ref());
        let source = self.job.source_of(document.position);
        outcome.counts.add_to_source(source, &document);
        outcome.counts.gutted.add(source, &document, |stage| self.job.plan.stage(stage).copied.is_some());
        if let Some(row) = &row {
            let (offset, length) = write_frame(&mut self.rows, &mut self.frame, row)?;
            let split = self.row_index.split(split_of(&document));
            let ids = row.tokens.as_ref().and_then(|tokens| tokens.ids.as_ref()).map_or(0, Vec::len);
            let bytes = (row.text.len() + 4 * ids) as u64;
            self.row_index.entries.push(IndexEntry { hash, split, offset, length, rows: 1, bytes });
        }
        if let Some(entry) = LedgerEntry::new(&document, self.detail) {
            for row in &entry.rows {
                let Some(partner) = row.partner else { continue };
                let spared = Spared::new(row.block, partner, partner.document() == document.position);
                self.asks.push(self.job.asked_in(partner), |bucket| put_ask(bucket, partner, spared))?;
            }
            let (offset, length) = write_frame(&mut self.ledger, &mut self.frame, &entry)?;
            let rows = entry.rows.len() as u64;
            let bytes = entry.rows.iter().map(|row| row.text.as_ref().map_or(0, String::len) as u64).sum();
            outcome.ledger_bytes += bytes;
            self.ledger_index.entries.push(IndexEntry { hash, split: 0, offset, length, rows, bytes });
        }
        write_frame(&mut self.fates, &mut self.frame, &Fate::of(&document))?;
        Ok(())
    }

    /// Puts all files in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<(), RunError> {
        for (mut blob, index) in [(self.rows, self.row_index), (self.ledger, self.ledger_index)] {
            blob.end_section();
            write_frame(&mut blob, &mut self.frame, &index)?;
            blob.end_section();
            blob.finish()?;
        }
        self.fates.end_section();
        self.fates.finish()?;
        self.asks.finish()
    }
}

impl Index {
    /// The number of a split's name, which is added if it is new.
    fn split(&mut self, name: &str) -> u32 {
        let known = self.splits.iter().position(|split| split == name);
        known.unwrap_or_else(|| {
            self.splits.push(name.to_owned());
            self.splits.len() - 1
        }) as u32
    }
}

impl IndexEntry {
    /// Which of `shards` it belongs to: the shards are equal parts of the hashes.
    #[must_use]
    pub fn shard(&self, shards: u64) -> u64 {
        ((u128::from(self.hash) * u128::from(shards)) >> 64) as u64
    }
}
