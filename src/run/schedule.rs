//! A build as a plan file for any scheduler: tasks, what each needs, and all that a process needs to run one of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::folder::{Hold, Replace, WorkFolder};
use super::inputs::Inputs;
use super::job::Job;
use super::lock::Locking;
use super::task::{Task, engine};
use super::watch::Watch;
use super::write::{self, Publication};
use super::{Built, Pages, Times, cache, perform, pool};
use crate::config;
use crate::plan::Plan;
use crate::sink::dataset::Dataset;
use crate::source::Discovery;
use crate::text::size::ByteSize;

/// The plan file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    /// Layout of the file: [`VERSION`].
    pub version: u32,
    /// All tasks, each behind those that it needs.
    pub tasks: Vec<Listed>,
    /// What all of them share.
    pub build: Recipe,
}

/// A task as the plan file lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// Names of the tasks that must be done before.
    pub needs: Vec<String>,
    /// What it does, for people.
    pub does: String,
}

/// What all tasks of a plan share. Folders are absolute: all machines must see them in the same place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recipe {
    /// The version of tamis that made the plan.
    pub engine: String,
    /// The resolved config, as TOML.
    pub config: String,
    /// File name of the config.
    pub config_name: String,
    /// The config's folder.
    pub folder: PathBuf,
    /// The work folder, which all machines share.
    pub work_dir: PathBuf,
    /// Folder of the dataset.
    pub out_dir: PathBuf,
    /// Roughly the memory of a task.
    pub memory: ByteSize,
    /// Size of a partition.
    pub partition_size: ByteSize,
    /// The inputs as they were when the plan was made.
    pub inputs: Inputs,
}

/// Layout of the plan file.
pub const VERSION: u32 = 1;

/// Where a planned build works and writes.
#[derive(Debug, Clone)]
pub struct Places {
    /// File name of the config.
    pub config_name: String,
    /// The work folder.
    pub work_dir: PathBuf,
    /// Folder of the dataset.
    pub out_dir: PathBuf,
    /// Roughly the memory of a task.
    pub memory: ByteSize,
    /// Size of a partition.
    pub partition_size: ByteSize,
}

impl Schedule {
    /// Lists the tasks of a build of `plan`, whose folders should be absolute. Reads the inputs for their digests.
    ///
    /// # Errors
    /// If the work folder cannot be used.
    pub fn new(plan: &Plan, places: Places, watch: &dyn Watch) -> Result<Self, RunError> {
        let work = WorkFolder::open(&places.work_dir, Hold::Shared)?;
        let inputs = Inputs::survey(plan, &work, places.partition_size, false, watch)?;
        let job = Job::new(plan, &inputs, places.partition_size, work.store(), places.memory, watch);
        let listed = |task: Task| Listed {
            id: job.keys.name(task),
            needs: job.keys.needs(task).into_iter().map(|needed| job.keys.name(needed)).collect(),
            does: job.does(task),
        };
        let tasks = job.keys.tasks().into_iter().map(listed).collect();
        cache::plan(&job, &work)?;
        let build = Recipe {
            engine: engine(),
            config: config::resolved(&plan.config),
            config_name: places.config_name,
            folder: plan.folder.clone(),
            work_dir: places.work_dir,
            out_dir: places.out_dir,
            memory: places.memory,
            partition_size: places.partition_size,
            inputs: inputs.clone(),
        };
        Ok(Self { version: VERSION, tasks, build })
    }
}

impl Recipe {
    /// Whether this version of tamis can run tasks of this plan.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.engine == engine()
    }

    /// The inputs as discovery would find them.
    #[must_use]
    pub fn discovery(&self) -> Discovery {
        Discovery { files: self.inputs.files.clone(), ..Discovery::default() }
    }

    /// Runs the task called `id`; gives the dataset if that is the last one.
    ///
    /// # Errors
    /// If there is no such task, one that it needs is not done, an input changed, or the disk refuses.
    pub fn run(
        &self,
        plan: &Plan,
        id: &str,
        threads: Option<usize>,
        watch: &dyn Watch,
        pages: Pages<'_>,
    ) -> Result<Option<Built>, RunError> {
        let work = WorkFolder::open(&self.work_dir, Hold::Shared)?;
        pool(threads)?.install(|| {
            let memory = ByteSize((self.memory.0 / 4).max(1));
            let job = Job::new(plan, &self.inputs, self.partition_size, work.store(), memory, watch);
            let task = job.keys.tasks().into_iter().find(|task| job.keys.name(*task) == id);
            let task = task.ok_or_else(|| RunError::NoSuchTask(id.to_owned()))?;
            if task != Task::Finish {
                let performed = perform(&job, task);
                // What cannot be read is made again by the task that made it, once that is run again.
                if let Err(RunError::Damaged { path, .. }) = &performed {
                    work.store().discard(path)?;
                }
                return performed.map(|_| None);
            }
            let path = self.folder.join(super::LOCK_NAME);
            let locking = Locking { path, config: self.config_name.clone(), check: false };
            let to = Publication { out_dir: &self.out_dir, replace: Replace::Dataset, locking: Some(&locking), pages };
            let built = match write::finish(&job, &to, &Times::default) {
                Err(RunError::NotReady(needed)) => self.already(&job).ok_or(RunError::NotReady(needed))?,
                other => other?,
            };
            cache::note(&job, &work)?;
            Ok(Some(built))
        })
    }

    /// The dataset, if the last task was run before: a scheduler may run a task twice.
    fn already(&self, job: &Job<'_>) -> Option<Built> {
        let dataset = Dataset::open(&self.out_dir).ok()?;
        let is_ours = dataset.manifest.plan == job.keys.plan;
        is_ours.then(|| Built {
            manifest: dataset.manifest,
            times: Times::default(),
            folder: dataset.folder,
            warnings: Vec::new(),
            refused: Vec::new(),
        })
    }
}
