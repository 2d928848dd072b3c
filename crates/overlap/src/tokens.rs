//! Texts as tokens that are the same whatever their case, their punctuation and their spaces.

use std::hash::{BuildHasher, Hasher};

use unicode_normalization::char::decompose_canonical;

/// A word, or a character of a script that sets no spaces between words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Hash of its lower-case letters and digits.
    pub hash: u64,
    /// Its first byte in the text.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// How much of a word it is, in halves: a word is two, a character of a script without spaces one.
    pub halves: u8,
}

/// The tokens of `text`, in place of what `out` holds.
///
/// A word is a run of letters and digits in lower case; apostrophes within it do not count. Everything else parts words.
pub fn tokens(text: &str, out: &mut Vec<Token>) {
    out.clear();
    let mut word: Option<Token> = None;
    for (at, character) in text.char_indices() {
        let (start, end) = (at as u32, (at + character.len_utf8()) as u32);
        if is_apostrophe(character) || is_mark(character) {
            continue;
        }
        if !character.is_alphanumeric() {
            out.extend(word.take());
        } else if is_unspaced(character) {
            out.extend(word.take());
            out.push(Token { hash: step(SEED, character), start, end, halves: 1 });
        } else {
            let mut token = word.unwrap_or(Token { hash: SEED, start, end, halves: 2 });
            token.hash = folded(token.hash, character);
            token.end = end;
            word = Some(token);
        }
    }
    out.extend(word);
}

/// The hash of a run of hashes.
#[must_use]
pub fn hash_of(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(SEED, |hash, part| mix(hash ^ part))
}

/// A hasher that takes a hash as it is: tokens are mixed already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Passing;

/// A hash on its way through [`Passing`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Passed(u64);

impl BuildHasher for Passing {
    type Hasher = Passed;

    fn build_hasher(&self) -> Passed {
        Passed::default()
    }
}

impl Hasher for Passed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

fn step(hash: u64, character: char) -> u64 {
    mix(hash ^ u64::from(character))
}

/// The multiplication and shift of `SplitMix64`.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Adds a letter or digit to the hash of a word: in lower case, of Latin and Greek ones without their marks.
fn folded(mut hash: u64, character: char) -> u64 {
    if character.is_ascii() {
        return step(hash, character.to_ascii_lowercase());
    }
    for lower in character.to_lowercase().filter(|lower| !is_mark(*lower)) {
        if matches!(lower, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}') {
            decompose_canonical(lower, |part| {
                if !is_mark(part) {
                    hash = step(hash, part);
                }
            });
        } else {
            hash = step(hash, lower);
        }
    }
    hash
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}' | '\u{2018}' | '\u{02bc}' | '\u{ff07}')
}

/// Marks that stand over or under a letter: a text has them composed or not, or leaves them out.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// Whether a character is of a script that sets no spaces between words.
#[must_use]
pub fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
            | '\u{1000}'..='\u{109f}' // Burmese
            | '\u{1780}'..='\u{17ff}' // Khmer
            | '\u{3040}'..='\u{30ff}' // kana
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' // Han
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        tokens(one, &mut a);
        tokens(other, &mut b);
        a.iter().map(|token| token.hash).eq(b.iter().map(|token| token.hash))
    }

    #[test]
    fn case_punctuation_and_spaces_do_not_count() {
        assert!(same("What's the CAPITAL of France?", "what\u{2019}s  the capital,\nof france"));
        assert!(same("cafe\u{301} (open)", "Caf\u{e9} OPEN"));
        assert!(!same("the capital of France", "the capitals of France"));
    }

    #[test]
    fn a_script_without_spaces_has_a_token_a_character() {
        let mut out = Vec::new();
        tokens("法国的首都是Paris。", &mut out);
        assert_eq!(
            out.iter().map(|token| (token.start, token.end, token.halves)).collect::<Vec<_>>(),
            [(0, 3, 1), (3, 6, 1), (6, 9, 1), (9, 12, 1), (12, 15, 1), (15, 18, 1), (18, 23, 2)]
        );
    }
}
