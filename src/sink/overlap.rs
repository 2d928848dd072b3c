//! Measures what splits have in common: documents that are nearly the same as one of another split.
//!
//! Compares the texts themselves and takes no stage's word for it. Memory is in proportion to the texts of all splits but the
//! largest, which is read past them.

use std::collections::{BTreeSet, HashMap};

use super::dataset::{Dataset, DatasetError, batches, text};
use crate::near::{Bands, Key, Measure, Shingles};

/// How many documents of a split have a near copy in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The split whose documents are counted; never the larger of the two.
    pub split: String,
    /// The other.
    pub other: String,
    /// Documents of the first that have a near copy in the other.
    pub near: u64,
    /// Documents of the first.
    pub documents: u64,
}

/// Documents are near copies from this Jaccard similarity on.
pub const THRESHOLD: f64 = 0.8;

/// Words of a shingle.
const SHINGLE: usize = 5;

/// Compares the texts of each two splits of `dataset`.
///
/// # Errors
/// If a file cannot be read.
pub fn overlaps(dataset: &Dataset) -> Result<Vec<Overlap>, DatasetError> {
    let mut splits: Vec<(&String, u64)> =
        dataset.manifest.counts.splits.iter().map(|(name, output)| (name, output.documents)).collect();
    splits.sort_by_key(|(name, documents)| (*documents, *name));
    let mut held = Held::default();
    for (number, (name, _)) in splits.iter().enumerate() {
        let is_last = number + 1 == splits.len();
        for path in dataset.tables(&format!("data/{name}-")) {
            for batch in batches(&path, &["text"], None)? {
                let batch = batch?;
                let texts = (0..batch.num_rows()).filter_map(|row| text(&batch, "text", row));
                texts.for_each(|text| held.meet(number, text, is_last));
            }
        }
    }
    let pairs = splits.iter().enumerate().flat_map(|(first, of)| {
        splits.iter().enumerate().skip(first + 1).map(move |(second, other)| (first, of, second, other))
    });
    let overlap =
        |(first, (split, documents), second, (other, _)): (usize, &(&String, u64), usize, &(&String, u64))| {
            let range = (first, second, 0)..=(first, second, usize::MAX);
            let near = held.near.range(range).count() as u64;
            Overlap { split: (*split).clone(), other: (*other).clone(), near, documents: *documents }
        };
    Ok(pairs.map(overlap).collect())
}

/// The documents of splits that were read.
#[derive(Default)]
struct Held {
    shingles: Shingles,
    documents: Vec<(usize, Vec<u64>)>,
    by_key: HashMap<Key, Vec<usize>>,
    /// The split of a document, another that has a near copy of it, and the document.
    near: BTreeSet<(usize, usize, usize)>,
}

impl Held {
    /// Compares a document of `split` with those of others, and holds it unless it `is_last` of all splits.
    fn meet(&mut self, split: usize, text: &str, is_last: bool) {
        let found = self.shingles.fill(text, SHINGLE);
        if found.is_empty() {
            return;
        }
        let mut keys = Vec::new();
        Bands::new(20, 6, 6, 1).keys(found, |key| keys.push(key));
        let set = self.shingles.set();
        let met: BTreeSet<usize> = keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        let measure = Measure { jaccard: THRESHOLD, containment: None };
        for at in met {
            let (other, held) = &self.documents[at];
            let nearness = measure.compare(held, &set).filter(|nearness| measure.is_near(*nearness));
            if *other != split && nearness.is_some() {
                self.near.insert((*other, split, at));
            }
        }
        if !is_last {
            keys.into_iter().for_each(|key| self.by_key.entry(key).or_default().push(self.documents.len()));
            self.documents.push((split, set));
        }
    }
}
