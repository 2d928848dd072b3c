//! What is wrong in a config, where, and how it is shown: like a compiler's messages, without colours.

use std::fmt;

/// All mistakes of a config, in the order of their places. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// One mistake in a config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// Where it stands.
    pub place: Place,
    /// The key at fault from the top, such as `stage[1].paragraph_dedup.min_char`; empty for the file as a whole.
    pub path: String,
    /// What is wrong: a lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line at fault, unless the mistake is something that is missing from the file.
    pub excerpt: Option<Excerpt>,
}

/// Where a mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nowhere in particular: something is missing from the file.
    File {
        /// Name of the file.
        file: String,
    },
    /// In the file.
    Line {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1, in characters.
        column: usize,
    },
    /// In the value of a `--set`.
    Override {
        /// Which of them, from 0.
        index: usize,
        /// The key that it sets, as written.
        key: String,
    },
}

/// A line of the config and the part of it that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its end; for a `--set`, all of `KEY=VALUE`. Very long lines are cut to the part that counts.
    pub line: String,
    /// Characters before the marked part.
    pub start: usize,
    /// Characters in the marked part, at least 1; it may lie just after the line's end.
    pub width: usize,
}

impl fmt::Display for ConfigErrors {
    /// All of them, with a blank line in between.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n\n")?;
            }
            error.fmt(formatter)?;
        }
        Ok(())
    }
}

impl fmt::Display for ConfigError {
    /// The place and the message, the line with a mark under what is wrong, and the hint after a blank line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)?;
        let gutter = match &self.place {
            Place::Line { line, .. } => line.to_string(),
            Place::File { .. } | Place::Override { .. } => String::new(),
        };
        let width = gutter.len();
        if let Some(excerpt) = &self.excerpt {
            write!(formatter, "\n {gutter} | {}\n {:width$} | {}", excerpt.line, "", excerpt.mark())?;
        }
        match (&self.hint, &self.excerpt) {
            (None, _) => Ok(()),
            (Some(hint), Some(_)) => write!(formatter, "\n {:width$} |\n {:width$} = hint: {hint}", "", ""),
            (Some(hint), None) => write!(formatter, "\n  |\n  = hint: {hint}"),
        }
    }
}

impl fmt::Display for Place {
    /// `config.toml:14:19`, `config.toml` or `--set output.dir`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file } => formatter.write_str(file),
            Self::Line { file, line, column } => write!(formatter, "{file}:{line}:{column}"),
            Self::Override { key, .. } => write!(formatter, "--set {key}"),
        }
    }
}

impl Excerpt {
    /// The line of carets that goes under the excerpt; tabs stay tabs, so that it stands right below.
    #[must_use]
    pub fn mark(&self) -> String {
        let indent = self.line.chars().chain(std::iter::repeat(' ')).take(self.start);
        let indent = indent.map(|c| if c == '\t' { '\t' } else { ' ' });
        indent.chain(std::iter::repeat_n('^', self.width)).collect()
    }
}
