//! What is wrong with a text that is no TOML: the parser's messages, in the words of its usual causes.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::Error;

use super::places::Mistake;

/// Syntax errors in the order of their places, without those that are mostly the consequence of an earlier one: one a
/// line, and none after a bracket that was left open.
pub(super) fn mistakes(errors: &[Error], text: &str) -> Vec<Mistake> {
    let mut errors: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut lines = BTreeSet::new();
    errors.retain(|(span, _)| lines.insert(text.get(..span.start).unwrap_or(text).matches('\n').count()));
    let is_yaml = |span: &Range<usize>| text.get(span.clone()).is_some_and(|marked| marked.starts_with(':'));
    let last = errors.iter().position(|(span, message)| is_ending(message) || is_yaml(span)).unwrap_or(errors.len());
    errors.into_iter().take(last + 1).map(|(span, message)| mistake(span, message, text)).collect()
}

/// Whether the parser loses its way with this error.
fn is_ending(message: &str) -> bool {
    ["missing comma", "unclosed", "unexpected `=` in array", "key with no value", "invalid basic string"]
        .iter()
        .any(|start| message.starts_with(start))
}

fn mistake(span: Range<usize>, message: &str, text: &str) -> Mistake {
    let kind = message.split(", expected").next().unwrap_or(message);
    let marked = text.get(span.clone()).unwrap_or_default();
    let (mut span, mut hint) = (span, None);
    let message = match kind {
        "duplicate key" => format!("`{marked}` stands twice"),
        "missing escaped value" => {
            hint = Some("a backslash begins an escape: write paths with `/`, or the text in single quotes".to_owned());
            "unknown escape in a text".to_owned()
        }
        "invalid basic string" | "invalid literal string" => {
            let quote = if kind == "invalid basic string" { '"' } else { '\'' };
            hint = Some(format!("close it with `{quote}`"));
            "the text has no end".to_owned()
        }
        "missing comma between array elements" | "unexpected `=` in array" => {
            hint = Some("separate items with `,` and close the list with `]`".to_owned());
            kind.to_owned()
        }
        "invalid unquoted key" if marked.starts_with(':') => {
            hint = Some("write `key = value`".to_owned());
            "a key is separated from its value by `=`, not `:`".to_owned()
        }
        "invalid unquoted key" => {
            hint = Some("a key of other than ASCII letters, digits, `_` and `-` needs quotes".to_owned());
            kind.to_owned()
        }
        "key with no value" | "missing value for key" => {
            hint = Some("write `key = value`".to_owned());
            kind.to_owned()
        }
        "string values must be quoted" | "invalid value" | "invalid boolean" | "invalid float" | "invalid integer" => {
            span = bare_value(text, span.start);
            let value = text.get(span.clone()).unwrap_or_default();
            hint = Some(match value.to_ascii_lowercase().as_str() {
                truth @ ("true" | "false") => format!("write `{truth}`"),
                _ if value.is_empty() => "text needs quotes".to_owned(),
                _ => format!("put text in quotes: `\"{value}\"`"),
            });
            format!("`{value}` is no value")
        }
        _ => message.strip_suffix(", expected nothing").unwrap_or(message).to_owned(),
    };
    Mistake { span: Some(span), path: String::new(), message, hint }
}

/// The whole of an unquoted value around `at`, which the parser may have marked in part.
fn bare_value(text: &str, at: usize) -> Range<usize> {
    let (before, after) = text.split_at(text.floor_char_boundary(at));
    let before = before.rsplit(['=', ',', '[', '{', '\n']).next().unwrap_or_default().trim_start();
    let after = after.split([',', ']', '}', '#', '\n', '\r']).next().unwrap_or_default();
    let start = at - before.len();
    let length = text.get(start..at + after.len()).unwrap_or_default().trim_end().len();
    start..start + length
}
