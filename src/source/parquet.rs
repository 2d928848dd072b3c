//! Parquet: one row, one record, read by row groups, so that damage in one leaves the others.

use std::fs::File;

use arrow::array::{Array, RecordBatch};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use super::fields::{self, Draft, Fields};
use super::open::Fault;
use super::read::{Place, Reading};
use super::whole::{self, Loaded};
use super::{Cause, Column, Compression, Item, Slice, cell};

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
            let all = Slice { start: 0, end: u64::MAX, first_record: 0 };
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
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new()).map_err(footer_fault)?;
    let size = |number: i64| u64::try_from(number).unwrap_or(0);
    let groups = metadata.metadata().row_groups().iter();
    Ok(groups.map(|group| (size(group.num_rows()), size(group.compressed_size()))).collect())
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

fn malformed(what: impl std::fmt::Display) -> Fault {
    Fault { cause: Cause::MalformedParquet, detail: format!("the Parquet file {what}"), bytes: 0 }
}

fn footer_fault(error: ParquetError) -> Fault {
    malformed(format_args!("has no readable footer: {}", reason(&error)))
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
        Source::File(file) => ArrowReaderMetadata::load(file, ArrowReaderOptions::new()),
        Source::Memory(bytes) => ArrowReaderMetadata::load(bytes, ArrowReaderOptions::new()),
    };
    let metadata = match loaded {
        Ok(metadata) => metadata,
        Err(error) => return each(reading.refuse_file(footer_fault(error))),
    };
    let groups = metadata.metadata().row_groups();
    if groups.iter().all(|group| group.num_rows() == 0) {
        return each(reading.file_row(Cause::Empty, "the file has no rows".to_owned(), 0, 0));
    }
    let fields = Fields::new(reading.config);
    let names: Vec<&str> = metadata.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let is_text =
        |name: &&str| fields.get(name).is_some_and(|node| node.fills(Column::Text) || node.leads_to(Column::Text));
    if !names.iter().any(is_text) {
        let detail = format!("there is no column `{}`{}", fields.text, fields::hint(&names));
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
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let size = u64::try_from(group.total_byte_size()).unwrap_or(0).max(1);
        let batch = (BATCH_BYTES * rows / size).clamp(1, BATCH_ROWS) as usize;
        let (done, damage) = match source {
            Source::File(file) => match file.try_clone() {
                Ok(file) => read_group(reading, &fields, file, &metadata, (number, batch), record, each)?,
                Err(error) => (0, Some(error.to_string())),
            },
            Source::Memory(bytes) => {
                read_group(reading, &fields, bytes.clone(), &metadata, (number, batch), record, each)?
            }
        };
        if let Some(damage) = damage {
            let lost = rows.saturating_sub(done);
            let detail = format!("{lost} rows of row group {number} cannot be decoded: {damage}");
            let bytes = u64::try_from(group.compressed_size()).unwrap_or(0) * lost / rows.max(1);
            let place = Place {
                record: record + done,
                offset: group.file_offset().and_then(|at| at.try_into().ok()).unwrap_or(0),
            };
            each(reading.refuse(place, Cause::MalformedParquet, detail, bytes))?;
        }
        record += rows;
    }
    Ok(())
}

/// Reads one row group; gives back how many rows that were, and what kept it from reading more.
fn read_group<R: ChunkReader + 'static, E>(
    reading: &Reading<'_>,
    fields: &Fields,
    source: R,
    metadata: &ArrowReaderMetadata,
    (number, batch): (usize, usize),
    first: u64,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(u64, Option<String>), E> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, metadata.clone());
    let batches = match builder.with_row_groups(vec![number]).with_batch_size(batch).build() {
        Ok(batches) => batches,
        Err(error) => return Ok((0, Some(reason(&error)))),
    };
    let mut done = 0;
    for batch in batches {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return Ok((done, Some(error.to_string()))),
        };
        for row in 0..batch.num_rows() {
            each(read_row(reading, fields, &batch, row, first + done))?;
            done += 1;
        }
    }
    Ok((done, None))
}

fn read_row(reading: &Reading<'_>, fields: &Fields, batch: &RecordBatch, row: usize, record: u64) -> Item {
    let place = Place { record, offset: 0 };
    let mut draft = Draft::default();
    let mut bytes = 0;
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let value = cell::value(column.as_ref() as &dyn Array, row);
        bytes += value.bytes();
        draft.put(fields.get(field.name()), field.name(), value);
    }
    if bytes > reading.limit as u64 {
        return reading.too_large(place, "row", bytes);
    }
    match draft.finish(reading.position(record), &reading.file.name, &fields.text) {
        Ok(document) => Item::Document { document, bytes },
        Err((cause, detail)) => reading.refuse(place, cause, detail, bytes),
    }
}
