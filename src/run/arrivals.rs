//! What tasks made, on its way into the store: many files are synced at once, and receipts come last.
//!
//! A task hands over its files and then its receipt, and goes on. One thread takes all that has come meanwhile, makes sure
//! that the files are on the disk, gives them their names, and only then writes the receipts: a group commit, as databases do it.
//! So syncing costs a few commits of the file system for a whole batch of small tasks, and nobody waits for it but the end of a
//! step. A receipt that is found on the disk speaks of files that are there, whatever the machine went through.

use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use super::error::RunError;
use crate::storage::{self, Claim, Closed, Temporary};

/// Files and receipts that are not in place yet.
pub struct Arrivals {
    /// Everything that comes lies below this folder.
    folder: PathBuf,
    scratch: Claim,
    waiting: Mutex<Waiting>,
    /// A receipt came, or no more will come.
    changed: Condvar,
    /// Held while a batch is put in place: batches keep their order.
    turn: Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    files: Vec<(Closed, PathBuf)>,
    values: Vec<(PathBuf, Vec<u8>)>,
    /// Once something was refused files are lost, so nothing else is put in place.
    refused: Option<Refused>,
    ended: bool,
}

/// What the disk refused: everybody who asks is told.
struct Refused {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl Refused {
    fn of(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { action, path, source }
    }

    fn error(&self) -> RunError {
        let source = match self.source.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(self.source.kind(), self.source.to_string()),
        };
        RunError::io(self.action, &self.path)(source)
    }
}

/// Ends the thread that puts things in place, once nothing waits any more.
pub struct Background<'a>(&'a Arrivals);

impl Arrivals {
    /// Things on their way into `folder`; unfinished ones lie in `scratch`.
    #[must_use]
    pub fn new(folder: PathBuf, scratch: Claim) -> Self {
        let (waiting, changed, turn) = Default::default();
        Self { folder, scratch, waiting, changed, turn }
    }

    /// Where unfinished files lie.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Takes a file that will stand at `path`.
    pub fn place(&self, file: Closed, path: PathBuf) {
        self.waiting().files.push((file, path));
    }

    /// Takes a small value that will stand at `path` once everything stands that was taken before.
    ///
    /// # Errors
    /// If the disk has refused something that was taken earlier.
    pub fn say(&self, path: PathBuf, value: Vec<u8>) -> Result<(), RunError> {
        let mut waiting = self.waiting();
        if let Some(refused) = &waiting.refused {
            return Err(refused.error());
        }
        waiting.values.push((path, value));
        self.changed.notify_one();
        Ok(())
    }

    /// Puts in place all that was taken until now.
    ///
    /// # Errors
    /// If the disk refuses, or has refused something that was taken earlier.
    pub fn settle(&self) -> Result<(), RunError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = self.waiting();
        if let Some(refused) = &waiting.refused {
            return Err(refused.error());
        }
        let (files, values) = (mem::take(&mut waiting.files), mem::take(&mut waiting.values));
        drop(waiting);
        self.put_in_place(files, values).map_err(|refused| {
            let error = refused.error();
            self.waiting().refused = Some(refused);
            error
        })
    }

    /// Puts things in place as they come, on a thread of `scope`, until the value that is returned is dropped.
    #[must_use]
    pub fn in_background<'scope, 'env>(&'env self, scope: &'scope Scope<'scope, 'env>) -> Background<'env> {
        self.waiting().ended = false;
        scope.spawn(|| self.keep_placing());
        Background(self)
    }

    fn keep_placing(&self) {
        loop {
            let waiting = self.waiting();
            let idle = |waiting: &mut Waiting| waiting.values.is_empty() && !waiting.ended;
            let waiting = self.changed.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
            if waiting.values.is_empty() && waiting.files.is_empty() {
                return;
            }
            drop(waiting);
            if self.settle().is_err() {
                return;
            }
        }
    }

    fn put_in_place(&self, files: Vec<(Closed, PathBuf)>, values: Vec<(PathBuf, Vec<u8>)>) -> Result<(), Refused> {
        self.sync(files.iter().map(|(file, _)| file.path().to_owned()).collect())?;
        let folders = |path: &PathBuf| storage::folder_of(path).to_owned();
        let mut fresh: Vec<PathBuf> = files.iter().map(|(_, path)| folders(path)).collect();
        fresh.extend(values.iter().map(|(path, _)| folders(path)));
        fresh.sort();
        fresh.dedup();
        for folder in &fresh {
            storage::make_folders(folder).map_err(Refused::of("create", folder))?;
        }
        for (file, path) in files {
            file.persist(&path).map_err(Refused::of("rename to", &path))?;
        }
        fresh.push(self.folder.clone());
        let mut receipts = Vec::new();
        for (path, value) in values {
            let mut file = Temporary::create(self.scratch()).map_err(Refused::of("write in", self.scratch()))?;
            file.write_all(&value).map_err(Refused::of("write", file.path()))?;
            let file = file.close();
            fresh.push(file.path().to_owned());
            receipts.push((file, path));
        }
        self.sync(fresh)?;
        for (file, path) in receipts {
            file.persist(&path).map_err(Refused::of("rename to", &path))?;
        }
        Ok(())
    }

    fn sync(&self, paths: Vec<PathBuf>) -> Result<(), Refused> {
        storage::sync(&paths, &self.folder).map_err(|(path, error)| Refused::of("sync", &path)(error))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Background<'_> {
    fn drop(&mut self) {
        self.0.waiting().ended = true;
        self.0.changed.notify_one();
    }
}
