//! `croissant.json`: the dataset for machines, in the vocabulary of MLCommons (<http://mlcommons.org/croissant/1.0>), which search
//! engines and loaders read.

use arrow::datatypes::{DataType, Field, SchemaRef};
use serde_json::{Value, json};

use super::summary::splits;
use crate::plan::Plan;
use crate::sink::DataFormat;
use crate::sink::columns::{REJECTED, REMOVED};
use crate::sink::layout::Layout;
use crate::sink::manifest::Manifest;
use crate::sink::meanings::meaning;

/// The file's name.
pub const FILE_NAME: &str = "croissant.json";

/// The description of the dataset that `manifest` describes.
#[must_use]
pub fn croissant(plan: &Plan, manifest: &Manifest, layout: &Layout) -> String {
    let (dataset, format) = (&plan.config.dataset, plan.config.output.format);
    let mut distribution = Vec::new();
    let mut records = Vec::new();
    for (split, _) in splits(manifest) {
        let files = format!("{split}-files");
        distribution.push(file_set(&files, &format!("data/{split}-*.{}", format.ending()), format));
        records.push(record_set(split, &files, &layout.schema, |name| meaning(layout.own_name(name))));
    }
    for (name, glob, schema) in
        [("removed", "ledger/removed-*.parquet", &REMOVED), ("rejected", "ledger/rejected.parquet", &REJECTED)]
    {
        let files = format!("{name}-files");
        distribution.push(file_set(&files, glob, DataFormat::Parquet));
        records.push(record_set(name, &files, schema, |_| ""));
    }
    let is_table = |path: &str| path.ends_with(".parquet") || path.ends_with(".jsonl");
    distribution.extend(manifest.files.iter().filter(|file| is_table(&file.path)).map(|file| {
        json!({
            "@type": "cr:FileObject",
            "@id": file.path,
            "contentUrl": file.path,
            "contentSize": format!("{} B", file.bytes),
            "encodingFormat": media_type(if file.path.ends_with(".jsonl") { format } else { DataFormat::Parquet }),
            "sha256": file.sha256,
        })
    }));
    let mut out = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset.name,
        "description": dataset.description.as_ref().or(dataset.title.as_ref()).unwrap_or(&dataset.name),
        "version": dataset.version,
        "license": dataset.license,
        "keywords": dataset.tags,
        "inLanguage": languages(plan, manifest),
        "distribution": distribution,
        "recordSet": records,
    });
    if let Some(homepage) = &dataset.homepage {
        out["url"] = homepage.as_str().into();
    }
    format!("{out:#}\n")
}

/// The languages of the dataset: those that the config names, else those that were found.
#[must_use]
pub fn languages(plan: &Plan, manifest: &Manifest) -> Vec<String> {
    let named = &plan.config.dataset.languages;
    let found = manifest.counts.languages.keys().filter(|code| !["", "und", "zxx"].contains(&code.as_str()));
    if named.is_empty() { found.cloned().collect() } else { named.clone() }
}

fn file_set(id: &str, includes: &str, format: DataFormat) -> Value {
    json!({ "@type": "cr:FileSet", "@id": id, "encodingFormat": media_type(format), "includes": includes })
}

fn media_type(format: DataFormat) -> &'static str {
    match format {
        DataFormat::Parquet => "application/x-parquet",
        DataFormat::Jsonl => "application/jsonlines",
    }
}

/// The fields of a table. What has parts has no counterpart among the simple types, and is left out.
fn record_set(name: &str, files: &str, schema: &SchemaRef, about: impl Fn(&str) -> &'static str) -> Value {
    let field = |field: &std::sync::Arc<Field>| {
        let (kind, repeated) = kind(field.data_type())?;
        let mut told = json!({
            "@type": "cr:Field",
            "@id": format!("{name}/{}", field.name()),
            "dataType": kind,
            "source": { "fileSet": { "@id": files }, "extract": { "column": field.name() } },
        });
        let about = about(field.name());
        if !about.is_empty() {
            told["description"] = about.into();
        }
        if repeated {
            told["repeated"] = true.into();
        }
        Some(told)
    };
    json!({ "@type": "cr:RecordSet", "@id": name, "field": schema.fields().iter().filter_map(field).collect::<Vec<_>>() })
}

/// The type in the vocabulary, and whether it is a list.
fn kind(kind: &DataType) -> Option<(&'static str, bool)> {
    Some(match kind {
        DataType::Utf8 => ("sc:Text", false),
        DataType::UInt32 | DataType::UInt64 => ("sc:Integer", false),
        DataType::Float32 | DataType::Float64 => ("sc:Float", false),
        DataType::Date32 => ("sc:Date", false),
        DataType::List(item) => (self::kind(item.data_type())?.0, true),
        _ => return None,
    })
}

/// The context that the specification prescribes.
fn context() -> Value {
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "examples": { "@id": "cr:examples", "@type": "@json" },
    });
    for term in TERMS {
        context[*term] = format!("cr:{term}").into();
    }
    context
}

/// Terms of the vocabulary under their own names.
const TERMS: &[&str] = &[
    "citeAs",
    "column",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
];
