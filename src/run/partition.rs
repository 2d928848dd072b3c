//! The task that takes one partition through one segment of the pipeline.

use std::io::Read;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ahead;
use super::blob::{BlobWriter, unreadable};
use super::cut::Partition;
use super::documents::{self, Documents};
use super::error::{ErrorKind, RunError};
use super::job::Job;
use super::notes::{Decided, Observed, Pending, decisions, put_decision};
use super::parts::Meter;
use super::refused::Refused;
use super::results::ResultWriter;
use super::store::{Key, OUTCOME};
use super::walk::Walk;
use super::whole;
use crate::document::{Block, Document};
use crate::exchange::{Sorted, Sorter};
use crate::plan::Step;
use crate::sink::counts::Counts;
use crate::sink::written::Read as Reader;
use crate::source::{self, FileKind, Item, Rejected};
use crate::stage::{MOST_PAYLOAD, Note};
use crate::text::hash;

/// What a partition's passage through a segment came to, beside its files.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Filled by the last segment, but for what was rejected, which the first fills.
    pub counts: Counts,
    /// Bytes of the ledger's rows; filled by the last segment.
    pub ledger_bytes: u64,
    /// What the reader gave; filled by the first segment.
    pub read: Reader,
    /// Documents that the segment passed on.
    pub documents: u64,
    /// Notes that each stage wrote which observes at the segment's end.
    pub notes: Vec<u64>,
    /// What could not be read; filled by the first segment.
    pub refused: Refused,
}

/// Time that went into a task.
#[derive(Debug, Clone, Default)]
pub struct Effort {
    /// Nanoseconds in each stage; empty if none ran.
    pub stages: Vec<u64>,
    /// Nanoseconds spent reading, parsing and decoding.
    pub read: u64,
}

/// Takes partition `index` through `segment`: reads its documents, applies what was decided, runs the local stages, lets
/// the next global stages observe, and writes documents and notes, or the results if this is the last segment.
///
/// What is written lies under a key of its own, of the documents that came in and the decisions about them: where others
/// decided alike before, nothing is done, and there is no effort to tell of.
///
/// # Errors
/// If the disk refuses, or an input changed meanwhile: bad input becomes a rejected row.
pub fn run_partition(job: &Job<'_>, segment: usize, index: usize) -> Result<Option<Effort>, RunError> {
    let task = job.keys.partitions[segment][index];
    let applies = gather(job, segment, index)?;
    let before = segment.checked_sub(1).map(|before| job.result(before, index)).transpose()?;
    let result = match before {
        None => task,
        Some(before) => Key::of(&("result", job.keys.segments[segment], before, digest(&applies)?)),
    };
    let mut effort = None;
    if !whole::has_passed(job, segment, result) {
        effort = Some(pass(job, segment, index, &applies, before, result)?);
    } else {
        job.watch.advance(job.partitions[index].bytes);
    }
    job.store.record(task, &result)?;
    Ok(effort)
}

/// What a stage decided about a partition.
type Applied = (Step, Sorted<Decided>);

/// What was decided about a partition by the stages at the end of the segment before.
fn gather(job: &Job<'_>, segment: usize, index: usize) -> Result<Vec<Applied>, RunError> {
    let applies = job.plan.segments[segment].applies.iter().enumerate();
    applies.map(|(observer, step)| Ok((*step, decisions(job, segment - 1, observer, index)?))).collect()
}

fn digest(applies: &[Applied]) -> Result<String, RunError> {
    let mut digest = Sha256::new();
    let mut record = Vec::new();
    for (_, decisions) in applies {
        let (mut decisions, mut count) = (decisions.stream(), 0u64);
        while let Some(decided) = decisions.next()? {
            record.clear();
            put_decision(&mut record, &decided.decision);
            digest.update(&record);
            count += 1;
        }
        digest.update(count.to_le_bytes());
    }
    Ok(hash::hex(&digest.finalize()))
}

fn pass(
    job: &Job<'_>,
    segment: usize,
    index: usize,
    applies: &[Applied],
    before: Option<Key>,
    result: Key,
) -> Result<Effort, RunError> {
    let mut pass = Pass::begin(job, segment, applies, result)?;
    let partition = &job.partitions[index];
    let mut meter = Meter::new(job.watch, partition.bytes);
    match before {
        None => pass.read_inputs(partition, &mut meter)?,
        Some(_) => {
            let mut documents = Documents::open(job, segment, index)?;
            while let Some(document) = documents.next()? {
                let bytes = document.blocks().map(Block::bytes).sum();
                pass.document(document)?;
                meter.advance(bytes);
            }
        }
    }
    meter.finish();
    pass.finish()
}

/// A partition on its way through a segment.
struct Pass<'a> {
    job: &'a Job<'a>,
    segment: usize,
    result: Key,
    /// What was decided about this partition by each stage that applies.
    applies: Vec<(Step, Pending<'a>)>,
    walk: Walk<'a>,
    sink: Sink<'a>,
    notes: Option<Sorter<Observed>>,
    /// Only the first segment rejects.
    rejected: Option<BlobWriter>,
    outcome: Outcome,
    read_nanos: u64,
    frame: Vec<u8>,
}

/// Where a segment's documents go.
enum Sink<'a> {
    /// To the next segment: whole documents from the first one, what changed from each other.
    Documents(BlobWriter),
    /// To the shards and the ledger.
    Results(Box<ResultWriter<'a>>),
}

impl<'a> Pass<'a> {
    fn begin(job: &'a Job<'a>, segment: usize, applies: &'a [Applied], result: Key) -> Result<Self, RunError> {
        let plan = &job.plan.segments[segment];
        let sink = if segment == job.last() {
            Sink::Results(Box::new(ResultWriter::new(job, result)))
        } else {
            Sink::Documents(job.create(result, "documents")?)
        };
        let observers = plan.observes.len();
        let notes = (observers > 0).then(|| job.sorter(4));
        let pending = |(step, decisions): &'a Applied| Ok((*step, Pending::new(decisions)?));
        let applies = applies.iter().map(pending).collect::<Result<_, RunError>>()?;
        let rejected = (segment == 0).then(|| job.create(result, "rejected")).transpose()?;
        let walk = Walk::new(job.plan, job.watch);
        let outcome = Outcome { notes: vec![0; observers], ..Outcome::default() };
        Ok(Self {
            job,
            segment,
            result,
            applies,
            walk,
            sink,
            notes,
            rejected,
            outcome,
            read_nanos: 0,
            frame: Vec::new(),
        })
    }

    fn read_inputs(&mut self, partition: &Partition, meter: &mut Meter<'_>) -> Result<(), RunError> {
        let job = self.job;
        let mut since = job.watch.nanos();
        for (file_index, slice) in &partition.slices {
            let file = &job.inputs.files[*file_index as usize];
            let config = &job.plan.config.source[file.source as usize];
            let mut each = |item: Item| {
                self.read_nanos += self.job.watch.nanos() - since;
                let bytes = item.bytes();
                match item {
                    Item::Document { document, .. } => {
                        self.outcome.read.add(&document);
                        self.document(document)?;
                    }
                    Item::Rejected(rejected) => self.reject(&rejected)?,
                }
                meter.advance(bytes);
                since = self.job.watch.nanos();
                Ok::<(), RunError>(())
            };
            if slice.is_run() {
                ahead::each_item(job, *file_index, slice, &mut each)?;
                continue;
            }
            source::read(config, file, slice, &mut each)?;
            // What was made of the bytes is kept under their digest, so they must still be the same.
            let unchanged = source::is_unchanged(file, slice).map_err(RunError::io("read", &file.path))?;
            // Of a Parquet file the bytes are not read again.
            let looks_the_same = file.kind != FileKind::Parquet || self.job.inputs.looks_the_same(*file_index);
            if !unchanged || !looks_the_same {
                return Err(ErrorKind::Changed { input: file.name.to_string() }.into());
            }
        }
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected) -> Result<(), RunError> {
        self.outcome.counts.add_rejected(rejected);
        self.outcome.refused.add(rejected);
        match &mut self.rejected {
            Some(blob) => write_frame(blob, &mut self.frame, rejected),
            None => Ok(()),
        }
    }

    fn document(&mut self, mut document: Document) -> Result<(), RunError> {
        if !self.applies.is_empty() {
            let (position, mut about) = (document.position(), Vec::new());
            let rank = self.job.rank(position)?;
            for (step, pending) in &mut self.applies {
                pending.about(position, rank, &mut about)?;
                self.walk.take_in(*step, &mut document, &about);
            }
        }
        self.walk.run(self.segment, &mut document);
        if let Some(notes) = &mut self.notes {
            let (job, segment, counts, mut written) = (self.job, self.segment, &mut self.outcome.notes, Ok(()));
            self.walk.observe(segment, &document, |observer, note| {
                counts[observer] += 1;
                if written.is_ok() {
                    written = keep(job, segment, notes, observer, note);
                }
            });
            written?;
        }
        self.outcome.documents += 1;
        match &mut self.sink {
            Sink::Documents(blob) => {
                let is_first = self.segment == 0;
                documents::write(blob, &mut self.frame, |frame| {
                    if is_first { document.write(frame) } else { document.write_overlay(frame) }
                })
            }
            Sink::Results(results) => results.push(document, &mut self.outcome),
        }
    }

    fn finish(self) -> Result<Effort, RunError> {
        if let Some(notes) = self.notes {
            self.job.keep(notes, self.result, "notes")?;
        }
        if let Some(rejected) = self.rejected {
            rejected.finish()?;
        }
        match self.sink {
            Sink::Documents(blob) => blob.finish()?,
            Sink::Results(results) => results.finish()?,
        }
        self.job.store.save(self.result, OUTCOME, &self.outcome)?;
        Ok(Effort { stages: self.walk.stage_nanos, read: self.read_nanos })
    }
}

/// Keeps a note, unless it carries more than notes may.
fn keep(
    job: &Job<'_>,
    segment: usize,
    notes: &mut Sorter<Observed>,
    observer: usize,
    note: Note,
) -> Result<(), RunError> {
    let bytes = note.payload.len();
    if bytes > MOST_PAYLOAD {
        let Step { stage, .. } = job.plan.segments[segment].observes[observer];
        return Err(ErrorKind::LargeNote { stage: job.plan.stage(stage).name.clone(), bytes }.into());
    }
    Ok(notes.push(&Observed { observer: observer as u8, note })?)
}

/// Appends `value` to the blob after its length in four bytes.
pub fn write_frame<T: Serialize>(blob: &mut BlobWriter, frame: &mut Vec<u8>, value: &T) -> Result<(), RunError> {
    frame.clear();
    frame.extend_from_slice(&[0; 4]);
    let mut bytes = postcard::to_extend(value, std::mem::take(frame)).expect("plain data always serialises to memory");
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    *frame = bytes;
    blob.write(frame)
}

/// Reads what [`write_frame`] wrote, or `None` at the end.
pub fn read_frame<T: serde::de::DeserializeOwned>(
    reader: &mut impl Read,
    path: &std::path::Path,
) -> Result<Option<T>, RunError> {
    let mut bytes = Vec::new();
    if read_bytes(reader, path, &mut bytes)? { decode(&bytes, path).map(Some) } else { Ok(None) }
}

/// Reads the bytes of a frame into `bytes`, in place of what is there; false at the end.
pub fn read_bytes(reader: &mut impl Read, path: &std::path::Path, bytes: &mut Vec<u8>) -> Result<bool, RunError> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match reader.read(&mut length[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            // An end within the length is damage, not the end.
            Ok(0) => return Err(RunError::damaged(path, "it ends too early")),
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path)(error)),
        }
    }
    let length = u64::from(u32::from_le_bytes(length));
    bytes.clear();
    // Not taken at its word: where the file is damaged, so may be the length.
    reader.take(length).read_to_end(bytes).map_err(unreadable(path))?;
    if (bytes.len() as u64) < length {
        return Err(RunError::damaged(path, "it ends too early"));
    }
    Ok(true)
}

/// Reads a value that [`write_frame`] wrote.
fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8], path: &std::path::Path) -> Result<T, RunError> {
    postcard::from_bytes(bytes).map_err(|error| RunError::damaged(path, error))
}
