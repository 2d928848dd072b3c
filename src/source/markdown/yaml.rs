//! The YAML that front matter uses: keys with scalars, lists and further keys, in blocks or in brackets. Knows no columns.
//!
//! Nesting goes as deep as [`MOST_DEPTH`]; what is nested deeper, or is written in another way, stays the text that it is.

use std::borrow::Cow;

use super::super::fields::Value;
use super::{Entries, array, object};

/// Lists and keys within each other are read so deep: foreign input must not decide how deep we go.
const MOST_DEPTH: usize = 8;

/// A line and how far it is indented.
#[derive(Clone, Copy)]
struct Line<'m> {
    indent: usize,
    text: &'m str,
}

/// The entries of a block of YAML; None where its first level is no list of keys and values.
pub(super) fn yaml(matter: &str) -> Option<Entries> {
    let lines: Vec<Line<'_>> = matter.lines().map(Line::new).collect();
    let is_indented = lines.iter().find(|line| !line.is_aside()).is_some_and(|line| line.indent > 0);
    let read = entries(&lines, MOST_DEPTH).filter(|_| !is_indented)?;
    Some(read.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl<'m> Line<'m> {
    fn new(line: &'m str) -> Self {
        let text = line.trim();
        Self { indent: line.len() - line.trim_start().len(), text }
    }

    /// A blank line or a comment.
    fn is_aside(self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn is_item(self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    /// What follows the dash of an item, as a line of its own.
    fn within_item(self) -> Self {
        let rest = self.text.strip_prefix('-').unwrap_or(self.text);
        let text = rest.trim_start();
        Self { indent: self.indent + 1 + rest.len() - text.len(), text }
    }
}

/// Keys and values that all stand as far left as the first.
fn entries<'m>(lines: &[Line<'m>], depth: usize) -> Option<Vec<(&'m str, Value<'static>)>> {
    let left = lines.iter().find(|line| !line.is_aside()).map_or(0, |line| line.indent);
    let mut read = Vec::new();
    let mut rest = lines;
    while let Some((first, after)) = rest.split_first() {
        if first.is_aside() {
            rest = after;
            continue;
        }
        let (key, text) = entry(first.text).filter(|_| first.indent == left)?;
        let is_block = is_block_mark(text);
        // A list may stand as far left as its key, and so may the bracket that closes one.
        let belongs = |line: &&Line<'_>| {
            let as_item = text.is_empty() && line.is_item();
            let closes = text.starts_with(['[', '{']) && line.text.starts_with([']', '}']);
            let as_left = line.indent == left && (as_item || closes);
            line.indent > left || as_left || line.text.is_empty() || (!is_block && line.is_aside())
        };
        let (within, others) = after.split_at(after.iter().take_while(belongs).count());
        read.push((key, value(text, within, depth)));
        rest = others;
    }
    Some(read)
}

/// The value that begins with `text` and goes on with the lines `within`.
fn value(text: &str, within: &[Line<'_>], depth: usize) -> Value<'static> {
    if is_block_mark(text) {
        return owned(&folded(within, text));
    }
    let said: Vec<Line<'_>> = within.iter().filter(|line| !line.is_aside()).copied().collect();
    match said.first() {
        None => scalar(text, depth),
        Some(_) if !text.is_empty() => scalar(&format!("{text} {}", joined(&said, " ")), depth),
        Some(_) if depth == 0 => owned(&joined(&said, "\n")),
        Some(first) if first.is_item() => items(within, first.indent, depth),
        Some(_) => match entries(within, depth - 1) {
            Some(read) => Value::Json(Cow::Owned(object(read.into_iter()))),
            None => owned(&joined(&said, "\n")),
        },
    }
}

/// The items of a list whose dashes stand at `left`.
fn items(lines: &[Line<'_>], left: usize, depth: usize) -> Value<'static> {
    let mut read = Vec::new();
    let mut rest = lines;
    while let Some((first, after)) = rest.split_first() {
        if first.is_aside() {
            rest = after;
            continue;
        }
        let item = first.within_item();
        let is_map = entry(item.text).is_some() && !is_quoted(item.text);
        let is_open = item.text.is_empty() || is_map || is_block_mark(item.text);
        // Some write the items of a list ever further to the right.
        let belongs = |line: &&Line<'_>| line.text.is_empty() || line.indent > left && (is_open || !line.is_item());
        let (within, others) = after.split_at(after.iter().take_while(belongs).count());
        let map = || {
            let lines: Vec<Line<'_>> = std::iter::once(item).chain(within.iter().copied()).collect();
            entries(&lines, depth - 1).map(|read| Value::Json(Cow::Owned(object(read.into_iter()))))
        };
        let of_map = if is_map { map() } else { None };
        read.push(of_map.unwrap_or_else(|| value(item.text, within, depth - 1)));
        rest = others;
    }
    Value::Json(Cow::Owned(array(read.into_iter())))
}

/// A line `key: value`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let bare = key.trim_matches(['"', '\'']);
    let is_key = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    let is_entry =
        is_key && !bare.starts_with(['-', ' ']) && (value.is_empty() || value.starts_with([' ', '\t', '\r']));
    is_entry.then(|| (bare.trim(), value.trim()))
}

/// A scalar, or lists and keys in brackets.
fn scalar(text: &str, depth: usize) -> Value<'static> {
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return serde_json::from_str(text).map_or_else(|_| owned(inner), |text: String| Value::Text(Cow::Owned(text)));
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return owned(&inner.replace("''", "'"));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|_| depth > 0) {
        let items = parts(inner).into_iter().filter(|item| !item.is_empty()).map(|item| scalar(item, depth - 1));
        return Value::Json(Cow::Owned(array(items)));
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|_| depth > 0) {
        let entries: Option<Vec<_>> = parts(inner).into_iter().filter(|part| !part.is_empty()).map(entry).collect();
        if let Some(entries) = entries {
            let read = entries.into_iter().map(|(key, text)| (key, scalar(text, depth - 1)));
            return Value::Json(Cow::Owned(object(read)));
        }
    }
    let plain = text.split(" #").next().unwrap_or_default().trim();
    match plain {
        "" | "~" | "null" => Value::Null,
        "true" | "false" => Value::Json(Cow::Owned(plain.to_owned())),
        _ if serde_json::from_str::<serde_json::Number>(plain).is_ok() => Value::Json(Cow::Owned(plain.to_owned())),
        _ => owned(plain),
    }
}

/// The parts of a list between commas that stand in no quotes and no brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut quote, mut open) = (None, 0usize);
    let split = text.split(|c: char| {
        match (quote, c) {
            (Some(of), c) if of == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => open += 1,
            (None, ']' | '}') => open = open.saturating_sub(1),
            _ => {}
        }
        c == ',' && quote.is_none() && open == 0
    });
    split.map(str::trim).collect()
}

/// Whether the lines below hold a text, joined as the mark says.
fn is_block_mark(text: &str) -> bool {
    matches!(text.as_bytes(), [b'|' | b'>'] | [b'|' | b'>', b'-' | b'+'])
}

/// Whether all of `text` stands in one pair of quotes or brackets.
fn is_quoted(text: &str) -> bool {
    let pairs = [('"', '"'), ('\'', '\''), ('[', ']'), ('{', '}')];
    pairs.iter().any(|(open, close)| text.starts_with(*open) && text.ends_with(*close))
}

/// A block scalar: its lines joined as `style` (`|` or `>`) says.
fn folded(lines: &[Line<'_>], style: &str) -> String {
    let text = joined(lines, if style.starts_with('|') { "\n" } else { " " });
    text.trim_end().to_owned()
}

fn joined(lines: &[Line<'_>], by: &str) -> String {
    lines.iter().map(|line| line.text).collect::<Vec<_>>().join(by)
}

fn owned(text: &str) -> Value<'static> {
    Value::Text(Cow::Owned(text.to_owned()))
}
