//! Encodes the rows of one row group, and says of which file an error is.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::error::RunError;
use crate::sink::table::{EncodedRowGroup, RowGroup, TableFile};

/// Encodes batches of a row group.
pub struct Encoder<'a> {
    group: RowGroup,
    path: &'a Path,
}

impl<'a> Encoder<'a> {
    /// Begins the next row group of `file`, which stands at `path`.
    ///
    /// # Errors
    /// If the schema cannot be written as Parquet, which is a defect.
    pub fn begin(file: &mut TableFile, path: &'a Path) -> Result<Self, RunError> {
        Ok(Self { group: file.row_group().map_err(RunError::parquet(path))?, path })
    }

    /// Where the file stands.
    #[must_use]
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Encodes some rows.
    ///
    /// # Errors
    /// If they do not fit the schema.
    pub fn write(&mut self, batch: Result<RecordBatch, ArrowError>) -> Result<(), RunError> {
        let batch = batch.map_err(|error| RunError::parquet(self.path)(error.into()))?;
        self.group.write(&batch).map_err(RunError::parquet(self.path))
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// If a column cannot be encoded.
    pub fn close(self) -> Result<EncodedRowGroup, RunError> {
        self.group.close().map_err(RunError::parquet(self.path))
    }
}
