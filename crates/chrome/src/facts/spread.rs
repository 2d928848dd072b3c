//! The words of a text as hashes, and how many lines of a page's body have each.

use tamis_text::characters::{Classes, lower};
use tamis_text::window::{Window, runs};

/// Gives `found` a hash of each word of `text` that carries its matter: from four letters on, or pairs of characters where there
/// are ideographs. Case makes no difference. A collision only counts a word as shared.
pub(super) fn each_word(text: &str, mut found: impl FnMut(u64)) {
    let mut from = 0;
    while let Some(rest) = text.as_bytes().get(from..).filter(|rest| !rest.is_empty()) {
        let window = Window::of(rest);
        let word = window.alphanumeric() | window.beyond_ascii();
        // The last word may go on after the window; one that fills it is read by itself.
        let unfinished = if rest.len() > Window::BYTES { word.leading_ones() as usize } else { 0 };
        if unfinished == Window::BYTES {
            let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii());
            let word = text.get(from..from + end.unwrap_or(rest.len())).unwrap_or_default();
            from += word.len();
            each_of(word, &mut found);
            continue;
        }
        let finished = Window::BYTES - unfinished;
        let word = word & (u64::MAX >> unfinished);
        // Where runs of four begin and go on: shorter words carry nothing.
        for run in runs(word & word >> 1 & word >> 2 & word >> 3) {
            let bytes = run.len() + LETTERS - 1;
            if window.beyond_ascii() >> run.start & (u64::MAX >> (Window::BYTES - bytes)) == 0 {
                found(hash_of(window.sixteen(run.start), rest.get(run.start..run.start + bytes).unwrap_or_default()));
            } else {
                let start = from + run.start;
                each_of(text.get(start..start + bytes).unwrap_or_default(), &mut found);
            }
        }
        from += finished;
    }
}

/// The same for a run without ASCII signs.
fn each_of(word: &str, found: &mut impl FnMut(u64)) {
    if !word.is_ascii() {
        each_other_word(word, found);
    } else if word.len() >= LETTERS {
        found(hash(word.as_bytes()));
    }
}

fn each_other_word(text: &str, found: &mut impl FnMut(u64)) {
    let classes = Classes::get();
    let mut characters = text.char_indices();
    while let Some((start, first)) = characters.next() {
        let class = classes.of(first);
        if !class.is_alphanumeric() {
            continue;
        }
        let mut wide = class.is_ideograph();
        let mut before = first;
        // What its characters come to, these in lower case, and the hash of the latter.
        let (mut letters, mut bits) = (1, u32::from(first));
        let mut lower_bits = u32::from(class.lower(first));
        let mut hashed = u64::from(lower_bits).wrapping_mul(PRIME);
        let end = loop {
            let Some((at, character)) = characters.next() else { break text.len() };
            let class = classes.of(character);
            if !class.is_alphanumeric() {
                break at;
            }
            if wide {
                found(pair(before, character));
            } else if class.is_ideograph() {
                wide = true;
                let narrow = text.get(start..at).unwrap_or_default().chars();
                narrow.clone().zip(narrow.skip(1)).for_each(|(a, b)| found(pair(a, b)));
                found(pair(before, character));
            } else {
                let lower = u32::from(class.lower(character));
                letters += 1;
                bits |= u32::from(character);
                lower_bits |= lower;
                hashed = (hashed ^ u64::from(lower)).wrapping_mul(PRIME);
            }
            before = character;
        };
        if letters >= LETTERS && !wide {
            let word = || text.get(start..end).unwrap_or_default();
            found(match (bits, lower_bits) {
                (..0x80, _) => hash(word().as_bytes()),
                // The sign for Kelvin is a small `k` then.
                (_, ..0x80) => hash(word().chars().map(lower).collect::<String>().as_bytes()),
                _ => spread(hashed),
            });
        }
    }
}

/// Hash of two characters that stand beside each other.
fn pair(a: char, b: char) -> u64 {
    spread(u64::from(a) << 32 | u64::from(b))
}

/// Letters of the shortest word that carries matter.
const LETTERS: usize = 4;

/// Hash of a word of ASCII letters and digits, capitals taken for small letters.
fn hash(word: &[u8]) -> u64 {
    let mut first = [0; 16];
    first.iter_mut().zip(word).for_each(|(first, byte)| *first = *byte);
    hash_of(u128::from_le_bytes(first), word)
}

/// The same, where the first sixteen bytes from where the word begins are known as a number.
fn hash_of(sixteen: u128, word: &[u8]) -> u64 {
    // The bit that small letters have and capitals lack is set in all digits too.
    const SMALL: u128 = u128::from_ne_bytes([b' '; 16]);
    let own = (sixteen | SMALL) & (u128::MAX >> (128 - 8 * word.len().clamp(1, 16)));
    let behind = word.get(16..).unwrap_or_default();
    let behind =
        behind.iter().fold(word.len() as u64, |hash, byte| (hash ^ u64::from(byte | b' ')).wrapping_mul(PRIME));
    spread((own as u64).wrapping_mul(ODD) ^ ((own >> 64) as u64).wrapping_mul(PRIME) ^ behind.rotate_left(16))
}

/// Spreads what is known of a word over all bits.
fn spread(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 32).wrapping_mul(ODD);
    hash ^ hash >> 29
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
/// Fowler, Noll and Vo's.
const PRIME: u64 = 0x0100_0000_01b3;

/// The words of some lines, and whether one line has them or several.
///
/// A table with open addressing. Of each word it holds 48 bits of its hash, whether several lines have it, and the number of the
/// first of them: a new table a page is small and quickly cleared.
pub(super) struct Counted {
    slots: Vec<u64>,
    words: usize,
}

/// The number of a line, from 1, so that no slot with a word is 0.
const LINE: u64 = 0x7fff;
/// Set where several lines have the word.
const SEVERAL: u64 = 0x8000;
const NUMBER_AND_SEVERAL: u64 = LINE | SEVERAL;

impl Counted {
    /// A table for the words of about so many bytes of text.
    pub fn new(bytes: usize) -> Self {
        Self { slots: vec![0; (bytes / 4).next_power_of_two().max(64)], words: 0 }
    }

    /// Adds a word of the line with this number, the first being 1.
    pub fn add(&mut self, hash: u64, line: u64) {
        debug_assert!((1..=LINE).contains(&line), "there is no line {line}");
        let place = self.place(hash);
        let Some(slot) = self.slots.get_mut(place) else { return };
        // Without branches: whether a word is new can hardly be foretold.
        let (new, other) = (*slot == 0, *slot & LINE != line);
        *slot |= if new { hash & !NUMBER_AND_SEVERAL | line } else { u64::from(other) * SEVERAL };
        self.words += usize::from(new);
        if self.words * 2 > self.slots.len() {
            self.grow();
        }
    }

    /// How many lines have the word: 0, 1, or 2 for several.
    pub fn lines(&self, hash: u64) -> u8 {
        match self.slots.get(self.place(hash)) {
            None | Some(0) => 0,
            Some(slot) => 1 + u8::from(slot & SEVERAL != 0),
        }
    }

    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 4];
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| *slot != 0) {
            let place = self.place(slot);
            self.slots[place] = slot;
        }
    }

    /// Where the word is, or would be.
    fn place(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = (hash >> 20) as usize & mask;
        while self.slots.get(place).is_some_and(|slot| *slot != 0 && (*slot ^ hash) & !NUMBER_AND_SEVERAL != 0) {
            place = (place + 1) & mask;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<u64> {
        let mut words = Vec::new();
        each_word(text, |word| words.push(word));
        words
    }

    #[test]
    fn a_word_is_the_same_in_any_case_and_beside_any_other() {
        let same = [
            ("COUNCIL", "council"),
            ("Rivers99 of it", "RIVERS99"),
            ("Été Élévation", "élévation"),
            ("naïve council", "naïve COUNCIL"),
            ("\u{212a}elvin", "kelvin"),
            ("Internationalisation", "INTERNATIONALISATION"),
        ];
        for (a, b) in same {
            assert_eq!(words(a), words(b), "{a} {b}");
        }
        assert!(words("the end of it, all").is_empty());
        assert_eq!(words("naïve council").last(), words("council").last());
        assert_eq!(words("市议会").len(), 2);
        assert_eq!(words("GPU技术")[2..], [pair('U', '技'), pair('技', '术')]);
    }

    #[test]
    fn other_words_have_other_hashes() {
        let others =
            ["tame", "team", "meat", "mate", "metas", "steam", "houses", "ähre", "häre", "rähe", "дома", "мода"];
        let mut hashes: Vec<u64> = others.iter().flat_map(|word| words(word)).map(|hash| hash >> 16).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), others.len());
    }

    proptest! {
        #[test]
        fn a_text_has_the_words_that_its_runs_of_letters_have(text in "(([a-zA-Z09]{0,30}|[a-c]{60,90}|[aéд]{1,9}|[éд]{30,60}|[a市界]{1,5})[ ’,\u{a0}]){0,30}") {
            let runs = text.split(|character: char| !character.is_alphanumeric()).flat_map(|run| {
                if run.is_ascii() && run.len() >= LETTERS { vec![hash(run.as_bytes())] } else { words(run) }
            });
            prop_assert_eq!(words(&text), runs.collect::<Vec<_>>());
        }

        #[test]
        fn words_are_counted_by_lines(lines in prop::collection::vec(prop::collection::vec(0u64..300, 0..60), 1..20)) {
            let mut counted = Counted::new(0);
            let hash = |word: u64| spread(word + 1);
            for (line, number) in lines.iter().zip(1..) {
                line.iter().for_each(|word| counted.add(hash(*word), number));
            }
            for word in 0..300 {
                let on = lines.iter().filter(|line| line.contains(&word)).count();
                prop_assert_eq!(usize::from(counted.lines(hash(word))), on.min(2));
            }
        }
    }
}
