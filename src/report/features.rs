//! The part of a card's front matter by which `datasets` knows files, columns and their types without reading any file.

use std::fmt::Write;

use arrow::datatypes::{DataType, Fields, SchemaRef};

use super::summary::splits;
use crate::sink::columns::REMOVED;
use crate::sink::layout::Layout;
use crate::sink::manifest::Manifest;

/// The configs and their features: the documents as the default one, what was removed as another.
pub(super) fn write(out: &mut String, manifest: &Manifest, layout: &Layout, ending: &str) {
    out.push_str("configs:\n- config_name: default\n  default: true\n  data_files:\n");
    let names: Vec<&str> = splits(manifest).into_iter().map(|(split, _)| split).collect();
    // A dataset without a document still has an empty file.
    for split in if names.is_empty() { vec!["train"] } else { names } {
        let _ = writeln!(out, "  - split: {split}\n    path: data/{split}-*.{ending}");
    }
    out.push_str("- config_name: ledger\n  data_files:\n  - split: removed\n    path: ledger/removed-*.parquet\n");
    out.push_str("dataset_info:\n- config_name: default\n");
    features(out, &layout.schema);
    if !manifest.counts.splits.is_empty() {
        out.push_str("  splits:\n");
    }
    for (split, output) in splits(manifest) {
        let _ =
            writeln!(out, "  - name: {split}\n    num_bytes: {}\n    num_examples: {}", output.bytes, output.documents);
    }
    out.push_str("- config_name: ledger\n");
    features(out, &REMOVED);
}

fn features(out: &mut String, schema: &SchemaRef) {
    out.push_str("  features:\n");
    fields(out, schema.fields(), "  ");
}

fn fields(out: &mut String, fields: &Fields, indent: &str) {
    for field in fields {
        let _ = writeln!(out, "{indent}- name: {}", serde_json::Value::from(field.name().as_str()));
        match field.data_type() {
            DataType::List(item) => {
                let _ = writeln!(out, "{indent}  sequence: {}", dtype(item.data_type()));
            }
            DataType::Struct(parts) => {
                let _ = writeln!(out, "{indent}  struct:");
                self::fields(out, parts, &format!("{indent}  "));
            }
            kind => {
                let _ = writeln!(out, "{indent}  dtype: {}", dtype(kind));
            }
        }
    }
}

/// A plain type as `datasets` calls it.
pub(super) fn dtype(kind: &DataType) -> &'static str {
    match kind {
        DataType::UInt32 => "uint32",
        DataType::UInt64 => "uint64",
        DataType::Float32 => "float32",
        DataType::Float64 => "float64",
        DataType::Date32 => "date32",
        _ => "string",
    }
}
