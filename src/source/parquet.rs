//! Parquet: one row, one record, read by row groups, so that damage in one leaves the others.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::FieldRef;
use bytes::Bytes;
use encoding_rs::Encoding;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader;

use super::fields::{Draft, Fields, Value};
use super::open::Fault;
use super::read::{Place, Reading};
use super::whole::{self, Loaded};
use super::{Cause, Column, Compression, Item, Slice, cell, likely};
use crate::text::encoding;

/// Reads the row groups of one slice; all of them if the file is packed as a whole.
pub(super) fn read<E>(
    reading: &Reading<'_>,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    if reading.file.bytes == 0 {
        return each(reading.empty_file(0));
    }
    if reading.file.compression == Compression::None {
        return match File::open(&reading.file.path) {
            Ok(file) => read_groups(reading, &Source::File(file), slice, each),
            Err(error) => each(reading.refuse_file(Fault::from_system(&error, "opened"))),
        };
    }
    let refusal = match whole::load(reading.file, MOST_UNPACKED) {
        Ok(Loaded::Whole(bytes, fault)) if fault.as_ref().is_none_or(|fault| fault.cause == Cause::TrailingBytes) => {
            let all = Slice { start: 0, end: u64::MAX, first_record: 0, next_record: None, digest: [0; 16] };
            read_groups(reading, &Source::Memory(Bytes::from(bytes)), &all, each)?;
            let Some(fault) = fault else { return Ok(()) };
            reading.refuse_file(fault)
        }
        Ok(Loaded::Whole(_, fault)) => reading.refuse_file(fault.unwrap_or_else(|| malformed("is cut"))),
        Ok(Loaded::TooLarge(bytes)) => {
            let detail = format!("unpacked, the file has {bytes} bytes: too many to hold in memory; unpack it first");
            reading.file_row(Cause::TooLarge, detail, 0, bytes)
        }
        Err(fault) => reading.refuse_file(fault),
    };
    each(refusal)
}

/// The rows and compressed bytes of each row group of a file.
///
/// # Errors
/// The footer cannot be read.
pub(super) fn row_groups(file: &File) -> Result<Vec<(u64, u64)>, Fault> {
    let metadata = load_footer(file)?;
    Ok(metadata.metadata().row_groups().iter().map(|group| (rows(group), compressed_bytes(group))).collect())
}

/// The columns of a file.
///
/// # Errors
/// The footer cannot be read.
pub(super) fn columns(file: &File) -> Result<Vec<FieldRef>, Fault> {
    Ok(load_footer(file)?.schema().fields().iter().cloned().collect())
}

/// A packed Parquet file is unpacked in memory up to this size: its footer is at its end.
const MOST_UNPACKED: usize = 1 << 30;

/// Rows are decoded in batches of about this many bytes, at most [`BATCH_ROWS`].
const BATCH_BYTES: u64 = 8 << 20;
const BATCH_ROWS: u64 = 1024;

/// Where the bytes of a Parquet file are.
enum Source {
    File(File),
    Memory(Bytes),
}

/// Runs what decodes foreign bytes. The library asserts what a damaged file does not keep to, and such a file must
/// neither end the build nor cost more than its own rows.
fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err("its metadata contradicts itself".to_owned()))
}

fn malformed(what: impl std::fmt::Display) -> Fault {
    Fault { cause: Cause::MalformedParquet, detail: format!("the Parquet file {what}"), bytes: 0 }
}

/// Reads the footer and checks that all column chunks lie within the file.
fn load_footer(source: &impl ChunkReader) -> Result<ArrowReaderMetadata, Fault> {
    let load = || ArrowReaderMetadata::load(source, ArrowReaderOptions::new()).map_err(|error| reason(&error));
    let metadata = guarded(load).map_err(|reason| malformed(format_args!("has no readable footer: {reason}")))?;
    let length = source.len();
    let lies_within = |chunk: &ColumnChunkMetaData| {
        let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset()));
        let bytes = u64::try_from(chunk.compressed_size());
        matches!((start, bytes), (Ok(start), Ok(bytes)) if start.checked_add(bytes).is_some_and(|end| end <= length))
    };
    let groups = metadata.metadata().row_groups();
    match groups.iter().all(|group| group.num_rows() >= 0 && group.columns().iter().all(lies_within)) {
        true => Ok(metadata),
        false => Err(malformed("has a footer that names places outside of the file")),
    }
}

fn rows(group: &RowGroupMetaData) -> u64 {
    u64::try_from(group.num_rows()).unwrap_or(0)
}

fn compressed_bytes(group: &RowGroupMetaData) -> u64 {
    let sizes = group.columns().iter().map(|chunk| u64::try_from(chunk.compressed_size()).unwrap_or(0));
    sizes.fold(0, u64::saturating_add)
}

/// The reason within a Parquet error, without the library's preamble.
fn reason(error: &ParquetError) -> String {
    match error {
        ParquetError::General(message) | ParquetError::EOF(message) | ParquetError::NYI(message) => message.clone(),
        other => other.to_string(),
    }
}

fn read_groups<E>(
    reading: &Reading<'_>,
    source: &Source,
    slice: &Slice,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let loaded = match source {
        Source::File(file) => load_footer(file),
        Source::Memory(bytes) => load_footer(bytes),
    };
    let metadata = match loaded {
        Ok(metadata) => metadata,
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let groups = metadata.metadata().row_groups();
    if groups.iter().all(|group| group.num_rows() == 0) {
        return each(reading.file_row(Cause::Empty, "the file has no rows".to_owned(), 0, 0));
    }
    let fields = Fields::new(reading.config);
    let names: Vec<&str> = metadata.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        let fault = malformed(format_args!("has two columns named `{twice}`"));
        // Each slice of the file would say the same.
        return if slice.start == 0 { each(reading.refuse_file(fault)) } else { Ok(()) };
    }
    let is_text =
        |name: &&str| fields.get(name).is_some_and(|node| node.fills(Column::Text) || node.leads_to(Column::Text));
    if !names.iter().any(is_text) {
        let detail = format!("there is no column `{}`{}", fields.text, likely::hint(&names));
        // Each slice of the file would say the same.
        return if slice.start == 0 {
            each(reading.refuse_file(Fault { cause: Cause::MissingText, detail, bytes: 0 }))
        } else {
            Ok(())
        };
    }
    let mut record = slice.first_record;
    for (number, group) in groups.iter().enumerate() {
        if !(slice.start..slice.end).contains(&(number as u64)) {
            continue;
        }
        let rows = rows(group);
        let size = u64::try_from(group.total_byte_size()).unwrap_or(0).max(1);
        let batch = (BATCH_BYTES.saturating_mul(rows) / size).clamp(1, BATCH_ROWS) as usize;
        let mut group_rows = GroupRows { reading, fields: &fields, first: record, rows, done: 0 };
        let damage = match source {
            Source::File(file) => match file.try_clone() {
                Ok(file) => group_rows.read(file, &metadata, number, batch, each)?,
                Err(error) => Some(error.to_string()),
            },
            Source::Memory(bytes) => group_rows.read(bytes.clone(), &metadata, number, batch, each)?,
        };
        if let Some(damage) = damage {
            let lost = rows.saturating_sub(group_rows.done);
            let what = if lost == 1 { "1 row".to_owned() } else { format!("{lost} rows") };
            let detail = format!("{what} of row group {number} cannot be decoded: {damage}");
            let offset =
                group.columns().first().map_or(0, |chunk| u64::try_from(chunk.data_page_offset()).unwrap_or(0));
            let place = Place::of(record.saturating_add(group_rows.done), offset);
            let bytes = compressed_bytes(group) / rows.max(1) * lost;
            each(reading.refuse(place, Cause::MalformedParquet, detail, bytes))?;
        }
        record = record.saturating_add(rows);
    }
    Ok(())
}

/// The rows of one row group.
struct GroupRows<'a> {
    reading: &'a Reading<'a>,
    fields: &'a Fields,
    /// Number of the group's first record.
    first: u64,
    /// How many rows the footer says there are.
    rows: u64,
    done: u64,
}

impl GroupRows<'_> {
    /// Reads the rows; gives back what kept it from reading all.
    fn read<R: ChunkReader + 'static, E>(
        &mut self,
        source: R,
        metadata: &ArrowReaderMetadata,
        number: usize,
        batch: usize,
        each: &mut dyn FnMut(Item) -> Result<(), E>,
    ) -> Result<Option<String>, E> {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, metadata.clone());
        let builder = builder.with_row_groups(vec![number]).with_batch_size(batch);
        let mut batches = match guarded(|| builder.build().map_err(|error| reason(&error))) {
            Ok(batches) => batches,
            Err(damage) => return Ok(Some(damage)),
        };
        while self.done < self.rows {
            let batch = match guarded(|| batches.next().transpose().map_err(|error| error.to_string())) {
                Ok(Some(batch)) => batch,
                Ok(None) => return Ok(Some("it has fewer rows than the footer says".to_owned())),
                Err(damage) => return Ok(Some(damage)),
            };
            let rows = Rows { reading: self.reading, fields: self.fields, batch: &batch, legacy: OnceCell::new() };
            for row in 0..batch.num_rows() {
                rows.read(row, self.first.saturating_add(self.done)).into_iter().flatten().try_for_each(&mut *each)?;
                self.done += 1;
            }
        }
        Ok(None)
    }
}

/// Rows that were decoded together.
struct Rows<'a> {
    reading: &'a Reading<'a>,
    fields: &'a Fields,
    batch: &'a RecordBatch,
    /// The encoding of those texts that are no UTF-8, once one of them was met.
    legacy: OnceCell<Option<&'static Encoding>>,
}

impl Rows<'_> {
    /// The document of a row, followed by a row of the ledger for replaced bytes if there were any; or why there is none.
    fn read(&self, row: usize, record: u64) -> [Option<Item>; 2] {
        let place = Place::of(record, 0);
        let mut draft = Draft::default();
        let (mut bytes, mut replaced) = (0, None);
        for (field, column) in self.batch.schema_ref().fields().iter().zip(self.batch.columns()) {
            let column: &dyn Array = column.as_ref();
            let node = self.fields.get(field.name());
            let value = match node.and_then(|_| cell::undecoded(column, row)) {
                None => cell::value(column, row),
                Some(raw) => {
                    let decoded = encoding::decode_among(raw, self.reading.label, || self.legacy());
                    draft.note_encoding(decoded.encoding);
                    replaced = replaced.or(decoded.bad.map(|bad| (bad, decoded.encoding)));
                    Value::Text(decoded.text)
                }
            };
            bytes += value.bytes();
            draft.put(node, field.name(), value);
        }
        if bytes > self.reading.limit as u64 {
            return [Some(self.reading.too_large(place, "row", bytes)), None];
        }
        match draft.finish(self.reading.position(record), self.reading, &self.fields.text) {
            Ok(document) => {
                let replaced = replaced.map(|(bad, encoding)| self.reading.replaced_bytes(place, bad, encoding));
                [Some(Item::Document { document, bytes }), replaced]
            }
            Err((cause, detail)) => [Some(self.reading.refuse(place, cause, detail, bytes)), None],
        }
    }

    /// The legacy encoding of these rows, judged by all texts that are neither UTF-8 nor damaged UTF-8: one short text
    /// tells little.
    fn legacy(&self) -> Option<&'static Encoding> {
        *self.legacy.get_or_init(|| {
            let columns = self.batch.schema_ref().fields().iter().zip(self.batch.columns());
            let texts = columns.filter(|(field, _)| self.fields.get(field.name()).is_some());
            let cells = texts.flat_map(|(_, column)| {
                (0..self.batch.num_rows()).filter_map(|row| cell::undecoded(column.as_ref() as &dyn Array, row))
            });
            let mut legacy = cells.filter(|bytes| !encoding::is_damaged_utf8(bytes)).peekable();
            legacy.peek()?;
            Some(encoding::detect(legacy))
        })
    }
}
