//! `tamis explain`: one article line by line, from a config and a file, or from a finished dataset and an id.

use std::path::{Path, PathBuf};

use tamis::report::explain::{Explanation, render};

use super::{ConfigArguments, Failure, print};

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
    print(&tamis::explain(arguments.config.plan_unchecked()?, file, arguments.record)?)
}

fn explain_row(folder: &Path, id: &str) -> Result<(), Failure> {
    let dataset = tamis::open(folder)?;
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
