//! `tamis explain`: one article line by line, from a config and a file, or from a finished dataset and an id.

use std::path::{Path, PathBuf};

use tamis::document::StageIndex;
use tamis::plan::Plan;
use tamis::report::explain::{Explanation, render};
use tamis::run::walk_in_memory;
use tamis::sink::dataset::Dataset;
use tamis::sink::remains::Remains;
use tamis::source::{self, Discovery, InputFile};

use super::{ConfigArguments, Failure, INPUTS, print};

#[derive(Debug, clap::Args)]
#[command(override_usage = "tamis explain [--set KEY=VALUE]... CONFIG PATH\n       tamis explain DIR --id ID")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// The article file to explain (relative to the current folder), as the config's stages treat it.
    #[arg(value_name = "PATH")]
    file: Option<PathBuf>,

    /// The document of a finished dataset to explain.
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Only this record of the file, counted from 0.
    #[arg(long, value_name = "N", conflicts_with = "id")]
    record: Option<u64>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match (&arguments.file, &arguments.id) {
        (Some(file), None) => explain_file(arguments, file),
        (None, Some(id)) => explain_row(&arguments.config.config, id),
        _ => Err(Failure::usage("say what to explain: `CONFIG PATH`, or `DIR --id ID`")),
    }
}

/// Runs the config over this one file. Global stages see nothing else, so repeats across files do not show.
fn explain_file(arguments: &Arguments, file: &Path) -> Result<(), Failure> {
    let plan = arguments.config.plan()?;
    let input = find(&plan, file)?;
    let discovery = Discovery { files: vec![input], refused: Vec::new(), unmatched: Vec::new() };
    let plan = plan.over(discovery);
    let (documents, rejected) = walk_in_memory(&plan);
    let remains: std::collections::BTreeMap<_, _> =
        documents.iter().map(|document| (document.position(), Remains::of(document))).collect();
    let names = plan.names();
    let wanted = documents.iter().filter(|document| arguments.record.is_none_or(|n| n == document.position().record));
    let mut out = String::new();
    for document in wanted {
        let mut explanation = Explanation::of_document(document, &names, |position| remains.get(&position.document()));
        for (index, planned) in (0..).map(StageIndex).zip(&plan.stages) {
            if let Some(stage) = planned.stage.local() {
                explanation.add_evidence(stage.evidence(document, index));
                let taken_for = stage.taken_for(document, index);
                explanation.facts.extend(taken_for.map(|taken_for| ("taken for", taken_for)));
            }
        }
        out.push_str(&render(&explanation));
        out.push('\n');
    }
    for refused in rejected {
        out.push_str(&format!("{}: {}: {}\n", refused.source, refused.cause.as_str(), refused.detail));
    }
    if out.is_empty() {
        let message = format!("{} has no record {}", file.display(), arguments.record.unwrap_or_default());
        return Err(Failure::new(INPUTS, message));
    }
    print(&out)
}

/// The file as one of the config's inputs, or else as its first source would take it.
fn find(plan: &Plan, file: &Path) -> Result<InputFile, Failure> {
    let metadata = std::fs::metadata(file)
        .map_err(|error| Failure::new(INPUTS, format!("cannot read {}: {error}", file.display())))?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{} is a folder", file.display())).hint("name one article file in it"));
    }
    let same = |input: &&InputFile| same_file(&input.path, file);
    if let Some(input) = plan.discovery.files.iter().find(same) {
        return Ok(input.clone());
    }
    let absolute = std::path::absolute(file)
        .map_err(|error| Failure::usage(format!("cannot tell where {} is: {error}", file.display())))?;
    let mut source = plan.config.source.first().cloned().ok_or_else(|| Failure::usage("the config has no source"))?;
    source.paths = vec![absolute.display().to_string()];
    let found = source::discover(&plan.folder, &[source]).map_err(|error| Failure::usage(error.to_string()))?;
    found.files.into_iter().next().ok_or_else(|| {
        let detail = found.refused.first().map_or(String::new(), |refused| format!(": {}", refused.detail));
        Failure::new(INPUTS, format!("cannot read {}{detail}", file.display()))
    })
}

fn same_file(a: &Path, b: &Path) -> bool {
    a.file_name() == b.file_name() && matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn explain_row(folder: &Path, id: &str) -> Result<(), Failure> {
    let dataset = Dataset::open(folder)?;
    let (row, removed) = (dataset.row(id)?, dataset.removed(id)?);
    if row.is_none() && removed.is_empty() {
        return Err(Failure::usage(format!("the dataset {} has no document `{id}`", folder.display()))
            .hint("`tamis inspect DIR --head 10` shows some ids"));
    }
    let mut out = render(&Explanation::of_dataset(id, row.as_ref(), &removed));
    for partner in Explanation::partners(&removed) {
        // A document that was removed as a whole is in the ledger alone: it held a copy that was kept until then.
        let (row, removed) = (dataset.row(&partner)?, dataset.removed(&partner)?);
        if row.is_some() || !removed.is_empty() {
            out.push_str("\nthe kept copy's document\n\n");
            out.push_str(&render(&Explanation::of_dataset(&partner, row.as_ref(), &removed)));
        }
    }
    print(&out)
}
