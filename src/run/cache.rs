//! What a build found done already, what it had to do and why, and the trimming of the work folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Done;
use super::depends::engine;
use super::error::RunError;
use super::folder::{Hold, WorkFolder};
use super::job::Job;
use super::sealed::{seal, unseal};
use super::store::Key;
use super::task::Task;
use super::write::used;
use crate::document::StageIndex;
use crate::plan::Step;
use crate::report::times::CacheLine;
use crate::storage;

/// What the last build depended on, to say what changed since.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LastBuild {
    engine: String,
    /// By the stage's name; its rounds follow its name.
    stages: BTreeMap<String, Key>,
    /// Size and digest of each input.
    inputs: BTreeMap<String, String>,
}

/// A work folder as `tamis cache` shows and trims it.
pub struct Cache {
    work: WorkFolder,
}

/// What the last build left, if there was one.
#[must_use]
pub fn last_build(work: &WorkFolder) -> Option<LastBuild> {
    storage::read(&work.last_build()).ok().and_then(|bytes| unseal(&bytes))
}

/// Says of all tasks, by kind, which ran and why.
#[must_use]
pub fn lines(job: &Job<'_>, last: &Option<LastBuild>, done: &[(Task, Done)]) -> Vec<CacheLine> {
    let now = LastBuild::new(job);
    let mut counts: BTreeMap<(usize, String, bool, String), u64> = BTreeMap::new();
    for (order, (task, done)) in done.iter().enumerate() {
        let kind = match task {
            Task::Read { .. } => "read".to_owned(),
            Task::Partition { segment, .. } => format!("segment {}", segment + 1),
            Task::Decide { segment, .. } => format!("decide {}", segment + 1),
            Task::Tally => "tally".to_owned(),
            Task::Resolve { .. } => "resolve".to_owned(),
            Task::Write { .. } | Task::Finish => "write".to_owned(),
            Task::Passed { .. } | Task::Decided { .. } | Task::Resolved => continue,
        };
        let why = match done {
            Done::Before => "done before".to_owned(),
            Done::Alike => "what changed before it left its documents as they were".to_owned(),
            Done::Now => why(job, last.as_ref(), &now, *task),
        };
        // Kinds stand in the order of the tasks.
        let first = counts.keys().find(|(_, known, ..)| *known == kind).map_or(order, |(first, ..)| *first);
        *counts.entry((first, kind, *done == Done::Now, why)).or_default() += 1;
    }
    counts.into_iter().map(|((_, kind, ran, why), tasks)| CacheLine { kind, ran, why, tasks }).collect()
}

/// Why a task had to run.
fn why(job: &Job<'_>, last: Option<&LastBuild>, now: &LastBuild, task: Task) -> String {
    let Some(last) = last else { return "first build in this work folder".to_owned() };
    if last.engine != now.engine {
        return "another version of tamis".to_owned();
    }
    let changed = |places: &[StageIndex], rounds: &[Step]| {
        let stages = places.iter().map(|place| &job.plan.stage(*place).name);
        let stages = stages.filter(|name| last.stages.get(*name) != now.stages.get(*name));
        let rounds = rounds.iter().map(|step| (&job.plan.stage(step.stage).name, step.round));
        let rounds = rounds.filter(|(name, round)| {
            let round = round_of(name, *round);
            last.stages.get(&round) != now.stages.get(&round)
        });
        let mut changed: Vec<&str> = stages.chain(rounds.map(|(name, _)| name)).map(String::as_str).collect();
        changed.sort_unstable();
        changed.dedup();
        (!changed.is_empty()).then(|| format!("options of `{}` changed", changed.join("`, `")))
    };
    match task {
        Task::Read { .. } => "its partitions have to be read".to_owned(),
        Task::Partition { segment, index } => {
            let parts = &job.plan.segments[segment];
            let (applied, told): (Vec<Step>, Vec<Step>) =
                parts.applies.iter().partition(|step| job.plan.is_last_round(**step));
            let applied: Vec<StageIndex> = applied.iter().map(|step| step.stage).collect();
            if let Some(why) =
                changed(&[applied, parts.stages.clone()].concat(), &[told, parts.observes.clone()].concat())
            {
                return why;
            }
            if segment > 0 {
                return "other documents came in, or others were decided about".to_owned();
            }
            let names: BTreeSet<&str> =
                job.partitions[index].slices.iter().map(|(file, _)| &*job.inputs.files[*file as usize].name).collect();
            let is_new = names.iter().find(|name| !last.inputs.contains_key(**name));
            let differs = names.iter().find(|name| last.inputs.get(**name) != now.inputs.get(**name));
            match (is_new, differs) {
                (Some(name), _) => format!("{name} is new"),
                (None, Some(name)) => format!("{name} changed"),
                (None, None) => "not done before, or its files are grouped anew".to_owned(),
            }
        }
        Task::Decide { segment, observer, .. } => {
            let step = job.plan.segments[segment].observes[observer];
            changed(&[], &[step]).unwrap_or_else(|| "other notes came in".to_owned())
        }
        Task::Tally | Task::Resolve { .. } => "other rows came in".to_owned(),
        Task::Write { .. } | Task::Finish => "the files move into the dataset".to_owned(),
        Task::Passed { .. } | Task::Decided { .. } | Task::Resolved => "others were waited for".to_owned(),
    }
}

/// A round of a stage among the names of stages, none of which has a space.
fn round_of(stage: &str, round: usize) -> String {
    format!("{stage} {round}")
}

impl LastBuild {
    fn new(job: &Job<'_>) -> Self {
        let mut stages = BTreeMap::new();
        for ((stage, key), rounds) in job.plan.stages.iter().zip(&job.keys.stages).zip(&job.keys.rounds) {
            stages.insert(stage.name.clone(), *key);
            stages.extend(rounds.iter().enumerate().map(|(round, key)| (round_of(&stage.name, round), *key)));
        }
        let digests = &job.inputs.digests;
        let inputs = digests.iter().map(|file| (file.path.clone(), format!("{} {}", file.bytes, file.sha256)));
        Self { engine: engine(), stages, inputs: inputs.collect() }
    }
}

/// After a build that had the work folder for itself: notes what it used, and removes from the store what neither it nor
/// the build before it used.
///
/// # Errors
/// If the disk refuses.
pub fn conclude(job: &Job<'_>, work: &WorkFolder) -> Result<(), RunError> {
    note(job, work)?;
    let kept: BTreeSet<String> = (0..2).flat_map(|age| read_keys(&work.used(age))).collect();
    work.store().retain(|key| kept.contains(key)).map(|_| ())
}

/// Notes which tasks a plan has, and where its inputs are listed: what they make is not to be thrown away while others still
/// wait.
///
/// # Errors
/// If the disk refuses.
pub fn plan(job: &Job<'_>, inputs: Key, work: &WorkFolder) -> Result<(), RunError> {
    work.replace(&work.planned(), lines_of(job.keys.all().chain([inputs])).as_bytes())
}

/// After a build: notes what it depended on and which keys it used.
///
/// # Errors
/// If the disk refuses.
pub fn note(job: &Job<'_>, work: &WorkFolder) -> Result<(), RunError> {
    work.replace(&work.last_build(), &seal(&LastBuild::new(job)))?;
    let now = lines_of(used(job)?);
    let before = storage::read(&work.used(0)).unwrap_or_default();
    if before != now.as_bytes() {
        work.replace(&work.used(1), &before)?;
        work.replace(&work.used(0), now.as_bytes())?;
    }
    Ok(())
}

/// After the last task of a plan: removes what was read ahead, which has served its purpose. What else the store holds may be of
/// other plans.
///
/// # Errors
/// If the disk refuses.
pub fn remove_read_ahead(job: &Job<'_>, work: &WorkFolder) -> Result<(), RunError> {
    let reads: BTreeSet<String> = job.keys.reads.iter().map(|key| key.to_string()).collect();
    if reads.is_empty() {
        return Ok(());
    }
    work.store().retain(|key| !reads.contains(key)).map(drop)
}

/// Keys, each once, a line each.
fn lines_of(keys: impl IntoIterator<Item = Key>) -> String {
    let keys: BTreeSet<String> = keys.into_iter().map(|key| key.to_string()).collect();
    keys.iter().fold(String::new(), |text, key| text + key + "\n")
}

fn read_keys(path: &Path) -> BTreeSet<String> {
    String::from_utf8(storage::read(path).unwrap_or_default()).unwrap_or_default().lines().map(str::to_owned).collect()
}

impl Cache {
    /// Opens a work folder.
    ///
    /// # Errors
    /// If a build is using it, or the disk refuses.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        Ok(Self { work: WorkFolder::open(folder, Hold::Alone)? })
    }

    /// What the store holds, by kind of file: how many, their bytes, and how many bytes of them the last build used.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn list(&self) -> Result<BTreeMap<String, (u64, u64, u64)>, RunError> {
        let used = self.in_use()?;
        let mut kinds: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
        for entry in self.work.store().entries()? {
            let kind = if entry.kind.starts_with("table") { "table".to_owned() } else { entry.kind };
            let sums = kinds.entry(kind).or_default();
            sums.0 += 1;
            sums.1 += entry.bytes;
            sums.2 += if used.contains(&entry.key) { entry.bytes } else { 0 };
        }
        Ok(kinds)
    }

    /// What the last build used, and what was made by tasks of the last plan.
    fn in_use(&self) -> Result<BTreeSet<String>, RunError> {
        let mut used = read_keys(&self.work.used(0));
        let planned = read_keys(&self.work.planned());
        for entry in self.work.store().entries()? {
            if planned.contains(&entry.key)
                && let Some(result) = self.work.store().result_of(&entry)
            {
                used.insert(result.to_string());
            }
        }
        used.extend(planned);
        Ok(used)
    }

    /// Removes what neither the last build nor the last plan used, or everything; returns how many files and bytes went.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn trim(&self, everything: bool) -> Result<(u64, u64), RunError> {
        let used = self.in_use()?;
        let gone = self.work.store().retain(|key| !everything && used.contains(key))?;
        if everything {
            self.work.clear()?;
        }
        Ok(gone)
    }
}
