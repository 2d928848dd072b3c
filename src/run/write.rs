//! The last tasks: Parquet files into the store, then the dataset into its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Built;
use super::error::{ErrorKind, RunError};
use super::fill::fill;
use super::guards;
use super::job::Job;
use super::lock::{self, Locking};
use super::refused;
use super::resolve;
use super::shard::{Table, write_rejected};
use super::staging::{Replace, Staging};
use super::store::Key;
use super::tally::Tally;
use super::task::Task;
use crate::document::StageIndex;
use crate::plan::Plan;
use crate::report;
use crate::report::times::Times;
use crate::sink::DATA_VERSION;
use crate::sink::manifest::{self, FileDigest, Manifest, Totals};
use crate::sink::written::Written;
use crate::storage::{self, Temporary};
use crate::text::hash;

/// One Parquet file in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenTable {
    /// Its name in the dataset, its size and digest.
    file: FileDigest,
    /// Its number among all tables.
    number: usize,
    /// What was counted as it was written.
    written: Written,
}

/// What the dataset's place may hold, and what is to be checked before it is put there.
pub struct Publication<'a> {
    /// Folder of the dataset.
    pub out_dir: &'a Path,
    /// What may be replaced there.
    pub replace: Replace,
    /// The lock file, and whether it is checked or written.
    pub locking: Option<&'a Locking>,
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
    let files = tables.iter().map(|_| job.store.begin()).collect::<Result<_, _>>()?;
    let filled: Vec<_> = fill(job, tables, files, &key_values)?.into_iter().enumerate().collect();
    let put = |(at, (file, mut written)): (usize, (Temporary, Written))| {
        let (number, table) = (first + at, &tables[at]);
        let file = match table {
            Table::Rejected => {
                let (file, rejected) = write_rejected(job, file, &key_values)?;
                written = rejected;
                file
            }
            Table::Data(..) | Table::Removed(..) => file,
        };
        let (bytes, sha256) = storage::digest(file.path()).map_err(RunError::io("read", file.path()))?;
        job.store.place(file.close(), stored(job, part, number));
        let path = table.path(job.plan.config.output.format);
        let path = path.to_str().expect("the names of tables are made of UTF-8 parts").to_owned();
        let file = FileDigest { path, bytes, sha256: hash::hex(&sha256) };
        Ok(WrittenTable { file, number, written })
    };
    filled.into_par_iter().map(put).collect()
}

/// Whether a part is written and its files are still in the store.
#[must_use]
pub fn is_written(job: &Job<'_>, part: usize) -> bool {
    let tables: Option<Vec<WrittenTable>> = job.store.receipt(job.keys.writes[part]);
    let is_whole = |table: &WrittenTable| storage::size(&stored(job, part, table.number)) == Some(table.file.bytes);
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
    let mut written = Written::default();
    tables.iter().for_each(|(_, table)| written += &table.written);
    if let Some(imbalance) = written.differs(&counts) {
        return Err(RunError::unbalanced(imbalance));
    }
    counts.orphaned = written.orphaned;
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
    write_pages(plan, &mut manifest, &staging)?;
    if let Some(locking) = to.locking {
        lock::check_outputs(locking, &manifest)?;
    }
    for (part, table) in &tables {
        staging.take(&stored(job, *part, table.number), &table.file.path)?;
    }
    let times = times();
    staging.write_json("run.json", &times)?;
    let folder = staging.publish()?;
    let conclude = || {
        to.locking.map_or(Ok(()), |locking| lock::write(locking, &manifest))?;
        // The dataset has the files now; receipts go first, so that none speaks of what is gone.
        job.keys.writes.iter().try_for_each(|key| job.store.forget(*key))?;
        tables.iter().try_for_each(|(part, table)| job.store.discard(&stored(job, *part, table.number)).map(|_| ()))
    };
    conclude().map_err(|error: RunError| error.after_publishing(&folder))?;
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
    let (ending, warned) = refused::barren(job.plan, &tally.counts, &tally.refused);
    if !ending.is_empty() {
        return Err(ErrorKind::Barren(ending).into());
    }
    let warnings = warned.iter().map(ToString::to_string).chain(found.warnings).collect();
    Ok((tally, warnings))
}

fn tally_of(job: &Job<'_>) -> Result<Tally, RunError> {
    job.store.receipt(job.keys.tally).ok_or_else(|| job.not_ready(Task::Tally))
}

fn stored(job: &Job<'_>, part: usize, number: usize) -> PathBuf {
    job.store.path(job.keys.writes[part], &format!("table{number}"))
}

/// Writes the pages that are made from the manifest, then the manifest with their digests.
fn write_pages(plan: &Plan, manifest: &mut Manifest, staging: &Staging) -> Result<(), RunError> {
    for (name, contents) in report::pages(plan, manifest) {
        staging.write(&name, contents.as_bytes())?;
        let (bytes, sha256) = (contents.len() as u64, hash::hex(&hash::sha256(contents.as_bytes())));
        manifest.files.push(FileDigest { path: name, bytes, sha256 });
    }
    manifest.files.sort();
    manifest.digest = Manifest::digest_of(&manifest.files);
    staging.write_json(manifest::FILE_NAME, manifest)
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
