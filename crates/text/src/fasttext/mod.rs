//! fastText classifiers: reads the files that fastText saves (`.bin`, `.ftz`) and gives the probabilities that it gives.
//!
//! Labels are those of fastText and scores equal within 0.0001. Sums are taken in 32-bit floats in a fixed order and the
//! exponential function is the `libm` crate's, so a text has the same score wherever it is computed. Knows nothing of what the
//! labels mean.

mod dictionary;
mod error;
mod loss;
mod matrix;
mod read;

use std::io::Read;

use dictionary::{Dictionary, Features};
pub use error::FastTextError;
use loss::Loss;
use matrix::Matrix;
use read::Reader;

/// A classifier.
pub struct Model {
    dictionary: Dictionary,
    columns: usize,
    input: Matrix,
    output: Matrix,
    loss: Loss,
}

/// What every fastText file begins with.
const MAGIC: i32 = 793_712_314;
/// Longer runs of letters or words than this are a sign of damage.
const LONGEST_RUN: u32 = 1000;

impl Model {
    /// Reads a model from a file of `length` bytes. Takes about as much memory as the file is long.
    ///
    /// # Errors
    /// If `source` cannot be read or is not, from its first to its last byte, a supervised fastText model of version 11 or 12.
    pub fn read(source: impl Read, length: u64) -> Result<Self, FastTextError> {
        let mut reader = Reader::new(source, length);
        let Header { columns, features, loss } = Header::read(&mut reader)?;
        let dictionary = Dictionary::read(&mut reader, features)?;
        reader.enter("input matrix");
        let is_quantised = reader.flag("it is quantised")?;
        if dictionary.is_pruned() && !is_quantised {
            return Err(FastTextError::damaged("features are left out of it, but it is not quantised"));
        }
        let (input, rows) = Matrix::read(&mut reader, is_quantised, columns)?;
        if rows < dictionary.rows {
            return Err(FastTextError::damaged(format!("{rows} rows are too few for its features")));
        }
        reader.enter("output matrix");
        let is_output_quantised = reader.flag("its output is quantised")? && is_quantised;
        let (output, rows) = Matrix::read(&mut reader, is_output_quantised, columns)?;
        if rows != dictionary.labels.len() as u64 {
            return Err(FastTextError::damaged(format!("{rows} rows stand for {} labels", dictionary.labels.len())));
        }
        reader.end()?;
        let loss = match loss {
            1 => Loss::tree(&dictionary.counts)?,
            3 => Loss::Softmax,
            _ => Loss::Independent,
        };
        Ok(Self { dictionary, columns, input, output, loss })
    }

    /// The labels, as the model has them (`__label__fr`).
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.dictionary.labels
    }

    /// The probability of each label for one line of text, given in parts; white space stands between two parts. None if
    /// the model knows nothing of what is in it.
    #[must_use]
    pub fn probabilities<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Option<Vec<f32>> {
        let mut hidden = vec![0.0f32; self.columns];
        let mut count = 0u32;
        self.dictionary.each_row(parts, |row| {
            self.input.add_row(row, &mut hidden);
            count += 1;
        });
        let share = (1.0 / f64::from(count)) as f32;
        hidden.iter_mut().for_each(|value| *value *= share);
        (count > 0).then(|| self.loss.probabilities(&self.output, self.labels().len(), &hidden))
    }

    /// The most probable label, by its number, and its probability.
    #[must_use]
    pub fn best<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Option<(usize, f32)> {
        let all = self.probabilities(parts)?;
        all.into_iter().enumerate().reduce(|best, other| if other.1 > best.1 { other } else { best })
    }
}

/// What stands before the dictionary.
struct Header {
    columns: usize,
    features: Features,
    loss: i32,
}

impl Header {
    fn read(reader: &mut Reader<impl Read>) -> Result<Self, FastTextError> {
        let start = reader.array::<4>()?;
        if i32::from_le_bytes(start) != MAGIC {
            return Err(FastTextError::Foreign { looks_like: looks_like(start) });
        }
        let version = reader.int()?;
        if !(11..=12).contains(&version) {
            return Err(FastTextError::Version { version });
        }
        let columns = reader.count("columns")? as usize;
        let [_window, _epochs, _least, _negatives] = [reader.int()?, reader.int()?, reader.int()?, reader.int()?];
        let words = reader.count("words in a run")?;
        let loss = reader.int()?;
        match reader.int()? {
            3 => {}
            1 => return Err(FastTextError::Unsupervised { kind: "cbow" }),
            2 => return Err(FastTextError::Unsupervised { kind: "skipgram" }),
            kind => return Err(FastTextError::damaged(format!("it is of no known kind ({kind})"))),
        }
        if !(1..=4).contains(&loss) {
            return Err(FastTextError::damaged(format!("its loss is none that is known ({loss})")));
        }
        let buckets = reader.count("buckets")?;
        let [min_letters, max_letters] = [reader.int()?, reader.int()?];
        let [_rate, _threshold] = [i64::from(reader.int()?), reader.long()?];
        // Classifiers of version 11 have no runs of letters, whatever they say.
        let max_letters = if version == 11 { 0 } else { max_letters.max(0) as u32 };
        if columns == 0 || words > LONGEST_RUN || max_letters > LONGEST_RUN {
            return Err(FastTextError::damaged(format!(
                "{columns} columns, runs of {words} words and of {max_letters} letters cannot be"
            )));
        }
        let features = Features {
            words: words as usize,
            min_letters: min_letters.max(0) as usize,
            max_letters: max_letters as usize,
            buckets,
        };
        Ok(Self { columns, features, loss })
    }
}

/// What a file may be that begins with these bytes.
fn looks_like(start: [u8; 4]) -> &'static str {
    match start {
        [0x1f, 0x8b, ..] => "it is compressed with gzip",
        [b'P', b'K', ..] => "it is a zip archive",
        [0x28, 0xb5, 0x2f, 0xfd] => "it is compressed with zstd",
        [b'B', b'Z', b'h', _] => "it is compressed with bzip2",
        [b'v', b'e', b'r', b's'] => "it is the pointer of a large file that was not fetched (Git LFS)",
        _ if start.iter().all(|byte| byte.is_ascii_digit() || *byte == b' ') => "it looks like vectors as text (.vec)",
        _ if start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => "it is text",
        _ => "it does not begin as one",
    }
}

#[cfg(test)]
mod tests;
