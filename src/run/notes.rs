//! Notes and decisions on their way through the disk: fixed-size records, parted by key range and by partition.

use std::ops::Range;

use super::blob::{BlobWriter, BucketWriter, Buckets};
use super::error::RunError;
use super::job::Job;
use super::store::Key;
use super::task::Task;
use crate::document::Position;
use crate::stage::{Decision, Note, Stage};
use crate::text::size::ByteSize;

/// Notes are parted by the first byte of their key.
const PREFIXES: usize = 256;

/// Bytes of a position on disk.
pub const POSITION_BYTES: usize = 20;

/// Bytes of a note on disk.
const NOTE_BYTES: usize = 44;

/// Bytes of a decision on disk.
const DECISION_BYTES: usize = 49;

/// Gathers the notes of one partition for several stages, parted by the first byte of their key.
pub struct NoteWriter(BucketWriter);

impl NoteWriter {
    /// Begins the notes of a partition for `stages` stages.
    #[must_use]
    pub fn new(blob: BlobWriter, stages: usize, memory: ByteSize) -> Self {
        Self(BucketWriter::new(blob, stages * PREFIXES, chunk(memory)))
    }

    /// Adds a note of the stage that is number `stage` among those observing.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(&mut self, stage: usize, note: &Note) -> Result<(), RunError> {
        let [prefix, ..] = note.key;
        self.0.push(stage * PREFIXES + usize::from(prefix), |bucket| {
            bucket.extend_from_slice(&note.key);
            put_position(bucket, note.position);
            bucket.extend_from_slice(&note.value.to_le_bytes());
        })
    }

    /// Puts the rest on disk and the file in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(self) -> Result<(), RunError> {
        self.0.finish()
    }
}

/// Lets the stage that is number `observer` of `segment`'s observers decide over the keys of `range`; returns the number of
/// decisions.
///
/// Takes as many notes into memory at a time as the job allows, sorts them by key, those of one key in the order of the
/// corpus, and writes the decisions parted by the partition they are about.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn decide(job: &Job<'_>, segment: usize, observer: usize, range: usize) -> Result<u64, RunError> {
    let observers = &job.plan.segments[segment].observes;
    let Stage::Global(stage) = &job.plan.stage(observers[observer]).stage else { return Ok(0) };
    let keys = &job.keys.decides[segment][observer];
    let runs = Runs { job, results: job.results(segment)?, buckets: observers.len() * PREFIXES, observer };
    let blob = job.create(keys[range], "decisions")?;
    let mut out = BucketWriter::new(blob, job.partitions.len(), chunk(job.memory));
    let mut count = 0;
    for part in runs.parts((range * PREFIXES / keys.len())..((range + 1) * PREFIXES / keys.len()))? {
        let mut notes = runs.read(&part)?;
        // Stable: notes of one key stay in the order of the corpus, in which they were read.
        notes.sort_by_key(|note| note.key);
        let mut full = Ok(());
        for same in notes.chunk_by(|a, b| a.key == b.key) {
            stage.decide(same, &mut |decision| {
                count += 1;
                let partition = job.partition_of(decision.position);
                if full.is_ok() {
                    full = out.push(partition, |bucket| put_decision(bucket, &decision));
                }
            });
        }
        full?;
    }
    out.finish()?;
    Ok(count)
}

/// What the stage that is number `observer` of `segment`'s observers decided about `partition`, sorted.
///
/// # Errors
/// If the disk refuses, or a decision is not made yet.
pub fn decisions(job: &Job<'_>, segment: usize, observer: usize, partition: usize) -> Result<Vec<Decision>, RunError> {
    let mut decisions = Vec::new();
    for (range, key) in job.keys.decides[segment][observer].iter().enumerate() {
        if job.store.receipt::<u64>(*key).is_none() {
            return Err(job.not_ready(Task::Decide { segment, observer, range }));
        }
        let buckets = Buckets::open(&job.store.path(*key, "decisions"), job.partitions.len())?;
        decisions.extend(buckets.read(partition)?.chunks_exact(DECISION_BYTES).map(read_decision));
    }
    decisions.sort_unstable();
    Ok(decisions)
}

/// The notes of one stage, as all partitions wrote them.
struct Runs<'a> {
    job: &'a Job<'a>,
    results: &'a [Key],
    buckets: usize,
    observer: usize,
}

/// Notes that are decided together: those of some prefixes, or of a part of one prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    prefixes: Range<usize>,
    /// Of the one prefix, the number of the part and how many there are, by the bits that follow.
    share: (usize, usize),
}

impl Runs<'_> {
    /// Cuts the prefixes into parts of which each fits the memory.
    fn parts(&self, prefixes: Range<usize>) -> Result<Vec<Part>, RunError> {
        let mut bytes = vec![0; prefixes.len()];
        for key in self.results {
            let buckets = self.open(*key)?;
            for (sum, prefix) in bytes.iter_mut().zip(prefixes.clone()) {
                *sum += buckets.length(self.observer * PREFIXES + prefix);
            }
        }
        Ok(cut(prefixes.start, &bytes, self.job.memory.0 / 2))
    }

    /// The notes of a part, partition after partition.
    fn read(&self, part: &Part) -> Result<Vec<Note>, RunError> {
        let mut notes = Vec::new();
        let (number, parts) = part.share;
        for key in self.results {
            let buckets = self.open(*key)?;
            for prefix in part.prefixes.clone() {
                let bytes = buckets.read(self.observer * PREFIXES + prefix)?;
                let all = bytes.chunks_exact(NOTE_BYTES).map(read_note);
                notes.extend(all.filter(|note| parts == 1 || share_of(&note.key, parts) == number));
            }
        }
        Ok(notes)
    }

    fn open(&self, key: Key) -> Result<Buckets, RunError> {
        Buckets::open(&self.job.store.path(key, "notes"), self.buckets)
    }
}

/// Joins prefixes, of which the first is `first` and which have so many bytes of notes, while they fit `limit`, and cuts
/// one that does not.
fn cut(first: usize, bytes: &[u64], limit: u64) -> Vec<Part> {
    let limit = limit.max(NOTE_BYTES as u64);
    let mut parts: Vec<(Part, u64)> = Vec::new();
    for (prefix, size) in (first..).zip(bytes) {
        let shares = size.div_ceil(limit).max(1) as usize;
        match parts.last_mut() {
            Some((last, sum)) if shares == 1 && last.share.1 == 1 && *sum + size <= limit => {
                last.prefixes.end = prefix + 1;
                *sum += size;
            }
            _ => {
                let part = |number| (Part { prefixes: prefix..prefix + 1, share: (number, shares) }, *size);
                parts.extend((0..shares).map(part));
            }
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

/// Which of `parts` parts of its prefix a key belongs to.
fn share_of(key: &[u8; 16], parts: usize) -> usize {
    let [_, a, b, c, d, ..] = *key;
    ((u64::from(u32::from_be_bytes([a, b, c, d])) * parts as u64) >> 32) as usize
}

/// How much is gathered in memory before it is put on disk.
fn chunk(memory: ByteSize) -> usize {
    (memory.0 / 8).clamp(1 << 16, 32 << 20) as usize
}

/// Appends a position in 20 bytes.
pub fn put_position(out: &mut Vec<u8>, position: Position) {
    out.extend_from_slice(&position.file.to_le_bytes());
    out.extend_from_slice(&position.record.to_le_bytes());
    out.extend_from_slice(&position.block.to_le_bytes());
}

/// Reads what [`put_position`] wrote.
#[must_use]
pub fn read_position(bytes: &[u8]) -> Position {
    let mut block = [0; 4];
    block.copy_from_slice(&bytes[16..20]);
    Position { file: number(bytes, 0), record: number(bytes, 8), block: u32::from_le_bytes(block) }
}

fn read_note(bytes: &[u8]) -> Note {
    let mut key = [0; 16];
    key.copy_from_slice(&bytes[..16]);
    Note { key, position: read_position(&bytes[16..]), value: number(bytes, 36) }
}

/// Appends a decision.
pub fn put_decision(out: &mut Vec<u8>, decision: &Decision) {
    put_position(out, decision.position);
    out.push(u8::from(decision.partner.is_some()));
    put_position(out, decision.partner.unwrap_or(decision.position));
    out.extend_from_slice(&decision.value.to_le_bytes());
}

fn read_decision(bytes: &[u8]) -> Decision {
    let partner = (bytes[20] == 1).then(|| read_position(&bytes[21..]));
    Decision { position: read_position(bytes), partner, value: number(bytes, 41) }
}

/// The little-endian `u64` at `offset`.
fn number(bytes: &[u8], offset: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[offset..offset + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_decisions_survive_the_disk() {
        let position = Position { file: u64::MAX - 7, record: 1 << 40, block: u32::MAX };
        let partner = Some(Position { file: 0, record: 3, block: 9 });
        for partner in [partner, None] {
            let decision = Decision { position, partner, value: u64::MAX - 1 };
            let mut bytes = Vec::new();
            put_decision(&mut bytes, &decision);
            assert_eq!(bytes.len(), DECISION_BYTES);
            assert_eq!(read_decision(&bytes), decision);
        }
    }

    #[test]
    fn parts_hold_every_note_once_and_fit_the_limit() {
        let part = |prefixes, share| Part { prefixes, share };
        let parts = cut(7, &[400, 500, 200, 3000, 0, 10], 1000);
        let expected = [part(7..9, (0, 1)), part(9..10, (0, 1)), part(10..11, (0, 3)), part(10..11, (1, 3))];
        assert_eq!(parts[..4], expected);
        assert_eq!(parts[4..], [part(10..11, (2, 3)), part(11..13, (0, 1))]);
        let share = |byte| share_of(&[0, byte, byte, byte, byte, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3);
        assert_eq!([share(0), share(84), share(86), share(255)], [0, 0, 1, 2]);
    }
}
