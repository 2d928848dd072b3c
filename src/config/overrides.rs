//! `--set KEY=VALUE`: what it changes in the parsed config, before that is validated.
//!
//! A key is written as in messages: `output.dir`, `source[0].format` (or `source.0.format`), and for a list of tables
//! that each have one name, such as the stages, by that name: `stage.language.keep`, with `#2` the second of that name.
//! A misspelt key makes a table entry that the validator then reports, at the override.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::phrasing;
use super::places::{Mistake, Text};
use super::shape::Shape;

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
    descend(root, Some(shape), &steps, &Given { key: key.trim(), value: value.trim(), start: value_start })
}

/// What an override says.
struct Given<'a> {
    key: &'a str,
    value: &'a str,
    /// Where the value starts in the spans' count.
    start: usize,
}

impl<'a> Given<'a> {
    /// The value as TOML; what is no TOML value is text, unless it starts like one. Where only text may stand, a
    /// number or a date is text too: the shell has eaten the quotes.
    fn parse(&self, shape: Option<&Shape>) -> Result<Spanned<DeValue<'a>>, Mistake> {
        let span = self.start..self.start + self.value.len();
        let text = Spanned::new(span, DeValue::String(DeString::Borrowed(self.value)));
        match DeValue::parse(self.value) {
            Ok(value) => {
                let is_scalar = !value.get_ref().is_str() && !value.get_ref().is_array() && !value.get_ref().is_table();
                let wants_text = matches!(shape, Some(Shape::Text { .. } | Shape::Choice(_)));
                Ok(if is_scalar && wants_text { text } else { shift(value, self.start) })
            }
            Err(error) if self.value.starts_with(['[', '{', '"', '\'']) => {
                let span = error.span().unwrap_or(0..self.value.len());
                let span = self.start + span.start..self.start + span.end;
                let hint = "text in a list or a table needs quotes of its own: `--set 'KEY=[\"a\", \"b\"]'`".to_owned();
                Err(mistake(span, self.key, "the value is no TOML".to_owned(), Some(hint)))
            }
            Err(_) => Ok(text),
        }
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
        let hint =
            "write keys as `output.dir`, `source[0].format` or, by a stage's name, `stage.NAME.OPTION`".to_owned();
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

/// Puts what is given at the end of `steps` below `node`.
fn descend<'a>(
    node: &mut Spanned<DeValue<'a>>,
    shape: Option<&Shape>,
    steps: &[Step],
    given: &Given<'a>,
) -> Result<(), Mistake> {
    let [step, rest @ ..] = steps else {
        *node = given.parse(shape)?;
        return Ok(());
    };
    let wrong = |message: String, hint: Option<String>| Err(mistake(step.span.clone(), given.key, message, hint));
    match node.get_mut() {
        DeValue::Table(table) => {
            let field = shape.and_then(|shape| shape.field(&step.name));
            enter(table, field.map(|field| &field.shape), step, rest, given)
        }
        DeValue::Array(items) => match (shape, step.index) {
            (_, Some(index)) => {
                let hint = format!("items are counted from 0; the list has {}", items.len());
                match items.get_mut(index) {
                    Some(item) => descend(item, item_shape(shape), rest, given),
                    None => wrong(format!("there is no item {index}"), Some(hint)),
                }
            }
            (Some(Shape::List { items: item, .. }), None) if matches!(**item, Shape::Tagged(_)) => {
                let index = find_named(items, step, item, given.key)?;
                let Some(named) = items.get_mut(index) else { return Ok(()) };
                let step = Step { ordinal: None, ..step.clone() };
                let steps: Vec<Step> = [step].into_iter().chain(rest.iter().cloned()).collect();
                descend(named, Some(item), &steps, given)
            }
            _ => {
                let hint = "say which item, counted from 0, as in `source[0].format`".to_owned();
                wrong(format!("a list has no key `{}`", step.name), Some(hint))
            }
        },
        scalar => wrong(format!("{} has no key `{}`", phrasing::found(scalar), step.name), None),
    }
}

/// Goes on below the key `step` of a table, which is made if it is not there.
fn enter<'a>(
    table: &mut DeTable<'a>,
    shape: Option<&Shape>,
    step: &Step,
    rest: &[Step],
    given: &Given<'a>,
) -> Result<(), Mistake> {
    let name = match step.ordinal {
        Some(ordinal) => format!("{}#{ordinal}", step.name),
        None => step.name.clone(),
    };
    if let (Some(node), false) = (table.get_mut(name.as_str()), rest.is_empty()) {
        return descend(node, shape, rest, given);
    }
    let empty = match shape {
        Some(Shape::List { .. }) => DeValue::Array(DeArray::new()),
        _ => DeValue::Table(DeTable::new()),
    };
    let mut node = Spanned::new(step.span.clone(), empty);
    descend(&mut node, shape, rest, given)?;
    // Removed first, since the map would keep the old key, whose place is in the file.
    table.remove(name.as_str());
    table.insert(Spanned::new(step.span.clone(), name.into()), node);
    Ok(())
}

/// Which item of a list of tagged tables has `step` as its tag.
fn find_named(items: &[Spanned<DeValue<'_>>], step: &Step, shape: &Shape, key: &str) -> Result<usize, Mistake> {
    let list = key.split(['.', '[']).next().unwrap_or(key);
    let is_named = |item: &Spanned<DeValue<'_>>| {
        item.get_ref().as_table().is_some_and(|table| table.contains_key(step.name.as_str()))
    };
    let named: Vec<usize> =
        items.iter().enumerate().filter(|(_, item)| is_named(item)).map(|(index, _)| index).collect();
    if let Some(index) = named.get(step.ordinal.unwrap_or(1) - 1) {
        return Ok(*index);
    }
    if !named.is_empty() {
        let times = if named.len() == 1 { "once".to_owned() } else { format!("{} times", named.len()) };
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
        let near = phrasing::nearest(&step.name, present.iter().copied().chain(tags));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if present.is_empty() => format!("the config has no {list} at all"),
            None => format!("the config has the {list}s {}", phrasing::backquoted(present)),
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
