//! Runs of 13 words, as the authors of GPT-3 looked for them.

use std::collections::HashMap;

use super::judge::{ALL, By, Found};
use super::weights::is_idiom;
use crate::tokens::{Passing, Token, hash_of, tokens};

/// The runs of 13 words that items have.
#[derive(Debug, Default)]
pub struct Grams {
    /// The items of each run.
    items: HashMap<u64, Vec<u32>, Passing>,
    /// How long the runs are, in halves of words, the shortest first: 26, and the lengths of shorter items.
    lengths: Vec<u32>,
}

/// 13 words.
const LONGEST: u32 = 26;

/// Items of fewer halves of words are left out, as there: what is shorter than 8 words is anybody's.
const SHORTEST: u32 = 16;

impl Grams {
    /// The runs of items, each a question.
    #[must_use]
    pub fn new<'a>(items: impl IntoIterator<Item = &'a str>) -> Self {
        let mut grams = Self::default();
        let mut found = Vec::new();
        for (number, question) in (0u32..).zip(items) {
            tokens(question, &mut found);
            let length = found.iter().map(|token| u32::from(token.halves)).sum::<u32>().min(LONGEST);
            if length < SHORTEST {
                continue;
            }
            if let Err(at) = grams.lengths.binary_search(&length) {
                grams.lengths.insert(at, length);
            }
            for at in 0..found.len() {
                if let Some((hash, _)) = gram(&found[at..], length) {
                    let of = grams.items.entry(hash).or_default();
                    if of.last() != Some(&number) {
                        of.push(number);
                    }
                }
            }
        }
        grams
    }

    /// The runs of `text` that an item has, each with its hash and the items, in the order of the text: of those that begin at one
    /// word, the shorter first.
    pub fn each<'a>(&'a self, text: &str, mut visit: impl FnMut(u64, &'a [u32], usize, usize)) {
        let mut found = Vec::new();
        tokens(text, &mut found);
        for at in 0..found.len() {
            for length in &self.lengths {
                let Some((hash, count)) = gram(&found[at..], *length) else { break };
                if let Some(items) = self.items.get(&hash) {
                    visit(hash, items, found[at].start as usize, found[at + count - 1].end as usize);
                }
            }
        }
    }

    /// The items of which `text` has a run, in their order, with how many runs it has; those whose hash `leave_out` names do not
    /// count.
    #[must_use]
    pub fn find(&self, text: &str, leave_out: impl Fn(u64) -> bool) -> Vec<Found> {
        let mut all: Vec<(u32, usize, usize)> = Vec::new();
        self.each(text, |hash, items, start, end| {
            if !leave_out(hash) {
                all.extend(items.iter().map(|item| (*item, start, end)));
            }
        });
        all.sort_unstable();
        let of_item = |same: &[(u32, usize, usize)]| {
            let (item, start, _) = same[0];
            let end = same.iter().map(|(_, _, end)| *end).max().unwrap_or_default();
            let score = ALL * same.len() as u32;
            Found { item: item as usize, start, end, by: By::Gram, score, threshold: ALL, is_sure: false }
        };
        all.chunk_by(|a, b| a.0 == b.0).map(of_item).collect()
    }
}

/// The hash of the run of so many halves of words that begins here, and its number of tokens; `None` where the text ends before,
/// or where the run is an idiom of program code.
fn gram(text: &[Token], length: u32) -> Option<(u64, usize)> {
    let mut sum = 0;
    for (at, token) in text.iter().enumerate() {
        sum += u32::from(token.halves);
        if sum >= length {
            let run = &text[..=at];
            let is_code = run.iter().all(|token| is_idiom(token.hash));
            return (!is_code).then(|| (hash_of(run.iter().map(|token| token.hash)), at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str =
        "A train leaves the old station at nine and reaches the coast before the ferry has gone, how fast is it?";

    fn items(grams: &Grams, text: &str) -> Vec<usize> {
        grams.find(text, |_| false).into_iter().map(|found| found.item).collect()
    }

    #[test]
    fn thirteen_words_in_a_row_are_enough_and_twelve_are_not() {
        let grams = Grams::new([QUESTION]);
        let words: Vec<&str> = QUESTION.split(' ').collect();
        assert_eq!(items(&grams, &format!("Say: {}.", words[2..15].join(" "))), [0]);
        assert_eq!(items(&grams, &format!("Say: {}.", words[2..14].join(" "))), []);
    }

    #[test]
    fn an_item_of_eight_words_is_found_whole_and_one_of_seven_is_not_looked_for() {
        let grams = Grams::new(["Which river of the north has no bridge", "Which river of the north is long"]);
        assert_eq!(items(&grams, "which river of the north has no bridge? which river of the north is long?"), [0]);
        assert_eq!(items(&grams, "which river of the north has no boat"), []);
    }

    #[test]
    fn what_is_left_out_does_not_count() {
        let grams = Grams::new([QUESTION]);
        let mut hashes = Vec::new();
        grams.each(QUESTION, |hash, _, _, _| hashes.push(hash));
        assert_eq!(grams.find(QUESTION, |_| false)[0].score, ALL * hashes.len() as u32);
        assert_eq!(grams.find(QUESTION, |hash| hashes.contains(&hash)), []);
    }

    #[test]
    fn a_run_of_the_words_of_idioms_is_no_sign() {
        let code = "for i in range(len(x)): for j in range(len(x)): if x is not none and true: return false";
        assert_eq!(items(&Grams::new([code]), code), []);
    }
}
