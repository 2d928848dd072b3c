//! Cuts the inputs into partitions, and says how large these are.
//!
//! Where a partition begins depends on the names and sizes around that place alone (content-defined chunking, as in rsync
//! and restic), so that a new file changes its own partition and leaves the others. How large partitions are depends on the
//! size of the corpus, in powers of two, and stays what it was the last time while that still fits: a corpus that grows by a
//! little every day is cut anew when it has doubled, and then not before it is four times as large.

use serde::{Deserialize, Serialize};

use crate::source::{Compression, FileKind, InputFile, Slice};
use crate::text::hash;

/// A run of inputs cut by size: the unit of work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// Slices with the index of their file, in order.
    pub slices: Vec<(u32, Slice)>,
    /// Bytes of input, small compressed files taken at four times their size.
    pub bytes: u64,
}

/// A large file is cut into slices of at least so many bytes, the pieces of which partitions are made.
pub const SLICE: u64 = LEAST;

/// Partitions are no smaller than this: many for each core of a laptop, and so small that a changed article costs little.
const LEAST: u64 = 8 << 20;

/// A corpus that is cut for the first time has at most so many partitions, or about that: where they begin is drawn.
const MOST_AT_FIRST: u64 = 1 << 10;

/// The size of partitions for a corpus of `bytes`, given the size that they had the last time.
#[must_use]
pub fn size_for(bytes: u64, last: Option<u64>) -> u64 {
    let size_of = |partitions: u64| size_of(bytes, partitions).max(LEAST);
    let (least, most) = (size_of(MOST_AT_FIRST * 2), size_of(MOST_AT_FIRST / 4));
    last.filter(|last| last.is_power_of_two() && (least..=most).contains(last))
        .unwrap_or_else(|| size_of(MOST_AT_FIRST))
}

/// The size that was asked for, or the least one that cuts a corpus of `bytes` into no more partitions than are of use: each costs
/// files of its own in every segment.
#[must_use]
pub fn bounded(asked: u64, bytes: u64) -> u64 {
    asked.max(size_of(bytes, MOST_AT_FIRST))
}

/// The least power of two by which `bytes` come to so many partitions at most.
fn size_of(bytes: u64, partitions: u64) -> u64 {
    bytes.div_ceil(partitions).next_power_of_two()
}

/// Bytes of input in all slices, by which partitions are measured.
#[must_use]
pub fn bytes_of(files: &[InputFile], slices: &[(u32, Slice)]) -> u64 {
    slices.iter().filter_map(|(index, slice)| Some(weight(files.get(*index as usize)?, slice))).sum()
}

/// Cuts the slices of all files into partitions of about `target` bytes, at most twice as many unless one slice has more.
#[must_use]
pub fn partitions(files: &[InputFile], slices: &[(u32, Slice)], target: u64) -> Vec<Partition> {
    let mut partitions: Vec<Partition> = Vec::new();
    for (index, slice) in slices {
        let file = &files[*index as usize];
        let bytes = weight(file, slice);
        let drawn = hash::draw("", "partition", &format!("{}@{}", file.name, slice.start));
        let begins = drawn * (target.max(1) as f64) < bytes as f64;
        match partitions.last_mut() {
            Some(last) if !begins && last.bytes + bytes <= target.saturating_mul(2) => {
                last.bytes += bytes;
                last.slices.push((*index, *slice));
            }
            _ => partitions.push(Partition { slices: vec![(*index, *slice)], bytes }),
        }
    }
    partitions.iter_mut().for_each(|partition| partition.slices = joined(files, &partition.slices));
    partitions
}

/// Runs of one file that follow each other as one; the file itself where these are all of it.
fn joined(files: &[InputFile], slices: &[(u32, Slice)]) -> Vec<(u32, Slice)> {
    let mut joined: Vec<(u32, Slice)> = Vec::new();
    for (index, slice) in slices {
        match joined.last_mut() {
            Some((last, run)) if last == index && run.is_run() => {
                (run.end, run.next_record) = (slice.end, slice.next_record);
            }
            _ => joined.push((*index, *slice)),
        }
    }
    for (index, slice) in &mut joined {
        if (slice.first_record, slice.next_record) == (0, Some(u64::MAX)) {
            *slice = Slice::whole(&files[*index as usize], slice.digest);
        }
    }
    joined
}

/// A file that several partitions have runs of: it is read once, ahead of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// Its index among the inputs.
    pub file: u32,
    /// Its runs, each with the number of its partition.
    pub runs: Vec<(usize, Slice)>,
}

/// The files of which several partitions have runs, in order.
#[must_use]
pub fn read_ahead(partitions: &[Partition]) -> Vec<Ahead> {
    let mut ahead: Vec<Ahead> = Vec::new();
    for (number, partition) in partitions.iter().enumerate() {
        for (file, slice) in partition.slices.iter().filter(|(_, slice)| slice.is_run()) {
            match ahead.last_mut().filter(|last| last.file == *file) {
                Some(last) => last.runs.push((number, *slice)),
                None => ahead.push(Ahead { file: *file, runs: vec![(number, *slice)] }),
            }
        }
    }
    ahead
}

/// Bytes of input that a slice stands for: a compressed file that has no runs is taken at four times its size, a row group of a Parquet
/// file at a fixed size.
fn weight(file: &InputFile, slice: &Slice) -> u64 {
    match (file.compression, file.kind) {
        _ if slice.is_run() => slice.end - slice.start,
        (Compression::None, FileKind::Jsonl) => slice.end - slice.start,
        (Compression::None, FileKind::Parquet) => file.bytes.min((slice.end - slice.start) * ROW_GROUP),
        (Compression::None, _) => file.bytes,
        _ => file.bytes.saturating_mul(4),
    }
}

/// A row group of a Parquet file counts as so many bytes: its own size is not known without its footer.
const ROW_GROUP: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn partitions_grow_with_the_corpus_and_a_corpus_that_grows_by_little_keeps_them() {
        assert_eq!([0, MIB, 8 << 30].map(|bytes| size_for(bytes, None)), [8 * MIB; 3]);
        assert_eq!(size_for((8 << 30) + 1, None), 16 * MIB);
        assert_eq!(size_for(1_000_000_000_000, None), 1 << 30);
        // A percent a day: cut anew when it has doubled, and not again before it is four times as large as then.
        let (mut bytes, mut size, mut changes) = (8u64 << 30, 8 * MIB, Vec::new());
        while bytes < 64 << 30 {
            bytes += bytes / 100;
            let now = size_for(bytes, Some(size));
            if now != size {
                changes.push(bytes >> 30);
                size = now;
            }
            assert!((256..=2048).contains(&bytes.div_ceil(size)), "{} partitions of {bytes}", bytes.div_ceil(size));
        }
        assert_eq!(changes, [16, 64], "it goes to the size of a corpus that is cut for the first time");
        assert_eq!(size_for(8 << 30, Some(32 * MIB)), 32 * MIB, "it may shrink by a good deal");
        assert_eq!(size_for(3 << 30, Some(32 * MIB)), 8 * MIB);
        assert_eq!(size_for(9 << 30, Some(12 * MIB)), 16 * MIB, "no size of ours");
    }

    #[test]
    fn a_size_that_would_cut_a_corpus_into_too_many_partitions_is_raised() {
        assert_eq!([1000, 1 << 20].map(|asked| bounded(asked, 1 << 20)), [1 << 10, 1 << 20]);
        assert_eq!(bounded(1000, (1 << 20) + 1), 1 << 11);
        assert_eq!([0, 9].map(|bytes| bounded(1, bytes)), [1, 1]);
    }
}
