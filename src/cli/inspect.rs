//! `tamis inspect`: what a dataset holds, and which documents and removals are this or that.

use std::fmt::Write;
use std::path::PathBuf;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;

use tamis::config::nearest;
use tamis::report::inspect::{self, removed_as_json, row_as_json};
use tamis::report::summary::{bytes, count, summary, write_table};
use tamis::sink::dataset::{Dataset, batches};
use tamis::sink::entries::split_of;
use tamis::sink::filter;
use tamis::sink::overlap::{Overlap, overlaps};
use tamis::sink::pick::data_columns;

use super::terminal::look;
use super::{Failure, INTERNAL, print};

/// So many characters of a value are shown.
const SHOWN_CHARS: usize = 300;
/// So many rows and samples are shown where no number is given.
const FEW: usize = 10;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The dataset's folder.
    folder: PathBuf,

    /// Show the first N rows of each split, one value a line; with `--where`, the first N rows that it picks, a line each.
    #[arg(long, value_name = "N")]
    head: Option<usize>,

    /// Count the rows that an expression picks, and show the first ten: `language = "fr" and tokens > 200`. Columns are compared
    /// by `=`, `!=`, `<`, `<=`, `>`, `>=` with texts in quotes, numbers and `null`; `~` looks for a regular expression, `contains`
    /// for a text; `and`, `or`, `not` and parentheses join. `split` is a column too.
    #[arg(long = "where", value_name = "EXPR", conflicts_with_all = ["worst", "rule"])]
    picks: Option<String>,

    /// Show the N documents that lost most words of running prose, but as copies of what stays.
    #[arg(long, value_name = "N", conflicts_with = "rule")]
    worst: Option<usize>,

    /// Show what a rule took: ten samples, spread over all.
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,

    /// Show so many samples of the rule.
    #[arg(long, value_name = "N", requires = "rule")]
    sample: Option<usize>,

    /// Compare the texts of all splits, however large they are: how many documents of one have a near copy in another.
    #[arg(long, conflicts_with_all = ["picks", "worst", "rule", "json"])]
    overlap: bool,

    /// Print JSON instead, for machines: the manifest, or what was asked for as one object a line.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let dataset = Dataset::open(&arguments.folder)?;
    if let Some(expression) = &arguments.picks {
        return picks(arguments, &dataset, expression);
    }
    if let Some(most) = arguments.worst {
        let worst = dataset.worst(most)?;
        let folder = arguments.folder.display().to_string();
        return show(arguments, || inspect::worst(&worst, &folder, look().width), || lines(&worst));
    }
    if let Some(name) = &arguments.rule {
        let rule = rule_of(&dataset, name)?;
        let (rows, sample) = dataset.sample(&rule, arguments.sample.unwrap_or(FEW))?;
        let text = || inspect::sample(&rule, rows, &sample, look().width);
        return show(arguments, text, || lines(sample.iter().map(removed_as_json)));
    }
    let manifest = &dataset.manifest;
    if arguments.json && arguments.head.is_none() {
        let json = manifest.to_json().map_err(|error| Failure::new(INTERNAL, error.to_string()))?;
        return print(&json);
    }
    let mut out = String::new();
    if !arguments.json {
        overview(&dataset, &mut out);
        if manifest.counts.splits.len() > 1 {
            overlap(&dataset, arguments.overlap, &mut out)?;
        }
    }
    if let Some(rows) = arguments.head {
        for split in manifest.counts.splits.keys() {
            head(&dataset, split, rows, arguments.json, &mut out)?;
        }
    }
    print(&out)
}

fn overview(dataset: &Dataset, out: &mut String) {
    let manifest = &dataset.manifest;
    let field = |name: &str| manifest.config["dataset"][name].as_str().unwrap_or_default().to_owned();
    let _ = writeln!(out, "{} {}, data version {}", field("name"), field("version"), manifest.data_version);
    let size = manifest.files.iter().map(|file| file.bytes).sum();
    let _ = writeln!(out, "{} files, {}, digest {}\n", manifest.files.len(), bytes(size), manifest.digest);
    out.push_str(&summary(manifest));
    let languages = &manifest.counts.languages;
    if languages.keys().any(|language| !language.is_empty()) {
        let mut table = vec![["language", "documents", "words", "text"].map(str::to_owned)];
        for (language, output) in languages {
            let name = if language.is_empty() { "not told".to_owned() } else { language.clone() };
            table.push([name, count(output.documents), count(output.words), bytes(output.bytes)]);
        }
        out.push('\n');
        write_table(out, &table);
    }
}

/// Splits of so many bytes of text in all are compared unasked: a second or two.
const UNASKED_BYTES: u64 = 100 << 20;

/// How many documents of each split have a near copy in another.
fn overlap(dataset: &Dataset, asked: bool, out: &mut String) -> Result<(), Failure> {
    let text: u64 = dataset.manifest.counts.splits.values().map(|split| split.bytes).sum();
    if !asked && text > UNASKED_BYTES {
        let _ = writeln!(out, "\nnear copies between splits: not measured; --overlap compares {} of text", bytes(text));
        return Ok(());
    }
    let mut table = vec![["near copies", "of documents", "of split", "in split"].map(str::to_owned)];
    for Overlap { split, other, near, documents } in overlaps(dataset)? {
        table.push([count(near), count(documents), split, other]);
    }
    out.push('\n');
    write_table(out, &table);
    Ok(())
}

fn picks(arguments: &Arguments, dataset: &Dataset, expression: &str) -> Result<(), Failure> {
    let columns = data_columns();
    let filter = filter::parse(expression, &columns).map_err(|error| {
        let names = columns.iter().map(|column| column.name.as_str());
        if let Some(near) = error.unknown.as_ref().and_then(|name| nearest(name, names)) {
            return Failure::usage(inspect::wrong(expression, &error)).hint(format!("did you mean `{near}`?"));
        }
        let failure = Failure::usage(inspect::wrong(expression, &error));
        match &error.hint {
            Some(hint) => failure.hint(hint.clone()),
            None => failure,
        }
    })?;
    let picked = dataset.pick(&filter, arguments.head.unwrap_or(FEW))?;
    let rows = || lines(picked.first.iter().map(|(split, row)| row_as_json(split, row)));
    show(arguments, || inspect::picked(&picked, expression, look().width), rows)
}

/// Prints a result as text, or as JSON where that is asked for.
fn show(arguments: &Arguments, text: impl FnOnce() -> String, json: impl FnOnce() -> String) -> Result<(), Failure> {
    print(&if arguments.json { json() } else { text() })
}

/// One JSON object a line.
fn lines<T: serde::Serialize>(values: impl IntoIterator<Item = T>) -> String {
    let line = |value: T| serde_json::to_string(&value).expect("plain data is always JSON") + "\n";
    values.into_iter().map(line).collect()
}

/// The full name of a rule that acted, which may be given without its stage.
fn rule_of(dataset: &Dataset, name: &str) -> Result<String, Failure> {
    let rules: Vec<&str> =
        dataset.manifest.stages.iter().flat_map(|stage| stage.rules.keys()).map(String::as_str).collect();
    let bare = |rule: &str| rule.split_once('.').map_or(rule.to_owned(), |(_, bare)| bare.to_owned());
    if let Some(rule) = rules.iter().find(|rule| **rule == name || bare(rule) == name) {
        return Ok((*rule).to_owned());
    }
    let hint = match nearest(name, rules.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if rules.is_empty() => "no rule acted".to_owned(),
        None => "`tamis inspect DIR` lists those that did".to_owned(),
    };
    Err(Failure::usage(format!("no rule `{name}` acted in this dataset")).hint(hint))
}

/// The first rows of a split, filled columns only.
fn head(dataset: &Dataset, split: &str, rows: usize, json: bool, out: &mut String) -> Result<(), Failure> {
    let mut left = rows;
    for path in dataset.tables("data/").into_iter().filter(|path| split_of(path) == split) {
        for batch in batches(&path, &[], None)? {
            let batch = batch?;
            for row in 0..batch.num_rows().min(left) {
                let row = batch.slice(row, 1);
                if json {
                    out.push_str(&lines([row_as_json(split, &row)]));
                } else {
                    let _ = writeln!(out, "\n{split}");
                    show_row(&row, out);
                }
                left -= 1;
            }
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn show_row(batch: &RecordBatch, out: &mut String) {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if !column.is_valid(0) {
            continue;
        }
        let value = array_value_to_string(column, 0).unwrap_or_else(|error| error.to_string());
        let mut short: String = value.chars().take(SHOWN_CHARS).collect();
        if short.len() < value.len() {
            short.push('…');
        }
        let _ = writeln!(out, "  {:<15} {}", field.name(), short.replace('\n', "\n                  "));
    }
}
