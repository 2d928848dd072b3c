//! `decontaminate`: takes out documents, or blocks, that hold items of evaluation sets.
//!
//! What a document holds it shows by itself. The corpus is needed for one thing: what stands in very many documents is a phrase that
//! an item has too, a formula of law or an idiom of code, and no sign of the item. So documents that hold something write a note of
//! it, these are counted, and what is common is left out. Without that limit the stage is local.
//!
//! How items are found is the business of the crate `overlap`; `sets.rs` reads them.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::kept_text::{KeptText, Place};
use super::{
    Configure, Configured, Copies, Decision, GlobalStage, Group, LocalStage, Note, Notes, Removes, Round, RuleInfo,
    Stage, StageError, StageInfo, Surroundings,
};
use crate::document::{Document, Mark, Position, Reason, Rule};
use crate::overlap::evaluation::{ALL, By, Found, Grams, Index};
use crate::text::hash;

mod sets;
#[cfg(test)]
mod tests;

pub use sets::EvaluationSet;

/// Takes out documents that hold items of evaluation sets: a model that was trained on its test has not learnt what it shows.
///
/// Case, punctuation and spaces do not count; where a script sets no spaces, characters are compared. The ledger names the item of
/// each removal as `FILE#RECORD`. The digests of the sets stand in the manifest and in the lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decontaminate {
    /// The evaluation sets: files of records, each with a question.
    #[schemars(length(min = 1))]
    pub sets: Vec<EvaluationSet>,
    /// How items are found. `scored`: by how much of what an item tells stands in a run of text, rare words telling most.
    /// `gpt3-13gram`: by any 13 words of the question in a row, as the authors of
    /// GPT-3 did; questions of 8 to 12 words as a whole, shorter ones not at all.
    #[serde(default)]
    pub method: Method,
    /// With `scored`, how much of an item must stand in a document, from 0.3 to 1: the words that both have, in order, weighed by
    /// their rarity in the sets. Items under 13 words must stand there whole, or but for a word.
    #[serde(default = "half")]
    #[schemars(range(min = 0.3, max = 1.0))]
    pub threshold: f64,
    /// What stands in more documents than this is common and no sign of an item: with `gpt3-13gram` each 13 words, with `scored`
    /// an item that no more than partly stands in all of them, or one under 13 words. 0 sets no limit, and then no document waits for
    /// the others. Unset: 10 with `gpt3-13gram`, as its authors did, and 100 with `scored`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_documents: Option<u64>,
    /// What is done with a document that holds an item. `annotate` writes all its items into `metadata` as `contamination`.
    #[serde(default)]
    pub action: Action,
}

/// How items are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Method {
    /// By the share of what an item tells.
    #[default]
    #[serde(rename = "scored")]
    Scored,
    /// By 13 words in a row.
    #[serde(rename = "gpt3-13gram")]
    Gpt3,
}

/// What is done with a document that holds an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The document goes.
    #[default]
    RemoveDocument,
    /// The blocks in which the item stands go.
    RemoveBlock,
    /// Everything stays, and the document's metadata names its items.
    Annotate,
}

fn half() -> f64 {
    0.5
}

impl Configure for Decontaminate {
    const INFO: StageInfo = StageInfo {
        does: "removes documents that hold items of evaluation sets, by the words that both have in order",
        needs_corpus: "yes, unless `max_documents = 0`",
        columns: &["metadata"],
        sample: "{ sets = [{ paths = [\"questions.jsonl\"] }] }",
        rules,
        fixture: include_str!("../../../tests/stages/decontaminate.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if !(0.3..=1.0).contains(&self.threshold) {
            return Err(StageError::new("threshold", format!("{} lies outside of 0.3 to 1", self.threshold))
                .hint("less than a third of an item stands in many texts by chance"));
        }
        let read = sets::read(&self.sets, surroundings)?;
        let items = read.items.iter().map(|item| (item.question.as_str(), item.answer.as_str()));
        let finder = match self.method {
            Method::Scored => Finder::Scored(Index::new(items), (self.threshold * f64::from(ALL)).round() as u32),
            Method::Gpt3 => Finder::Grams(Grams::new(items.map(|(question, _)| question))),
        };
        let common = self.max_documents.unwrap_or(match self.method {
            Method::Scored => 100,
            Method::Gpt3 => 10,
        });
        let names: Vec<String> = read.items.into_iter().map(|item| item.name).collect();
        let seen = json!([self.sets, self.method, self.threshold, common, read.models]).to_string();
        let stage = Box::new(Stand { finder, action: self.action, common, names: names.into(), seen });
        let outside = stage.names.clone();
        let stage = if common == 0 { Stage::Local(stage) } else { Stage::Global(stage) };
        let removes = match self.action {
            Action::RemoveDocument => Removes::DOCUMENTS,
            Action::RemoveBlock => Removes::BLOCKS,
            Action::Annotate => Removes::NOTHING,
        };
        Ok(Configured { models: read.models, outside, removes, edits: false, ..Configured::new(stage, rules()) })
    }
}

fn rules() -> Vec<RuleInfo> {
    let item = "so much of what an evaluation item tells stands in a run of the text, by the rarity of the words";
    let short =
        "an evaluation item of fewer than 13 words stands in the text whole, but for a word, or partly with its answer";
    let run = "so many runs of 13 words of an evaluation item stand in the text";
    let [item, short, run] = [
        ("evaluation_item", item, "it holds {copy}: {value%} of what that tells where {limit%} are asked for"),
        ("short_evaluation_item", short, "it holds {copy}: {value%} of it where {limit%} are asked for"),
        ("evaluation_run", run, "it holds {n runs} of 13 words of {copy}"),
    ];
    let document =
        |(name, means, says): (&'static str, &'static str, &'static str)| RuleInfo::document(name, means).saying(says);
    let block = |(name, means, says): (&'static str, &'static str, &'static str)| {
        RuleInfo::block(format!("block_with_{name}"), means).saying(says)
    };
    [item, short, run].map(document).into_iter().chain([item, short, run].map(block)).collect()
}

/// The rule by which `found` removes a document, and the one by which it removes a block.
fn rules_of(found: &Found) -> (Rule, Rule) {
    let rule = match found.by {
        By::Score => 0,
        By::Short => 1,
        By::Gram => 2,
    };
    (Rule(rule), Rule(rule + 3))
}

/// The stage.
struct Stand {
    finder: Finder,
    action: Action,
    /// What stands in more documents is common; 0 for no limit.
    common: u64,
    /// The items' names.
    names: Arc<[String]>,
    /// All that decides what is found, as text.
    seen: String,
}

/// Finds items.
enum Finder {
    /// By how much of what they tell stands in a text, with the threshold.
    Scored(Index, u32),
    /// By runs of 13 words.
    Grams(Grams),
}

impl Stand {
    /// What `text` holds; `counts` says whether something does, by the number that its note has.
    fn find(&self, text: &str, counts: impl Fn(u64) -> bool) -> Vec<Found> {
        match &self.finder {
            Finder::Scored(index, threshold) => {
                let mut found = index.find(text, *threshold);
                found.retain(|found| counts(found.item as u64));
                found
            }
            Finder::Grams(grams) => grams.find(text, |hash| !counts(hash)),
        }
    }

    /// Does what is to be done where `document` holds something that `counts`.
    fn act(&self, document: &mut Document, mark: Mark, counts: impl Fn(u64) -> bool) {
        let text = KeptText::of(document);
        let found = self.find(&text.text, counts);
        let reason = |rule: Rule, found: &Found| {
            let [value, threshold] = [found.score, found.threshold].map(|figure| f64::from(figure) / f64::from(ALL));
            Reason::new(rule).measured(value, threshold).because_of(found.item as u64)
        };
        // Of equal ones the first.
        let surer = |a: &&Found, b: &&Found| (a.is_sure, a.score).cmp(&(b.is_sure, b.score)).then(b.item.cmp(&a.item));
        match self.action {
            Action::RemoveDocument => {
                if let Some(most) = found.iter().max_by(surer) {
                    mark.remove_document(document, reason(rules_of(most).0, most));
                }
            }
            Action::RemoveBlock => {
                let mut held: BTreeMap<usize, &Found> = BTreeMap::new();
                for one in &found {
                    for Place { index, .. } in text.blocks(one.start..one.end) {
                        let most = held.get(index).copied().into_iter().chain([one]).max_by(surer);
                        held.insert(*index, most.unwrap_or(one));
                    }
                }
                let removed = held.into_iter().map(|(block, one)| (block, reason(rules_of(one).1, one)));
                let removed: Vec<(usize, Reason)> = removed.collect();
                mark.remove_blocks(document, removed);
            }
            Action::Annotate => {
                let items = found.iter().map(|one| {
                    let block = text.blocks(one.start..one.end).first().map(|place| place.number);
                    json!({ "item": self.names.get(one.item), "score": f64::from(one.score) / f64::from(ALL), "block": block })
                });
                let items: Vec<serde_json::Value> = items.collect();
                annotate(document, items);
            }
        }
    }
}

/// Writes the items into the document's metadata; beside what the input calls so, under a name of ours.
fn annotate(document: &mut Document, items: Vec<serde_json::Value>) {
    if items.is_empty() {
        return;
    }
    let is_taken = document.metadata().contains_key("contamination");
    let key = if is_taken { "tamis_contamination" } else { "contamination" };
    document.metadata_mut().insert(key.to_owned(), serde_json::Value::Array(items).to_string());
}

impl LocalStage for Stand {
    fn apply(&self, document: &mut Document, mark: Mark) {
        self.act(document, mark, |_| true);
    }
}

impl GlobalStage for Stand {
    fn round(&self, _number: usize) -> Round<'_> {
        Round::Group(self)
    }

    fn options_of(&self, _number: usize) -> Option<String> {
        Some(self.seen.clone())
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        if decisions.is_empty() {
            return;
        }
        let mut counting: Vec<u64> = decisions.iter().map(|decision| decision.value).collect();
        counting.sort_unstable();
        self.act(document, mark, |number| counting.binary_search(&number).is_ok());
    }
}

/// Notes of what is no phrase however often it stands come after those of what may be one.
const SURE: u8 = 1;

impl Group for Stand {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let text = document.text();
        let mut write = |number: u64, order: u8| {
            let key = hash::key(&number.to_le_bytes());
            note(Note { order, value: number, ..Note::new(key, document.position()) });
        };
        match &self.finder {
            Finder::Scored(index, threshold) => {
                for found in index.find(&text, *threshold) {
                    write(found.item as u64, if found.is_sure { SURE } else { 0 });
                }
            }
            Finder::Grams(grams) => {
                let mut hashes = Vec::new();
                grams.each(&text, |hash, _, _, _| hashes.push(hash));
                hashes.sort_unstable();
                hashes.dedup();
                hashes.into_iter().for_each(|hash| write(hash, 0));
            }
        }
    }

    fn decide(&self, _copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        // A document writes one note of a key.
        let mut documents = 0;
        notes.each(&mut |note| documents += u64::from(note.order != SURE));
        let is_common = documents > self.common;
        notes.each(&mut |note| {
            if note.order == SURE || !is_common {
                decision(Decision::new(Position { block: 0, ..note.position }, None, note.value));
            }
        });
    }
}
