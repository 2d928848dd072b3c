//! Adds up what all partitions counted, and says which Parquet files there will be.

use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::job::Job;
use super::partition::Outcome;
use super::refused::Refused;
use super::shard::{self, Table};
use super::store::OUTCOME;
use super::task::Task;
use crate::sink::counts::Counts;
use crate::sink::written::{Imbalance, Read};

/// The counts of the whole build, but for texts whose kept copy is gone: those are known once all kept copies are named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// What was read, kept, removed and rejected.
    pub counts: Counts,
    /// The Parquet files that make up the dataset.
    pub tables: Vec<Table>,
    /// For each segment, the documents that went through it and the notes of each stage that observes at its end.
    pub passed: Vec<(u64, Vec<u64>)>,
    /// What could not be read.
    pub refused: Refused,
}

/// Adds up the outcomes of all partitions, in any order.
///
/// # Errors
/// If a task is not done, or the accounting does not add up.
pub fn tally(job: &Job<'_>) -> Result<Tally, RunError> {
    let mut sum = Tally::default();
    job.inputs.refused.iter().for_each(|rejected| sum.refused.add(rejected));
    let (mut ledger_bytes, mut read) = (0, Read::default());
    for segment in 0..job.plan.segments.len() {
        let mut passed = (0, vec![0; job.plan.segments[segment].observes.len()]);
        for (index, key) in job.results(segment)?.iter().enumerate() {
            let outcome: Option<Outcome> = job.store.load(*key, OUTCOME);
            let outcome = outcome.ok_or_else(|| job.not_ready(Task::Partition { segment, index }))?;
            sum.counts += &outcome.counts;
            read += outcome.read;
            sum.refused.append(&outcome.refused);
            ledger_bytes += outcome.ledger_bytes;
            passed.0 += outcome.documents;
            passed.1.iter_mut().zip(&outcome.notes).for_each(|(sum, notes)| *sum += notes);
        }
        sum.passed.push(passed);
    }
    job.inputs.refused.iter().for_each(|rejected| sum.counts.add_rejected(rejected));
    sum.counts.repeated_ids = repeated_ids(job)?;
    sum.tables = shard::tables(&sum.counts, ledger_bytes, job.plan.config.output.shard_size.0);
    match sum.imbalance(read) {
        Some(imbalance) => Err(RunError::unbalanced(imbalance)),
        None => Ok(sum),
    }
}

impl Tally {
    /// The first count that is not what it should be: what `read` says, the documents of each segment, and what became of them.
    fn imbalance(&self, read: Read) -> Option<Imbalance> {
        let passed = self.passed.iter().enumerate().find_map(|(segment, (documents, _))| {
            Imbalance::between(&format!("documents read, and in segment {}", segment + 1), &read.documents, documents)
        });
        let Counts { input, kept, removed, rejected, .. } = &self.counts;
        let mut sum = *kept;
        sum += *removed;
        sum += *rejected;
        passed
            .or_else(|| {
                Imbalance::between("what was read, and went through all stages", &read, &Read::of(&self.counts))
            })
            .or_else(|| Imbalance::between("input, and kept + removed + rejected", input, &sum))
    }
}

/// Each decision of the stage that keeps ids apart, the last of all, is a repeated id.
fn repeated_ids(job: &Job<'_>) -> Result<u64, RunError> {
    let mut ids = 0;
    for (segment, parts) in job.plan.segments.iter().enumerate() {
        for (observer, step) in parts.observes.iter().enumerate() {
            if usize::from(step.stage.0) + 1 < job.plan.stages.len() {
                continue;
            }
            for (range, key) in job.keys.decides[segment][observer].iter().enumerate() {
                let count: Option<u64> = job.store.receipt(*key);
                ids += count.ok_or_else(|| job.not_ready(Task::Decide { segment, observer, range }))?;
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::counts::Amount;

    fn amount(documents: u64, blocks: u64, bytes: u64) -> Amount {
        Amount { documents, blocks, bytes }
    }

    fn tally() -> Tally {
        let counts = Counts {
            input: amount(5, 9, 107),
            rejected: amount(1, 0, 7),
            removed: amount(1, 4, 40),
            kept: amount(3, 5, 60),
            ..Counts::default()
        };
        Tally { counts, passed: vec![(4, vec![]), (4, vec![])], ..Tally::default() }
    }

    #[test]
    fn a_document_or_a_block_that_is_lost_on_the_way_is_an_imbalance() {
        let read = Read { documents: 4, length: 109 };
        assert_eq!(tally().imbalance(read), None);
        let mut dropped = tally();
        dropped.passed[1].0 = 3;
        assert_eq!(dropped.imbalance(read).unwrap().what, "documents read, and in segment 2");
        let block = Read { length: 121, ..read };
        assert!(tally().imbalance(block).unwrap().what.starts_with("what was read"));
        let mut counts = tally();
        counts.counts.kept.blocks -= 1;
        assert!(counts.imbalance(read).unwrap().what.starts_with("input, and"));
    }
}
