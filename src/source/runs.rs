//! Runs of records of a file that can only be read from its beginning: a packed file, or a table of texts.
//!
//! Where a run begins is counted here without parsing records, so a run may have more or fewer bytes than was meant. Which
//! records it has is exact, because the reader counts them.

use std::io::{ErrorKind, Read};

use super::{Compression, FileKind, InputFile, Slice, open};

/// Packed text has at least this part of its bytes: what is smaller than a slice whatever it is packed with need not be
/// unpacked to know that.
const PACKED: u64 = 4;

/// Unpacked bytes are looked at in pieces of this many.
const CHUNK: usize = 256 << 10;

/// The runs of `file`, of about `run_bytes` unpacked bytes each, without digests; fewer than two where it needs none or can be
/// cut in better ways.
pub(super) fn find(file: &InputFile, run_bytes: u64) -> Vec<Slice> {
    let has_quotes = match (file.kind, file.compression) {
        (FileKind::Csv | FileKind::Tsv, _) => true,
        (FileKind::Jsonl, Compression::None) => return Vec::new(),
        (FileKind::Jsonl, _) => false,
        (FileKind::Text | FileKind::Markdown | FileKind::Parquet, _) => return Vec::new(),
    };
    let least = if file.compression == Compression::None { run_bytes } else { run_bytes / PACKED };
    if file.bytes <= least {
        return Vec::new();
    }
    // What cannot be unpacked to its end is cut as far as it can be; reading says what is wrong with it.
    let Ok(mut bytes) = open::open(file, 0, u64::MAX) else { return Vec::new() };
    let mut runs = Runs::new(run_bytes.max(1), has_quotes);
    let mut buffer = vec![0; CHUNK];
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => runs.add(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    runs.finish()
}

struct Runs {
    run_bytes: u64,
    /// Whether line ends in quotes end no record.
    has_quotes: bool,
    is_quoted: bool,
    length: u64,
    records: u64,
    /// Where each run begins: byte and record.
    begins: Vec<(u64, u64)>,
}

impl Runs {
    fn new(run_bytes: u64, has_quotes: bool) -> Self {
        Self { run_bytes, has_quotes, is_quoted: false, length: 0, records: 0, begins: vec![(0, 0)] }
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.has_quotes {
            for at in memchr::memchr2_iter(b'\n', b'"', bytes) {
                if bytes.get(at) == Some(&b'"') {
                    self.is_quoted = !self.is_quoted;
                } else if !self.is_quoted {
                    self.record_ends(at);
                }
            }
        } else {
            memchr::memchr_iter(b'\n', bytes).for_each(|at| self.record_ends(at));
        }
        self.length += bytes.len() as u64;
    }

    fn record_ends(&mut self, at: usize) {
        self.records += 1;
        let end = self.length + at as u64 + 1;
        let (start, _) = self.begins.last().copied().unwrap_or_default();
        if end - start >= self.run_bytes {
            self.begins.push((end, self.records));
        }
    }

    fn finish(mut self) -> Vec<Slice> {
        self.begins.retain(|(start, _)| *start < self.length || *start == 0);
        let nexts =
            self.begins.iter().skip(1).map(|next| (next.0, Some(next.1))).chain([(self.length, Some(u64::MAX))]);
        let run = |((start, first_record), (end, next_record)): (&(u64, u64), (u64, Option<u64>))| Slice {
            start: *start,
            end,
            first_record: *first_record,
            next_record,
            digest: [0; 16],
        };
        self.begins.iter().zip(nexts).map(run).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, run_bytes: u64, has_quotes: bool) -> Vec<(u64, u64, u64, u64)> {
        let mut runs = Runs::new(run_bytes, has_quotes);
        text.as_bytes().chunks(7).for_each(|chunk| runs.add(chunk));
        let told = |run: Slice| (run.start, run.end, run.first_record, run.next_record.unwrap_or_default());
        runs.finish().into_iter().map(told).collect()
    }

    #[test]
    fn a_run_ends_with_the_record_by_which_it_has_its_bytes() {
        assert_eq!(cut("one\ntwo\nthree\nfour", 6, false), [(0, 8, 0, 2), (8, 14, 2, 3), (14, 18, 3, u64::MAX)]);
        assert_eq!(cut("one\ntwo\n", 4, false), [(0, 4, 0, 1), (4, 8, 1, u64::MAX)], "and no run is empty");
        assert_eq!(cut("", 4, false), [(0, 0, 0, u64::MAX)]);
    }

    #[test]
    fn a_line_end_in_quotes_ends_no_record() {
        let table = "a,b\n1,\"x\ny\nz\"\n2,z\n3,z\n";
        assert_eq!(cut(table, 4, true), [(0, 4, 0, 1), (4, 14, 1, 2), (14, 18, 2, 3), (18, 22, 3, u64::MAX)]);
        assert_eq!(cut(table, 4, false).len(), 5);
    }
}
