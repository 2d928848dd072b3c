//! Winnowing (Schleimer, Wilkerson and Aiken 2003): of the runs of characters in each window, the one with the least hash.

use std::collections::VecDeque;

/// How long anchors are and how far they reach, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Characters of an anchor.
    pub anchor: usize,
    /// In so many runs that follow each other, one is an anchor. A passage reaches at most so far, less one, beyond its first and
    /// its last anchor.
    pub window: usize,
}

/// A place of a text: a run of [`Reach::anchor`] characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl Reach {
    /// The reach by which each run of `min_chars` characters has an anchor. A quarter of them is an anchor: shorter ones stand in
    /// more places by chance, longer ones are more of them.
    #[must_use]
    pub fn of(min_chars: usize) -> Self {
        let anchor = (min_chars / 4).max(1);
        Self { anchor, window: min_chars + 1 - anchor }
    }
}

/// The anchors of `text` in order.
///
/// Where hashes are equal, as in a text that repeats itself, an anchor stays as long as it is in the window, and the last of them is
/// the next (their "robust winnowing").
pub fn anchors(text: &str, reach: Reach, mut each: impl FnMut(Anchor)) {
    let Reach { anchor, window } = reach;
    let top = (1..anchor).fold(1u64, |power, _| power.wrapping_mul(FACTOR));
    // The characters in hand: their first bytes and their codes.
    let mut held: VecDeque<(usize, u64)> = VecDeque::with_capacity(anchor + 1);
    // Runs that may become the least of a window: number, hash, and the anchor. Hashes rise.
    let mut least: VecDeque<(usize, u64, Anchor)> = VecDeque::new();
    let (mut hash, mut last, mut number) = (0u64, None, 0);
    for (at, character) in text.char_indices() {
        if held.len() == anchor
            && let Some((_, code)) = held.pop_front()
        {
            hash = hash.wrapping_sub(code.wrapping_mul(top));
        }
        let code = u64::from(character) + 1;
        hash = hash.wrapping_mul(FACTOR).wrapping_add(code);
        held.push_back((at, code));
        let Some((start, ..)) = held.front().filter(|_| held.len() == anchor) else { continue };
        let run = Anchor { start: *start, end: at + character.len_utf8() };
        let mixed = finish(hash);
        while least.back().is_some_and(|(_, other, _)| *other > mixed) {
            least.pop_back();
        }
        least.push_back((number, mixed, run));
        number += 1;
        while least.front().is_some_and(|(first, ..)| first + window < number) {
            least.pop_front();
        }
        // Of runs that are the same, the last in the window is the next anchor, so that they stay few.
        while least.front().is_some_and(|(first, hash, _)| {
            last != Some(*first) && least.get(1).is_some_and(|(_, next, _)| next == hash)
        }) {
            least.pop_front();
        }
        if number >= window
            && let Some((chosen, _, run)) = least.front()
            && last != Some(*chosen)
        {
            last = Some(*chosen);
            each(*run);
        }
    }
}

/// The multiplier of FNV-1a, an odd number of no pattern.
const FACTOR: u64 = 0x0000_0100_0000_01b3;

/// The finaliser of `MurmurHash3`.
fn finish(mut hash: u64) -> u64 {
    for factor in [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, min_chars: usize) -> Vec<&str> {
        let mut found = Vec::new();
        anchors(text, Reach::of(min_chars), |anchor| found.push(text.get(anchor.start..anchor.end).unwrap()));
        found
    }

    fn prose(seed: u64, words: usize) -> String {
        let mut state = seed;
        let word = |_| {
            state = finish(state.wrapping_add(FACTOR));
            ["été", "river", "船", "stone", "of", "walks", "Брод", "by", "night", "ten"][(state % 10) as usize]
        };
        (0..words).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_run_of_so_many_characters_has_an_anchor_that_its_copy_has_too() {
        let passage: String = prose(1, 200).chars().take(120).collect();
        for (before, after) in [(0, 0), (3, 40), (57, 1)] {
            let text = format!("{}{passage}{}", prose(2, before), prose(3, after));
            let from = text.find(&passage).unwrap();
            let mut inside = Vec::new();
            anchors(&text, Reach::of(120), |anchor| {
                if anchor.start >= from && anchor.end <= from + passage.len() {
                    inside.push(text.get(anchor.start..anchor.end).unwrap());
                }
            });
            assert!(of(&passage, 120).iter().all(|anchor| inside.contains(anchor)), "{before} {after}");
            assert_eq!(of(&passage, 120).len(), 1);
        }
        assert!(of(&passage, 121).is_empty());
    }

    #[test]
    fn anchors_are_few_even_in_a_text_that_repeats_itself() {
        let text = "ab".repeat(5000);
        assert!(of(&text, 200).len() <= 2 * text.len() / 151 + 1);
        let words = prose(5, 20_000);
        let count = of(&words, 200).len();
        assert!(count * 60 < words.chars().count() && count * 90 > words.chars().count(), "{count}");
    }
}
