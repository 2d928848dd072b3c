//! Form letters: texts of which nearly all is the same and the rest, the facts, is each one's own.
//!
//! They are told from copies of one text by where they differ. Who fills in a form letter has all of it and something of his own
//! besides; who copies a text and changes a word lacks what the others have there.

use std::collections::HashMap;

/// What the texts that fill in one form letter have in common.
#[derive(Debug, Clone)]
pub struct Template {
    /// The shingles that at least half of them have, sorted.
    form: Vec<u64>,
}

/// So many different texts at least fill in a form letter.
const LEAST_TEXTS: usize = 8;

impl Template {
    /// The form letters among `sets`, each with the members that fill it in; `are_near` says which sets are near.
    pub fn find(sets: &[&[u64]], are_near: impl Fn(&[u64], &[u64]) -> bool) -> Vec<(Self, Vec<usize>)> {
        let mut found = Vec::new();
        let mut left: Vec<usize> = (0..sets.len()).collect();
        while left.len() >= LEAST_TEXTS {
            let first = left[0];
            let (near, others): (Vec<usize>, Vec<usize>) =
                left.iter().partition(|at| **at == first || are_near(sets[first], sets[**at]));
            left = others;
            let mut distinct: Vec<&[u64]> = near.iter().map(|at| sets[*at]).collect();
            distinct.sort_unstable();
            distinct.dedup();
            found.extend(Self::of(&distinct).map(|template| (template, near)));
        }
        found
    }

    /// What these different texts fill in, if they do.
    fn of(sets: &[&[u64]]) -> Option<Self> {
        if sets.len() < LEAST_TEXTS {
            return None;
        }
        let mut counts: HashMap<u64, usize> = HashMap::new();
        sets.iter().flat_map(|set| set.iter()).for_each(|shingle| *counts.entry(*shingle).or_default() += 1);
        let mut form: Vec<u64> =
            counts.into_iter().filter(|(_, count)| 2 * count >= sets.len()).map(|(shingle, _)| shingle).collect();
        form.sort_unstable();
        let fills_in = |set: &&&[u64]| {
            let common = set.iter().filter(|shingle| form.binary_search(shingle).is_ok()).count();
            let (own, lacking) = (set.len() - common, form.len() - common);
            own > 0 && 4 * lacking <= own
        };
        let filled = sets.iter().filter(fills_in).count();
        (4 * filled >= 3 * sets.len()).then_some(Self { form })
    }

    /// Whether two that fill it in are near in their facts too.
    pub fn are_near(&self, first: &[u64], second: &[u64], threshold: f64) -> bool {
        let facts = |set: &[u64]| -> Vec<u64> {
            set.iter().copied().filter(|shingle| self.form.binary_search(shingle).is_err()).collect()
        };
        let (first, second) = (facts(first), facts(second));
        let common = first.iter().filter(|shingle| second.binary_search(shingle).is_ok()).count();
        let all = first.len() + second.len() - common;
        all == 0 || common as f64 / all as f64 >= threshold
    }
}
