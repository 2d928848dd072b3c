//! Names the kept copies. A removal knows where the copy stands that was kept; the id of that document, and whether that very text
//! stayed after all, is known to the partition that holds it. So partitions ask, and are answered, through the disk.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::blob::{Blob, BucketWriter, Buckets};
use super::error::RunError;
use super::job::Job;
use super::partition::{put_frame, read_frame};
use super::results::{ASK_BYTES, read_ask};
use super::task::Task;
use crate::document::{Position, StageIndex};
use crate::sink::fate::{Fate, Spared};
use crate::sink::ledger::LedgerEntry;

/// Texts that stand nowhere in the dataset, since a later stage removed the copy that was kept of them: how many, by that stage.
pub type Orphans = BTreeMap<StageIndex, u64>;

/// The documents that one partition's ledger names as partners, by their position.
pub struct Partners(BTreeMap<Position, Answer>);

/// What a partition is told of a document that it asked about.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    /// Where the document stands; `block` is 0.
    position: Position,
    /// Its id as the dataset has it.
    id: String,
    /// What it asked for that is gone, sorted.
    gone: Vec<Spared>,
}

/// Answers what all partitions ask about the documents of a range of partitions, taking as many of these at a time as the
/// asks fit the memory. Returns the texts that are gone: each kept block counts once, however many copies were removed for it.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn answer(job: &Job<'_>, range: usize) -> Result<Orphans, RunError> {
    let results = job.results(job.last())?;
    let mut bytes = 0;
    for key in results {
        bytes += Buckets::open(&job.store.path(*key, "asks"), job.keys.answers.len())?.length(range);
    }
    let partitions = job.asked(range);
    let passes = bytes.div_ceil((job.memory.0 / 2).max(1)).clamp(1, partitions.len().max(1) as u64) as usize;
    let blob = job.create(job.keys.answers[range], "answers")?;
    let mut out = BucketWriter::new(blob, job.partitions.len(), (job.memory.0 / 8).clamp(1 << 16, 32 << 20) as usize);
    let mut orphans = Orphans::new();
    for pass in 0..passes {
        let at = |pass: usize| partitions.start + partitions.len() * pass / passes;
        answer_some(job, range, at(pass)..at(pass + 1), &mut out, &mut orphans)?;
    }
    out.finish()?;
    Ok(orphans)
}

fn answer_some(
    job: &Job<'_>,
    range: usize,
    partitions: Range<usize>,
    out: &mut BucketWriter,
    orphans: &mut Orphans,
) -> Result<(), RunError> {
    let results = job.results(job.last())?;
    let mut asked: Vec<(Position, Spared, u32)> = Vec::new();
    for (asker, key) in results.iter().enumerate() {
        let asks = Buckets::open(&job.store.path(*key, "asks"), job.keys.answers.len())?.read(range)?;
        let asks = asks.chunks_exact(ASK_BYTES).map(read_ask);
        let here = asks.filter(|(document, _)| partitions.contains(&job.partition_of(*document)));
        asked.extend(here.map(|(document, spared)| (document, spared, asker as u32)));
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
            let first = asked.partition_point(|(document, ..)| *document < fate.position);
            let rest = asked.get(first..).unwrap_or_default();
            let about = rest.partition_point(|(document, ..)| *document == fate.position);
            let about = rest.get(..about).unwrap_or_default();
            count_gone(&fate, about, orphans);
            for (asker, gone) in by_asker(&fate, about) {
                let answer = Answer { position: fate.position, id: fate.id.clone(), gone };
                out.push(asker as usize, |bucket| put_frame(bucket, &answer))?;
            }
        }
    }
    Ok(())
}

/// Counts each block once that was asked for and is gone. Whole documents do not count: what a later stage decided about the one
/// that was kept, it would have decided about its equal.
fn count_gone(fate: &Fate, about: &[(Position, Spared, u32)], orphans: &mut Orphans) {
    let mut gone: BTreeMap<u32, StageIndex> = BTreeMap::new();
    for (_, spared, _) in about {
        if let (Spared::Block(block) | Spared::OwnBlock(block), Some(stage)) = (*spared, fate.gone_by(*spared)) {
            gone.insert(block, stage);
        }
    }
    gone.into_values().for_each(|stage| *orphans.entry(stage).or_default() += 1);
}

/// Who asked, and what of that is gone.
fn by_asker(fate: &Fate, about: &[(Position, Spared, u32)]) -> BTreeMap<u32, Vec<Spared>> {
    let mut askers: BTreeMap<u32, Vec<Spared>> = BTreeMap::new();
    for (_, spared, asker) in about {
        let gone = fate.gone_by(*spared).map(|_| *spared);
        askers.entry(*asker).or_default().extend(gone);
    }
    askers
}

impl Partners {
    /// Gathers the answers to what partition `index` asked.
    ///
    /// # Errors
    /// If the disk refuses, or the answers are not there yet.
    pub fn of(job: &Job<'_>, index: usize) -> Result<Self, RunError> {
        let mut answers = BTreeMap::new();
        for (range, key) in job.keys.answers.iter().enumerate() {
            job.store.receipt::<Orphans>(*key).ok_or_else(|| job.not_ready(Task::Answer { range }))?;
            let path = job.store.path(*key, "answers");
            let bytes = Buckets::open(&path, job.partitions.len())?.read(index)?;
            let mut bytes = bytes.as_slice();
            while let Some(answer) = read_frame::<Answer>(&mut bytes, &path)? {
                answers.insert(answer.position, answer);
            }
        }
        Ok(Self(answers))
    }

    /// Fills in the ids of the kept copies that `entry` names, and marks its removals whose kept copy is gone.
    pub fn name(&self, entry: &mut LedgerEntry) {
        for row in &mut entry.rows {
            let Some(partner) = row.partner else { continue };
            let Some(answer) = self.0.get(&partner.document()) else { continue };
            let spared = Spared::new(row.block, partner, answer.id == entry.id);
            row.partner_id = Some(answer.id.clone());
            row.orphaned = answer.gone.binary_search(&spared).is_ok();
        }
    }
}

/// The texts that are gone, by the stage that removed them.
///
/// # Errors
/// If a task is not done.
pub fn orphans(job: &Job<'_>) -> Result<Orphans, RunError> {
    let mut sum = Orphans::new();
    for (range, key) in job.keys.answers.iter().enumerate() {
        let counted: Option<Orphans> = job.store.receipt(*key);
        for (stage, texts) in counted.ok_or_else(|| job.not_ready(Task::Answer { range }))? {
            *sum.entry(stage).or_default() += texts;
        }
    }
    Ok(sum)
}
