//! Reads the numbers of a model file, never more than the file can hold.
//!
//! A count in a damaged file may be anything, so memory is only taken for what the rest of the file has room for.

use std::io::Read;

use super::FastTextError;

/// A file of known length, read from its beginning.
pub struct Reader<R> {
    source: R,
    length: u64,
    left: u64,
    /// What is being read, for the error.
    part: &'static str,
}

impl<R: Read> Reader<R> {
    pub fn new(source: R, length: u64) -> Self {
        Self { source, length, left: length, part: "header" }
    }

    /// Says what comes next.
    pub fn enter(&mut self, part: &'static str) {
        self.part = part;
    }

    /// The next `count` items of `size` bytes, which must all be there. Returns how many bytes they have.
    pub fn claim(&mut self, count: u64, size: u64) -> Result<usize, FastTextError> {
        let bytes = count.checked_mul(size).filter(|bytes| *bytes <= self.left);
        let bytes = bytes.ok_or(FastTextError::Cut { bytes: self.length, part: self.part })?;
        usize::try_from(bytes).map_err(|_| FastTextError::damaged("it is larger than this machine's memory can be"))
    }

    pub fn array<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], FastTextError> {
        let mut bytes = [0; SIZE];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub fn byte(&mut self) -> Result<u8, FastTextError> {
        Ok(self.array::<1>()?[0])
    }

    pub fn int(&mut self) -> Result<i32, FastTextError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub fn long(&mut self) -> Result<i64, FastTextError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A number that cannot be negative; `name` says what it counts.
    pub fn count(&mut self, name: &str) -> Result<u32, FastTextError> {
        let number = self.int()?;
        u32::try_from(number).map_err(|_| FastTextError::damaged(format!("it has {number} {name}")))
    }

    /// As [`Self::count`], of 64 bits.
    pub fn long_count(&mut self, name: &str) -> Result<u64, FastTextError> {
        let number = self.long()?;
        u64::try_from(number).map_err(|_| FastTextError::damaged(format!("it has {number} {name}")))
    }

    /// One byte that is 0 or 1.
    pub fn flag(&mut self, name: &str) -> Result<bool, FastTextError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(FastTextError::damaged(format!("{other} does not say whether {name}"))),
        }
    }

    pub fn bytes(&mut self, count: u64) -> Result<Vec<u8>, FastTextError> {
        let mut bytes = vec![0; self.claim(count, 1)?];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub fn floats(&mut self, count: u64) -> Result<Vec<f32>, FastTextError> {
        let bytes = self.claim(count, 4)?;
        let mut floats = Vec::with_capacity(bytes / 4);
        let mut buffer = vec![0; bytes.min(1 << 16)];
        let mut missing = bytes;
        while missing > 0 {
            let piece = &mut buffer[..missing.min(1 << 16)];
            self.fill(piece)?;
            floats.extend(piece.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            missing -= piece.len();
        }
        Ok(floats)
    }

    /// Checks that nothing follows.
    pub fn end(self) -> Result<(), FastTextError> {
        match self.left {
            0 => Ok(()),
            bytes => Err(FastTextError::Overlong { bytes }),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), FastTextError> {
        self.claim(bytes.len() as u64, 1)?;
        self.source.read_exact(bytes)?;
        self.left -= bytes.len() as u64;
        Ok(())
    }
}
