//! What the words of a block say by themselves: a table of weights, one a hash of a word.

use super::measure::{Measures, Token, finish, mix};

/// Buckets of the table: the top bits of a hash.
pub(crate) const BUCKETS: usize = 1 << BITS;
const BITS: u32 = 18;

/// Words of a block that are weighed: what a longer paragraph says is said by then.
const WEIGHED: usize = 48;
/// Blocks up to this many words are weighed by pairs of neighbouring words too.
const PAIRED: usize = 12;

/// What the words of a block weigh.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weighed {
    pub sum: i32,
    pub count: i32,
    pub most: i32,
    pub least: i32,
}

impl Weighed {
    /// Of a block with these buckets.
    pub fn of(weights: &[i8], buckets: impl Iterator<Item = u32>) -> Self {
        let mut weighed = Self::default();
        for bucket in buckets {
            let weight = i32::from(weights.get(bucket as usize).copied().unwrap_or_default());
            weighed.sum += weight;
            weighed.count += 1;
            weighed.most = weighed.most.max(weight);
            weighed.least = weighed.least.min(weight);
        }
        weighed
    }

    /// The mean weight, in sixteenths.
    pub fn mean(self) -> i32 {
        if self.count == 0 { 0 } else { self.sum * 16 / self.count }
    }
}

/// The buckets of a block: its words, the first and the last of them, pairs where it is short, the whole where it is very
/// short, and `rule`, the hash of the name of the phrase rule that found it.
pub(crate) fn buckets<'a>(
    measures: &Measures,
    tokens: &'a [Token],
    rule: Option<u32>,
) -> impl Iterator<Item = u32> + use<'a> {
    let own = tokens.get(measures.tokens.clone()).unwrap_or_default();
    let words = own.iter().take(WEIGHED).map(|token| token.hash);
    let first = own.first().map(|token| finish(mix(FIRST, token.hash)));
    let last = own.last().map(|token| finish(mix(LAST, token.hash)));
    let paired = if own.len() <= PAIRED { own } else { &[] };
    let pairs = paired.windows(2).map(|pair| finish(mix(mix(PAIR, pair[0].hash), pair[1].hash)));
    let whole = (own.len() <= 4).then(|| finish(mix(WHOLE, measures.hash)));
    let rule = rule.map(|rule| finish(mix(RULE, rule)));
    words.chain(first).chain(last).chain(pairs).chain(whole).chain(rule).map(|hash| hash >> (32 - BITS))
}

/// Seeds that keep the kinds of evidence apart.
const FIRST: u32 = 0x5bd1_e995;
const LAST: u32 = 0x27d4_eb2f;
const PAIR: u32 = 0x1656_67b1;
const WHOLE: u32 = 0x9e37_79b1;
const RULE: u32 = 0xc2b2_ae3d;
