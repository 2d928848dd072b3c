//! The front door: all that a program needs which builds datasets with this library. Each function is a thin one over the floors
//! below; the command line goes through the same door, so every caller gets the same bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{self, ConfigErrors, Located};
use crate::plan::{Plan, PlanError};
use crate::report::explain::Explained;
use crate::run::{self, Built, Options, Places, RunError, Schedule, Watch};
use crate::sink::dataset::{Dataset, DatasetError};
use crate::source::{self, InputFile};

/// Why something cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that was named cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The config has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The config and its inputs make no pipeline.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A build ended early.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A folder is no dataset, or cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A plan of tasks was made by another version of tamis.
    #[error("the plan was made by another version of tamis")]
    OtherVersion,
    /// A file that is to be explained is none that the config could read.
    #[error("cannot read {}: {detail}", path.display())]
    NoInput {
        /// Which file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// A file has no such record.
    #[error("{} has no record {record}", path.display())]
    NoRecord {
        /// Which file.
        path: PathBuf,
        /// The record, from 0.
        record: u64,
    },
}

/// Reads the config at `path`, with `overrides` as `--set` takes them, finds its inputs and loads its models.
///
/// # Errors
/// All mistakes of the config at once, or the first thing that cannot be read.
pub fn check(path: &Path, overrides: &[String]) -> Result<Plan, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Plan::new(load(path, overrides)?, folder)?)
}

/// Reads the config at `path` and nothing that it names.
///
/// # Errors
/// All mistakes of the config at once.
pub fn load(path: &Path, overrides: &[String]) -> Result<Located, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let read = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(read).map_err(|error| {
        unreadable(io::Error::new(io::ErrorKind::InvalidData, format!("it is no UTF-8 text: {error}")))
    })?;
    Ok(config::load(&text, &path.display().to_string(), overrides)?)
}

/// Lists the tasks of a build, for an engine of the caller's own: each may run anywhere once those that it needs are done.
///
/// # Errors
/// If the work folder cannot be used.
pub fn plan(plan: &Plan, places: Places, watch: &dyn Watch) -> Result<Schedule, Error> {
    Ok(Schedule::new(plan, places, watch)?)
}

/// Runs tasks of a plan, each after those of them that it needs; gives the dataset if the last one is among them.
///
/// # Errors
/// If the plan is of another version, there is no such task, one that it needs is not done, or the disk refuses.
pub fn run_tasks(
    schedule: &Schedule,
    ids: &[String],
    threads: Option<usize>,
    watch: &dyn Watch,
) -> Result<Option<Built>, Error> {
    let recipe = &schedule.build;
    if !recipe.is_ours() {
        return Err(Error::OtherVersion);
    }
    let located = config::load(&recipe.config, &recipe.config_name, &[])?;
    let inputs = recipe.inputs()?;
    let plan = Plan::with_files(located, &recipe.folder, inputs.discovery())?;
    Ok(recipe.run(&plan, &inputs, ids, threads, watch)?)
}

/// Builds the dataset.
///
/// # Errors
/// If the output's place cannot be used, something drifted from the lock, a guard trips, or the disk refuses.
pub fn build(plan: &Plan, options: &Options, watch: &dyn Watch) -> Result<Built, Error> {
    Ok(run::build(plan, options, watch)?)
}

/// Says line by line what became of the documents of one file, or of the one of that record: by the last build, where its dataset stands
/// for this config and these inputs, else by the stages on this file alone. `work_dir` is the work folder of the builds.
///
/// # Errors
/// If the file cannot be read as an input, or has no such record.
pub fn explain(plan: &Plan, file: &Path, record: Option<u64>, work_dir: Option<&Path>) -> Result<Explained, Error> {
    let input = find(plan, file)?;
    let explained = run::explain(plan, &input, record, work_dir)?;
    if explained.documents.is_empty() && explained.rejected.is_empty() {
        return Err(Error::NoRecord { path: file.to_owned(), record: record.unwrap_or_default() });
    }
    Ok(explained)
}

/// Opens a finished dataset.
///
/// # Errors
/// If the folder holds no dataset that this version can read.
pub fn open(folder: &Path) -> Result<Dataset, Error> {
    Ok(Dataset::open(folder)?)
}

/// The file as one of the config's inputs, or else as its first source would take it.
fn find(plan: &Plan, file: &Path) -> Result<InputFile, Error> {
    let no_input = |detail: String| Error::NoInput { path: file.to_owned(), detail };
    let unreadable = |source| Error::Unreadable { path: file.to_owned(), source };
    let metadata = fs::metadata(file).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let same = |input: &&InputFile| same_file(&input.path, file);
    if let Some(input) = plan.discovery.files.iter().find(same) {
        return Ok(input.clone());
    }
    let absolute = std::path::absolute(file).map_err(unreadable)?;
    let mut source =
        plan.config.source.first().cloned().ok_or_else(|| no_input("the config has no source".to_owned()))?;
    source.paths = vec![absolute.display().to_string()];
    let found = source::discover(&plan.folder, &[source]).map_err(|error| no_input(error.to_string()))?;
    let refused = found.refused.first().map(|refused| refused.detail.clone());
    found.files.into_iter().next().ok_or_else(|| no_input(refused.unwrap_or_else(|| "it is no input".to_owned())))
}

fn same_file(a: &Path, b: &Path) -> bool {
    a.file_name() == b.file_name() && matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
