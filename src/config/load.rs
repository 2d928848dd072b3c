//! From text to config: parse, override, validate, and only then read into the structs.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::path::Path;
use super::places::{Mistake, Text};
use super::{Config, ConfigErrors, Places, overrides, schema, shape, validate};

/// A config, and where each of its keys was written.
#[derive(Debug, Clone)]
pub struct Located {
    /// The config as written, with `--set` applied.
    pub config: Config,
    /// Where each key was written.
    pub places: Places,
}

/// Reads a config from `text`. `file` is its name for messages; `overrides` are the `KEY=VALUE` of `--set`.
///
/// ```
/// let text = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"*.txt\"]\n[output]\ndri = \"out\"\n";
/// let errors = tamis::config::load(text, "news.toml", &[]).expect_err("`dri` is no key");
/// assert_eq!(errors.0[0].place.to_string(), "news.toml:6:1");
/// assert_eq!(errors.0[0].hint.as_deref(), Some("did you mean `dir`?"));
/// ```
///
/// # Errors
/// All mistakes in the file and the overrides, in the order of their places. Where the file is no TOML, those alone.
pub fn load(text: &str, file: &str, overrides: &[String]) -> Result<Located, ConfigErrors> {
    let whole = Text::new(text, file, overrides);
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(whole.errors(syntax(&errors, text)));
    }
    let mut root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
    let shape = shape::read(&schema()).shape;
    let mut mistakes = overrides::apply(&mut root, overrides, &shape, &whole);
    mistakes.extend(validate::validate(&root, &shape, &whole));
    if !mistakes.is_empty() {
        return Err(whole.errors(mistakes));
    }
    match Config::deserialize(ValueDeserializer::from(root.clone())) {
        Ok(config) => Ok(Located { config, places: Places::new(whole, &root) }),
        Err(error) => Err(whole.errors(vec![unreadable(&error, &root)])),
    }
}

/// What a schema cannot say and a type refuses.
fn unreadable(error: &Error, root: &Spanned<DeValue<'_>>) -> Mistake {
    let path = error.span().and_then(|span| path_to(root, &span, &Path::default()));
    let (path, subject) = path.map_or_else(Default::default, |path| (path.to_string(), path.subject() + ": "));
    Mistake { span: error.span(), path, message: format!("{subject}{}", error.message()), hint: None }
}

/// The innermost value that holds `span`.
fn path_to(value: &Spanned<DeValue<'_>>, span: &Range<usize>, path: &Path) -> Option<Path> {
    let below = match value.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, value)| path_to(value, span, &path.key(key.get_ref()))),
        DeValue::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| path_to(item, span, &path.index(index)))
        }
        _ => None,
    };
    below.or_else(|| (value.span() == *span).then(|| path.clone()))
}

/// Syntax errors, one a line: what the parser meets after the first is mostly its consequence.
fn syntax(errors: &[Error], text: &str) -> Vec<Mistake> {
    let mut errors: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut lines = BTreeSet::new();
    let line = |span: &Range<usize>| text.get(..span.start).unwrap_or(text).matches('\n').count();
    errors.retain(|(span, _)| lines.insert(line(span)));
    errors.into_iter().map(|(span, message)| one_syntax(span, message, text)).collect()
}

/// The parser's message, and what mostly causes it.
fn one_syntax(span: Range<usize>, message: &str, text: &str) -> Mistake {
    let marked = text.get(span.clone()).unwrap_or_default();
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let rest = text.get(span.start..).unwrap_or_default().lines().next().unwrap_or_default();
    let message = message.strip_suffix(", expected nothing").unwrap_or(message);
    let (message, hint) = match message.split(',').next().unwrap_or_default() {
        "duplicate key" => (format!("`{marked}` stands twice"), None),
        "missing escaped value" => {
            let hint = "a backslash begins an escape: write paths with `/`, or the text in single quotes";
            ("unknown escape in text".to_owned(), Some(hint.to_owned()))
        }
        "string values must be quoted" | "invalid boolean" => {
            let value: String = marked.chars().take(40).collect();
            (format!("`{value}` is no value"), Some(format!("put text in quotes: `\"{value}\"`")))
        }
        "invalid basic string" => ("the text has no end".to_owned(), Some("close it with `\"`".to_owned())),
        "invalid literal string" => ("the text has no end".to_owned(), Some("close it with `'`".to_owned())),
        "key with no value" | "invalid unquoted key"
            if format!("{line}{rest}").contains(':') && !rest.contains('=') =>
        {
            ("this is no TOML".to_owned(), Some("write `key = value`".to_owned()))
        }
        _ => (message.to_owned(), None),
    };
    Mistake { span: Some(span), path: String::new(), message, hint }
}
