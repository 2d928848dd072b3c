//! `tamis check`: the resolved config, each source's files, and warnings.

use std::fmt::Write;

use tamis::config;
use tamis::plan::Plan;
use tamis::report::summary::{bytes, count};

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
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let plan = arguments.config.plan()?;
    let mut out = String::from("# the config with every default filled in\n\n");
    out.push_str(&config::resolved(&plan.config));
    files(&plan, if arguments.all_files { usize::MAX } else { SHOWN_FILES }, &mut out);
    pipeline(&plan, &mut out);
    plan.warnings.iter().for_each(|warning| console.warning(warning));
    for refused in &plan.discovery.refused {
        console.warning(&format!("{} will not be read: {}", refused.source, refused.detail));
    }
    print(&out)
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
    for model in plan.models() {
        let _ = writeln!(out, "# model {}  sha256 {}", model.name, model.sha256);
    }
}
