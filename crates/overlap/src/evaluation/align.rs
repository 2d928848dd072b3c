//! The best way to lay an item along a part of a text: the runs of tokens that both have, in order.

/// How much of an item stands in a part of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alignment {
    /// What the shared tokens tell, as a sum of weights.
    pub weight: u32,
    /// How much they are, in halves of words.
    pub halves: u32,
    /// The longest run without a gap on either side, in halves of words.
    pub run: u32,
    /// The first shared token of the text.
    pub first: usize,
    /// One past the last.
    pub last: usize,
}

/// Tokens count in runs of so many at least: a single one stands in any text.
const RUN: usize = 2;

/// Aligns `item` with `text` so that the shared runs weigh most; `None` where nothing is shared.
///
/// `measure` gives the weight and the halves of the item's token at an index. Memory and time grow with the product of both lengths.
pub fn align(item: &[u32], text: &[u32], measure: impl Fn(usize) -> (u32, u32)) -> Option<Alignment> {
    let width = text.len() + 1;
    // The best sum of weights of the first so many tokens of both.
    let mut best = vec![0u32; (item.len() + 1) * width];
    for (i, token) in item.iter().enumerate() {
        let weight = measure(i).0;
        for (j, other) in text.iter().enumerate() {
            let here = (i + 1) * width + j + 1;
            let mut most = best[here - 1].max(best[here - width]);
            if token == other && i > 0 && j > 0 && item[i - 1] == text[j - 1] {
                let two = weight + measure(i - 1).0;
                most = most.max(best[here - 2 * (width + 1)] + two);
                if i > 1 && j > 1 && item[i - 2] == text[j - 2] {
                    most = most.max(best[here - 3 * (width + 1)] + two + measure(i - 2).0);
                }
            }
            best[here] = most;
        }
    }
    let mut found = Alignment { weight: best[best.len() - 1], last: 0, first: text.len(), ..Alignment::default() };
    if found.weight == 0 {
        return None;
    }
    let (mut i, mut j) = (item.len(), text.len());
    let mut run = 0;
    while i > 0 && j > 0 {
        let here = best[i * width + j];
        if here == 0 {
            break;
        }
        if here == best[(i - 1) * width + j] {
            (i, run) = (i - 1, 0);
            continue;
        }
        if here == best[i * width + j - 1] {
            (j, run) = (j - 1, 0);
            continue;
        }
        let sum = |tokens: usize| (1..=tokens).map(|back| measure(i - back).0).sum::<u32>();
        let tokens =
            if i >= RUN && j >= RUN && here == best[(i - RUN) * width + j - RUN] + sum(RUN) { RUN } else { RUN + 1 };
        let halves: u32 = (1..=tokens).map(|back| measure(i - back).1).sum();
        (found.halves, run) = (found.halves + halves, run + halves);
        found.run = found.run.max(run);
        found.last = found.last.max(j);
        (i, j) = (i - tokens, j - tokens);
        found.first = j;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(item: &str, text: &str) -> Option<Alignment> {
        let letters = |text: &str| text.chars().map(u32::from).collect::<Vec<u32>>();
        align(&letters(item), &letters(text), |_| (10, 2))
    }

    #[test]
    fn runs_in_order_count_and_single_tokens_do_not() {
        let all = of("abcdefg", "xxabcdefgxx").unwrap();
        assert_eq!((all.weight, all.halves, all.run, all.first, all.last), (70, 14, 14, 2, 9));
        let changed = of("abcdefg", "abcxefg").unwrap();
        assert_eq!((changed.weight, changed.run, changed.first, changed.last), (60, 6, 0, 7));
        let mixed = of("abcdefg", "efgabcd").unwrap();
        assert_eq!((mixed.weight, mixed.first, mixed.last), (40, 3, 7));
        assert_eq!(of("abcdefg", "axbxcxdxexfxg"), None);
        assert_eq!(of("", "abc"), None);
    }
}
