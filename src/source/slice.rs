//! A file's digest, and the places where it may be cut so that one big file still uses all cores.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::foreign::no_text;
use super::open::Fault;
use super::{Compression, FileKind, InputFile, Rejected, parquet, runs};
use crate::text::{encoding, hash};

/// A part of a file that is read on its own, or a **run** of records of a file that can be read from its beginning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// First byte of an uncompressed JSONL file, first row group of a Parquet file, of a run about the first unpacked byte,
    /// else 0.
    pub start: u64,
    /// One past the last byte, or one past the last row group.
    pub end: u64,
    /// Number of the first record.
    pub first_record: u64,
    /// Of a run, one past the number of the last record; that of a file's last run is open. `None` for what is no run.
    pub next_record: Option<u64>,
    /// First 128 bits of the SHA-256 of the bytes from `start` to `end` where those are bytes, else of the whole file.
    pub digest: [u8; 16],
}

impl Slice {
    /// The slice that is all of `file`, whose bytes have this digest.
    #[must_use]
    pub fn whole(file: &InputFile, digest: [u8; 16]) -> Self {
        Self { start: 0, end: file.bytes, first_record: 0, next_record: None, digest }
    }

    /// Whether this is a run: [`super::read()`] takes no run, but the whole file that it is of.
    #[must_use]
    pub fn is_run(&self) -> bool {
        self.next_record.is_some()
    }

    /// True if this is all of `file`.
    pub(super) fn is_whole(&self, file: &InputFile) -> bool {
        self.start == 0 && (self.end >= file.bytes || file.compression != Compression::None)
    }
}

/// What one sequential read of a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// SHA-256 of the file as it lies on disk.
    pub sha256: [u8; 32],
    /// Its slices in order; together they hold the whole file. Never empty.
    pub slices: Vec<Slice>,
}

impl Survey {
    /// The slices as [`super::read()`] takes them: the whole file in place of its runs.
    #[must_use]
    pub fn readable(&self, file: &InputFile) -> Vec<Slice> {
        match self.slices.as_slice() {
            [first, ..] if first.is_run() => vec![Slice::whole(file, first.digest)],
            slices => slices.to_vec(),
        }
    }
}

/// Reads `file` once for its digest and cuts it into slices of about `slice_bytes`. A file that can be read from its beginning
/// alone, since it is packed or a table of texts, is cut into runs of as many unpacked bytes. One of which only the first records
/// are read is cut nowhere.
///
/// # Errors
/// A file that cannot be read, or a Parquet file without a readable footer.
pub fn survey(file: &InputFile, slice_bytes: u64) -> Result<Survey, Rejected> {
    let refuse = |fault: Fault| Rejected {
        source: Arc::clone(&file.name),
        record: None,
        offset: 0,
        cause: fault.cause,
        detail: fault.detail,
        bytes: file.bytes,
        refused: true,
        line: None,
        column: None,
        of: file.source,
    };
    if file.records.is_some() {
        return digested(file, u64::MAX, &refuse);
    }
    // What can be cut nowhere is looked through for its records while it is read for its digest.
    let (digested, runs) = rayon::join(|| digested(file, slice_bytes, &refuse), || runs::find(file, slice_bytes));
    let mut survey = digested?;
    if let ([only], true) = (survey.slices.as_slice(), runs.len() > 1) {
        let digest = only.digest;
        survey.slices = runs.into_iter().map(|run| Slice { digest, ..run }).collect();
    }
    Ok(survey)
}

fn digested(file: &InputFile, slice_bytes: u64, refuse: &dyn Fn(Fault) -> Rejected) -> Result<Survey, Rejected> {
    let mut opened = File::open(&file.path).map_err(|error| refuse(Fault::from_system(&error, "opened")))?;
    let mut hash = Sha256::new();
    let mut cuts = Cuts::new(slice_bytes);
    let is_cut = file.kind == FileKind::Jsonl && file.compression == Compression::None && file.bytes > slice_bytes;
    let mut stays_whole = false;
    let mut buffer = vec![0; usize::try_from(file.bytes).unwrap_or(usize::MAX).clamp(1, CHUNK - 1) + 1];
    loop {
        let chunk = match opened.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => buffer.get(..length).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(refuse(Fault::from_system(&error, "read"))),
        };
        hash.update(chunk);
        if is_cut {
            // The line ends of UTF-16 and UTF-32 are no bytes of their own, and what is no text is refused whole.
            let head = chunk.get(..HEAD).unwrap_or(chunk);
            let is_wide = || encoding::utf16(head).is_some() || encoding::utf32(head).is_some();
            stays_whole |= cuts.length == 0 && (is_wide() || no_text(head, file.compression, None).is_some());
            cuts.add(chunk);
        }
    }
    let sha256 = hash.finalize().into();
    let digest = hash::short(&sha256);
    let slices = match file.kind {
        FileKind::Parquet if file.compression == Compression::None && file.bytes > 0 => {
            let groups = parquet::row_groups(&opened).map_err(&refuse)?;
            cut_groups(&groups, slice_bytes, digest)
        }
        _ if is_cut && !stays_whole && cuts.has_text => cuts.finish(),
        _ => vec![Slice::whole(file, digest)],
    };
    Ok(Survey { sha256, slices })
}

/// Whether the bytes of `slice` are still those that were surveyed. Of a Parquet file that is cut, only the size is looked at.
///
/// # Errors
/// If the file cannot be read.
pub fn is_unchanged(file: &InputFile, slice: &Slice) -> io::Result<bool> {
    let mut opened = File::open(&file.path)?;
    if opened.metadata()?.len() != file.bytes {
        return Ok(false);
    }
    if file.kind == FileKind::Parquet && file.compression == Compression::None {
        return Ok(true);
    }
    opened.seek(SeekFrom::Start(slice.start))?;
    let mut hash = Sha256::new();
    let mut left = slice.end - slice.start;
    let mut buffer = vec![0; usize::try_from(left).unwrap_or(usize::MAX).clamp(1, CHUNK)];
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match opened.read(buffer.get_mut(..wanted).unwrap_or_default()) {
            Ok(0) => return Ok(false),
            Ok(length) => {
                hash.update(buffer.get(..length).unwrap_or_default());
                left -= length as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hash::short(&hash.finalize().into()) == slice.digest)
}

/// Files are read in pieces of this many bytes.
const CHUNK: usize = 1 << 20;

/// How many bytes tell UTF-16 and UTF-32.
const HEAD: usize = 4096;

/// The cuts of a file of lines.
struct Cuts {
    slice_bytes: u64,
    slices: Vec<Slice>,
    start: u64,
    first_record: u64,
    length: u64,
    /// Of the slice that is being gathered.
    hash: Sha256,
    lines: u64,
    has_text: bool,
}

impl Cuts {
    fn new(slice_bytes: u64) -> Self {
        let slice_bytes = slice_bytes.max(1);
        let hash = Sha256::new();
        Self { slice_bytes, slices: Vec::new(), start: 0, first_record: 0, length: 0, hash, lines: 0, has_text: false }
    }

    /// Takes in the next bytes: a slice ends at the first line end by which it has its bytes.
    fn add(&mut self, mut chunk: &[u8]) {
        self.has_text = self.has_text || chunk.iter().any(|byte| !byte.is_ascii_whitespace());
        loop {
            let missing = (self.start + self.slice_bytes - 1).saturating_sub(self.length);
            let from = usize::try_from(missing).unwrap_or(usize::MAX).min(chunk.len());
            let (before, after) = chunk.split_at(from);
            let end = memchr::memchr(b'\n', after).map(|at| at + 1);
            let taken = end.unwrap_or(after.len());
            self.hash.update(before);
            self.hash.update(after.get(..taken).unwrap_or_default());
            self.lines += memchr::memchr_iter(b'\n', before).count() as u64 + u64::from(end.is_some());
            self.length += (from + taken) as u64;
            if end.is_none() {
                return;
            }
            self.cut();
            chunk = after.get(taken..).unwrap_or_default();
        }
    }

    fn cut(&mut self) {
        let digest = hash::short(&self.hash.finalize_reset().into());
        let (start, first_record) = (self.start, self.first_record);
        self.slices.push(Slice { start, end: self.length, first_record, next_record: None, digest });
        self.start = self.length;
        self.first_record = self.lines;
    }

    fn finish(mut self) -> Vec<Slice> {
        if self.length > self.start {
            self.cut();
        }
        self.slices
    }
}

/// Slices of whole row groups, each given by its rows and bytes, of at least `slice_bytes`.
fn cut_groups(groups: &[(u64, u64)], slice_bytes: u64, digest: [u8; 16]) -> Vec<Slice> {
    let mut slices = vec![Slice { start: 0, end: 0, first_record: 0, next_record: None, digest }];
    let (mut record, mut bytes) = (0, 0);
    for (number, (rows, size)) in (0u64..).zip(groups) {
        if bytes >= slice_bytes {
            slices.push(Slice { start: number, end: number, first_record: record, next_record: None, digest });
            bytes = 0;
        }
        if let Some(slice) = slices.last_mut() {
            slice.end = number + 1;
        }
        record += rows;
        bytes += size;
    }
    slices
}
