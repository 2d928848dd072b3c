//! Where each key of a config was written, in the file or in a `--set`.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::path::Path;
use super::{ConfigError, ConfigErrors, Excerpt, Place};
use crate::stage::{StageConfig, StageError};

/// Where each key of a config was written, so that a later floor can report a mistake at its line.
#[derive(Debug, Clone)]
pub struct Places {
    text: Text,
    spans: BTreeMap<String, Range<usize>>,
}

impl Places {
    /// Where `path` (such as `stage[1].paragraph_dedup.min_chars`) was written; for a key that was left out, the
    /// nearest table around it that was written.
    #[must_use]
    pub fn locate(&self, path: &str) -> Place {
        self.text.locate(self.nearest(path)).0
    }

    /// A mistake at `path`, shown where [`Places::locate`] finds it.
    #[must_use]
    pub fn error(&self, path: &str, message: impl Into<String>, hint: Option<String>) -> ConfigError {
        let mistake = Mistake { span: self.nearest(path), path: path.to_owned(), message: message.into(), hint };
        self.text.error(mistake)
    }

    /// What a stage says about its own config, shown at its field; `index` counts the stages from 0.
    #[must_use]
    pub fn stage_error(&self, index: usize, stage: &StageConfig, error: StageError) -> ConfigError {
        let name = stage.name();
        let dot = if error.field.is_empty() { "" } else { "." };
        let message = format!("stage {} `{name}`: {}", index + 1, error.message);
        self.error(&format!("stage[{index}].{name}{dot}{}", error.field), message, error.hint)
    }

    pub(super) fn new(text: Text, root: &Spanned<DeValue<'_>>) -> Self {
        let mut spans = BTreeMap::new();
        collect(root, &Path::default(), &mut spans);
        Self { text, spans }
    }

    fn nearest(&self, path: &str) -> Option<Range<usize>> {
        let mut path = path;
        loop {
            if let Some(span) = self.spans.get(path) {
                return Some(span.clone());
            }
            path = path.rsplit_once(['.', '['])?.0;
        }
    }
}

/// A mistake before its place is worked out.
#[derive(Debug)]
pub(super) struct Mistake {
    /// Where in [`Text`]; none: in the file as a whole.
    pub(super) span: Option<Range<usize>>,
    pub(super) path: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// The file and the overrides as one text, so that one kind of span reaches both.
#[derive(Debug, Clone)]
pub(super) struct Text {
    file: String,
    joined: String,
    /// Where the file, and then each override, ends.
    ends: Vec<usize>,
}

impl Text {
    pub(super) fn new(text: &str, file: &str, overrides: &[String]) -> Self {
        let mut joined = text.to_owned();
        let mut ends = vec![joined.len()];
        for text in overrides {
            joined.push('\n');
            joined.push_str(text);
            ends.push(joined.len());
        }
        Self { file: file.to_owned(), joined, ends }
    }

    /// Where the override at `index` starts in the spans' count.
    pub(super) fn override_start(&self, index: usize) -> usize {
        self.ends.get(index).map_or(self.joined.len(), |end| end + 1)
    }

    /// The mistake with its place and its line.
    pub(super) fn error(&self, mistake: Mistake) -> ConfigError {
        let (place, excerpt) = self.locate(mistake.span);
        ConfigError { place, path: mistake.path, message: mistake.message, hint: mistake.hint, excerpt }
    }

    /// Mistakes in the order of their places: the file's, then what is missing from it, then each override's.
    pub(super) fn errors(&self, mut mistakes: Vec<Mistake>) -> ConfigErrors {
        let end = self.ends.first().copied().unwrap_or_default();
        let place = |mistake: &Mistake| mistake.span.as_ref().map_or((end, end), |span| (span.start, span.end));
        mistakes.sort_by_key(place);
        ConfigErrors(mistakes.into_iter().map(|mistake| self.error(mistake)).collect())
    }

    /// The text at `span` as written, as far as it stands on one line.
    pub(super) fn line_at(&self, span: Range<usize>) -> String {
        let text = self.joined.get(span).unwrap_or_default();
        text.lines().next().unwrap_or_default().to_owned()
    }

    fn locate(&self, span: Option<Range<usize>>) -> (Place, Option<Excerpt>) {
        let file = self.file.clone();
        let Some(span) = span else { return (Place::File { file }, None) };
        let part = self.ends.partition_point(|end| *end < span.start);
        let start = if part == 0 { 0 } else { self.override_start(part - 1) };
        let end = self.ends.get(part).copied().unwrap_or(self.joined.len());
        // TOML allows a byte order mark; it is no character of the first line.
        let text = self.joined.get(start..end).unwrap_or_default();
        let marks = text.len() - text.trim_start_matches('\u{feff}').len();
        let text = text.get(marks..).unwrap_or_default();
        let at = |offset: usize| text.floor_char_boundary(offset.saturating_sub(start + marks));
        let (before, after) = text.split_at(at(span.start));
        if part > 0 {
            let marked = text.get(at(span.start)..at(span.end)).unwrap_or_default();
            let key = text.split_once('=').map_or(text, |(key, _)| key).trim();
            let key = if key.is_empty() { text } else { key }.to_owned();
            return (Place::Override { index: part - 1, key }, Some(excerpt(text, before, marked)));
        }
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let head = text.get(line_start..before.len()).unwrap_or_default();
        let tail = after.split('\n').next().unwrap_or_default();
        let line = text.get(line_start..before.len() + tail.len()).unwrap_or_default();
        let marked = text.get(before.len()..at(span.end)).unwrap_or_default().split('\n').next().unwrap_or_default();
        let place = Place::Line { file, line: 1 + before.matches('\n').count(), column: 1 + head.chars().count() };
        (place, Some(excerpt(line.trim_end_matches('\r'), head, marked.trim_end_matches('\r'))))
    }
}

/// Lines longer than this are cut to the part that counts.
const EXCERPT_CHARS: usize = 160;

/// The excerpt of `line` that marks what follows after `before`.
fn excerpt(line: &str, before: &str, marked: &str) -> Excerpt {
    let (start, width, length) = (before.chars().count(), marked.chars().count().max(1), line.chars().count());
    if length <= EXCERPT_CHARS {
        return Excerpt { line: line.to_owned(), start, width };
    }
    let skipped = start.saturating_sub(EXCERPT_CHARS / 4);
    let kept: String = line.chars().skip(skipped).take(EXCERPT_CHARS).collect();
    let head = if skipped > 0 { "…" } else { "" };
    let tail = if skipped + EXCERPT_CHARS < length { "…" } else { "" };
    let start = start - skipped + head.chars().count();
    let width = width.min(EXCERPT_CHARS + 1 - start.min(EXCERPT_CHARS));
    Excerpt { line: format!("{head}{kept}{tail}"), start, width }
}

fn collect(value: &Spanned<DeValue<'_>>, path: &Path, spans: &mut BTreeMap<String, Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                let path = path.key(key.get_ref());
                spans.insert(path.to_string(), key.span());
                collect(value, &path, spans);
            }
        }
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = path.index(index);
                spans.insert(path.to_string(), item.span());
                collect(item, &path, spans);
            }
        }
        _ => {}
    }
}
