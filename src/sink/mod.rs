//! Documents to Parquet, ledger and manifest. The only place where text leaves a document.

pub mod columns;
pub mod counts;
pub mod dataset;
pub mod diff;
pub mod entries;
pub mod filter;
pub mod gutted;
pub mod ledger;
pub mod manifest;
pub mod overlap;
pub mod parquet;
pub mod pick;
mod recount;
pub mod remains;
pub mod row;
pub mod verify;
pub mod written;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::size::ByteSize;

/// Version of the output's bytes: raised whenever the same config and inputs would give other bytes than before.
pub const DATA_VERSION: &str = "1.0.0";

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
