//! What people ask of a finished dataset: rows that an expression picks, documents that lost most, samples of a rule. Each reads the
//! columns that it needs, once, and whole rows only of what it shows.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::columns::DATA;
use super::dataset::{Chosen, Dataset, DatasetError, Removed, batches, chosen, removed_rows, rows_at, text, whole};
use super::entries::split_of;
use super::filter::{Filter, Named, columns};
use crate::text::prose;

/// The column that is the name of a file.
const SPLIT: &str = "split";

/// The columns of `data/` that an expression may name, and `split`.
#[must_use]
pub fn data_columns() -> Vec<Named> {
    columns(&DATA, &[SPLIT])
}

/// The end of the name of every stage's rule for documents of which it left no block.
const NOTHING_LEFT: &str = ".nothing_left";

/// The rows that were picked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picked {
    /// How many there are.
    pub documents: u64,
    /// Their words.
    pub words: u64,
    /// Their tokens.
    pub tokens: u64,
    /// The first of them, each a batch of one row with its split.
    pub first: Vec<(String, RecordBatch)>,
}

/// What a document lost.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Lost {
    /// The document's id.
    pub id: String,
    /// Words of running prose that were removed from it block by block, and not as copies.
    pub lost: u64,
    /// Words that it has left.
    pub kept: u64,
    /// The rule that took most of them.
    pub rule: String,
}

impl Dataset {
    /// The rows of `data/` that the filter picks, in the order of the files; at most `most` of them are shown.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn pick(&self, filter: &Filter, most: usize) -> Result<Picked, DatasetError> {
        let mut picked = Picked::default();
        let mut named: Vec<&str> = filter.columns().into_iter().filter(|column| *column != SPLIT).collect();
        named.extend(["words", "tokens"]);
        for path in self.tables("data/") {
            let split = split_of(&path);
            let same = |column: &str| (column == SPLIT).then(|| split.clone());
            let (mut at, mut shown) = (0, Vec::new());
            for batch in batches(&path, &named, None)? {
                let batch = batch?;
                for (row, _) in filter.picks(&batch, &same).into_iter().enumerate().filter(|(_, picked)| *picked) {
                    picked.documents += 1;
                    picked.words += whole(&batch, "words", row).unwrap_or_default();
                    picked.tokens += whole(&batch, "tokens", row).unwrap_or_default();
                    if picked.first.len() + shown.len() < most {
                        shown.push(at + row);
                    }
                }
                at += batch.num_rows();
            }
            for batch in rows_at(&path, &shown)? {
                picked.first.extend((0..batch.num_rows()).map(|row| (split.clone(), batch.slice(row, 1))));
            }
        }
        Ok(picked)
    }

    /// The documents that lost most words of running prose, the most first; copies of what stays are no loss.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn worst(&self, most: usize) -> Result<Vec<Lost>, DatasetError> {
        let mut worst: Vec<Lost> = Vec::new();
        for path in self.tables("ledger/removed") {
            // The rows of a document follow each other.
            let mut of_one = Losing::default();
            for batch in batches(&path, &["id", "block", "rule", "partner_id", "kind", "text"], None)? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    let column = |name| text(&batch, name, row);
                    let id = column("id").unwrap_or_default();
                    if of_one.id != id {
                        worst.extend(std::mem::take(&mut of_one).lost());
                        of_one.id = id.to_owned();
                    }
                    let rule = column("rule").unwrap_or_default();
                    if whole(&batch, "block", row).is_none() {
                        // A filter that removes whole documents was asked for that; of one without a block all is lost.
                        of_one.is_filtered |= !rule.ends_with(NOTHING_LEFT);
                    } else if column("kind") != Some("edited") && column("partner_id").is_none() {
                        let words = prose::words(column("text").unwrap_or_default());
                        *of_one.rules.entry(rule.to_owned()).or_default() += words;
                    }
                }
            }
            worst.extend(of_one.lost());
        }
        worst.sort_by(|a, b| b.lost.cmp(&a.lost).then_with(|| a.id.cmp(&b.id)));
        worst.truncate(most);
        let mut places: BTreeMap<String, usize> =
            worst.iter().enumerate().map(|(place, lost)| (lost.id.clone(), place)).collect();
        for path in self.tables("data/").iter().take_while(|_| most > 0) {
            for batch in batches(path, &["id", "words"], None)? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    let place = text(&batch, "id", row).and_then(|id| places.remove(id));
                    if let Some(lost) = place.and_then(|place| worst.get_mut(place)) {
                        lost.kept = whole(&batch, "words", row).unwrap_or_default();
                    }
                }
            }
        }
        Ok(worst)
    }

    /// How often the ledger names a rule by its full name, and `wanted` of these rows, spread over all of them.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn sample(&self, rule: &str, wanted: usize) -> Result<(u64, Vec<Removed>), DatasetError> {
        let rule = Chosen { column: "rule", text: rule, record: None };
        let mut rows = 0;
        for path in self.tables("ledger/removed") {
            for batch in chosen(&path, &["rule"], Some(rule))? {
                rows += batch?.num_rows() as u64;
            }
        }
        let mut sample = Vec::new();
        let mut at = 0;
        for path in self.tables("ledger/removed").iter().take_while(|_| wanted > 0) {
            for batch in chosen(path, &[], Some(rule))? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    // The next one is due once so many rows were passed.
                    if at * wanted as u64 >= sample.len() as u64 * rows {
                        sample.extend(removed_rows(&batch.slice(row, 1)));
                    }
                    at += 1;
                }
            }
        }
        Ok((rows, sample))
    }
}

/// A document whose losses are being added up.
#[derive(Default)]
struct Losing {
    id: String,
    /// A filter removed all of it.
    is_filtered: bool,
    rules: BTreeMap<String, u64>,
}

impl Losing {
    fn lost(self) -> Option<Lost> {
        let (rule, _) = self.rules.iter().max_by_key(|(_, words)| **words)?;
        let lost: u64 = self.rules.values().sum();
        (lost > 0 && !self.is_filtered).then(|| Lost { lost, rule: rule.clone(), id: self.id, kept: 0 })
    }
}
