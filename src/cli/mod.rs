//! The command line: one file a command. The only place that prints, reads the clock, and knows exit codes.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where tamis talks to people")]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use tamis::config::{ConfigErrors, Located};
use tamis::plan::{Plan, PlanError};
use tamis::sink::dataset::DatasetError;

mod build;
mod cache;
mod check;
mod console;
mod diff;
mod explain;
#[cfg(debug_assertions)]
mod faults;
mod hints;
mod init;
mod inspect;
mod mine;
mod plan;
mod progress;
mod schema;
mod stages;
mod stop;
mod task;
mod terminal;
mod verify;

use console::{Console, LogFormat};

/// A sieve for language-model datasets: articles in, explained and reproducible Parquet out.
#[derive(Debug, Parser)]
#[command(name = "tamis", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 internal error or a disk that refuses; 2 the command line or the config is wrong; \
    3 inputs are missing or changed, a source gave no document, or more cannot be read than `max_rejected` allows; \
    4 `--locked` and something drifted; 5 `verify` found damage; 6 a guard tripped; 130 stopped by Ctrl-C or a signal."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Say nothing but errors.
    #[arg(long, short, global = true)]
    quiet: bool,

    /// Messages as text for people, or as one JSON object a line.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the dataset that a config describes.
    Build(build::Arguments),
    /// Show the resolved config with every default, each source's files, and warnings.
    Check(check::Arguments),
    /// Show an article line by line: kept, or removed for what reason, and how to keep it.
    Explain(explain::Arguments),
    /// Show what a dataset holds: splits, rows, tokens, languages, removals by rule.
    Inspect(inspect::Arguments),
    /// Show what the stages do, or all about one: its options, rules and an example.
    Stages(stages::StageArguments),
    /// Show what a rule of the ledger means, an example, and how to keep what it takes.
    Rule(stages::RuleArguments),
    /// Re-hash every file of a dataset against its manifest and check the accounting.
    Verify(verify::Arguments),
    /// Show what changed between two datasets: config, inputs, documents, removals, tokens.
    Diff(diff::Arguments),
    /// Propose phrases that sites of the corpus repeat, as a pack to be looked through.
    Mine(mine::Arguments),
    /// Write a commented config to start from.
    Init(init::Arguments),
    /// Print the JSON Schema of the config.
    Schema,
    /// List a build's tasks for a scheduler; `--json` is what `tamis task` takes.
    Plan(plan::Arguments),
    /// Run tasks of a plan.
    Task(task::Arguments),
    /// Show or trim what a work folder keeps from earlier builds.
    Cache(cache::Arguments),
}

/// A config, and what the command line changes in it.
#[derive(Debug, Args)]
struct ConfigArguments {
    /// The config, a TOML file.
    #[arg(default_value = "tamis.toml")]
    config: PathBuf,

    /// Override a key of the config, e.g. `output.dir=x` or `stage.language.keep=["fr"]`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// Why a command ended early: what to say, and the exit code.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
}

/// Exit code 1: a defect of tamis, or a disk that refuses.
const INTERNAL: u8 = 1;
/// Exit code 2: the command line or the config is wrong.
const USAGE: u8 = 2;
/// Exit code 3: inputs are missing, or changed while they were read, or too many of them cannot be read, or a source gave
/// no document.
const INPUTS: u8 = 3;
/// Exit code 4: `--locked`, and something is not what the lock says.
const DRIFT: u8 = 4;
/// Exit code 5: `verify` found damage.
const DAMAGE: u8 = 5;
/// Exit code 6: a guard of the config tripped.
const GUARD: u8 = 6;
/// Exit code of a process that was stopped by Ctrl-C, as shells have it.
const STOPPED: u8 = 130;

/// Runs the command line and returns its exit code.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    #[cfg(debug_assertions)]
    faults::install_from_environment();
    let console = Console { quiet: cli.quiet, format: cli.log_format };
    let result = match cli.command {
        Command::Build(arguments) => build::run(&arguments, console),
        Command::Check(arguments) => check::run(&arguments, console),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Stages(arguments) => stages::stages(&arguments),
        Command::Rule(arguments) => stages::rule(&arguments),
        Command::Verify(arguments) => verify::run(&arguments, console),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Mine(arguments) => mine::run(&arguments, console),
        Command::Init(arguments) => init::run(&arguments, console),
        Command::Schema => schema::run(),
        Command::Plan(arguments) => plan::run(&arguments, console),
        Command::Task(arguments) => task::run(&arguments, console),
        Command::Cache(arguments) => cache::run(&arguments, console),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

impl ConfigArguments {
    /// Reads the config and resolves it.
    fn plan(&self) -> Result<Plan, Failure> {
        tamis::check(&self.config, &self.overrides).map_err(|error| self.failure(error))
    }

    fn load(&self) -> Result<Located, Failure> {
        tamis::load(&self.config, &self.overrides).map_err(|error| self.failure(error))
    }

    /// Says of the config what else is said of any file.
    fn failure(&self, error: tamis::Error) -> Failure {
        let path = self.config.display();
        let tamis::Error::Unreadable { source, .. } = &error else { return error.into() };
        match source.kind() {
            io::ErrorKind::NotFound => {
                Failure::usage(format!("there is no config {path}")).hint("`tamis init` writes one to start from")
            }
            io::ErrorKind::IsADirectory => {
                Failure::usage(format!("the config {path} is a folder")).hint("name the TOML file in it")
            }
            io::ErrorKind::InvalidData => Failure::usage(format!("the config {path}: {source}")),
            _ => Failure::usage(format!("cannot read the config {path}: {source}")),
        }
    }

    /// File name of the config.
    fn name(&self) -> String {
        self.config.file_name().unwrap_or(self.config.as_os_str()).to_string_lossy().into_owned()
    }

    /// `.tamis/NAME` beside the config, NAME being the config's own: two configs of one folder do not meet there.
    fn work_dir(&self) -> PathBuf {
        let name = self.config.file_stem().unwrap_or(self.config.as_os_str());
        self.folder().join(".tamis").join(name)
    }

    /// The config's folder: paths in the config are relative to it.
    fn folder(&self) -> &Path {
        self.config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

impl Failure {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::usage(format!("the config is wrong\n\n{errors}"))
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Config(errors) => errors.into(),
            PlanError::Inputs(errors) => Self::new(INPUTS, format!("inputs are missing\n\n{errors}")),
        }
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Writes a result to stdout. A reader that went away early (`| head`) is no error.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(INTERNAL, format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}
