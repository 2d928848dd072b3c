//! One sorted file: packed blocks of records, then an index with the first key of each block.
//!
//! Layout: the blocks one after the other, as [`Packed`] says; for each block in the index its length, the bytes that it takes,
//! their checksum, and its first key; then as four little-endian `u64` the number of records, the length of the index, the
//! checksum of the index and of these two numbers, and a mark. In a block each record is the lengths of key and value
//! ([`put_number`]), the key, the value. Blocks grow with the file, so that an index has about a thousand entries at most.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twox_hash::XxHash64;

use super::{ExchangeError, KeyRange, put_number, take, take_array, take_number};
use crate::storage::packed::{Packed, Packer};

/// What every run ends with.
const MARK: u64 = 0x1e7a_09c4_52d3_8bf7;

/// Bytes after the index.
const FOOTER: u64 = 32;

/// Blocks have at least so many bytes, unless the file ends.
const LEAST_BLOCK: u64 = 8 << 10;

/// Blocks have at most so many bytes, unless one record alone has more.
const MOST_BLOCK: u64 = 256 << 10;

/// A file of this size and more has about so many blocks.
const BLOCKS: u64 = 1 << 10;

/// A sorted file that is open for reading.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    file: File,
    blocks: Vec<Block>,
    records: u64,
}

#[derive(Debug)]
struct Block {
    offset: u64,
    packed: Packed,
    first: Box<[u8]>,
}

impl Run {
    /// Opens the run at `path`.
    ///
    /// # Errors
    /// If it is not there, is cut, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ExchangeError::damaged(path, "it is gone"),
            _ => ExchangeError::io("open", path)(error),
        })?;
        Self::of_file(file, path)
    }

    pub(super) fn of_file(file: File, path: &Path) -> Result<Self, ExchangeError> {
        let size = file.metadata().map_err(ExchangeError::io("read", path))?.len();
        let cut = || ExchangeError::damaged(path, "it is cut or is no sorted file of tamis");
        let footer_at = size.checked_sub(FOOTER).ok_or_else(cut)?;
        let mut footer = [0; FOOTER as usize];
        read_at(&file, path, &mut footer, footer_at)?;
        let [records, length, checksum, mark] = numbers(&footer).ok_or_else(cut)?;
        let index_at = footer_at.checked_sub(length).filter(|_| mark == MARK).ok_or_else(cut)?;
        let mut index = vec![0; length as usize];
        read_at(&file, path, &mut index, index_at)?;
        if index_checksum(&index, records) != checksum {
            return Err(ExchangeError::damaged(path, "its index is not what was written"));
        }
        let blocks = read_index(&index).ok_or_else(cut)?;
        let end = blocks.last().map_or(0, |block| block.offset + block.packed.stored as u64);
        if end == index_at { Ok(Self { path: path.to_owned(), file, blocks, records }) } else { Err(cut()) }
    }

    /// How many records there are.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Bytes of the records.
    pub(super) fn bytes(&self) -> u64 {
        self.blocks.iter().map(|block| block.packed.length as u64).sum()
    }

    /// Reads the records whose keys lie in `range`, and no block that has none of them.
    #[must_use]
    pub fn scan(self: &Arc<Self>, range: KeyRange) -> Scan {
        let after = self.blocks.partition_point(|block| *block.first < *range.from);
        let next_block = after.saturating_sub(1);
        let (stored, bytes) = Default::default();
        Scan { run: Arc::clone(self), next_block, range, stored, bytes, next: 0, key: 0..0, value: 0..0 }
    }

    /// Reads a block into `bytes`, by way of `stored`.
    fn read(&self, block: &Block, stored: &mut Vec<u8>, bytes: &mut Vec<u8>) -> Result<(), ExchangeError> {
        stored.resize(block.packed.stored, 0);
        read_at(&self.file, &self.path, stored, block.offset)?;
        if block.packed.unpack(stored, bytes) {
            return Ok(());
        }
        Err(ExchangeError::damaged(&self.path, &format!("the block at byte {} is not what was written", block.offset)))
    }
}

/// Whether there is a run at `path` that was not cut. Its blocks are checked as they are read.
#[must_use]
pub fn is_whole(path: &Path) -> bool {
    Run::open(path).is_ok()
}

/// Reads a range of one run, a block at a time.
#[derive(Debug)]
pub struct Scan {
    run: Arc<Run>,
    next_block: usize,
    range: KeyRange,
    /// A block as it lies in the file.
    stored: Vec<u8>,
    /// The block that is read.
    bytes: Vec<u8>,
    /// Where the record after this one begins.
    next: usize,
    key: Range<usize>,
    value: Range<usize>,
}

impl Scan {
    /// Goes to the next record; false if there is none.
    ///
    /// # Errors
    /// If the disk refuses or the file is damaged.
    pub fn advance(&mut self) -> Result<bool, ExchangeError> {
        loop {
            if self.next == self.bytes.len() {
                let run = &self.run;
                let Some(block) =
                    run.blocks.get(self.next_block).filter(|block| self.range.is_before_end(&block.first))
                else {
                    return Ok(false);
                };
                run.read(block, &mut self.stored, &mut self.bytes)?;
                self.next_block += 1;
                self.next = 0;
            }
            let damaged = || ExchangeError::damaged(&self.run.path, "a record is cut");
            (self.key, self.value) = record_at(&self.bytes, self.next).ok_or_else(damaged)?;
            self.next = self.value.end;
            if self.key() < self.range.from.as_slice() {
                continue;
            }
            if self.range.is_before_end(self.key()) {
                return Ok(true);
            }
            (self.next_block, self.next) = (usize::MAX, self.bytes.len());
        }
    }

    /// The key of this record.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.bytes.get(self.key.clone()).unwrap_or_default()
    }

    /// What this record holds beside its key.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        self.bytes.get(self.value.clone()).unwrap_or_default()
    }

    /// Where it reads.
    pub(super) fn path(&self) -> &Path {
        &self.run.path
    }
}

/// Writes a run, record after record in order.
pub(super) struct RunWriter<'a, W: Write> {
    path: &'a Path,
    out: BufWriter<W>,
    /// Bytes from which on a block ends.
    full: usize,
    block: Vec<u8>,
    packer: Packer,
    index: Vec<u8>,
    first: Vec<u8>,
    records: u64,
}

impl<'a, W: Write> RunWriter<'a, W> {
    /// Writes into `file`, which stands at `path`, records of about `bytes` bytes altogether.
    pub(super) fn new(file: W, path: &'a Path, bytes: u64) -> Self {
        let full = (bytes / BLOCKS).clamp(LEAST_BLOCK, MOST_BLOCK) as usize;
        let out = BufWriter::with_capacity(256 << 10, file);
        let (block, packer, index, first) = Default::default();
        Self { path, out, full, block, packer, index, first, records: 0 }
    }

    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), ExchangeError> {
        if self.block.len() >= self.full {
            self.end_block()?;
        }
        if self.block.is_empty() {
            self.first.clear();
            self.first.extend_from_slice(key);
        }
        put_number(&mut self.block, key.len() as u64);
        put_number(&mut self.block, value.len() as u64);
        self.block.extend_from_slice(key);
        self.block.extend_from_slice(value);
        self.records += 1;
        Ok(())
    }

    /// Writes index and footer; gives back the file.
    pub(super) fn finish(mut self) -> Result<W, ExchangeError> {
        self.end_block()?;
        let checksum = index_checksum(&self.index, self.records);
        let length = self.index.len() as u64;
        for number in [self.records, length, checksum, MARK] {
            self.index.extend_from_slice(&number.to_le_bytes());
        }
        self.out.write_all(&self.index).map_err(ExchangeError::io("write", self.path))?;
        self.out.into_inner().map_err(|error| ExchangeError::io("write", self.path)(error.into_error()))
    }

    fn end_block(&mut self) -> Result<(), ExchangeError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let (packed, bytes) = self.packer.pack(&self.block);
        put_number(&mut self.index, packed.length as u64);
        put_number(&mut self.index, packed.stored as u64);
        self.index.extend_from_slice(&packed.checksum.to_le_bytes());
        put_number(&mut self.index, self.first.len() as u64);
        self.index.extend_from_slice(&self.first);
        self.out.write_all(bytes).map_err(ExchangeError::io("write", self.path))?;
        self.block.clear();
        Ok(())
    }
}

/// The ranges of key and value of the record that begins at `at`.
fn record_at(bytes: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let mut rest = bytes.get(at..)?;
    let (key, value) = (take_number(&mut rest)?, take_number(&mut rest)?);
    let start = bytes.len() - rest.len();
    let key = start..start.checked_add(usize::try_from(key).ok()?)?;
    let value = key.end..key.end.checked_add(usize::try_from(value).ok()?)?;
    (value.end <= bytes.len()).then_some((key, value))
}

fn read_index(mut index: &[u8]) -> Option<Vec<Block>> {
    let (mut blocks, mut offset) = (Vec::new(), 0u64);
    while !index.is_empty() {
        let mut size = || usize::try_from(take_number(&mut index)?).ok();
        let (length, stored) = (size()?, size()?);
        let packed = Packed { length, stored, checksum: u64::from_le_bytes(take_array(&mut index)?) };
        let first = take_number(&mut index)?;
        let first = take(&mut index, usize::try_from(first).ok()?)?.into();
        blocks.push(Block { offset, packed, first });
        offset = offset.checked_add(stored as u64)?;
    }
    Some(blocks)
}

fn index_checksum(index: &[u8], records: u64) -> u64 {
    XxHash64::oneshot(records, index)
}

fn numbers<const N: usize>(mut bytes: &[u8]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number = u64::from_le_bytes(take_array(&mut bytes)?);
    }
    Some(numbers)
}

fn read_at(file: &File, path: &Path, bytes: &mut [u8], offset: u64) -> Result<(), ExchangeError> {
    file.read_exact_at(bytes, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ExchangeError::damaged(path, "it ends too early"),
        _ => ExchangeError::io("read", path)(error),
    })
}
