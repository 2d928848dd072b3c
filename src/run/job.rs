//! A build in progress: the plan, the inputs as surveyed, the partitions, and where the intermediate files lie.

use std::path::PathBuf;

use crate::document::Position;
use crate::plan::Plan;
use crate::source::{Compression, FileKind, InputFile, Slice};

use super::watch::Watch;

/// What every task of a build may look at.
pub struct Job<'a> {
    /// The pipeline.
    pub plan: &'a Plan,
    /// The runs of inputs, in order of position.
    pub partitions: &'a [Partition],
    /// Into how many key ranges notes are parted. Changes no result.
    pub ranges: usize,
    /// Folder of the intermediate files.
    pub work: PathBuf,
    /// Clock and progress.
    pub watch: &'a dyn Watch,
}

/// A run of inputs cut by size: the unit of work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    /// Slices with the index of their file, in order.
    pub slices: Vec<(u32, Slice)>,
    /// Bytes of input, compressed files taken at four times their size.
    pub bytes: u64,
}

impl Job<'_> {
    /// Path of an intermediate file of partition `partition`.
    #[must_use]
    pub fn file(&self, kind: &str, partition: usize) -> PathBuf {
        self.work.join(format!("{kind}-{partition:06}"))
    }

    /// File and record with which each partition begins.
    #[must_use]
    pub fn starts(&self) -> Vec<(u32, u64)> {
        let start = |partition: &Partition| partition.slices.first().map(|(file, slice)| (*file, slice.first_record));
        self.partitions.iter().map(|partition| start(partition).unwrap_or_default()).collect()
    }
}

/// The partition that holds `position`, among partitions that begin at `starts`.
#[must_use]
pub fn partition_of(starts: &[(u32, u64)], position: Position) -> usize {
    starts.partition_point(|start| *start <= (position.file, position.record)).saturating_sub(1)
}

/// Cuts the slices of all files into partitions of about `target` bytes.
#[must_use]
pub fn partitions(files: &[InputFile], slices: Vec<(u32, Slice)>, target: u64) -> Vec<Partition> {
    let mut partitions: Vec<Partition> = Vec::new();
    for (index, slice) in slices {
        let bytes = files.get(index as usize).map_or(0, |file| weight(file, &slice));
        match partitions.last_mut() {
            Some(last) if last.bytes + bytes <= target => {
                last.bytes += bytes;
                last.slices.push((index, slice));
            }
            _ => partitions.push(Partition { slices: vec![(index, slice)], bytes }),
        }
    }
    partitions
}

/// Bytes of input that a slice stands for: a compressed file is taken at four times its size, a row group of a Parquet
/// file at a fixed size.
fn weight(file: &InputFile, slice: &Slice) -> u64 {
    match (file.compression, file.kind) {
        (Compression::None, FileKind::Jsonl) => slice.end - slice.start,
        (Compression::None, FileKind::Parquet) => file.bytes.min((slice.end - slice.start) * ROW_GROUP),
        (Compression::None, _) => file.bytes,
        _ => file.bytes.saturating_mul(4),
    }
}

/// A row group of a Parquet file counts as so many bytes: its own size is not known without its footer.
const ROW_GROUP: u64 = 4 << 20;
