//! Intermediate files: a task writes one blob of numbered sections, and puts it in place by one rename.
//!
//! Layout: the sections one after the other, then for each section its offset and length as two little-endian `u64`,
//! then the number of sections as a `u64`. Knows nothing of what the sections hold.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::error::RunError;

/// Writes a blob. Until [`BlobWriter::finish`] the file has another name; dropped before that, it is never seen.
pub struct BlobWriter {
    path: PathBuf,
    partial: PathBuf,
    out: BufWriter<File>,
    offset: u64,
    start: u64,
    sections: Vec<(u64, u64)>,
}

/// Reads a blob, any section at any time.
pub struct Blob {
    path: PathBuf,
    file: File,
    sections: Vec<(u64, u64)>,
}

impl BlobWriter {
    /// Begins a blob that will stand at `path`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, RunError> {
        let partial = path.with_extension("partial");
        let file = File::create(&partial).map_err(RunError::io("create", &partial))?;
        let out = BufWriter::with_capacity(256 << 10, file);
        Ok(Self { path: path.to_owned(), partial, out, offset: 0, start: 0, sections: Vec::new() })
    }

    /// Appends to the section that is being written; returns the offset within the section.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<u64, RunError> {
        let at = self.offset - self.start;
        self.out.write_all(bytes).map_err(RunError::io("write", &self.partial))?;
        self.offset += bytes.len() as u64;
        Ok(at)
    }

    /// Ends the section that is being written and begins the next.
    pub fn end_section(&mut self) {
        self.sections.push((self.start, self.offset - self.start));
        self.start = self.offset;
    }

    /// Writes a whole section.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn section(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        self.write(bytes)?;
        self.end_section();
        Ok(())
    }

    /// Writes the table of sections and puts the blob in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<(), RunError> {
        for (offset, length) in std::mem::take(&mut self.sections) {
            self.write(&offset.to_le_bytes())?;
            self.write(&length.to_le_bytes())?;
            self.sections.push((offset, length));
        }
        self.write(&(self.sections.len() as u64).to_le_bytes())?;
        self.out.flush().map_err(RunError::io("write", &self.partial))?;
        fs::rename(&self.partial, &self.path).map_err(RunError::io("rename", &self.partial))
    }
}

impl Blob {
    /// Opens the blob at `path`.
    ///
    /// # Errors
    /// If it cannot be read or its table of sections does not fit the file.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let file = File::open(path).map_err(RunError::io("open", path))?;
        let sections = read_sections(&file).map_err(RunError::io("read", path))?;
        Ok(Self { path: path.to_owned(), file, sections })
    }

    /// How many sections there are.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.sections.len()
    }

    /// The bytes of section `index`; nothing if the blob has no such section.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn section(&self, index: usize) -> Result<Vec<u8>, RunError> {
        let (offset, length) = self.sections.get(index).copied().unwrap_or_default();
        self.read_at(offset, length)
    }

    /// `length` bytes at `offset` of section `index`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn range(&self, index: usize, offset: u64, length: u64) -> Result<Vec<u8>, RunError> {
        let (start, _) = self.sections.get(index).copied().unwrap_or_default();
        self.read_at(start + offset, length)
    }

    /// A buffered reader over section `index`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn reader(&self, index: usize) -> Result<impl Read + use<>, RunError> {
        let (offset, length) = self.sections.get(index).copied().unwrap_or_default();
        let mut file = File::open(&self.path).map_err(RunError::io("open", &self.path))?;
        file.seek(SeekFrom::Start(offset)).map_err(RunError::io("read", &self.path))?;
        Ok(BufReader::with_capacity(256 << 10, file.take(length)))
    }

    fn read_at(&self, offset: u64, length: u64) -> Result<Vec<u8>, RunError> {
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, offset).map_err(RunError::io("read", &self.path))?;
        Ok(bytes)
    }
}

/// The table of sections at the end of a blob.
fn read_sections(file: &File) -> io::Result<Vec<(u64, u64)>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is cut or is no intermediate file of tamis");
    let size = file.metadata()?.len();
    let mut word = [0; 8];
    let count_at = size.checked_sub(8).ok_or_else(damaged)?;
    file.read_exact_at(&mut word, count_at)?;
    let count = u64::from_le_bytes(word);
    let table_at = count.checked_mul(16).and_then(|length| count_at.checked_sub(length)).ok_or_else(damaged)?;
    let mut table = vec![0; (count_at - table_at) as usize];
    file.read_exact_at(&mut table, table_at)?;
    let number = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).map_err(|_| damaged());
    table.chunks_exact(16).map(|entry| Ok((number(&entry[..8])?, number(&entry[8..])?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        let mut writer = BlobWriter::create(&path).unwrap();
        assert!(!path.exists());
        assert_eq!(writer.write(b"ab").unwrap(), 0);
        assert_eq!(writer.write(b"cd").unwrap(), 2);
        writer.end_section();
        writer.section(b"").unwrap();
        writer.section(b"xyz").unwrap();
        writer.finish().unwrap();
        let blob = Blob::open(&path).unwrap();
        assert_eq!(blob.section(0).unwrap(), b"abcd");
        assert_eq!(blob.section(1).unwrap(), b"");
        assert_eq!(blob.range(2, 1, 2).unwrap(), b"yz");
        let mut read = Vec::new();
        blob.reader(0).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, b"abcd");
    }

    #[test]
    fn a_cut_blob_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        fs::write(&path, b"no table here").unwrap();
        assert!(Blob::open(&path).is_err());
        fs::write(&path, b"cut").unwrap();
        assert!(Blob::open(&path).is_err());
    }
}
