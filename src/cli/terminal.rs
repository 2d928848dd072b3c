//! What the terminal has: its width, and whether it shows colours.

use std::io::{self, IsTerminal};

use tamis::report::explain::text::Look;

/// How a result is set on stdout. `NO_COLOR` with any value takes the colours away. What goes into a pipe has neither colours nor a
/// width, unless `COLUMNS` asks for one.
pub fn look() -> Look {
    let is_terminal = io::stdout().is_terminal();
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let own = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Look { width: own.filter(|_| is_terminal).or(asked), colour: is_terminal && !plain && !dumb }
}
