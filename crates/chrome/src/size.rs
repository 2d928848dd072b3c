//! How much stands in a text, in one pass.

use tamis_text::characters::{Class, Classes};
use tamis_text::window::Window;

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
        let (mut size, mut in_run, mut from) = (Self::default(), false, 0);
        while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
            let window = Window::of(rest.as_bytes());
            let mut bytes = rest.len().min(Window::BYTES);
            if window.beyond_ascii() == 0 {
                size.add_ascii(&window, bytes, &mut in_run);
            } else {
                // Of a script beyond ASCII, more is to be expected.
                if window.beyond_ascii().count_ones() > 16 {
                    bytes = rest.len().min(8 * Window::BYTES);
                }
                while !rest.is_char_boundary(bytes) {
                    bytes += 1;
                }
                size.add_any(rest.get(..bytes).unwrap_or(rest), &mut in_run);
            }
            from += bytes;
        }
        size
    }

    /// Adds some characters. `in_run`: the run that the last character before them is part of was counted already.
    fn add_any(&mut self, text: &str, in_run: &mut bool) {
        let classes = Classes::get();
        for character in text.chars() {
            let class = classes.of(character);
            let letter = class.is_alphanumeric();
            self.characters += 1;
            self.any = self.any.or(class);
            self.runs += usize::from(letter && !*in_run);
            *in_run = letter || *in_run && !class.is_whitespace();
            self.letters += usize::from(letter);
            self.digits += usize::from(class.is_numeric());
            self.ideographs += usize::from(class.is_ideograph());
        }
    }

    /// The same for as many `bytes` of ASCII, all at once.
    fn add_ascii(&mut self, window: &Window, bytes: usize, in_run: &mut bool) {
        let (small, capital) = (window.between(b'a', b'z'), window.between(b'A', b'Z'));
        let digit = window.between(b'0', b'9');
        let letter = small | capital | digit;
        let space = window.between(b'\t', b'\r') | window.is(b' ');
        let run = !space & u64::MAX >> (Window::BYTES - bytes);
        // Added to a run, its letters leave one carry after its end, however many they are; so does a run before them that goes on.
        let (sum, first) = run.overflowing_add(letter);
        let (sum, second) = sum.overflowing_add(u64::from(*in_run));
        let carries = (sum & !run).count_ones() + u32::from(first | second) - u32::from(*in_run);
        *in_run = first | second;
        self.characters += bytes;
        self.runs += carries as usize;
        self.letters += letter.count_ones() as usize;
        self.digits += digit.count_ones() as usize;
        let has = |kind: u64, like: char| if kind == 0 { Class::default() } else { Class::of(like) };
        self.any = self.any.or(has(small, 'a')).or(has(capital, 'A'));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_counted_at_once_are_counted_as_characters_one_by_one(text in "([a-cYZ08,]{0,9}[ \t\r\x0b\x1f é市\u{a0}٣]?){0,30}") {
            let (quick, mut slow) = (Size::of(&text), Size::default());
            slow.add_any(&text, &mut false);
            prop_assert_eq!(quick.characters, slow.characters);
            prop_assert_eq!((quick.runs, quick.letters, quick.digits), (slow.runs, slow.letters, slow.digits));
            prop_assert_eq!(quick.ideographs, slow.ideographs);
            prop_assert_eq!(quick.any.is_lowercase(), slow.any.is_lowercase());
            prop_assert_eq!(quick.any.is_uppercase(), slow.any.is_uppercase());
        }
    }
}
