//! Places in the order of the corpus, and how positions are written.
//!
//! A [`Position`] names its file by a hash, so that it means the same in every build; a [`Rank`] names it by its number in
//! this build, so that ranks sort as the corpus does. What is kept for later builds holds positions only.

use super::error::RunError;
use super::job::Job;
use super::store::Key;
use crate::document::Position;
use crate::exchange::{KeyRange, Record, Sorter, put_number, take_array, take_number};

/// The place of a block or document in the order of the corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// The number of the file among the inputs.
    pub file: u32,
    /// 0-based record in the file.
    pub record: u64,
    /// Number of the block; 0 where a whole document is meant.
    pub block: u32,
}

impl Rank {
    /// The place of the document.
    #[must_use]
    pub fn document(self) -> Self {
        Self { block: 0, ..self }
    }

    /// Appends 16 bytes that sort as ranks do.
    pub fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.file.to_be_bytes());
        out.extend_from_slice(&self.record.to_be_bytes());
        out.extend_from_slice(&self.block.to_be_bytes());
    }

    /// Reads what [`Rank::put`] wrote.
    #[must_use]
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let file = u32::from_be_bytes(take_array(&mut bytes)?);
        let record = u64::from_be_bytes(take_array(&mut bytes)?);
        let block = u32::from_be_bytes(take_array(&mut bytes)?);
        bytes.is_empty().then_some(Self { file, record, block })
    }
}

impl Job<'_> {
    /// The place of `position` in the order of the corpus.
    ///
    /// # Errors
    /// If it is in no input, so that what named it must be damaged.
    pub fn rank(&self, position: Position) -> Result<Rank, RunError> {
        let file = self
            .file_of(position)
            .ok_or_else(|| RunError::damaged(self.store.scratch(), format!("a position in no input: {position:?}")))?;
        Ok(Rank { file, record: position.record, block: position.block })
    }

    /// The places in `partition`, as keys.
    #[must_use]
    pub fn ranks_of(&self, partition: usize) -> KeyRange {
        let first = |partition: usize| {
            let (file, slice) = self.partitions.get(partition)?.slices.first()?;
            let mut key = Vec::new();
            Rank { file: *file, record: slice.first_record, block: 0 }.put(&mut key);
            Some(key)
        };
        KeyRange { from: first(partition).unwrap_or_default(), to: first(partition + 1) }
    }

    /// A sorter that may hold one part in `share` of a task's memory.
    #[must_use]
    pub fn sorter<R: Record>(&self, share: u64) -> Sorter<R> {
        Sorter::new(self.store.scratch().to_owned(), self.memory.0 / share.max(1))
    }

    /// Puts sorted records into the store.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn keep<R: Record>(&self, records: Sorter<R>, key: Key, kind: &str) -> Result<(), RunError> {
        let file = self.store.begin()?;
        let path = file.path().to_owned();
        let file = records.sort()?.write(file, &path)?;
        self.store.place(file.close(), self.store.path(key, kind));
        Ok(())
    }
}

/// Appends a position.
pub fn put_position(out: &mut Vec<u8>, position: Position) {
    out.extend_from_slice(&position.file.to_le_bytes());
    put_number(out, position.record);
    put_number(out, u64::from(position.block));
}

/// Takes a position that [`put_position`] wrote off the front of `bytes`.
#[must_use]
pub fn take_position(bytes: &mut &[u8]) -> Option<Position> {
    let file = u64::from_le_bytes(take_array(bytes)?);
    Some(Position { file, record: take_number(bytes)?, block: take_number(bytes)?.try_into().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_sort_on_disk_as_the_corpus_does() {
        let ranks = [(0, 0, 0), (0, 0, 7), (0, 1, 0), (0, 300, 256), (1, 2, 0), (256, 0, 0)];
        let ranks = ranks.map(|(file, record, block)| Rank { file, record, block });
        let keys = ranks.map(|rank| {
            let mut key = Vec::new();
            rank.put(&mut key);
            assert_eq!(Rank::read(&key), Some(rank));
            key
        });
        assert!(keys.is_sorted());
        assert_eq!(Rank::read(&keys[0][1..]), None);
    }
}
