//! Notes and decisions on their way through the disk: fixed-size records, parted by key range and by partition.

use super::blob::{Blob, BlobWriter};
use super::error::RunError;
use super::job::{Job, partition_of};
use crate::document::Position;
use crate::stage::{Decision, Note};

/// Notes are put on disk whenever a partition has this many bytes of them.
const CHUNK_BYTES: usize = 32 << 20;

/// Bytes of a position on disk.
pub const POSITION_BYTES: usize = 16;

/// Bytes of a note on disk.
const NOTE_BYTES: usize = 40;

/// Bytes of a decision on disk.
const DECISION_BYTES: usize = 40;

/// Gathers the notes of one partition for several stages, parted by key range.
///
/// On disk a chunk is one section for each stage and key range, in that order; chunks follow each other.
pub struct NoteWriter {
    blob: BlobWriter,
    /// `stages x ranges` buffers.
    buffers: Vec<Vec<u8>>,
    ranges: usize,
    held: usize,
}

impl NoteWriter {
    /// Begins the notes of a partition.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(job: &Job<'_>, segment: usize, partition: usize, stages: usize) -> Result<Self, RunError> {
        let blob = BlobWriter::create(&job.file(&format!("notes-{segment}"), partition))?;
        Ok(Self { blob, buffers: vec![Vec::new(); stages * job.ranges], ranges: job.ranges, held: 0 })
    }

    /// Adds a note of the stage that is number `stage` among those observing.
    pub fn push(&mut self, stage: usize, note: &Note) {
        let buffer = &mut self.buffers[stage * self.ranges + range_of(note.key, self.ranges)];
        buffer.extend_from_slice(&note.key);
        put_position(buffer, note.position);
        buffer.extend_from_slice(&note.value.to_le_bytes());
        self.held += NOTE_BYTES;
    }

    /// Puts a chunk on disk if enough has gathered.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn spill_if_full(&mut self) -> Result<(), RunError> {
        if self.held >= CHUNK_BYTES { self.spill() } else { Ok(()) }
    }

    /// Puts the rest on disk and the file in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> Result<(), RunError> {
        self.spill()?;
        self.blob.finish()
    }

    fn spill(&mut self) -> Result<(), RunError> {
        for buffer in &mut self.buffers {
            self.blob.section(buffer)?;
            buffer.clear();
        }
        self.held = 0;
        Ok(())
    }
}

/// Lets the stage that is number `observer` of `segment`'s observers decide over key range `range`.
///
/// Reads the notes of that range from all partitions, sorts them by the whole record, and writes the decisions parted by
/// the partition they are about. Returns the number of decisions.
///
/// # Errors
/// If the disk refuses.
pub fn decide(job: &Job<'_>, segment: usize, observer: usize, range: usize) -> Result<u64, RunError> {
    let observers = &job.plan.segments[segment].observes;
    let crate::stage::Stage::Global(stage) = &job.plan.stage(observers[observer]).stage else { return Ok(0) };
    let mut notes = Vec::new();
    for partition in 0..job.partitions.len() {
        let blob = Blob::open(&job.file(&format!("notes-{segment}"), partition))?;
        for chunk in 0..blob.sections() / (observers.len() * job.ranges) {
            let section = (chunk * observers.len() + observer) * job.ranges + range;
            notes.extend(blob.section(section)?.chunks_exact(NOTE_BYTES).map(read_note));
        }
    }
    notes.sort_unstable();
    let starts = job.starts();
    let mut out = vec![Vec::new(); job.partitions.len()];
    let mut count = 0;
    for same in notes.chunk_by(|a, b| a.key == b.key) {
        stage.decide(same, &mut |decision| {
            put_decision(&mut out[partition_of(&starts, decision.position)], &decision);
            count += 1;
        });
    }
    let mut blob = BlobWriter::create(&job.file(&format!("decisions-{segment}-{observer}"), range))?;
    for decisions in out {
        blob.section(&decisions)?;
    }
    blob.finish()?;
    Ok(count)
}

/// What the stage that is number `observer` of `segment`'s observers decided about `partition`, sorted.
///
/// # Errors
/// If the disk refuses.
pub fn decisions(job: &Job<'_>, segment: usize, observer: usize, partition: usize) -> Result<Vec<Decision>, RunError> {
    let mut decisions = Vec::new();
    for range in 0..job.ranges {
        let blob = Blob::open(&job.file(&format!("decisions-{segment}-{observer}"), range))?;
        decisions.extend(blob.section(partition)?.chunks_exact(DECISION_BYTES).map(read_decision));
    }
    decisions.sort_unstable();
    Ok(decisions)
}

/// Appends a position in 16 bytes.
pub fn put_position(out: &mut Vec<u8>, position: Position) {
    out.extend_from_slice(&position.record.to_le_bytes());
    out.extend_from_slice(&position.file.to_le_bytes());
    out.extend_from_slice(&position.block.to_le_bytes());
}

/// Reads what [`put_position`] wrote.
#[must_use]
pub fn read_position(bytes: &[u8]) -> Position {
    Position { record: number(bytes, 0), file: number(bytes, 8) as u32, block: (number(bytes, 8) >> 32) as u32 }
}

/// Key ranges are equal parts of the 16-bit prefixes.
fn range_of(key: [u8; 16], ranges: usize) -> usize {
    let [high, low, ..] = key;
    (usize::from(u16::from_be_bytes([high, low])) * ranges) >> 16
}

fn read_note(bytes: &[u8]) -> Note {
    let mut key = [0; 16];
    key.copy_from_slice(&bytes[..16]);
    Note { key, position: read_position(&bytes[16..]), value: number(bytes, 32) }
}

/// A partner of `u32::MAX` as file stands for none.
fn put_decision(out: &mut Vec<u8>, decision: &Decision) {
    const NONE: Position = Position { file: u32::MAX, record: 0, block: 0 };
    put_position(out, decision.position);
    put_position(out, decision.partner.unwrap_or(NONE));
    out.extend_from_slice(&decision.value.to_le_bytes());
}

fn read_decision(bytes: &[u8]) -> Decision {
    let partner = Some(read_position(&bytes[16..])).filter(|partner| partner.file != u32::MAX);
    Decision { position: read_position(bytes), partner, value: number(bytes, 32) }
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
        let position = Position { file: 7, record: 1 << 40, block: u32::MAX };
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
    fn key_ranges_cover_all_keys_evenly() {
        let range = |high, low| range_of([high, low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3);
        assert_eq!([range(0, 0), range(85, 85), range(85, 86), range(255, 255)], [0, 0, 1, 2]);
    }
}
