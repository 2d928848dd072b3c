//! One slice of a file to documents, and the rows of the ledger for what could not be read.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::buffer::Buffer;
use super::open::Fault;
use super::{FileKind, InputFile, Slice, SourceConfig, csv, json, markdown, parquet, whole};
use crate::document::{Cause, Document, Position, Rejected};
use crate::text::encoding::{self, Damage};

/// What reading yields, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "nearly all items are documents, and none is kept")]
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

impl Item {
    /// Bytes of the unpacked input that it stands for.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Document { bytes, .. } => *bytes,
            Self::Rejected(rejected) => rejected.bytes,
        }
    }

    /// The record that it is of, unless it is of a file as a whole.
    #[must_use]
    pub fn record(&self) -> Option<u64> {
        match self {
            Self::Document { document, .. } => Some(document.position().record),
            Self::Rejected(rejected) => rejected.record,
        }
    }
}

/// Reads one slice of `file`, which is no run, and hands each item to `each`, in the order of the file, up to the last record that
/// the file's limit allows.
///
/// # Errors
/// Only those of `each`: whatever is wrong with the input becomes an [`Item::Rejected`].
pub fn read<E>(
    config: &SourceConfig,
    file: &InputFile,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let Some(records) = file.records else { return read_all(config, file, slice, each) };
    let mut within = |item: Item| match item.record() {
        Some(record) if record >= records => Err(None),
        _ => each(item).map_err(Some),
    };
    match read_all(config, file, slice, &mut within) {
        Err(Some(error)) => Err(error),
        Err(None) | Ok(()) => Ok(()),
    }
}

fn read_all<E>(
    config: &SourceConfig,
    file: &InputFile,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let reading = Reading::new(config, file);
    match file.kind {
        FileKind::Text => whole::read(&reading, whole::plain, each),
        FileKind::Markdown => whole::read(&reading, markdown::front_matter, each),
        FileKind::Jsonl => json::read(&reading, slice, each),
        FileKind::Csv => csv::read(&reading, slice, b',', each),
        FileKind::Tsv => csv::read(&reading, slice, b'\t', each),
        FileKind::Parquet => parquet::read(&reading, slice, each),
    }
}

/// What is the same for all records of a file.
pub(super) struct Reading<'a> {
    pub config: &'a SourceConfig,
    pub file: &'a InputFile,
    pub file_key: u64,
    /// The encoding that the config names.
    pub label: Option<&'static Encoding>,
    /// Bytes of the largest record allowed.
    pub limit: usize,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub record: u64,
    /// In bytes of the unpacked file.
    pub offset: u64,
    /// From 1, where the file has lines.
    pub line: Option<u64>,
}

impl Place {
    /// That of a record in a file without lines.
    pub(super) fn of(record: u64, offset: u64) -> Self {
        Self { record, offset, line: None }
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(config: &'a SourceConfig, file: &'a InputFile) -> Self {
        let label = config.encoding.as_deref().and_then(encoding::by_label);
        let limit = usize::try_from(config.max_record_size.0).unwrap_or(usize::MAX);
        Self { config, file, file_key: file.key(), label, limit }
    }
}

impl Reading<'_> {
    /// The position of a document.
    pub(super) fn position(&self, record: u64) -> Position {
        Position { file: self.file_key, record, block: 0 }
    }

    /// A row for a record that is lost.
    pub(super) fn refuse(&self, place: Place, cause: Cause, detail: String, bytes: u64) -> Item {
        self.refuse_at(place, None, cause, detail, bytes)
    }

    /// As [`Reading::refuse`], where it is known at which byte of its line the record is wrong.
    pub(super) fn refuse_at(
        &self,
        place: Place,
        column: Option<u64>,
        cause: Cause,
        detail: String,
        bytes: u64,
    ) -> Item {
        Item::Rejected(Rejected {
            source: Arc::clone(&self.file.name),
            record: Some(place.record),
            offset: place.offset,
            cause,
            detail,
            bytes,
            refused: true,
            line: place.line,
            column,
            of: self.file.source,
        })
    }

    /// A row for a file of which nothing can be read.
    pub(super) fn refuse_file(&self, fault: Fault) -> Item {
        let bytes = if fault.bytes > 0 { fault.bytes } else { self.file.bytes };
        self.file_row(fault.cause, fault.detail, 0, bytes)
    }

    /// A row for a record of more bytes than allowed.
    pub(super) fn too_large(&self, place: Place, what: &str, bytes: u64) -> Item {
        let limit = self.config.max_record_size;
        let detail = format!("the {what} has {bytes} bytes, more than `max_record_size = \"{limit}\"` allows");
        self.refuse(place, Cause::TooLarge, detail, bytes)
    }

    /// A row for a file without any text.
    pub(super) fn empty_file(&self, bytes: u64) -> Item {
        let what = if bytes == 0 { "is empty" } else { "holds only white space" };
        self.file_row(Cause::Empty, format!("the file {what}"), 0, bytes)
    }

    /// A row for what follows the last record that could be read, if the file did not end there.
    pub(super) fn rest(&self, buffer: &Buffer, place: Place) -> Option<Item> {
        let fault = buffer.fault()?;
        let bytes = buffer.span(buffer.window().len()) + fault.bytes;
        if !buffer.is_cut() {
            return Some(self.file_row(fault.cause, fault.detail.clone(), place.offset, bytes));
        }
        let kept = match place.record {
            0 => "nothing before the damage is a whole record".to_owned(),
            1 => "the record before it is kept".to_owned(),
            count => format!("the {count} records before it are kept"),
        };
        let detail = format!("{}; {kept}", fault.detail);
        Some(self.refuse(place, fault.cause, detail, bytes))
    }

    /// A row for a record that was kept although some bytes of it are no text, or text of another encoding.
    pub(super) fn replaced_bytes(&self, place: Place, bad: Damage, encoding: &str) -> Item {
        let bytes = |count: usize| match count {
            1 => format!("1 byte that is no {encoding}"),
            _ => format!("{count} bytes that are no {encoding}"),
        };
        let detail = match (bad.replaced, bad.reread) {
            (count, 0) => format!("{} became U+FFFD", bytes(count)),
            (0, 1) => format!("{} was read as another encoding", bytes(1)),
            (0, count) => format!("{} were read as another encoding", bytes(count)),
            (lost, count) => {
                format!("{}: {lost} became U+FFFD, {count} were read as another encoding", bytes(lost + count))
            }
        };
        self.replaced(place, bad.first, bad.replaced + bad.reread, detail)
    }

    /// A row for a record that was kept although some of its escapes stand for no character.
    pub(super) fn lone_surrogates(&self, place: Place, mended: (usize, usize)) -> Item {
        let (first, count) = mended;
        let escapes = if count == 1 {
            "1 escape of a lone surrogate".to_owned()
        } else {
            format!("{count} escapes of lone surrogates")
        };
        self.replaced(place, first, count, format!("{escapes} became U+FFFD"))
    }

    /// A row about a file as a whole.
    pub(super) fn file_row(&self, cause: Cause, detail: String, offset: u64, bytes: u64) -> Item {
        let source = Arc::clone(&self.file.name);
        let of = self.file.source;
        let (record, line, column) = (None, None, None);
        Item::Rejected(Rejected { source, record, offset, cause, detail, bytes, refused: true, line, column, of })
    }

    fn replaced(&self, place: Place, first: usize, count: usize, detail: String) -> Item {
        Item::Rejected(Rejected {
            source: Arc::clone(&self.file.name),
            record: Some(place.record),
            offset: place.offset + first as u64,
            cause: Cause::UndecodableBytes,
            detail,
            bytes: count as u64,
            refused: false,
            line: place.line,
            column: None,
            of: self.file.source,
        })
    }
}
