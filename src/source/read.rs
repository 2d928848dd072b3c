//! One slice of a file to documents, and the rows of the ledger for what could not be read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{InputFile, Slice, SourceConfig};
use crate::document::Document;

/// What reading yields, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A record that became a document.
    Document {
        /// The document, nothing decided yet.
        document: Document,
        /// Bytes of the record in the unpacked input, without its line end.
        bytes: u64,
    },
    /// A record, or the rest of a file, that did not; or bytes of a document that had to be replaced.
    Rejected(Rejected),
}

/// Something in an input that could not be read as it stands. Ordered by source, record, offset and cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rejected {
    /// The file's name ([`InputFile::name`]).
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
    /// Neither the name nor the config says how to read it, or its bytes are of another kind than its name says.
    UnknownFormat,
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
    /// The name in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::NotAFile => "not_a_file",
            Self::UnknownFormat => "unknown_format",
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

/// Reads one slice of `file` and hands each item to `each`, in the order of the file.
///
/// `file_index` is the file's place in the build's sorted list of inputs.
///
/// # Errors
/// Only those of `each`: whatever is wrong with the input becomes an [`Item::Rejected`].
pub fn read<E>(
    config: &SourceConfig,
    file: &InputFile,
    file_index: u32,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let _ = (config, file, file_index, slice, each);
    Ok(())
}
