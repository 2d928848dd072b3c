//! Bytes to documents: finding the files of a source, cutting them into slices, reading their records.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::size::ByteSize;

/// One `[[source]]`: files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Files, folders (taken whole, with their subfolders) and globs (`*`, `?`, `[ab]`, `{a,b}`, `**`), relative to the
    /// config's folder. The order does not matter: files are read sorted by path.
    #[schemars(length(min = 1))]
    pub paths: Vec<String>,
    /// How to read the files. `auto` goes by the file name, a compression ending (.gz, .zst, .bz2, .xz) aside.
    #[serde(default)]
    pub format: Format,
    /// Which field of a record fills which column, as `column = "field"`, for jsonl, csv, tsv and parquet. A dot reaches
    /// into nested objects (`text = "article.body"`). Columns not named here are filled by the field of the same name.
    #[serde(default)]
    pub fields: BTreeMap<Column, String>,
    /// The files' encoding by its WHATWG label (`utf-8`, `windows-1251`, `shift_jis`). Unset: by byte order mark, else
    /// UTF-8 where that is valid, else by detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// A record with more bytes than this is refused and named in the ledger.
    #[serde(default = "max_record_size")]
    pub max_record_size: ByteSize,
}

/// How the files of a source are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// By the file name's ending.
    #[default]
    Auto,
    /// One file is one article.
    Text,
    /// One file is one article; front matter fills columns.
    Markdown,
    /// One line is one article.
    Jsonl,
    /// One row is one article; the first row names the fields; fields are parted by commas.
    Csv,
    /// As csv, parted by tabs.
    Tsv,
    /// One row is one article.
    Parquet,
}

/// A column of the dataset that a field of the input can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the column of the same name, documented with the output's columns")]
pub enum Column {
    Id,
    Text,
    Title,
    Author,
    Published,
    Updated,
    Url,
    Site,
    Section,
    Credit,
}

fn max_record_size() -> ByteSize {
    ByteSize(256 << 20)
}
