//! From text to config: parse, override, validate, and only then read into the structs.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::path::Path;
use super::places::{Mistake, Text};
use super::{Config, ConfigErrors, Places, overrides, schema, shape, syntax, validate};

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
        return Err(whole.errors(syntax::mistakes(&errors, text)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::resolved;
    use crate::stage;

    /// A config with every default filled in: every table and every stage.
    fn full() -> String {
        let source = "[[source]]\npaths = ['a']\nmax_removed = 0.5\nfields = { text = 'body' }\nencoding = 'utf-8'\n";
        let dataset = "[dataset]\nname = 'a'\nhomepage = 'https://a.org'\nlanguages = ['fr']\n";
        let others = "[guards]\nmax_rejected = 0.5\nmin_documents = 3\nmax_removed = { split = 0.5 }\n\
            [[test]]\nname = 'a'\ninput = 'b'\nexpect_kept = ['c', 'd']\nexpect_removed = [{ text = 'e', rule = 'f' }]\n\
            expect_language = 'fr'\nexpect_columns = { title = 'g' }\n";
        let config =
            |stages: &str| load(&format!("{source}{stages}{dataset}{others}[output]\ndir = 'b'\n"), "full", &[]);
        let written = |(name, info): &(&str, stage::StageInfo)| format!("[[stage]]\n{name} = {}\n", info.sample);
        let stages: String = stage::STAGES.iter().map(written).collect();
        resolved(&config(&stages).unwrap().config)
    }

    /// Each config that differs from `value` in one place: another value, a key less, a key more.
    fn mutations(value: &toml::Value, out: &mut dyn FnMut(toml::Value)) {
        let others =
            "[1, -1, 1.5, 0.5, 'x', '1MiB', 'first', true, [], ['x'], [1], {}, {x = 1}, 1979-05-27, nan, 1e300]";
        let others: toml::Table = format!("others = {others}").parse().unwrap();
        for other in others["others"].as_array().unwrap() {
            out(other.clone());
        }
        match value {
            toml::Value::Table(table) => {
                for (key, inner) in table {
                    let without: toml::Table =
                        table.iter().filter(|(k, _)| *k != key).map(|(k, v)| (k.clone(), v.clone())).collect();
                    out(without.clone().into());
                    mutations(inner, &mut |inner| {
                        let mut table = table.clone();
                        table.insert(key.clone(), inner);
                        out(table.into());
                    });
                    let mut misspelt = without;
                    misspelt.insert(format!("{key}x"), inner.clone());
                    out(misspelt.into());
                }
            }
            toml::Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    mutations(item, &mut |item| {
                        let mut items = items.clone();
                        items[index] = item;
                        out(items.into());
                    });
                }
            }
            _ => {}
        }
    }

    #[test]
    fn the_schema_refuses_what_the_structs_refuse() {
        let root: toml::Value = toml::Value::Table(full().parse().unwrap());
        let shape = shape::read(&schema()).shape;
        let (mut right, mut wrong) = (0, 0);
        mutations(&root, &mut |config| {
            let Some(config) = config.as_table() else { return };
            let text = toml::to_string(config).unwrap();
            let whole = Text::new(&text, "mutated", &[]);
            let tree = DeTable::parse(&text).unwrap();
            let tree = Spanned::new(tree.span(), DeValue::Table(tree.into_inner()));
            let mistakes = validate::validate(&tree, &shape, &whole);
            let read = Config::deserialize(ValueDeserializer::from(tree));
            // Bounds, lengths and patterns are the schema's alone, and serde reads a struct from a list too.
            const SCHEMA_ONLY: [&str; 7] = [
                "must be at ",
                "must be greater",
                "must be less",
                "must have at",
                "cannot be",
                "finite",
                "a table, found a list",
            ];
            let of_kind = |mistake: &Mistake| !SCHEMA_ONLY.iter().any(|words| mistake.message.contains(words));
            let kind = mistakes.iter().any(of_kind);
            assert!(!(kind && read.is_ok()), "only the schema refuses\n{text}\n{}", whole.errors(mistakes));
            assert!(!mistakes.is_empty() || read.is_ok(), "only serde refuses: {}\n{text}", read.unwrap_err());
            if mistakes.is_empty() { right += 1 } else { wrong += 1 }
        });
        assert!(right > 20 && wrong > 500, "{right} right, {wrong} wrong: too few to show anything");
    }

    #[test]
    fn no_rule_that_editors_see_is_missed_by_the_loader() {
        assert_eq!(shape::read(&schema()).unknown, Vec::<String>::new());
    }
}
