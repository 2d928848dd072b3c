//! Names the kept copies. A removal knows where the copy stands that was kept; the id of that document, and whether it
//! stayed after all, is known to the partition that holds it. So partitions ask, and are answered, through the disk.

use std::collections::BTreeMap;
use std::ops::Range;

use super::blob::{Blob, BucketWriter, Buckets};
use super::error::RunError;
use super::job::Job;
use super::notes::{POSITION_BYTES, chunk, read_position};
use super::partition::{put_frame, read_frame};
use super::results::Fate;
use super::task::Task;
use crate::document::Position;
use crate::sink::ledger::LedgerEntry;

/// The documents that one partition's ledger names as partners, by their position.
pub struct Partners(BTreeMap<Position, Fate>);

/// Answers what all partitions ask about the documents of a range of partitions, taking as many of these at a time as the
/// asks fit the memory.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn answer(job: &Job<'_>, range: usize) -> Result<(), RunError> {
    let results = job.results(job.last())?;
    let mut bytes = 0;
    for key in results {
        bytes += Buckets::open(&job.store.path(*key, "asks"), job.keys.answers.len())?.length(range);
    }
    let partitions = job.asked(range);
    let passes = bytes.div_ceil((job.memory.0 / 2).max(1)).clamp(1, partitions.len().max(1) as u64) as usize;
    let blob = job.create(job.keys.answers[range], "answers")?;
    let mut out = BucketWriter::new(blob, job.partitions.len(), chunk(job.memory));
    for pass in 0..passes {
        let at = |pass: usize| partitions.start + partitions.len() * pass / passes;
        answer_some(job, range, at(pass)..at(pass + 1), &mut out)?;
    }
    out.finish()
}

fn answer_some(job: &Job<'_>, range: usize, partitions: Range<usize>, out: &mut BucketWriter) -> Result<(), RunError> {
    let results = job.results(job.last())?;
    let mut asked: Vec<(Position, u32)> = Vec::new();
    for (asker, key) in results.iter().enumerate() {
        let asks = Buckets::open(&job.store.path(*key, "asks"), job.keys.answers.len())?.read(range)?;
        let positions = asks.chunks_exact(POSITION_BYTES).map(read_position).map(Position::document);
        let positions = positions.filter(|position| partitions.contains(&job.partition_of(*position)));
        asked.extend(positions.map(|position| (position, asker as u32)));
    }
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return Ok(());
    }
    for key in &results[partitions] {
        let path = job.store.path(*key, "fates");
        let mut reader = Blob::open(&path)?.reader(0)?;
        while let Some(fate) = read_frame::<Fate>(&mut reader, &path)? {
            let first = asked.partition_point(|(position, _)| *position < fate.position);
            let askers = asked.get(first..).unwrap_or_default().iter().take_while(|(at, _)| *at == fate.position);
            for (_, asker) in askers {
                out.push(*asker as usize, |bucket| put_frame(bucket, &fate))?;
            }
        }
    }
    Ok(())
}

impl Partners {
    /// Gathers the answers to what partition `index` asked.
    ///
    /// # Errors
    /// If the disk refuses, or the answers are not there yet.
    pub fn of(job: &Job<'_>, index: usize) -> Result<Self, RunError> {
        let mut fates = BTreeMap::new();
        for (range, key) in job.keys.answers.iter().enumerate() {
            job.store.receipt::<()>(*key).ok_or_else(|| job.not_ready(Task::Answer { range }))?;
            let path = job.store.path(*key, "answers");
            let answers = Buckets::open(&path, job.partitions.len())?.read(index)?;
            let mut answers = answers.as_slice();
            while let Some(fate) = read_frame::<Fate>(&mut answers, &path)? {
                fates.insert(fate.position, fate);
            }
        }
        Ok(Self(fates))
    }

    /// Fills in the ids of the kept copies that `entry` names; returns how many of its removals are orphans, because a later
    /// stage removed the whole document that held the kept copy. (A kept copy that a later stage removes as a block is no
    /// orphan: that stage would have removed the others too.)
    pub fn name(&self, entry: &mut LedgerEntry) -> u64 {
        let mut orphans = 0;
        for row in &mut entry.rows {
            let Some(partner) = row.partner else { continue };
            let Some(fate) = self.0.get(&partner.document()) else { continue };
            row.partner_id = Some(fate.id.clone());
            orphans += u64::from(!fate.kept);
        }
        orphans
    }
}
