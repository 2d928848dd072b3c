//! The short report at the end of a build, and the words and figures that other reports share with it.

use std::fmt::Write;

use super::times::Times;
use crate::sink::counts::RuleCounts;
use crate::sink::manifest::Manifest;

/// What a build did, for the terminal: the accounting, removals by rule, splits, and the slowest stage.
#[must_use]
pub fn summary(manifest: &Manifest, times: Option<&Times>) -> String {
    let mut out = String::new();
    let counts = &manifest.counts;
    let rows =
        [("input", counts.input), ("kept", counts.kept), ("removed", counts.removed), ("rejected", counts.rejected)];
    let mut table = vec![["", "documents", "blocks", "bytes", ""].map(str::to_owned)];
    for (name, amount) in rows {
        let share = percent(amount.bytes, counts.input.bytes);
        table.push([name.to_owned(), count(amount.documents), count(amount.blocks), count(amount.bytes), share]);
    }
    write_table(&mut out, &table);
    let acted = rules(manifest);
    if !acted.is_empty() {
        let mut table = vec![["rule", "documents", "blocks", "bytes", "edits"].map(str::to_owned)];
        for (name, rule) in acted {
            table.push([name, count(rule.documents), count(rule.blocks), count(rule.bytes), count(rule.edits)]);
        }
        out.push('\n');
        write_table(&mut out, &table);
    }
    write_losses(&mut out, manifest);
    if !counts.splits.is_empty() {
        let mut table = vec![["split", "documents", "words", "tokens", "text"].map(str::to_owned)];
        for (split, output) in &counts.splits {
            let tokens = if output.tokens > 0 { count(output.tokens) } else { "–".to_owned() };
            table.push([split.clone(), count(output.documents), count(output.words), tokens, bytes(output.bytes)]);
        }
        out.push('\n');
        write_table(&mut out, &table);
    }
    if let Some(times) = times {
        write_times(&mut out, manifest, times);
    }
    out
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
    let megabytes = manifest.counts.input.bytes as f64 / 1e6;
    let rate = if times.seconds > 0.0 { megabytes / times.seconds } else { 0.0 };
    let _ = write!(out, "\n{:.1} s, {rate:.1} MB of text a second", times.seconds);
    if let Some(memory) = times.peak_memory {
        let _ = write!(out, ", peak memory {}", bytes(memory));
    }
    let all: f64 = times.stages.iter().map(|stage| stage.seconds).sum();
    let slowest = times.stages.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds));
    if let Some(slowest) = slowest.filter(|_| all > 0.0) {
        let share = slowest.seconds * 100.0 / all;
        let _ = write!(out, "; slowest stage: {} ({share:.0} % of the stages' time)", slowest.name);
    }
    out.push('\n');
}
