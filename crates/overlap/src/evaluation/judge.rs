//! Whether what a text has of an item is enough to say that it holds the item.

use super::index::{Index, Item, SHORT};
use super::weights::MOST;

/// How much of an item stands in a text, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The item's number.
    pub item: usize,
    /// What the shared tokens tell.
    pub(super) weight: u32,
    /// How much they are, in halves of words.
    pub(super) halves: u32,
    /// The longest run, in halves of words.
    pub(super) run: u32,
    /// Whether the answer stands behind it.
    pub(super) answered: bool,
    /// The first byte of it in the text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// An item that a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The item's number.
    pub item: usize,
    /// The first byte of it in the text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// By which rule it was found.
    pub by: By,
    /// How much of it stands there, in thousandths: of what it tells, or of its words, or the number of runs, as the rule has it.
    pub score: u32,
    /// What the rule asks for, likewise.
    pub threshold: u32,
    /// Whether nearly all of a longer item stands there, or its answer as well: more than any phrase could be.
    pub is_sure: bool,
}

/// The rules by which items are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A longer item, by the share of what it tells.
    Score,
    /// An item of fewer than 13 words: all of it, all but a word, or part of it with its answer.
    Short,
    /// A run of 13 words, or all of a shorter item.
    Gram,
}

/// All of something, in thousandths.
pub const ALL: u32 = 1000;

/// A longer item is held, whatever the threshold, where so much of its words stands there.
const NEARLY_ALL: u32 = 990;

/// Of a longer item, what stands there must tell as much as two and a half of the rarest words; where the larger part of it stands
/// there, as much as two.
const TELLING: u32 = 5 * MOST / 2;
const TELLING_OF_MOST: u32 = 2 * MOST;

/// The larger part, of what an item tells and of its words.
const LARGER: u32 = 700;
const LARGER_OF_WORDS: u32 = 750;

/// So much of the words of a longer item stands there, unless its answer follows or they are an unbroken run of eighteen.
const MOST_OF_WORDS: u32 = 550;

/// An unbroken run of so many halves of words makes up for a quarter of the threshold: an item that is cut off.
const UNBROKEN: u32 = 18;

/// Of a short item with another word in it, what is left must be this share of what it tells, and tell so much.
const WITHOUT_A_WORD: u32 = 750;
const TELLING_WITHOUT_A_WORD: u32 = 9 * MOST / 5;

/// Of a short item that is cut off, a run of so many halves of words must be half of what it tells, and tell so much.
const SHORT_RUN: u32 = 10;
const TELLING_RUN: u32 = 19 * MOST / 10;

/// A short item of so many halves of words, or one that tells so much, is found where all of it stands there.
const SHORT_WHOLE: u32 = 14;
const TELLING_WHOLE: u32 = MOST;

/// An item of fewer halves of words than this is found with its answer alone.
const TOO_SHORT: u32 = 10;

impl Standing {
    /// Whether this is more of the same item.
    pub(super) fn is_more_than(&self, other: &Self) -> bool {
        (self.answered, self.weight) > (other.answered, other.weight)
    }

    fn found(&self, by: By, score: u32, threshold: u32, is_sure: bool) -> Found {
        Found { item: self.item, start: self.start, end: self.end, by, score, threshold, is_sure }
    }
}

impl Index {
    /// The items that `text` holds, in their order: those of 13 words and more of which a share of at least `threshold`, in
    /// thousandths, stands there by what the words tell, and shorter ones by a rule of their own.
    #[must_use]
    pub fn find(&self, text: &str, threshold: u32) -> Vec<Found> {
        self.candidates(text).iter().filter_map(|standing| self.judge(standing, threshold)).collect()
    }

    /// Whether what stands in a text is enough of its item.
    fn judge(&self, standing: &Standing, threshold: u32) -> Option<Found> {
        let item = self.item(standing.item)?;
        let told = share(standing.weight, item.weight);
        let words = share(standing.halves, item.length);
        if item.length >= SHORT {
            long(item, standing, told, words, threshold)
        } else {
            short(item, standing, told, words)
        }
    }
}

/// Of a longer item.
fn long(item: &Item, standing: &Standing, told: u32, words: u32, threshold: u32) -> Option<Found> {
    let is_sure = words >= 900 || standing.answered && told >= LARGER;
    // The rare words of an item may be a phrase of its field, which texts of that field have without the item.
    let is_phrase = words < MOST_OF_WORDS && !standing.answered && standing.run < 2 * UNBROKEN;
    let is = |needed: u32, telling: u32| told >= needed && standing.weight >= telling && !is_phrase;
    let with = |threshold| Some(standing.found(By::Score, told, threshold, is_sure));
    if words >= NEARLY_ALL {
        return Some(standing.found(By::Score, words, NEARLY_ALL, true));
    }
    // What several items ask in the same words says little by itself.
    if item.sharing > 1 && !standing.answered {
        return None;
    }
    let larger = LARGER.max(threshold);
    if is(larger, TELLING_OF_MOST) || told >= larger && words >= LARGER_OF_WORDS {
        return with(larger);
    }
    if is(threshold, TELLING) {
        return with(threshold);
    }
    let answered = threshold * 4 / 5;
    if standing.answered && is(answered, TELLING_OF_MOST) {
        return with(answered);
    }
    let cut = threshold * 3 / 4;
    if standing.run >= UNBROKEN && is(cut, TELLING) { with(cut) } else { None }
}

/// Of an item of fewer than 13 words.
fn short(item: &Item, standing: &Standing, told: u32, words: u32) -> Option<Found> {
    let Standing { answered, run, weight, .. } = *standing;
    let with = |score, threshold| Some(standing.found(By::Short, score, threshold, false));
    let is_whole = words == ALL;
    if item.length < TOO_SHORT {
        return if is_whole && answered && item.weight >= TELLING_WHOLE { with(words, ALL) } else { None };
    }
    if is_whole && (item.sharing == 1 || answered) && (item.length >= SHORT_WHOLE || item.weight >= TELLING_WHOLE) {
        return with(words, ALL);
    }
    let one_less = share(item.length - 2, item.length);
    if answered && words >= one_less && weight >= TELLING_WHOLE {
        return with(words, one_less);
    }
    if item.sharing > 1 {
        return None;
    }
    if words >= one_less && told >= WITHOUT_A_WORD && weight >= TELLING_WITHOUT_A_WORD {
        return with(words, one_less);
    }
    let half = ALL / 2;
    if run >= SHORT_RUN && told >= half && weight >= TELLING_RUN { with(told, half) } else { None }
}

/// `part` of `whole`, in thousandths, rounded down.
fn share(part: u32, whole: u32) -> u32 {
    (u64::from(part) * u64::from(ALL) / u64::from(whole.max(1))) as u32
}
