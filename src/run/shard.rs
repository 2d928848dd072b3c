//! The Parquet files of a dataset: which there are, and that of what was rejected.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::error::RunError;
use super::fill::Encoder;
use super::job::Job;
use super::partition::read_frame;
use crate::document::{Rule, StageIndex};
use crate::sink::columns::{DATA, REJECTED, REMOVED, rejected_batch};
use crate::sink::counts::{Counts, RuleCounts};
use crate::sink::ledger::LedgerEntry;
use crate::sink::parquet::{RowGroupLimits, TableFile};
use crate::source::Rejected;

/// One Parquet file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Table {
    /// A shard of a split: its name, its number, and how many there are.
    Data(String, u64, u64),
    /// A shard of `ledger/removed`: its number, and how many there are.
    Removed(u64, u64),
    /// `ledger/rejected`.
    Rejected,
}

/// Removals whose kept copy is gone, by stage and rule.
pub type Orphaned = BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>;

/// Counts the removals of `entry` whose kept copy is gone.
pub fn count_orphaned(orphaned: &mut Orphaned, entry: &LedgerEntry) {
    for row in entry.rows.iter().filter(|row| row.orphaned) {
        let (documents, blocks) = if row.block.is_none() { (1, 0) } else { (0, 1) };
        *orphaned.entry(row.stage).or_default().entry(row.rule).or_default() +=
            RuleCounts { documents, blocks, bytes: row.bytes, edits: 0 };
    }
}

/// The files that a build with these counts writes, in order. Shards are cut by bytes of text, never by anything else.
#[must_use]
pub fn tables(counts: &Counts, ledger_bytes: u64, shard_size: u64) -> Vec<Table> {
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
    data.chain(removed).chain([Table::Rejected]).collect()
}

impl Table {
    /// Path within the dataset's folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Data(split, shard, count) => format!("data/{split}-{shard:05}-of-{count:05}.parquet").into(),
            Self::Removed(shard, count) => format!("ledger/removed-{shard:05}-of-{count:05}.parquet").into(),
            Self::Rejected => "ledger/rejected.parquet".into(),
        }
    }

    /// The schema of the tables that are shards.
    #[must_use]
    pub fn schema(&self) -> Option<&'static SchemaRef> {
        match self {
            Self::Data(..) => Some(&DATA),
            Self::Removed(..) => Some(&REMOVED),
            Self::Rejected => None,
        }
    }
}

/// Writes the table of what could not be read: first what was refused before any record was read, then what the partitions
/// refused.
///
/// # Errors
/// If the disk refuses.
pub fn write_rejected(job: &Job<'_>, path: &Path, key_values: &[(String, String)]) -> Result<(), RunError> {
    let output = &job.plan.config.output;
    let mut file = TableFile::create(path, &REJECTED, output, key_values).map_err(RunError::parquet(path))?;
    let mut limits = RowGroupLimits::new(output);
    let mut pending: Vec<Rejected> = Vec::new();
    let mut flush = |pending: &mut Vec<Rejected>| {
        if pending.is_empty() {
            return Ok(());
        }
        let mut encoder = Encoder::begin(&mut file, path)?;
        encoder.write(rejected_batch(pending))?;
        pending.clear();
        file.append(encoder.close()?).map_err(RunError::parquet(path))
    };
    let mut push = |rejected: Rejected| {
        if limits.begins_group(1, rejected.detail.len() as u64) {
            flush(&mut pending)?;
        }
        pending.push(rejected);
        Ok::<(), RunError>(())
    };
    job.inputs.refused.iter().cloned().try_for_each(&mut push)?;
    for key in job.results(0)? {
        let file = job.store.path(*key, "rejected");
        let mut reader = Blob::open(&file)?.reader(0)?;
        while let Some(rejected) = read_frame(&mut reader, &file)? {
            push(rejected)?;
        }
    }
    flush(&mut pending)?;
    file.finish().map_err(RunError::parquet(path))
}
