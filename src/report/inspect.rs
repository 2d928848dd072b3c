//! What `tamis inspect` shows of a dataset's rows: picked ones, those that lost most, samples of a rule. Each as lines that fit a width,
//! and each as a JSON object a line.

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, UInt32Type, UInt64Type};
use arrow::util::display::array_value_to_string;
use serde_json::{Map, Value, json};

use super::explain::wrap::{columns, wrapped};
use super::summary::{count, percent};
use crate::sink::dataset::{Removed, text, whole};
use crate::sink::filter::FilterError;
use crate::sink::pick::{Lost, Picked};

/// So many characters of a text are shown.
const SHOWN: usize = 300;
/// Columns of a line where nothing asks for a width.
const WIDE: usize = 160;

/// Rows that an expression picked: how many, and the first of them, a line each.
#[must_use]
pub fn picked(picked: &Picked, expression: &str, width: Option<usize>) -> String {
    let noun = if picked.documents == 1 { "document" } else { "documents" };
    let mut out = format!(
        "{} {noun}, {} words, {} tokens: {expression}\n",
        count(picked.documents),
        count(picked.words),
        count(picked.tokens)
    );
    if picked.first.is_empty() {
        return out;
    }
    out.push('\n');
    let cell = |row: &RecordBatch, column| text(row, column, 0).unwrap_or("–").to_owned();
    let lines: Vec<[String; 5]> = picked
        .first
        .iter()
        .map(|(split, row)| {
            let begins = text(row, "title", 0).or(text(row, "text", 0)).unwrap_or_default();
            let words = format!("{} words", count(whole(row, "words", 0).unwrap_or_default()));
            [cell(row, "id"), split.clone(), cell(row, "language"), words, begins.replace('\n', " ")]
        })
        .collect();
    let widest = |column: usize| lines.iter().map(|line| columns(&line[column])).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(widest);
    for line in &lines {
        let mut shown = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(shown, "{cell}{}  ", " ".repeat(width - columns(cell)));
        }
        let _ = writeln!(out, "{}", cut(&format!("{shown}{}", line[4]), width.unwrap_or(WIDE)));
    }
    if (picked.first.len() as u64) < picked.documents {
        let more = picked.documents - picked.first.len() as u64;
        let _ = writeln!(out, "… {} more (`--head N` shows more)", count(more));
    }
    out
}

/// The documents that lost most.
#[must_use]
pub fn worst(worst: &[Lost], folder: &str, width: Option<usize>) -> String {
    let Some(first) = worst.first() else {
        return "no document lost running prose but as copies of what stays\n".to_owned();
    };
    let mut out = "words of running prose that were removed, but as copies of what stays\n\n".to_owned();
    let rules = worst.iter().map(|lost| columns(&lost.rule)).max().unwrap_or(0).max("mostly by".len());
    let figures = count(first.lost).len().max("lost".len());
    let heading = ["lost", "of all", "mostly by", "document"];
    let _ = writeln!(out, "{:>figures$}  {:>7}  {:rules$}  {}", heading[0], heading[1], heading[2], heading[3]);
    for Lost { id, lost, kept, rule } in worst {
        let (number, share) = (count(*lost), percent(*lost, lost + kept));
        let line = format!("{number:>figures$}  {share:>7}  {rule:rules$}  {id}");
        // An id is cut nowhere, since it is to be copied.
        let _ = writeln!(
            out,
            "{}",
            if width.is_some_and(|width| columns(&line) > width) {
                format!("{number:>figures$}  {share:>7}  {rule}\n{:figures$}  {id}", "")
            } else {
                line
            }
        );
    }
    let _ = writeln!(out, "\nline by line: tamis explain {folder} --id '{}'", first.id);
    out
}

/// Rows of the ledger that name a rule.
#[must_use]
pub fn sample(rule: &str, rows: u64, sample: &[Removed], width: Option<usize>) -> String {
    let noun = if rows == 1 { "row" } else { "rows" };
    let mut out = format!("{rule}: {} {noun} of the ledger", count(rows));
    let _ = writeln!(
        out,
        "{}\n",
        if (sample.len() as u64) < rows { format!(", {} of them", sample.len()) } else { String::new() }
    );
    for row in sample {
        let block = row.block.map(|block| format!(", block {block}")).unwrap_or_default();
        let _ = writeln!(out, "{}{block}", row.id);
        let text = cut_characters(row.text.as_deref().unwrap_or("(the ledger has no text)"));
        for line in wrapped(&[((), text)], width.unwrap_or(WIDE).saturating_sub(4).max(20)) {
            let _ = writeln!(out, "    {}", line.into_iter().map(|(_, text)| text).collect::<String>());
        }
    }
    out
}

/// A row with all its columns.
#[must_use]
pub fn row_as_json(split: &str, row: &RecordBatch) -> Value {
    let mut object = Map::new();
    object.insert("split".to_owned(), split.into());
    for (field, column) in row.schema_ref().fields().iter().zip(row.columns()) {
        object.insert(field.name().clone(), value(column, 0));
    }
    Value::Object(object)
}

/// A row of the ledger.
#[must_use]
pub fn removed_as_json(row: &Removed) -> Value {
    json!({
        "id": row.id, "source": row.source, "record": row.record, "block": row.block, "stage": row.stage, "rule": row.rule,
        "value": row.value, "threshold": row.threshold, "partner_id": row.partner_id, "partner_block": row.partner_block,
        "kind": if row.edited { "edited" } else { "removed" }, "bytes": row.bytes, "text": row.text,
    })
}

/// Where an expression is wrong: the expression, and a sign below the place.
#[must_use]
pub fn wrong(expression: &str, error: &FilterError) -> String {
    let before: String = expression.chars().take(error.at).collect();
    format!("the expression is wrong: {}\n\n  {expression}\n  {}^", error.message, " ".repeat(columns(&before)))
}

fn value(column: &ArrayRef, row: usize) -> Value {
    if !column.is_valid(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).to_string().parse::<f64>().ok().into(),
        DataType::Struct(members) => {
            let columns = column.as_struct().columns();
            members.iter().zip(columns).map(|(member, column)| (member.name().clone(), value(column, row))).collect()
        }
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            (0..list.len()).map(|at| value(&list, at)).collect()
        }
        _ => array_value_to_string(column, row).unwrap_or_default().into(),
    }
}

/// The first characters of a text, in one line.
fn cut_characters(text: &str) -> String {
    let line = text.replace('\n', "⏎");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The beginning of a line that fits.
fn cut(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.trim_end().to_owned();
    }
    let mut out = String::new();
    for character in line.chars() {
        out.push(character);
        if columns(&out) >= width {
            out.pop();
            break;
        }
    }
    out.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_to_its_width() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("島の橋が", 5), "島の…");
    }

    #[test]
    fn a_mistake_is_shown_below_the_expression() {
        let error = FilterError { at: 3, message: "no".to_owned(), unknown: None, hint: None };
        assert_eq!(wrong("島 = 5", &error), "the expression is wrong: no\n\n  島 = 5\n      ^");
    }
}
