//! What is to be said of a document of a finished dataset, by its row and what the ledger has of it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Float32Type;
use arrow::util::display::array_value_to_string;

use super::marks::{Mark, before, marked};
use super::of_document::language_in_words;
use super::reasons::Reasons;
use super::{Edit, Explained, Explanation, Fact, Line, Verdict};
use crate::sink::dataset::{Chosen, Dataset, DatasetError, Removed, text, whole};
use crate::sink::entries::Entry;

/// The columns that are shown above the text, where they are filled.
const SHOWN: [&str; 9] = ["title", "author", "published", "updated", "url", "site", "section", "credit", "metadata"];

/// So many documents that hold kept copies are shown, and of each so many blocks.
const PARTNERS: usize = 5;
const BLOCKS: usize = 5;

/// Explains the documents of a dataset with these ids, and shows the copies that were kept where theirs were removed.
///
/// # Errors
/// If a file cannot be read.
pub fn explain_ids(dataset: &Dataset, ids: &BTreeSet<String>) -> Result<Explained, DatasetError> {
    let mut explained = Explained { documents: documents(dataset, ids.iter())?, ..Explained::default() };
    let partners: Vec<(String, Vec<u32>)> = explained.documents.iter().flat_map(Explanation::partners).collect();
    for (id, blocks) in partners.iter().take(PARTNERS) {
        for mut partner in documents(dataset, std::iter::once(id))? {
            if !blocks.is_empty() {
                partner.lines.retain(|line| blocks.contains(&line.block));
            }
            partner.lines.truncate(BLOCKS);
            partner.lines.iter_mut().for_each(|line| line.blank_before = false);
            explained.partners.push(partner);
        }
    }
    if partners.len() > PARTNERS {
        let more = partners.len() - PARTNERS;
        explained.notes.push(format!("copies were kept in {more} more documents than are shown below"));
    }
    Ok(explained)
}

fn documents<'a>(dataset: &Dataset, ids: impl Iterator<Item = &'a String>) -> Result<Vec<Explanation>, DatasetError> {
    let mut entries = Vec::new();
    for id in ids {
        entries.extend(dataset.entries(Chosen::id(id))?);
    }
    let acted: BTreeSet<&str> = entries.iter().flat_map(|entry| &entry.removed).map(|row| row.stage.as_str()).collect();
    let reasons = Reasons::of_dataset(dataset, &acted);
    Ok(entries.iter().map(|entry| of_entry(entry, &reasons, has_texts(dataset))).collect())
}

/// Whether the ledger of a dataset holds what was removed, rather than its hash.
#[must_use]
pub fn has_texts(dataset: &Dataset) -> bool {
    dataset.manifest.config["output"]["ledger"].as_str().is_none_or(|detail| detail == "full")
}

/// Explains a document by its entry. Kept blocks are the lines of `text`; removed ones stand among them by their numbers. Where lines
/// were joined, the numbers of the lines that a block took in are passed over, as the ledger's edit of the join tells.
#[must_use]
pub fn of_entry(entry: &Entry, reasons: &Reasons<'_>, has_texts: bool) -> Explanation {
    let row = entry.row.as_ref().map(|(_, row)| row);
    let whole_document = entry.removed.iter().find(|row| row.block.is_none());
    let kept_text = match row {
        Some(row) => text(row, "text", 0).unwrap_or_default(),
        None => whole_document.and_then(|row| row.text.as_deref()).filter(|_| has_texts).unwrap_or_default(),
    };
    let lines = Weave { entry, reasons, has_texts }.lines(kept_text);
    let removal = whole_document.map(|row| reasons.of_row(row, row.text.as_deref().filter(|_| has_texts)));
    let kept: u64 = lines.iter().filter(|line| line.removal.is_none()).map(|line| line.text().len() as u64).sum();
    let removed: u64 = entry.removed.iter().filter(|row| !row.edited && row.block.is_some()).map(|row| row.bytes).sum();
    let all = kept + removed;
    let is_kept = removal.is_none();
    let count = |column| row.and_then(|row| whole(row, column, 0));
    Explanation {
        id: entry.id.clone(),
        source: entry.source.clone(),
        record: entry.record,
        facts: row.map(facts).unwrap_or_default(),
        verdict: Verdict {
            blocks: lines.len(),
            blocks_kept: if is_kept { lines.iter().filter(|line| line.removal.is_none()).count() } else { 0 },
            share_kept: if !is_kept || all == 0 { 0.0 } else { kept as f64 / all as f64 },
            language: row.and_then(language),
            tokens: count("tokens"),
            split: entry.row.as_ref().map(|(split, _)| split.clone()),
            cluster: row.and_then(|row| text(row, "cluster", 0)).map(str::to_owned),
            removal,
        },
        lines,
    }
}

/// The columns of a row that are shown above the text.
#[must_use]
pub fn facts(row: &RecordBatch) -> Vec<Fact> {
    let value = |name: &'static str| {
        let column = row.column_by_name(name)?;
        let value = array_value_to_string(column, 0).ok().filter(|_| column.is_valid(0))?;
        Some(Fact { name, value })
    };
    SHOWN.into_iter().filter_map(value).collect()
}

fn language(row: &RecordBatch) -> Option<String> {
    let score = row.column_by_name("language_score")?.as_primitive_opt::<Float32Type>()?;
    Some(language_in_words(text(row, "language", 0)?, score.value(0)))
}

/// Puts kept lines and removed blocks in the order of their numbers.
struct Weave<'a> {
    entry: &'a Entry,
    reasons: &'a Reasons<'a>,
    has_texts: bool,
}

impl Weave<'_> {
    fn lines(&self, kept_text: &str) -> Vec<Line> {
        let rows = || self.entry.removed.iter();
        let removed: BTreeMap<u32, &Removed> =
            rows().filter(|row| !row.edited).filter_map(|row| Some((row.block?, row))).collect();
        let mut edits: BTreeMap<u32, Vec<&Removed>> = BTreeMap::new();
        for row in rows().filter(|row| row.edited) {
            edits.entry(row.block.unwrap_or_default()).or_default().push(row);
        }
        let edits_of = |number: u32| edits.get(&number).map_or(&[][..], Vec::as_slice);
        let joined = |number: u32| {
            let texts = edits_of(number).iter().filter_map(|row| row.text.as_ref());
            texts.map(|text| text.matches('\n').count() as u32).sum::<u32>()
        };
        let mut lines = Vec::new();
        let mut removed = removed.into_iter().peekable();
        let (mut number, mut blank_before) = (0, false);
        for kept in kept_text.lines() {
            if kept.is_empty() {
                blank_before = true;
                continue;
            }
            while let Some((at, row)) = removed.next_if(|(at, _)| *at <= number) {
                lines.push(self.removed_line(at, row, edits_of(at)));
                number = at + 1 + joined(at);
            }
            let blank_before = std::mem::take(&mut blank_before);
            lines.push(Line { blank_before, ..self.line(number, kept, edits_of(number)) });
            number += 1 + joined(number);
        }
        lines.extend(removed.map(|(at, row)| self.removed_line(at, row, edits_of(at))));
        lines
    }

    fn removed_line(&self, number: u32, row: &Removed, edits: &[&Removed]) -> Line {
        let text = row.text.as_deref().unwrap_or_default();
        let removal = Some(self.reasons.of_row(row, row.text.as_deref().filter(|_| self.has_texts)));
        Line { removal, ..self.line(number, text, edits) }
    }

    fn line(&self, block: u32, text: &str, rows: &[&Removed]) -> Line {
        let mark = |row: &&Removed| {
            let original = row.text.clone().filter(|_| self.has_texts)?;
            Some(Mark { start: row.range?.0 as usize, original, replacement: None })
        };
        let marks: Vec<Mark> = rows.iter().filter_map(mark).collect();
        let (pieces, unmarked) = marked(text, &marks);
        let mut edits: Vec<Edit> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let at = match edits.iter().position(|edit| edit.why.rule == row.rule && edit.why.stage == row.stage) {
                Some(at) => at,
                None => {
                    let first = rows.iter().position(|other| other.stage == row.stage).unwrap_or(number);
                    let before = self.has_texts.then(|| before(text, &marks, first));
                    let why = self.reasons.of_row(row, before.as_deref());
                    edits.push(Edit { why, places: 0, unmarked: Vec::new() });
                    edits.len() - 1
                }
            };
            let Some(edit) = edits.get_mut(at) else { continue };
            edit.places += row.value.map_or(1, |places| places as u64);
            edit.unmarked.extend(row.text.clone().filter(|_| unmarked.contains(&number)));
        }
        Line { block, blank_before: false, pieces, removal: None, edits }
    }
}
