//! `tamis completions` and `tamis man`: what a shell and its reader know of the command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, print};

#[derive(Debug, Args)]
pub struct CompletionArguments {
    /// The shell that will read them.
    shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for the pages `tamis.1`, `tamis-build.1` and so on; made where it is missing. Without it the first is printed.
    dir: Option<PathBuf>,
}

/// Prints what the shell needs to complete arguments.
pub fn completions(arguments: &CompletionArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "tamis", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes one manual page a command, or prints that of tamis.
pub fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let mut root = Cli::command();
    root.build();
    let Some(dir) = &arguments.dir else { return print(&page("tamis", root)?) };
    let refused = |path: &Path, error: io::Error| Failure::usage(format!("cannot write {}: {error}", path.display()));
    fs::create_dir_all(dir).map_err(|error| refused(dir, error))?;
    let commands = root.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let mut pages: Vec<(String, Command)> =
        commands.map(|command| (format!("tamis-{}", command.get_name()), command.clone())).collect();
    pages.push(("tamis".to_owned(), root));
    for (name, command) in pages {
        let path = dir.join(format!("{name}.1"));
        fs::write(&path, page(&name, command)?).map_err(|error| refused(&path, error))?;
    }
    Ok(())
}

fn page(name: &str, command: Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    // Dated by nothing: the same version writes the same bytes.
    let man = clap_mangen::Man::new(command).title(name).date("").source(concat!("tamis ", env!("CARGO_PKG_VERSION")));
    man.render(&mut page).map_err(|error| Failure::usage(format!("cannot write the page of {name}: {error}")))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
