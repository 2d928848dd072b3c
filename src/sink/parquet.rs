//! One writer for every Parquet file of a dataset, with every setting pinned.

use std::fs::File;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::{DATA_VERSION, OutputConfig};

/// Rows are handed to the encoder in batches of at most this many bytes, so that memory stays bounded.
const BATCH_BYTES: u64 = 4 << 20;

/// And at most this many rows.
const BATCH_ROWS: usize = 1024;

/// Columns whose values hardly ever repeat: a dictionary would only cost time.
const UNIQUE: [&str; 5] = ["id", "text", "sha256", "metadata", "token_ids.list.element"];

/// Writes one Parquet file, cutting row groups by rows and by bytes of the values themselves, so that the cuts
/// depend on the data alone.
pub struct TableWriter<T> {
    writer: ArrowWriter<File>,
    to_batch: Box<dyn FnMut(&[T]) -> Result<RecordBatch, ParquetError>>,
    pending: Vec<T>,
    pending_bytes: u64,
    group_rows: u64,
    group_bytes: u64,
    limit_rows: u64,
    limit_bytes: u64,
}

impl<T> TableWriter<T> {
    /// Creates the file at `path`; `key_values` become its key-value metadata in the given order.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(
        path: &Path,
        schema: &SchemaRef,
        output: &OutputConfig,
        key_values: &[(String, String)],
        to_batch: impl FnMut(&[T]) -> Result<RecordBatch, ParquetError> + 'static,
    ) -> Result<Self, ParquetError> {
        let options = ArrowWriterOptions::new()
            .with_properties(properties(output, key_values)?)
            .with_schema_root("schema".to_owned())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(File::create(path)?, schema.clone(), options)?;
        Ok(Self {
            writer,
            to_batch: Box::new(to_batch),
            pending: Vec::new(),
            pending_bytes: 0,
            group_rows: 0,
            group_bytes: 0,
            limit_rows: u64::from(output.row_group_rows),
            limit_bytes: output.row_group_size.0,
        })
    }

    /// Appends a row (or a run of rows that belong together); `rows` and `bytes` are its share of the row group's limits.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn push(&mut self, item: T, rows: u64, bytes: u64) -> Result<(), ParquetError> {
        let full = self.group_rows + rows > self.limit_rows || self.group_bytes + bytes > self.limit_bytes;
        if full && self.group_rows > 0 {
            self.end_row_group()?;
        }
        self.pending.push(item);
        self.pending_bytes += bytes;
        self.group_rows += rows;
        self.group_bytes += bytes;
        if self.pending_bytes >= BATCH_BYTES || self.pending.len() >= BATCH_ROWS {
            self.write_pending()?;
        }
        Ok(())
    }

    /// Writes what is left and the footer, and makes sure it is on disk.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        self.write_pending()?;
        self.writer.finish()?;
        self.writer.inner().sync_all()?;
        Ok(())
    }

    fn write_pending(&mut self) -> Result<(), ParquetError> {
        if !self.pending.is_empty() {
            let batch = (self.to_batch)(&self.pending)?;
            self.pending.clear();
            self.pending_bytes = 0;
            self.writer.write(&batch)?;
        }
        Ok(())
    }

    fn end_row_group(&mut self) -> Result<(), ParquetError> {
        self.write_pending()?;
        self.group_rows = 0;
        self.group_bytes = 0;
        self.writer.flush()
    }
}

/// Every setting that reaches the bytes, spelled out: a default that moves with a release would change the output.
fn properties(output: &OutputConfig, key_values: &[(String, String)]) -> Result<WriterProperties, ParquetError> {
    let key_values = key_values.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(format!("tamis version {DATA_VERSION}"))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(i32::from(output.zstd_level))?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_offset_index_disabled(false)
        .set_dictionary_enabled(true)
        .set_dictionary_page_size_limit(1 << 20)
        .set_data_page_size_limit(1 << 20)
        .set_data_page_row_count_limit(20_000)
        .set_write_batch_size(1024)
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None)
        .set_key_value_metadata(Some(key_values));
    for column in UNIQUE {
        let path = ColumnPath::new(column.split('.').map(str::to_owned).collect());
        builder = builder.set_column_dictionary_enabled(path, false);
    }
    Ok(builder.build())
}
