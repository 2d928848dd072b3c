//! `tamis cache`: what a work folder keeps from earlier builds.

use std::path::PathBuf;

use tamis::report::summary::{bytes, count, write_table};
use tamis::run::Cache;

use super::{Console, Failure, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what is kept, by kind of file, and how much of it the last build or plan used.
    List(Place),
    /// Remove what neither the last build nor the tasks of the last plan used. (Every build removes what neither it nor the
    /// one before it used.)
    Gc {
        #[command(flatten)]
        place: Place,

        /// Remove everything: the next build begins from nothing.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Place {
    /// The config whose work folder is meant.
    #[arg(default_value = "tamis.toml")]
    config: PathBuf,

    /// The work folder, if it is not the config's own.
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,
}

impl Place {
    fn open(&self) -> Result<Cache, Failure> {
        let of_config = || super::ConfigArguments { config: self.config.clone(), overrides: Vec::new() }.work_dir();
        let folder = self.work_dir.clone().unwrap_or_else(of_config);
        if !folder.is_dir() {
            return Err(Failure::usage(format!("there is no work folder {}", folder.display()))
                .hint("a build makes it; name another one with `--work-dir DIR`"));
        }
        Ok(Cache::open(&folder)?)
    }
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(place) => list(&place.open()?),
        Command::Gc { place, all } => {
            let (files, size) = place.open()?.trim(*all)?;
            console.note(&format!("removed {} files, {}", count(files), bytes(size)));
            Ok(())
        }
    }
}

fn list(cache: &Cache) -> Result<(), Failure> {
    let kinds = cache.list()?;
    let mut table = vec![["kind", "files", "size", "used by the last build"].map(str::to_owned)];
    let (mut files, mut size, mut used) = (0, 0, 0);
    for (kind, (number, all, last)) in kinds {
        table.push([kind, count(number), bytes(all), bytes(last)]);
        files += number;
        size += all;
        used += last;
    }
    table.push(["all".to_owned(), count(files), bytes(size), bytes(used)]);
    let mut out = String::new();
    write_table(&mut out, &table);
    print(&out)
}
