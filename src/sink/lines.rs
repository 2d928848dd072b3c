//! Data files as JSON lines: an object a row, every column in each, null where nothing filled it.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use arrow::array::{RecordBatch, Scalar, StringArray, UInt64Array};
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::cmp::eq;
use arrow::error::ArrowError;
use arrow::json::writer::LineDelimited;
use arrow::json::{ReaderBuilder, WriterBuilder};

use super::dataset::Chosen;
use super::layout::{Layout, with_own_names};

/// Rows are read in batches of so many.
const BATCH_ROWS: usize = 1024;

/// Appends the rows of a batch.
///
/// # Errors
/// If a column has a type that JSON cannot say, which is a defect.
pub(super) fn write(batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(out);
    writer.write(batch)?;
    writer.finish()
}

/// Reads a file that has this layout: the named columns by their own names (all, if none is named), and only the rows
/// that are chosen.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn read(
    file: File,
    layout: &Layout,
    columns: &[&str],
    chosen: Option<Chosen<'_>>,
) -> Result<Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>, ArrowError> {
    let own = layout.own_names();
    let wanted: Vec<usize> =
        own.iter().enumerate().filter(|(_, name)| columns.contains(name)).map(|(at, _)| at).collect();
    let has_all = columns.is_empty() || chosen.is_some();
    let schema = if has_all { Arc::clone(&layout.schema) } else { Arc::new(layout.schema.project(&wanted)?) };
    let reader = ReaderBuilder::new(schema).with_batch_size(BATCH_ROWS).build(BufReader::new(file))?;
    let renamed = layout.renamed().clone();
    let chosen =
        chosen.map(|Chosen { column, text, record }| (column, StringArray::from(vec![text.to_owned()]), record));
    let projects = has_all && !columns.is_empty();
    Ok(Box::new(reader.map(move |batch| {
        let mut batch = with_own_names(&batch?, &renamed)?;
        if let Some((column, text, record)) = &chosen {
            if let Some(texts) = batch.column_by_name(column) {
                batch = filter_record_batch(&batch, &eq(texts, &Scalar::new(text.clone()))?)?;
            }
            if let (Some(record), Some(records)) = (record, batch.column_by_name("record")) {
                let record = Scalar::new(UInt64Array::from(vec![*record]));
                batch = filter_record_batch(&batch, &eq(records, &record)?)?;
            }
        }
        if projects { batch.project(&wanted) } else { Ok(batch) }
    })))
}
