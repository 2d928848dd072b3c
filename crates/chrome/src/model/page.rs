//! A page as the model sees it: its blocks measured, their words numbered.

use super::buckets::{self, Weighed};
use super::measure::{Measures, Token, measure};
use crate::evidence::Evidence;

/// All that the features are made from.
pub(crate) struct Page {
    pub blocks: Vec<Seen>,
    pub tokens: Vec<Token>,
    /// Number of the word at each token; `NONE` for words that say nothing about the matter or stood in the block before.
    pub ids: Vec<u32>,
    /// For each word, in how many blocks it stands.
    pub spread: Vec<u32>,
}

/// One block.
pub(crate) struct Seen {
    pub measures: Measures,
    pub weighed: Weighed,
    /// What the phrase rule does that finds the block, 0 without one.
    pub effect: u8,
    /// What follows the phrase is no longer the article.
    pub ends: bool,
    pub day: bool,
    pub code: bool,
    pub blank_before: bool,
    /// It reads as running text.
    pub prose: bool,
}

impl Seen {
    /// It holds a day, a byline or another fact: lists of stories and comments are full of them.
    pub fn is_dated(&self) -> bool {
        self.day || self.effect > 3
    }
}

/// A token that is no content word.
pub(crate) const NONE: u32 = u32::MAX;

impl Page {
    /// Measures the blocks. `rules`: hash of the name of each phrase rule. `weights`: of the words.
    pub fn new<'a>(
        blocks: impl Iterator<Item = (&'a str, bool)>,
        evidence: &[Evidence],
        rules: &[u32],
        weights: &[i8],
    ) -> Self {
        let mut tokens = Vec::with_capacity(evidence.len() * 16);
        let mut seen = Vec::with_capacity(evidence.len());
        for ((text, blank_before), evidence) in blocks.zip(evidence) {
            let measures = measure(text, &mut tokens);
            let rule = evidence.hit.and_then(|hit| rules.get(usize::from(hit.rule)).copied());
            let weighed = Weighed::of(weights, buckets::buckets(&measures, &tokens, rule));
            let prose = evidence.hit.is_none()
                && !evidence.code
                && measures.stops >= 1
                && (measures.chars >= 70 && measures.words >= 10 || measures.stops >= 2 && measures.chars >= 50);
            seen.push(Seen {
                weighed,
                effect: evidence.hit.map_or(0, |hit| hit.effect as u8 + 1),
                ends: evidence.hit.is_some_and(|hit| hit.ends),
                day: evidence.day_alone,
                code: evidence.code,
                blank_before,
                prose,
                measures,
            });
        }
        let (ids, spread) = number(&seen, &tokens);
        Self { blocks: seen, tokens, ids, spread }
    }

    /// Numbers of the content words of a block, each once.
    pub fn words(&self, block: &Seen) -> impl Iterator<Item = usize> {
        let ids = self.ids.get(block.measures.tokens.clone()).unwrap_or_default();
        ids.iter().filter(|id| **id != NONE).map(|id| *id as usize)
    }
}

/// Gives each content word a number, in order of its first place, and counts the blocks it stands in.
fn number(blocks: &[Seen], tokens: &[Token]) -> (Vec<u32>, Vec<u32>) {
    let slots = (tokens.len() * 2).next_power_of_two().max(16);
    let mut table: Vec<(u32, u32)> = vec![(0, NONE); slots];
    let shift = 32 - slots.ilog2();
    let (mut ids, mut spread, mut last_block) = (Vec::with_capacity(tokens.len()), Vec::new(), Vec::new());
    for (at, block) in (0u32..).zip(blocks) {
        for token in tokens.get(block.measures.tokens.clone()).unwrap_or_default() {
            if !token.content {
                ids.push(NONE);
                continue;
            }
            let mut slot = (token.hash.wrapping_mul(0x9e37_79b1) >> shift) as usize;
            let id = loop {
                let (hash, id) = table[slot];
                if id == NONE {
                    let id = spread.len() as u32;
                    table[slot] = (token.hash, id);
                    spread.push(0);
                    last_block.push(NONE);
                    break id;
                }
                if hash == token.hash {
                    break id;
                }
                slot = (slot + 1) & (slots - 1);
            };
            let known = id as usize;
            let again = last_block[known] == at;
            ids.push(if again { NONE } else { id });
            last_block[known] = at;
            spread[known] += u32::from(!again);
        }
    }
    (ids, spread)
}
