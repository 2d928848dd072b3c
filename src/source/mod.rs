//! Bytes to documents: finding the files of a source, cutting them into slices, reading their records.
//!
//! Three steps, each a function of its arguments and the files' bytes: [`discover()`] lists the inputs in the order of the
//! corpus, [`survey`] takes a file's digest and says where it may be cut, [`read()`] turns one slice into documents. What is
//! wrong with an input is never an error here: it becomes a [`Rejected`] row for the ledger, and reading goes on.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::document::{Cause, Rejected};

use crate::text::encoding;
use crate::text::share::Share;
use crate::text::size::ByteSize;

mod buffer;
mod cell;
mod charset;
mod csv;
mod discover;
mod fields;
mod first;
mod foreign;
mod json;
mod kind;
mod likely;
mod limit;
mod markdown;
mod name;
mod open;
mod parquet;
mod pattern;
mod probe;
mod raw;
mod read;
mod runs;
mod slice;
#[cfg(test)]
mod tests;
mod title;
mod whole;

pub use discover::{Compression, Discovery, FileKind, InputFile, Unmatched, discover};
pub use first::{First, Origin, first};
pub use limit::limit;
pub use probe::{Lacking, lacking};
pub use read::{Item, read};
pub use slice::{Slice, Survey, is_unchanged, survey};

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
    /// into nested objects (`text = "article.body"`). Columns not named here are filled by the field of the same name; where
    /// there is none, `published` by `date`, `updated` by `lastmod`, `author` by `authors`, and `site` by the host of `url`.
    #[serde(default)]
    pub fields: BTreeMap<Column, String>,
    /// The files' encoding by its WHATWG label (`utf-8`, `windows-1251`, `shift_jis`). Unset: by byte order mark, else
    /// UTF-8 where that is valid or only some bytes are none, else by detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// How csv and tsv write quotation marks. Unset (`auto`): csv after RFC 4180, or with backslashes where only that gives a row;
    /// in tsv, a field is quoted where its quotes close before a tab or a line end.
    #[serde(default, skip_serializing_if = "Quoting::is_auto")]
    pub quoting: Quoting,
    /// A record with more bytes than this is refused and named in the ledger. At most 512MiB.
    #[serde(default = "max_record_size")]
    pub max_record_size: ByteSize,
    /// Only so many records of this source are read, the first in the order of its files. `tamis build --limit N` sets it for all
    /// sources. Unset: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub limit: Option<u64>,
    /// Whether a title that is a field becomes the first block of its text, as `[output] title = "text"` asks; the plan sets it.
    #[serde(skip)]
    pub title_in_text: bool,
    /// A guard: the largest share, 0 to 1, of this source's bytes that all stages together may remove. When it is passed,
    /// the build stops with exit code 6. Unset: a warning above 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_removed: Option<Share>,
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
    /// One row is one article; the first row names the fields; fields are separated by commas.
    Csv,
    /// As csv, separated by tabs.
    Tsv,
    /// One row is one article.
    Parquet,
}

/// What a quotation mark means in csv and tsv.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// As the rows show.
    #[default]
    Auto,
    /// Fields may stand in quotes; two within them are one (RFC 4180).
    Doubled,
    /// Fields may stand in quotes; a backslash within them escapes the next character (Spark, MySQL).
    Backslash,
    /// A quotation mark is a character like any other; each line is a row.
    None,
}

impl Quoting {
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
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

impl Column {
    /// Its name in the config and in the dataset.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Text => "text",
            Self::Title => "title",
            Self::Author => "author",
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Url => "url",
            Self::Site => "site",
            Self::Section => "section",
            Self::Credit => "credit",
        }
    }
}

/// What is wrong with a `[[source]]` of the config, or with a folder it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// Index of the `[[source]]` in the config.
    pub index: u32,
    /// The field at fault as written in the table, with its index where it is a list: `encoding`, `paths[1]`.
    pub field: String,
    /// Whether the config or the file system is to blame.
    pub kind: SourceErrorKind,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a [`SourceError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceErrorKind {
    /// The config says something that cannot be meant.
    Config,
    /// A folder that exists cannot be listed.
    Folder,
}

impl SourceConfig {
    /// Checks what types cannot: that there are paths, that globs are well formed, that the encoding exists. `index` is
    /// the place of this source in the config. Touches no files.
    #[must_use]
    pub fn check(&self, index: u32) -> Vec<SourceError> {
        let mut errors = Vec::new();
        let mut complain = |field: String, (message, hint): (String, &str)| {
            let kind = SourceErrorKind::Config;
            errors.push(SourceError { index, field, kind, message, hint: Some(hint.to_owned()) });
        };
        if self.paths.is_empty() {
            complain("paths".to_owned(), ("no paths are given".to_owned(), "write `paths = [\"articles/*.jsonl\"]`"));
        }
        for (number, path) in self.paths.iter().enumerate() {
            if let Err(wrong) = discover::check_path(path) {
                complain(format!("paths[{number}]"), wrong);
            }
        }
        if let Some(label) = &self.encoding
            && let Err(wrong) = check_encoding(label)
        {
            complain("encoding".to_owned(), (wrong, ENCODING_HINT));
        }
        if self.max_record_size.0 == 0 {
            let message = "no record fits into 0 bytes".to_owned();
            complain("max_record_size".to_owned(), (message, "leave it out for the default of 256MiB"));
        }
        if self.max_record_size > LARGEST_RECORD {
            let message = format!("a record has {LARGEST_RECORD} at most");
            complain("max_record_size".to_owned(), (message, "cut such records into parts, or leave them out"));
        }
        errors
    }
}

/// Checks an encoding's label.
///
/// # Errors
/// A lower-case message for a label that names no encoding of the WHATWG standard.
pub fn check_encoding(label: &str) -> Result<(), String> {
    match encoding::by_label(label) {
        Some(_) => Ok(()),
        None => Err(format!("`{label}` is no encoding")),
    }
}

const ENCODING_HINT: &str = "write a WHATWG label such as utf-8, utf-16le, windows-1252, windows-1251, koi8-r, shift_jis, \
                             euc-kr, gbk or big5, or leave `encoding` out to have it detected";

/// Decoded and repaired, a record of so many bytes still has less than the 2 GiB that a document, and a value of a Parquet column,
/// can hold.
const LARGEST_RECORD: ByteSize = ByteSize(512 << 20);

fn max_record_size() -> ByteSize {
    ByteSize(256 << 20)
}
