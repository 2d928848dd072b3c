//! The parts of a build as people watch them: what each does, and how much of the work it is.

use super::job::Job;
use super::task::Task;
use super::watch::{Part, Phase, Watch};
use crate::document::StageIndex;
use crate::plan::{Plan, Step};

/// Units of gathering what goes into some Parquet files, and as many of writing them.
pub const WRITE: u64 = 1000;

/// Tells progress in so many units, no more and no less, however many its steps come to.
pub struct Meter<'a> {
    watch: &'a dyn Watch,
    left: u64,
}

impl<'a> Meter<'a> {
    /// Of `units` that are still to be told.
    #[must_use]
    pub fn new(watch: &'a dyn Watch, units: u64) -> Self {
        Self { watch, left: units }
    }

    /// Some more are done.
    pub fn advance(&mut self, units: u64) {
        let units = units.min(self.left);
        self.left -= units;
        self.watch.advance(units);
    }

    /// All are done.
    pub fn finish(mut self) {
        self.advance(u64::MAX);
    }
}

/// The parts of a build, in order: of tasks that run side by side, one part. Those that only wait are in none.
#[must_use]
pub fn parts(job: &Job<'_>, tasks: &[Task]) -> Vec<Part> {
    let steps = tasks.chunk_by(|a, b| job.keys.step(*a) == job.keys.step(*b));
    steps.filter(|side_by_side| !side_by_side[0].waits()).map(|side_by_side| part(job, side_by_side)).collect()
}

/// Tasks that run side by side, as a part.
#[must_use]
pub fn part(job: &Job<'_>, side_by_side: &[Task]) -> Part {
    let phase = phase(job, side_by_side[0]);
    let units = side_by_side.iter().map(|task| units(job, *task)).sum();
    Part { phase, does: does(job, phase), units, work: work(job, phase, units) }
}

/// Bytes that a task for a file that is read ahead goes through.
#[must_use]
pub fn bytes_ahead(job: &Job<'_>, number: usize) -> u64 {
    job.ahead[number].runs.iter().map(|(_, run)| run.end - run.start).sum()
}

fn phase(job: &Job<'_>, task: Task) -> Phase {
    match task {
        Task::Read { .. } => Phase::Read,
        Task::Partition { segment, .. } => Phase::Stages(segment + 1, job.plan.segments.len()),
        Task::Decide { segment, .. } | Task::Passed { segment } | Task::Decided { segment } => {
            Phase::Decide(segment + 1)
        }
        Task::Tally => Phase::Tally,
        Task::Resolve { .. } | Task::Resolved => Phase::Resolve,
        Task::Write { .. } | Task::Finish => Phase::Write,
    }
}

fn units(job: &Job<'_>, task: Task) -> u64 {
    match task {
        Task::Read { number } => bytes_ahead(job, number),
        Task::Partition { index, .. } => job.partitions[index].bytes,
        // Half of them as what the partitions left is gathered, half as it is written.
        Task::Write { .. } => 2 * WRITE,
        _ => 1,
    }
}

/// Measured on news: beside the passage itself, a stage that says it is costly takes about four times as long as it, another
/// twice, and so does reading; writing takes as long as a costly stage.
fn work(job: &Job<'_>, phase: Phase, units: u64) -> u64 {
    let bytes: u64 = job.partitions.iter().map(|partition| partition.bytes).sum();
    let tenths = match phase {
        Phase::Stages(number, _) => {
            let segment = &job.plan.segments[number - 1];
            let stages = segment.stages.iter().map(|stage| if is_costly(job.plan, *stage) { 8 } else { 4 });
            2 + stages.sum::<u64>() + if number == 1 { 4 } else { 0 }
        }
        Phase::Write => 8,
        Phase::Read => return units * 3 / 10,
        Phase::Survey | Phase::Decide(_) | Phase::Tally | Phase::Resolve => 0,
    };
    // A part that moves nothing is still on the way.
    (bytes * tenths / 10).max(bytes / 20).max(1)
}

fn is_costly(plan: &Plan, stage: StageIndex) -> bool {
    plan.config.stage.get(usize::from(stage.0)).is_some_and(|stage| stage.info().costly)
}

fn does(job: &Job<'_>, phase: Phase) -> String {
    let plan = job.plan;
    match phase {
        Phase::Survey => "looking at the inputs".to_owned(),
        Phase::Read => match job.ahead.as_slice() {
            [only] => format!("unpacking {}", job.inputs.files[only.file as usize].name),
            files => format!("unpacking {} files", files.len()),
        },
        Phase::Stages(number, of) => {
            let segment = &plan.segments[number - 1];
            let applied = segment.applies.iter().filter(|step| plan.is_last_round(**step)).map(|step| step.stage);
            let names = named(plan, applied.chain(segment.stages.iter().copied()));
            let reading = if number == 1 { vec!["reading".to_owned()] } else { Vec::new() };
            let mut does = [reading, names].concat();
            if does.is_empty() {
                does = vec![format!("a look for {}", observers(plan, number).join(", "))];
            }
            format!("pass {number} of {of}: {}", does.join(", "))
        }
        Phase::Decide(number) => format!("deciding: {}", observers(plan, number).join(", ")),
        Phase::Tally => "adding up the counts".to_owned(),
        Phase::Resolve => "naming kept copies".to_owned(),
        Phase::Write => "writing the dataset".to_owned(),
    }
}

fn observers(plan: &Plan, number: usize) -> Vec<String> {
    let names = named(plan, plan.segments[number - 1].observes.iter().map(|Step { stage, .. }| *stage));
    if names.is_empty() { vec!["ids".to_owned()] } else { names }
}

/// The names of stages, each once; the hidden one, the last, has none that people know.
fn named(plan: &Plan, stages: impl Iterator<Item = StageIndex>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for stage in stages.filter(|stage| usize::from(stage.0) + 1 < plan.stages.len()) {
        let name = &plan.stage(stage).name;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}
