//! `README.md` of a dataset: the card that Hugging Face shows, with the front matter by which `load_dataset` finds splits, columns
//! and the ledger, and with what somebody must know who loads the dataset or makes it again.

use std::fmt::Write;

use arrow::datatypes::DataType;

use super::croissant::languages;
use super::features;
use super::summary::{bytes, count, percent, splits, weightiest};
use crate::plan::Plan;
use crate::sink::layout::Layout;
use crate::sink::manifest::Manifest;
use crate::sink::meanings::meaning;
use crate::sink::{DATA_VERSION, DataFormat};
use crate::stage::Fact;

/// The card's file name.
pub const FILE_NAME: &str = "README.md";

/// So many rules are shown; the manifest has all.
const SHOWN_RULES: usize = 8;

/// The card of the dataset that `manifest` describes.
#[must_use]
pub fn card(plan: &Plan, manifest: &Manifest, layout: &Layout) -> String {
    let mut out = String::new();
    front_matter(plan, manifest, layout, &mut out);
    let dataset = &plan.config.dataset;
    let _ = writeln!(out, "# {} {}\n", dataset.title.as_ref().unwrap_or(&dataset.name), dataset.version);
    for text in [&dataset.description, &dataset.homepage].into_iter().flatten() {
        let _ = writeln!(out, "{text}\n");
    }
    contents(plan, manifest, &mut out);
    loading(plan, manifest, layout, &mut out);
    columns(layout, &mut out);
    making(plan, manifest, &mut out);
    limits(plan, manifest, &mut out);
    rebuilding(plan, &mut out);
    out
}

/// YAML, but written as JSON values where text is free: every JSON value is a YAML value.
fn front_matter(plan: &Plan, manifest: &Manifest, layout: &Layout, out: &mut String) {
    let dataset = &plan.config.dataset;
    let languages = languages(plan, manifest);
    let mut tags = dataset.tags.clone();
    tags.push("tamis".to_owned());
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let list = |texts: &[String]| serde_json::Value::from(texts).to_string();
    let _ = writeln!(out, "---\npretty_name: {}", json(dataset.title.as_ref().unwrap_or(&dataset.name)));
    let _ = writeln!(out, "license: {}", json(&dataset.license));
    if !languages.is_empty() {
        let _ = writeln!(out, "language: {}", list(&languages));
    }
    let _ = writeln!(out, "tags: {}", list(&tags));
    let _ = writeln!(out, "size_categories: [\"{}\"]", size_category(manifest.counts.output.documents));
    features::write(out, manifest, layout, plan.config.output.format.ending());
    out.push_str("---\n\n");
}

fn contents(plan: &Plan, manifest: &Manifest, out: &mut String) {
    let counts = &manifest.counts;
    let _ = writeln!(out, "| split | documents | words | tokens | bytes of text |\n| --- | --: | --: | --: | --: |");
    for (split, output) in splits(manifest) {
        let tokens = if output.tokens > 0 { count(output.tokens) } else { "–".to_owned() };
        let (documents, words, bytes) = (count(output.documents), count(output.words), count(output.bytes));
        let _ = writeln!(out, "| {split} | {documents} | {words} | {tokens} | {bytes} |");
    }
    for stage in plan.stages.iter().filter(|stage| stage.gives.contains(&Fact::Tokens)) {
        for model in &stage.models {
            let _ = writeln!(out, "\nTokens are those of `{}` (SHA-256 `{}`).", model.name, model.sha256);
        }
    }
    if counts.languages.keys().any(|language| !language.is_empty()) {
        let _ = writeln!(out, "\n| language | documents | bytes of text |\n| --- | --: | --: |");
        let mut languages: Vec<_> = counts.languages.iter().collect();
        languages.sort_by_key(|(_, output)| std::cmp::Reverse(output.documents));
        for (language, output) in languages {
            let name = if language.is_empty() { "not told" } else { language };
            let _ = writeln!(out, "| {name} | {} | {} |", count(output.documents), count(output.bytes));
        }
    }
}

/// How to load it with the usual tools, from its own folder.
fn loading(plan: &Plan, manifest: &Manifest, layout: &Layout, out: &mut String) {
    let format = plan.config.output.format;
    let (ending, split) = (format.ending(), splits(manifest).first().map_or("train", |(split, _)| *split));
    let files = format!("data/{split}-*.{ending}");
    let (scan, duckdb) = match format {
        DataFormat::Parquet => ("scan_parquet", "read_parquet"),
        DataFormat::Jsonl => ("scan_ndjson", "read_json_auto"),
    };
    let text = layout.renamed().iter().find(|(_, own)| *own == "text").map_or("text", |(name, _)| name);
    let arrow = match format {
        DataFormat::Parquet => format!(
            "import glob, pyarrow.dataset\nrows = pyarrow.dataset.dataset(sorted(glob.glob(\"{files}\"))).to_table()"
        ),
        DataFormat::Jsonl => format!(
            "import glob, pyarrow, pyarrow.json\n\
             rows = pyarrow.concat_tables([pyarrow.json.read_json(path) for path in sorted(glob.glob(\"{files}\"))])"
        ),
    };
    let _ = writeln!(
        out,
        "\n## Loading\n\nFrom this folder (`datasets` also takes the dataset's name on a hub in place of `\".\"`):\n\n```python\n\
         # Polars\nimport polars\nrows = polars.{scan}(\"{files}\").collect()\n\n\
         # PyArrow\n{arrow}\n\n\
         # DuckDB\nimport duckdb\nrows = duckdb.sql(\"select * from {duckdb}('{files}')\")\n\n\
         # datasets\nfrom datasets import load_dataset\ndocuments = load_dataset(\".\")[\"{split}\"]\n\
         removed = load_dataset(\".\", \"ledger\")[\"removed\"]\n```\n\n\
         The text of a document is in `{text}`. `croissant.json` says the same for machines."
    );
}

fn columns(layout: &Layout, out: &mut String) {
    let _ = writeln!(
        out,
        "\n## Columns\n\nAll are always there, and null where nothing filled them.\n\n| column | type | holds |\n| --- | --- | --- |"
    );
    for field in layout.schema.fields() {
        let kind = match field.data_type() {
            DataType::List(item) => format!("list of {}", features::dtype(item.data_type())),
            DataType::Struct(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("{} {}", part.name(), features::dtype(part.data_type()))).collect();
                format!("struct of {}", parts.join(", "))
            }
            plain => features::dtype(plain).to_owned(),
        };
        let _ = writeln!(out, "| `{}` | {kind} | {} |", field.name(), meaning(layout.own_name(field.name())));
    }
}

fn making(plan: &Plan, manifest: &Manifest, out: &mut String) {
    let counts = &manifest.counts;
    let stages: Vec<String> = plan.config.stage.iter().map(|stage| format!("`{}`", stage.name())).collect();
    let _ = writeln!(
        out,
        "\n## How it was made\n\n{} input files went through {}. Everything that was read is accounted for:\n",
        count(manifest.inputs.len() as u64),
        if stages.is_empty() { "no stage".to_owned() } else { stages.join(", ") }
    );
    let _ = writeln!(out, "| | documents | blocks | bytes | |\n| --- | --: | --: | --: | --: |");
    let rows =
        [("input", counts.input), ("kept", counts.kept), ("removed", counts.removed), ("rejected", counts.rejected)];
    for (name, amount) in rows {
        let (documents, blocks, bytes) = (count(amount.documents), count(amount.blocks), count(amount.bytes));
        let share = percent(amount.bytes, counts.input.bytes);
        let _ = writeln!(out, "| {name} | {documents} | {blocks} | {bytes} | {share} |");
    }
    let acted = weightiest(manifest);
    if !acted.is_empty() {
        let _ = writeln!(
            out,
            "\nThe rules that took most:\n\n| rule | documents removed | blocks removed | bytes | edits |\n\
             | --- | --: | --: | --: | --: |"
        );
        for (name, rule) in acted.iter().take(SHOWN_RULES) {
            let (documents, blocks) = (count(rule.documents), count(rule.blocks));
            let _ =
                writeln!(out, "| `{name}` | {documents} | {blocks} | {} | {} |", count(rule.bytes), count(rule.edits));
        }
        if acted.len() > SHOWN_RULES {
            let _ = writeln!(out, "\n{} more rules stand in `manifest.json`.", acted.len() - SHOWN_RULES);
        }
    }
    let _ = writeln!(
        out,
        "\nEvery removed block and document stands in `ledger/removed-*.parquet` with its rule, every input that could not \
         be read in `ledger/rejected.parquet`; `manifest.json` has the config and the SHA-256 of every input, model and file."
    );
    let _ = writeln!(out, "\n| source | files | bytes |\n| --- | --: | --: |");
    for (index, source) in plan.config.source.iter().enumerate() {
        let files = plan.discovery.files.iter().filter(|file| file.source as usize == index);
        let (number, size) = files.fold((0, 0), |(number, size), file| (number + 1, size + file.bytes));
        let mut paths: Vec<String> = source.paths.iter().map(|path| format!("`{path}`")).collect();
        // Their order changes nothing of the dataset.
        paths.sort();
        let _ = writeln!(out, "| {} | {} | {} |", paths.join(", "), count(number), bytes(size));
    }
}

/// What somebody who trusts the dataset should know.
fn limits(plan: &Plan, manifest: &Manifest, out: &mut String) {
    let counts = &manifest.counts;
    let mut known = Vec::new();
    if let Some(limit) = plan.config.source.iter().find_map(|source| source.limit) {
        known.push(format!("This is a part: the first {} records of a source at most were read.", count(limit)));
    }
    let refused: u64 = counts.causes.values().sum();
    if refused > 0 {
        let causes: Vec<String> =
            counts.causes.iter().map(|(cause, number)| format!("{} {cause}", count(*number))).collect();
        known.push(format!("Not all input could be read ({}).", causes.join(", ")));
    }
    if counts.gutted > 0 {
        known.push(format!("{}.", super::summary::gutted(manifest)));
    }
    if counts.orphans > 0 {
        known.push(format!("{}.", super::summary::gone(manifest)));
    }
    if counts.repeated_ids > 0 {
        known.push(format!("{} ids stood in the input more than once.", count(counts.repeated_ids)));
    }
    let undecided = counts.languages.get("und").map_or(0, |output| output.documents);
    if undecided > 0 {
        known.push(format!("The language of {} documents is undecided.", count(undecided)));
    }
    let filled: Vec<&str> = plan.config.stage.iter().flat_map(|stage| stage.info().columns).copied().collect();
    if !filled.is_empty() {
        let named: Vec<String> = filled.iter().map(|column| format!("`{column}`")).collect();
        known.push(format!("Rules and models fill {}; they can be wrong.", named.join(", ")));
    }
    known.push(
        "The texts are as their sources wrote them: what they say was not checked, and people are named in them."
            .to_owned(),
    );
    known.push(format!(
        "The licence `{}` is what the config says; the rights in each text stay with those who hold them.",
        plan.config.dataset.license
    ));
    let _ = writeln!(out, "\n## Limits\n");
    known.iter().for_each(|line| {
        let _ = writeln!(out, "- {line}");
    });
}

/// The config that makes the same bytes from the same inputs.
fn rebuilding(plan: &Plan, out: &mut String) {
    let config = plan.config.recorded_toml();
    let _ = writeln!(
        out,
        "\n## Making it again\n\nThe inputs in `manifest.json`, this config with a `dir` under `[output]`, and tamis with data version \
         {DATA_VERSION} give the same bytes: `tamis build CONFIG -o DIR`. `tamis verify DIR` checks them against the manifest, \
         `tamis diff` shows what differs.\n\n```toml\n{}\n```",
        config.trim_end()
    );
}

/// Hugging Face's size categories.
fn size_category(documents: u64) -> &'static str {
    match documents {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        100_000_000..1_000_000_000 => "100M<n<1B",
        _ => "n>1B",
    }
}
