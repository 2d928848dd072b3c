//! MinHash in bands: keys of which two near texts have at least one in common, and two others hardly ever any.
//!
//! The sketch is the Fast Similarity Sketch of Dahlgaard, Knudsen and Thorup (2017): each round throws every shingle into one
//! bin, and only bins that are still empty take what falls into them, so that a long text is done in a round or two instead of one
//! for each bin. Two sets agree in a bin with a probability of their Jaccard similarity, as in MinHash of Broder.

use crate::mix::{GOLDEN, mix};

/// A key under which texts that may be near meet.
pub type Key = [u8; 16];

/// The least number in a bin: round in the high half, value in the low one.
const EMPTY: u64 = u64::MAX;

/// Bands of so many rows: a key of a band tells that two texts agree in all its rows.
#[derive(Debug, Clone)]
pub struct Bands {
    seed: u64,
    /// Rows of each band.
    rows: Vec<usize>,
    bins: Vec<u64>,
}

impl Bands {
    /// So many bands of so many rows each, and `wide` others of three rows, which find what all of these miss.
    #[must_use]
    pub fn new(bands: usize, rows: usize, wide: usize, seed: u64) -> Self {
        let rows: Vec<usize> = std::iter::repeat_n(rows, bands).chain(std::iter::repeat_n(WIDE_ROWS, wide)).collect();
        let bins = vec![EMPTY; rows.iter().sum()];
        Self { seed: mix(seed), rows, bins }
    }

    /// The keys of a text with these shingles, at least one of them. One shingle has one key, since all bands would say the same.
    pub fn keys(&mut self, shingles: &[u64], mut each: impl FnMut(Key)) {
        if let [only] = shingles {
            return each(key(0, [*only]));
        }
        self.sketch(shingles);
        let mut bins = self.bins.as_slice();
        for (band, rows) in (1..).zip(&self.rows) {
            let (own, rest) = bins.split_at(*rows);
            bins = rest;
            each(key(band, own.iter().copied()));
        }
    }

    fn sketch(&mut self, shingles: &[u64]) {
        self.bins.fill(EMPTY);
        let (count, mut empty) = (self.bins.len() as u64, self.bins.len());
        for round in 0..count {
            let salt = self.seed ^ GOLDEN.wrapping_mul(round + 1);
            for shingle in shingles {
                let hash = mix(shingle ^ salt);
                let bin = &mut self.bins[(((hash >> 32) * count) >> 32) as usize];
                let value = (round << 32) | (hash & 0xffff_ffff);
                empty -= usize::from(*bin == EMPTY);
                *bin = (*bin).min(value);
            }
            if empty == 0 {
                return;
            }
        }
        // What no shingle fell into by now takes the least of all.
        for (round, bin) in (count..).zip(self.bins.iter_mut()).filter(|(_, bin)| **bin == EMPTY) {
            let salt = self.seed ^ GOLDEN.wrapping_mul(round + 1);
            let least = shingles.iter().map(|shingle| mix(shingle ^ salt) & 0xffff_ffff).min().unwrap_or(0);
            *bin = round << 32 | least;
        }
    }
}

/// Rows of a wide band.
pub const WIDE_ROWS: usize = 3;

/// 128 bits of a few numbers and what they are about.
pub fn key(about: u64, numbers: impl IntoIterator<Item = u64>) -> Key {
    let start = mix(about.wrapping_add(1).wrapping_mul(GOLDEN));
    let (mut high, mut low) = (start, !start);
    for number in numbers {
        high = mix(high ^ number);
        low = mix(low.wrapping_add(number).wrapping_mul(GOLDEN));
    }
    let mut key = [0; 16];
    let (first, second) = key.split_at_mut(8);
    first.copy_from_slice(&high.to_be_bytes());
    second.copy_from_slice(&low.to_be_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found;

    fn numbers(range: std::ops::Range<u64>) -> Vec<u64> {
        range.map(|number| mix(number.wrapping_mul(GOLDEN))).collect()
    }

    fn keys(bands: &mut Bands, set: &[u64]) -> Vec<Key> {
        let mut keys = Vec::new();
        bands.keys(set, |key| keys.push(key));
        keys
    }

    #[test]
    fn the_order_of_shingles_and_repeats_do_not_count() {
        let mut bands = Bands::new(20, 6, 6, 1);
        for length in [2, 3, 40, 1000] {
            let set = numbers(0..length);
            let mut other: Vec<u64> = set.iter().rev().copied().collect();
            other.extend_from_slice(&set[..2]);
            assert_eq!(keys(&mut bands, &set), keys(&mut bands, &other));
            assert_eq!(keys(&mut bands, &set).len(), 26);
        }
        assert_eq!(keys(&mut bands, &numbers(0..1)).len(), 1);
        assert_ne!(keys(&mut Bands::new(20, 6, 6, 2), &numbers(0..9)), keys(&mut bands, &numbers(0..9)));
    }

    /// Share of pairs that meet, of sets that have `common` of `each` shingles in common.
    fn meeting(bands: &mut Bands, each: u64, common: u64) -> f64 {
        let trials = 2000;
        let met = (0..trials).filter(|trial| {
            let from = trial * 100_000;
            let a = keys(bands, &numbers(from..from + each));
            let b = keys(bands, &numbers(from + each - common..from + 2 * each - common));
            a.iter().any(|key| b.contains(key))
        });
        met.count() as f64 / trials as f64
    }

    #[test]
    fn pairs_meet_as_often_as_the_curve_says_for_long_texts_and_short_ones() {
        for (each, common) in [(45, 36), (450, 360), (1800, 1440), (36, 20), (360, 200)] {
            let jaccard = common as f64 / (2 * each - common) as f64;
            let share = meeting(&mut Bands::new(20, 6, 0, 1), each, common);
            let expected = found(20, 6, 0, jaccard);
            assert!((share - expected).abs() < 0.06, "{share} of pairs of {each} at {jaccard}, not {expected}");
        }
    }

    #[test]
    fn wide_bands_find_what_the_others_miss() {
        assert!(meeting(&mut Bands::new(20, 6, 6, 1), 90, 80) > 0.999);
        assert!(found(20, 6, 6, 0.8) > 0.9999 && found(20, 6, 0, 0.8) < 0.998);
    }
}
