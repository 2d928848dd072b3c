//! A build in progress: the plan, the inputs, the partitions, the keys of all tasks, and the store with what they made.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::blob::BlobWriter;
use super::cut::{Ahead, Partition, partitions, read_ahead};
use super::error::{ErrorKind, RunError};
use super::inputs::Inputs;
use super::store::{Key, Store};
use super::task::{Keys, Task};
use super::watch::Watch;
use crate::document::Position;
use crate::plan::Plan;
use crate::text::size::ByteSize;

/// What every task of a build may look at.
pub struct Job<'a> {
    /// The pipeline.
    pub plan: &'a Plan,
    /// The files.
    pub inputs: &'a Inputs,
    /// The runs of inputs, in the order of the corpus.
    pub partitions: Vec<Partition>,
    /// The files that are read ahead of the partitions that have runs of them.
    pub ahead: Vec<Ahead>,
    /// The keys of all tasks.
    pub keys: Keys,
    /// What tasks made.
    pub store: &'a Store,
    /// Roughly the memory that a task may take for notes and decisions.
    pub memory: ByteSize,
    /// Clock and progress.
    pub watch: &'a dyn Watch,
    /// Where each partition begins in each of its files, sorted by file and record.
    directory: Vec<Begin>,
    /// For each segment, once it is done, under which key the results of each partition lie.
    results: Vec<OnceLock<Vec<Key>>>,
}

/// Where a partition begins in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Begin {
    file: u64,
    record: u64,
    /// Number of the file among the inputs.
    index: u32,
    source: u32,
}

impl<'a> Job<'a> {
    /// A build of `plan` over `inputs`.
    #[must_use]
    pub fn new(plan: &'a Plan, inputs: &'a Inputs, store: &'a Store, memory: ByteSize, watch: &'a dyn Watch) -> Self {
        let partitions = partitions(&inputs.files, &inputs.slices, inputs.partition_size);
        let keys = Keys::new(plan, inputs, &partitions);
        let begins = |partition: &Partition| {
            let mut begins: BTreeMap<u32, Begin> = BTreeMap::new();
            for (index, slice) in &partition.slices {
                let file = &inputs.files[*index as usize];
                let (index, record, source) = (*index, slice.first_record, file.source);
                let begin = || Begin { file: file.key(), record, index, source };
                begins.entry(index).or_insert_with(begin);
            }
            begins.into_values()
        };
        let mut directory: Vec<Begin> = partitions.iter().flat_map(begins).collect();
        directory.sort_unstable();
        let results = plan.segments.iter().map(|_| OnceLock::new()).collect();
        let ahead = read_ahead(&partitions);
        Self { plan, inputs, partitions, ahead, keys, store, memory, watch, directory, results }
    }

    /// Begins a file of the store.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn create(&self, key: Key, kind: &str) -> Result<BlobWriter, RunError> {
        BlobWriter::create(self.store.path(key, kind), self.store)
    }

    /// Index of the `[[source]]` that `position` is from.
    #[must_use]
    pub fn source_of(&self, position: Position) -> u32 {
        self.find(position).expect("each document comes from a partition, and all partitions are listed").source
    }

    /// Number of the input that holds `position`.
    #[must_use]
    pub fn file_of(&self, position: Position) -> Option<u32> {
        self.find(position).filter(|begin| begin.file == position.file).map(|begin| begin.index)
    }

    fn find(&self, position: Position) -> Option<Begin> {
        let holds = |begin: &Begin| (begin.file, begin.record) <= (position.file, position.record);
        let after = self.directory.partition_point(holds);
        after.checked_sub(1).and_then(|before| self.directory.get(before)).copied()
    }

    /// Under which key the results of a partition's passage through a segment lie.
    ///
    /// # Errors
    /// If that task is not done.
    pub fn result(&self, segment: usize, index: usize) -> Result<Key, RunError> {
        if let Some(results) = self.results[segment].get() {
            return Ok(results[index]);
        }
        let key = self.keys.partitions[segment][index];
        self.store.receipt(key).ok_or_else(|| self.not_ready(Task::Partition { segment, index }))
    }

    /// The same of all partitions.
    ///
    /// # Errors
    /// If any of those tasks is not done.
    pub fn results(&self, segment: usize) -> Result<&[Key], RunError> {
        if let Some(results) = self.results[segment].get() {
            return Ok(results);
        }
        let passed: Option<Vec<Key>> = self.store.receipt(self.keys.passed[segment]);
        let results = match passed.filter(|results| results.len() == self.partitions.len()) {
            Some(results) => results,
            None => (0..self.partitions.len()).map(|index| self.result(segment, index)).collect::<Result<_, _>>()?,
        };
        Ok(self.results[segment].get_or_init(|| results))
    }

    /// The number of the last segment.
    #[must_use]
    pub fn last(&self) -> usize {
        self.plan.segments.len() - 1
    }

    /// The error for a task that should have been done.
    #[must_use]
    pub fn not_ready(&self, needed: Task) -> RunError {
        ErrorKind::NotReady { needed: self.keys.name(needed) }.into()
    }
}
