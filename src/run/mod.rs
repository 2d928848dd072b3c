//! The runner: the task functions from files to files, and the local engine that runs them on all cores.
//!
//! A build is: survey the inputs; for each segment, take every partition through it ([`partition`]) and let the global
//! stages decide over every key range ([`notes`]); name the kept copies ([`resolve`]); write every shard ([`shard`]).
//! Which thread does what, how inputs are cut into partitions and notes into key ranges changes no byte of the output.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use crate::document::StageIndex;
use crate::plan::Plan;
use crate::sink::DATA_VERSION;
use crate::sink::counts::Counts;
use crate::sink::manifest::{self, FileDigest, Manifest, Totals};
use crate::source::{self, InputFile, Rejected, Slice};
use crate::storage;
use crate::text::hash;
use crate::text::size::ByteSize;

mod blob;
mod error;
mod folder;
mod job;
mod notes;
mod partition;
mod resolve;
mod results;
mod shard;
mod walk;
mod watch;

pub use error::RunError;
pub use folder::Replace;
pub use walk::walk_in_memory;
pub use watch::{Blind, Phase, Watch};

use folder::{Staging, WorkFolder};
use job::{Job, Partition};
use partition::Outcome;

/// Inputs are cut into partitions of about this many bytes.
pub const PARTITION_SIZE: ByteSize = ByteSize(8 << 20);

/// How a build is run. Nothing of it changes a byte of the output.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads; `None` for one a core.
    pub threads: Option<usize>,
    /// Roughly the memory that notes may take while a global stage decides.
    pub memory: ByteSize,
    /// Size of a partition.
    pub partition_size: ByteSize,
    /// Folder of the intermediate files.
    pub work_dir: PathBuf,
    /// Folder of the dataset.
    pub out_dir: PathBuf,
    /// What may be replaced there.
    pub replace: Replace,
}

/// Makes the pages of a dataset (its card) from the manifest as it stands without them: path and contents of each.
pub type Pages<'a> = &'a (dyn Fn(&Plan, &Manifest) -> Vec<(String, String)> + Sync);

/// What a build came to.
#[derive(Debug)]
pub struct Built {
    /// The manifest that was written.
    pub manifest: Manifest,
    /// What `run.json` says.
    pub times: Times,
    /// The dataset's folder.
    pub folder: PathBuf,
}

/// Times of a build: `run.json`, the one file that may differ between two builds.
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
    /// Seconds in each stage and in reading, added up over threads.
    pub stages: Vec<Spent>,
}

/// Time spent on something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// On what.
    pub name: String,
    /// How long.
    pub seconds: f64,
}

/// Builds the dataset.
///
/// # Errors
/// If the output's place cannot be used or the disk refuses. Bad input is never an error: it becomes a row of
/// `ledger/rejected.parquet`.
pub fn build(plan: &Plan, options: &Options, watch: &dyn Watch, pages: Pages<'_>) -> Result<Built, RunError> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        pool = pool.num_threads(threads);
    }
    let pool = pool.build().map_err(|error| RunError::Threads(error.to_string()))?;
    let staging = Staging::prepare(&options.out_dir, options.replace)?;
    let work = WorkFolder::open(&options.work_dir)?;
    pool.install(|| {
        let mut clock = Clock::start(watch);
        let surveyed = survey(plan, options, watch);
        clock.lap("survey");
        let partitions = job::partitions(&plan.discovery.files, surveyed.slices, options.partition_size.0);
        let ranges = key_ranges(&partitions, options, rayon::current_num_threads());
        let job = Job { plan, partitions: &partitions, ranges, work: work.intermediate().to_owned(), watch };
        let mut passed = run_segments(&job, &mut clock)?;
        surveyed.refused.iter().for_each(|rejected| passed.counts.add_rejected(rejected));
        let config = manifest_config(plan);
        let digest = Manifest::plan_of(&config, &surveyed.inputs, &plan.models());
        let files = write_tables(&job, &mut passed, &surveyed.refused, &digest, staging.folder())?;
        clock.lap("write");
        if !passed.counts.balance() {
            let Counts { input, kept, removed, rejected, .. } = &passed.counts;
            return Err(RunError::Unbalanced(format!("{input:?} is not {kept:?} + {removed:?} + {rejected:?}")));
        }
        let mut manifest = Manifest {
            format: manifest::FORMAT,
            data_version: DATA_VERSION.to_owned(),
            plan: digest,
            digest: Manifest::digest_of(&files),
            config,
            hashes: [("key".to_owned(), hash::KEY_HASH.to_owned())].into(),
            inputs: surveyed.inputs,
            models: plan.models(),
            counts: Totals::new(&passed.counts),
            stages: manifest::stage_reports(&passed.counts, &plan.names()),
            files,
        };
        write_pages(plan, &mut manifest, pages, staging.folder())?;
        let times = clock.times(plan, &passed);
        write_json(&staging.folder().join("run.json"), &times)?;
        let folder = staging.publish()?;
        Ok(Built { manifest, times, folder })
    })
}

/// The inputs as they were found on the disk.
struct Surveyed {
    inputs: Vec<FileDigest>,
    slices: Vec<(u32, Slice)>,
    refused: Vec<Rejected>,
}

/// Reads every input once: its digest, and where it may be cut.
fn survey(plan: &Plan, options: &Options, watch: &dyn Watch) -> Surveyed {
    let files = &plan.discovery.files;
    watch.begin(Phase::Survey, files.iter().map(|file| file.bytes).sum());
    let look = |file: &InputFile| {
        let survey = source::survey(file, options.partition_size.0);
        watch.advance(file.bytes);
        survey
    };
    let surveys: Vec<_> = files.par_iter().map(look).collect();
    let mut surveyed = Surveyed { inputs: Vec::new(), slices: Vec::new(), refused: plan.discovery.refused.clone() };
    for (index, (file, survey)) in files.iter().zip(surveys).enumerate() {
        match survey {
            Ok(survey) => {
                surveyed.slices.extend(survey.slices.into_iter().map(|slice| (index as u32, slice)));
                let sha256 = hash::hex(&survey.sha256);
                surveyed.inputs.push(FileDigest { path: file.name.to_string(), bytes: file.bytes, sha256 });
            }
            Err(rejected) => surveyed.refused.push(rejected),
        }
    }
    surveyed.refused.sort();
    surveyed
}

/// Into how many key ranges notes are parted, so that those of all threads together fit the memory. A note of 40 bytes
/// stands for a paragraph, which hardly takes less in the input.
fn key_ranges(partitions: &[Partition], options: &Options, threads: usize) -> usize {
    let bytes: u64 = partitions.iter().map(|partition| partition.bytes).sum();
    let needed = bytes.saturating_mul(threads as u64) / (options.memory.0 / 4).max(1);
    (needed as usize).clamp(threads, 4096)
}

/// Runs all segments, and the decisions between them.
fn run_segments(job: &Job<'_>, clock: &mut Clock<'_>) -> Result<Outcome, RunError> {
    let segments = &job.plan.segments;
    let bytes = job.partitions.iter().map(|partition| partition.bytes).sum();
    let mut total = Outcome { stage_nanos: vec![0; job.plan.stages.len()], ..Outcome::default() };
    for (segment, parts) in segments.iter().enumerate() {
        job.watch.begin(Phase::Stages(segment + 1, segments.len()), bytes);
        let run = |index| partition::run_partition(job, segment, index);
        let outcomes: Vec<Outcome> = (0..job.partitions.len()).into_par_iter().map(run).collect::<Result<_, _>>()?;
        outcomes.iter().for_each(|outcome| total.add(outcome));
        if segment > 0 {
            remove_files(job, &format!("documents-{}", segment - 1))?;
        }
        clock.lap(&format!("segment {}", segment + 1));
        let tasks: Vec<(usize, usize)> = (0..parts.observes.len())
            .flat_map(|observer| (0..job.ranges).map(move |range| (observer, range)))
            .collect();
        job.watch.begin(Phase::Decide, tasks.len() as u64);
        let decide = |(observer, range): (usize, usize)| {
            let from = job.watch.nanos();
            let count = notes::decide(job, segment, observer, range)?;
            job.watch.advance(1);
            Ok((parts.observes[observer], count, job.watch.nanos() - from))
        };
        let decided: Vec<(StageIndex, u64, u64)> =
            tasks.into_par_iter().map(decide).collect::<Result<_, RunError>>()?;
        for (stage, count, nanos) in decided {
            total.stage_nanos[usize::from(stage.0)] += nanos;
            // The last stage is the one that keeps ids apart: each of its decisions is a repeated id.
            total.counts.repeated_ids += if usize::from(stage.0) + 1 == job.plan.stages.len() { count } else { 0 };
        }
        remove_files(job, &format!("notes-{segment}"))?;
        if !parts.observes.is_empty() {
            clock.lap(&format!("decide {}", segment + 1));
        }
    }
    Ok(total)
}

/// Names the kept copies, then writes all Parquet files; returns their digests and counts the orphans.
fn write_tables(
    job: &Job<'_>,
    passed: &mut Outcome,
    refused: &[Rejected],
    digest: &str,
    folder: &Path,
) -> Result<Vec<FileDigest>, RunError> {
    (0..job.partitions.len()).into_par_iter().try_for_each(|index| resolve::answer(job, index))?;
    let output = &job.plan.config.output;
    let tables = shard::tables(&passed.counts, passed.ledger_bytes, output.shard_size.0, refused.to_vec());
    job.watch.begin(Phase::Write, (tables.len() * job.partitions.len()) as u64);
    let dataset = &job.plan.config.dataset;
    let key_values = [
        ("tamis.data_version".to_owned(), DATA_VERSION.to_owned()),
        ("tamis.dataset".to_owned(), format!("{} {}", dataset.name, dataset.version)),
        ("tamis.plan".to_owned(), digest.to_owned()),
    ];
    let write = |table: &shard::Table| {
        let written = table.write(job, folder, &key_values)?;
        let path = table.path();
        let name = path.to_str().expect("the names of tables are made of UTF-8 parts");
        Ok((written.orphans, digest_of(folder, name)?))
    };
    let written: Vec<(u64, FileDigest)> = tables.par_iter().map(write).collect::<Result<_, RunError>>()?;
    passed.counts.orphans = written.iter().map(|(orphans, _)| orphans).sum();
    let mut files: Vec<FileDigest> = written.into_iter().map(|(_, file)| file).collect();
    files.sort();
    Ok(files)
}

/// Writes the pages that are made from the manifest, then the manifest with their digests.
fn write_pages(plan: &Plan, manifest: &mut Manifest, pages: Pages<'_>, folder: &Path) -> Result<(), RunError> {
    for (name, contents) in pages(plan, manifest) {
        let path = folder.join(&name);
        fs::write(&path, contents).map_err(RunError::io("write", &path))?;
        manifest.files.push(digest_of(folder, &name)?);
    }
    manifest.files.sort();
    manifest.digest = Manifest::digest_of(&manifest.files);
    write_json(&folder.join(manifest::FILE_NAME), manifest)
}

/// The config with every default, without the output's folder: nothing in a dataset depends on where it lies.
fn manifest_config(plan: &Plan) -> serde_json::Value {
    let mut config = serde_json::to_value(&plan.config).expect("a config holds only what JSON can hold");
    if let Some(output) = config.get_mut("output").and_then(serde_json::Value::as_object_mut) {
        output.remove("dir");
    }
    config
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RunError> {
    let mut json = serde_json::to_string_pretty(value).expect("plain data always serialises to memory");
    json.push('\n');
    fs::write(path, json).map_err(RunError::io("write", path))
}

/// Size and SHA-256 of `folder/name`.
fn digest_of(folder: &Path, name: &str) -> Result<FileDigest, RunError> {
    let path = folder.join(name);
    let (bytes, sha256) = storage::digest(&path).map_err(RunError::io("read", &path))?;
    Ok(FileDigest { path: name.to_owned(), bytes, sha256: hash::hex(&sha256) })
}

fn remove_files(job: &Job<'_>, kind: &str) -> Result<(), RunError> {
    (0..job.partitions.len()).try_for_each(|index| {
        let path = job.file(kind, index);
        fs::remove_file(&path).map_err(RunError::io("remove", &path))
    })
}

impl Outcome {
    fn add(&mut self, other: &Self) {
        self.counts += &other.counts;
        self.ledger_bytes += other.ledger_bytes;
        self.read_nanos += other.read_nanos;
        for (mine, theirs) in self.stage_nanos.iter_mut().zip(&other.stage_nanos) {
            *mine += theirs;
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

    fn times(self, plan: &Plan, outcome: &Outcome) -> Times {
        let spent = |name: &str, nanos: u64| Spent { name: name.to_owned(), seconds: seconds(nanos) };
        let mut stages = vec![spent("read", outcome.read_nanos)];
        stages.extend(plan.stages.iter().zip(&outcome.stage_nanos).map(|(stage, nanos)| spent(&stage.name, *nanos)));
        Times {
            seconds: seconds(self.watch.nanos() - self.start),
            threads: rayon::current_num_threads(),
            peak_memory: self.watch.peak_memory(),
            phases: self.phases,
            stages,
        }
    }
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
