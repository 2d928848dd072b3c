//! Documents to Parquet, ledger and manifest. The only place where text leaves a document.

pub mod columns;
pub mod counts;
pub mod dataset;
pub mod diff;
pub mod entries;
pub mod filter;
pub mod gutted;
pub mod layout;
pub mod ledger;
mod lines;
pub mod manifest;
pub mod meanings;
pub mod overlap;
pub mod parquet;
pub mod pick;
mod recount;
pub mod remains;
pub mod row;
pub mod table;
pub mod verify;
pub mod written;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::size::ByteSize;

/// Version of the output's bytes: raised whenever the same config and inputs would give other bytes than before.
pub const DATA_VERSION: &str = "1.1.0";

/// The `[output]` table: where the dataset goes and how its files are cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputConfig {
    /// The dataset's folder, relative to the config's folder. It appears whole or not at all.
    pub dir: String,
    /// Cuts each split into shards of about this many bytes of text.
    #[serde(default = "shard_size")]
    pub shard_size: ByteSize,
    /// A row group has at most this many rows.
    #[serde(default = "row_group_rows")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub row_group_rows: u32,
    /// A row group has at most about this many bytes of text and token ids, before compression.
    #[serde(default = "row_group_size")]
    pub row_group_size: ByteSize,
    /// Zstandard level of the Parquet files.
    #[serde(default = "zstd_level")]
    #[schemars(range(min = 1, max = 22))]
    pub zstd_level: u8,
    /// How much of what was removed the ledger keeps.
    #[serde(default)]
    pub ledger: LedgerDetail,
    /// Where titles stand, so that pages and records of fields give documents of one shape. Unset: a title stays where the input has
    /// it, and one that was found in the text stands in the column too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<TitlePlace>,
    /// The columns of the data files, by name and in any order; `id` must be among them. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Other names for columns of the data files, as `column = "name"`: `rename = { text = "content" }`. The ledger keeps its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// How the data files are written. The ledger is Parquet always.
    #[serde(default, skip_serializing_if = "DataFormat::is_parquet")]
    pub format: DataFormat,
}

/// Where titles stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TitlePlace {
    /// In their column alone: the line of the text that says the same is removed. Needs the stage that takes titles from texts.
    Column,
    /// In the text too: a title of a field becomes the first block of its text, unless the text begins with it.
    Text,
}

/// How the data files are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataFormat {
    /// Parquet.
    #[default]
    Parquet,
    /// A JSON object a line, every column in each.
    Jsonl,
}

impl DataFormat {
    /// The ending of the files' names.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Jsonl => "jsonl",
        }
    }

    fn is_parquet(&self) -> bool {
        *self == Self::Parquet
    }
}

/// How much of what was removed the ledger keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerDetail {
    /// A row a removal or edit, with its text.
    #[default]
    Full,
    /// A row a removal or edit, with the SHA-256 of its text (hexadecimal) in place of the text.
    Hashes,
    /// No rows: only the counts by stage and rule in the manifest.
    Counts,
}

fn shard_size() -> ByteSize {
    ByteSize(256 << 20)
}

fn row_group_rows() -> u32 {
    16_384
}

fn row_group_size() -> ByteSize {
    ByteSize(32 << 20)
}

fn zstd_level() -> u8 {
    3
}
