//! The shingles of a text: its runs of a few tokens, as 64-bit hashes.
//!
//! Two different shingles have one hash with odds of 1 in 2^64. Of two texts of a thousand shingles each, one pair of texts in
//! 10^13 therefore seems to share a shingle that it does not, which moves its similarity by a thousandth.

use crate::mix::mix;
use crate::tokens::tokens;

/// The shingles of one text. Made once, filled again and again.
#[derive(Debug, Clone, Default)]
pub struct Shingles {
    tokens: Vec<u64>,
    hashes: Vec<u64>,
}

/// What a token's place in its shingle is told by: odd, so that nothing is lost in the product.
const PLACE: u64 = 0xd6e8_feb8_6659_fd93;

impl Shingles {
    /// Those of `text`, each run of `size` tokens. A text of fewer tokens is one shingle as a whole; one of none has none.
    ///
    /// ```
    /// let mut shingles = tamis_near::Shingles::default();
    /// assert_eq!(shingles.fill("One two, three four.", 3).len(), 2);
    /// assert_eq!(shingles.fill("One two.", 3).len(), 1);
    /// assert_eq!(shingles.fill("—", 3).len(), 0);
    /// ```
    pub fn fill(&mut self, text: &str, size: usize) -> &[u64] {
        self.tokens.clear();
        self.hashes.clear();
        tokens(text, &mut self.tokens);
        let size = size.max(1);
        let (first, rest) = self.tokens.split_at(size.min(self.tokens.len()));
        if first.is_empty() {
            return &self.hashes;
        }
        let out = (0..size).fold(1u64, |power, _| power.wrapping_mul(PLACE));
        let mut run = first.iter().fold(0u64, |run, token| run.wrapping_mul(PLACE).wrapping_add(*token));
        self.hashes.reserve(rest.len() + 1);
        self.hashes.push(mix(run));
        for (old, new) in self.tokens.iter().zip(rest) {
            run = run.wrapping_mul(PLACE).wrapping_add(*new).wrapping_sub(old.wrapping_mul(out));
            self.hashes.push(mix(run));
        }
        &self.hashes
    }

    /// How many tokens the text has.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens.len()
    }

    /// The shingles in the order of the text.
    #[must_use]
    pub fn in_order(&self) -> &[u64] {
        &self.hashes
    }

    /// The set of them: sorted, each once.
    #[must_use]
    pub fn set(&self) -> Vec<u64> {
        let mut set = self.hashes.clone();
        set.sort_unstable();
        set.dedup();
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shingle_is_told_by_its_tokens_alone() {
        let mut shingles = Shingles::default();
        let long = shingles.fill("a b c d e f a b c", 3).to_vec();
        assert_eq!(long.len(), 7);
        assert_eq!(long[0], long[6]);
        assert_eq!(shingles.set().len(), 6);
        for (at, text) in ["a b c", "b c d", "c d e", "d e f", "e f a", "f a b"].into_iter().enumerate() {
            assert_eq!(shingles.fill(text, 3), [long[at]], "{text}");
        }
        assert_ne!(shingles.fill("c b a", 3)[0], long[0], "the order counts");
        assert_ne!(shingles.fill("a b", 3)[0], long[0], "a short text is a shingle of its own");
        assert_ne!(shingles.fill("a a", 3).to_vec(), shingles.fill("a", 3));
    }
}
