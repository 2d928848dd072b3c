//! Anchors: shingles that two texts choose alike wherever a passage of both is the same, whatever stands around it.
//!
//! Winnowing after Schleimer, Wilkerson and Aiken (2003): of each window of shingles the one with the least hash. Two texts with
//! a passage of a whole window in common have its anchor in common, so a short text is found in a long one, which MinHash of whole texts
//! cannot do. About two shingles in `window + 1` are anchors.

/// Calls `each` for the anchors of the shingles of a text, which come in its order; the same one may come several times.
pub fn anchors(shingles: &[u64], window: usize, mut each: impl FnMut(u64)) {
    let window = window.clamp(1, shingles.len().max(1));
    let mut least: Option<usize> = None;
    for (end, hash) in shingles.iter().enumerate() {
        let start = (end + 1).saturating_sub(window);
        let known = least.filter(|at| *at >= start);
        let found = match known {
            Some(at) if shingles[at] < *hash => at,
            Some(_) => end,
            None => (start..=end).min_by_key(|at| (shingles[*at], usize::MAX - at)).unwrap_or(end),
        };
        let is_whole = end + 1 >= window;
        if is_whole && (least != Some(found) || end + 1 == window) {
            each(shingles[found]);
        }
        least = Some(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;

    fn of(shingles: &[u64], window: usize) -> Vec<u64> {
        let mut out = Vec::new();
        anchors(shingles, window, |anchor| out.push(anchor));
        out
    }

    #[test]
    fn anchors_are_the_least_of_each_window() {
        let shingles: Vec<u64> = (0..5000u64).map(|number| mix(number) % 997).collect();
        for window in [1, 2, 7, 10] {
            let found = of(&shingles, window);
            let expected: std::collections::BTreeSet<u64> =
                shingles.windows(window).filter_map(|window| window.iter().min().copied()).collect();
            assert_eq!(found.iter().copied().collect::<std::collections::BTreeSet<_>>(), expected);
        }
        let share = of(&(0..50_000).map(mix).collect::<Vec<_>>(), 10).len() as f64 / 50_000.0;
        assert!((share - 2.0 / 11.0).abs() < 0.01, "{share}");
    }

    #[test]
    fn a_passage_of_a_whole_window_is_anchored_alike_everywhere() {
        let numbers = |from: u64, count: u64| (from..from + count).map(mix).collect::<Vec<_>>();
        let passage = numbers(1_000_000, 10);
        let short = of(&passage, 10);
        let long = of(&[numbers(0, 300), passage, numbers(500, 300)].concat(), 10);
        assert!(!short.is_empty() && short.iter().all(|anchor| long.contains(anchor)));
        assert_eq!(of(&numbers(0, 4), 10).len(), 1, "a short text has one");
        assert!(of(&[], 10).is_empty());
    }
}
