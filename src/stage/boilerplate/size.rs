//! How much stands in a text, in one pass.

use crate::text::characters::{Class, Classes};

/// What is counted of a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    pub characters: usize,
    /// Runs of characters without white space that have a letter or a digit.
    pub runs: usize,
    pub ideographs: usize,
    /// Letters and digits.
    pub letters: usize,
    /// Digits of any script.
    pub digits: usize,
    /// What any of the characters is, as far as letters are concerned.
    pub any: Class,
}

impl Size {
    pub fn of(text: &str) -> Self {
        if text.is_ascii() { Self::of_ascii(text.as_bytes()) } else { Self::of_any(text) }
    }

    fn of_any(text: &str) -> Self {
        let classes = Classes::get();
        let mut size = Self::default();
        let mut in_run = false;
        for character in text.chars() {
            let class = classes.of(character);
            let letter = class.is_alphanumeric();
            size.characters += 1;
            size.any = size.any.or(class);
            size.runs += usize::from(letter && !in_run);
            in_run = letter || in_run && !class.is_whitespace();
            size.letters += usize::from(letter);
            size.digits += usize::from(class.is_numeric());
            size.ideographs += usize::from(class.is_ideograph());
        }
        size
    }

    /// The same for a text of ASCII alone.
    fn of_ascii(bytes: &[u8]) -> Self {
        let (mut counts, mut kinds, mut runs, mut in_run) = (0, 0, 0, 0);
        for byte in bytes {
            let kind = ASCII[usize::from(byte & 127)];
            let letter = kind & LETTER;
            counts += kind & (LETTER | DIGIT);
            kinds |= kind;
            runs += letter & !in_run;
            in_run = letter | in_run & (kind >> STAYS);
        }
        let has = |kind: u64, like: char| if kinds & kind == 0 { Class::default() } else { Class::of(like) };
        Self {
            characters: bytes.len(),
            runs: runs as usize,
            ideographs: 0,
            letters: (counts & (DIGIT - 1)) as usize,
            digits: (counts / DIGIT) as usize,
            any: has(SMALL, 'a').or(has(CAPITAL, 'A')),
        }
    }

    /// Characters, where an ideograph counts as two and a half.
    pub fn chars(&self) -> usize {
        self.characters + self.ideographs * 3 / 2
    }

    /// Words; a script without spaces has one for each two characters.
    pub fn words(&self) -> usize {
        if self.ideographs * 2 > self.characters { self.runs.max(self.ideographs / 2) } else { self.runs }
    }
}

/// What an ASCII character counts as: letters and digits in the lower half, digits again in the upper half.
const LETTER: u64 = 1;
const DIGIT: u64 = 1 << 28;
const SMALL: u64 = 1 << 60;
const CAPITAL: u64 = 1 << 61;
/// The place of the bit that all but white space have: a run goes on.
const STAYS: u32 = 62;

const ASCII: [u64; 128] = {
    let mut kinds = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => LETTER | SMALL | 1 << STAYS,
            b'A'..=b'Z' => LETTER | CAPITAL | 1 << STAYS,
            b'0'..=b'9' => LETTER | DIGIT | 1 << STAYS,
            b'\t'..=b'\r' | b' ' => 0,
            _ => 1 << STAYS,
        };
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_is_counted_as_any_text_is(text in "[ -~\t\r\x0b\x0c\x1c\x1f]{0,40}") {
            let (quick, slow) = (Size::of_ascii(text.as_bytes()), Size::of_any(&text));
            prop_assert_eq!(quick.characters, slow.characters);
            prop_assert_eq!((quick.runs, quick.letters, quick.digits), (slow.runs, slow.letters, slow.digits));
            prop_assert_eq!(quick.any.is_lowercase(), slow.any.is_lowercase());
            prop_assert_eq!(quick.any.is_uppercase(), slow.any.is_uppercase());
        }
    }
}
