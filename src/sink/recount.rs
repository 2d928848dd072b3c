//! What the Parquet files of a dataset hold, counted from their rows and compared with the manifest's counts.
//!
//! Knows nothing of how a build counts: that both come to the same is what `verify` shows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use std::path::Path;

use arrow::array::RecordBatch;
use rayon::prelude::*;

use super::LedgerDetail;
use super::counts::{Amount, Output, RuleCounts};
use super::dataset::{Dataset, DatasetError, batches, removed_rows, text, whole};
use super::gutted;
use super::ledger::ORPHANED;
use super::manifest::{Manifest, StageReport, Totals};
use crate::document::Cause;
use crate::text::hash;

/// So many damaged rows of a file are named.
const NAMED_ROWS: usize = 3;

/// Columns of `data/` that are counted or checked.
const DATA: [&str; 8] = ["text", "sha256", "chars", "words", "tokens", "language", "blocks_in", "blocks_kept"];

/// Columns of `ledger/removed` that are counted.
const REMOVED: [&str; 8] = ["block", "kind", "bytes", "stage", "rule", "partner_id", "partner_block", "text"];

/// Columns of `ledger/rejected` that are counted.
const REJECTED: [&str; 2] = ["cause", "bytes"];

/// Counts of the rows of some tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Recounted {
    /// What is wrong within single rows.
    damage: Vec<String>,
    /// Columns of `data/` that the config left out: what they would tell is taken as it is counted.
    absent: BTreeSet<&'static str>,
    /// Rows of `data/` by split, and by language.
    splits: BTreeMap<String, Output>,
    languages: BTreeMap<String, Output>,
    /// Documents and blocks of `data/`, and the bytes of its blocks as they are now.
    kept: Amount,
    /// Blocks that the documents of `data/` had.
    blocks_in: u64,
    /// Rows of `ledger/removed` by stage and rule.
    stages: BTreeMap<String, BTreeMap<String, RuleCounts>>,
    /// What they removed.
    removed: Amount,
    /// Blocks that were kept of some copies and are gone as well, by the hash of their document's id and their number.
    orphans: BTreeSet<[u8; 16]>,
    /// Rows of `ledger/rejected` by cause, and what of them was lost.
    causes: BTreeMap<String, u64>,
    rejected: Amount,
}

/// Counts the rows of a batch: the file's name, the batch, and the number of its first row.
type Add = fn(&mut Recounted, &str, &RecordBatch, usize);

impl Recounted {
    /// Counts all rows of a dataset.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn of(dataset: &Dataset) -> Result<Self, DatasetError> {
        let paths = ["data/", "ledger/removed", "ledger/rejected"].map(|prefix| dataset.tables(prefix));
        let name = |path: &Path| path.strip_prefix(&dataset.folder).unwrap_or(path).display().to_string();
        let (present, absent): (Vec<_>, Vec<_>) = DATA.iter().copied().partition(|column| dataset.has_column(column));
        let counted = paths.concat().into_par_iter().map(|path| Self::of_table(&path, &name(&path), &present));
        counted.collect::<Result<Vec<_>, _>>().map(|counted| {
            let mut total = Self { absent: absent.into_iter().collect(), ..Self::default() };
            counted.into_iter().for_each(|counted| total += counted);
            total
        })
    }

    fn of_table(path: &Path, name: &str, data: &[&str]) -> Result<Self, DatasetError> {
        let mut counted = Self::default();
        let (columns, add): (&[&str], Add) = match name {
            _ if name.starts_with("data/") => (data, Self::add_data),
            _ if name.starts_with("ledger/removed") => (&REMOVED, Self::add_removed),
            _ => (&REJECTED, Self::add_rejected),
        };
        let mut first = 0;
        for batch in batches(path, columns, None)? {
            let batch = batch?;
            let missing = columns.iter().find(|column| batch.column_by_name(column).is_none());
            if let Some(missing) = missing {
                counted.damage.push(format!("{name}: lacks the column `{missing}`"));
                break;
            }
            add(&mut counted, name, &batch, first);
            first += batch.num_rows();
        }
        Ok(counted)
    }

    /// Counts rows of `data/`; `first` is the number of the batch's first row.
    fn add_data(&mut self, name: &str, batch: &RecordBatch, first: usize) {
        for row in 0..batch.num_rows() {
            let text = text(batch, "text", row).unwrap_or_default();
            let number = |column: &str| whole(batch, column, row).unwrap_or_default();
            let lines = text.split('\n').filter(|line| !line.is_empty()).count() as u64;
            let has = |column: &str| batch.column_by_name("text").and(batch.column_by_name(column)).is_some();
            let length = text.chars().count() as u64;
            let wrong = match () {
                () if has("sha256") && !has_digest(batch, row, text) => Some("`sha256` is not that of its `text`"),
                () if has("chars") && length != number("chars") => Some("`chars` is not the length of its `text`"),
                () if has("blocks_kept") && lines != number("blocks_kept") => {
                    Some("`blocks_kept` is not the number of lines of its `text`")
                }
                () => None,
            };
            if let Some(wrong) = wrong.filter(|_| self.damage.len() < NAMED_ROWS) {
                self.damage.push(format!("{name}: row {}: {wrong}", first + row));
            }
            let output =
                Output { documents: 1, bytes: text.len() as u64, words: number("words"), tokens: number("tokens") };
            let language = super::dataset::text(batch, "language", row).unwrap_or_default();
            *self.languages.entry(language.to_owned()).or_default() += output;
            *self.splits.entry(split_of(name).to_owned()).or_default() += output;
            let bytes = (text.len() - text.matches('\n').count()) as u64;
            self.kept += Amount { documents: 1, blocks: number("blocks_kept"), bytes };
            self.blocks_in = self.blocks_in.saturating_add(number("blocks_in"));
        }
    }

    /// Counts rows of `ledger/removed`. The blocks that a removed document still had are the lines of its row's text.
    fn add_removed(&mut self, _name: &str, batch: &RecordBatch, _first: usize) {
        for row in removed_rows(batch) {
            if let (true, Some(id), Some(block)) = (row.rule.ends_with(ORPHANED), &row.partner_id, row.partner_block) {
                self.orphans.insert(hash::key(format!("{block} {id}").as_bytes()));
            }
            let rule = self.stages.entry(row.stage).or_default().entry(row.rule).or_default();
            let lines = || row.text.iter().flat_map(|text| text.split('\n')).filter(|line| !line.is_empty()).count();
            match (row.edited, row.block) {
                (true, _) => rule.edits += 1,
                (false, Some(_)) => {
                    *rule += RuleCounts { blocks: 1, bytes: row.bytes, ..RuleCounts::default() };
                    self.removed += Amount { documents: 0, blocks: 1, bytes: row.bytes };
                }
                (false, None) => {
                    *rule += RuleCounts { documents: 1, bytes: row.bytes, ..RuleCounts::default() };
                    self.removed += Amount { documents: 1, blocks: lines() as u64, bytes: row.bytes };
                }
            }
        }
    }

    /// Counts rows of `ledger/rejected`. A record of which some bytes were replaced is not lost.
    fn add_rejected(&mut self, _name: &str, batch: &RecordBatch, _first: usize) {
        for row in 0..batch.num_rows() {
            let cause = text(batch, "cause", row).unwrap_or_default();
            *self.causes.entry(cause.to_owned()).or_default() += 1;
            if cause != Cause::UndecodableBytes.as_str() {
                let bytes = whole(batch, "bytes", row).unwrap_or_default();
                self.rejected += Amount { documents: 1, blocks: 0, bytes };
            }
        }
    }

    /// What the manifest counts otherwise, a sentence each.
    pub(super) fn compare(mut self, manifest: &Manifest) -> Vec<String> {
        let counts = &manifest.counts;
        let mut damage = Damage(std::mem::take(&mut self.damage));
        if self.absent.contains("blocks_kept") {
            self.kept.blocks = counts.kept.blocks;
        }
        let mut output = Output::default();
        self.splits.values().for_each(|split| output += *split);
        damage.compare("data/", "rows and their sums", &output, &self.seen(&counts.output));
        damage.compare("data/", "sums by split", &self.splits, &self.seen_of(&counts.splits));
        if !self.absent.contains("language") {
            damage.compare("data/", "sums by language", &self.languages, &self.seen_of(&counts.languages));
        }
        damage.compare("data/", "documents", &self.kept.documents, &counts.kept.documents);
        damage.compare("data/", "blocks", &self.kept.blocks, &counts.kept.blocks);
        damage.compare("ledger/rejected.parquet", "rows by cause", &self.causes, &counts.causes);
        damage.compare("ledger/rejected.parquet", "records lost", &self.rejected, &counts.rejected);
        let detail = &manifest.config["output"]["ledger"];
        let wants = |wanted: LedgerDetail| *detail == serde_json::json!(wanted);
        if wants(LedgerDetail::Counts) {
            // The ledger has no rows by the config's wish: what was removed is what is neither kept nor rejected.
            damage.compare("ledger/removed", "rows by stage", &self.stages.len(), &0);
            let removed = |all: u64, kept: u64, lost: u64| all.saturating_sub(kept).saturating_sub(lost);
            let documents = removed(counts.input.documents, self.kept.documents, self.rejected.documents);
            damage.compare("data/ and ledger/", "documents not kept", &documents, &counts.removed.documents);
            let blocks = removed(counts.input.blocks, self.kept.blocks, self.rejected.blocks);
            damage.compare("data/ and ledger/", "blocks not kept", &blocks, &counts.removed.blocks);
        } else {
            if wants(LedgerDetail::Hashes) {
                // Without the text nothing tells how many blocks a removed document still had.
                self.removed.blocks = counts.input.blocks.saturating_sub(self.kept.blocks);
            }
            self.compare_ledger(&manifest.stages, counts, &mut damage);
        }
        damage.compare("manifest.json", "`orphans` by stage", &counts.orphans_by.values().sum(), &counts.orphans);
        let named = counts.gutted.min(gutted::NAMED as u64);
        damage.compare("manifest.json", "documents named as `gutted`", &(manifest.gutted.len() as u64), &named);
        let mut sum = counts.kept;
        sum += counts.removed;
        sum += counts.rejected;
        damage.compare("manifest.json", "kept, removed and rejected together", &sum, &counts.input);
        damage.0
    }

    /// Of sums, what the columns show that are there.
    fn seen(&self, sums: &Output) -> Output {
        let seen = |column: &str, sum: u64| if self.absent.contains(column) { 0 } else { sum };
        let Output { documents, bytes, words, tokens } = *sums;
        Output { documents, bytes: seen("text", bytes), words: seen("words", words), tokens: seen("tokens", tokens) }
    }

    fn seen_of(&self, sums: &BTreeMap<String, Output>) -> BTreeMap<String, Output> {
        sums.iter().map(|(name, sums)| (name.clone(), self.seen(sums))).collect()
    }

    fn compare_ledger(&self, stages: &[StageReport], counts: &Totals, damage: &mut Damage) {
        let found: BTreeMap<&str, &BTreeMap<String, RuleCounts>> =
            self.stages.iter().map(|(stage, rules)| (stage.as_str(), rules)).collect();
        let acted = stages.iter().filter(|stage| !stage.rules.is_empty());
        let counted = acted.map(|stage| (stage.name.as_str(), &stage.rules)).collect();
        damage.compare("ledger/removed", "what each rule did", &found, &counted);
        damage.compare("ledger/removed", "what was removed", &self.removed, &counts.removed);
        damage.compare("ledger/removed", "texts that are gone", &(self.orphans.len() as u64), &counts.orphans);
        // The identity itself. The text of a kept block may have been edited, so its bytes as read are those that neither
        // ledger has; where nothing was edited, they stand in `data/`.
        let edited = self.stages.values().flat_map(BTreeMap::values).any(|rule| rule.edits > 0);
        let lost = self.removed.bytes.saturating_add(self.rejected.bytes);
        let kept = if edited || self.absent.contains("text") {
            counts.input.bytes.saturating_sub(lost)
        } else {
            self.kept.bytes
        };
        damage.compare("data/ and ledger/", "bytes kept", &kept, &counts.kept.bytes);
        let mut sum = Amount { bytes: kept, ..self.kept };
        sum += self.removed;
        sum += self.rejected;
        damage.compare("data/ and ledger/", "kept, removed and rejected together", &sum, &counts.input);
        let gone = self.blocks_in.checked_sub(self.kept.blocks);
        let is_told = !self.absent.contains("blocks_in") && !self.absent.contains("blocks_kept");
        if is_told && gone.is_none_or(|gone| gone > self.removed.blocks) {
            damage.0.push("data/: `blocks_in` and `blocks_kept` do not go with the ledger's removals".to_owned());
        }
    }
}

impl AddAssign for Recounted {
    fn add_assign(&mut self, other: Self) {
        self.damage.extend(other.damage);
        for (mine, theirs) in [(&mut self.splits, other.splits), (&mut self.languages, other.languages)] {
            theirs.into_iter().for_each(|(key, output)| *mine.entry(key).or_default() += output);
        }
        for (stage, rules) in other.stages {
            let mine = self.stages.entry(stage).or_default();
            rules.into_iter().for_each(|(rule, counts)| *mine.entry(rule).or_default() += counts);
        }
        for (cause, count) in other.causes {
            *self.causes.entry(cause).or_default() += count;
        }
        self.orphans.extend(other.orphans);
        self.kept += other.kept;
        self.blocks_in = self.blocks_in.saturating_add(other.blocks_in);
        self.removed += other.removed;
        self.rejected += other.rejected;
    }
}

/// What was found, a sentence each.
struct Damage(Vec<String>);

impl Damage {
    fn compare<T: PartialEq + serde::Serialize>(&mut self, place: &str, what: &str, found: &T, counted: &T) {
        if found != counted {
            let [found, counted] = [found, counted].map(|value| serde_json::json!(value).to_string());
            self.0.push(format!("{place}: {what}: the rows give {found}, the manifest has {counted}"));
        }
    }
}

/// The split of a shard by its name, `data/train-00000-of-00001.parquet`.
fn split_of(name: &str) -> &str {
    let shard = name.trim_start_matches("data/");
    let split = shard.rsplit_once("-of-").and_then(|(shard, _)| shard.rsplit_once('-'));
    split.map_or(shard, |(split, _)| split)
}

fn has_digest(batch: &RecordBatch, row: usize, text: &str) -> bool {
    self::text(batch, "sha256", row) == Some(hash::hex(&hash::sha256(text.as_bytes())).as_str())
}
