//! The Parquet files of a dataset: which there are, and that of what was rejected.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::encoder::Encoder;
use super::error::RunError;
use super::job::Job;
use super::partition::read_frame;
use crate::sink::DataFormat;
use crate::sink::columns::{REJECTED, rejected_batch};
use crate::sink::counts::Counts;
use crate::sink::parquet::RowGroupLimits;
use crate::sink::table::TableFile;
use crate::sink::written::Written;
use crate::source::Rejected;
use crate::storage::Temporary;

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
    /// Path within the dataset's folder, the data files in this format.
    #[must_use]
    pub fn path(&self, format: DataFormat) -> PathBuf {
        match self {
            Self::Data(split, shard, count) => {
                format!("data/{split}-{shard:05}-of-{count:05}.{}", format.ending()).into()
            }
            Self::Removed(shard, count) => format!("ledger/removed-{shard:05}-of-{count:05}.parquet").into(),
            Self::Rejected => "ledger/rejected.parquet".into(),
        }
    }
}

/// Writes the table of what could not be read into `file`, and gives it back: first what was refused before any record was read, then what the partitions
/// refused.
///
/// # Errors
/// If the disk refuses.
pub fn write_rejected(
    job: &Job<'_>,
    file: Temporary,
    key_values: &[(String, String)],
) -> Result<(Temporary, Written), RunError> {
    let output = &job.plan.config.output;
    let path = &file.path().to_owned();
    let mut file =
        TableFile::begin(file, &REJECTED, DataFormat::Parquet, output, key_values).map_err(RunError::parquet(path))?;
    let mut written = Written::default();
    let mut limits = RowGroupLimits::new(output);
    let mut pending: Vec<Rejected> = Vec::new();
    let mut flush = |pending: &mut Vec<Rejected>| {
        if pending.is_empty() {
            return Ok(());
        }
        let mut encoder = Encoder::begin(&mut file, path)?;
        encoder.write(rejected_batch(pending))?;
        pending.iter().for_each(|rejected| written.add_rejected(rejected));
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
        let mut reader = Blob::open(&file)?;
        while let Some(rejected) = read_frame(&mut reader, &file)? {
            push(rejected)?;
        }
    }
    flush(&mut pending)?;
    Ok((file.finish().map_err(RunError::parquet(path))?, written))
}
