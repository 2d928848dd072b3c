//! `tamis task`: tasks of a plan.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tamis::run::{PLAN_VERSION, Schedule};

use super::progress::Progress;
use super::{Console, Failure, build};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The plan, as `tamis plan --json` prints it.
    plan: PathBuf,

    /// Names of the tasks. Those that need others among them run after these.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Threads; one a core unless given. Changes no byte of the output.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let schedule = read(arguments)?;
    let progress = Arc::new(Progress::new(console));
    super::stop::on_signal(console, &schedule.build.work_dir, &progress)?;
    let threads = arguments.threads.map(NonZeroUsize::get);
    let built = tamis::run_tasks(&schedule, &arguments.ids, threads, &*progress);
    progress.end();
    match built? {
        None => {
            let fields = json!({ "tasks": arguments.ids, "seconds": progress.seconds() });
            console.event("info", "done", &format!("done: {}", arguments.ids.join(", ")), fields);
        }
        Some(built) => {
            build::warn(&built, console);
            build::conclude(&built, progress.seconds(), console);
        }
    }
    Ok(())
}

fn read(arguments: &Arguments) -> Result<Schedule, Failure> {
    let path = &arguments.plan;
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("there is no plan {}", path.display()))
            .hint("`tamis plan CONFIG --json > plan.json` makes one"),
        _ => Failure::usage(format!("cannot read the plan {}: {error}", path.display())),
    })?;
    let wrong = |detail: String| {
        Failure::usage(format!("{} is no plan of tamis: {detail}", path.display()))
            .hint("`tamis plan CONFIG --json > plan.json` makes one")
    };
    let schedule: Schedule = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if schedule.version != PLAN_VERSION {
        return Err(wrong(format!("it has layout {}; this version reads layout {PLAN_VERSION}", schedule.version)));
    }
    Ok(schedule)
}
