//! `tamis plan`: the build as independent tasks for any scheduler.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tamis::run::{Places, Schedule};

use super::progress::Progress;
use super::{Console, Failure, build, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    job: build::JobArguments,

    /// Print the plan file that `tamis task` takes.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let job = &arguments.job;
    let folder = absolute(job.config.folder())?;
    let plan = job.plan(&folder)?;
    job.check_place(&job.out_dir(&plan))?;
    let warnings = plan.check_fields()?;
    plan.warnings.iter().chain(&warnings).for_each(|warning| console.warning(warning));
    let places = Places {
        config_name: job.config.name(),
        work_dir: absolute(&job.work_dir())?,
        out_dir: absolute(&job.out_dir(&plan))?,
        memory: job.memory,
        partition_size: job.partition_size,
        writes_lock: job.leaves_lock(&plan).is_none(),
    };
    let progress = Progress::new(console);
    let schedule = Schedule::new(&plan, places, &progress);
    progress.end();
    let schedule = schedule?;
    if arguments.json {
        return print(&schedule.json());
    }
    let mut out = format!("{} tasks, each after those that it needs\n\n", schedule.tasks.len());
    for (number, steps) in (1..).zip(&schedule.segments) {
        let _ = writeln!(out, "segment {number}: {steps}");
    }
    out.push('\n');
    for task in &schedule.tasks {
        let needs = match task.needs.as_slice() {
            [] => String::new(),
            [only] => format!("  needs {only}"),
            [first, ..] => format!("  needs {first} and {} more", task.needs.len() - 1),
        };
        let _ = writeln!(out, "{:10}  {}{needs}", task.id, task.does);
    }
    out.push_str("\nwith `--json`, this is a file of which `tamis task PLAN.json ID` runs one task, or several\n");
    print(&out)
}

/// The same path from the root, whether it exists or not.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::usage(format!("cannot tell where {} is: {error}", path.display())))
}
