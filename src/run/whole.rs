//! Whether what a finished task left is still there and whole. A disk that was full, a copy that broke off, a hand that
//! slipped: what is damaged is made again.

use super::ahead;
use super::blob;
use super::error::RunError;
use super::job::Job;
use super::partition::Outcome;
use super::results;
use super::store::{Key, OUTCOME};
use super::task::Task;
use crate::exchange;

/// Takes back the receipt of a task whose files are gone or cut short.
///
/// # Errors
/// If the disk refuses.
pub fn distrust(job: &Job<'_>, task: Task) -> Result<(), RunError> {
    let key = job.keys.of(task);
    let is_whole = match task {
        Task::Read { number } => job.is_spent(number) || ahead::is_whole(job, number),
        Task::Partition { segment, .. } => {
            job.store.receipt::<Key>(key).is_none_or(|result| has_passed(job, segment, result))
        }
        Task::Decide { .. } => exchange::is_whole(&job.store.path(key, "decisions")),
        Task::Resolve { .. } => exchange::is_whole(&job.store.path(key, "resolved")),
        // These have files of their own kind, or none.
        Task::Tally | Task::Write { .. } | Task::Finish => true,
        Task::Passed { .. } | Task::Decided { .. } | Task::Resolved => true,
    };
    if is_whole { Ok(()) } else { job.store.forget(key) }
}

/// Whether a passage through `segment` was done under this key, and all that it wrote is whole.
#[must_use]
pub fn has_passed(job: &Job<'_>, segment: usize, result: Key) -> bool {
    let is_last = segment == job.last();
    let sorted: &[&str] = if is_last { &results::KINDS } else { &[] };
    let notes: &[&str] = if job.plan.segments[segment].observes.is_empty() { &[] } else { &["notes"] };
    let documents: &[&str] = if is_last { &[] } else { &["documents"] };
    let rejected: &[&str] = if segment == 0 { &["rejected"] } else { &[] };
    job.store.load::<Outcome>(result, OUTCOME).is_some()
        && [sorted, notes].concat().iter().all(|kind| exchange::is_whole(&job.store.path(result, kind)))
        && [documents, rejected].concat().iter().all(|kind| blob::is_whole(&job.store.path(result, kind)))
}
