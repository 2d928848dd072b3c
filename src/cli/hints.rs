//! What a person can do about an error of a build, and its exit code.

use std::io::{self, ErrorKind as Disk};

use tamis::run::{ErrorKind, OutputProblem, RunError};

use super::{DRIFT, Failure, GUARD, INPUTS, INTERNAL, USAGE};

/// True of every error before the dataset is in its place.
const UNCHANGED: &str = "nothing was changed at the output's place";

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let (code, hint) = match &*error.kind {
            ErrorKind::Disk { source, .. } => (INTERNAL, Some(disk(source))),
            ErrorKind::Parquet { .. } => {
                (INTERNAL, Some(format!("{UNCHANGED}; this is a defect of tamis: please report it")))
            }
            ErrorKind::Output { problem, .. } => (USAGE, Some(output(problem))),
            ErrorKind::Busy { .. } => (
                INTERNAL,
                Some("wait for it to end, or give this one a folder of its own with `--work-dir DIR`".to_owned()),
            ),
            ErrorKind::Threads { .. } => (USAGE, Some("name fewer with `--threads N`".to_owned())),
            ErrorKind::SameKey { .. } => (USAGE, Some("rename one of them".to_owned())),
            ErrorKind::NoSuchTask { .. } => (USAGE, Some("`tamis plan CONFIG` lists the tasks".to_owned())),
            ErrorKind::PlanGone { .. } => (USAGE, Some("make the plan again with `tamis plan`".to_owned())),
            ErrorKind::NotReady { .. } | ErrorKind::Waits { .. } => (
                USAGE,
                Some("run it, or all tasks in the order in which the plan lists them; `needs` says which".to_owned()),
            ),
            ErrorKind::Changed { .. } => (INPUTS, Some("build again once it is at rest".to_owned())),
            ErrorKind::Drift { .. } => (
                DRIFT,
                Some("if this is meant, build without `--locked` and commit the new tamis.lock".to_owned()),
            ),
            ErrorKind::Guard(tripped) => (
                if tripped.only_rejected { INPUTS } else { GUARD },
                Some(format!("{UNCHANGED}; mend the input or the stages, or change the guard if the loss is meant")),
            ),
            ErrorKind::Barren(_) => (
                INPUTS,
                Some(format!("{UNCHANGED}; mend the source's `paths`, `format` or `fields`, or leave it out")),
            ),
            ErrorKind::Damaged { .. } => (
                INTERNAL,
                Some(
                    "run the same again: what is damaged is made anew; if that does not help, mend the disk or use `--fresh`"
                        .to_owned(),
                ),
            ),
            ErrorKind::Unbalanced(_) | ErrorKind::LargeNote { .. } => {
                let task = error.task.as_ref().map(|task| format!(" and name the task, {task}")).unwrap_or_default();
                (INTERNAL, Some(format!("{UNCHANGED}; this is a defect of tamis: please report it{task}")))
            }
        };
        let message = match &*error.kind {
            ErrorKind::Guard(_) => format!("the build was stopped by its guards\n\n{error}"),
            _ => error.to_string(),
        };
        let hint = match &error.published {
            Some(folder) => Some(format!(
                "the new dataset stands in {} and is whole; what failed comes after it: mend that and build again",
                folder.display()
            )),
            None => hint,
        };
        Self { code, message, hint }
    }
}

impl From<tamis::Error> for Failure {
    fn from(error: tamis::Error) -> Self {
        use tamis::Error;
        let message = error.to_string();
        match error {
            Error::Config(errors) => errors.into(),
            Error::Plan(error) => error.into(),
            Error::Run(error) => error.into(),
            Error::Dataset(error) => error.into(),
            Error::OtherVersion => Self::usage(message).hint("make the plan and run its tasks with the same version"),
            Error::Unreadable { path, source } if source.kind() == Disk::IsADirectory => {
                Self::usage(format!("{} is a folder", path.display())).hint("name one article file in it")
            }
            _ => Self::new(INPUTS, message),
        }
    }
}

fn output(problem: &OutputProblem) -> String {
    match problem {
        OutputProblem::NoName => "name a folder of its own, such as `out/news`".to_owned(),
        OutputProblem::IsFile => "choose another place with `-o DIR` or `[output] dir`".to_owned(),
        OutputProblem::NoDataset => {
            "choose another place with `-o DIR`, or replace all it holds with `--force`".to_owned()
        }
        OutputProblem::Unwritable(error) => match error.kind() {
            Disk::StorageFull | Disk::QuotaExceeded => {
                "make room on that disk, or choose another place with `-o DIR` or `[output] dir`".to_owned()
            }
            _ => "choose another place with `-o DIR` or `[output] dir`, or mend the permissions".to_owned(),
        },
    }
}

fn disk(error: &io::Error) -> String {
    let todo = match error.kind() {
        Disk::StorageFull | Disk::QuotaExceeded => {
            "make room on that disk (`tamis cache gc` may help), or use others with `--work-dir DIR` and `-o DIR`"
        }
        Disk::PermissionDenied | Disk::ReadOnlyFilesystem => {
            "mend the permissions, or choose other places with `--work-dir DIR` and `-o DIR`"
        }
        _ if error.raw_os_error() == Some(TOO_MANY_FILES) => {
            "raise the limit of open files (`ulimit -n`), or take fewer `--threads`"
        }
        _ => "mend the disk",
    };
    format!("{UNCHANGED}; {todo} and run the same again: tasks that are done are kept")
}

/// The error number of a process that has too many files open, on Linux, the BSDs and macOS alike.
const TOO_MANY_FILES: i32 = 24;
