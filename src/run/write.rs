//! The last tasks: Parquet files into the store, then the dataset into its place.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blob::TempFile;
use super::error::RunError;
use super::fill::fill;
use super::folder::{Replace, Staging};
use super::guards;
use super::job::Job;
use super::lock::{self, Locking};
use super::refused;
use super::resolve;
use super::shard::{Orphaned, Table, write_rejected};
use super::store::Key;
use super::tally::Tally;
use super::task::Task;
use super::{Built, Pages, Times};
use crate::document::StageIndex;
use crate::plan::Plan;
use crate::sink::DATA_VERSION;
use crate::sink::counts::add_rules;
use crate::sink::manifest::{self, FileDigest, Manifest, Totals};
use crate::storage;
use crate::text::hash;

/// One Parquet file in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenTable {
    /// Its name in the dataset, its size and digest.
    file: FileDigest,
    /// Its number among all tables.
    number: usize,
    /// Removals it holds whose kept copy is gone, by stage and rule.
    orphaned: Orphaned,
}

/// What the dataset's place may hold, and what is to be checked before it is put there.
pub struct Publication<'a> {
    /// Folder of the dataset.
    pub out_dir: &'a Path,
    /// What may be replaced there.
    pub replace: Replace,
    /// The lock file, and whether it is checked or written.
    pub locking: Option<&'a Locking>,
    /// Makes the pages of the dataset.
    pub pages: Pages<'a>,
}

/// Writes the Parquet files of one part: tables that follow each other, so that all of a part are filled by one reading.
///
/// # Errors
/// If the disk refuses, or a task is not done.
pub fn write(job: &Job<'_>, part: usize) -> Result<Vec<WrittenTable>, RunError> {
    let tally = tally_of(job)?;
    let dataset = &job.plan.config.dataset;
    let key_values = [
        ("tamis.data_version".to_owned(), DATA_VERSION.to_owned()),
        ("tamis.dataset".to_owned(), format!("{} {}", dataset.name, dataset.version)),
        ("tamis.plan".to_owned(), job.keys.plan.clone()),
    ];
    let (parts, count) = (job.keys.writes.len(), tally.tables.len());
    let first = count * part / parts;
    let tables = tally.tables.get(first..count * (part + 1) / parts).unwrap_or_default();
    let temporary: Vec<TempFile> =
        tables.iter().map(|_| TempFile::create(&job.store.temporary())).collect::<Result<_, _>>()?;
    let paths: Vec<PathBuf> = temporary.iter().map(|file| file.path().to_owned()).collect();
    let orphaned = fill(job, tables, &paths, &key_values)?;
    for (_, path) in tables.iter().zip(&paths).filter(|(table, _)| **table == Table::Rejected) {
        write_rejected(job, path, &key_values)?;
    }
    let put = |(at, (temporary, orphaned)): (usize, (TempFile, Orphaned))| {
        let (number, table) = (first + at, &tables[at]);
        let (bytes, sha256) = storage::digest(temporary.path()).map_err(RunError::io("read", temporary.path()))?;
        temporary.persist(&stored(job, part, number))?;
        let path = table.path().to_str().expect("the names of tables are made of UTF-8 parts").to_owned();
        let file = FileDigest { path, bytes, sha256: hash::hex(&sha256) };
        Ok(WrittenTable { file, number, orphaned })
    };
    let filled: Vec<_> = temporary.into_iter().zip(orphaned).enumerate().collect();
    filled.into_par_iter().map(put).collect()
}

/// Whether a part is written and its files are still in the store.
#[must_use]
pub fn is_written(job: &Job<'_>, part: usize) -> bool {
    let tables: Option<Vec<WrittenTable>> = job.store.receipt(job.keys.writes[part]);
    let is_whole = |table: &WrittenTable| {
        fs::metadata(stored(job, part, table.number)).is_ok_and(|metadata| metadata.len() == table.file.bytes)
    };
    tables.is_some_and(|tables| tables.iter().all(is_whole))
}

/// Makes the manifest and the pages, checks the lock, and puts the dataset in place.
///
/// # Errors
/// If the place cannot be used, something drifted from the lock, or the disk refuses.
pub fn finish(job: &Job<'_>, to: &Publication<'_>, times: &dyn Fn() -> Times) -> Result<Built, RunError> {
    let plan = job.plan;
    let (tally, warnings) = guarded(job)?;
    let mut counts = tally.counts;
    let mut tables = Vec::new();
    for (part, key) in job.keys.writes.iter().enumerate() {
        let written: Option<Vec<WrittenTable>> = job.store.receipt(*key);
        let written = written.filter(|_| is_written(job, part)).ok_or_else(|| job.not_ready(Task::Write { part }))?;
        tables.extend(written.into_iter().map(|table| (part, table)));
    }
    counts.orphans = resolve::orphans(job)?;
    tables.iter().for_each(|(_, table)| add_rules(&mut counts.orphaned, &table.orphaned));
    let mut files: Vec<FileDigest> = tables.iter().map(|(_, table)| table.file.clone()).collect();
    files.sort();
    let mut manifest = Manifest {
        format: manifest::FORMAT,
        data_version: DATA_VERSION.to_owned(),
        plan: job.keys.plan.clone(),
        digest: Manifest::digest_of(&files),
        config: plan.manifest_config(),
        hashes: [("key".to_owned(), hash::KEY_HASH.to_owned())].into(),
        inputs: job.inputs.digests.clone(),
        models: plan.models(),
        counts: Totals::new(&counts, &plan.names()),
        gutted: counts.gutted.named(),
        stages: manifest::stage_reports(&counts, &plan.names()),
        files,
    };
    let staging = Staging::prepare(to.out_dir, to.replace)?;
    write_pages(plan, &mut manifest, to.pages, staging.folder())?;
    if let Some(locking) = to.locking {
        lock::check_outputs(locking, &manifest)?;
    }
    for key in &job.keys.writes {
        job.store.forget(*key)?;
    }
    for (part, table) in &tables {
        relocate(&stored(job, *part, table.number), &staging.folder().join(&table.file.path))?;
    }
    let times = times();
    write_json(&staging.folder().join("run.json"), &times)?;
    let folder = staging.publish()?;
    if let Some(locking) = to.locking {
        lock::write(locking, &manifest)?;
    }
    Ok(Built { manifest, times, folder, warnings, refused: tally.refused.first })
}

/// The tally, and what it gives cause to warn of.
///
/// # Errors
/// If a guard of the config trips, or the tally is not there yet.
pub fn guarded(job: &Job<'_>) -> Result<(Tally, Vec<String>), RunError> {
    let tally = tally_of(job)?;
    let mut notes: BTreeMap<StageIndex, u64> = BTreeMap::new();
    for (segment, (_, written)) in job.plan.segments.iter().zip(&tally.passed) {
        for (step, count) in segment.observes.iter().zip(written) {
            *notes.entry(step.stage).or_default() += count;
        }
    }
    let found = guards::findings(job.plan, &tally.counts, &notes);
    if let Some(tripped) = found.tripped {
        return Err(tripped.into());
    }
    match refused::barren(job.plan, &tally.counts, &tally.refused) {
        (Some(barren), _) => Err(barren.into()),
        (None, warnings) => Ok((tally, [warnings, found.warnings].concat())),
    }
}

fn tally_of(job: &Job<'_>) -> Result<Tally, RunError> {
    job.store.receipt(job.keys.tally).ok_or_else(|| job.not_ready(Task::Tally))
}

fn stored(job: &Job<'_>, part: usize, number: usize) -> PathBuf {
    job.store.path(job.keys.writes[part], &format!("table{number}"))
}

/// Moves a file, by copying where the two places are on different file systems.
fn relocate(from: &Path, to: &Path) -> Result<(), RunError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to).map_err(RunError::io("write", to))?;
            fs::remove_file(from).map_err(RunError::io("remove", from))
        }
        other => other.map_err(RunError::io("write", to)),
    }
}

/// Writes the pages that are made from the manifest, then the manifest with their digests.
fn write_pages(plan: &Plan, manifest: &mut Manifest, pages: Pages<'_>, folder: &Path) -> Result<(), RunError> {
    for (name, contents) in pages(plan, manifest) {
        let path = folder.join(&name);
        fs::write(&path, contents).map_err(RunError::io("write", &path))?;
        let (bytes, sha256) = storage::digest(&path).map_err(RunError::io("read", &path))?;
        manifest.files.push(FileDigest { path: name, bytes, sha256: hash::hex(&sha256) });
    }
    manifest.files.sort();
    manifest.digest = Manifest::digest_of(&manifest.files);
    write_json(&folder.join(manifest::FILE_NAME), manifest)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RunError> {
    let mut json = serde_json::to_string_pretty(value).expect("plain data always serialises to memory");
    json.push('\n');
    fs::write(path, json).map_err(RunError::io("write", path))
}

/// The keys that a finished build has used, results of partitions included.
///
/// # Errors
/// If a partition is not done.
pub fn used(job: &Job<'_>) -> Result<Vec<Key>, RunError> {
    // What was read ahead has served its purpose.
    let tasks = job.keys.tasks().into_iter().filter(|task| !matches!(task, Task::Read { .. }));
    let mut keys: Vec<Key> = tasks.map(|task| job.keys.of(task)).collect();
    for segment in 0..job.plan.segments.len() {
        keys.extend(job.results(segment)?);
    }
    Ok(keys)
}
