//! Counts blocks over a corpus and proposes those that a site repeats as phrases of a pack.
//!
//! Two readings of the input. The first counts every block of every scope (host, source folder, corpus) in a table of fixed
//! size, which never counts too few; the second counts exactly those blocks that can be common enough. Memory grows with the
//! sites and with what is proposed, not with the corpus; additions commute, so threads change nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use crate::chrome::mined::{MinedPack, MinedPhrase, phrase_of, suggest};
use crate::document::{Block, Document, Mark, StageIndex};
use crate::plan::Plan;
use crate::source::{self, Item};
use crate::stage::Signal;
use crate::stage::boilerplate::site::{folder, host};
use crate::text::hash;

/// From when on a block is proposed.
#[derive(Debug, Clone, Copy)]
pub struct Common {
    /// Documents of one scope that have it.
    pub documents: u64,
    /// Their share of the scope's documents. Blocks that read as sentences need four times as much: a quotation that a few
    /// articles share is no chrome.
    pub share: f64,
}

/// Counters in each of the two rows of the table.
const SLOTS: usize = 1 << 22;
/// Parts of the exact count that are locked apart.
const PARTS: usize = 64;
/// Examples that a phrase keeps.
const EXAMPLES: usize = 3;
/// Characters of an example.
const EXAMPLE_CHARS: usize = 200;
/// Words from which a block that ends as a sentence does counts as one.
const SENTENCE_WORDS: usize = 12;
/// How much more common a sentence has to be.
const SENTENCE_FACTOR: f64 = 4.0;

/// The blocks that are common in the corpus after the config's local stages, up to the last that removes chrome, have run.
#[must_use]
pub fn mine(plan: &Plan, common: Common) -> MinedPack {
    let table = Table::new();
    let sizes: Mutex<BTreeMap<String, u64>> = Mutex::default();
    each_document(plan, &|document| {
        let scopes = scopes(document);
        let blocks = distinct_blocks(document);
        for scope in &scopes {
            blocks.iter().for_each(|(key, ..)| table.add(&scoped(scope, key)));
        }
        let mut sizes = sizes.lock().expect("no thread panics while it counts");
        scopes.into_iter().for_each(|scope| *sizes.entry(scope).or_default() += 1);
    });
    let sizes = sizes.into_inner().expect("no thread panics while it counts");
    let parts: Vec<Mutex<HashMap<[u8; 16], Counted>>> = (0..PARTS).map(|_| Mutex::default()).collect();
    each_document(plan, &|document| {
        let blocks = distinct_blocks(document);
        for scope in scopes(document) {
            let size = sizes.get(&scope).copied().unwrap_or_default();
            for (key, phrase, block) in &blocks {
                let hash = scoped(&scope, key);
                if table.at_most(&hash) < least(common, size, *block) {
                    continue;
                }
                let part = parts.get(usize::from(hash[0]) % PARTS).expect("the remainder is below the number of parts");
                let mut part = part.lock().expect("no thread panics while it counts");
                part.entry(hash).or_insert_with(|| Counted::new(&scope, phrase)).add(document, *block);
            }
        }
    });
    let mut found: Vec<Counted> = Vec::new();
    for part in parts {
        found.extend(part.into_inner().expect("no thread panics while it counts").into_values());
    }
    MinedPack { name: "mined".to_owned(), version: 1, mined: chosen(found, &sizes, common) }
}

/// A block in one scope.
struct Counted {
    scope: String,
    phrase: String,
    documents: u64,
    /// The block reads as a sentence.
    sentence: bool,
    /// The least ids, each with the block as written.
    examples: Vec<(String, String)>,
}

impl Counted {
    fn new(scope: &str, phrase: &str) -> Self {
        Self { scope: scope.to_owned(), phrase: phrase.to_owned(), documents: 0, sentence: false, examples: Vec::new() }
    }

    fn add(&mut self, document: &Document, block: Block<'_>) {
        self.documents += 1;
        self.sentence |= is_sentence(block);
        let example = (document.id().to_owned(), block.text().trim().chars().take(EXAMPLE_CHARS).collect());
        let at = self.examples.partition_point(|other| *other < example);
        if at < EXAMPLES {
            self.examples.insert(at, example);
            self.examples.truncate(EXAMPLES);
        }
    }
}

/// Each phrase once, in the scope where most documents have it, the commonest first.
fn chosen(found: Vec<Counted>, sizes: &BTreeMap<String, u64>, common: Common) -> Vec<MinedPhrase> {
    let enough = |counted: &Counted| {
        let size = sizes.get(&counted.scope).copied().unwrap_or_default();
        counted.documents >= least_of(common, size, counted.sentence)
    };
    let mut phrases: Vec<MinedPhrase> = found
        .into_iter()
        .filter(enough)
        .map(|counted| {
            let size = sizes.get(&counted.scope).copied().unwrap_or(1).max(1);
            let share = (counted.documents as f64 / size as f64 * 10_000.0).round() / 10_000.0;
            MinedPhrase {
                rule: suggest(&counted.phrase, share),
                phrase: counted.phrase,
                documents: counted.documents,
                share,
                scope: counted.scope,
                examples: counted.examples.into_iter().map(|(id, text)| format!("{text} [{id}]")).collect(),
            }
        })
        .collect();
    // The wider scope comes last in the alphabet of scopes and is no news where a site alone has the phrase.
    phrases.sort_by(|a, b| {
        let by_phrase = a.phrase.cmp(&b.phrase).then(b.documents.cmp(&a.documents));
        by_phrase.then(b.share.total_cmp(&a.share)).then(b.scope.cmp(&a.scope))
    });
    phrases.dedup_by(|later, first| later.phrase == first.phrase);
    phrases.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| a.phrase.cmp(&b.phrase)));
    phrases
}

/// Documents that must have the block.
fn least(common: Common, size: u64, block: Block<'_>) -> u64 {
    least_of(common, size, is_sentence(block))
}

fn least_of(common: Common, size: u64, sentence: bool) -> u64 {
    let share = if sentence { (common.share * SENTENCE_FACTOR).min(1.0) } else { common.share };
    common.documents.max((share * size as f64).ceil() as u64)
}

fn is_sentence(block: Block<'_>) -> bool {
    let text = block.text().trim_end_matches(|character: char| ['"', '”', '»', '’', ')', ' '].contains(&character));
    text.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।'])
        && text.split_whitespace().nth(SENTENCE_WORDS - 1).is_some()
}

/// The document's blocks, each once: what identifies it, its phrase, and its first copy.
fn distinct_blocks(document: &Document) -> Vec<(String, String, Block<'_>)> {
    let mut blocks: Vec<(String, String, Block<'_>)> = document
        .kept()
        .filter_map(|block| {
            let (key, phrase) = phrase_of(block.text())?;
            Some((key, phrase, block))
        })
        .collect();
    blocks.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.number().cmp(&b.2.number())));
    blocks.dedup_by(|later, first| later.0 == first.0);
    blocks
}

/// Where the document counts: the corpus, its source's folder, its host.
fn scopes(document: &Document) -> Vec<String> {
    ["corpus".to_owned(), folder(document)].into_iter().chain(host(document)).collect()
}

fn scoped(scope: &str, key: &str) -> [u8; 16] {
    hash::key(format!("{scope}\n{key}").as_bytes())
}

/// Reads every document of the plan and takes it through the local stages up to the last that removes chrome.
fn each_document(plan: &Plan, each: &(dyn Fn(&Document) + Sync)) {
    let last = plan.stages.iter().rposition(|stage| stage.signal == Some(Signal::Chrome));
    let stages = plan.stages.get(..last.map_or(plan.stages.len(), |last| last + 1)).unwrap_or_default();
    plan.discovery.files.par_iter().for_each(|file| {
        let Some(config) = plan.config.source.get(file.source as usize) else { return };
        let Ok(survey) = source::survey(file, SLICE) else { return };
        survey.readable(file).par_iter().for_each(|slice| {
            let Ok(()) = source::read(config, file, slice, &mut |item| {
                if let Item::Document { mut document, .. } = item {
                    for (place, planned) in (0..).zip(stages) {
                        if let Some(stage) = planned.stage.local()
                            && document.is_kept()
                        {
                            stage.apply(&mut document, Mark::new(StageIndex(place)));
                        }
                    }
                    if document.is_kept() {
                        each(&document);
                    }
                }
                Ok::<(), std::convert::Infallible>(())
            });
        });
    });
}

/// Bytes of a slice of a large file: the unit of work.
const SLICE: u64 = 16 << 20;

/// Counters that never count too few: a block's count is at most the lesser of two.
struct Table {
    rows: [Vec<AtomicU32>; 2],
}

impl Table {
    fn new() -> Self {
        let row = || (0..SLOTS).map(|_| AtomicU32::new(0)).collect();
        Self { rows: [row(), row()] }
    }

    fn add(&self, hash: &[u8; 16]) {
        self.slots(hash).for_each(|slot| {
            slot.fetch_add(1, Ordering::Relaxed);
        });
    }

    fn at_most(&self, hash: &[u8; 16]) -> u64 {
        self.slots(hash).map(|slot| u64::from(slot.load(Ordering::Relaxed))).min().unwrap_or_default()
    }

    fn slots(&self, hash: &[u8; 16]) -> impl Iterator<Item = &AtomicU32> {
        let [a, b, c, d, e, f, g, h, ..] = *hash;
        let at = [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])];
        self.rows.iter().zip(at).filter_map(|(row, at)| row.get(at as usize % SLOTS))
    }
}
