//! `tamis check`: the resolved config, each source's files and first record, warnings, and the config's tests.

use std::fmt::Write;

use serde_json::{Value, json};
use tamis::config;
use tamis::plan::{Plan, PlanError};
use tamis::report::summary::{bytes, count};
use tamis::run::run_tests;
use tamis::source::{self, Discovery, First, InputFile, Origin};

use super::{ConfigArguments, Console, Failure, print};

/// So many files of a source are shown; the others are counted.
const SHOWN_FILES: usize = 20;

/// So many characters of a value are shown.
const SHOWN_CHARS: usize = 40;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// List every file of every source.
    #[arg(long)]
    all_files: bool,

    /// Only run the config's tests. Needs no input files.
    #[arg(long, conflicts_with_all = ["all_files", "json"])]
    tests: bool,

    /// Print one JSON object: config, sources with all files and the first record, passes, models, warnings, tests.
    #[arg(long, conflicts_with = "all_files")]
    json: bool,
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
    let warnings = warnings(&plan)?;
    let tests = passed(&plan);
    if arguments.json {
        print(&format!("{:#}\n", in_json(&plan, &warnings)))?;
        return tests.map(|_| ());
    }
    let mut out = String::from("# the config with every default filled in\n\n");
    out.push_str(&config::resolved(&plan.config));
    sources(&plan, if arguments.all_files { usize::MAX } else { SHOWN_FILES }, &mut out);
    pipeline(&plan, &mut out);
    warnings.iter().for_each(|warning| console.warning(warning));
    if let Ok(tests) = &tests {
        let _ = write!(out, "\n# {tests}");
    }
    print(&out)?;
    tests.map(|_| ())
}

/// What looks like a mistake.
fn warnings(plan: &Plan) -> Result<Vec<String>, Failure> {
    let fields = plan.check_fields()?;
    let around = plan.sources_around_output().into_iter().map(|(index, path)| {
        let dir = &plan.config.output.dir;
        format!("the output folder `{dir}` lies inside source {} ({path}); what is in it is not read", index + 1)
    });
    let refused = plan.discovery.refused.iter();
    let refused = refused.map(|refused| format!("{} will not be read: {}", refused.source, refused.detail));
    Ok(plan.warnings.iter().cloned().chain(fields).chain(around).chain(refused).collect())
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
fn sources(plan: &Plan, limit: usize, out: &mut String) {
    for (index, source) in plan.config.source.iter().enumerate() {
        let files = files(plan, index);
        let size = files.iter().map(|file| file.bytes).sum();
        let paths = source.paths.join(", ");
        let noun = if files.len() == 1 { "file" } else { "files" };
        let _ =
            writeln!(out, "\n# source {}: {paths}: {} {noun}, {}", index + 1, count(files.len() as u64), bytes(size));
        for file in files.iter().take(limit) {
            let _ = writeln!(out, "#   {}  {}  {}", file.name, kind(file), bytes(file.bytes));
        }
        if files.len() > limit {
            let _ = writeln!(out, "#   and {} more (--all-files shows them)", count((files.len() - limit) as u64));
        }
        if let Some(first) = source::first(source, &files) {
            first_record(&first, out);
        }
    }
}

/// Which field of the first record fills which column, and with what.
fn first_record(first: &First, out: &mut String) {
    let _ = writeln!(out, "#\n#   the first record, {}#{}, fills", first.file, first.record);
    let origins: Vec<String> = first.columns.iter().map(|(_, origin, _)| from(origin)).collect();
    let width = origins.iter().map(|origin| origin.chars().count()).max().unwrap_or(0);
    for ((column, _, value), origin) in first.columns.iter().zip(&origins) {
        let _ = writeln!(out, "#     {:9} from {origin:width$}  {}", column.name(), short(value));
    }
    if !first.metadata.is_empty() {
        let _ = writeln!(out, "#     metadata  from {}", first.metadata.join(", "));
    }
}

fn files(plan: &Plan, source: usize) -> Vec<&InputFile> {
    plan.discovery.files.iter().filter(|file| file.source as usize == source).collect()
}

fn kind(file: &InputFile) -> String {
    format!("{:?}", file.kind).to_lowercase()
}

fn from(origin: &Origin) -> String {
    match origin {
        Origin::Field(name) => format!("`{name}`"),
        Origin::File => "the file".to_owned(),
        Origin::Place => "its place".to_owned(),
        Origin::Host => "the host of `url`".to_owned(),
    }
}

/// The beginning of a value on one line.
fn short(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}… ({} characters)", line.get(..end).unwrap_or_default(), value.chars().count()),
        None => line,
    }
}

fn in_json(plan: &Plan, warnings: &[String]) -> Value {
    let file = |file: &&InputFile| json!({ "path": file.name, "format": kind(file), "bytes": file.bytes });
    let column = |(column, origin, value): &(source::Column, Origin, String)| {
        let origin = match origin {
            Origin::Field(name) => json!({ "field": name }),
            Origin::File => json!("file"),
            Origin::Place => json!("place"),
            Origin::Host => json!("host"),
        };
        json!({ "column": column.name(), "from": origin, "value": value })
    };
    let first = |first: First| {
        let columns: Vec<Value> = first.columns.iter().map(column).collect();
        json!({ "path": first.file, "record": first.record, "columns": columns, "metadata": first.metadata })
    };
    let source = |(index, source): (usize, &source::SourceConfig)| {
        let files = files(plan, index);
        let size: u64 = files.iter().map(|file| file.bytes).sum();
        json!({
            "paths": source.paths,
            "bytes": size,
            "files": files.iter().map(file).collect::<Vec<_>>(),
            "first": source::first(source, &files).map(first),
        })
    };
    let tests = run_tests(plan);
    json!({
        "config": plan.config,
        "sources": plan.config.source.iter().enumerate().map(source).collect::<Vec<_>>(),
        "passes": (0..plan.segments.len()).map(|number| plan.steps(number)).collect::<Vec<_>>(),
        "models": plan.models(),
        "warnings": warnings,
        "tests": { "run": tests.tests, "failed": tests.failed },
    })
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
