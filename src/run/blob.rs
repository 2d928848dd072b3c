//! Intermediate files: a task writes one blob of numbered sections, and the store puts it in place by one rename.
//!
//! Layout: the sections one after the other, then for each section its offset and length as two little-endian `u64`,
//! then the number of sections as a `u64`, marked so that no cut file has one at its end. Knows nothing of what the sections
//! hold.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::store::Store;
use crate::storage::{self, Temporary};

/// What the number of sections is marked with: bits that stand at the end of no file by chance.
const MARK: u64 = 0x9d4f_73a1_6b2e_c805;

/// Writes a blob. Until the store puts it in place the file has another name; dropped before [`BlobWriter::finish`], it is
/// never seen.
pub struct BlobWriter {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<Temporary>,
    store: Store,
    offset: u64,
    start: u64,
    sections: Vec<(u64, u64)>,
}

/// Reads a section of a blob.
pub struct Blob {
    path: PathBuf,
    file: File,
    sections: Vec<(u64, u64)>,
}

impl BlobWriter {
    /// Begins a blob that will stand at `path` in `store`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: PathBuf, store: &Store) -> Result<Self, RunError> {
        let file = store.begin()?;
        let temporary = file.path().to_owned();
        let out = BufWriter::with_capacity(256 << 10, file);
        Ok(Self { path, temporary, out, store: store.clone(), offset: 0, start: 0, sections: Vec::new() })
    }

    /// Appends to the section that is being written.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        self.out.write_all(bytes).map_err(RunError::io("write", &self.temporary))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Ends the section that is being written and begins the next.
    pub fn end_section(&mut self) {
        self.sections.push((self.start, self.offset - self.start));
        self.start = self.offset;
    }

    /// Writes the table of sections and hands the blob to the store, which puts it in place before the next receipt.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<(), RunError> {
        for (offset, length) in std::mem::take(&mut self.sections) {
            self.write(&offset.to_le_bytes())?;
            self.write(&length.to_le_bytes())?;
            self.sections.push((offset, length));
        }
        self.write(&(self.sections.len() as u64 ^ MARK).to_le_bytes())?;
        let file = self.out.into_inner().map_err(|error| RunError::io("write", &self.temporary)(error.into_error()))?;
        self.store.place(file.close(), self.path);
        Ok(())
    }
}

impl Blob {
    /// Opens the blob at `path`.
    ///
    /// # Errors
    /// If it cannot be read or its table of sections does not fit the file.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let file = storage::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunError::damaged(path, "it is gone"),
            _ => RunError::io("open", path)(error),
        })?;
        let sections = read_sections(&file).map_err(unreadable(path))?;
        Ok(Self { path: path.to_owned(), file, sections })
    }

    /// A buffered reader over section `index`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn reader(mut self, index: usize) -> Result<impl Read + use<>, RunError> {
        let (offset, length) = self.sections.get(index).copied().unwrap_or_default();
        self.file.seek(SeekFrom::Start(offset)).map_err(RunError::io("read", &self.path))?;
        Ok(BufReader::with_capacity(256 << 10, self.file.take(length)))
    }
}

/// Whether there is a blob at `path` that was not cut: its sections fill it.
#[must_use]
pub fn is_whole(path: &Path) -> bool {
    Blob::open(path).is_ok()
}

/// What it means that a blob cannot be read: it is damaged, or the disk refuses.
fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> RunError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => RunError::damaged(path, error),
        _ => RunError::io("read", path)(error),
    }
}

/// The table of sections at the end of a blob, which lie one after the other before it.
fn read_sections(file: &File) -> io::Result<Vec<(u64, u64)>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is cut or is no intermediate file of tamis");
    let size = file.metadata()?.len();
    let mut word = [0; 8];
    let count_at = size.checked_sub(8).ok_or_else(damaged)?;
    file.read_exact_at(&mut word, count_at)?;
    let count = u64::from_le_bytes(word) ^ MARK;
    let table_at = count.checked_mul(16).and_then(|length| count_at.checked_sub(length)).ok_or_else(damaged)?;
    let mut table = vec![0; (count_at - table_at) as usize];
    file.read_exact_at(&mut table, table_at)?;
    let number = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).map_err(|_| damaged());
    let sections: Vec<(u64, u64)> = table
        .chunks_exact(16)
        .map(|entry| Ok((number(&entry[..8])?, number(&entry[8..])?)))
        .collect::<io::Result<_>>()?;
    let end = sections.iter().try_fold(0u64, |end, (offset, length)| {
        let is_next = *offset == end;
        end.checked_add(*length).filter(|_| is_next)
    });
    if end == Some(table_at) { Ok(sections) } else { Err(damaged()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        let store = Store::open(folder.path()).unwrap();
        let mut writer = BlobWriter::create(path.clone(), &store).unwrap();
        for section in [&[&b"ab"[..], b"cd"][..], &[], &[b"xyz"]] {
            section.iter().for_each(|bytes| writer.write(bytes).unwrap());
            writer.end_section();
        }
        writer.finish().unwrap();
        assert!(!path.exists(), "it is synced before it has its name");
        store.settle().unwrap();
        let sections = [0, 1, 2, 3].map(|section| {
            let mut read = Vec::new();
            Blob::open(&path).unwrap().reader(section).unwrap().read_to_end(&mut read).unwrap();
            read
        });
        assert_eq!(sections, [&b"abcd"[..], b"", b"xyz", b""]);
    }

    #[test]
    fn a_cut_blob_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        std::fs::write(&path, b"no table here").unwrap();
        assert!(Blob::open(&path).is_err());
        std::fs::write(&path, b"cut").unwrap();
        assert!(Blob::open(&path).is_err());
        let store = Store::open(&folder.path().join("store")).unwrap();
        let mut writer = BlobWriter::create(path.clone(), &store).unwrap();
        for bytes in [&[0; 300][..], &[0; 5]] {
            writer.write(bytes).unwrap();
            writer.end_section();
        }
        writer.finish().unwrap();
        store.settle().unwrap();
        let whole = std::fs::read(&path).unwrap();
        assert!(is_whole(&path));
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(!is_whole(&path), "cut to {length} bytes, of which the last are a table of nothing");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(!is_whole(&path));
    }
}
