//! The third task function: the rows of one shard, from all partitions, into one Parquet file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::error::RunError;
use super::job::Job;
use super::partition::{decode, read_frame};
use super::resolve::Partners;
use super::results::{Index, IndexEntry};
use crate::document::{Rule, StageIndex};
use crate::sink::LedgerDetail;
use crate::sink::columns::{DATA, REJECTED, REMOVED, data_batch, rejected_batch, removed_batch};
use crate::sink::counts::{Counts, RuleCounts, add_rules};
use crate::sink::ledger::{LedgerEntry, in_batches};
use crate::sink::parquet::{EncodedRowGroup, RowGroup, RowGroupLimits, TableFile};
use crate::sink::row::Row;
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

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Removals whose kept copy is gone, by stage and rule.
    pub orphaned: BTreeMap<StageIndex, BTreeMap<Rule, RuleCounts>>,
}

impl Written {
    fn add(&mut self, entry: &LedgerEntry) {
        for row in entry.rows.iter().filter(|row| row.orphaned) {
            let (documents, blocks) = if row.block.is_none() { (1, 0) } else { (0, 1) };
            *self.orphaned.entry(row.stage).or_default().entry(row.rule).or_default() +=
                RuleCounts { documents, blocks, bytes: row.bytes, edits: 0 };
        }
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

    /// Writes the file at `path`, rows in the order of the corpus.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, job: &Job<'_>, path: &Path, key_values: &[(String, String)]) -> Result<Written, RunError> {
        let schema = match self {
            Self::Data(..) => &DATA,
            Self::Removed(..) => &REMOVED,
            Self::Rejected => &REJECTED,
        };
        let output = &job.plan.config.output;
        let mut file = TableFile::create(path, schema, output, key_values).map_err(RunError::parquet(path))?;
        let written = match self {
            Self::Data(split, shard, count) => {
                let groups = row_groups(job, "rows", Some(split), *shard, *count)?;
                write_groups(&mut file, path, &groups, |group, encoder| encode_data(job, group, encoder))
            }
            Self::Removed(..) if output.ledger == LedgerDetail::Counts => count_orphaned(job),
            Self::Removed(shard, count) => {
                let groups = row_groups(job, "ledger", None, *shard, *count)?;
                write_groups(&mut file, path, &groups, |group, encoder| encode_removed(job, group, encoder))
            }
            Self::Rejected => write_rejected(job, &mut file, path),
        }?;
        file.finish().map_err(RunError::parquet(path))?;
        Ok(written)
    }
}

/// Entries of one row group, each with its partition.
type Group = Vec<(usize, IndexEntry)>;

/// Encodes batches of a row group.
struct Encoder {
    group: RowGroup,
    path: PathBuf,
}

impl Encoder {
    fn write(&mut self, batch: Result<RecordBatch, ArrowError>) -> Result<(), RunError> {
        let batch = batch.map_err(|error| RunError::parquet(&self.path)(error.into()))?;
        self.group.write(&batch).map_err(RunError::parquet(&self.path))
    }
}

/// Rows are handed to the encoder in batches of at most this many bytes, so that memory stays bounded.
const BATCH_BYTES: u64 = 4 << 20;

/// And at most this many entries.
const BATCH_ENTRIES: usize = 1024;

/// And at most this many bytes of all their strings: ids and metadata can be large too, and a column of strings holds 2 GiB.
const BATCH_STRINGS: u64 = 64 << 20;

/// The entries of a shard, in order of position, cut into row groups.
fn row_groups(job: &Job<'_>, kind: &str, split: Option<&str>, shard: u64, count: u64) -> Result<Vec<Group>, RunError> {
    let mut limits = RowGroupLimits::new(&job.plan.config.output);
    let mut groups: Vec<Group> = Vec::new();
    for (partition, key) in job.results(job.last())?.iter().enumerate() {
        let path = job.store.path(*key, kind);
        let section = Blob::open(&path)?.section(1)?;
        let index: Index = decode(section.get(4..).unwrap_or_default(), &path)?;
        let wanted = split.map(|split| index.splits.iter().position(|name| name == split));
        let belongs = |entry: &&IndexEntry| {
            entry.shard(count) == shard && wanted.is_none_or(|split| split == Some(entry.split as usize))
        };
        for entry in index.entries.iter().filter(belongs) {
            if limits.begins_group(entry.rows, entry.bytes) {
                groups.push(Group::new());
            }
            groups.last_mut().into_iter().for_each(|group| group.push((partition, *entry)));
        }
        job.watch.advance(1);
    }
    Ok(groups)
}

/// Encodes as many row groups at once as there are threads, and appends them in order.
fn write_groups(
    file: &mut TableFile,
    path: &Path,
    groups: &[Group],
    encode: impl Fn(&Group, &mut Encoder) -> Result<Written, RunError> + Sync,
) -> Result<Written, RunError> {
    let mut written = Written::default();
    for some in groups.chunks(rayon::current_num_threads()) {
        let begun: Vec<(&Group, RowGroup)> = some
            .iter()
            .map(|group| Ok((group, file.row_group().map_err(RunError::parquet(path))?)))
            .collect::<Result<_, RunError>>()?;
        let encoded: Vec<(Written, EncodedRowGroup)> = begun
            .into_par_iter()
            .map(|(entries, group)| {
                let mut encoder = Encoder { group, path: path.to_owned() };
                let written = encode(entries, &mut encoder)?;
                Ok((written, encoder.group.close().map_err(RunError::parquet(path))?))
            })
            .collect::<Result<_, RunError>>()?;
        for (part, group) in encoded {
            add_rules(&mut written.orphaned, &part.orphaned);
            file.append(group).map_err(RunError::parquet(path))?;
        }
    }
    Ok(written)
}

fn encode_data(job: &Job<'_>, group: &Group, encoder: &mut Encoder) -> Result<Written, RunError> {
    for entries in group.chunk_by(|a, b| a.0 == b.0) {
        let path = job.store.path(job.result(job.last(), entries[0].0)?, "rows");
        let blob = Blob::open(&path)?;
        for batch in batches(entries) {
            let read = |(_, entry): &(usize, IndexEntry)| decode(&blob.range(0, entry.offset, entry.length)?, &path);
            let rows: Vec<Row> = batch.iter().map(read).collect::<Result<_, RunError>>()?;
            encoder.write(data_batch(&rows))?;
        }
    }
    Ok(Written::default())
}

fn encode_removed(job: &Job<'_>, group: &Group, encoder: &mut Encoder) -> Result<Written, RunError> {
    let names = job.plan.names();
    let mut written = Written::default();
    for entries in group.chunk_by(|a, b| a.0 == b.0) {
        let path = job.store.path(job.result(job.last(), entries[0].0)?, "ledger");
        let blob = Blob::open(&path)?;
        let partners = Partners::of(job, entries[0].0)?;
        for batch in batches(entries) {
            let mut ledger = Vec::new();
            for (_, entry) in batch {
                let mut entry: LedgerEntry = decode(&blob.range(0, entry.offset, entry.length)?, &path)?;
                partners.name(&mut entry);
                written.add(&entry);
                ledger.push(entry);
            }
            for ledger in in_batches(ledger, BATCH_STRINGS) {
                encoder.write(removed_batch(&ledger, &names))?;
            }
        }
    }
    Ok(written)
}

/// Where the config wants no rows in the ledger, removals whose kept copy is gone are counted all the same.
fn count_orphaned(job: &Job<'_>) -> Result<Written, RunError> {
    let mut written = Written::default();
    for (partition, key) in job.results(job.last())?.iter().enumerate() {
        let path = job.store.path(*key, "ledger");
        let partners = Partners::of(job, partition)?;
        let mut reader = Blob::open(&path)?.reader(0)?;
        while let Some(mut entry) = read_frame::<LedgerEntry>(&mut reader, &path)? {
            partners.name(&mut entry);
            written.add(&entry);
        }
    }
    Ok(written)
}

/// First what was refused before any record was read, then what the partitions refused.
fn write_rejected(job: &Job<'_>, file: &mut TableFile, path: &Path) -> Result<Written, RunError> {
    let mut limits = RowGroupLimits::new(&job.plan.config.output);
    let mut pending: Vec<Rejected> = Vec::new();
    let mut flush = |pending: &mut Vec<Rejected>| {
        if pending.is_empty() {
            return Ok(());
        }
        let group = file.row_group().map_err(RunError::parquet(path))?;
        let mut encoder = Encoder { group, path: path.to_owned() };
        encoder.write(rejected_batch(pending))?;
        pending.clear();
        file.append(encoder.group.close().map_err(RunError::parquet(path))?).map_err(RunError::parquet(path))
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
        job.watch.advance(1);
    }
    flush(&mut pending)?;
    Ok(Written::default())
}

/// Parts entries into batches by bytes and number.
fn batches(entries: &[(usize, IndexEntry)]) -> impl Iterator<Item = &[(usize, IndexEntry)]> {
    let mut rest = entries;
    std::iter::from_fn(move || {
        let (mut bytes, mut strings) = (0, 0);
        let fits = |(_, entry): &&(usize, IndexEntry)| {
            bytes += entry.bytes;
            strings += entry.length;
            bytes <= BATCH_BYTES && strings <= BATCH_STRINGS
        };
        let length = rest.iter().take(BATCH_ENTRIES).take_while(fits).count().max(1).min(rest.len());
        let (batch, others) = rest.split_at(length);
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}
