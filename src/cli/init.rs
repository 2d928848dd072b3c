//! `tamis init`: a commented config to start from.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use tamis::config;

use super::{Console, Failure};

/// Name of the config that is written.
const FILE_NAME: &str = "tamis.toml";

/// Name of the schema beside it, by which editors complete and check the config.
const SCHEMA_NAME: &str = "tamis.schema.json";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to write `tamis.toml` and its schema; made if it is missing.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let refused =
        |path: &std::path::Path, error: io::Error| Failure::usage(format!("cannot write {}: {error}", path.display()));
    fs::create_dir_all(folder).map_err(|error| refused(folder, error))?;
    let path = folder.join(FILE_NAME);
    let mut file = fs::File::create_new(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::usage(format!("{} exists already", path.display())).hint("name another folder, or remove it first")
        }
        _ => refused(&path, error),
    })?;
    file.write_all(config::starter().as_bytes()).map_err(|error| refused(&path, error))?;
    let schema = folder.join(SCHEMA_NAME);
    fs::write(&schema, format!("{:#}\n", config::schema())).map_err(|error| refused(&schema, error))?;
    // Where it stands in the current folder, it need not be named.
    let here = path.strip_prefix(".").unwrap_or(&path);
    let named = if here == std::path::Path::new(FILE_NAME) { String::new() } else { format!(" {}", here.display()) };
    console.note(&format!(
        "wrote {} and {SCHEMA_NAME}\n\nput articles where it says, look with `tamis check{named}`, then: tamis build{named}",
        here.display()
    ));
    Ok(())
}
