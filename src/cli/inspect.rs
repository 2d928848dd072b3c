//! `tamis inspect`: what a dataset holds.

use std::fmt::Write;
use std::path::PathBuf;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;

use tamis::report::summary::{bytes, count, summary, write_table};
use tamis::sink::dataset::{Dataset, read};

use super::{Failure, print};

/// So many characters of a value are shown.
const SHOWN_CHARS: usize = 300;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The dataset's folder.
    folder: PathBuf,

    /// Also show the first N rows of each split, one value a line.
    #[arg(long, value_name = "N", default_value_t = 0)]
    head: usize,

    /// Print the manifest as JSON instead, for machines.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let dataset = Dataset::open(&arguments.folder)?;
    let manifest = &dataset.manifest;
    if arguments.json {
        let json = manifest.to_json().map_err(|error| Failure::new(super::INTERNAL, error.to_string()))?;
        return print(&json);
    }
    let mut out = String::new();
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
        write_table(&mut out, &table);
    }
    if arguments.head > 0 {
        for split in manifest.counts.splits.keys() {
            head(&dataset, split, arguments.head, &mut out)?;
        }
    }
    print(&out)
}

/// The first rows of a split, filled columns only.
fn head(dataset: &Dataset, split: &str, rows: usize, out: &mut String) -> Result<(), Failure> {
    let mut left = rows;
    for path in dataset.tables(&format!("data/{split}-")) {
        for batch in read(&path, &[], None)? {
            for row in 0..batch.num_rows().min(left) {
                let _ = writeln!(out, "\n{split}");
                show(&batch, row, out);
                left -= 1;
            }
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn show(batch: &RecordBatch, row: usize, out: &mut String) {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if !column.is_valid(row) {
            continue;
        }
        let value = array_value_to_string(column, row).unwrap_or_else(|error| error.to_string());
        let mut short: String = value.chars().take(SHOWN_CHARS).collect();
        if short.len() < value.len() {
            short.push('…');
        }
        let _ = writeln!(out, "  {:<15} {}", field.name(), short.replace('\n', "\n                  "));
    }
}
