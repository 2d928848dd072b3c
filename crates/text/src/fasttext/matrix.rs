//! The two matrices of a model, as they are or quantised.
//!
//! A quantised row is cut into short pieces; each piece is a byte that names one of 256 stored pieces, and the row's length
//! may be a byte of its own likewise (Jégou et al., "Product quantization for nearest neighbor search", 2011).

use std::io::Read;

use super::FastTextError;
use super::read::Reader;

/// Rows of numbers.
pub enum Matrix {
    Dense { columns: usize, numbers: Vec<f32> },
    Quantised { codes: Vec<u8>, pieces: Pieces, lengths: Option<Lengths> },
}

/// The stored pieces of rows.
pub struct Pieces {
    columns: usize,
    /// Columns of a piece; the last piece of a row may have fewer.
    width: usize,
    /// Pieces of a row.
    count: usize,
    centroids: Vec<f32>,
}

/// The lengths of rows.
pub struct Lengths {
    codes: Vec<u8>,
    centroids: Vec<f32>,
}

/// A byte names one of so many.
const CENTROIDS: usize = 256;

impl Matrix {
    /// Reads a matrix of `columns` columns, and says how many rows it has.
    pub fn read(reader: &mut Reader<impl Read>, quantised: bool, columns: usize) -> Result<(Self, u64), FastTextError> {
        let has_lengths = quantised && reader.flag("the lengths of rows are quantised")?;
        let rows = reader.long_count("rows")?;
        let own = reader.long_count("columns")?;
        if own != columns as u64 {
            return Err(FastTextError::damaged(format!("a matrix has {own} columns where {columns} are due")));
        }
        if !quantised {
            let numbers = reader.floats(rows.saturating_mul(own))?;
            return Ok((Self::Dense { columns, numbers }, rows));
        }
        let size = reader.count("bytes of rows")?;
        let codes = reader.bytes(u64::from(size))?;
        let pieces = Pieces::read(reader, columns)?;
        if rows.saturating_mul(pieces.count as u64) != u64::from(size) {
            return Err(FastTextError::damaged(format!("{size} bytes cannot be {rows} rows of {}", pieces.count)));
        }
        let lengths = if has_lengths {
            let codes = reader.bytes(rows)?;
            Some(Lengths { codes, centroids: Pieces::read(reader, 1)?.centroids })
        } else {
            None
        };
        Ok((Self::Quantised { codes, pieces, lengths }, rows))
    }

    /// Adds a row to `sum`.
    #[inline]
    pub fn add_row(&self, row: usize, sum: &mut [f32]) {
        match self {
            Self::Dense { columns, numbers } => {
                let numbers = &numbers[row * columns..(row + 1) * columns];
                for (sum, number) in sum.iter_mut().zip(numbers) {
                    *sum += number;
                }
            }
            Self::Quantised { codes, pieces, lengths } => {
                let length = length(lengths.as_ref(), row);
                let codes = &codes[row * pieces.count..(row + 1) * pieces.count];
                for ((place, code), sum) in codes.iter().enumerate().zip(sum.chunks_mut(pieces.width)) {
                    for (sum, number) in sum.iter_mut().zip(pieces.piece(place, *code)) {
                        *sum += length * number;
                    }
                }
            }
        }
    }

    /// The scalar product of a row and `vector`.
    pub fn product(&self, row: usize, vector: &[f32]) -> f32 {
        match self {
            Self::Dense { columns, numbers } => product(&numbers[row * columns..(row + 1) * columns], vector),
            Self::Quantised { codes, pieces, lengths } => {
                let codes = &codes[row * pieces.count..(row + 1) * pieces.count];
                let parts = codes.iter().enumerate().zip(vector.chunks(pieces.width));
                let sum: f32 = parts.map(|((place, code), vector)| product(pieces.piece(place, *code), vector)).sum();
                sum * length(lengths.as_ref(), row)
            }
        }
    }
}

impl Pieces {
    fn read(reader: &mut Reader<impl Read>, columns: usize) -> Result<Self, FastTextError> {
        let own = reader.count("columns")? as usize;
        let count = reader.count("pieces of a row")? as usize;
        let width = reader.count("columns of a piece")? as usize;
        let last = reader.count("columns of the last piece")? as usize;
        let sound = own == columns
            && (1..=columns).contains(&width)
            && count == columns.div_ceil(width)
            && last == columns - (count - 1) * width;
        if !sound {
            return Err(FastTextError::damaged(format!(
                "rows of {columns} columns cannot be {count} pieces of {width}, the last of {last}"
            )));
        }
        let centroids = reader.floats((columns * CENTROIDS) as u64)?;
        Ok(Self { columns, width, count, centroids })
    }

    /// The stored piece `code` for a row's piece number `place`.
    #[inline]
    fn piece(&self, place: usize, code: u8) -> &[f32] {
        let width = self.width.min(self.columns - place * self.width);
        let start = place * CENTROIDS * self.width + usize::from(code) * width;
        &self.centroids[start..start + width]
    }
}

fn length(lengths: Option<&Lengths>, row: usize) -> f32 {
    lengths.map_or(1.0, |lengths| lengths.centroids[usize::from(lengths.codes[row])])
}

/// The scalar product, summed in a fixed order, eight columns at a time.
fn product(row: &[f32], vector: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let ((whole, rest), (vectors, others)) = (row.as_chunks::<8>(), vector.as_chunks::<8>());
    for (row, vector) in whole.iter().zip(vectors) {
        for ((sum, one), other) in sums.iter_mut().zip(row).zip(vector) {
            *sum += one * other;
        }
    }
    let rest: f32 = rest.iter().zip(others).map(|(one, other)| one * other).sum();
    sums.iter().sum::<f32>() + rest
}
