//! `tamis diff`: what changed between two datasets.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use tamis::report::diff::{DiffError, SHOWN, write_json, write_text};
use tamis::sink::dataset::Dataset;
use tamis::sink::diff::diff;

use super::{Failure, INTERNAL};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The first dataset's folder: the older one.
    a: PathBuf,

    /// The second dataset's folder: the newer one.
    b: PathBuf,

    /// List every id and name, not only the first ten of each kind.
    #[arg(long, conflicts_with = "json")]
    all: bool,

    /// Print the whole difference as JSON, for machines; docs/diff.md has its keys.
    #[arg(long)]
    json: bool,
}

/// Differences are the result and no error: the exit code is 0 whether there are any or not.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (a, b) = (Dataset::open(&arguments.a)?, Dataset::open(&arguments.b)?);
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
        Ok(()) => Ok(()),
    }
}
