//! What a text is compared by: its words in lower case, without anything between them; in a script that is written without
//! spaces, its characters.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

use crate::mix::mix;

/// Hashes the tokens of `text` in order.
///
/// A token is a run of letters and digits (the general categories L and N), hashed in lower case. Each character of the blocks of
/// kana, Han, Hangul, Thai, Lao, Burmese and Khmer is a token of its own, but for letters that follow one of another script without
/// a break: `2024年` is one token.
pub fn tokens(text: &str, out: &mut Vec<u64>) {
    let kinds = &**KINDS;
    let mut word = START;
    let mut bytes = text.as_bytes();
    // ASCII letters are most of what there is in many corpora: they are taken byte by byte.
    while let Some((&byte, rest)) = bytes.split_first() {
        if byte < 0x80 {
            bytes = rest;
            let lower = ASCII[usize::from(byte)];
            if lower != 0 {
                word = step(word, u32::from(lower));
            } else {
                end(&mut word, out);
            }
            continue;
        }
        let Some(character) = decode(&mut bytes) else { break };
        match kinds.get(character as usize).copied().unwrap_or(OTHER) {
            OTHER => end(&mut word, out),
            ALONE_LETTER if word == START => out.push(mix(step(START, character as u32))),
            ALONE => {
                end(&mut word, out);
                out.push(mix(step(START, character as u32)));
            }
            LOWER | ALONE_LETTER => word = step(word, character as u32),
            _ => {
                for lower in character.to_lowercase() {
                    match kinds.get(lower as usize).copied().unwrap_or(OTHER) {
                        OTHER => end(&mut word, out),
                        _ => word = step(word, lower as u32),
                    }
                }
            }
        }
    }
    end(&mut word, out);
}

/// The state before a token's first character.
const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Takes a character into a token's hash (FNV-1a by characters).
#[inline]
fn step(word: u64, character: u32) -> u64 {
    // The Greek sigma has two forms in lower case.
    let character = if character == 'ς' as u32 { 'σ' as u32 } else { character };
    (word ^ u64::from(character)).wrapping_mul(0x0000_0100_0000_01b3)
}

#[inline]
fn end(word: &mut u64, out: &mut Vec<u64>) {
    if *word != START {
        out.push(mix(*word));
        *word = START;
    }
}

/// Takes the next character off the bytes of a text.
#[inline]
fn decode(bytes: &mut &[u8]) -> Option<char> {
    let (value, length) = match **bytes {
        [a @ 0xc0..=0xdf, b, ..] => ((u32::from(a) & 0x1f) << 6 | u32::from(b) & 0x3f, 2),
        [a @ 0xe0..=0xef, b, c, ..] => {
            ((u32::from(a) & 0x0f) << 12 | (u32::from(b) & 0x3f) << 6 | u32::from(c) & 0x3f, 3)
        }
        [a, b, c, d, ..] => {
            let high = (u32::from(a) & 0x07) << 18 | (u32::from(b) & 0x3f) << 12;
            (high | (u32::from(c) & 0x3f) << 6 | u32::from(d) & 0x3f, 4)
        }
        _ => return None,
    };
    *bytes = bytes.get(length..)?;
    char::from_u32(value)
}

/// Part of no token.
const OTHER: u8 = 0;
/// Part of a word, and in lower case, or in a script without case.
const LOWER: u8 = 1;
/// Part of a word, and to be put into lower case.
const UPPER: u8 = 2;
/// A letter or digit that is a token of its own where it begins one.
const ALONE_LETTER: u8 = 3;
/// Another character of such a script, always a token of its own.
const ALONE: u8 = 4;

/// Blocks of scripts that are written without spaces between words, or, for Hangul, with words that change at their ends.
const ALONE_BLOCKS: [(u32, u32); 10] = [
    (0x0e00, 0x0e7f),
    (0x0e80, 0x0eff),
    (0x1000, 0x109f),
    (0x1780, 0x17ff),
    (0x3040, 0x30ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7af),
    (0xf900, 0xfaff),
    (0x20000, 0x323af),
];

/// ASCII letters and digits in lower case; 0 for all else.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// What each character is, by its number.
static KINDS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut kinds = vec![OTHER; 0x32400];
    let parsed = regex_syntax::parse(r"[\p{L}\p{N}]").expect("the pattern is right and its tables are built in");
    let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { unreachable!("a class of characters is one") };
    for range in class.ranges() {
        for character in range.start()..=range.end() {
            let Some(kind) = kinds.get_mut(character as usize) else { continue };
            let is_lower = character.to_lowercase().eq(std::iter::once(character));
            *kind = if is_lower { LOWER } else { UPPER };
        }
    }
    for (first, last) in ALONE_BLOCKS {
        for kind in &mut kinds[first as usize..=last as usize] {
            *kind = if *kind == OTHER { ALONE } else { ALONE_LETTER };
        }
    }
    kinds
});

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        tokens(text, &mut out);
        out
    }

    #[test]
    fn case_and_what_stands_between_words_do_not_count() {
        assert_eq!(of("The  quick, brown—fox_jumps!"), of("the quick brown fox jumps"));
        assert_eq!(of("ÉTÉ 2024 ΣΟΦΟΣ"), of("été 2024 σοφος"));
        assert_eq!(of("ΣΟΦΟΣ"), of("σοφος").into_iter().collect::<Vec<_>>());
        assert_eq!(of("σοφος"), of("σοφοσ"));
        assert_eq!(of("one two").len(), 2);
        assert_ne!(of("one two"), of("two one"));
        assert!(of(" … \n — ").is_empty());
    }

    #[test]
    fn scripts_without_spaces_are_taken_by_characters() {
        assert_eq!(of("新しい船").len(), 4);
        assert_eq!(of("ภาษา").len(), 4);
        assert_eq!(of("船abc船").len(), 2);
        assert_eq!(of("2024年の船 船").len(), 2);
        assert_eq!(of("한국어").len(), 3);
        assert_eq!(of("हिन्दी में").len(), 4, "vowel signs stand between letters");
    }

    #[test]
    fn characters_of_all_lengths_are_told_apart() {
        let all = ["a", "é", "船", "𝒳", "𐐀", "٣"];
        let hashes: std::collections::BTreeSet<_> = all.iter().flat_map(|text| of(text)).collect();
        assert_eq!(hashes.len(), all.len());
        assert_eq!(of("𐐀"), of("𐐨"), "Deseret has case");
    }
}
