//! One way to write every Parquet file of a dataset, with every setting pinned. Row groups are encoded apart from the file,
//! so that several can be encoded at once and are then appended in order.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::{DATA_VERSION, OutputConfig};
use crate::storage::Temporary;

/// Columns whose values hardly ever repeat: a dictionary would only cost time.
const UNIQUE: [&str; 5] = ["id", "text", "sha256", "metadata", "token_ids.list.element"];

/// A Parquet file that is being written.
pub struct ParquetFile {
    writer: SerializedFileWriter<Temporary>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    row_groups: usize,
}

/// A row group that is being encoded, in memory.
pub struct Group {
    columns: Vec<ArrowColumnWriter>,
    schema: SchemaRef,
}

/// A row group that is ready to be appended.
pub struct EncodedGroup(Vec<ArrowColumnChunk>);

/// How large a row group may get: it is cut by rows and by bytes of the values themselves, so that the cuts depend on the
/// data alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowGroupLimits {
    rows: u64,
    bytes: u64,
    group_rows: u64,
    group_bytes: u64,
}

impl ParquetFile {
    /// Begins a table in `file`; `key_values` become its key-value metadata in the given order.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(
        file: Temporary,
        schema: &SchemaRef,
        output: &OutputConfig,
        key_values: &[(String, String)],
    ) -> Result<Self, ParquetError> {
        let options = ArrowWriterOptions::new()
            .with_properties(properties(output, key_values)?)
            .with_schema_root("schema".to_owned())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options)?;
        let (writer, factory) = writer.into_serialized_writer()?;
        Ok(Self { writer, factory, schema: schema.clone(), row_groups: 0 })
    }

    /// Begins the next row group. Row groups are appended in the order in which they were begun.
    ///
    /// # Errors
    /// If the schema cannot be written as Parquet, which is a defect.
    pub fn row_group(&mut self) -> Result<Group, ParquetError> {
        let columns = self.factory.create_column_writers(self.row_groups)?;
        self.row_groups += 1;
        Ok(Group { columns, schema: self.schema.clone() })
    }

    /// Appends a row group.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, encoded: EncodedGroup) -> Result<(), ParquetError> {
        let mut writer = self.writer.next_row_group()?;
        for column in encoded.0 {
            column.append_to_row_group(&mut writer)?;
        }
        writer.close()?;
        Ok(())
    }

    /// Writes the footer; gives the file back, which is not synced yet.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<Temporary, ParquetError> {
        self.writer.into_inner()
    }
}

impl Group {
    /// Encodes some more rows.
    ///
    /// # Errors
    /// If the batch disagrees with the schema, which is a defect.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let mut columns = self.columns.iter_mut();
        for (field, values) in self.schema.fields().iter().zip(batch.columns()) {
            for (leaf, column) in compute_leaves(field, values)?.iter().zip(&mut columns) {
                column.write(leaf)?;
            }
        }
        Ok(())
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// If a column cannot be encoded.
    pub fn close(self) -> Result<EncodedGroup, ParquetError> {
        self.columns.into_iter().map(ArrowColumnWriter::close).collect::<Result<_, _>>().map(EncodedGroup)
    }
}

impl RowGroupLimits {
    /// The limits that the config sets.
    #[must_use]
    pub fn new(output: &OutputConfig) -> Self {
        let rows = u64::from(output.row_group_rows);
        Self { rows, bytes: output.row_group_size.0, group_rows: 0, group_bytes: 0 }
    }

    /// Takes the next item with its `rows` and `bytes`; true if it begins a new row group.
    pub fn begins_group(&mut self, rows: u64, bytes: u64) -> bool {
        let full = self.group_rows + rows > self.rows || self.group_bytes + bytes > self.bytes;
        let begins = self.group_rows == 0 || full;
        if begins {
            (self.group_rows, self.group_bytes) = (0, 0);
        }
        self.group_rows += rows;
        self.group_bytes += bytes;
        begins
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
    let renamed = output.rename.iter().flat_map(|(own, name)| {
        let unique = UNIQUE.iter().filter(move |column| column.split('.').next() == Some(own));
        unique.map(move |column| column.replacen(own.as_str(), name, 1))
    });
    for column in UNIQUE.map(str::to_owned).into_iter().chain(renamed) {
        let path = ColumnPath::new(column.split('.').map(str::to_owned).collect());
        builder = builder.set_column_dictionary_enabled(path, false);
    }
    Ok(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_are_cut_by_rows_and_by_bytes() {
        let mut limits = RowGroupLimits { rows: 3, bytes: 100, group_rows: 0, group_bytes: 0 };
        let items = [(1, 10), (1, 10), (1, 10), (1, 10), (1, 95), (5, 1), (1, 300), (1, 1)];
        let begins: Vec<bool> = items.iter().map(|(rows, bytes)| limits.begins_group(*rows, *bytes)).collect();
        assert_eq!(begins, [true, false, false, true, true, true, true, true]);
    }
}
