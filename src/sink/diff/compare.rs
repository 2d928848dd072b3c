//! Tells the documents of two datasets apart by keys of their ids, their texts and their splits.

use arrow::array::RecordBatch;

use super::DocumentCounts;
use crate::sink::dataset::{Dataset, DatasetError, batches, text};
use crate::sink::entries::split_of;
use crate::text::hash;

/// 64-bit keys of ids: sorted.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) added: Vec<u64>,
    pub(super) removed: Vec<u64>,
    pub(super) changed: Vec<u64>,
    /// The key in the first dataset and in the second.
    pub(super) renamed: Vec<(u64, u64)>,
    /// The key, and the numbers of the splits in the first dataset and in the second.
    pub(super) moved: Vec<(u64, usize, usize)>,
    /// The names of the splits by their numbers.
    pub(super) splits: Vec<String>,
}

/// Keys of a document's id and of its text, and the number of its split.
type DocumentKeys = (u64, u64, usize);

/// The keys of all documents of a dataset, sorted. `splits` gets the names of splits that it does not have yet.
pub(super) fn documents_of(dataset: &Dataset, splits: &mut Vec<String>) -> Result<Vec<DocumentKeys>, DatasetError> {
    let mut documents = Vec::new();
    // Where the config left out the digests, the texts tell the same.
    let digested = if dataset.has_column("sha256") { "sha256" } else { "text" };
    for path in dataset.tables("data/") {
        let name = split_of(&path);
        let known = splits.iter().position(|split| *split == name);
        let split = known.unwrap_or(splits.len());
        if known.is_none() {
            splits.push(name);
        }
        for batch in batches(&path, &["id", digested], None)? {
            let batch = batch?;
            let digest = |row| first_bits(&hash::key(text(&batch, digested, row).unwrap_or_default().as_bytes()));
            documents.extend((0..batch.num_rows()).map(|row| (key_of(&batch, row), digest(row), split)));
        }
    }
    documents.sort_unstable();
    Ok(documents)
}

pub(super) fn key_of(batch: &RecordBatch, row: usize) -> u64 {
    first_bits(&hash::key(text(batch, "id", row).unwrap_or_default().as_bytes()))
}

fn first_bits(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// Sorts the documents of two datasets into those of one alone, those of both, and those that were only renamed.
pub(super) fn compare(a: Vec<DocumentKeys>, b: Vec<DocumentKeys>) -> (DocumentCounts, Sets) {
    let mut counts = DocumentCounts::default();
    let mut sets = Sets::default();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (a.into_iter().peekable(), b.into_iter().peekable());
    while let (Some(one), Some(other)) = (left.peek().copied(), right.peek().copied()) {
        if one.0 < other.0 {
            removed.extend(left.next());
        } else if one.0 > other.0 {
            added.extend(right.next());
        } else {
            if one.2 != other.2 {
                sets.moved.push((one.0, one.2, other.2));
            }
            if one.1 == other.1 {
                counts.same += 1;
            } else {
                sets.changed.push(one.0);
            }
            left.next();
            right.next();
        }
    }
    removed.extend(left);
    added.extend(right);
    for documents in [&mut removed, &mut added] {
        documents.sort_unstable_by_key(|(id, text, _)| (*text, *id));
    }
    let (mut left, mut right) = (removed.into_iter().peekable(), added.into_iter().peekable());
    while let (Some(one), Some(other)) = (left.peek().copied(), right.peek().copied()) {
        if one.1 < other.1 {
            sets.removed.extend(left.next().map(|(id, ..)| id));
        } else if one.1 > other.1 {
            sets.added.extend(right.next().map(|(id, ..)| id));
        } else {
            sets.renamed.push((one.0, other.0));
            left.next();
            right.next();
        }
    }
    sets.removed.extend(left.map(|(id, ..)| id));
    sets.added.extend(right.map(|(id, ..)| id));
    sets.removed.sort_unstable();
    sets.added.sort_unstable();
    sets.renamed.sort_unstable();
    counts.added = sets.added.len() as u64;
    counts.removed = sets.removed.len() as u64;
    counts.changed = sets.changed.len() as u64;
    counts.renamed = sets.renamed.len() as u64;
    counts.moved = sets.moved.len() as u64;
    (counts, sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_apart_by_id_and_text() {
        let a = vec![(1, 10, 0), (2, 20, 0), (3, 30, 0), (4, 40, 0), (5, 50, 0), (6, 50, 0)];
        let b = vec![(1, 10, 1), (2, 21, 0), (7, 30, 0), (8, 80, 0), (9, 50, 0)];
        let (counts, sets) = compare(a, b);
        assert_eq!(counts, DocumentCounts { same: 1, added: 1, removed: 2, changed: 1, renamed: 2, moved: 1 });
        assert_eq!((sets.added, sets.removed, sets.changed), (vec![8], vec![4, 6], vec![2]));
        assert_eq!(sets.renamed, [(3, 7), (5, 9)]);
        assert_eq!(sets.moved, [(1, 0, 1)]);
    }
}
