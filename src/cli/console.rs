//! How messages reach the user: text for people, or one JSON object a line for machines (docs/log.md).

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{Failure, STOPPED};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// How messages reach the user.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    pub quiet: bool,
    pub format: LogFormat,
}

impl Console {
    /// Something the user should know though nothing stops.
    pub fn warning(self, message: &str) {
        self.warning_with(message, Value::Null);
    }

    /// A warning, with what a machine should know of it.
    pub fn warning_with(self, message: &str, fields: Value) {
        self.event("warning", "warning", message, fields);
    }

    /// Something that was done.
    pub fn note(self, message: &str) {
        self.event("info", "note", message, Value::Null);
    }

    /// Something that happened: text for people, or an object with `fields` for machines.
    pub fn event(self, level: &str, event: &str, message: &str, fields: Value) {
        if self.quiet {
            return;
        }
        match (self.format, level) {
            (LogFormat::Json, _) => self.json(level, event, message, fields),
            (LogFormat::Text, "warning") => eprintln!("{}", wrapped(&format!("warning: {message}"), text_width())),
            (LogFormat::Text, _) => eprintln!("{message}"),
        }
    }

    /// Why the process ends early, though nothing is wrong.
    pub fn stopped(self, work_dir: &str) {
        let message = format!("stopped; run the same command again to go on: finished tasks are kept in {work_dir}");
        match self.format {
            LogFormat::Text => eprintln!("{message}"),
            LogFormat::Json => {
                self.json("error", "stopped", &message, json!({ "exit_code": STOPPED, "work_dir": work_dir }));
            }
        }
    }

    pub fn failure(self, failure: &Failure) {
        match self.format {
            LogFormat::Json => {
                let fields = json!({ "exit_code": failure.code, "hint": failure.hint });
                self.json("error", "error", &failure.message, fields);
            }
            LogFormat::Text => {
                eprintln!("error: {}", failure.message);
                if let Some(hint) = &failure.hint {
                    eprintln!("\nhint: {hint}");
                }
            }
        }
    }

    /// One object a line; what is null is left out.
    fn json(self, level: &str, event: &str, message: &str, fields: Value) {
        let mut object = json!({ "level": level, "event": event, "message": message });
        if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
            object.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        eprintln!("{object}");
    }

    /// Whether a person watches: progress bars make sense.
    pub fn is_live(self) -> bool {
        !self.quiet && self.format == LogFormat::Text && io::stderr().is_terminal()
    }
}

/// Columns for messages: those of the terminal, or as many as it takes.
fn text_width() -> usize {
    terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| usize::from(width.0).max(40))
}

/// The text with its lines broken at blanks; what follows the first stands two columns further in.
fn wrapped(text: &str, width: usize) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let mut current = " ".repeat(indent);
        let mut is_empty = true;
        for word in line.split_ascii_whitespace() {
            if !is_empty && current.chars().count() + 1 + word.chars().count() > width {
                out.push(std::mem::replace(&mut current, " ".repeat(indent + 2)));
                is_empty = true;
            }
            if !is_empty {
                current.push(' ');
            }
            current.push_str(word);
            is_empty = false;
        }
        out.push(current);
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_blanks_and_what_follows_stands_further_in() {
        let text = "warning: one two three four\n  a.txt:1:2 five six seven eight\n  aVeryLongWordThatHasNoBlank";
        let wanted =
            "warning: one two\n  three four\n  a.txt:1:2 five six\n    seven eight\n  aVeryLongWordThatHasNoBlank";
        assert_eq!(wrapped(text, 20), wanted);
        assert_eq!(wrapped(text, usize::MAX), text);
    }
}
