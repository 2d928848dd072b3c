//! The runner: a build as a list of pure tasks from files to files, and the local engine that runs them on all cores.
//!
//! A build is: look at the inputs; for each segment, take every partition through it ([`partition`]) and let the global
//! stages decide over every range of keys ([`notes`]); add up the counts ([`tally`]); name the kept copies ([`resolve`]);
//! write the Parquet files and put the dataset in place ([`mod@write`]). What a task made lies in the work folder under the
//! task's key ([`store`]), the hash of all that it depends on, so nothing is done twice: not after a build was
//! interrupted, not when a few inputs or a late option changed. Which thread or machine does what, how inputs are cut into
//! partitions and notes into ranges changes no byte of the output.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::plan::Plan;
use crate::sink::manifest::Manifest;
use crate::source::Rejected;
use crate::text::size::ByteSize;

mod ahead;
mod arrivals;
mod batches;
mod blob;
mod cache;
mod cut;
mod depends;
mod documents;
mod encoder;
mod error;
mod expectations;
mod explain;
mod fill;
mod folder;
pub mod guards;
mod inputs;
mod job;
mod lock;
mod mine;
mod notes;
mod partition;
mod parts;
mod rank;
mod refused;
mod resolve;
mod results;
mod schedule;
mod sealed;
mod shard;
mod staging;
mod store;
mod sweep;
mod tally;
mod task;
mod walk;
mod watch;
mod whole;
mod write;

pub use crate::report::times::{CacheLine, Spent, Times};
pub use cache::Cache;
pub use error::{Drift, ErrorKind, OutputProblem, RunError};
pub use expectations::{TestRun, run_tests};
pub use explain::explain;
pub use inputs::Inputs;
pub use lock::{FILE_NAME as LOCK_NAME, Locking};
pub use mine::{Common, mine};
pub use refused::Barren;
pub use schedule::{Places, Recipe, Schedule, VERSION as PLAN_VERSION};
pub use staging::Replace;
pub use watch::{Blind, Part, Phase, Watch};

use folder::{Hold, WorkFolder};
use job::Job;
use partition::Effort;
use staging::Staging;
use task::Task;
use write::Publication;

/// How a build is run. Nothing of it changes a byte of the output.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads; `None` for one a core.
    pub threads: Option<usize>,
    /// Roughly the memory that notes and decisions may take, in all threads together.
    pub memory: ByteSize,
    /// Size of a partition; `None` for one that fits the size of the corpus.
    pub partition_size: Option<ByteSize>,
    /// The work folder.
    pub work_dir: PathBuf,
    /// Whether to forget what the work folder holds.
    pub fresh: bool,
    /// The lock that is checked or written, if any.
    pub locking: Option<Locking>,
    /// Folder of the dataset.
    pub out_dir: PathBuf,
    /// What may be replaced there.
    pub replace: Replace,
}

impl Options {
    /// Those of a build of `plan` into its own place that keeps what tasks made in `work_dir`: as many threads as cores, a
    /// gibibyte of memory, and no lock.
    #[must_use]
    pub fn new(plan: &Plan, work_dir: &Path) -> Self {
        Self {
            threads: None,
            memory: ByteSize(1 << 30),
            partition_size: None,
            work_dir: work_dir.to_owned(),
            fresh: false,
            locking: None,
            out_dir: plan.folder.join(&plan.config.output.dir),
            replace: Replace::Dataset,
        }
    }
}

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// The manifest that was written.
    pub manifest: Manifest,
    /// What `run.json` says.
    pub times: Times,
    /// The dataset's folder.
    pub folder: PathBuf,
    /// What looks like a mistake though it stopped nothing.
    pub warnings: Vec<String>,
    /// The first of what could not be read.
    pub refused: Vec<Rejected>,
}

/// Builds the dataset.
///
/// # Errors
/// If the output's place cannot be used, something drifted from the lock, or the disk refuses. Bad input is never an
/// error: it becomes a row of `ledger/rejected.parquet`.
pub fn build(plan: &Plan, options: &Options, watch: &dyn Watch) -> Result<Built, RunError> {
    let pool = pool(options.threads)?;
    let work = WorkFolder::open(&options.work_dir, Hold::Alone)?;
    drop(Staging::prepare(&options.out_dir, options.replace)?);
    if options.fresh {
        work.clear()?;
    }
    pool.install(|| {
        let mut engine = Engine::start(watch);
        let checked = options.locking.as_ref().filter(|locking| locking.check);
        let inputs = Inputs::survey(plan, &work, options.partition_size, checked.is_some(), watch)?;
        engine.lap("survey");
        if let Some(locking) = checked {
            lock::check_inputs(locking, plan, &inputs)?;
        }
        let memory = ByteSize((options.memory.0 / 4 / rayon::current_num_threads() as u64).max(1));
        let job = Job::new(plan, &inputs, work.store(), memory, watch);
        engine.run_mending(&job)?;
        let locking = options.locking.as_ref();
        let to = Publication { out_dir: &options.out_dir, replace: options.replace, locking };
        let lines = cache::lines(&job, &cache::last_build(&work), &engine.done);
        let built = write::finish(&job, &to, &|| engine.times(plan, lines.clone()))?;
        cache::conclude(&job, &work)?;
        Ok(built)
    })
}

fn pool(threads: Option<usize>) -> Result<rayon::ThreadPool, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    pool.build().map_err(|error| ErrorKind::Threads { detail: error.to_string() }.into())
}

/// Files found damaged within are so rare that more of them in one build mean a disk that cannot be trusted.
const MOST_MENDED: usize = 64;

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Done {
    /// It had been done before.
    Before,
    /// Something it needs had changed, but not so that it would come to anything else.
    Alike,
    /// It ran.
    Now,
}

/// Does a task unless it is done.
fn perform(job: &Job<'_>, task: Task) -> Result<(Done, Effort), RunError> {
    let key = job.keys.of(task);
    whole::distrust(job, task)?;
    match task {
        Task::Read { number } => {
            if job.is_done(task) {
                job.watch.advance(parts::bytes_ahead(job, number));
                return Ok((Done::Before, Effort::default()));
            }
            let effort = ahead::read(job, number)?;
            job.store.record(key, &true)?;
            return Ok((Done::Now, effort));
        }
        Task::Partition { segment, index } => {
            if job.store.receipt::<store::Key>(key).is_some() {
                job.watch.advance(job.partitions[index].bytes);
                return Ok((Done::Before, Effort::default()));
            }
            let effort = partition::run_partition(job, segment, index)?;
            return Ok(effort.map_or((Done::Alike, Effort::default()), |effort| (Done::Now, effort)));
        }
        Task::Decide { segment, observer, range } => {
            job.watch.advance(1);
            if job.store.receipt::<u64>(key).is_some() {
                return Ok((Done::Before, Effort::default()));
            }
            let from = job.watch.nanos();
            let count = notes::decide(job, segment, observer, range)?;
            job.store.record(key, &count)?;
            let mut effort = Effort { stages: vec![0; job.plan.stages.len()], read: 0 };
            effort.stages[usize::from(job.plan.segments[segment].observes[observer].stage.0)] =
                job.watch.nanos() - from;
            return Ok((Done::Now, effort));
        }
        Task::Passed { segment } if job.store.receipt::<Vec<store::Key>>(key).is_none() => {
            job.store.record(key, &job.results(segment)?)?;
        }
        Task::Decided { .. } | Task::Resolved if job.store.receipt::<bool>(key).is_none() => {
            match job.keys.needs(task).into_iter().find(|needed| !job.is_done(*needed)) {
                Some(needed) => return Err(job.not_ready(needed)),
                None => job.store.record(key, &true)?,
            }
        }
        Task::Tally if job.store.receipt::<tally::Tally>(key).is_none() => {
            job.watch.advance(1);
            job.store.record(key, &tally::tally(job)?)?;
        }
        Task::Resolve { range } if job.store.receipt::<resolve::Orphans>(key).is_none() => {
            job.store.record(key, &resolve::resolve(job, range)?)?;
        }
        Task::Write { part } if !write::is_written(job, part) => {
            job.store.record(key, &write::write(job, part)?)?;
        }
        Task::Passed { .. } | Task::Decided { .. } | Task::Resolved => return Ok((Done::Before, Effort::default())),
        Task::Tally | Task::Resolve { .. } | Task::Write { .. } | Task::Finish => {
            return Ok((Done::Before, Effort::default()));
        }
    }
    Ok((Done::Now, Effort::default()))
}

/// The local engine: runs the tasks of each step side by side, and measures.
struct Engine<'a> {
    clock: Clock<'a>,
    done: Vec<(Task, Done)>,
    stages: Vec<u64>,
    read: u64,
}

impl<'a> Engine<'a> {
    fn start(watch: &'a dyn Watch) -> Self {
        Self { clock: Clock::start(watch), done: Vec::new(), stages: Vec::new(), read: 0 }
    }

    fn lap(&mut self, name: &str) {
        self.clock.lap(name);
    }

    /// Does all tasks but the last. A file of an earlier task that turns out to be damaged is removed, and all tasks are
    /// gone through once more: those that made it run again.
    fn run_mending(&mut self, job: &Job<'_>) -> Result<(), RunError> {
        for _ in 0..MOST_MENDED {
            let Err(error) = self.run_while_placing(job) else { return Ok(()) };
            let is_ours = error.damaged_file().map(|path| job.store.discard(path)).transpose()?;
            if is_ours != Some(true) {
                return Err(error);
            }
        }
        self.run_while_placing(job)
    }

    /// Runs all tasks while another thread puts in place what they made.
    fn run_while_placing(&mut self, job: &Job<'_>) -> Result<(), RunError> {
        std::thread::scope(|scope| {
            let _placing = job.store.arrivals().in_background(scope);
            self.run(job)
        })
    }

    fn run(&mut self, job: &Job<'_>) -> Result<(), RunError> {
        self.done.clear();
        self.stages = vec![0; job.plan.stages.len()];
        let mut tasks = job.keys.tasks();
        tasks.retain(|task| *task != Task::Finish);
        let bytes = job.partitions.iter().map(|partition| partition.bytes).sum();
        job.watch.expect(bytes, &parts::parts(job, &tasks));
        for side_by_side in tasks.chunk_by(|a, b| job.keys.step(*a) == job.keys.step(*b)) {
            if side_by_side[0].waits() {
                perform(job, side_by_side[0])?;
                continue;
            }
            let part = parts::part(job, side_by_side);
            let phase = part.phase;
            job.watch.begin(&part);
            let perform = |task: &Task| {
                let done = perform(job, *task).map_err(|error| error.in_task(|| job.keys.name(*task)))?;
                Ok((*task, done))
            };
            let done: Vec<_> = match phase {
                // Each uses all threads, and its memory for all of them.
                Phase::Write => side_by_side.iter().map(perform).collect::<Result<_, RunError>>()?,
                _ => side_by_side.par_iter().map(perform).collect::<Result<_, RunError>>()?,
            };
            job.store.settle()?;
            for (task, (done, effort)) in done {
                self.done.push((task, done));
                self.read += effort.read;
                self.stages.iter_mut().zip(effort.stages).for_each(|(sum, nanos)| *sum += nanos);
            }
            self.clock.lap(&phase.name());
            if side_by_side[0] == Task::Tally {
                // What a guard refuses need not be written first.
                write::guarded(job)?;
            }
        }
        Ok(())
    }

    fn times(&self, plan: &Plan, tasks: Vec<CacheLine>) -> Times {
        let spent = |name: &str, nanos: u64| Spent { name: name.to_owned(), seconds: seconds(nanos) };
        let mut stages = vec![spent("read", self.read)];
        stages.extend(plan.stages.iter().zip(&self.stages).map(|(stage, nanos)| spent(&stage.name, *nanos)));
        Times {
            seconds: seconds(self.clock.watch.nanos() - self.clock.start),
            threads: rayon::current_num_threads(),
            peak_memory: self.clock.watch.peak_memory(),
            phases: self.clock.phases.clone(),
            stages,
            tasks,
        }
    }
}

/// Measures the phases.
struct Clock<'a> {
    watch: &'a dyn Watch,
    start: u64,
    last: u64,
    phases: Vec<Spent>,
}

impl<'a> Clock<'a> {
    fn start(watch: &'a dyn Watch) -> Self {
        let start = watch.nanos();
        Self { watch, start, last: start, phases: Vec::new() }
    }

    fn lap(&mut self, name: &str) {
        let now = self.watch.nanos();
        self.phases.push(Spent { name: name.to_owned(), seconds: seconds(now - self.last) });
        self.last = now;
    }
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
