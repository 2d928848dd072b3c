//! Why a build stops, as data: the kind, the path, the task. What to do about it is said where people are (`cli/`). Bad input
//! never stops a build: that is a row of the ledger.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::exchange::ExchangeError;
use crate::sink::written::Imbalance;
use crate::stage::MOST_PAYLOAD;

/// An error that ends a build. Its `Display` is one line, but for what several guards or sources have to say.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct RunError {
    /// What went wrong.
    #[source]
    pub kind: Box<ErrorKind>,
    /// The task that was running, by its name.
    pub task: Option<String>,
    /// The dataset's folder, if the new dataset stands there already: what failed came after it.
    pub published: Option<PathBuf>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ErrorKind {
    /// The disk refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk {
        /// What was tried: `read`, `write`, `create`, `sync`, `rename to`, ....
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A Parquet file could not be written, and not for want of a disk.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// What the writer said.
        source: parquet::errors::ParquetError,
    },
    /// The output's folder cannot be used, whatever the build gives.
    #[error("the output folder {} {problem}", path.display())]
    Output {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: OutputProblem,
    },
    /// Another build uses the work folder.
    #[error("another build is using the work folder {}", work_dir.display())]
    Busy {
        /// The work folder.
        work_dir: PathBuf,
    },
    /// An input is no longer what it was when the build looked at it first.
    #[error("{input} changed while the build was reading it")]
    Changed {
        /// The input's name.
        input: String,
    },
    /// Two inputs whose names have the same key.
    #[error("the names `{one}` and `{other}` cannot be told apart by their key")]
    SameKey {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A task was asked for before one that it needs.
    #[error("task {needed} must be done first; nothing of it is in this work folder")]
    NotReady {
        /// The task that it needs.
        needed: String,
    },
    /// Tasks that others need were not done.
    #[error("task {task} is not ready: {needed} must be done first{}", and_more(*more))]
    Waits {
        /// What was asked for.
        task: String,
        /// The first of what it waits for.
        needed: String,
        /// How many others it waits for.
        more: usize,
    },
    /// The work folder no longer has the list of a plan's inputs.
    #[error("the work folder {} no longer has the list of inputs of this plan", work_dir.display())]
    PlanGone {
        /// The work folder.
        work_dir: PathBuf,
    },
    /// A task that the plan does not have.
    #[error("the plan has no task `{name}`")]
    NoSuchTask {
        /// What was asked for.
        name: String,
    },
    /// Something is not what the lock file says.
    #[error("{}", drift.at(lock))]
    Drift {
        /// The lock file.
        lock: PathBuf,
        /// What differs.
        drift: Drift,
    },
    /// Something that was written cannot be read back.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// A defect of tamis: what was read, kept and removed does not add up.
    #[error("the accounting does not add up: {0}")]
    Unbalanced(Imbalance),
    /// A defect of a stage: it writes more with one note than notes may carry.
    #[error("a note of `{stage}` has {bytes} bytes; {MOST_PAYLOAD} are the most")]
    LargeNote {
        /// The stage.
        stage: String,
        /// Bytes of the note's payload.
        bytes: usize,
    },
    /// Guards of the config tripped.
    #[error(transparent)]
    Guard(super::guards::Tripped),
    /// Sources gave no document.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Barren(Vec<super::refused::Barren>),
    /// Too many threads, or too few.
    #[error("cannot start the threads: {detail}")]
    Threads {
        /// What the system said.
        detail: String,
    },
}

/// What is wrong with the place of the output.
#[derive(Debug, thiserror::Error)]
pub enum OutputProblem {
    /// It has no name.
    #[error("has no name of its own")]
    NoName,
    /// A file stands there.
    #[error("is a file")]
    IsFile,
    /// A folder stands there that may not be replaced.
    #[error("is not empty and is no tamis dataset")]
    NoDataset,
    /// The system lets nobody write there.
    #[error("cannot be written: {0}")]
    Unwritable(io::Error),
}

/// How something differs from the lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// There is no lock file.
    NoLock,
    /// It cannot be read.
    Unreadable(String),
    /// It has another layout than this version reads.
    Layout {
        /// The lock's.
        locked: u32,
        /// The one that is read.
        known: u32,
    },
    /// It has no table for this config.
    NoTable {
        /// The config's file name.
        config: String,
    },
    /// It was written by a version with other rules.
    DataVersion {
        /// The lock's.
        locked: String,
        /// Ours.
        now: String,
    },
    /// One thing differs, the first in order.
    Thing {
        /// Its kind: `option`, `model`, `input`, `stage ...: rule`, `output`.
        kind: String,
        /// Its name.
        name: String,
        /// What the lock has; `None` for what is not in it.
        locked: Option<String>,
        /// What it is now; `None` for what is no longer there.
        now: Option<String>,
    },
}

impl Drift {
    /// Told together with the lock file it was found in.
    fn at<'a>(&'a self, lock: &'a Path) -> impl fmt::Display + 'a {
        struct At<'a>(&'a Drift, &'a Path);
        impl fmt::Display for At<'_> {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(drift, path) = self;
                let path = path.display();
                match drift {
                    Drift::NoLock => write!(out, "there is no lock {path}"),
                    Drift::Unreadable(detail) => write!(out, "the lock {path} cannot be read: {detail}"),
                    Drift::Layout { locked, known } => {
                        write!(out, "the lock {path} has layout {locked}; this version reads layout {known}")
                    }
                    Drift::NoTable { config } => write!(out, "the lock {path} knows nothing of {config}"),
                    Drift::DataVersion { locked, now } => {
                        write!(out, "{path}: this tamis writes data version {now}, the lock has {locked}")
                    }
                    Drift::Thing { kind, name, locked, now } => match (locked, now) {
                        (Some(then), Some(now)) => write!(out, "{path}: {kind} `{name}` is {now}, the lock has {then}"),
                        (Some(_), None) => write!(out, "{path}: {kind} `{name}` is in the lock and no longer here"),
                        (None, _) => write!(out, "{path}: {kind} `{name}` is not in the lock"),
                    },
                }
            }
        }
        At(self, lock)
    }
}

impl From<ErrorKind> for RunError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind: Box::new(kind), task: None, published: None }
    }
}

impl From<ExchangeError> for RunError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Io { action, path, source } => ErrorKind::Disk { action, path, source }.into(),
            ExchangeError::Damaged { path, detail } => ErrorKind::Damaged { path, detail }.into(),
        }
    }
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(", and {more} others") }
}

impl From<super::guards::Tripped> for RunError {
    fn from(tripped: super::guards::Tripped) -> Self {
        ErrorKind::Guard(tripped).into()
    }
}

impl RunError {
    /// The disk refused `action` on `path`.
    pub fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| ErrorKind::Disk { action, path: path.to_owned(), source }.into()
    }

    /// What was written at `path` cannot be read back.
    pub fn damaged(path: &Path, detail: impl ToString) -> Self {
        ErrorKind::Damaged { path: path.to_owned(), detail: detail.to_string() }.into()
    }

    /// The Parquet file at `path` could not be written.
    pub fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self + '_ {
        use parquet::errors::ParquetError;
        move |source| match source {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(disk) => Self::io("write", path)(*disk),
                Err(other) => {
                    ErrorKind::Parquet { path: path.to_owned(), source: ParquetError::External(other) }.into()
                }
            },
            source => ErrorKind::Parquet { path: path.to_owned(), source }.into(),
        }
    }

    /// Counts that should be equal are not.
    #[must_use]
    pub fn unbalanced(imbalance: Imbalance) -> Self {
        ErrorKind::Unbalanced(imbalance).into()
    }

    /// The file that is damaged, if that is what went wrong.
    #[must_use]
    pub fn damaged_file(&self) -> Option<&Path> {
        match &*self.kind {
            ErrorKind::Damaged { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Says which task was running.
    #[must_use]
    pub fn in_task(self, name: impl FnOnce() -> String) -> Self {
        Self { task: self.task.or_else(|| Some(name())), ..self }
    }

    /// Says that the new dataset stands in `folder` all the same.
    #[must_use]
    pub fn after_publishing(self, folder: &Path) -> Self {
        Self { published: Some(folder.to_owned()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_under_a_parquet_file_is_an_error_of_the_disk() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let error = RunError::parquet(Path::new("a.parquet"))(full().into());
        assert!(
            matches!(&*error.kind, ErrorKind::Disk { action: "write", source, .. } if source.kind() == full().kind())
        );
    }

    #[test]
    fn an_error_is_one_line_and_names_its_file() {
        let lock = Path::new("tamis.lock");
        let thing = Drift::Thing { kind: "input".into(), name: "a.txt".into(), locked: None, now: Some("3".into()) };
        let errors = [
            RunError::io("sync", lock)(io::ErrorKind::PermissionDenied.into()),
            RunError::damaged(lock, "it ends too early"),
            ErrorKind::Drift { lock: lock.into(), drift: Drift::NoLock }.into(),
            ErrorKind::Drift { lock: lock.into(), drift: thing }.into(),
            ErrorKind::Output { path: lock.into(), problem: OutputProblem::NoDataset }.into(),
            ErrorKind::Busy { work_dir: lock.into() }.into(),
        ];
        for error in errors {
            let line = error.to_string();
            assert!(line.contains("tamis.lock") && !line.contains('\n'), "{line}");
        }
    }
}
