//! Fills Parquet files: the rows of some tables, gathered from all partitions, in the order of the corpus.
//!
//! What the partitions left is sorted by shard. One reading gathers what belongs to all tables of a part and sorts it by table
//! and place in the corpus; then row groups are encoded side by side and appended in order.

use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::batches::{BATCH_STRINGS, Weigh, batches};
use super::encoder::Encoder;
use super::error::RunError;
use super::job::Job;
use super::parts::{Meter, WRITE};
use super::rank::Rank;
use super::resolve::{EntryPlace, Orphans, Resolved, name_kept_copies};
use super::results::{LEDGER, ROWS, decode_measured, place_of_row, put_split, shard_of};
use super::shard::Table;
use super::task::Task;
use crate::exchange::{KeyRange, Record, Run, Sorted, Sorter, Stream, take_array};
use crate::sink::columns::{Names, REMOVED, removed_batch};
use crate::sink::layout::Layout;
use crate::sink::ledger::{LedgerEntry, in_batches};
use crate::sink::parquet::RowGroupLimits;
use crate::sink::row::Row;
use crate::sink::table::{EncodedRowGroup, TableFile};
use crate::sink::written::Written;
use crate::sink::{DataFormat, LedgerDetail};
use crate::storage::Temporary;

/// Consecutive shards of one split, or of the ledger.
struct Shards {
    /// The first one's number among the tables.
    table: u32,
    /// What the keys begin with.
    prefix: Vec<u8>,
    shards: Range<u64>,
    of: u64,
    is_ledger: bool,
}

/// Something that belongs to a table, as it was read.
struct Placed {
    table: u32,
    rank: Rank,
    kind: Kind,
    /// An [`EntryPlace`], then the value.
    bytes: Vec<u8>,
}

/// What is told of a document comes before the entry of the ledger that needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Resolved,
    Main,
}

impl Record for Placed {
    fn key(&self, out: &mut Vec<u8>) {
        put_place(out, self.table, self.rank, self.kind);
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }

    fn read(mut key: &[u8], value: &[u8]) -> Option<Self> {
        let table = u32::from_be_bytes(take_array(&mut key)?);
        let (kind, rank) = key.split_last()?;
        let kind = if *kind == Kind::Resolved as u8 { Kind::Resolved } else { Kind::Main };
        Some(Self { table, rank: Rank::read(rank)?, kind, bytes: value.to_vec() })
    }
}

fn put_place(out: &mut Vec<u8>, table: u32, rank: Rank, kind: Kind) {
    out.extend_from_slice(&table.to_be_bytes());
    rank.put(out);
    out.push(kind as u8);
}

/// Writes `tables`, which follow each other among all tables, into `files`. Gives each file back with what was counted as it
/// was written; the table of what was rejected is none of these, and its file stays empty.
///
/// # Errors
/// If the disk refuses.
pub fn fill(
    job: &Job<'_>,
    tables: &[Table],
    files: Vec<Temporary>,
    key_values: &[(String, String)],
) -> Result<Vec<(Temporary, Written)>, RunError> {
    let (sorted, bytes) = gather(job, &shards_of(tables))?;
    let mut meter = Meter::new(job.watch, WRITE);
    let mut stream = sorted.stream();
    let mut filling = Filling::new(job, tables, files, key_values);
    let threads = rayon::current_num_threads();
    let most = job.memory.0.saturating_mul(threads as u64) / 2;
    let (mut groups, mut held, mut current) = (Vec::<Group>::new(), 0, None);
    let mut limits = RowGroupLimits::new(&job.plan.config.output);
    while let Some((table, item)) = next_item(job, &mut stream)? {
        if current.replace(table) != Some(table) {
            limits = RowGroupLimits::new(&job.plan.config.output);
        }
        if limits.begins_group(item.rows, item.size) {
            if groups.len() >= threads || held > most {
                filling.append(&mem::take(&mut groups))?;
                meter.advance(WRITE.saturating_mul(held) / bytes.max(1));
                held = 0;
            }
            groups.push(Group { table, items: Vec::new() });
        }
        held += item.value.len() as u64;
        if let Some(group) = groups.last_mut() {
            group.items.push(item);
        }
    }
    filling.append(&groups)?;
    meter.finish();
    filling.finish()
}

/// The shards among some tables, those together that follow each other.
fn shards_of(tables: &[Table]) -> Vec<Shards> {
    let mut all: Vec<Shards> = Vec::new();
    for (number, table) in (0..).zip(tables) {
        let mut prefix = Vec::new();
        let (shard, of, is_ledger) = match table {
            Table::Data(split, shard, of) => {
                put_split(&mut prefix, split);
                (*shard, *of, false)
            }
            Table::Removed(shard, of) => (*shard, *of, true),
            Table::Rejected => continue,
        };
        match all.last_mut() {
            Some(last) if last.is_ledger == is_ledger && last.prefix == prefix => last.shards.end = shard + 1,
            _ => all.push(Shards { table: number, prefix, shards: shard..shard + 1, of, is_ledger }),
        }
    }
    all
}

/// Gathers what belongs to some shards, sorted by table and place in the corpus; tells how many bytes that is.
fn gather(job: &Job<'_>, all: &[Shards]) -> Result<(Sorted<Placed>, u64), RunError> {
    let mut inputs = Vec::new();
    for key in job.results(job.last())? {
        let kind = |shards: &Shards| if shards.is_ledger { LEDGER } else { ROWS };
        inputs.extend(all.iter().map(|shards| (job.store.path(*key, kind(shards)), shards, Kind::Main)));
    }
    for shards in all.iter().filter(|shards| shards.is_ledger) {
        for (range, key) in job.keys.resolves.iter().enumerate() {
            job.store.receipt::<Orphans>(*key).ok_or_else(|| job.not_ready(Task::Resolve { range }))?;
            inputs.push((job.store.path(*key, "resolved"), shards, Kind::Resolved));
        }
    }
    let some = inputs.len().div_ceil(rayon::current_num_threads()).max(1);
    let (taken, of, bytes) = (AtomicU64::new(0), inputs.len() as u64, AtomicU64::new(0));
    let sorted = inputs.par_chunks(some).map(|inputs| {
        let mut sorter = job.sorter(2);
        for (path, shards, kind) in inputs {
            bytes.fetch_add(take(job, &mut sorter, path, shards, *kind)?, Ordering::Relaxed);
            let before = taken.fetch_add(1, Ordering::Relaxed);
            job.watch.advance(WRITE * (before + 1) / of - WRITE * before / of);
        }
        Ok(sorter.sort()?)
    });
    Ok((Sorted::joined(sorted.collect::<Result<Vec<_>, RunError>>()?), bytes.into_inner()))
}

/// Takes what belongs to `shards` out of the file at `path`; gives its bytes.
fn take(job: &Job<'_>, sorter: &mut Sorter<Placed>, path: &Path, shards: &Shards, kind: Kind) -> Result<u64, RunError> {
    let range = KeyRange::part(&shards.prefix, shards.shards.clone(), shards.of);
    let mut scan = Arc::new(Run::open(path)?).scan(range);
    let (mut key, mut value, mut bytes) = (Vec::new(), Vec::new(), 0);
    while scan.advance()? {
        let mut rest = scan.key();
        let place = if shards.is_ledger { EntryPlace::take(&mut rest) } else { place_of_row(rest) };
        let place = place.ok_or_else(|| RunError::damaged(path, "a record belongs nowhere"))?;
        let shard = shard_of(place.hash, shards.of).saturating_sub(shards.shards.start);
        key.clear();
        put_place(&mut key, shards.table + shard as u32, job.rank(place.position)?, kind);
        value.clear();
        place.put(&mut value);
        value.extend_from_slice(scan.value());
        bytes += value.len() as u64;
        sorter.push_bytes(&key, &value)?;
    }
    Ok(bytes)
}

/// A row, or an entry of the ledger, as it goes into a row group.
struct Item {
    place: EntryPlace,
    rows: u64,
    size: u64,
    value: Vec<u8>,
    /// What an entry of the ledger is told of the documents to which it refers.
    resolved: Vec<Resolved>,
}

impl Weigh for Item {
    fn size(&self) -> u64 {
        self.size
    }

    fn strings(&self) -> u64 {
        self.value.len() as u64
    }
}

/// Items that become one row group.
struct Group {
    /// Its table's number.
    table: u32,
    items: Vec<Item>,
}

fn next_item(job: &Job<'_>, stream: &mut Stream<'_, Placed>) -> Result<Option<(u32, Item)>, RunError> {
    let damaged = || RunError::damaged(job.store.scratch(), "a row or an entry of the ledger is none");
    let mut resolved = Vec::new();
    while let Some(Placed { table, kind, bytes, .. }) = stream.next()? {
        let mut rest = bytes.as_slice();
        let place = EntryPlace::take(&mut rest).ok_or_else(damaged)?;
        let (key, value) = bytes.split_at(bytes.len() - rest.len());
        if kind == Kind::Resolved {
            resolved.push(Resolved::read(key, value).ok_or_else(damaged)?);
            continue;
        }
        let (rows, size, value) = decode_measured(value).ok_or_else(damaged)?;
        return Ok(Some((table, Item { place, rows, size, value: value.to_vec(), resolved })));
    }
    Ok(None)
}

/// Tables that are being written.
struct Filling<'a> {
    job: &'a Job<'a>,
    tables: &'a [Table],
    /// Where their files lie until they are placed.
    paths: Vec<PathBuf>,
    key_values: &'a [(String, String)],
    names: Names,
    layout: Layout,
    /// Files that nothing is being written into: not begun yet, or finished.
    files: Vec<Option<Temporary>>,
    /// Begun and not finished, by number.
    open: BTreeMap<u32, TableFile>,
    /// Number of the first table that is not begun.
    next: u32,
    written: Vec<Written>,
}

impl<'a> Filling<'a> {
    fn new(job: &'a Job<'a>, tables: &'a [Table], files: Vec<Temporary>, key_values: &'a [(String, String)]) -> Self {
        let written = vec![Written::default(); tables.len()];
        let (names, open) = (job.plan.names(), BTreeMap::new());
        let layout = Layout::new(&job.plan.config.output);
        let paths = files.iter().map(|file| file.path().to_owned()).collect();
        let files = files.into_iter().map(Some).collect();
        Self { job, tables, paths, key_values, names, layout, files, open, next: 0, written }
    }

    /// Encodes row groups side by side and appends them, in the order of their tables and rows.
    fn append(&mut self, groups: &[Group]) -> Result<(), RunError> {
        let Some(last) = groups.last() else { return Ok(()) };
        self.begin_to(last.table)?;
        let mut begun = Vec::new();
        for group in groups {
            let has_rows = self.has_rows(group.table);
            let file = self.open.get_mut(&group.table).filter(|_| has_rows);
            let encoder = file.map(|file| Encoder::begin(file, &self.paths[group.table as usize])).transpose()?;
            begun.push((group, encoder));
        }
        let (names, layout, tables) = (&self.names, &self.layout, self.tables);
        let encode = |(group, encoder): (&Group, Option<Encoder<'_>>)| match &tables[group.table as usize] {
            Table::Data(split, ..) => encode_data(split, group, encoder, layout),
            _ => encode_removed(group, encoder, names),
        };
        let encoded: Vec<_> = begun.into_par_iter().map(encode).collect::<Result<_, RunError>>()?;
        for (group, (written, encoded)) in groups.iter().zip(encoded) {
            self.written[group.table as usize] += &written;
            if let (Some(file), Some(encoded)) = (self.open.get_mut(&group.table), encoded) {
                file.append(encoded).map_err(RunError::parquet(&self.paths[group.table as usize]))?;
            }
        }
        let unfinished = self.open.split_off(&last.table);
        let finished = mem::replace(&mut self.open, unfinished);
        self.end(finished)
    }

    /// Finishes all tables, those without a row as well.
    fn finish(mut self) -> Result<Vec<(Temporary, Written)>, RunError> {
        if let Some(last) = self.tables.len().checked_sub(1) {
            self.begin_to(last as u32)?;
        }
        let finished = mem::take(&mut self.open);
        self.end(finished)?;
        Ok(self.files.into_iter().flatten().zip(self.written).collect())
    }

    /// Begins all tables up to number `last`.
    fn begin_to(&mut self, last: u32) -> Result<(), RunError> {
        for number in self.next..=last {
            let (table, path) = (&self.tables[number as usize], &self.paths[number as usize]);
            let output = &self.job.plan.config.output;
            let (schema, format, own) = match table {
                Table::Data(..) => (&self.layout.schema, output.format, self.layout.key_value()),
                Table::Removed(..) => (&*REMOVED, DataFormat::Parquet, None),
                Table::Rejected => continue,
            };
            let Some(file) = self.files[number as usize].take() else { continue };
            let key_values: Vec<_> = self.key_values.iter().cloned().chain(own).collect();
            let file = TableFile::begin(file, schema, format, output, &key_values).map_err(RunError::parquet(path))?;
            self.open.insert(number, file);
        }
        self.next = self.next.max(last + 1);
        Ok(())
    }

    fn end(&mut self, tables: BTreeMap<u32, TableFile>) -> Result<(), RunError> {
        let paths = &self.paths;
        let end = |(number, table): (u32, TableFile)| {
            Ok((number, table.finish().map_err(RunError::parquet(&paths[number as usize]))?))
        };
        let ended: Vec<(u32, Temporary)> = tables.into_par_iter().map(end).collect::<Result<_, RunError>>()?;
        ended.into_iter().for_each(|(number, file)| self.files[number as usize] = Some(file));
        Ok(())
    }

    /// The config may want no rows in the ledger.
    fn has_rows(&self, table: u32) -> bool {
        let counts_only = self.job.plan.config.output.ledger == LedgerDetail::Counts;
        !(counts_only && matches!(self.tables[table as usize], Table::Removed(..)))
    }
}

/// What a group was counted as, and the row group if there is to be one.
type Encoded = (Written, Option<EncodedRowGroup>);

fn encode_data(split: &str, group: &Group, encoder: Option<Encoder<'_>>, layout: &Layout) -> Result<Encoded, RunError> {
    let mut written = Written::default();
    let Some(mut encoder) = encoder else { return Ok(Encoded::default()) };
    for batch in batches(&group.items) {
        let rows: Vec<Row> = batch.iter().map(|item| decode(item, encoder.path())).collect::<Result<_, RunError>>()?;
        encoder.write(layout.batch(&rows))?;
        rows.iter().for_each(|row| written.add_row(split, row));
    }
    Ok((written, Some(encoder.close()?)))
}

fn encode_removed(group: &Group, mut encoder: Option<Encoder<'_>>, names: &Names) -> Result<Encoded, RunError> {
    let mut written = Written::default();
    for batch in batches(&group.items) {
        let mut ledger = Vec::new();
        for item in batch {
            let mut entry: LedgerEntry = decode(item, "the ledger".as_ref())?;
            name_kept_copies(&mut entry, item.place.position, &item.resolved);
            written.add_entry(&entry);
            ledger.push(entry);
        }
        if let Some(encoder) = &mut encoder {
            in_batches(ledger, BATCH_STRINGS)
                .into_iter()
                .try_for_each(|ledger| encoder.write(removed_batch(&ledger, names)))?;
        }
    }
    Ok((written, encoder.map(Encoder::close).transpose()?))
}

fn decode<T: serde::de::DeserializeOwned>(item: &Item, path: &Path) -> Result<T, RunError> {
    postcard::from_bytes(&item.value).map_err(|error| RunError::damaged(path, error))
}
