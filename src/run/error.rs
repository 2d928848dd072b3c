//! Why a build stops. Bad input never stops it: that is a row of the ledger.

use std::io;
use std::path::{Path, PathBuf};

use crate::exchange::ExchangeError;
use crate::stage::MOST_PAYLOAD;

/// An error that ends a build.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The disk refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`, `rename`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A Parquet file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// What the writer said.
        source: parquet::errors::ParquetError,
    },
    /// The output's folder cannot be used, whatever the build gives.
    #[error("{message}")]
    Output {
        /// What is wrong with it.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Another build uses the work folder.
    #[error("another build is using the work folder {}", .0.display())]
    Busy(PathBuf),
    /// An input is no longer what it was when the build looked at it first.
    #[error("{0} changed while the build was reading it")]
    Changed(String),
    /// Two inputs whose names have the same key.
    #[error("the names `{0}` and `{1}` cannot be told apart by their key")]
    SameKey(String, String),
    /// A task was asked for before one that it needs.
    #[error("task {0} must be done first; nothing of it is in this work folder")]
    NotReady(String),
    /// Tasks that others need were not done: the task that was asked for, the first that it waits for, and how many more.
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
    #[error("the work folder {} no longer has the list of inputs of this plan", .0.display())]
    PlanGone(PathBuf),
    /// A task that the plan does not have.
    #[error("the plan has no task `{0}`")]
    NoSuchTask(String),
    /// Something is not what the lock file says.
    #[error("{0}")]
    Drift(String),
    /// Something that was written cannot be read back.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// A defect of tamis: the accounting does not add up.
    #[error("the accounting does not add up: {0}")]
    Unbalanced(String),
    /// A defect of a stage: it writes more with one note than notes may carry.
    #[error("a note of `{stage}` has {bytes} bytes; {MOST_PAYLOAD} are the most")]
    LargeNote {
        /// The stage.
        stage: String,
        /// Bytes of the note's payload.
        bytes: usize,
    },
    /// Guards of the config tripped: nothing at the output's place was changed.
    #[error(transparent)]
    Guard(#[from] super::guards::Tripped),
    /// Sources gave no document: nothing at the output's place was changed.
    #[error(transparent)]
    Barren(#[from] super::refused::Barren),
    /// Too many threads, or too few.
    #[error("cannot start the threads: {0}")]
    Threads(String),
}

impl From<ExchangeError> for RunError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Io { action, path, source } => Self::Io { action, path, source },
            ExchangeError::Damaged { path, detail } => Self::Damaged { path, detail },
        }
    }
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(", and {more} others") }
}

impl RunError {
    /// Makes an [`RunError::Io`] of a system error.
    pub fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// Makes a [`RunError::Damaged`] of what does not fit.
    pub fn damaged(path: &Path, detail: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), detail: detail.to_string() }
    }

    /// Makes a [`RunError::Parquet`] of the writer's error.
    pub fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self + '_ {
        move |source| Self::Parquet { path: path.to_owned(), source }
    }
}
