//! Words drawn from a lingua language model.
//!
//! A lingua model holds, for one to five letters, the probability of the last letter after the others. Multiplied up these are
//! relative counts, and what is missing from them tells where words begin and end: the count of `abc` less that of all `xabc` is
//! how often a word begins with `abc`. So words up to four letters are drawn with their true frequency, and longer ones by the
//! chain of their five-letter windows.

use std::collections::HashMap;
use std::path::Path;

use fst::Streamer;

/// SplitMix64: the one source of chance here.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// N-grams of one length, sorted by their letters: (letters, 21 bits each; count).
type Counts = Vec<(u128, u64)>;

pub struct Model {
    /// How often a word begins with these 1 to 4 letters.
    starts: [Counts; 4],
    /// How often these five letters stand in a row.
    windows: Counts,
    /// How often these four letters stand in a row.
    contexts: HashMap<u128, u64>,
}

fn pack(letters: &[char]) -> u128 {
    letters.iter().fold(0, |key, letter| key << 21 | u128::from(*letter as u32))
}

impl Model {
    pub fn read(path: &Path) -> Self {
        let map = fst::Map::new(std::fs::read(path).expect("model is readable")).expect("model is an fst");
        let mut chances: Vec<HashMap<u128, f64>> = vec![HashMap::new(); 5];
        let mut stream = map.stream();
        while let Some((key, value)) = stream.next() {
            let letters: Vec<char> = std::str::from_utf8(key).expect("keys are text").chars().collect();
            if (1..=5).contains(&letters.len()) {
                chances[letters.len() - 1].insert(pack(&letters), f64::from_bits(value).exp());
            }
        }
        let mask = |length: usize| (1u128 << (21 * length)) - 1;
        for length in 2..=5 {
            let (lower, upper) = chances.split_at_mut(length - 1);
            for (key, chance) in upper[0].iter_mut() {
                *chance *= lower[length - 2].get(&(key >> 21)).copied().unwrap_or(0.0);
            }
        }
        // A letter run that was seen once is the rarest there is, so its share is one over the number of letters.
        let least = chances.iter().flat_map(|all| all.values()).copied().filter(|chance| *chance > 0.0).fold(1.0, f64::min);
        let counts: Vec<HashMap<u128, u64>> =
            chances.iter().map(|all| all.iter().map(|(key, chance)| (*key, (chance / least).round() as u64)).collect()).collect();
        let starts: Vec<Counts> = (1..=4)
            .map(|length| {
                let mut starts: HashMap<u128, i64> = counts[length - 1].iter().map(|(key, count)| (*key, *count as i64)).collect();
                for (key, count) in &counts[length] {
                    if let Some(start) = starts.get_mut(&(key & mask(length))) {
                        *start -= *count as i64;
                    }
                }
                let mut starts: Counts = starts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| (key, count as u64)).collect();
                starts.sort_unstable();
                starts
            })
            .collect();
        let mut windows: Counts = counts[4].iter().map(|(key, count)| (*key, *count)).collect();
        windows.sort_unstable();
        let starts: [Counts; 4] = starts.try_into().unwrap_or_else(|_| unreachable!("four lengths"));
        Self { starts, windows, contexts: counts[3].clone() }
    }

    /// Total weight of word beginnings: 0 for a language without any.
    pub fn words(&self) -> u64 {
        self.starts[0].iter().map(|(_, count)| count).sum()
    }

    /// Draws one word.
    pub fn draw(&self, random: &mut Random) -> String {
        let mut word: Vec<char> = Vec::new();
        let mut total = self.words();
        for length in 0..40usize {
            let (counts, prefix) = match length {
                0..=3 => (&self.starts[length], pack(&word)),
                _ => (&self.windows, pack(&word[length - 4..])),
            };
            if length >= 4 {
                total = self.contexts.get(&prefix).copied().unwrap_or(0);
            }
            if total == 0 {
                break;
            }
            let mut drawn = random.below(total);
            let first = counts.partition_point(|(key, _)| key >> 21 < prefix);
            let next = counts[first..].iter().take_while(|(key, _)| key >> 21 == prefix).find(|(_, count)| {
                let hit = drawn < *count;
                drawn = drawn.wrapping_sub(if hit { 0 } else { *count });
                hit
            });
            // What the continuations leave over is how often the word ends here.
            let Some((key, count)) = next else { break };
            word.push(char::from_u32((key & 0x1f_ffff) as u32).expect("letters were packed"));
            total = *count;
        }
        word.into_iter().collect()
    }
}
