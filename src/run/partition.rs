//! The first task function: one partition through one segment of the pipeline.

use std::io::Read;

use super::blob::{Blob, BlobWriter};
use super::error::RunError;
use super::job::{Job, Partition};
use super::notes::{NoteWriter, decisions};
use super::results::ResultWriter;
use super::walk::Walk;
use crate::document::{Document, StageIndex};
use crate::sink::counts::Counts;
use crate::source::{self, Item, Rejected};
use crate::stage::Decision;

/// What a partition's passage through a segment came to, beside its files.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Filled by the last segment, but for what was rejected, which the first fills.
    pub counts: Counts,
    /// Bytes of the ledger's rows; filled by the last segment.
    pub ledger_bytes: u64,
    /// Nanoseconds spent in each stage.
    pub stage_nanos: Vec<u64>,
    /// Nanoseconds spent reading, parsing and decoding.
    pub read_nanos: u64,
}

/// Takes partition `index` through `segment`: reads its documents, applies what was decided, runs the local stages, lets
/// the next global stages observe, and writes documents and notes, or the results if this is the last segment.
///
/// # Errors
/// Only if the disk refuses: bad input becomes a rejected row.
pub fn run_partition(job: &Job<'_>, segment: usize, index: usize) -> Result<Outcome, RunError> {
    let mut pass = Pass::begin(job, segment, index)?;
    if segment == 0 {
        pass.read_inputs(&job.partitions[index])?;
    } else {
        let path = job.file(&format!("documents-{}", segment - 1), index);
        let mut documents = Blob::open(&path)?.reader(0)?;
        while let Some(document) = read_frame(&mut documents, &path)? {
            pass.document(document)?;
        }
    }
    pass.finish()
}

/// A partition on its way through a segment.
struct Pass<'a> {
    job: &'a Job<'a>,
    segment: usize,
    index: usize,
    /// What was decided about this partition, a cursor for each stage that applies.
    applies: Vec<(StageIndex, Vec<Decision>, usize)>,
    walk: Walk<'a>,
    sink: Sink,
    notes: NoteWriter,
    rejected: BlobWriter,
    outcome: Outcome,
    frame: Vec<u8>,
}

/// Where a segment's documents go.
enum Sink {
    /// To the next segment.
    Documents(BlobWriter),
    /// To the shards and the ledger.
    Results(Box<ResultWriter>),
}

impl<'a> Pass<'a> {
    fn begin(job: &'a Job<'a>, segment: usize, index: usize) -> Result<Self, RunError> {
        let plan = &job.plan.segments[segment];
        let mut applies = Vec::new();
        for (observer, stage) in plan.applies.iter().enumerate() {
            applies.push((*stage, decisions(job, segment - 1, observer, index)?, 0));
        }
        let last = segment + 1 == job.plan.segments.len();
        let sink = if last {
            Sink::Results(Box::new(ResultWriter::create(job, index)?))
        } else {
            Sink::Documents(BlobWriter::create(&job.file(&format!("documents-{segment}"), index))?)
        };
        let notes = NoteWriter::create(job, segment, index, plan.observes.len())?;
        let rejected = BlobWriter::create(&job.file(&format!("rejected-{segment}"), index))?;
        let walk = Walk::new(job.plan, job.watch);
        let outcome = Outcome::default();
        Ok(Self { job, segment, index, applies, walk, sink, notes, rejected, outcome, frame: Vec::new() })
    }

    fn read_inputs(&mut self, partition: &Partition) -> Result<(), RunError> {
        let files = &self.job.plan.discovery.files;
        let mut since = self.job.watch.nanos();
        for (file_index, slice) in &partition.slices {
            let file = &files[*file_index as usize];
            let config = &self.job.plan.config.source[file.source as usize];
            source::read(config, file, *file_index, slice, &mut |item| {
                self.outcome.read_nanos += self.job.watch.nanos() - since;
                match item {
                    Item::Document { document, bytes } => {
                        self.document(document)?;
                        self.job.watch.advance(bytes);
                    }
                    Item::Rejected(rejected) => self.reject(&rejected)?,
                }
                since = self.job.watch.nanos();
                Ok::<(), RunError>(())
            })?;
        }
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected) -> Result<(), RunError> {
        self.outcome.counts.add_rejected(rejected);
        write_frame(&mut self.rejected, &mut self.frame, rejected)?;
        Ok(())
    }

    fn document(&mut self, mut document: Document) -> Result<(), RunError> {
        for (place, decisions, cursor) in &mut self.applies {
            let rest = decisions.get(*cursor..).unwrap_or_default();
            let about = |decision: &&Decision| decision.position.document() <= document.position;
            let mine = rest.iter().take_while(about).count();
            *cursor += mine;
            self.walk.apply(*place, &mut document, rest.get(..mine).unwrap_or_default());
        }
        self.walk.run(self.segment, &mut document);
        self.walk.observe(self.segment, &document, |observer, note| self.notes.push(observer, &note));
        self.notes.spill_if_full()?;
        match &mut self.sink {
            Sink::Documents(blob) => write_frame(blob, &mut self.frame, &document).map(|_| ()),
            Sink::Results(results) => results.push(document, &mut self.outcome),
        }
    }

    fn finish(mut self) -> Result<Outcome, RunError> {
        if self.segment > 0 {
            self.job.watch.advance(self.job.partitions[self.index].bytes);
        }
        self.notes.finish()?;
        self.rejected.end_section();
        self.rejected.finish()?;
        match self.sink {
            Sink::Documents(mut blob) => {
                blob.end_section();
                blob.finish()?;
            }
            Sink::Results(results) => results.finish()?,
        }
        self.outcome.stage_nanos = self.walk.stage_nanos;
        Ok(self.outcome)
    }
}

/// Appends `value` to the blob behind its length in four bytes; returns offset and length of the value.
pub fn write_frame<T: serde::Serialize>(
    blob: &mut BlobWriter,
    frame: &mut Vec<u8>,
    value: &T,
) -> Result<(u64, u64), RunError> {
    frame.clear();
    frame.extend_from_slice(&[0; 4]);
    let mut bytes = postcard::to_extend(value, std::mem::take(frame)).expect("plain data always serialises to memory");
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    let at = blob.write(&bytes)?;
    *frame = bytes;
    Ok((at + 4, u64::from(length)))
}

/// Reads what [`write_frame`] wrote, or `None` at the end.
pub fn read_frame<T: serde::de::DeserializeOwned>(
    reader: &mut impl Read,
    path: &std::path::Path,
) -> Result<Option<T>, RunError> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other.map_err(RunError::io("read", path))?,
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    reader.read_exact(&mut bytes).map_err(RunError::io("read", path))?;
    decode(&bytes, path).map(Some)
}

/// Reads a value that [`write_frame`] wrote.
pub fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8], path: &std::path::Path) -> Result<T, RunError> {
    postcard::from_bytes(bytes).map_err(|error| RunError::Damaged { path: path.to_owned(), detail: error.to_string() })
}
