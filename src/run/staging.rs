//! The output folder, which appears whole or not at all: it is written beside its place under a name of its own, synced, and
//! put in place by one exchange of names.
//!
//! Names beside the output `out`: `.out.partial…` is a dataset in the making, or, for a moment after the exchange, the one that
//! it replaced; `.out.replaced…` is the one before, where the file system cannot exchange two folders in one step. Both go with
//! the next build into the same place, unless the process that wrote them still lives. A `.out.replaced…` without an `out` is
//! what a build was killed over, and goes back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::{ErrorKind, OutputProblem, RunError};
use crate::sink::manifest::{self, Manifest};
use crate::storage::{self, Claim};

/// What may be replaced at the place of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// An empty folder or a tamis dataset.
    Dataset,
    /// Any folder.
    Anything,
}

/// An output folder in the making. Dropped before [`Staging::publish`], it goes.
pub struct Staging {
    target: PathBuf,
    replace: Replace,
    partial: Claim,
}

impl Staging {
    /// Prepares to write a dataset to `target`: checks that what stands there may be replaced, and makes an empty folder
    /// beside it, with `data/` and `ledger/`.
    ///
    /// # Errors
    /// If something stands at `target` that is no tamis dataset and `replace` does not allow it, or if the place cannot be
    /// written to.
    pub fn prepare(target: &Path, replace: Replace) -> Result<Self, RunError> {
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let name = target.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| unusable(&target, OutputProblem::NoName))?;
        let parent = storage::folder_of(&target);
        let unwritable = |error: io::Error| unusable(&target, OutputProblem::Unwritable(error));
        let replaced = format!(".{name}.replaced");
        put_back(parent, &replaced, &target).map_err(unwritable)?;
        may_be_replaced(&target, replace)?;
        let make = || {
            storage::make_folders(parent)?;
            storage::remove_abandoned(parent, &replaced)?;
            let prefix = format!(".{name}.partial");
            storage::remove_abandoned(parent, &prefix)?;
            let partial = Claim::make(parent, &prefix)?;
            storage::make_folders(&partial.path().join("data"))?;
            storage::make_folders(&partial.path().join("ledger"))?;
            Ok(partial)
        };
        let partial = make().map_err(unwritable)?;
        Ok(Self { target, replace, partial })
    }

    /// Writes a file of the dataset.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), RunError> {
        let path = self.partial.path().join(name);
        storage::write(&path, contents).map_err(RunError::io("write", &path))
    }

    /// Writes a file of the dataset as pretty JSON.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), RunError> {
        let mut json = serde_json::to_string_pretty(value).expect("plain data always serialises to memory");
        json.push('\n');
        self.write(name, json.as_bytes())
    }

    /// Takes a file into the dataset that is on the disk already, and stays where it is.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn take(&self, from: &Path, name: &str) -> Result<(), RunError> {
        let path = self.partial.path().join(name);
        storage::link(from, &path).map_err(RunError::io("write", &path))
    }

    /// Puts the folder in place, and removes what stood there.
    ///
    /// # Errors
    /// If the disk refuses, or something stands there meanwhile that may not be replaced.
    pub fn publish(self) -> Result<PathBuf, RunError> {
        let (partial, target) = (self.partial.path(), self.target.as_path());
        for folder in [&partial.join("data"), &partial.join("ledger"), partial] {
            storage::sync_folder(folder).map_err(RunError::io("sync", folder))?;
        }
        may_be_replaced(target, self.replace)?;
        put_in_place(partial, target).map_err(RunError::io("replace", target))?;
        let parent = storage::folder_of(target);
        let synced = storage::sync_folder(parent).map_err(RunError::io("sync", parent));
        synced.map_err(|error| error.after_publishing(target))?;
        // Whatever has the name of the folder in the making now was replaced, and goes.
        Ok(self.target)
    }
}

/// Another build may put its dataset into the same place between our looks at it; not more often than this.
const MOST_TRIES: usize = 16;

fn put_in_place(partial: &Path, target: &Path) -> io::Result<()> {
    for _ in 0..MOST_TRIES {
        match storage::exchange(partial, target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match storage::rename(partial, target) {
                // It appeared meanwhile.
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && target.exists() => {}
                other => return other,
            },
            Err(error) if error.kind() == io::ErrorKind::Unsupported && target.exists() => {
                return put_aside_first(partial, target);
            }
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return storage::rename(partial, target),
            other => return other,
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// In two steps where the file system cannot exchange folders. Between them there is no dataset; whoever comes then, this
/// process or the next build, puts the old one back.
fn put_aside_first(partial: &Path, target: &Path) -> io::Result<()> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = partial.with_file_name(name(partial).replacen(".partial", ".replaced", 1));
    // Held, so that nobody takes it for abandoned.
    let old = storage::open(target)?;
    let _ = old.try_lock();
    storage::rename(target, &aside)?;
    if let Err(error) = storage::rename(partial, target) {
        storage::rename(&aside, target)?;
        return Err(error);
    }
    storage::remove_folder(&aside)
}

/// Where a build was killed between its two steps, what it had put aside goes back.
fn put_back(parent: &Path, prefix: &str, target: &Path) -> io::Result<()> {
    if target.exists() || !parent.is_dir() {
        return Ok(());
    }
    let aside: Vec<(PathBuf, File)> = storage::abandoned(parent, prefix)?;
    match aside.first() {
        Some((path, _)) => storage::rename(path, target),
        None => Ok(()),
    }
}

fn may_be_replaced(target: &Path, replace: Replace) -> Result<(), RunError> {
    let Ok(metadata) = fs::metadata(target) else { return Ok(()) };
    if !metadata.is_dir() {
        return Err(unusable(target, OutputProblem::IsFile));
    }
    let empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if replace == Replace::Anything || empty || is_dataset(target) {
        return Ok(());
    }
    Err(unusable(target, OutputProblem::NoDataset))
}

fn unusable(target: &Path, problem: OutputProblem) -> RunError {
    ErrorKind::Output { path: target.to_owned(), problem }.into()
}

/// Whether a folder holds a dataset that tamis wrote.
fn is_dataset(folder: &Path) -> bool {
    let read = storage::read(&folder.join(manifest::FILE_NAME));
    read.is_ok_and(|bytes| serde_json::from_slice::<Manifest>(&bytes).is_ok())
}
