//! What changed between two datasets: config, inputs, models, documents, removals by rule, tokens by language and split.
//!
//! Of each document memory holds 128 bits, a key of its id and one of its text; ids are read again where they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::array::RecordBatch;
use serde::Serialize;
use serde_json::Value;

use super::counts::{Amount, Output, RuleCounts};
use super::dataset::{Dataset, DatasetError, batches, text};
use super::manifest::{FileDigest, Manifest};
mod compare;
mod config;
mod counts;

use compare::{Sets, compare, documents_of, key_of};
use config::config_changes;
use counts::{outputs, rules};

/// Two values of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair<T> {
    /// In the first dataset.
    pub a: T,
    /// In the second.
    pub b: T,
}

/// A key of the config whose value differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConfigChange {
    /// Its path as `--set` writes it: `stage.paragraph_dedup.min_chars`. `stage` alone is the order of the stages.
    pub key: String,
    /// Its value in the first dataset; `None` where it is not set there.
    pub a: Option<Value>,
    /// Its value in the second.
    pub b: Option<Value>,
}

/// Names that only one side has, and those whose content differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NameChanges {
    /// In the second dataset only.
    pub added: Vec<String>,
    /// In the first dataset only.
    pub removed: Vec<String>,
    /// In both, with another digest.
    pub changed: Vec<String>,
}

/// How many documents there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DocumentCounts {
    /// In both, with the same text.
    pub same: u64,
    /// Ids of the second dataset only, whose text the first does not have.
    pub added: u64,
    /// Ids of the first dataset only, whose text the second does not have.
    pub removed: u64,
    /// Ids of both, with another text.
    pub changed: u64,
    /// Texts of both, under another id.
    pub renamed: u64,
    /// Ids of both, in another split; whether their text is the same or not.
    pub moved: u64,
}

/// What differs between two datasets, but for the ids of the documents, which [`Difference::ids`] and
/// [`Difference::renamed`] read again from the files.
#[derive(Debug)]
pub struct Difference<'a> {
    /// Digests of all files.
    pub digest: Pair<&'a str>,
    /// Versions of the rules by which the bytes came about.
    pub data_version: Pair<&'a str>,
    /// Config keys that differ, in order.
    pub config: Vec<ConfigChange>,
    /// Input files.
    pub inputs: NameChanges,
    /// Models, vocabularies and word lists.
    pub models: NameChanges,
    /// The accounting.
    pub totals: BTreeMap<&'static str, Pair<Amount>>,
    /// Documents of the datasets.
    pub documents: DocumentCounts,
    /// What each rule did; rules that acted in either, in the order of the stages.
    pub rules: Vec<(String, Pair<RuleCounts>)>,
    /// Rows by language; `""` where no stage told it.
    pub languages: BTreeMap<String, Pair<Output>>,
    /// Rows by split.
    pub splits: BTreeMap<String, Pair<Output>>,
    datasets: Pair<&'a Dataset>,
    sets: Sets,
}

/// A kind of document that [`Difference::ids`] lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the second dataset only.
    Added,
    /// In the first dataset only.
    Removed,
    /// In both, with another text.
    Changed,
}

/// A document whose text stands in both datasets under different ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Its id in the first dataset.
    pub a: String,
    /// Its id in the second.
    pub b: String,
}

/// A document that stands in both datasets in different splits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Its id.
    pub id: String,
    /// Its split in the first dataset.
    pub a: String,
    /// Its split in the second.
    pub b: String,
}

/// Compares two datasets.
///
/// # Errors
/// If a Parquet file cannot be read.
pub fn diff<'a>(a: &'a Dataset, b: &'a Dataset) -> Result<Difference<'a>, DatasetError> {
    let (first, second) = (&a.manifest, &b.manifest);
    let mut documents = DocumentCounts { same: first.counts.output.documents, ..DocumentCounts::default() };
    let mut sets = Sets::default();
    if first.digest != second.digest {
        let mut splits = Vec::new();
        (documents, sets) = compare(documents_of(a, &mut splits)?, documents_of(b, &mut splits)?);
        sets.splits = splits;
    }
    let models = |manifest: &Manifest| {
        manifest.models.iter().map(|model| (model.name.clone(), model.sha256.clone())).collect::<BTreeSet<_>>()
    };
    let inputs = |manifest: &Manifest| digests(&manifest.inputs);
    let total = |of: fn(&Manifest) -> Amount| Pair { a: of(first), b: of(second) };
    Ok(Difference {
        digest: Pair { a: &first.digest, b: &second.digest },
        data_version: Pair { a: &first.data_version, b: &second.data_version },
        config: config_changes(&first.config, &second.config),
        inputs: name_changes(&inputs(first), &inputs(second)),
        models: name_changes(&models(first), &models(second)),
        totals: BTreeMap::from([
            ("input", total(|manifest| manifest.counts.input)),
            ("kept", total(|manifest| manifest.counts.kept)),
            ("removed", total(|manifest| manifest.counts.removed)),
            ("rejected", total(|manifest| manifest.counts.rejected)),
        ]),
        documents,
        rules: rules(first, second),
        languages: outputs(&first.counts.languages, &second.counts.languages),
        splits: outputs(&first.counts.splits, &second.counts.splits),
        datasets: Pair { a, b },
        sets,
    })
}

impl<'a> Difference<'a> {
    /// Whether the datasets are the same, byte for byte.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.digest.a == self.digest.b
    }

    /// Ids of the documents of one kind, in the order of the dataset that has them (the second, for `Changed`).
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = Result<String, DatasetError>> + use<'_, 'a> {
        let (dataset, keys) = self.of(kind);
        Ids::of(dataset, keys)
            .filter(|id| !matches!(id, Ok((key, _)) if keys.binary_search(key).is_err()))
            .map(|id| Ok(id?.1))
    }

    /// How many documents of one kind come from which input file.
    ///
    /// # Errors
    /// If a Parquet file cannot be read.
    pub fn sources(&self, kind: Kind) -> Result<BTreeMap<String, u64>, DatasetError> {
        let (dataset, keys) = self.of(kind);
        let mut sources = BTreeMap::new();
        for path in dataset.tables("data/") {
            for batch in batches(&path, &["id", "source"], None)? {
                let batch = batch?;
                for row in (0..batch.num_rows()).filter(|row| keys.binary_search(&key_of(&batch, *row)).is_ok()) {
                    *sources.entry(text(&batch, "source", row).unwrap_or_default().to_owned()).or_default() += 1;
                }
            }
        }
        Ok(sources)
    }

    fn of(&self, kind: Kind) -> (&'a Dataset, &Vec<u64>) {
        match kind {
            Kind::Added => (self.datasets.b, &self.sets.added),
            Kind::Removed => (self.datasets.a, &self.sets.removed),
            Kind::Changed => (self.datasets.b, &self.sets.changed),
        }
    }

    /// Documents that stand in different splits, at most `limit` of them, in the order of the second dataset.
    ///
    /// # Errors
    /// If a Parquet file cannot be read.
    pub fn moved(&self, limit: usize) -> Result<Vec<Moved>, DatasetError> {
        let name = |split: usize| self.sets.splits.get(split).cloned().unwrap_or_default();
        let mut moved = Vec::new();
        let mut ids = Ids::of(self.datasets.b, &self.sets.moved);
        while moved.len() < limit
            && let Some(id) = ids.next()
        {
            let (key, id) = id?;
            let at = self.sets.moved.binary_search_by_key(&key, |(key, ..)| *key).ok();
            let found = at.and_then(|at| self.sets.moved.get(at));
            moved.extend(found.map(|(_, a, b)| Moved { id, a: name(*a), b: name(*b) }));
        }
        Ok(moved)
    }

    /// Documents whose text stands in both datasets under different ids, at most `limit` of them, in the order of the first.
    ///
    /// # Errors
    /// If a Parquet file cannot be read.
    pub fn renamed(&self, limit: usize) -> Result<Vec<Renamed>, DatasetError> {
        let pairs = &self.sets.renamed;
        let partner = |key: u64| {
            let at = pairs.binary_search_by_key(&key, |(a, _)| *a).ok()?;
            pairs.get(at).map(|(_, b)| *b)
        };
        let mut shown: Vec<(u64, String)> = Vec::new();
        let mut ids = Ids::of(self.datasets.a, pairs);
        while shown.len() < limit
            && let Some(id) = ids.next()
        {
            let (key, id) = id?;
            shown.extend(partner(key).map(|partner| (partner, id)));
        }
        let wanted: BTreeSet<u64> = shown.iter().map(|(partner, _)| *partner).collect();
        let mut names: BTreeMap<u64, String> = BTreeMap::new();
        let mut ids = Ids::of(self.datasets.b, pairs);
        while names.len() < wanted.len()
            && let Some(id) = ids.next()
        {
            let (key, id) = id?;
            if wanted.contains(&key) {
                names.insert(key, id);
            }
        }
        let pair = |(partner, a): (u64, String)| names.get(&partner).map(|b| Renamed { a, b: b.clone() });
        Ok(shown.into_iter().filter_map(pair).collect())
    }
}

/// All ids of a dataset with their keys, read row by row.
struct Ids {
    paths: std::vec::IntoIter<PathBuf>,
    rows: Box<dyn Iterator<Item = Result<(u64, String), DatasetError>>>,
}

impl Ids {
    /// The ids of `dataset`; none at all where none of them is wanted.
    fn of<T>(dataset: &Dataset, wanted: &[T]) -> Self {
        let paths = if wanted.is_empty() { Vec::new() } else { dataset.tables("data/") };
        Self { paths: paths.into_iter(), rows: Box::new(std::iter::empty()) }
    }
}

impl Iterator for Ids {
    type Item = Result<(u64, String), DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(row);
            }
            let batches = match batches(&self.paths.next()?, &["id"], None) {
                Ok(batches) => batches,
                Err(error) => return Some(Err(error)),
            };
            let rows = |batch: RecordBatch| {
                let id = |row| (key_of(&batch, row), text(&batch, "id", row).unwrap_or_default().to_owned());
                (0..batch.num_rows()).map(id).map(Ok).collect::<Vec<_>>()
            };
            self.rows = Box::new(batches.flat_map(move |batch| batch.map_or_else(|error| vec![Err(error)], rows)));
        }
    }
}

fn digests(files: &[FileDigest]) -> BTreeSet<(String, String)> {
    files.iter().map(|file| (file.path.clone(), file.sha256.clone())).collect()
}

/// What names of `a` and `b` differ in, each name with its digest.
fn name_changes(a: &BTreeSet<(String, String)>, b: &BTreeSet<(String, String)>) -> NameChanges {
    let names = |of: &BTreeSet<(String, String)>, not: &BTreeSet<(String, String)>| -> BTreeSet<String> {
        of.difference(not).map(|(name, _)| name.clone()).collect()
    };
    let (gone, come) = (names(a, b), names(b, a));
    NameChanges {
        added: come.difference(&gone).cloned().collect(),
        removed: gone.difference(&come).cloned().collect(),
        changed: gone.intersection(&come).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_another_digest_are_changed() {
        let names = |names: &[(&str, &str)]| names.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let changes =
            name_changes(&names(&[("a", "1"), ("b", "1"), ("c", "1")]), &names(&[("a", "1"), ("b", "2"), ("d", "1")]));
        assert_eq!(
            (changes.added, changes.removed, changes.changed),
            (vec!["d".to_owned()], vec!["c".to_owned()], vec!["b".to_owned()])
        );
    }
}
