//! The short report at the end of a build, and the words and figures that other reports share with it.

use std::cmp::Reverse;
use std::fmt::Write;

use super::times::Times;
use crate::sink::counts::{Output, RuleCounts};
use crate::sink::manifest::Manifest;

/// So many rules are shown at the end of a build.
const SHOWN_RULES: usize = 8;

/// What a dataset holds: the accounting, all removals by rule, what was lost, splits.
#[must_use]
pub fn summary(manifest: &Manifest) -> String {
    let mut out = String::new();
    write_accounting(&mut out, manifest);
    let acted = rules(manifest);
    if !acted.is_empty() {
        out.push('\n');
        write_rules(&mut out, &acted);
    }
    write_losses(&mut out, manifest);
    if !manifest.counts.splits.is_empty() {
        out.push('\n');
        write_splits(&mut out, manifest);
    }
    out
}

/// What a build did, for the end of it, where the last lines stay on the screen: the rules that took most, splits, the
/// accounting, time. `inspect` is the command that shows all rules.
#[must_use]
pub fn built(manifest: &Manifest, times: &Times, inspect: &str) -> String {
    let mut out = String::new();
    let acted = weightiest(manifest);
    if !acted.is_empty() {
        write_rules(&mut out, acted.get(..SHOWN_RULES).unwrap_or(&acted));
        match acted.len().saturating_sub(SHOWN_RULES) {
            0 => {}
            more => {
                let _ = writeln!(out, "… {more} more: `{inspect}`");
            }
        }
        out.push('\n');
    }
    if !manifest.counts.splits.is_empty() {
        write_splits(&mut out, manifest);
        out.push('\n');
    }
    write_accounting(&mut out, manifest);
    write_times(&mut out, manifest, times);
    out
}

/// All rules that acted, by full name, those that took most bytes first; of rules that only edit, those with most edits.
#[must_use]
pub fn weightiest(manifest: &Manifest) -> Vec<(String, RuleCounts)> {
    let mut all = rules(manifest);
    all.sort_by_key(|(_, counts)| Reverse((counts.bytes, counts.documents, counts.blocks, counts.edits)));
    all
}

/// What ran and what had been done before, by kind of task and cause.
#[must_use]
pub fn tasks(times: &Times) -> String {
    let mut table = vec![["task", "ran", "kept", "why"].map(str::to_owned)];
    for line in &times.tasks {
        let number = count(line.tasks);
        let (ran, kept) = if line.ran { (number, String::new()) } else { (String::new(), number) };
        table.push([line.kind.clone(), ran, kept, line.why.clone()]);
    }
    let mut out = String::new();
    write_table(&mut out, &table);
    out.push('\n');
    out
}

/// All rules that acted, in the order of the stages, by full name; a stage that stands twice has its name in front.
#[must_use]
pub fn rules(manifest: &Manifest) -> Vec<(String, RuleCounts)> {
    let mut rows = Vec::new();
    for stage in &manifest.stages {
        for (rule, counts) in &stage.rules {
            let name = if stage.name.contains('#') { format!("{} {rule}", stage.name) } else { rule.clone() };
            rows.push((name, *counts));
        }
    }
    rows
}

/// The splits in the order in which people name them: train, validation, test, then others.
#[must_use]
pub fn splits(manifest: &Manifest) -> Vec<(&str, &Output)> {
    const ORDER: [&str; 3] = ["train", "validation", "test"];
    let mut splits: Vec<(&str, &Output)> =
        manifest.counts.splits.iter().map(|(name, output)| (name.as_str(), output)).collect();
    splits.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    splits
}

/// A number with its thousands separated by commas.
///
/// ```
/// assert_eq!(tamis::report::summary::count(1234567), "1,234,567");
/// ```
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in percent, with one decimal; nothing of nothing is empty.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
}

/// A number of bytes in a unit a person grasps.
///
/// ```
/// assert_eq!(tamis::report::summary::bytes(999), "999 B");
/// assert_eq!(tamis::report::summary::bytes(1_234_567), "1.2 MB");
/// ```
#[must_use]
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// Writes rows of which the first is the heading: the first column to the left, the others to the right.
pub fn write_table<const N: usize>(out: &mut String, rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            let _ = if column == 0 { write!(line, "{cell}{padding}") } else { write!(line, "  {padding}{cell}") };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn write_accounting(out: &mut String, manifest: &Manifest) {
    let counts = &manifest.counts;
    let rows =
        [("input", counts.input), ("kept", counts.kept), ("removed", counts.removed), ("rejected", counts.rejected)];
    let mut table = vec![["", "documents", "blocks", "bytes", ""].map(str::to_owned)];
    for (name, amount) in rows {
        let share = percent(amount.bytes, counts.input.bytes);
        table.push([name.to_owned(), count(amount.documents), count(amount.blocks), count(amount.bytes), share]);
    }
    write_table(out, &table);
}

fn write_rules(out: &mut String, rules: &[(String, RuleCounts)]) {
    let mut table = vec![["rule", "documents", "blocks", "bytes", "edits"].map(str::to_owned)];
    for (name, rule) in rules {
        let [documents, blocks, bytes, edits] =
            [rule.documents, rule.blocks, rule.bytes, rule.edits].map(|number| match number {
                0 => "–".to_owned(),
                number => count(number),
            });
        table.push([name.clone(), documents, blocks, bytes, edits]);
    }
    write_table(out, &table);
}

fn write_splits(out: &mut String, manifest: &Manifest) {
    let mut table = vec![["split", "documents", "words", "tokens", "text"].map(str::to_owned)];
    for (split, output) in splits(manifest) {
        let tokens = if output.tokens > 0 { count(output.tokens) } else { "–".to_owned() };
        table.push([split.to_owned(), count(output.documents), count(output.words), tokens, bytes(output.bytes)]);
    }
    write_table(out, &table);
}

/// Texts that are gone altogether, and documents that lost most of their prose.
fn write_losses(out: &mut String, manifest: &Manifest) {
    let counts = &manifest.counts;
    if counts.orphans + counts.gutted > 0 {
        out.push('\n');
    }
    if counts.orphans > 0 {
        let _ = writeln!(out, "{}", gone(manifest));
    }
    if counts.gutted > 0 {
        let _ = writeln!(out, "{}", gutted(manifest));
        for loss in &manifest.gutted {
            let _ = writeln!(out, "  {}: {} of {} words", loss.id, count(loss.lost), count(loss.words));
        }
    }
}

/// Says how many texts are gone altogether, and which stages took them.
#[must_use]
pub fn gone(manifest: &Manifest) -> String {
    let (texts, stand, copies) = match manifest.counts.orphans {
        1 => ("1 text".to_owned(), "is", "its copies were removed, and the one that was kept"),
        more => (format!("{} texts", count(more)), "are", "their copies were removed, and those that were kept"),
    };
    let by: Vec<String> =
        manifest.counts.orphans_by.iter().map(|(stage, texts)| format!("{} by `{stage}`", count(*texts))).collect();
    format!("{texts} {stand} gone altogether: {copies} went later ({})", by.join(", "))
}

/// Says how many documents lost most of their running prose.
#[must_use]
pub fn gutted(manifest: &Manifest) -> String {
    let documents = match manifest.counts.gutted {
        1 => "1 document".to_owned(),
        more => format!("{} documents", count(more)),
    };
    format!("{documents} lost more than 60 % of the running prose, block by block")
}

fn write_times(out: &mut String, manifest: &Manifest, times: &Times) {
    let _ = write!(out, "\n{:.1} s", times.seconds);
    if times.seconds > 0.0 {
        let rate = (manifest.counts.input.bytes as f64 / times.seconds) as u64;
        let _ = write!(out, ", {} of text a second", bytes(rate));
    }
    if let Some(memory) = times.peak_memory {
        let _ = write!(out, ", peak memory {}", bytes(memory));
    }
    let all: f64 = times.stages.iter().map(|stage| stage.seconds).sum();
    let slowest = times.stages.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds));
    if let Some(slowest) = slowest.filter(|_| all > 0.0) {
        let share = slowest.seconds * 100.0 / all;
        let _ = write!(out, "\nslowest stage: {} ({share:.0} % of the stages' time)", slowest.name);
    }
    out.push('\n');
}
