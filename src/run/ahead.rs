//! Some files can only be read from their beginning, such as packed ones. Such a file is read once here, ahead of its partitions:
//! each of its runs of records becomes a piece in the store, and the partitions that have these runs go through the pipeline side
//! by side. Pieces live as long as a build.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::blob::{self, Blob, BlobWriter};
use super::error::{ErrorKind, RunError};
use super::job::Job;
use super::partition::{Effort, read_frame, write_frame};
use super::parts::{Meter, bytes_ahead};
use super::store::Key;
use super::task::Task;
use super::whole;
use crate::document::Document;
use crate::source::{self, Item, Rejected, Slice};

/// An item of a source on its way through the disk.
#[derive(Serialize, Deserialize)]
enum Kept<D, R> {
    Document { document: D, bytes: u64 },
    Rejected(R),
}

/// Reads file `number` of those that are read ahead.
///
/// # Errors
/// If the disk refuses, or the file changed meanwhile.
pub fn read(job: &Job<'_>, number: usize) -> Result<Effort, RunError> {
    let ahead = &job.ahead[number];
    let file = &job.inputs.files[ahead.file as usize];
    let config = &job.plan.config.source[file.source as usize];
    let Some((_, first)) = ahead.runs.first() else { return Ok(Effort::default()) };
    let from = job.watch.nanos();
    let whole = Slice::whole(file, first.digest);
    let mut pieces = Pieces { job, number, run: 0, piece: piece(job, number, 0)?, frame: Vec::new() };
    let mut meter = Meter::new(job.watch, bytes_ahead(job, number));
    source::read(config, file, &whole, &mut |item| {
        meter.advance(item.bytes());
        pieces.push(item)
    })?;
    pieces.end()?;
    let unchanged = source::is_unchanged(file, &whole).map_err(RunError::io("read", &file.path))?;
    if !unchanged {
        return Err(ErrorKind::Changed { input: file.name.to_string() }.into());
    }
    meter.finish();
    Ok(Effort { stages: Vec::new(), read: job.watch.nanos() - from })
}

/// Hands each item of a run to `each`.
///
/// # Errors
/// If the file was not read ahead, the disk refuses, or `each` does.
pub fn each_item(
    job: &Job<'_>,
    file: u32,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let number = job.ahead.partition_point(|ahead| ahead.file < file);
    let runs = job.ahead.get(number).map_or(&[][..], |ahead| &ahead.runs);
    let run = runs.partition_point(|(_, run)| run.first_record < slice.first_record);
    if !job.store.has_receipt(job.keys.reads[number]) {
        return Err(job.not_ready(Task::Read { number }));
    }
    let path = path(job, number, run);
    let mut items = Blob::open(&path)?;
    while let Some(kept) = read_frame::<Kept<Document, Rejected>>(&mut items, &path)? {
        each(match kept {
            Kept::Document { document, bytes } => Item::Document { document, bytes },
            Kept::Rejected(rejected) => Item::Rejected(rejected),
        })?;
    }
    Ok(())
}

/// Whether all pieces of a file are there and whole.
#[must_use]
pub fn is_whole(job: &Job<'_>, number: usize) -> bool {
    (0..job.ahead[number].runs.len()).all(|run| blob::is_whole(&path(job, number, run)))
}

impl Job<'_> {
    /// Whether all partitions that have runs of the file are done with them, and what they made is whole.
    #[must_use]
    pub fn is_spent(&self, number: usize) -> bool {
        self.ahead[number].runs.iter().all(|(partition, _)| {
            let result = self.store.receipt::<Key>(self.keys.partitions[0][*partition]);
            result.is_some_and(|result| whole::has_passed(self, 0, result))
        })
    }
}

fn path(job: &Job<'_>, number: usize, run: usize) -> PathBuf {
    job.store.path(job.keys.reads[number], &format!("piece{run}"))
}

fn piece(job: &Job<'_>, number: usize, run: usize) -> Result<BlobWriter, RunError> {
    job.create(job.keys.reads[number], &format!("piece{run}"))
}

/// The pieces of a file, of which one is written at a time.
struct Pieces<'a> {
    job: &'a Job<'a>,
    number: usize,
    run: usize,
    piece: BlobWriter,
    frame: Vec<u8>,
}

impl Pieces<'_> {
    /// Adds an item to the piece that its record belongs to. What is of no record belongs to what came before it.
    fn push(&mut self, item: Item) -> Result<(), RunError> {
        let record = match &item {
            Item::Document { document, .. } => Some(document.position().record),
            Item::Rejected(rejected) => rejected.record,
        };
        let runs = &self.job.ahead[self.number].runs;
        while let (Some(record), Some((_, run))) = (record, runs.get(self.run))
            && run.next_record.is_some_and(|next| record >= next)
            && self.run + 1 < runs.len()
        {
            self.next()?;
        }
        match item {
            Item::Document { document, bytes } => self.write(&Kept::<_, Rejected>::Document { document, bytes }),
            Item::Rejected(rejected) => self.write(&Kept::<Document, _>::Rejected(rejected)),
        }
    }

    fn write(&mut self, kept: &impl Serialize) -> Result<(), RunError> {
        write_frame(&mut self.piece, &mut self.frame, kept)
    }

    fn next(&mut self) -> Result<(), RunError> {
        self.run += 1;
        let next = piece(self.job, self.number, self.run)?;
        std::mem::replace(&mut self.piece, next).finish()
    }

    /// Finishes this piece, and those of runs that have no record.
    fn end(mut self) -> Result<(), RunError> {
        while self.run + 1 < self.job.ahead[self.number].runs.len() {
            self.next()?;
        }
        self.piece.finish()
    }
}
