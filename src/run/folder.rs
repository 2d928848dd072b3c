//! The two folders of a build: the work folder, which holds intermediate files and belongs to one build at a time, and
//! the output folder, which appears whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::RunError;
use crate::sink::manifest::{self, Manifest};

/// A work folder that is locked for this build. Dropped, its intermediate files are removed.
pub struct WorkFolder {
    intermediate: PathBuf,
    _lock: File,
}

/// An output folder in the making, beside the place where it will stand. Dropped before [`Staging::publish`], it goes.
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
}

impl WorkFolder {
    /// Makes the folder if it is missing, locks it, and clears what an interrupted build left.
    ///
    /// # Errors
    /// If another build holds it, or the disk refuses.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        fs::create_dir_all(path).map_err(RunError::io("create the work folder", path))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path).map_err(RunError::io("create", &lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => RunError::Busy(path.to_owned()),
            TryLockError::Error(source) => RunError::io("lock", &lock_path)(source),
        })?;
        let intermediate = path.join("intermediate");
        remove(&intermediate)?;
        fs::create_dir(&intermediate).map_err(RunError::io("create", &intermediate))?;
        Ok(Self { intermediate, _lock: lock })
    }

    /// Where intermediate files go.
    #[must_use]
    pub fn intermediate(&self) -> &Path {
        &self.intermediate
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and the next build clears the folder anyway.
        let _ = fs::remove_dir_all(&self.intermediate);
    }
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
        may_be_replaced(&target, replace)?;
        let name = target.file_name().and_then(|name| name.to_str()).ok_or_else(|| RunError::Output {
            message: format!("`{}` is no name for an output folder", target.display()),
            hint: "name a folder of its own, such as `out/news`".to_owned(),
        })?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let partial = parent.join(format!(".{name}.partial"));
        let make = || {
            fs::create_dir_all(parent)?;
            match fs::remove_dir_all(&partial) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::create_dir(&partial)?;
            fs::create_dir(partial.join("data"))?;
            fs::create_dir(partial.join("ledger"))
        };
        make().map_err(|error| RunError::Output {
            message: format!("the output folder {} cannot be written: {error}", target.display()),
            hint: "choose another place with `-o DIR` or `[output] dir`, or mend the permissions".to_owned(),
        })?;
        Ok(Self { target, partial })
    }

    /// The folder to write into.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.partial
    }

    /// Puts the folder in place in one step, and removes what stood there.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn publish(self) -> Result<PathBuf, RunError> {
        if self.target.exists() {
            exchange(&self.partial, &self.target).map_err(RunError::io("replace", &self.target))?;
            remove(&self.partial)?;
        } else {
            fs::rename(&self.partial, &self.target).map_err(RunError::io("create", &self.target))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After `publish` there is nothing left under this name; before it, what is there is of no use to anybody.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// What may be replaced at the place of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// An empty folder or a tamis dataset.
    Dataset,
    /// Any folder.
    Anything,
}

fn may_be_replaced(target: &Path, replace: Replace) -> Result<(), RunError> {
    let refuse = |message: String, hint: &str| Err(RunError::Output { message, hint: hint.to_owned() });
    let Ok(metadata) = fs::metadata(target) else { return Ok(()) };
    if !metadata.is_dir() {
        let message = format!("the output folder {} is a file", target.display());
        return refuse(message, "choose another place with `-o DIR` or `[output] dir`");
    }
    let empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if replace == Replace::Anything || empty || is_dataset(target) {
        return Ok(());
    }
    let message = format!("{} is not empty and is no tamis dataset", target.display());
    refuse(message, "choose another place with `-o DIR`, or replace all it holds with `--force`")
}

/// Whether a folder holds a dataset that tamis wrote.
fn is_dataset(folder: &Path) -> bool {
    let read = fs::read(folder.join(manifest::FILE_NAME));
    read.is_ok_and(|bytes| serde_json::from_slice::<Manifest>(&bytes).is_ok())
}

/// Exchanges two folders in one step where the file system can, else in two.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
            let aside = new.with_extension("replaced");
            fs::rename(old, &aside)?;
            fs::rename(new, old)?;
            fs::rename(&aside, new)
        }
        other => Ok(other?),
    }
}

fn remove(folder: &Path) -> Result<(), RunError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::io("remove", folder)(error)),
        _ => Ok(()),
    }
}
