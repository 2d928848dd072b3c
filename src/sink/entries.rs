//! The documents of a finished dataset with all that it says of each: the row, and what the ledger has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::RecordBatch;

use super::dataset::{Chosen, Dataset, DatasetError, Removed, batches, chosen, removed_rows, text, whole};

/// A document of a dataset, kept or removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Path of its input file.
    pub source: String,
    /// Its record in the file.
    pub record: u64,
    /// Its split and its row, if it was kept.
    pub row: Option<(String, RecordBatch)>,
    /// What the ledger says of it, in order.
    pub removed: Vec<Removed>,
}

impl Dataset {
    /// The documents that are chosen, in the order of their records.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn entries(&self, wanted: Chosen<'_>) -> Result<Vec<Entry>, DatasetError> {
        let mut entries: BTreeMap<(u64, String), Entry> = BTreeMap::new();
        let mut entry = |id: &str, source: &str, record: u64, add: &dyn Fn(&mut Entry)| {
            let new = || Entry { id: id.to_owned(), source: source.to_owned(), record, row: None, removed: Vec::new() };
            add(entries.entry((record, id.to_owned())).or_insert_with(new));
        };
        for path in self.tables("data/") {
            let split = split_of(&path);
            for batch in chosen(&path, &[], Some(wanted))? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    let named = |column| text(&batch, column, row).unwrap_or_default();
                    let record = whole(&batch, "record", row).unwrap_or_default();
                    entry(named("id"), named("source"), record, &|entry| {
                        entry.row = Some((split.clone(), batch.slice(row, 1)));
                    });
                }
            }
        }
        // Where the config left these columns out, a document is known by its id alone.
        let has_place = self.has_column("source") && self.has_column("record");
        for path in self.tables("ledger/removed") {
            for batch in chosen(&path, &[], Some(wanted))? {
                for removed in removed_rows(&batch?) {
                    let (id, source) = (removed.id.clone(), removed.source.clone());
                    let record = if has_place { removed.record } else { 0 };
                    entry(&id, &source, record, &|entry| entry.removed.push(removed.clone()));
                }
            }
        }
        Ok(entries.into_values().collect())
    }

    /// The ids of all documents, kept ones first.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn ids(&self) -> Result<BTreeSet<String>, DatasetError> {
        let mut ids = BTreeSet::new();
        for path in self.tables("data/").into_iter().chain(self.tables("ledger/removed")) {
            for batch in batches(&path, &["id"], None)? {
                let batch = batch?;
                ids.extend((0..batch.num_rows()).filter_map(|row| text(&batch, "id", row).map(str::to_owned)));
            }
        }
        Ok(ids)
    }

    /// The ids of at most `most` documents that have `wanted` in their text or in what was taken out of it, in order.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn ids_with(&self, wanted: &str, most: usize) -> Result<BTreeSet<String>, DatasetError> {
        let finder = memchr::memmem::Finder::new(wanted);
        let mut ids = BTreeSet::new();
        for path in self.tables("data/").into_iter().chain(self.tables("ledger/removed")) {
            for batch in batches(&path, &["id", "text"], None)? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    if text(&batch, "text", row).is_some_and(|text| finder.find(text.as_bytes()).is_some()) {
                        ids.insert(text(&batch, "id", row).unwrap_or_default().to_owned());
                    }
                    if ids.len() >= most {
                        return Ok(ids);
                    }
                }
            }
        }
        Ok(ids)
    }
}

/// The split that a file of `data/` is of: `train-00000-of-00004.parquet`.
#[must_use]
pub fn split_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut parts = name.rsplitn(4, '-');
    parts.nth(3).unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_split() {
        assert_eq!(split_of(Path::new("data/train-00000-of-00004.parquet")), "train");
        assert_eq!(split_of(Path::new("data/test.fr_a-00000-of-00004.parquet")), "test.fr_a");
    }
}
