//! What could not be read: the rows of `ledger/rejected`, from the source that refuses to the sink that writes them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Something in an input that could not be read as it stands. Ordered by source, record, offset and cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rejected {
    /// The file's path relative to the config's folder, as the dataset shows it.
    pub source: Arc<str>,
    /// The record, unless the file as a whole is meant.
    pub record: Option<u64>,
    /// Where it starts, in bytes of the unpacked file; for replaced bytes, where the first of them stands.
    pub offset: u64,
    /// What kind of damage it is.
    pub cause: Cause,
    /// One sentence a person understands.
    pub detail: String,
    /// How many bytes of the unpacked input are meant, as far as they could be read.
    pub bytes: u64,
    /// True: a record, or the rest of a file, is lost. False: the record was kept, but some of its bytes were replaced.
    pub refused: bool,
    /// The line in which it starts, from 1, where the file has lines.
    pub line: Option<u64>,
    /// The byte of that line at which it is wrong, from 1, where that is known.
    pub column: Option<u64>,
    /// Index of the `[[source]]` that the file is from.
    pub of: u32,
}

impl fmt::Display for Rejected {
    /// `path:line:column cause: detail`, or `path#record` where there are no lines.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.source)?;
        match (self.line, self.column, self.record) {
            (Some(line), Some(column), _) => write!(out, ":{line}:{column}")?,
            (Some(line), None, _) => write!(out, ":{line}")?,
            (None, _, Some(record)) => write!(out, "#{record}")?,
            (None, _, None) => {}
        }
        // The sentence may begin with the same place in words.
        let placed = self.detail.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
        let detail = placed.map_or(self.detail.as_str(), |(_, detail)| detail);
        write!(out, " {}: {detail}", self.cause.as_str())
    }
}

/// Why something in an input could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// No text: an empty file or field, or only white space.
    Empty,
    /// The system does not let the file be opened or read.
    Unreadable,
    /// A folder, a device, a link to nowhere.
    NotAFile,
    /// Neither the name nor the config says how to read it.
    UnknownFormat,
    /// Bytes that are no text: an archive, a picture, a program, noise.
    Binary,
    /// Bytes that are no text in the file's encoding.
    UndecodableBytes,
    /// Compressed data ends too early.
    Truncated,
    /// Compressed data is damaged.
    Corrupt,
    /// Something else follows the end of the compressed data.
    TrailingBytes,
    /// A line is not JSON.
    MalformedJson,
    /// A row does not fit the header, or a quote is never closed.
    MalformedCsv,
    /// A Parquet file, or one of its row groups, cannot be decoded.
    MalformedParquet,
    /// The record has no text field.
    MissingText,
    /// A field, or the record itself, is of another type than needed.
    WrongType,
    /// The record has more bytes than `max_record_size`.
    TooLarge,
}

impl Cause {
    /// Whether the input is damaged, rather than of another kind than it is taken for.
    #[must_use]
    pub const fn is_damage(self) -> bool {
        matches!(
            self,
            Self::UndecodableBytes
                | Self::Truncated
                | Self::Corrupt
                | Self::TrailingBytes
                | Self::MalformedJson
                | Self::MalformedCsv
                | Self::MalformedParquet
                | Self::TooLarge
        )
    }

    /// The name in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::NotAFile => "not_a_file",
            Self::UnknownFormat => "unknown_format",
            Self::Binary => "binary",
            Self::UndecodableBytes => "undecodable_bytes",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::TrailingBytes => "trailing_bytes",
            Self::MalformedJson => "malformed_json",
            Self::MalformedCsv => "malformed_csv",
            Self::MalformedParquet => "malformed_parquet",
            Self::MissingText => "missing_text",
            Self::WrongType => "wrong_type",
            Self::TooLarge => "too_large",
        }
    }
}
