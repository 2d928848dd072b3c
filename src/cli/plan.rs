//! `tamis plan`: the build as independent tasks for any scheduler.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tamis::plan::Plan;
use tamis::run::{Places, Schedule};
use tamis::text::size::ByteSize;

use super::progress::Progress;
use super::{ConfigArguments, Console, Failure, INTERNAL, build, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Folder of the dataset, relative to the current folder; overrides `[output] dir`.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Work folder, which all machines must see in the same place; `.tamis/` beside the config unless given.
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,

    /// Memory that the notes of a task may take.
    #[arg(long, value_name = "SIZE", default_value = build::MEMORY)]
    memory: ByteSize,

    /// Inputs are cut into partitions of about this size: the unit of work, of resume and of distribution. Changes no byte
    /// of the output.
    #[arg(long, value_name = "SIZE", default_value = build::PARTITION)]
    partition_size: ByteSize,

    /// Print the plan file that `tamis task` takes.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let folder = absolute(arguments.config.folder())?;
    let plan = Plan::new(arguments.config.load()?, &folder)?;
    plan.warnings.iter().for_each(|warning| console.warning(warning));
    let out_dir = arguments.output.clone().unwrap_or_else(|| folder.join(&plan.config.output.dir));
    let work_dir = arguments.work_dir.clone().unwrap_or_else(|| arguments.config.work_dir());
    let places = Places {
        config_name: arguments.config.name(),
        work_dir: absolute(&work_dir)?,
        out_dir: absolute(&out_dir)?,
        memory: arguments.memory,
        partition_size: arguments.partition_size,
    };
    let progress = Progress::new(console);
    let schedule = Schedule::new(&plan, places, &progress);
    progress.end();
    let schedule = schedule?;
    if arguments.json {
        let json = serde_json::to_string_pretty(&schedule);
        let json = json.map_err(|error| Failure::new(INTERNAL, format!("cannot write the plan: {error}")))?;
        return print(&format!("{json}\n"));
    }
    let mut out = format!("{} tasks, each behind those that it needs\n\n", schedule.tasks.len());
    for task in &schedule.tasks {
        let needs = match task.needs.as_slice() {
            [] => String::new(),
            [only] => format!("  needs {only}"),
            [first, ..] => format!("  needs {first} and {} more", task.needs.len() - 1),
        };
        let _ = writeln!(out, "{:26}  {}{needs}", task.id, task.does);
    }
    out.push_str("\nwith `--json`, this is a file of which `tamis task PLAN.json ID` runs one task\n");
    print(&out)
}

/// The same path from the root, whether it exists or not.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::usage(format!("cannot tell where {} is: {error}", path.display())))
}
