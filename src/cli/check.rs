//! `tamis check`: the resolved config, each source's files, warnings, and the config's tests.

use std::fmt::Write;

use tamis::config;
use tamis::plan::{Plan, PlanError};
use tamis::report::summary::{bytes, count};
use tamis::run::run_tests;
use tamis::source::Discovery;

use super::{ConfigArguments, Console, Failure, print};

/// So many files of a source are shown; the others are counted.
const SHOWN_FILES: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// List every file of every source.
    #[arg(long)]
    all_files: bool,

    /// Only run the config's tests. Needs no input files.
    #[arg(long, conflicts_with = "all_files")]
    tests: bool,
}

/// The tests need no inputs, so they are run where those are missing too; a failed test is told first.
pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let (located, folder) = (arguments.config.load()?, arguments.config.folder());
    if arguments.tests {
        return print(&passed(&Plan::with_files(located, folder, Discovery::default())?)?);
    }
    let plan = match Plan::new(located.clone(), folder) {
        Err(PlanError::Inputs(missing)) => {
            console.note(passed(&Plan::with_files(located, folder, Discovery::default())?)?.trim_end());
            return Err(PlanError::Inputs(missing).into());
        }
        other => other?,
    };
    let mut out = String::from("# the config with every default filled in\n\n");
    out.push_str(&config::resolved(&plan.config));
    files(&plan, if arguments.all_files { usize::MAX } else { SHOWN_FILES }, &mut out);
    pipeline(&plan, &mut out);
    let warnings = plan.check_fields()?;
    plan.warnings.iter().chain(&warnings).for_each(|warning| console.warning(warning));
    for refused in &plan.discovery.refused {
        console.warning(&format!("{} will not be read: {}", refused.source, refused.detail));
    }
    let tests = passed(&plan);
    if let Ok(tests) = &tests {
        let _ = write!(out, "\n# {tests}");
    }
    print(&out)?;
    tests.map(|_| ())
}

/// Runs the tests; a line about how many passed, or all that failed.
fn passed(plan: &Plan) -> Result<String, Failure> {
    let run = run_tests(plan);
    let of = |number: usize| format!("{number} {}", if number == 1 { "test" } else { "tests" });
    match run.errors {
        Some(errors) => Err(Failure::usage(format!("{} of {} failed\n\n{errors}", run.failed, of(run.tests)))),
        None if run.tests == 0 => Ok("the config has no tests\n".to_owned()),
        None => Ok(format!("{} passed\n", of(run.tests))),
    }
}

/// Comments, so that the whole output is a config that can be used again.
fn files(plan: &Plan, limit: usize, out: &mut String) {
    for (index, source) in plan.config.source.iter().enumerate() {
        let files: Vec<_> = plan.discovery.files.iter().filter(|file| file.source as usize == index).collect();
        let size = files.iter().map(|file| file.bytes).sum();
        let paths = source.paths.join(", ");
        let _ =
            writeln!(out, "\n# source {}: {paths}: {} files, {}", index + 1, count(files.len() as u64), bytes(size));
        for file in files.iter().take(limit) {
            let _ = writeln!(
                out,
                "#   {}  {}  {}",
                file.name,
                format!("{:?}", file.kind).to_lowercase(),
                bytes(file.bytes)
            );
        }
        if files.len() > limit {
            let _ = writeln!(out, "#   and {} more (--all-files shows them)", count((files.len() - limit) as u64));
        }
    }
}

fn pipeline(plan: &Plan, out: &mut String) {
    out.push_str("\n# the pipeline, in passes over the corpus\n");
    for number in 0..plan.segments.len() {
        let _ = writeln!(out, "#   pass {}: {}", number + 1, plan.steps(number).join(", "));
    }
    for stage in &plan.stages {
        for told in &stage.tells {
            let _ = writeln!(out, "# {}: {told}", stage.name);
        }
    }
    for model in plan.models() {
        let _ = writeln!(out, "# model {}  sha256 {}", model.name, model.sha256);
    }
}
