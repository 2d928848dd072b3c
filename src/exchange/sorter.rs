//! Sorts records of any number in bounded memory.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::merge::{HeldScan, Source, Stream};
use super::run::RunWriter;
use super::{ExchangeError, FAN_IN, KeyRange, Of, Record, Run, Scan};

/// Takes records in any order; what does not fit the memory goes into scratch files.
pub struct Sorter<R> {
    /// Folder of the scratch files. They have no name, so none is left over.
    scratch: PathBuf,
    limit: usize,
    held: Held,
    /// What was put into scratch files, in the order in which it was pushed, each with how often it was merged.
    spilled: Vec<(u32, Arc<Run>)>,
    records: Of<R>,
}

/// Sorted records, to be read any number of times.
pub struct Sorted<R> {
    held: Vec<Held>,
    spilled: Vec<Arc<Run>>,
    records: Of<R>,
}

/// Records in memory.
#[derive(Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The first eight bytes of the key, as a number that sorts as they do.
    prefix: u64,
    start: usize,
    key: u32,
    value: u32,
}

/// Bytes that an entry takes while entries are sorted.
const ENTRY_BYTES: usize = size_of::<Entry>() * 3 / 2;

impl<R: Record> Sorter<R> {
    /// A sorter that holds about `memory` bytes and puts scratch files into the folder `scratch`.
    #[must_use]
    pub fn new(scratch: PathBuf, memory: u64) -> Self {
        let limit = usize::try_from(memory).unwrap_or(usize::MAX);
        Self { scratch, limit, held: Held::default(), spilled: Vec::new(), records: Of::default() }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(&mut self, record: &R) -> Result<(), ExchangeError> {
        self.held.push(|bytes| record.key(bytes), |bytes| record.put(bytes));
        self.keep_to_limit()
    }

    /// Adds a record of which key and value are written already.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push_bytes(&mut self, key: &[u8], value: &[u8]) -> Result<(), ExchangeError> {
        self.held.push(|bytes| bytes.extend_from_slice(key), |bytes| bytes.extend_from_slice(value));
        self.keep_to_limit()
    }

    /// Adds all records that `scan` gives.
    ///
    /// # Errors
    /// If the disk refuses or a file is damaged.
    pub fn take(&mut self, mut scan: Scan) -> Result<(), ExchangeError> {
        while scan.advance()? {
            self.push_bytes(scan.key(), scan.value())?;
        }
        Ok(())
    }

    /// Adds the records of `range` of the runs at `paths`, of which one is open at a time.
    ///
    /// # Errors
    /// If the disk refuses or a file is damaged.
    pub fn gather(&mut self, paths: impl IntoIterator<Item = PathBuf>, range: &KeyRange) -> Result<(), ExchangeError> {
        paths.into_iter().try_for_each(|path| self.take(Arc::new(Run::open(&path)?).scan(range.clone())))
    }

    /// All records, sorted.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn sort(mut self) -> Result<Sorted<R>, ExchangeError> {
        // What is in memory counts as one run.
        while self.spilled.len() >= FAN_IN {
            let last = self.spilled.len() - FAN_IN / 2;
            self.merge_from(last)?;
        }
        self.held.sort();
        let spilled = self.spilled.into_iter().map(|(_, run)| run).collect();
        Ok(Sorted { held: vec![self.held], spilled, records: Of::default() })
    }

    fn keep_to_limit(&mut self) -> Result<(), ExchangeError> {
        if self.held.memory() < self.limit {
            return Ok(());
        }
        self.held.sort();
        let held = [Source::Held(self.held.all())];
        let bytes = self.held.bytes.len() as u64;
        let run = write_scratch::<R>(&self.scratch, Stream::of(held.into()), bytes)?;
        self.held.clear();
        self.spilled.push((0, run));
        // Runs that were merged equally often lie beside each other, the last at the end.
        while let Some((level, _)) = self.spilled.last() {
            let same = self.spilled.iter().rev().take_while(|(other, _)| other == level).count();
            if same < FAN_IN {
                break;
            }
            self.merge_from(self.spilled.len() - same)?;
        }
        Ok(())
    }

    /// Merges the runs from number `first` on into one.
    fn merge_from(&mut self, first: usize) -> Result<(), ExchangeError> {
        let runs = self.spilled.split_off(first);
        let level = runs.iter().map(|(level, _)| level + 1).max().unwrap_or_default();
        let bytes = runs.iter().map(|(_, run)| run.bytes()).sum();
        let scans = runs.iter().map(|(_, run)| Source::Run(Box::new(run.scan(KeyRange::default())))).collect();
        self.spilled.push((level, write_scratch::<R>(&self.scratch, Stream::of(scans), bytes)?));
        Ok(())
    }
}

impl<R: Record> Sorted<R> {
    /// All records of some sorters. Those of one key may come in any order.
    #[must_use]
    pub fn joined(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self { held: Vec::new(), spilled: Vec::new(), records: Of::default() };
        for part in parts {
            all.held.extend(part.held);
            all.spilled.extend(part.spilled);
        }
        all
    }

    /// Reads all records.
    #[must_use]
    pub fn stream(&self) -> Stream<'_, R> {
        self.range(&KeyRange::default())
    }

    /// Reads the records whose keys lie in `range`.
    #[must_use]
    pub fn range(&self, range: &KeyRange) -> Stream<'_, R> {
        let scans = self.spilled.iter().map(|run| Source::Run(Box::new(run.scan(range.clone()))));
        let held = self.held.iter().map(|held| Source::Held(held.range(range)));
        Stream::of(scans.chain(held).collect())
    }

    /// All records as one run without a name.
    pub(super) fn into_run(self, folder: &Path) -> Result<Run, ExchangeError> {
        let file = tempfile::tempfile_in(folder).map_err(ExchangeError::io("write in", folder))?;
        Run::of_file(self.write(file, folder)?, folder)
    }

    /// How many scratch files hold records.
    #[cfg(test)]
    pub(super) fn runs(&self) -> usize {
        self.spilled.len()
    }

    /// Writes all records as one run into `file`, which stands at `path`; gives the file back.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write<W: Write>(&self, file: W, path: &Path) -> Result<W, ExchangeError> {
        let held = self.held.iter().map(|held| held.bytes.len() as u64).sum::<u64>();
        let spilled: u64 = self.spilled.iter().map(|run| run.bytes()).sum();
        write(file, path, self.stream(), spilled + held)
    }
}

fn write_scratch<R: Record>(folder: &Path, stream: Stream<'_, R>, bytes: u64) -> Result<Arc<Run>, ExchangeError> {
    let file = tempfile::tempfile_in(folder).map_err(ExchangeError::io("write in", folder))?;
    let file = write(file, folder, stream, bytes)?;
    Run::of_file(file, folder).map(Arc::new)
}

fn write<R: Record, W: Write>(file: W, path: &Path, mut stream: Stream<'_, R>, bytes: u64) -> Result<W, ExchangeError> {
    let mut writer = RunWriter::new(file, path, bytes);
    while stream.advance()? {
        let (key, value) = stream.current();
        writer.push(key, value)?;
    }
    writer.finish()
}

impl Held {
    fn push(&mut self, key: impl FnOnce(&mut Vec<u8>), value: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        key(&mut self.bytes);
        let middle = self.bytes.len();
        value(&mut self.bytes);
        let prefix = prefix(self.bytes.get(start..middle).unwrap_or_default());
        let (key, value) = ((middle - start) as u32, (self.bytes.len() - middle) as u32);
        self.entries.push(Entry { prefix, start, key, value });
    }

    fn memory(&self) -> usize {
        self.bytes.len() + self.entries.len() * ENTRY_BYTES
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Stable, and quick where runs of records are sorted already.
    fn sort(&mut self) {
        let bytes = &self.bytes;
        self.entries.sort_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| a.key(bytes).cmp(b.key(bytes))));
    }

    fn all(&self) -> HeldScan<'_> {
        HeldScan { held: self, next: 0, end: self.entries.len() }
    }

    fn range(&self, range: &KeyRange) -> HeldScan<'_> {
        let before = |key: &[u8]| self.entries.partition_point(|entry| entry.key(&self.bytes) < key);
        let next = before(&range.from);
        let end = range.to.as_ref().map_or(self.entries.len(), |to| before(to).max(next));
        HeldScan { held: self, next, end }
    }

    pub(super) fn key(&self, number: usize) -> &[u8] {
        self.entries.get(number).map_or(&[], |entry| entry.key(&self.bytes))
    }

    pub(super) fn value(&self, number: usize) -> &[u8] {
        let range = |entry: &Entry| {
            let start = entry.start + entry.key as usize;
            start..start + entry.value as usize
        };
        self.entries.get(number).and_then(|entry| self.bytes.get(range(entry))).unwrap_or_default()
    }
}

impl Entry {
    fn key<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.start..self.start + self.key as usize).unwrap_or_default()
    }
}

fn prefix(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(first)
}
