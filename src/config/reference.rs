//! The config's reference page, made from the same schema that editors and the loader use.

use std::fmt::Write as _;

use serde_json::Value;

use super::shape::{self, Field, Range, Shape};
use super::{phrasing, schema};
use crate::stage::{self, StageInfo};

/// Every table, stage and option of a config as one Markdown page: `docs/config.md`.
#[must_use]
pub fn reference() -> String {
    let shape = shape::read(&schema()).shape;
    let mut page = String::from(
        "# Config reference\n\nMade from the structs in `src/` by `scripts/regen`; change it there. `tamis schema` prints the \
         same as JSON Schema, and `tamis check CONFIG` a config with every default filled in.\n",
    );
    for table in shape.fields() {
        let (header, inner) = match &table.shape {
            Shape::List { items, .. } => (format!("[[{}]]", table.name), items.as_ref()),
            other => (format!("[{}]", table.name), other),
        };
        let _ = write!(page, "\n## `{header}`\n\n{}\n", table.about);
        if let Shape::Tagged(tags) = inner {
            page.push_str("\nEach holds one of these, whose pages have their options:\n\n");
            for Field { name, about, about_type, .. } in tags {
                let told = if about.is_empty() { about_type } else { about };
                let first = one_line(told.split("\n\n").next().unwrap_or_default());
                let _ = writeln!(page, "- [`{name}`](stages/{name}.md): {first}");
            }
        } else {
            let _ = write!(page, "\n{}", options(inner));
        }
    }
    page
}

/// An option of a stage, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOption {
    /// Its key.
    pub name: String,
    /// What may stand there, with its bounds.
    pub value: String,
    /// The default, as TOML writes it, or `required`, or `unset`.
    pub default: String,
    /// What it does, in one line.
    pub means: String,
}

/// The options of the stage called `name`, in the order of its reference.
#[must_use]
pub fn stage_options(name: &str) -> Vec<StageOption> {
    let told = |field: &Field| StageOption {
        name: field.name.clone(),
        value: value(&field.shape).replace('`', ""),
        default: default_of(field),
        means: one_line(&field.about),
    };
    with_stage(name, |stage| stage.shape.fields().iter().map(told).collect()).unwrap_or_default()
}

/// What the stage called `name` is for and what it says of itself, in paragraphs.
#[must_use]
pub fn stage_facts(name: &str) -> String {
    let info = stage::STAGES.iter().find(|(known, _)| *known == name).map(|(_, info)| info);
    let told = info.map_or_else(String::new, says);
    let about = with_stage(name, |stage| [stage.about.clone(), stage.about_type.clone()]).unwrap_or_default();
    let parts = about.into_iter().chain([told]).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// The options of the stage called `name`, each under a heading.
#[must_use]
pub fn stage_options_page(name: &str) -> String {
    with_stage(name, |stage| options(&stage.shape)).unwrap_or_default()
}

fn with_stage<T>(name: &str, read: impl Fn(&Field) -> T) -> Option<T> {
    let shape = shape::read(&schema()).shape;
    shape.field("stage").and_then(|stages| match &stages.shape {
        Shape::List { items, .. } => items.field(name).map(read),
        _ => None,
    })
}

/// The stages as a table for the book.
#[must_use]
pub fn stage_table() -> String {
    let mut table = String::from("| stage | what it does | needs the whole corpus |\n| --- | --- | --- |\n");
    for (name, info) in stage::STAGES {
        let _ = writeln!(table, "| `{name}` | {} | {} |", info.does, info.needs_corpus);
    }
    table
}

/// What a stage says of itself, as a paragraph.
fn says(info: &StageInfo) -> String {
    let removes = info.removes();
    let takes = [("documents", removes.documents), ("blocks", removes.blocks)];
    let takes: Vec<&str> = takes.into_iter().filter(|(_, does)| *does).map(|(what, _)| what).collect();
    let signal = info.signal.map(|signal| format!("quality.{}", signal.name()));
    let columns = info.columns.iter().copied().chain(signal.as_deref());
    let fills = phrasing::backquoted(columns);
    let mut told = Vec::new();
    if !takes.is_empty() {
        told.push(format!("May remove {}{}.", takes.join(" and "), if info.edits() { ", and edits text" } else { "" }));
    }
    if !fills.is_empty() {
        told.push(format!("Fills {fills}."));
    }
    told.push(format!("Needs the whole corpus: {}.", info.needs_corpus));
    if info.costly {
        told.push("What it came to is kept when a later option changes.".to_owned());
    }
    told.join(" ")
}

/// The fields of a table, each under a heading with what may stand there, its default and what it means.
fn options(shape: &Shape) -> String {
    let mut parts: Vec<String> = shape.fields().iter().map(option).collect();
    if let Shape::Table { others: Some(others), .. } = shape {
        parts.push(format!("### any other name\n\n{}. {}\n", capital(&value(&others.shape)), one_line(&others.about)));
    }
    if parts.is_empty() { "None.\n".to_owned() } else { parts.join("\n") }
}

fn option(field: &Field) -> String {
    let default = match &field.default {
        Some(_) => format!("default `{}`", default_of(field)),
        None => default_of(field),
    };
    let value = value(&field.shape);
    let mut told = format!("### `{}`\n\n*{}; {default}*\n\n{}\n", field.name, capital(&value), one_line(&field.about));
    if let Shape::Choice(choices) = &field.shape {
        let explained = choices.iter().filter(|(_, about)| !about.is_empty());
        let lines: String = explained.map(|(name, about)| format!("- `{name}`: {}\n", one_line(about))).collect();
        if !lines.is_empty() {
            let _ = write!(told, "\n{lines}");
        }
    }
    // The type may only say again what the field does.
    let about_type = one_line(&field.about_type);
    if let Shape::Either(_) = &field.shape
        && !field.about.contains(about_type.trim_end_matches('.'))
    {
        let _ = writeln!(told, "{about_type}");
    }
    told
}

fn default_of(field: &Field) -> String {
    match (&field.default, field.required) {
        (Some(value), _) => toml_value(value),
        (None, true) => "required".to_owned(),
        (None, false) => "unset".to_owned(),
    }
}

/// What may stand there, with its bounds.
fn value(shape: &Shape) -> String {
    match shape {
        Shape::Choice(choices) => {
            choices.iter().map(|(name, _)| format!("`\"{name}\"`")).collect::<Vec<_>>().join(", ")
        }
        Shape::Integer(range) | Shape::Number(range) => format!("{}{}", phrasing::wanted(shape), bounds(*range)),
        Shape::Table { fields, others: None, .. } if !fields.is_empty() => {
            format!("a table of {}", phrasing::backquoted(fields.iter().map(|field| field.name.as_str())))
        }
        _ => phrasing::wanted(shape),
    }
}

fn bounds(range: Range) -> String {
    // The bounds of the integer types are none that anybody asks for.
    let most = range.most.filter(|(most, _)| *most < f64::from(u32::MAX));
    let range = Range { least: range.least.filter(|bound| most.is_some() || *bound != (0.0, false)), most };
    let least = |(least, open)| if open { format!("above {least}") } else { format!("at least {least}") };
    let below = |(most, open)| if open { format!("below {most}") } else { format!("at most {most}") };
    match (range.least, most) {
        (None, None) => String::new(),
        (Some((least, false)), Some((most, false))) => format!(", {least} to {most}"),
        (one, other) => {
            let parts = one.map(least).into_iter().chain(other.map(below));
            format!(", {}", parts.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A JSON value as TOML writes it in one line.
fn toml_value(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml_value).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key} = {}", toml_value(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
