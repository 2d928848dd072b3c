//! What to do about a mistake in a config: the hints.

use toml::de::{DeTable, DeValue};

use super::path::Path;
use super::phrasing;
use super::shape::{Field, Shape};

/// For a key that `fields` do not have: a near name, the table where it belongs, or the names there are.
pub(super) fn unknown_key(key: &str, fields: &[Field], top: &Shape, path: &Path) -> String {
    let names = || fields.iter().map(|field| field.name.as_str());
    if let Some(near) = phrasing::nearest(key, names()) {
        return format!("did you mean `{near}`?");
    }
    if let Some(home) = top.fields().iter().find(|field| entry(&field.shape).field(key).is_some()) {
        return match entry(&home.shape) {
            Shape::Tagged(_) => format!("a {} stands in a table of its own, {}", home.name, header(home)),
            _ => format!("`{key}` belongs in {}", header(home)),
        };
    }
    match (fields.is_empty(), path.last_key()) {
        (true, name) => format!("`{name}` has no options: `{name} = {{}}`"),
        (false, _) => format!("the keys here are {}", phrasing::backquoted(names())),
    }
}

/// For a required field that is missing: how to write it.
pub(super) fn missing(field: &Field) -> String {
    let inside = entry(&field.shape).fields().iter().filter(|field| field.required).map(example);
    match inside.collect::<Vec<_>>().as_slice() {
        [] => format!("add {}", example(field)),
        needed => format!("add {} with {}", header(field), needed.join(" and ")),
    }
}

/// A field as its table's header, or as a key where it is no table.
pub(super) fn header(field: &Field) -> String {
    match (&field.shape, entry(&field.shape)) {
        (Shape::List { .. }, Shape::Table { .. } | Shape::Tagged(_)) => format!("`[[{}]]`", field.name),
        (_, Shape::Table { .. } | Shape::Tagged(_)) => format!("`[{}]`", field.name),
        _ => format!("key `{}`", field.name),
    }
}

/// For a value of the wrong kind. `raw` is the value as written, as far as it stands on one line.
pub(super) fn wrong_kind(shape: &Shape, value: &DeValue<'_>, raw: &str, about: &str, path: &Path) -> Option<String> {
    let key = path.last_key();
    match (shape, value) {
        (Shape::List { items, .. }, _) => match (items.as_ref(), value) {
            (Shape::Tagged(tags), _) => {
                let name = tag_in(value, tags)?;
                let brackets = if value.is_table() { ", with two brackets" } else { "" };
                Some(format!("begin each {key} with a line `[[{key}]]`{brackets}, and write `{name} = {{}}` below it"))
            }
            (Shape::Table { .. }, _) => Some(format!("write `[[{key}]]`, with two brackets")),
            (Shape::Text { .. } | Shape::Choice(_), DeValue::String(text)) if !text.contains('\n') => {
                Some(format!("put it in brackets: `[{text:?}]`"))
            }
            _ => None,
        },
        (Shape::Tagged(tags), DeValue::String(name)) => {
            tags.iter().find(|tag| tag.name == **name).map(|tag| format!("write `{{ {} = {{}} }}`", tag.name))
        }
        (Shape::Table { fields, .. }, _) if !fields.iter().any(|field| field.required) => {
            Some(format!("write `{key} = {{}}` for its defaults"))
        }
        (Shape::Text { .. }, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) => {
            Some(format!("put it in quotes: `\"{raw}\"`"))
        }
        (Shape::Integer(_) | Shape::Number(_) | Shape::Boolean, DeValue::String(text)) => {
            let meant = DeValue::parse(text).ok()?;
            let same = match shape {
                Shape::Integer(_) => meant.get_ref().is_integer(),
                Shape::Boolean => meant.get_ref().is_bool(),
                _ => meant.get_ref().is_integer() || meant.get_ref().is_float(),
            };
            same.then(|| format!("write it without quotes: `{text}`"))
        }
        (Shape::Integer(_), DeValue::Float(number)) => {
            number.as_str().strip_suffix(".0").map(|whole| format!("write `{whole}`"))
        }
        (Shape::Either(_), _) => phrasing::as_hint(about),
        _ => None,
    }
}

/// The tag that a misplaced value names, as text, as a key, or as the first item of a list; else the first of all.
fn tag_in<'a>(value: &'a DeValue<'_>, tags: &'a [Field]) -> Option<&'a str> {
    let first_key = |table: &'a DeTable<'_>| table.keys().next().map(|key| key.get_ref().as_ref());
    let named = match value {
        DeValue::String(name) => Some(name.as_ref()),
        DeValue::Table(table) => first_key(table),
        _ => None,
    };
    let named = named.filter(|name| tags.iter().any(|tag| tag.name == *name));
    named.or_else(|| tags.first().map(|tag| tag.name.as_str()))
}

/// What stands in a list, or the shape itself.
fn entry(shape: &Shape) -> &Shape {
    match shape {
        Shape::List { items, .. } => items,
        other => other,
    }
}

/// A field with a value that could stand there.
fn example(field: &Field) -> String {
    let value = match &field.shape {
        Shape::List { items, .. } if matches!(**items, Shape::Text { .. }) => "[\"...\"]".to_owned(),
        Shape::List { .. } => "[...]".to_owned(),
        Shape::Choice(choices) => choices.first().map_or_else(String::new, |(name, _)| format!("{name:?}")),
        Shape::Text { .. } => "\"...\"".to_owned(),
        Shape::Table { .. } | Shape::Tagged(_) => "{ ... }".to_owned(),
        Shape::Boolean => "true".to_owned(),
        Shape::Integer(_) | Shape::Number(_) | Shape::Either(_) | Shape::Anything => "...".to_owned(),
    };
    format!("`{} = {value}`", field.name)
}
