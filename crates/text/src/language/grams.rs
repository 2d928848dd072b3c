//! The features of a word: its letters in runs of two to five, with the word's edges, and the word itself.
//!
//! Also compiled into the training program (`scripts/language`), so that both see the same features.

use super::alphabet::Group;

/// What stands for the edge of a word. No letter has this code.
const EDGE: u64 = 0xfff;
/// Longer words are looked at so far.
pub const LONGEST: usize = 24;

/// A feature, and which table holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gram {
    /// Short and frequent: a weight for every language of the group. Where the first key is not in the table, the second
    /// stands in.
    Dense(u64, u64),
    /// Long and rare: weights for a few languages.
    Sparse(u64),
}

/// The code of a letter within its group, 12 bits.
#[inline(always)]
fn code(letter: u32) -> u64 {
    u64::from(letter & 0xfff)
}

/// Spreads a key over 64 bits; the upper ones are the best.
#[inline(always)]
fn mixed(key: u64) -> u64 {
    let key = (key ^ (key >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    key ^ (key >> 32)
}

/// Calls `gram` with each feature of a word, given as lower-case letters of one group.
#[inline(always)]
pub fn each(group: Group, word: &[u32], mut gram: impl FnMut(Gram)) {
    if group == Group::Han {
        return each_han(word, gram);
    }
    let salt = (group as u64) << 56;
    let key = |window: u64, length: u64| mixed((window & ((1 << (12 * length)) - 1)) ^ (length << 60) ^ salt);
    let mut window = EDGE;
    let mut whole = 0u64;
    for (index, letter) in word.iter().enumerate() {
        window = window << 12 | code(*letter);
        whole = (whole ^ u64::from(*letter)).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(23);
        if index >= 1 {
            gram(Gram::Dense(key(window, 3), key(window, 2)));
        }
        if index >= 2 {
            gram(Gram::Sparse(key(window, 4)));
        }
        if index >= 3 {
            gram(Gram::Sparse(key(window, 5)));
        }
    }
    window = window << 12 | EDGE;
    gram(Gram::Dense(key(window, 3), key(window, 2)));
    if word.len() >= 2 {
        gram(Gram::Sparse(key(window, 4)));
    }
    if word.len() >= 3 {
        gram(Gram::Sparse(key(window, 5)));
    }
    if word.len() >= 4 {
        gram(Gram::Sparse(mixed(whole ^ salt ^ (6 << 60))));
    }
}

/// Chinese characters are words of their own: each, and each pair.
fn each_han(word: &[u32], mut gram: impl FnMut(Gram)) {
    let salt = (Group::Han as u64) << 56;
    let mut last = None;
    for letter in word {
        let key = mixed(u64::from(*letter) ^ (1 << 60) ^ salt);
        gram(Gram::Dense(key, key));
        if let Some(last) = last {
            gram(Gram::Sparse(mixed((u64::from(last) << 24 | u64::from(*letter)) ^ (2 << 60) ^ salt)));
        }
        last = Some(*letter);
    }
}
