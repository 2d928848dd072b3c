//! The third task function: the rows of one shard, from all partitions, into one Parquet file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blob::Blob;
use super::error::RunError;
use super::job::Job;
use super::partition::{decode, read_frame};
use super::resolve::Partners;
use super::results::Index;
use crate::sink::LedgerDetail;
use crate::sink::columns::{DATA, REJECTED, REMOVED, data_batch, rejected_batch, removed_batch};
use crate::sink::counts::Counts;
use crate::sink::ledger::LedgerEntry;
use crate::sink::parquet::TableWriter;
use crate::sink::row::Row;
use crate::source::Rejected;

/// One Parquet file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// A shard of a split: its name, its number, and how many there are.
    Data(String, u64, u64),
    /// A shard of `ledger/removed`: its number, and how many there are.
    Removed(u64, u64),
    /// `ledger/rejected`, with what was refused before any file was opened.
    Rejected(Vec<Rejected>),
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Removals whose kept copy is gone.
    pub orphans: u64,
}

/// The files that a build with these counts writes, in order. Shards are cut by bytes of text, never by anything else.
#[must_use]
pub fn tables(counts: &Counts, ledger_bytes: u64, shard_size: u64, refused: Vec<Rejected>) -> Vec<Table> {
    let shards = |bytes: u64| bytes.div_ceil(shard_size.max(1)).max(1);
    let mut splits: BTreeMap<&str, u64> =
        counts.splits.iter().map(|(split, output)| (split.as_str(), shards(output.bytes))).collect();
    if splits.is_empty() {
        splits.insert("train", 1);
    }
    let data = splits
        .into_iter()
        .flat_map(|(split, count)| (0..count).map(move |shard| Table::Data(split.to_owned(), shard, count)));
    let removed = shards(ledger_bytes);
    let removed = (0..removed).map(|shard| Table::Removed(shard, removed));
    data.chain(removed).chain([Table::Rejected(refused)]).collect()
}

impl Table {
    /// Path within the dataset's folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Data(split, shard, count) => format!("data/{split}-{shard:05}-of-{count:05}.parquet").into(),
            Self::Removed(shard, count) => format!("ledger/removed-{shard:05}-of-{count:05}.parquet").into(),
            Self::Rejected(_) => "ledger/rejected.parquet".into(),
        }
    }

    /// Writes the file into `folder`, rows in order of position.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, job: &Job<'_>, folder: &Path, key_values: &[(String, String)]) -> Result<Written, RunError> {
        let path = folder.join(self.path());
        match self {
            Self::Data(split, shard, count) => write_data(job, &path, key_values, split, *shard, *count),
            Self::Removed(shard, count) => write_removed(job, &path, key_values, *shard, *count),
            Self::Rejected(refused) => write_rejected(job, &path, key_values, refused),
        }
    }
}

fn write_data(
    job: &Job<'_>,
    path: &Path,
    key_values: &[(String, String)],
    split: &str,
    shard: u64,
    count: u64,
) -> Result<Written, RunError> {
    let output = &job.plan.config.output;
    let batch = |rows: &[Row]| Ok(data_batch(rows)?);
    let mut writer = TableWriter::create(path, &DATA, output, key_values, batch).map_err(RunError::parquet(path))?;
    for partition in 0..job.partitions.len() {
        let file = job.file("rows", partition);
        let blob = Blob::open(&file)?;
        let index = index_of(&blob, &file)?;
        let Some(split) = index.splits.iter().position(|name| name == split) else { continue };
        let entries = index.entries.iter().filter(|entry| entry.split as usize == split && entry.shard(count) == shard);
        for entry in entries {
            let row: Row = decode(&blob.range(0, entry.offset, entry.length)?, &file)?;
            let ids = row.tokens.as_ref().and_then(|tokens| tokens.ids.as_ref()).map_or(0, Vec::len);
            let bytes = (row.text.len() + 4 * ids) as u64;
            writer.push(row, 1, bytes).map_err(RunError::parquet(path))?;
        }
        job.watch.advance(1);
    }
    writer.finish().map_err(RunError::parquet(path))?;
    Ok(Written::default())
}

fn write_removed(
    job: &Job<'_>,
    path: &Path,
    key_values: &[(String, String)],
    shard: u64,
    count: u64,
) -> Result<Written, RunError> {
    let output = &job.plan.config.output;
    let names = Arc::new(job.plan.names());
    let batch = move |entries: &[LedgerEntry]| Ok(removed_batch(entries, &names)?);
    let mut writer = TableWriter::create(path, &REMOVED, output, key_values, batch).map_err(RunError::parquet(path))?;
    let mut written = Written::default();
    for partition in 0..job.partitions.len() {
        let file = job.file("ledger", partition);
        let blob = Blob::open(&file)?;
        let partners = Partners::of(job, partition)?;
        for entry in index_of(&blob, &file)?.entries.iter().filter(|entry| entry.shard(count) == shard) {
            let mut entry: LedgerEntry = decode(&blob.range(0, entry.offset, entry.length)?, &file)?;
            written.orphans += partners.name(&mut entry);
            if output.ledger != LedgerDetail::Counts {
                let rows = entry.rows.len() as u64;
                let bytes = entry.rows.iter().map(|row| row.text.as_ref().map_or(0, String::len) as u64).sum();
                writer.push(entry, rows, bytes).map_err(RunError::parquet(path))?;
            }
        }
        job.watch.advance(1);
    }
    writer.finish().map_err(RunError::parquet(path))?;
    Ok(written)
}

fn write_rejected(
    job: &Job<'_>,
    path: &Path,
    key_values: &[(String, String)],
    refused: &[Rejected],
) -> Result<Written, RunError> {
    let output = &job.plan.config.output;
    let batch = |rows: &[Rejected]| Ok(rejected_batch(rows)?);
    let mut writer =
        TableWriter::create(path, &REJECTED, output, key_values, batch).map_err(RunError::parquet(path))?;
    let mut push = |row: Rejected| {
        let bytes = row.detail.len() as u64;
        writer.push(row, 1, bytes).map_err(RunError::parquet(path))
    };
    refused.iter().cloned().try_for_each(&mut push)?;
    for partition in 0..job.partitions.len() {
        let file = job.file("rejected-0", partition);
        let mut reader = Blob::open(&file)?.reader(0)?;
        while let Some(rejected) = read_frame(&mut reader, &file)? {
            push(rejected)?;
        }
    }
    writer.finish().map_err(RunError::parquet(path))?;
    Ok(Written::default())
}

/// The index of a `rows` or `ledger` file.
fn index_of(blob: &Blob, path: &Path) -> Result<Index, RunError> {
    let section = blob.section(1)?;
    decode(section.get(4..).unwrap_or_default(), path)
}
