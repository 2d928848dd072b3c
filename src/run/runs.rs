//! The notes of one global stage read back from all partitions, as many at a time as fit the memory.

use std::collections::BTreeMap;
use std::ops::Range;

use super::blob::Buckets;
use super::error::RunError;
use super::job::Job;
use super::notes::{NOTE_BYTES, PREFIXES, read_note};
use super::store::Key;
use crate::stage::{Copies, Note};

/// The notes of one stage, as all partitions wrote them.
pub struct Runs<'a> {
    job: &'a Job<'a>,
    /// Under which key each partition's notes lie, in the order of the corpus.
    results: &'a [Key],
    buckets: usize,
    observer: usize,
    /// So many bytes of notes are read at a time.
    limit: u64,
}

/// Notes that are decided together: those of some prefixes, or of a part of one prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    prefixes: Range<usize>,
    /// Of the one prefix, the number of the part and how many there are, by the bits that follow.
    share: (usize, usize),
}

/// Keys with more notes than are taken into memory, and what their notes come to.
type Large = BTreeMap<[u8; 16], Copies>;

impl<'a> Runs<'a> {
    /// The notes of the stage that is number `observer` of `segment`'s observers.
    ///
    /// # Errors
    /// If a partition is not done.
    pub fn new(job: &'a Job<'a>, segment: usize, observer: usize) -> Result<Self, RunError> {
        let buckets = job.plan.segments[segment].observes.len() * PREFIXES;
        let limit = (job.memory.0 / 3).max(NOTE_BYTES as u64);
        Ok(Self { job, results: job.results(segment)?, buckets, observer, limit })
    }

    /// Cuts the prefixes into parts of which each fits the memory, unless one key alone does not.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn parts(&self, prefixes: Range<usize>) -> Result<Vec<Part>, RunError> {
        let mut bytes = vec![0; prefixes.len()];
        for key in self.results {
            let buckets = self.open(*key)?;
            for (sum, prefix) in bytes.iter_mut().zip(prefixes.clone()) {
                *sum += buckets.length(self.observer * PREFIXES + prefix);
            }
        }
        Ok(cut(prefixes.start, &bytes, self.limit))
    }

    /// The notes of a part, sorted by key and, of one key, in the order of the corpus; but for those of large keys.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn read(&self, part: &Part) -> Result<(Vec<Note>, Large), RunError> {
        let mut notes = Vec::new();
        let mut large = Large::new();
        let most = usize::try_from(self.limit * 2).unwrap_or(usize::MAX) / size_of::<Note>();
        let mut next = most;
        for key in self.results {
            let buckets = self.open(*key)?;
            for prefix in part.prefixes.clone() {
                for note in self.records(&buckets, prefix)?.chunks_exact(NOTE_BYTES).map(read_note) {
                    match large.get_mut(&note.key) {
                        _ if !part.holds(&note.key) => {}
                        Some(copies) => copies.add(&note),
                        None => notes.push(note),
                    }
                }
            }
            if notes.len() > next {
                set_aside(&mut notes, &mut large, most / 4);
                next = notes.len() + most;
            }
        }
        // Stable: notes of one key stay in the order in which they were read.
        notes.sort_by_key(|note| note.key);
        Ok((notes, large))
    }

    /// The notes of one key, partition after partition.
    #[must_use]
    pub fn of_key(&self, key: [u8; 16]) -> OfKey<'_> {
        OfKey { runs: self, key, partition: 0, notes: Vec::new().into_iter(), failed: Ok(()) }
    }

    fn records(&self, buckets: &Buckets, prefix: usize) -> Result<Vec<u8>, RunError> {
        buckets.read(self.observer * PREFIXES + prefix)
    }

    fn open(&self, key: Key) -> Result<Buckets, RunError> {
        Buckets::open(&self.job.store.path(key, "notes"), self.buckets)
    }
}

/// The notes of one key, of which only one partition's are in memory at a time.
pub struct OfKey<'a> {
    runs: &'a Runs<'a>,
    key: [u8; 16],
    partition: usize,
    notes: std::vec::IntoIter<Note>,
    failed: Result<(), RunError>,
}

impl OfKey<'_> {
    /// What went wrong on the way, if anything did.
    ///
    /// # Errors
    /// If the disk refused.
    pub fn end(self) -> Result<(), RunError> {
        self.failed
    }

    fn load(&self, result: Key) -> Result<Vec<Note>, RunError> {
        let records = self.runs.records(&self.runs.open(result)?, usize::from(self.key[0]))?;
        let notes = records.chunks_exact(NOTE_BYTES).map(read_note);
        Ok(notes.filter(|note| note.key == self.key).collect())
    }
}

impl Iterator for OfKey<'_> {
    type Item = Note;

    fn next(&mut self) -> Option<Note> {
        loop {
            if let Some(note) = self.notes.next() {
                return Some(note);
            }
            let result = *self.runs.results.get(self.partition)?;
            self.partition += 1;
            match self.load(result) {
                Ok(notes) => self.notes = notes.into_iter(),
                Err(error) => {
                    self.failed = Err(error);
                    self.partition = usize::MAX;
                }
            }
        }
    }
}

impl Part {
    fn holds(&self, key: &[u8; 16]) -> bool {
        let (number, parts) = self.share;
        parts == 1 || share_of(key, parts) == number
    }
}

/// Takes the notes of keys with more than `most` of them out of `notes`, and counts them in `large`.
fn set_aside(notes: &mut Vec<Note>, large: &mut Large, most: usize) {
    notes.sort_by_key(|note| note.key);
    for same in notes.chunk_by(|a, b| a.key == b.key).filter(|same| same.len() > most.max(1)) {
        large.extend(Copies::of(same).map(|copies| (copies.first.key, copies)));
    }
    notes.retain(|note| !large.contains_key(&note.key));
}

/// Joins prefixes, of which the first is `first` and which have so many bytes of notes, while they fit `limit`, and cuts
/// one that does not.
fn cut(first: usize, bytes: &[u64], limit: u64) -> Vec<Part> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Position;

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

    #[test]
    fn only_keys_with_many_notes_are_set_aside() {
        let note =
            |key: u8, record| Note { key: [key; 16], position: Position { file: 9, record, block: 0 }, value: 0 };
        let mut notes: Vec<Note> = (0..30).map(|record| note((record % 3 == 0).into(), record / 2)).collect();
        notes.push(note(2, 99));
        let mut large = Large::new();
        set_aside(&mut notes, &mut large, 15);
        assert_eq!(large.keys().collect::<Vec<_>>(), [&[0; 16]]);
        let copies = large[&[0; 16]];
        assert_eq!((copies.first.position.record, copies.notes, copies.documents), (0, 20, 15));
        assert_eq!(notes.len(), 11);
    }
}
