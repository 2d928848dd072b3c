//! Regular expressions that a config gives a stage.

use regex::{Regex, RegexSet};

use super::StageError;

/// The user's expressions of one field.
///
/// # Errors
/// Names the first that is none.
pub(super) fn patterns(field: &str, patterns: &[String]) -> Result<RegexSet, StageError> {
    for (at, pattern) in patterns.iter().enumerate() {
        if let Err(error) = Regex::new(pattern) {
            return Err(StageError::new(
                &format!("{field}[{at}]"),
                format!("`{pattern}` is no regular expression: {error}"),
            )
            .hint("the syntax is that of Rust's regex crate; in TOML write it in single quotes"));
        }
    }
    RegexSet::new(patterns).map_err(|error| StageError::new(field, error.to_string()))
}
