//! Notes and decisions on their way through the disk: fixed-size records, parted by key range and by partition.

use super::blob::{BlobWriter, BucketWriter, Buckets};
use super::error::RunError;
use super::job::Job;
use super::runs::Runs;
use super::task::Task;
use crate::document::Position;
use crate::stage::{Decision, Note, Stage, decide_all};
use crate::text::size::ByteSize;

/// Notes are parted by the first byte of their key.
pub const PREFIXES: usize = 256;

/// Bytes of a position on disk.
pub const POSITION_BYTES: usize = 20;

/// Bytes of a note on disk.
pub const NOTE_BYTES: usize = 44;

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
/// corpus, and writes the decisions parted by the partition they are about. A key with more notes than that is read twice
/// instead: to see what its notes come to, and to decide about each.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn decide(job: &Job<'_>, segment: usize, observer: usize, range: usize) -> Result<u64, RunError> {
    let observers = &job.plan.segments[segment].observes;
    let Stage::Global(stage) = &job.plan.stage(observers[observer]).stage else { return Ok(0) };
    let keys = &job.keys.decides[segment][observer];
    let blob = job.create(keys[range], "decisions")?;
    let mut out = BucketWriter::new(blob, job.partitions.len(), chunk(job.memory));
    let (mut count, mut written) = (0, Ok(()));
    let mut decide = |decision: Decision| {
        count += 1;
        if written.is_ok() {
            written = out.push(job.partition_of(decision.position), |bucket| put_decision(bucket, &decision));
        }
    };
    let runs = Runs::new(job, segment, observer)?;
    let prefixes = (range * PREFIXES / keys.len())..((range + 1) * PREFIXES / keys.len());
    for part in runs.parts(prefixes)? {
        let (notes, large) = runs.read(&part)?;
        decide_all(stage.as_ref(), &notes, &mut decide);
        drop(notes);
        for copies in large.values() {
            let mut notes = runs.of_key(copies.first.key);
            stage.decide(copies, &mut notes, &mut decide);
            notes.end()?;
        }
    }
    written?;
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

/// How much is gathered in memory before it is put on disk.
pub fn chunk(memory: ByteSize) -> usize {
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

/// Reads a note.
#[must_use]
pub fn read_note(bytes: &[u8]) -> Note {
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
}
