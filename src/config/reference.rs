//! The config's reference page, made from the same schema that editors and the loader use.

use std::fmt::Write as _;

use serde_json::Value;

use super::shape::{self, Field, Range, Shape};
use super::{phrasing, schema};
use crate::stage::{self, RuleInfo, StageInfo};

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
        section(&mut page, 2, &header, &[&table.about], inner);
        if let Shape::Tagged(tags) = inner {
            for tag in tags {
                let info = stage::STAGES.iter().find(|(name, _)| *name == tag.name).map(|(_, info)| info);
                let told = info.map_or_else(String::new, |info| says(&tag.name, info));
                section(&mut page, 3, &tag.name, &[&tag.about, &tag.about_type, &told], &tag.shape);
            }
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
    let shape = shape::read(&schema()).shape;
    let items = shape.field("stage").and_then(|stages| match &stages.shape {
        Shape::List { items, .. } => items.field(name),
        _ => None,
    });
    let told = |field: &Field| StageOption {
        name: field.name.clone(),
        value: value(&field.shape).replace('`', ""),
        default: default_of(field),
        means: one_line(&field.about),
    };
    items.map_or_else(Vec::new, |stage| stage.shape.fields().iter().map(told).collect())
}

/// The stages as a table for the README.
#[must_use]
pub fn stage_table() -> String {
    let mut table = String::from("| stage | what it does | needs the whole corpus |\n| --- | --- | --- |\n");
    for (name, info) in stage::STAGES {
        let _ = writeln!(table, "| `{name}` | {} | {} |", info.does, info.needs_corpus);
    }
    table
}

/// Every rule of every stage as one Markdown page: `docs/rules.md`.
#[must_use]
pub fn rules() -> String {
    let mut page = String::from(
        "# Rules\n\nMade from the stages in `src/stage/` by `scripts/regen`; change it there. The ledger and `tamis explain` name the \
         rule of each removal and each edit as `stage.rule`. Every stage also has `nothing_left`, for documents of which it left \
         no block. The rules of `packs` and models of your own come on top. \
         `since` is the data version that had a rule first.\n",
    );
    for (name, info) in stage::STAGES {
        let rules = (info.rules)();
        if rules.is_empty() {
            continue;
        }
        let _ = write!(
            page,
            "\n## `{name}`\n\n| rule | takes | what it found | kept by | since |\n| --- | --- | --- | --- | --- |\n"
        );
        for RuleInfo { name, takes, means, option, since, .. } in rules {
            let option = option.map_or_else(String::new, |option| format!("`{option}`"));
            let _ = writeln!(page, "| `{name}` | {} | {means} | {option} | {since} |", takes.word());
        }
    }
    page
}

/// What a stage says of itself, as a paragraph.
fn says(name: &str, info: &StageInfo) -> String {
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
    if !(info.rules)().is_empty() {
        told.push(format!("[Its rules](rules.md#{name})."));
    }
    told.join(" ")
}

/// A heading, what it is about, and a table of options.
fn section(page: &mut String, level: usize, name: &str, abouts: &[&str], shape: &Shape) {
    let heading = "#".repeat(level);
    let mut parts = vec![format!("{heading} `{name}`")];
    parts.extend(abouts.iter().filter(|about| !about.is_empty()).map(|about| (*about).to_owned()));
    match shape {
        Shape::Tagged(tags) => {
            let names = phrasing::backquoted(tags.iter().map(|tag| tag.name.as_str()));
            parts.push(format!("Each holds one of {names}."));
        }
        Shape::Table { fields, others: None, .. } if fields.is_empty() => parts.push("No options.".to_owned()),
        _ => {
            let mut rows: Vec<String> = shape.fields().iter().map(row).collect();
            if let Shape::Table { others: Some(others), .. } = shape {
                let cells = ["any other name".to_owned(), value(&others.shape), String::new(), one_line(&others.about)];
                rows.push(cells_as_row(cells));
            }
            parts.push(format!("| key | value | default | meaning |\n| --- | --- | --- | --- |\n{}", rows.join("\n")));
        }
    }
    // Writing to a string cannot fail.
    let _ = write!(page, "\n{}\n", parts.join("\n\n"));
}

fn row(field: &Field) -> String {
    let default = match &field.default {
        Some(_) => format!("`{}`", default_of(field)),
        None => default_of(field),
    };
    let mut meaning = vec![one_line(&field.about)];
    if let Shape::Choice(choices) = &field.shape {
        let explained = choices.iter().filter(|(_, about)| !about.is_empty());
        meaning.extend(explained.map(|(name, about)| format!("`{name}`: {}", one_line(about))));
    }
    if let Shape::Either(_) = &field.shape {
        meaning.push(one_line(&field.about_type));
    }
    let cells = [format!("`{}`", field.name), value(&field.shape), default, meaning.join("<br>")];
    cells_as_row(cells)
}

fn default_of(field: &Field) -> String {
    match (&field.default, field.required) {
        (Some(value), _) => toml_value(value),
        (None, true) => "required".to_owned(),
        (None, false) => "unset".to_owned(),
    }
}

fn cells_as_row(cells: [String; 4]) -> String {
    format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
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
