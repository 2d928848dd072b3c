//! A build as a plan file for any scheduler: tasks, what each needs, and all that a process needs to run one of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::{ErrorKind, RunError};
use super::folder::{Hold, WorkFolder};

use super::depends::engine;
use super::inputs::Inputs;
use super::job::Job;
use super::lock::Locking;
use super::staging::Replace;
use super::store::Key;
use super::task::Task;
use super::watch::Watch;
use super::write::{self, Publication};
use super::{Built, Times, cache, perform, pool};
use crate::config;
use crate::plan::Plan;
use crate::sink::dataset::Dataset;
use crate::text::size::ByteSize;

/// The plan file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    /// Layout of the file: [`VERSION`].
    pub version: u32,
    /// All tasks, each after those that it needs.
    pub tasks: Vec<Listed>,
    /// What happens to a document in each segment, for people.
    pub segments: Vec<String>,
    /// What all tasks share.
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
    /// Whether the last task writes the lock beside the config.
    writes_lock: bool,
    /// Under which key the work folder lists the inputs as they were when the plan was made.
    inputs: Key,
}

/// Layout of the plan file.
pub const VERSION: u32 = 1;

/// The kind of file that lists the inputs of a plan.
const INPUTS: &str = "inputs";

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
    /// Size of a partition; `None` for one that fits the size of the corpus.
    pub partition_size: Option<ByteSize>,
    /// Whether the last task writes the lock beside the config.
    pub writes_lock: bool,
}

impl Schedule {
    /// Lists the tasks of a build of `plan`, whose folders should be absolute. Reads the inputs for their digests, and leaves
    /// the list of them in the work folder.
    ///
    /// # Errors
    /// If the work folder cannot be used.
    pub fn new(plan: &Plan, places: Places, watch: &dyn Watch) -> Result<Self, RunError> {
        let work = WorkFolder::open(&places.work_dir, Hold::Shared)?;
        let inputs = Inputs::survey(plan, &work, places.partition_size, false, watch)?;
        let key = Key::of(&(INPUTS, engine(), &inputs.digests, &inputs.refused, inputs.partition_size, &inputs.files));
        work.store().save(key, INPUTS, &inputs)?;
        work.store().settle()?;
        let job = Job::new(plan, &inputs, work.store(), places.memory, watch);
        cache::plan(&job, key, &work)?;
        Ok(Self::of(&job, key, places))
    }

    /// Lists the tasks of a job, whose inputs lie under `inputs`.
    fn of(job: &Job<'_>, inputs: Key, places: Places) -> Self {
        let name = |task| job.keys.name(task);
        let listed = |task: Task| Listed {
            id: name(task),
            needs: job.keys.needs(task).into_iter().map(name).collect(),
            does: job.does(task),
        };
        let plan = job.plan;
        let build = Recipe {
            engine: engine(),
            config: config::resolved(&plan.config),
            config_name: places.config_name,
            folder: plan.folder.clone(),
            work_dir: places.work_dir,
            out_dir: places.out_dir,
            memory: places.memory,
            writes_lock: places.writes_lock,
            inputs,
        };
        let segments = (0..plan.segments.len()).map(|segment| plan.steps(segment).join(", ")).collect();
        Self { version: VERSION, tasks: job.keys.tasks().into_iter().map(listed).collect(), segments, build }
    }

    /// The plan file: JSON, a line a task.
    #[must_use]
    pub fn json(&self) -> String {
        let tasks: Vec<String> = self.tasks.iter().map(json).collect();
        let (segments, build) = (json(&self.segments), json(&self.build));
        let version = self.version;
        format!(
            "{{\"version\":{version},\"tasks\":[\n{}\n],\n\"segments\":{segments},\n\"build\":{build}}}\n",
            tasks.join(",\n")
        )
    }
}

impl Recipe {
    /// Whether this version of tamis can run tasks of this plan.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.engine == engine()
    }

    /// The inputs as they were when the plan was made.
    ///
    /// # Errors
    /// If the work folder cannot be used, or no longer lists them.
    pub fn inputs(&self) -> Result<Inputs, RunError> {
        let work = WorkFolder::open(&self.work_dir, Hold::Shared)?;
        work.store()
            .load(self.inputs, INPUTS)
            .ok_or_else(|| ErrorKind::PlanGone { work_dir: self.work_dir.clone() }.into())
    }

    /// Runs the tasks called `ids`, each after those of them that it needs; gives the dataset if the last of all is among them.
    ///
    /// # Errors
    /// If there is no such task, one that it needs is not done, an input changed, or the disk refuses.
    pub fn run(
        &self,
        plan: &Plan,
        inputs: &Inputs,
        ids: &[String],
        threads: Option<usize>,
        watch: &dyn Watch,
    ) -> Result<Option<Built>, RunError> {
        let work = WorkFolder::open(&self.work_dir, Hold::Shared)?;
        pool(threads)?.install(|| {
            let side_by_side = ids.len().min(rayon::current_num_threads()).max(1) as u64;
            let memory = ByteSize((self.memory.0 / 4 / side_by_side).max(1));
            let job = Job::new(plan, inputs, work.store(), memory, watch);
            let tasks = job.named(ids)?;
            for tasks in tasks.chunk_by(|a, b| job.keys.step(*a) == job.keys.step(*b)) {
                tasks.iter().try_for_each(|task| job.expect_ready(*task))?;
                if tasks == [Task::Finish] {
                    return self.finish(&job, &work).map(Some);
                }
                let perform = |task: &Task| {
                    perform(&job, *task).map(drop).map_err(|error| error.in_task(|| job.keys.name(*task)))
                };
                let performed = tasks.par_iter().try_for_each(perform).and_then(|()| work.store().settle());
                // What cannot be read is made again by the task that made it, once that is run again.
                if let Some(path) = performed.as_ref().err().and_then(RunError::damaged_file) {
                    work.store().discard(path)?;
                }
                performed?;
            }
            Ok(None)
        })
    }

    fn finish(&self, job: &Job<'_>, work: &WorkFolder) -> Result<Built, RunError> {
        let _turn = work.turn()?;
        let path = self.folder.join(super::LOCK_NAME);
        let locking = self.writes_lock.then(|| Locking { path, config: self.config_name.clone(), check: false });
        let to = Publication { out_dir: &self.out_dir, replace: Replace::Dataset, locking: locking.as_ref() };
        let built = match write::finish(job, &to, &Times::default) {
            Err(error) if matches!(*error.kind, ErrorKind::NotReady { .. }) => self.already(job).ok_or(error)?,
            other => other?,
        };
        cache::note(job, work)?;
        cache::remove_read_ahead(job, work)?;
        Ok(built)
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

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a plan holds only what JSON can hold")
}

impl Job<'_> {
    /// The tasks of these names, each once, in an order in which each stands after those that it needs.
    fn named(&self, ids: &[String]) -> Result<Vec<Task>, RunError> {
        let mut wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let mut tasks = self.keys.tasks();
        tasks.retain(|task| wanted.remove(self.keys.name(*task).as_str()));
        wanted.first().map_or(Ok(tasks), |unknown| Err(ErrorKind::NoSuchTask { name: (*unknown).to_owned() }.into()))
    }

    /// Whether a task has left its receipt. What a file was read ahead for may be done, and the pieces of it gone.
    #[must_use]
    pub fn is_done(&self, task: Task) -> bool {
        self.store.has_receipt(self.keys.of(task)) || matches!(task, Task::Read { number } if self.is_spent(number))
    }

    /// Makes sure that all that a task needs is done, unless it is done itself.
    fn expect_ready(&self, task: Task) -> Result<(), RunError> {
        // The last task takes away what it has used, and says itself what it lacks.
        if task == Task::Finish || self.is_done(task) {
            return Ok(());
        }
        let mut missing = self.keys.needs(task).into_iter().filter(|needed| !self.is_done(*needed));
        let Some(needed) = missing.next() else { return Ok(()) };
        let name = |task| self.keys.name(task);
        Err(ErrorKind::Waits { task: name(task), needed: name(needed), more: missing.count() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::cut;
    use crate::run::watch::Blind;
    use crate::source::{Compression, FileKind, InputFile, Slice};

    /// A corpus of `files` files of `bytes` each, which nobody ever wrote.
    fn invented(files: u32, bytes: u64) -> Inputs {
        let file = |number: u32| InputFile {
            source: 0,
            path: format!("/corpus/part-{number:07}.jsonl").into(),
            name: format!("corpus/part-{number:07}.jsonl").into(),
            kind: FileKind::Jsonl,
            compression: Compression::None,
            records: None,
            bytes,
        };
        let mut inputs = Inputs { files: (0..files).map(file).collect(), ..Inputs::default() };
        for index in 0..files {
            let starts = (0..bytes).step_by(cut::SLICE as usize);
            let slice = |start: u64| Slice {
                start,
                end: bytes.min(start + cut::SLICE),
                first_record: start / 4000,
                next_record: None,
                digest: [index as u8; 16],
            };
            inputs.slices.extend(starts.map(|start| (index, slice(start))));
        }
        inputs.partition_size = cut::size_for(cut::bytes_of(&inputs.files, &inputs.slices), None);
        inputs
    }

    fn schedule(inputs: &Inputs) -> Schedule {
        let text = "[dataset]\nname = 'a'\n[[source]]\npaths = ['corpus']\n[output]\ndir = 'out'\n";
        let stages = config::starter().split("[output]").next().and_then(|text| text.split_once("[[stage]]"));
        let (_, stages) = stages.expect("the starter has stages");
        let text = text.replace("[output]", &format!("[[stage]]{stages}[output]"));
        let located = config::load(&text, "tamis.toml", &[]).unwrap_or_else(|errors| panic!("{errors}"));
        let plan = Plan::with_files(located, "/".as_ref(), inputs.discovery());
        let plan = plan.unwrap_or_else(|error| panic!("{error}"));
        let folder = tempfile::tempdir().unwrap();
        let work = WorkFolder::open(folder.path(), Hold::Shared).unwrap();
        let job = Job::new(&plan, inputs, work.store(), ByteSize(1 << 30), &Blind);
        let places = Places {
            config_name: "tamis.toml".to_owned(),
            work_dir: "/work-folder".into(),
            out_dir: "/out".into(),
            memory: ByteSize(1 << 30),
            partition_size: None,
            writes_lock: true,
        };
        Schedule::of(&job, Key::of(&"inputs"), places)
    }

    #[test]
    fn a_plan_of_a_terabyte_is_small_and_each_of_its_tasks_too() {
        for (files, bytes) in [(4_000, 250_000_000), (100, 10_000_000_000), (200_000, 5_000_000)] {
            let schedule = schedule(&invented(files, bytes));
            let json = schedule.json();
            let partitions = schedule.tasks.iter().filter(|task| task.id.starts_with("s1.")).count();
            assert!((400..3_000).contains(&partitions), "{partitions} partitions of {files} files");
            assert!(json.len() < 2_000_000, "{} bytes for {} tasks", json.len(), schedule.tasks.len());
            assert!(json.len() / schedule.tasks.len() < 200, "{} bytes for {} tasks", json.len(), schedule.tasks.len());
            let again: Schedule = serde_json::from_str(&json).expect("a plan file can be read");
            assert_eq!(again.json(), json);
        }
    }

    #[test]
    fn each_task_stands_after_those_that_it_needs_and_all_lead_to_the_last() {
        let schedule = schedule(&invented(40, 20_000_000));
        let mut seen = BTreeSet::new();
        let mut needed = BTreeSet::new();
        for task in &schedule.tasks {
            assert!(task.needs.iter().all(|need| seen.contains(need.as_str())), "{task:?}");
            needed.extend(task.needs.iter().map(String::as_str));
            assert!(seen.insert(task.id.as_str()), "{} stands twice", task.id);
        }
        let idle: Vec<_> = seen.difference(&needed).collect();
        assert_eq!(idle, [&"finish"]);
    }
}
