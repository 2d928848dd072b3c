//! `tamis verify`: is this dataset what its manifest says?

use std::path::PathBuf;

use tamis::report::summary::count;
use tamis::sink::dataset::Dataset;
use tamis::sink::verify::verify;

use super::{Console, DAMAGE, Failure, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The dataset's folder.
    folder: PathBuf,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let dataset = Dataset::open(&arguments.folder).map_err(|error| Failure::new(DAMAGE, error.to_string()))?;
    let damage = verify(&dataset);
    if !damage.is_empty() {
        let list: Vec<String> = damage.iter().map(|line| format!("  {line}")).collect();
        let message = format!("{} is damaged\n\n{}", arguments.folder.display(), list.join("\n"));
        return Err(Failure::new(DAMAGE, message).hint("build it again, or fetch a good copy of the files named above"));
    }
    if console.quiet {
        return Ok(());
    }
    let manifest = &dataset.manifest;
    let (files, rows) = (manifest.files.len() as u64, manifest.counts.output.documents);
    print(&format!("{} files and {} rows are what the manifest says\n", count(files), count(rows)))
}
