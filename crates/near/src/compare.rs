//! How near two sets of shingles are, exactly.

/// What makes two texts near copies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The Jaccard similarity from which on they are: of all their shingles, the share that both have.
    pub jaccard: f64,
    /// The containment from which on the smaller is a part of the larger: of its shingles, the share that both have.
    pub containment: Option<f64>,
}

/// How near two sets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nearness {
    /// Shingles of the first.
    pub first: usize,
    /// Shingles of the second.
    pub second: usize,
    /// Shingles of both.
    pub common: usize,
}

impl Nearness {
    /// The Jaccard similarity.
    #[must_use]
    pub fn jaccard(self) -> f64 {
        ratio(self.common, self.first + self.second - self.common)
    }

    /// The share of the first that the second has too.
    #[must_use]
    pub fn first_within(self) -> f64 {
        ratio(self.common, self.first)
    }

    /// The share of the second that the first has too.
    #[must_use]
    pub fn second_within(self) -> f64 {
        ratio(self.common, self.second)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Measure {
    /// Compares two sets, each sorted and without repeats; `None` as soon as it is sure that neither the Jaccard similarity nor the
    /// containment of one of them is reached.
    #[must_use]
    pub fn compare(&self, first: &[u64], second: &[u64]) -> Option<Nearness> {
        let least = first.len().min(second.len());
        // From |A∩B| / (|A| + |B| - |A∩B|) >= t.
        let by_jaccard = self.jaccard / (1.0 + self.jaccard) * (first.len() + second.len()) as f64;
        let by_containment = self.containment.map_or(f64::INFINITY, |threshold| threshold * least as f64);
        // A little less, so that rounding loses no pair that is just near enough; the caller compares what comes of it once more.
        let needed = (by_jaccard.min(by_containment) - 1e-6).max(0.0);
        if (least as f64) < needed {
            return None;
        }
        let common = common(first, second, needed.ceil() as usize)?;
        Some(Nearness { first: first.len(), second: second.len(), common })
    }
}

impl Measure {
    /// Whether two sets that are so near are near copies.
    #[must_use]
    pub fn is_near(&self, nearness: Nearness) -> bool {
        let within = nearness.first_within().max(nearness.second_within());
        nearness.jaccard() >= self.jaccard || self.containment.is_some_and(|threshold| within >= threshold)
    }
}

/// How many numbers two sorted lists have in common, or `None` if that is less than `needed`.
fn common(first: &[u64], second: &[u64], needed: usize) -> Option<usize> {
    /// After so many steps it is asked whether enough can still come.
    const STRIDE: usize = 64;
    let (mut a, mut b, mut common) = (0, 0, 0);
    while a < first.len() && b < second.len() {
        if common + (first.len() - a).min(second.len() - b) < needed {
            return None;
        }
        for _ in 0..STRIDE {
            let (Some(x), Some(y)) = (first.get(a), second.get(b)) else { break };
            common += usize::from(x == y);
            a += usize::from(x <= y);
            b += usize::from(y <= x);
        }
    }
    (common >= needed).then_some(common)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pair_is_given_up_only_where_it_is_not_near(
            first in proptest::collection::btree_set(0u64..120, 1..100),
            second in proptest::collection::btree_set(0u64..120, 1..100),
            jaccard in 0.1f64..1.0,
            containment in proptest::option::of(0.1f64..1.0),
        ) {
            let list = |set: &BTreeSet<u64>| set.iter().copied().collect::<Vec<_>>();
            let both = first.intersection(&second).count();
            let all = Nearness { first: first.len(), second: second.len(), common: both };
            let found = Measure { jaccard, containment }.compare(&list(&first), &list(&second));
            let is_near = all.jaccard() >= jaccard
                || containment.is_some_and(|least| all.first_within().max(all.second_within()) >= least);
            prop_assert!(found.is_some() || !is_near);
            prop_assert!(found.is_none_or(|found| found == all));
        }
    }

    #[test]
    fn what_is_exactly_at_the_threshold_is_near() {
        let (first, second): (Vec<u64>, Vec<u64>) = ((0..90).collect(), (10..100).collect());
        let found = Measure { jaccard: 0.8, containment: None }.compare(&first, &second).expect("80 of 100");
        assert!(found.jaccard() >= 0.8);
    }
}
