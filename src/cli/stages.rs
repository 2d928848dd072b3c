//! `tamis stages` and `tamis rule`: what stages and rules say of themselves.

use tamis::report::stages::{self, Unknown};

use super::{Failure, print};

#[derive(Debug, clap::Args)]
pub struct StageArguments {
    /// A stage; without one, all are listed.
    name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct RuleArguments {
    /// A rule as the ledger names it (`boilerplate.comment_form`), or without its stage; without one, all are listed.
    name: Option<String>,
}

pub fn stages(arguments: &StageArguments) -> Result<(), Failure> {
    let page = arguments.name.as_ref().map_or_else(|| Ok(stages::stages(width())), |name| stages::stage(name, width()));
    print(&page.map_err(failure)?)
}

pub fn rule(arguments: &RuleArguments) -> Result<(), Failure> {
    let page = arguments.name.as_ref().map_or_else(|| Ok(stages::rules(width())), |name| stages::rule(name, width()));
    print(&page.map_err(failure)?)
}

fn failure(unknown: Unknown) -> Failure {
    Failure::usage(unknown.message).hint(unknown.hint)
}

/// Characters of a line: those of the terminal, at most a hundred.
fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)).min(100)
}
