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

/// The counts of the whole build, but for texts whose kept copy is gone: those are known once all partitions have their answers.
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
    let mut ledger_bytes = 0;
    for segment in 0..job.plan.segments.len() {
        let mut passed = (0, vec![0; job.plan.segments[segment].observes.len()]);
        for (index, key) in job.results(segment)?.iter().enumerate() {
            let outcome: Option<Outcome> = job.store.load(*key, OUTCOME);
            let outcome = outcome.ok_or_else(|| job.not_ready(Task::Partition { segment, index }))?;
            sum.counts += &outcome.counts;
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
    if !sum.counts.balance() {
        let Counts { input, kept, removed, rejected, .. } = &sum.counts;
        return Err(RunError::Unbalanced(format!("{input:?} is not {kept:?} + {removed:?} + {rejected:?}")));
    }
    Ok(sum)
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
