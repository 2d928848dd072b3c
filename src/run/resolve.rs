//! Names the kept copies. A removal knows where the copy stands that was kept; the id of that document, and whether it
//! stayed after all, is known to the partition that holds it. So partitions ask, and are answered, through the disk.

use std::collections::{BTreeMap, BTreeSet};

use super::blob::{Blob, Buckets};
use super::error::RunError;
use super::job::Job;
use super::notes::{POSITION_BYTES, read_position};
use super::partition::{read_frame, write_frame};
use super::results::Fate;
use super::task::Task;
use crate::document::Position;
use crate::sink::ledger::LedgerEntry;

/// The documents that one partition's ledger names as partners, by their position.
pub struct Partners(BTreeMap<Position, Fate>);

/// Answers what all partitions ask about the documents of partition `index`.
///
/// # Errors
/// If the disk refuses.
pub fn answer(job: &Job<'_>, index: usize) -> Result<(), RunError> {
    let mut asked: BTreeMap<Position, BTreeSet<usize>> = BTreeMap::new();
    let results = job.results(job.last())?;
    for (asker, key) in results.iter().enumerate() {
        let asks = Buckets::open(&job.store.path(*key, "asks"), results.len())?.read(index)?;
        for position in asks.chunks_exact(POSITION_BYTES).map(read_position) {
            asked.entry(position.document()).or_default().insert(asker);
        }
    }
    let mut blob = job.create(job.keys.answers[index], "answers")?;
    let mut answers: Vec<Vec<&Fate>> = vec![Vec::new(); job.partitions.len()];
    let mut fates = Vec::new();
    if !asked.is_empty() {
        let path = job.store.path(results[index], "fates");
        let mut reader = Blob::open(&path)?.reader(0)?;
        while let Some(fate) = read_frame::<Fate>(&mut reader, &path)? {
            if asked.contains_key(&fate.position) {
                fates.push(fate);
            }
        }
    }
    for fate in &fates {
        for asker in asked.get(&fate.position).into_iter().flatten() {
            answers[*asker].push(fate);
        }
    }
    let mut frame = Vec::new();
    for fates in answers {
        for fate in fates {
            write_frame(&mut blob, &mut frame, fate)?;
        }
        blob.end_section();
    }
    blob.finish()
}

impl Partners {
    /// Gathers the answers to what partition `index` asked.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn of(job: &Job<'_>, index: usize) -> Result<Self, RunError> {
        let mut fates = BTreeMap::new();
        for (answerer, key) in job.keys.answers.iter().enumerate() {
            job.store.receipt::<()>(*key).ok_or_else(|| job.not_ready(Task::Answer { index: answerer }))?;
            let path = job.store.path(*key, "answers");
            let mut reader = Blob::open(&path)?.reader(index)?;
            while let Some(fate) = read_frame::<Fate>(&mut reader, &path)? {
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
