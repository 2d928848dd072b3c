//! What a build took: `run.json`, the one file of a dataset that may differ between two builds.

use serde::Serialize;

/// Times of a build.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Times {
    /// Seconds from start to end.
    pub seconds: f64,
    /// Threads used.
    pub threads: usize,
    /// Peak resident memory in bytes, where the system tells.
    pub peak_memory: Option<u64>,
    /// Seconds of each phase, by the clock on the wall.
    pub phases: Vec<Spent>,
    /// Seconds in each stage and in reading, added up over threads; of the tasks that ran this time.
    pub stages: Vec<Spent>,
    /// What was done and what was there already, by kind of task and cause.
    pub tasks: Vec<CacheLine>,
}

/// Time spent on something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// On what.
    pub name: String,
    /// How long.
    pub seconds: f64,
}

/// Tasks of one kind that fared alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CacheLine {
    /// The kind of task: `segment 1`, `decide 1`, `tally`, `resolve`, `write`.
    pub kind: String,
    /// Whether they ran now; else they were done before.
    pub ran: bool,
    /// Why they ran, or why they did not have to.
    pub why: String,
    /// How many there are.
    pub tasks: u64,
}
