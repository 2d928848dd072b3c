//! The two folders of a build: the work folder, which holds intermediate files and belongs to one build at a time, and
//! the output folder, which appears whole or not at all.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::blob::TempFile;
use super::error::RunError;
use super::store::Store;
use crate::sink::manifest::{self, Manifest};

/// A work folder that is locked for this build, or shared by tasks of one plan.
pub struct WorkFolder {
    folder: PathBuf,
    store: Store,
    _lock: File,
}

/// Who else may use a work folder at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody: what others left unfinished is cleared away.
    Alone,
    /// Other tasks.
    Shared,
}

/// An output folder in the making, beside the place where it will stand, under a name of its own. Dropped before
/// [`Staging::publish`], it goes.
pub struct Staging {
    target: PathBuf,
    partial: PathBuf,
    /// Held as long as somebody writes here.
    _lock: File,
}

impl WorkFolder {
    /// Makes the folder if it is missing and locks it.
    ///
    /// # Errors
    /// If a build holds it that does not share it, or the disk refuses.
    pub fn open(path: &Path, hold: Hold) -> Result<Self, RunError> {
        fs::create_dir_all(path).map_err(RunError::io("create the work folder", path))?;
        let lock_path = path.join("lock");
        let mut lock = File::create(&lock_path).map_err(RunError::io("create", &lock_path))?;
        let locked = match hold {
            Hold::Alone => lock.try_lock(),
            Hold::Shared => lock.try_lock_shared(),
        };
        locked.map_err(|error| match error {
            TryLockError::WouldBlock => RunError::Busy(path.to_owned()),
            TryLockError::Error(source) => RunError::io("lock", &lock_path)(source),
        })?;
        // Sets the file's time: what changed since is not to be trusted to look changed.
        lock.write_all(b"held\n").map_err(RunError::io("write", &lock_path))?;
        let shelves = path.join("store");
        if hold == Hold::Alone {
            remove(&Store::unfinished(&shelves))?;
        }
        Ok(Self { folder: path.to_owned(), store: Store::open(&shelves)?, _lock: lock })
    }

    /// What tasks made.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Forgets all that earlier builds left.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn clear(&self) -> Result<(), RunError> {
        self.store.retain(|_| false)?;
        for file in [self.looks(), self.last_build(), self.planned(), self.used(0), self.used(1)] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(RunError::io("remove", &file)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The file whose time says when this build began.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// The file that says how the inputs looked.
    #[must_use]
    pub fn looks(&self) -> PathBuf {
        self.folder.join("inputs")
    }

    /// The file that says what the last build depended on.
    #[must_use]
    pub fn last_build(&self) -> PathBuf {
        self.folder.join("last-build")
    }

    /// The file that names the keys which the last build used (0), or the one before it (1).
    #[must_use]
    pub fn used(&self, age: usize) -> PathBuf {
        self.folder.join(format!("used-{age}"))
    }

    /// The file that names the tasks of the last plan.
    #[must_use]
    pub fn planned(&self) -> PathBuf {
        self.folder.join("planned")
    }

    /// Writes a file of the folder, in place by one rename.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), RunError> {
        let temporary = TempFile::create(&self.store.temporary())?;
        fs::write(temporary.path(), bytes).map_err(RunError::io("write", temporary.path()))?;
        temporary.persist(path)
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
        let prefix = format!(".{name}.partial");
        let make = || {
            fs::create_dir_all(parent)?;
            remove_abandoned(parent, &prefix)?;
            let all = Permissions::from_mode(0o777);
            let made = tempfile::Builder::new().prefix(&prefix).permissions(all).tempdir_in(parent)?;
            let lock = File::open(made.path())?;
            // Where folders cannot be locked, nobody removes what others write.
            let _ = lock.try_lock();
            fs::create_dir(made.path().join("data"))?;
            fs::create_dir(made.path().join("ledger"))?;
            Ok((made.keep(), lock))
        };
        let (partial, lock) = make().map_err(|error: io::Error| RunError::Output {
            message: format!("the output folder {} cannot be written: {error}", target.display()),
            hint: "choose another place with `-o DIR` or `[output] dir`, or mend the permissions".to_owned(),
        })?;
        Ok(Self { target, partial, _lock: lock })
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

/// Removes the folders in `parent` whose names begin so and into which nobody writes any more: their builds were stopped.
fn remove_abandoned(parent: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let is_partial = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix));
        if !is_partial || !entry.file_type()?.is_dir() {
            continue;
        }
        let is_abandoned = File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok());
        if is_abandoned {
            // Another build may be removing it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), RunError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::io("remove", folder)(error)),
        _ => Ok(()),
    }
}
