//! A table of a dataset on its way into a file: Parquet, or JSON lines where the config wants the data files so.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::errors::ParquetError;

use super::parquet::{EncodedGroup, Group, ParquetFile};
use super::{DataFormat, OutputConfig, lines};
use crate::storage::Temporary;

/// A table that is being written.
pub enum TableFile {
    /// As Parquet.
    Parquet(Box<ParquetFile>),
    /// As JSON lines.
    Lines(Temporary),
}

/// A row group that is being encoded, in memory.
pub enum RowGroup {
    /// As Parquet.
    Parquet(Group),
    /// As JSON lines.
    Lines(Vec<u8>),
}

/// A row group that is ready to be appended.
pub enum EncodedRowGroup {
    /// As Parquet.
    Parquet(EncodedGroup),
    /// As JSON lines.
    Lines(Vec<u8>),
}

impl TableFile {
    /// Begins a table in `file`; `key_values` become the metadata of a Parquet file in the given order.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(
        file: Temporary,
        schema: &SchemaRef,
        format: DataFormat,
        output: &OutputConfig,
        key_values: &[(String, String)],
    ) -> Result<Self, ParquetError> {
        Ok(match format {
            DataFormat::Parquet => Self::Parquet(Box::new(ParquetFile::begin(file, schema, output, key_values)?)),
            DataFormat::Jsonl => Self::Lines(file),
        })
    }

    /// Begins the next row group. Row groups are appended in the order in which they were begun.
    ///
    /// # Errors
    /// If the schema cannot be written as Parquet, which is a defect.
    pub fn row_group(&mut self) -> Result<RowGroup, ParquetError> {
        Ok(match self {
            Self::Parquet(file) => RowGroup::Parquet(file.row_group()?),
            Self::Lines(_) => RowGroup::Lines(Vec::new()),
        })
    }

    /// Appends a row group that was begun for this table.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, encoded: EncodedRowGroup) -> Result<(), ParquetError> {
        match (self, encoded) {
            (Self::Parquet(file), EncodedRowGroup::Parquet(group)) => file.append(group),
            (Self::Lines(file), EncodedRowGroup::Lines(lines)) => Ok(file.write_all(&lines)?),
            _ => Err(ParquetError::General("a row group of another table".to_owned())),
        }
    }

    /// Writes what stands at the end; gives the file back, which is not synced yet.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<Temporary, ParquetError> {
        match self {
            Self::Parquet(file) => file.finish(),
            Self::Lines(file) => Ok(file),
        }
    }
}

impl RowGroup {
    /// Encodes some more rows.
    ///
    /// # Errors
    /// If the batch disagrees with the schema, which is a defect.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        match self {
            Self::Parquet(group) => group.write(batch),
            Self::Lines(out) => Ok(lines::write(batch, out)?),
        }
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// If a column cannot be encoded.
    pub fn close(self) -> Result<EncodedRowGroup, ParquetError> {
        Ok(match self {
            Self::Parquet(group) => EncodedRowGroup::Parquet(group.close()?),
            Self::Lines(lines) => EncodedRowGroup::Lines(lines),
        })
    }
}
