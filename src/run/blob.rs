//! Intermediate files that are read from the first byte to the last: a task writes one blob, and the store puts it in place by
//! one rename.
//!
//! Layout: packed blocks, each after its length, the bytes that it takes (two little-endian `u32`) and their checksum (a `u64`),
//! then the number of bytes before this as a `u64`, marked so that no cut file has one at its end. Knows nothing of what the
//! bytes hold.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::store::Store;
use crate::storage::packed::{Packed, Packer};
use crate::storage::{self, Temporary};

/// What the number of bytes is marked with: bits that stand at the end of no file by chance.
const MARK: u64 = 0x9d4f_73a1_6b2e_c806;

/// Blocks have so many bytes, the last one has fewer.
const BLOCK: usize = 64 << 10;

/// Bytes before each block.
const HEAD: usize = 16;

/// Writes a blob. Until the store puts it in place the file has another name; dropped before [`BlobWriter::finish`], it is
/// never seen.
pub struct BlobWriter {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<Temporary>,
    store: Store,
    packer: Packer,
    block: Vec<u8>,
    written: u64,
}

/// Reads a blob.
pub struct Blob {
    file: BufReader<File>,
    /// Bytes of blocks that were not read.
    left: u64,
    stored: Vec<u8>,
    block: Vec<u8>,
    /// How many bytes of the block were read.
    read: usize,
}

impl BlobWriter {
    /// Begins a blob that will stand at `path` in `store`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: PathBuf, store: &Store) -> Result<Self, RunError> {
        let file = store.begin()?;
        let temporary = file.path().to_owned();
        let out = BufWriter::with_capacity(BLOCK, file);
        let (packer, block) = Default::default();
        Ok(Self { path, temporary, out, store: store.clone(), packer, block, written: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), RunError> {
        while let Some((fits, rest)) = bytes.split_at_checked(BLOCK - self.block.len()) {
            self.block.extend_from_slice(fits);
            self.end_block()?;
            bytes = rest;
        }
        self.block.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what is left and hands the blob to the store, which puts it in place before the next receipt.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<(), RunError> {
        self.end_block()?;
        let end = (self.written ^ MARK).to_le_bytes();
        self.out.write_all(&end).map_err(RunError::io("write", &self.temporary))?;
        let file = self.out.into_inner().map_err(|error| RunError::io("write", &self.temporary)(error.into_error()))?;
        self.store.place(file.close(), self.path);
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), RunError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let (packed, bytes) = self.packer.pack(&self.block);
        let mut write = |bytes: &[u8]| self.out.write_all(bytes).map_err(RunError::io("write", &self.temporary));
        write(&(packed.length as u32).to_le_bytes())?;
        write(&(packed.stored as u32).to_le_bytes())?;
        write(&packed.checksum.to_le_bytes())?;
        write(bytes)?;
        self.written += (HEAD + bytes.len()) as u64;
        self.block.clear();
        Ok(())
    }
}

impl Blob {
    /// Opens the blob at `path`.
    ///
    /// # Errors
    /// If it cannot be read or was cut.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let file = storage::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunError::damaged(path, "it is gone"),
            _ => RunError::io("open", path)(error),
        })?;
        let mut file = BufReader::with_capacity(BLOCK, file);
        let left = bytes_of(&mut file).map_err(unreadable(path))?;
        let (stored, block) = Default::default();
        Ok(Self { file, left, stored, block, read: 0 })
    }

    /// Reads the next block; false if there is none.
    fn next_block(&mut self) -> io::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        let mut head = [0; HEAD];
        self.file.read_exact(&mut head)?;
        let [a, b, c, d, e, f, g, h, checksum @ ..] = head;
        let [length, stored] = [[a, b, c, d], [e, f, g, h]].map(|bytes| u32::from_le_bytes(bytes) as usize);
        let packed = Packed { length, stored, checksum: u64::from_le_bytes(checksum) };
        let taken = (HEAD + stored) as u64;
        if stored > BLOCK || taken > self.left {
            return Err(damaged("a block is cut"));
        }
        self.stored.resize(stored, 0);
        self.file.read_exact(&mut self.stored)?;
        if !packed.unpack(&self.stored, &mut self.block) {
            return Err(damaged("a block is not what was written"));
        }
        (self.left, self.read) = (self.left - taken, 0);
        Ok(true)
    }
}

impl Read for Blob {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.read == self.block.len() {
            if !self.next_block()? {
                return Ok(0);
            }
        }
        let rest = self.block.get(self.read..).unwrap_or_default();
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}

/// Whether there is a blob at `path` that was not cut.
#[must_use]
pub fn is_whole(path: &Path) -> bool {
    Blob::open(path).is_ok()
}

/// What it means that a blob cannot be read: it is damaged, or the disk refuses.
pub fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> RunError + '_ {
    move |error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => RunError::damaged(path, error),
        _ => RunError::io("read", path)(error),
    }
}

/// How many bytes of blocks a file has, of which the next byte is then read.
fn bytes_of(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let not_whole = || damaged("the file is cut or is no intermediate file of tamis");
    let mut end = [0; 8];
    let size = file.seek(SeekFrom::End(0))?.checked_sub(8).ok_or_else(not_whole)?;
    file.seek(SeekFrom::Start(size))?;
    file.read_exact(&mut end)?;
    file.rewind()?;
    if u64::from_le_bytes(end) ^ MARK == size { Ok(size) } else { Err(not_whole()) }
}

fn damaged(detail: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A blob at `path` of these bytes, written piece by piece.
    fn write(path: &Path, pieces: &[&[u8]]) {
        let store = Store::open(&path.with_file_name("store")).unwrap();
        let mut writer = BlobWriter::create(path.to_owned(), &store).unwrap();
        pieces.iter().for_each(|bytes| writer.write(bytes).unwrap());
        writer.finish().unwrap();
        assert!(!path.exists(), "it is synced before it has its name");
        store.settle().unwrap();
    }

    fn read(path: &Path) -> Result<Vec<u8>, RunError> {
        let mut read = Vec::new();
        Blob::open(path)?.read_to_end(&mut read).map_err(unreadable(path))?;
        Ok(read)
    }

    #[test]
    fn bytes_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let long = vec![b'x'; 3 * BLOCK];
        let cases: [&[&[u8]]; 5] = [&[], &[b""], &[b"ab", b"cd"], &[b"a", &long, b"b"], &[&long]];
        for (number, pieces) in cases.iter().enumerate() {
            let path = folder.path().join(number.to_string());
            write(&path, pieces);
            assert_eq!(read(&path).unwrap(), pieces.concat());
        }
    }

    #[test]
    fn a_cut_blob_and_a_flipped_bit_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        write(&path, &[&[0; 300], &[7; 5], b"no zeros"]);
        let whole = std::fs::read(&path).unwrap();
        assert!(is_whole(&path));
        for at in 0..whole.len() {
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(!is_whole(&path), "cut to {at} bytes");
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            std::fs::write(&path, &flipped).unwrap();
            assert!(read(&path).is_err(), "byte {at} is another");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(!is_whole(&path));
    }
}
