//! The items by the runs of tokens that they have.

use std::collections::HashMap;

use super::align::align;
use super::judge::Standing;
use super::weights::{LEAST, MOST, weight};
use crate::tokens::{Passing, Token, hash_of, tokens};

/// All items that are looked for.
#[derive(Debug, Default)]
pub struct Index {
    items: Vec<Item>,
    /// The number of each token that an item has.
    vocabulary: HashMap<u64, u32, Passing>,
    /// What each token tells.
    weights: Vec<u32>,
    /// For each run of tokens that starts a search, its range in `postings`.
    grams: HashMap<u64, (u32, u32), Passing>,
    /// Items and the token of them at which the run stands.
    postings: Vec<(u32, u32)>,
    /// For each number of tokens that such a run has, the hashes seen: short items have shorter ones.
    sizes: Vec<usize>,
}

/// An item: a question, and what answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// The question's tokens, as numbers of the vocabulary.
    pub(super) question: Vec<u32>,
    /// For each of them, how much of a word it is, in halves.
    pub(super) halves: Vec<u8>,
    /// What each of them tells.
    pub(super) told: Vec<u16>,
    /// The answer's tokens.
    pub(super) answer: Vec<u32>,
    /// What the question's tokens tell, as a sum of weights.
    pub(super) weight: u32,
    /// How long the question is, in halves of words.
    pub(super) length: u32,
    /// What the answer's tokens tell.
    pub(super) answer_weight: u32,
    /// How many items have the same question.
    pub(super) sharing: u32,
}

/// Of longer questions only so many tokens are looked for: an alignment costs the square of it.
const MOST_TOKENS: usize = 768;

/// A run of so many halves of words starts a search for an item, and a shorter one for short items.
const GRAM: [u32; 2] = [8, 6];

/// Items with fewer halves of words than this are short.
pub(super) const SHORT: u32 = 26;

/// A run that more items than this have starts no search, unless an item has no other.
const HOT: usize = 48;

/// What more questions than this have is a template of theirs.
const TEMPLATE: usize = 8;

/// A token that no item has.
const FOREIGN: u32 = u32::MAX;

impl Index {
    /// An index of items, each a question and its answer, which may be empty.
    #[must_use]
    pub fn new<'a>(items: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut index = Self::default();
        let (mut found, mut having, mut hashes): (Vec<Token>, Vec<u32>, Vec<u64>) = Default::default();
        let mut questions: HashMap<Vec<u32>, Vec<u32>> = HashMap::new();
        for (question, answer) in items {
            let mut item = Item::default();
            for (text, is_question) in [(question, true), (answer, false)] {
                tokens(text, &mut found);
                for token in found.iter().take(MOST_TOKENS) {
                    let next = index.vocabulary.len() as u32;
                    let number = *index.vocabulary.entry(token.hash).or_insert(next);
                    if number == next {
                        hashes.push(token.hash);
                    }
                    if is_question {
                        item.question.push(number);
                        item.halves.push(token.halves);
                        item.length += u32::from(token.halves);
                    } else {
                        item.answer.push(number);
                    }
                }
            }
            questions.entry(item.question.clone()).or_default().push(index.items.len() as u32);
            index.items.push(item);
        }
        having.resize(hashes.len(), 0);
        let mut distinct: Vec<u32> = Vec::new();
        for item in &mut index.items {
            item.sharing = questions.get(&item.question).map_or(1, |same| same.len() as u32);
            distinct.clear();
            distinct.extend(item.question.iter().chain(&item.answer));
            distinct.sort_unstable();
            distinct.dedup();
            for token in &distinct {
                having[*token as usize] += 1;
            }
        }
        let all = index.items.len() as u32;
        index.weights = hashes.iter().zip(&having).map(|(hash, having)| weight(*hash, *having, all)).collect();
        for item in &mut index.items {
            item.told = item.question.iter().map(|token| index.weights[*token as usize] as u16).collect();
            item.answer_weight = item.answer.iter().map(|token| index.weights[*token as usize]).sum();
        }
        index.find_grams();
        index
    }

    /// The item at a number.
    pub(super) fn item(&self, number: usize) -> Option<&Item> {
        self.items.get(number)
    }

    fn find_grams(&mut self) {
        let mut all: Vec<(u64, u32, u32)> = Vec::new();
        for (number, item) in (0u32..).zip(&self.items) {
            for at in 0..item.question.len() {
                if let Some(tokens) = gram(&item.halves[at..], gram_of(item)) {
                    all.push((hash_of_run(&item.question[at..at + tokens]), number, at as u32));
                    if !self.sizes.contains(&tokens) {
                        self.sizes.push(tokens);
                    }
                }
            }
        }
        self.sizes.sort_unstable();
        all.sort_unstable();
        self.weigh_templates(&all);
        let mut searched = vec![false; self.items.len()];
        let mut hot = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            if same.len() > HOT { hot.push(same) } else { self.add(same, &mut searched) }
        }
        hot.sort_by_key(|same| same.len());
        for same in hot {
            if same.iter().any(|(_, item, _)| !searched[*item as usize]) {
                self.add(same, &mut searched);
            }
        }
    }

    /// Lets tokens tell next to nothing that stand in runs of many items alone: what all tasks of a kind begin with.
    fn weigh_templates(&mut self, all: &[(u64, u32, u32)]) {
        let mut own: Vec<Vec<bool>> = self.items.iter().map(|item| vec![false; item.question.len()]).collect();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let mut questions: Vec<&[u32]> = Vec::new();
            for (_, item, _) in same {
                let question = self.items[*item as usize].question.as_slice();
                if !questions.contains(&question) {
                    questions.push(question);
                }
                if questions.len() > TEMPLATE {
                    break;
                }
            }
            if questions.len() <= TEMPLATE {
                for (_, item, at) in same {
                    let (item, at) = (*item as usize, *at as usize);
                    let run = gram(&self.items[item].halves[at..], gram_of(&self.items[item])).unwrap_or_default();
                    own[item][at..at + run].fill(true);
                }
            }
        }
        for (item, own) in self.items.iter_mut().zip(own) {
            for (told, own) in item.told.iter_mut().zip(own) {
                if !own {
                    *told = (*told).min(LEAST as u16);
                }
            }
            item.weight = item.told.iter().map(|told| u32::from(*told)).sum();
        }
    }

    fn add(&mut self, same: &[(u64, u32, u32)], searched: &mut [bool]) {
        let from = self.postings.len() as u32;
        self.postings.extend(same.iter().map(|(_, item, at)| (*item, *at)));
        same.iter().for_each(|(_, item, _)| searched[*item as usize] = true);
        self.grams.insert(same[0].0, (from, self.postings.len() as u32));
    }

    /// The tokens of a text as numbers of the vocabulary.
    fn numbered(&self, text: &[Token]) -> Vec<u32> {
        text.iter().map(|token| self.vocabulary.get(&token.hash).copied().unwrap_or(FOREIGN)).collect()
    }

    /// Where `text` may hold an item, with how much of it stands there: for each item the place that holds most, in the order of
    /// the items. What holds less than a third of what an item tells is left out.
    pub(super) fn candidates(&self, text: &str) -> Vec<Standing> {
        let mut found = Vec::new();
        tokens(text, &mut found);
        let numbers = self.numbered(&found);
        let mut hits: Vec<(u32, u32, u32)> = Vec::new();
        for at in 0..numbers.len() {
            if numbers[at] == FOREIGN {
                continue;
            }
            for size in &self.sizes {
                let Some(run) = numbers.get(at..at + size).filter(|run| !run.contains(&FOREIGN)) else { break };
                let Some((from, to)) = self.grams.get(&hash_of_run(run)) else { continue };
                let postings = &self.postings[*from as usize..*to as usize];
                hits.extend(postings.iter().map(|(item, place)| (*item, at as u32, *place)));
            }
        }
        hits.sort_unstable();
        let mut best: Vec<Standing> = Vec::new();
        for of_item in hits.chunk_by(|a, b| a.0 == b.0) {
            let number = of_item[0].0 as usize;
            let mut rest = of_item;
            while let Some((_, first, _)) = rest.first() {
                let item = &self.items[number];
                let reach = (item.question.len() + slack(item)) as u32;
                let (near, others) = rest.split_at(rest.partition_point(|(_, at, _)| *at <= first + reach));
                rest = others;
                if let Some(standing) = self.standing(number, near, &numbers, &found) {
                    match best.last_mut() {
                        Some(last) if last.item == number => {
                            if standing.is_more_than(last) {
                                *last = standing;
                            }
                        }
                        _ => best.push(standing),
                    }
                }
            }
        }
        best
    }

    /// How much of an item stands around `hits`, which lie near each other.
    fn standing(&self, number: usize, hits: &[(u32, u32, u32)], text: &[u32], tokens: &[Token]) -> Option<Standing> {
        let item = &self.items[number];
        let mut covered = vec![false; item.question.len()];
        for (_, _, place) in hits {
            let from = *place as usize;
            let run = gram(&item.halves[from..], gram_of(item)).unwrap_or_default();
            covered[from..from + run].fill(true);
        }
        let weight_at = |at: usize| u32::from(item.told[at]);
        let seen: u32 = (0..covered.len()).filter(|at| covered[*at]).map(weight_at).sum();
        if seen * 4 < item.weight {
            return None;
        }
        let starts = hits.iter().map(|(_, at, place)| *at as i64 - i64::from(*place));
        let (least, most) =
            starts.fold((i64::MAX, i64::MIN), |(least, most), start| (least.min(start), most.max(start)));
        let slack = slack(item) as i64;
        // The text may begin in the middle of the item, and end there.
        let within = |place: i64| place.clamp(0, text.len() as i64) as usize;
        let (from, to) = (within(least - slack), within(most + slack + item.question.len() as i64));
        let aligned = align(&item.question, &text[from..to], |at| (weight_at(at), u32::from(item.halves[at])))?;
        if aligned.weight * 3 < item.weight {
            return None;
        }
        let (first, last) = (from + aligned.first, from + aligned.last);
        Some(Standing {
            item: number,
            weight: aligned.weight,
            halves: aligned.halves,
            run: aligned.run,
            answered: self.is_answered(item, &text[last.min(text.len())..]),
            start: tokens[first].start as usize,
            end: tokens[last - 1].end as usize,
        })
    }

    /// Whether the answer stands soon behind the question.
    fn is_answered(&self, item: &Item, behind: &[u32]) -> bool {
        let count = item.answer.len();
        // A letter or a `yes` stands behind anything.
        if item.answer_weight < MOST / 3 {
            return false;
        }
        let near = &behind[..behind.len().min(ANSWER_REACH + 2 * count)];
        if count <= 3 {
            return near.windows(count).any(|run| run == item.answer);
        }
        let weight = |at: usize| self.weights[item.answer[at] as usize];
        align(&item.answer, near, |at| (weight(at), 2)).is_some_and(|found| found.weight * 5 > item.answer_weight * 3)
    }
}

/// So many tokens behind the question, and as many more as the answer has twice, the answer is looked for.
const ANSWER_REACH: usize = 40;

/// How many tokens the text may have in between.
fn slack(item: &Item) -> usize {
    item.question.len() / 5 + 3
}

/// Halves of words that a run of this item has which starts a search.
fn gram_of(item: &Item) -> u32 {
    GRAM[usize::from(item.length < SHORT)]
}

/// How many of these tokens make a run of so many halves of words; `None` where they are fewer.
fn gram(halves: &[u8], wanted: u32) -> Option<usize> {
    let mut sum = 0;
    for (count, half) in halves.iter().enumerate() {
        sum += u32::from(*half);
        if sum >= wanted {
            return Some(count + 1);
        }
    }
    None
}

fn hash_of_run(run: &[u32]) -> u64 {
    hash_of(run.iter().map(|number| u64::from(*number)))
}
