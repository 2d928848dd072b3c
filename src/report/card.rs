//! `README.md` of a dataset: the card that Hugging Face shows, with the front matter by which `load_dataset` finds the splits.

use std::fmt::Write;

use super::summary::{count, percent, rules};
use crate::plan::Plan;
use crate::sink::manifest::Manifest;

/// The card's file name.
pub const FILE_NAME: &str = "README.md";

/// The card of the dataset that `manifest` describes.
#[must_use]
pub fn card(plan: &Plan, manifest: &Manifest) -> String {
    let mut out = String::new();
    front_matter(plan, manifest, &mut out);
    body(plan, manifest, &mut out);
    out
}

/// YAML, but written as JSON values where text is free: every JSON value is a YAML value.
fn front_matter(plan: &Plan, manifest: &Manifest, out: &mut String) {
    let dataset = &plan.config.dataset;
    let mut languages = dataset.languages.clone();
    if languages.is_empty() {
        let found = manifest.counts.languages.keys().filter(|code| !["", "und", "zxx"].contains(&code.as_str()));
        languages = found.cloned().collect();
    }
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
    let _ = writeln!(out, "configs:\n- config_name: default\n  data_files:");
    let empty = ["train".to_owned()];
    let splits: Vec<&String> = manifest.counts.splits.keys().collect();
    for split in if splits.is_empty() { empty.iter().collect() } else { splits } {
        let _ = writeln!(out, "  - split: {split}\n    path: data/{split}-*.parquet");
    }
    out.push_str("---\n\n");
}

fn body(plan: &Plan, manifest: &Manifest, out: &mut String) {
    let dataset = &plan.config.dataset;
    let counts = &manifest.counts;
    let _ = writeln!(out, "# {} {}\n", dataset.title.as_ref().unwrap_or(&dataset.name), dataset.version);
    for text in [&dataset.description, &dataset.homepage].into_iter().flatten() {
        let _ = writeln!(out, "{text}\n");
    }
    let _ = writeln!(out, "| split | documents | words | tokens | bytes of text |\n| --- | --: | --: | --: | --: |");
    for (split, output) in &counts.splits {
        let tokens = if output.tokens > 0 { count(output.tokens) } else { "–".to_owned() };
        let (documents, words, bytes) = (count(output.documents), count(output.words), count(output.bytes));
        let _ = writeln!(out, "| {split} | {documents} | {words} | {tokens} | {bytes} |");
    }
    if counts.languages.keys().any(|language| !language.is_empty()) {
        let _ = writeln!(out, "\n| language | documents | bytes of text |\n| --- | --: | --: |");
        for (language, output) in &counts.languages {
            let name = if language.is_empty() { "not told" } else { language };
            let _ = writeln!(out, "| {name} | {} | {} |", count(output.documents), count(output.bytes));
        }
    }
    let _ = writeln!(out, "\n## How it was made\n");
    let stages: Vec<String> = plan.config.stage.iter().map(|stage| format!("`{}`", stage.name())).collect();
    let _ = writeln!(
        out,
        "{} input files went through {}. Everything that was read is accounted for:\n",
        count(manifest.inputs.len() as u64),
        if stages.is_empty() { "no stage".to_owned() } else { stages.join(", ") }
    );
    let _ = writeln!(out, "| | documents | blocks | bytes | |\n| --- | --: | --: | --: | --: |");
    let rows =
        [("input", counts.input), ("kept", counts.kept), ("removed", counts.removed), ("rejected", counts.rejected)];
    for (name, amount) in rows {
        let (documents, blocks, bytes) = (count(amount.documents), count(amount.blocks), count(amount.bytes));
        let _ = writeln!(
            out,
            "| {name} | {documents} | {blocks} | {bytes} | {} |",
            percent(amount.bytes, counts.input.bytes)
        );
    }
    let acted = rules(manifest);
    if !acted.is_empty() {
        let _ = writeln!(
            out,
            "\n| rule | documents removed | blocks removed | bytes | edits |\n| --- | --: | --: | --: | --: |"
        );
        for (name, rule) in acted {
            let (documents, blocks) = (count(rule.documents), count(rule.blocks));
            let _ =
                writeln!(out, "| `{name}` | {documents} | {blocks} | {} | {} |", count(rule.bytes), count(rule.edits));
        }
    }
    let _ = writeln!(
        out,
        "\nEvery removed block and document stands in `ledger/removed-*.parquet` with its rule, every input that could not \
         be read in `ledger/rejected.parquet`; `manifest.json` has the config and the SHA-256 of every input, model and file."
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
