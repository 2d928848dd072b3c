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
    /// What any of the characters is.
    pub any: Class,
}

impl Size {
    pub fn of(text: &str) -> Self {
        if text.is_ascii() { Self::count(text.bytes().map(char::from)) } else { Self::count(text.chars()) }
    }

    fn count(characters: impl Iterator<Item = char>) -> Self {
        let classes = Classes::get();
        let mut size = Self::default();
        let mut in_run = false;
        for character in characters {
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

    /// Characters, where an ideograph counts as two and a half.
    pub fn chars(&self) -> usize {
        self.characters + self.ideographs * 3 / 2
    }

    /// Words; a script without spaces has one for each two characters.
    pub fn words(&self) -> usize {
        if self.ideographs * 2 > self.characters { self.runs.max(self.ideographs / 2) } else { self.runs }
    }
}
