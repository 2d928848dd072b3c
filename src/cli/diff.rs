//! `tamis diff`: what changed between two datasets.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use tamis::report::diff::document::document;
use tamis::report::diff::{DiffError, SHOWN, write_json, write_text};
use tamis::sink::dataset::Dataset;
use tamis::sink::diff::diff;

use super::terminal::look;
use super::{DRIFT, Failure, INTERNAL, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The first dataset's folder: the older one.
    a: PathBuf,

    /// The second dataset's folder: the newer one.
    b: PathBuf,

    /// List every id and name, not only the first ten of each kind.
    #[arg(long, conflicts_with = "json")]
    all: bool,

    /// Show what changed in the document with this id: its words, and why lines are gone.
    #[arg(long, value_name = "ID", conflicts_with_all = ["all", "json"])]
    id: Option<String>,

    /// End with exit code 4 where the datasets differ.
    #[arg(long)]
    exit_code: bool,

    /// Print the whole difference as JSON, for machines; docs/diff.md has its keys.
    #[arg(long)]
    json: bool,
}

/// Differences are the result and no error: the exit code is 0 whether there are any or not, unless it is asked for.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (a, b) = (Dataset::open(&arguments.a)?, Dataset::open(&arguments.b)?);
    if let Some(id) = &arguments.id {
        let told = document(&a, &b, id, look())?;
        print(&told.ok_or_else(|| Failure::usage(format!("neither dataset knows a document `{id}`")))?)?;
        return differ(arguments, &a, &b);
    }
    let difference = diff(&a, &b)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let limit = if arguments.all { usize::MAX } else { SHOWN };
    let written = match arguments.json {
        true => write_json(&difference, &mut out),
        false => write_text(&difference, limit, &mut out),
    };
    match written.and_then(|()| Ok(out.flush()?)) {
        Err(DiffError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(DiffError::Output(error)) => Err(Failure::new(INTERNAL, format!("cannot write the difference: {error}"))),
        Err(DiffError::Dataset(error)) => Err(error.into()),
        Ok(()) => differ(arguments, &a, &b),
    }
}

/// The exit code that says that the datasets differ, where it is asked for.
fn differ(arguments: &Arguments, a: &Dataset, b: &Dataset) -> Result<(), Failure> {
    match arguments.exit_code && a.manifest.digest != b.manifest.digest {
        true => Err(Failure::new(DRIFT, "the datasets differ")),
        false => Ok(()),
    }
}
