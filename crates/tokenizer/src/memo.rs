//! Remembers which ids a word was encoded to, so that a repeated word costs one look.
//!
//! A fixed number of slots: a new word takes the place of an old one, and memory never grows. The whole word is the
//! key, so what is found is exactly what was put in, whatever else went through before.

use super::bpe::mix;

/// Words of up to `8 * WORDS - 1` bytes with up to `IDS` ids.
pub struct Memo<const WORDS: usize, const IDS: usize> {
    slots: Vec<Slot<WORDS, IDS>>,
}

/// A word, zero-filled, with its length in the last byte.
pub type Key<const WORDS: usize> = [u64; WORDS];

#[derive(Clone, Copy)]
struct Slot<const WORDS: usize, const IDS: usize> {
    key: Key<WORDS>,
    ids: [u32; IDS],
}

/// Fills the places after a word's last id.
const NONE: u32 = u32::MAX;

impl<const WORDS: usize, const IDS: usize> Memo<WORDS, IDS> {
    /// The longest word, in bytes, that fits in a key.
    pub const LONGEST: usize = 8 * WORDS - 1;

    /// An empty memo of 2 to the power of `bits` slots.
    pub fn new(bits: u32) -> Self {
        Self { slots: vec![Slot { key: [0; WORDS], ids: [NONE; IDS] }; 1 << bits] }
    }

    /// The key of the word of `length` bytes that starts at `start` in `text`; `length` is 1 to [`Self::LONGEST`].
    #[inline]
    pub fn key(text: &[u8], start: usize, length: usize) -> Key<WORDS> {
        let mut key = [0; WORDS];
        if let Some(readable) = text.get(start..start + 8 * WORDS) {
            for (word, bytes) in key.iter_mut().zip(readable.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*bytes);
            }
            for (number, word) in key.iter_mut().enumerate() {
                let keep = length.saturating_sub(8 * number).min(8) as u32;
                *word &= u64::MAX.checked_shr(64 - 8 * keep).unwrap_or(0);
            }
        } else {
            for (word, bytes) in key.iter_mut().zip(text[start..start + length].chunks(8)) {
                let mut padded = [0; 8];
                padded[..bytes.len()].copy_from_slice(bytes);
                *word = u64::from_le_bytes(padded);
            }
        }
        key[WORDS - 1] |= (length as u64) << 56;
        key
    }

    /// Appends the ids of the word and returns true, if it is remembered.
    #[inline]
    pub fn recall(&self, key: &Key<WORDS>, ids: &mut Vec<u32>) -> bool {
        let slot = &self.slots[self.place(key)];
        if slot.key != *key {
            return false;
        }
        for &id in slot.ids.iter().take_while(|&&id| id != NONE) {
            ids.push(id);
        }
        true
    }

    /// Remembers the ids of the word, in place of another word if need be.
    pub fn remember(&mut self, key: &Key<WORDS>, ids: &[u32]) {
        if ids.len() > IDS {
            return;
        }
        let place = self.place(key);
        let slot = &mut self.slots[place];
        slot.key = *key;
        slot.ids = [NONE; IDS];
        slot.ids[..ids.len()].copy_from_slice(ids);
    }

    #[inline]
    fn place(&self, key: &Key<WORDS>) -> usize {
        let hash = key.iter().fold(0, |hash, word| mix(hash ^ word));
        hash as usize & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_key_wherever_it_stands() {
        let word = "naïveté".as_bytes();
        let mut text = word.to_vec();
        let at_the_end = Memo::<2, 4>::key(&text, 0, word.len());
        text.extend_from_slice(b" and much more text");
        assert_eq!(Memo::<2, 4>::key(&text, 0, word.len()), at_the_end);
        assert_ne!(Memo::<2, 4>::key(&text, 0, word.len() - 1), at_the_end);
        let whole = [b'x'; 31];
        assert_eq!(Memo::<4, 8>::key(&[b'x'; 40], 0, 31), Memo::<4, 8>::key(&whole, 0, 31));
    }

    #[test]
    fn a_word_is_recalled_until_another_takes_its_slot() {
        let mut memo = Memo::<2, 4>::new(0);
        let (first, second) = (Memo::<2, 4>::key(b"first", 0, 5), Memo::<2, 4>::key(b"second", 0, 6));
        let mut ids = Vec::new();
        assert!(!memo.recall(&first, &mut ids));
        memo.remember(&first, &[7, 8]);
        memo.remember(&second, &[1, 2, 3, 4, 5]);
        assert!(memo.recall(&first, &mut ids), "five ids fit in no slot");
        assert_eq!(ids, [7, 8]);
        memo.remember(&second, &[9]);
        assert!(!memo.recall(&first, &mut ids));
    }
}
