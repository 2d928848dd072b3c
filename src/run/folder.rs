//! The work folder, which holds intermediate files and belongs to one build at a time, or to the tasks of a plan.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::{ErrorKind, RunError};
use super::store::Store;
use crate::storage;

/// A work folder that is locked for this build, or shared by tasks of one plan.
pub struct WorkFolder {
    folder: PathBuf,
    store: Store,
    _lock: File,
}

/// The file of a work folder that says how the inputs looked.
pub const LOOKS: &str = "inputs";

/// Who else may use a work folder at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody: what others left unfinished is cleared away.
    Alone,
    /// Other tasks.
    Shared,
}

impl WorkFolder {
    /// Makes the folder if it is missing and locks it.
    ///
    /// # Errors
    /// If a build holds it that does not share it, or the disk refuses.
    pub fn open(path: &Path, hold: Hold) -> Result<Self, RunError> {
        storage::make_folders(path).map_err(RunError::io("create the work folder", path))?;
        let lock_path = path.join("lock");
        let mut lock = storage::lock_file(&lock_path).map_err(RunError::io("create", &lock_path))?;
        let locked = match hold {
            Hold::Alone => lock.try_lock(),
            Hold::Shared => lock.try_lock_shared(),
        };
        locked.map_err(|error| match error {
            TryLockError::WouldBlock => ErrorKind::Busy { work_dir: path.to_owned() }.into(),
            TryLockError::Error(source) => RunError::io("lock", &lock_path)(source),
        })?;
        // Sets the file's time: what changed since is not to be trusted to look changed.
        lock.write_all(b"held\n").map_err(RunError::io("write", &lock_path))?;
        let shelves = path.join("store");
        if hold == Hold::Alone {
            let unfinished = Store::unfinished(&shelves);
            storage::remove_folder(&unfinished).map_err(RunError::io("remove", &unfinished))?;
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
            storage::remove_file(&file).map_err(RunError::io("remove", &file))?;
        }
        Ok(())
    }

    /// Waits for its turn among the tasks that put the dataset in place; it lasts until the file is dropped. Where files cannot
    /// be locked there are no turns, and the later one may find that the earlier took its files.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn turn(&self) -> Result<File, RunError> {
        let path = self.folder.join("turn");
        let file = storage::lock_file(&path).map_err(RunError::io("create", &path))?;
        let _ = file.lock();
        Ok(file)
    }

    /// The file whose time says when this build began.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// The file that says how the inputs looked.
    #[must_use]
    pub fn looks(&self) -> PathBuf {
        self.folder.join(LOOKS)
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
        storage::replace(path, self.store.scratch(), bytes).map_err(RunError::io("write", path))
    }
}
