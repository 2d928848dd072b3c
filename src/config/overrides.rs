//! `--set KEY=VALUE`: what it changes in the parsed config, before that is held against its shape.
//!
//! A key is written as in messages: `output.dir`, `source[0].format` (or `source.0.format`), and for a list of tables
//! that each have one name, such as the stages, by that name: `stage.language.keep`, with `#2` the second of that name.
//! A misspelt key makes a table entry that the validator then reports, at the override.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::places::{Mistake, Text};
use super::shape::{Field, Shape};
use super::words;

/// Applies the overrides in order, so that a later one wins.
pub(super) fn apply<'a>(
    root: &mut Spanned<DeValue<'a>>,
    overrides: &'a [String],
    shape: &Shape,
    text: &Text,
) -> Vec<Mistake> {
    let one = |(index, written): (usize, &'a String)| set(root, written, text.override_start(index), shape).err();
    overrides.iter().enumerate().filter_map(one).collect()
}

/// A part of a key, with its place.
#[derive(Debug, Clone)]
struct Step {
    name: String,
    /// The number in `[0]`, or a name that is one.
    index: Option<usize>,
    /// The number after `#`, from 1.
    ordinal: Option<usize>,
    span: Range<usize>,
}

/// `start` is where `written` starts in the spans' count.
fn set<'a>(root: &mut Spanned<DeValue<'a>>, written: &'a str, start: usize, shape: &Shape) -> Result<(), Mistake> {
    let Some((key, value)) = written.split_once('=') else {
        let hint = format!("write `--set {}=VALUE`", written.trim());
        return Err(mistake(start..start + written.len(), "", "no value is given".to_owned(), Some(hint)));
    };
    let steps = steps(key, start)?;
    let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
    let value = parse_value(value.trim(), value_start, key.trim())?;
    descend(root, Some(shape), &steps, value, key.trim())
}

/// The value as TOML; what is no TOML value is text, unless it starts like one.
fn parse_value<'a>(text: &'a str, start: usize, key: &str) -> Result<Spanned<DeValue<'a>>, Mistake> {
    match DeValue::parse(text) {
        Ok(value) => Ok(shift(value, start)),
        Err(error) if text.starts_with(['[', '{', '"', '\'']) => {
            let span = error.span().unwrap_or(0..text.len());
            let hint = "texts in a list need quotes of their own: `--set 'KEY=[\"fr\", \"en\"]'`".to_owned();
            let message = format!("the value is no TOML: {}", error.message());
            Err(mistake(start + span.start..start + span.end, key, message, Some(hint)))
        }
        Err(_) => Ok(Spanned::new(start..start + text.len(), DeValue::String(DeString::Borrowed(text)))),
    }
}

/// The same value with its spans moved by `start`.
fn shift<'a>(value: Spanned<DeValue<'a>>, start: usize) -> Spanned<DeValue<'a>> {
    let moved = |span: Range<usize>| span.start + start..span.end + start;
    let span = moved(value.span());
    let value = match value.into_inner() {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| shift(item, start)).collect()),
        DeValue::Table(table) => {
            let entry = |(key, value): (Spanned<DeString<'a>>, _)| {
                (Spanned::new(moved(key.span()), key.into_inner()), shift(value, start))
            };
            DeValue::Table(table.into_iter().map(entry).collect())
        }
        scalar => scalar,
    };
    Spanned::new(span, value)
}

/// Cuts a key at its dots and brackets.
fn steps(key: &str, start: usize) -> Result<Vec<Step>, Mistake> {
    let mut steps = Vec::new();
    let mut rest = key.trim();
    let mut at = start + (key.len() - key.trim_start().len());
    let wrong = |at: usize, rest: &str| {
        let hint = "write keys as `output.dir`, `source[0].format` or `stage.language.keep`".to_owned();
        mistake(at..at + rest.len(), key.trim(), "this is no key".to_owned(), Some(hint))
    };
    loop {
        let step = if let Some(inner) = rest.strip_prefix('[') {
            let (number, _) = inner.split_once(']').ok_or_else(|| wrong(at, rest))?;
            let index: usize = number.parse().map_err(|_| wrong(at, rest))?;
            let length = number.len() + 2;
            Step { name: number.to_owned(), index: Some(index), ordinal: None, span: at..at + length }
        } else {
            let length = rest.find(['.', '[']).unwrap_or(rest.len());
            let (word, _) = rest.split_at(length);
            let (name, ordinal) = match word.split_once('#') {
                Some((name, number)) => (name, Some(number.parse().map_err(|_| wrong(at, rest))?)),
                None => (word, None),
            };
            let allowed = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(allowed) || ordinal == Some(0) {
                return Err(wrong(at, rest));
            }
            Step { name: name.to_owned(), index: name.parse().ok(), ordinal, span: at..at + length }
        };
        let length = step.span.len();
        steps.push(step);
        at += length;
        rest = rest.get(length..).unwrap_or_default();
        match rest.strip_prefix('.') {
            Some(after) => (rest, at) = (after, at + 1),
            None if rest.is_empty() => return Ok(steps),
            None if rest.starts_with('[') => {}
            None => return Err(wrong(at, rest)),
        }
    }
}

/// Puts `value` at the end of `steps` below `node`.
fn descend<'a>(
    node: &mut Spanned<DeValue<'a>>,
    shape: Option<&Shape>,
    steps: &[Step],
    value: Spanned<DeValue<'a>>,
    key: &str,
) -> Result<(), Mistake> {
    let [step, rest @ ..] = steps else {
        *node = value;
        return Ok(());
    };
    match node.get_mut() {
        DeValue::Table(table) => {
            let field = shape.and_then(|shape| shape.field(&step.name));
            enter_table(table, field, step, rest, value, key)
        }
        DeValue::Array(items) => match (shape, step.index) {
            (_, Some(index)) => {
                let length = items.len();
                let Some(item) = items.get_mut(index) else {
                    let message = format!("there is no item {index}; the list has {length}, counted from 0");
                    return Err(mistake(step.span.clone(), key, message, None));
                };
                descend(item, item_shape(shape), rest, value, key)
            }
            (Some(Shape::List { items: item, .. }), None) if matches!(**item, Shape::Tagged(_)) => {
                let named = find_named(items, step, item, key)?;
                let step = Step { ordinal: None, ..step.clone() };
                let steps: Vec<Step> = [step].into_iter().chain(rest.iter().cloned()).collect();
                descend(named, Some(item), &steps, value, key)
            }
            _ => {
                let hint = "say which item, counted from 0, as in `source[0].format`".to_owned();
                Err(mistake(step.span.clone(), key, format!("a list has no key `{}`", step.name), Some(hint)))
            }
        },
        scalar => {
            let message = format!("`{}` is a key below {}, which is no table", step.name, words::found(scalar));
            Err(mistake(step.span.clone(), key, message, None))
        }
    }
}

fn enter_table<'a>(
    table: &mut DeTable<'a>,
    field: Option<&Field>,
    step: &Step,
    rest: &[Step],
    value: Spanned<DeValue<'a>>,
    key: &str,
) -> Result<(), Mistake> {
    let name = match step.ordinal {
        Some(ordinal) => format!("{}#{ordinal}", step.name),
        None => step.name.clone(),
    };
    if let Some(next) = rest.first() {
        if let Some(node) = table.get_mut(name.as_str()) {
            return descend(node, field.map(|field| &field.shape), rest, value, key);
        }
        if let Some(Shape::List { .. }) = field.map(|field| &field.shape) {
            let message = format!("the config has no `{name}` to change");
            return Err(mistake(next.span.clone(), key, message, None));
        }
        let mut node = Spanned::new(step.span.clone(), DeValue::Table(DeTable::new()));
        descend(&mut node, field.map(|field| &field.shape), rest, value, key)?;
        table.insert(Spanned::new(step.span.clone(), name.into()), node);
        return Ok(());
    }
    // Removed first, since the map would keep the old key, whose place is the file.
    table.remove(name.as_str());
    table.insert(Spanned::new(step.span.clone(), name.into()), value);
    Ok(())
}

/// The item of a list of tagged tables whose tag is `step`.
fn find_named<'n, 'a>(
    items: &'n mut [Spanned<DeValue<'a>>],
    step: &Step,
    shape: &Shape,
    key: &str,
) -> Result<&'n mut Spanned<DeValue<'a>>, Mistake> {
    let list = key.split(['.', '[']).next().unwrap_or(key);
    let ordinal = step.ordinal.unwrap_or(1);
    let is_named = |item: &DeValue<'_>| item.as_table().is_some_and(|table| table.contains_key(step.name.as_str()));
    let count = items.iter().filter(|item| is_named(item.get_ref())).count();
    if ordinal <= count {
        let mut named = items.iter_mut().filter(|item| is_named(item.get_ref()));
        return named.nth(ordinal - 1).ok_or_else(|| mistake(step.span.clone(), key, String::new(), None));
    }
    if count > 0 {
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let message = format!("{list} `{}` stands only {times} in the config", step.name);
        return Err(mistake(step.span.clone(), key, message, None));
    }
    let tables = items.iter().filter_map(|item| item.get_ref().as_table());
    let present: Vec<&str> = tables.flat_map(|table| table.keys()).map(|key| key.get_ref().as_ref()).collect();
    let tags = shape.fields().iter().map(|tag| tag.name.as_str());
    let (message, hint) = if shape.field(&step.name).is_some() {
        let hint = format!("add a `[[{list}]]` with `{} = {{}}` to the file", step.name);
        (format!("the config has no {list} `{}`", step.name), hint)
    } else {
        let near = words::nearest(&step.name, present.iter().copied().chain(tags));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if present.is_empty() => format!("the config has no {list} at all"),
            None => format!("the config has the {list}s {}", words::backquoted(present)),
        };
        (format!("unknown {list} `{}`", step.name), hint)
    };
    Err(mistake(step.span.clone(), key, message, Some(hint)))
}

fn item_shape(shape: Option<&Shape>) -> Option<&Shape> {
    match shape {
        Some(Shape::List { items, .. }) => Some(items),
        _ => None,
    }
}

fn mistake(span: Range<usize>, key: &str, message: String, hint: Option<String>) -> Mistake {
    Mistake { span: Some(span), path: key.to_owned(), message, hint }
}
