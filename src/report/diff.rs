//! What changed between two datasets, for people and for machines. Both are written piece by piece: the ids of documents
//! are read from the files while they are shown.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::summary::{count, write_table};
use crate::sink::counts::{Output, RuleCounts};
use crate::sink::dataset::DatasetError;
use crate::sink::diff::{ConfigChange, Difference, Kind, Moved, NameChanges, Pair, Renamed};

pub mod document;
mod words;

/// So many ids and names of each kind are shown unless all are asked for.
pub const SHOWN: usize = 10;

/// Why a difference was not written.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The difference cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Writes the difference as text, with at most `limit` ids and names of each kind.
///
/// # Errors
/// If a Parquet file cannot be read, or `out` refuses.
pub fn write_text(difference: &Difference<'_>, limit: usize, out: &mut dyn Write) -> Result<(), DiffError> {
    if difference.is_none() {
        writeln!(out, "the datasets are the same (digest {})", difference.digest.a)?;
        return Ok(());
    }
    writeln!(out, "digest  {}\n     →  {}", difference.digest.a, difference.digest.b)?;
    let versions = &difference.data_version;
    if versions.a != versions.b {
        writeln!(out, "\ndata version  {} → {}", versions.a, versions.b)?;
    }
    out.write_all(config(&difference.config).as_bytes())?;
    out.write_all(names("inputs", &difference.inputs, limit).as_bytes())?;
    out.write_all(names("models", &difference.models, limit).as_bytes())?;
    documents(difference, limit, out)?;
    out.write_all(tables(difference).as_bytes())?;
    Ok(())
}

/// Writes the difference as one JSON object, complete. `docs/diff.md` has its keys.
///
/// # Errors
/// If a Parquet file cannot be read, or `out` refuses.
pub fn write_json(difference: &Difference<'_>, out: &mut dyn Write) -> Result<(), DiffError> {
    let (renamed, moved) = (difference.renamed(usize::MAX)?, difference.moved(usize::MAX)?);
    let object = Json {
        same: difference.is_none(),
        digest: &difference.digest,
        data_version: &difference.data_version,
        config: &difference.config,
        inputs: &difference.inputs,
        models: &difference.models,
        totals: &difference.totals,
        documents: JsonDocuments {
            same: difference.documents.same,
            added: Ids(difference, Kind::Added),
            removed: Ids(difference, Kind::Removed),
            changed: Ids(difference, Kind::Changed),
            renamed,
            moved,
        },
        rules: difference.rules.iter().map(|(name, counts)| (name.as_str(), counts)).collect(),
        languages: &difference.languages,
        splits: &difference.splits,
    };
    serde_json::to_writer_pretty(&mut *out, &object).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

#[derive(Serialize)]
struct Json<'a> {
    same: bool,
    digest: &'a Pair<&'a str>,
    data_version: &'a Pair<&'a str>,
    config: &'a [ConfigChange],
    inputs: &'a NameChanges,
    models: &'a NameChanges,
    totals: &'a std::collections::BTreeMap<&'static str, Pair<crate::sink::counts::Amount>>,
    documents: JsonDocuments<'a>,
    rules: std::collections::BTreeMap<&'a str, &'a Pair<RuleCounts>>,
    languages: &'a std::collections::BTreeMap<String, Pair<Output>>,
    splits: &'a std::collections::BTreeMap<String, Pair<Output>>,
}

#[derive(Serialize)]
struct JsonDocuments<'a> {
    same: u64,
    added: Ids<'a>,
    removed: Ids<'a>,
    changed: Ids<'a>,
    renamed: Vec<Renamed>,
    moved: Vec<Moved>,
}

/// Ids that are read while they are written.
struct Ids<'a>(&'a Difference<'a>, Kind);

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for id in self.0.ids(self.1) {
            list.serialize_element(&id.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

fn config(changes: &[ConfigChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let mut out = "\nconfig\n".to_owned();
    let width = changes.iter().map(|change| change.key.chars().count()).max().unwrap_or_default();
    for ConfigChange { key, a, b } in changes {
        let line = match key.as_str() {
            "stage" => format!("{} → {}", order(a), order(b)),
            _ => format!("{} → {}", value(a), value(b)),
        };
        let _ = writeln!(out, "  {key:width$}  {line}");
    }
    out
}

fn value(value: &Option<Value>) -> String {
    value.as_ref().map_or_else(|| "unset".to_owned(), Value::to_string)
}

fn order(names: &Option<Value>) -> String {
    let names = names.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.collect::<Vec<_>>().join(", ")
}

fn names(title: &str, changes: &NameChanges, limit: usize) -> String {
    let kinds =
        [("+", "added", &changes.added), ("-", "removed", &changes.removed), ("~", "changed", &changes.changed)];
    let some: Vec<_> = kinds.iter().filter(|(.., names)| !names.is_empty()).collect();
    if some.is_empty() {
        return String::new();
    }
    let figures: Vec<String> =
        some.iter().map(|(_, kind, names)| format!("{} {kind}", count(names.len() as u64))).collect();
    let mut out = format!("\n{title}: {}\n", figures.join(", "));
    for (sign, _, names) in some {
        for name in names.iter().take(limit) {
            let _ = writeln!(out, "  {sign} {name}");
        }
        more(names.len() as u64, limit, &mut out);
    }
    out
}

fn documents(difference: &Difference<'_>, limit: usize, out: &mut dyn Write) -> Result<(), DiffError> {
    let counts = difference.documents;
    let kinds = [
        ("+", "added", counts.added, Kind::Added),
        ("-", "removed", counts.removed, Kind::Removed),
        ("~", "changed", counts.changed, Kind::Changed),
    ];
    let mut figures: Vec<String> = kinds
        .iter()
        .filter(|(_, _, number, _)| *number > 0)
        .map(|(_, kind, number, _)| format!("{} {kind}", count(*number)))
        .collect();
    if counts.renamed > 0 {
        figures.push(format!("{} under another id", count(counts.renamed)));
    }
    figures.push(format!("{} the same", count(counts.same)));
    if counts.moved > 0 {
        figures.push(format!("{} in another split", count(counts.moved)));
    }
    writeln!(out, "\ndocuments: {}", figures.join(", "))?;
    for (sign, _, number, kind) in kinds {
        for id in difference.ids(kind).take(limit) {
            writeln!(out, "  {sign} {}", id?)?;
        }
        let mut rest = String::new();
        more(number, limit, &mut rest);
        if number > limit as u64 {
            rest.push_str(&by_source(&difference.sources(kind)?));
        }
        out.write_all(rest.as_bytes())?;
    }
    for Renamed { a, b } in difference.renamed(limit)? {
        writeln!(out, "  {a} → {b}")?;
    }
    let mut rest = String::new();
    more(counts.renamed, limit, &mut rest);
    for Moved { id, a, b } in difference.moved(limit)? {
        writeln!(out, "  {id}: {a} → {b}")?;
    }
    more(counts.moved, limit, &mut rest);
    if counts.added + counts.removed + counts.changed + counts.renamed + counts.moved == 0 {
        rest.push_str("  every text is the same; the files differ in other columns\n");
    }
    out.write_all(rest.as_bytes())?;
    Ok(())
}

/// So many input files are named of those that documents come from.
const SOURCES: usize = 5;

/// Which input files most of the documents come from.
fn by_source(sources: &std::collections::BTreeMap<String, u64>) -> String {
    let mut most: Vec<(&String, u64)> = sources.iter().map(|(source, number)| (source, *number)).collect();
    most.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
    if most.first().is_none_or(|(_, number)| *number < 2) {
        return String::new();
    }
    let named: Vec<String> =
        most.iter().take(SOURCES).map(|(source, number)| format!("{} of {source}", count(*number))).collect();
    let others = match most.len().saturating_sub(SOURCES) {
        0 => String::new(),
        1 => ", the others of one more file".to_owned(),
        files => format!(", the others of {} more files", count(files as u64)),
    };
    format!("    {}{others}\n", named.join(", "))
}

fn more(number: u64, limit: usize, out: &mut String) {
    let hidden = number.saturating_sub(limit as u64);
    if hidden > 0 {
        let _ = writeln!(out, "    and {} more (--all shows them)", count(hidden));
    }
}

/// Rules, languages and splits side by side; those that did not change are left out.
fn tables(difference: &Difference<'_>) -> String {
    let mut out = String::new();
    let mut table = vec![["removed by rule", "documents", "blocks", "bytes", "edits"].map(str::to_owned)];
    for (name, pair) in difference.rules.iter().filter(|(_, pair)| pair.a != pair.b) {
        let cell = |of: fn(&RuleCounts) -> u64| change(of(&pair.a), of(&pair.b));
        table.push([
            name.clone(),
            cell(|rule| rule.documents),
            cell(|rule| rule.blocks),
            cell(|rule| rule.bytes),
            cell(|rule| rule.edits),
        ]);
    }
    append(&mut out, &table);
    for (title, outputs) in [("language", &difference.languages), ("split", &difference.splits)] {
        let mut table = vec![[title, "documents", "words", "tokens", "bytes"].map(str::to_owned)];
        for (name, pair) in outputs.iter().filter(|(_, pair)| pair.a != pair.b) {
            let cell = |of: fn(&Output) -> u64| change(of(&pair.a), of(&pair.b));
            table.push([
                if name.is_empty() { "not told".to_owned() } else { name.clone() },
                cell(|output| output.documents),
                cell(|output| output.words),
                cell(|output| output.tokens),
                cell(|output| output.bytes),
            ]);
        }
        append(&mut out, &table);
    }
    out
}

fn append(out: &mut String, table: &[[String; 5]]) {
    if table.len() > 1 {
        out.push('\n');
        write_table(out, table);
    }
}

/// `1,200 → 1,180 (-20)`, or the figure alone where it is the same.
fn change(a: u64, b: u64) -> String {
    match a.cmp(&b) {
        std::cmp::Ordering::Equal => count(a),
        std::cmp::Ordering::Less => format!("{} → {} (+{})", count(a), count(b), count(b - a)),
        std::cmp::Ordering::Greater => format!("{} → {} (-{})", count(a), count(b), count(a - b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_both_figures_and_their_difference() {
        assert_eq!(change(1200, 1180), "1,200 → 1,180 (-20)");
        assert_eq!(change(0, 7), "0 → 7 (+7)");
        assert_eq!(change(5, 5), "5");
    }
}
