//! How much a token tells: rare ones much, those of all items and those of program code little.

use std::sync::LazyLock;

use crate::tokens::tokens;

/// What the rarest token tells.
pub const MOST: u32 = 1000;

/// What a token tells at least.
pub const LEAST: u32 = 20;

/// What a word of program code tells at most.
const MOST_OF_CODE: u32 = 100;

/// What a token tells that `having` of `all` items have: the logarithm of its rarity, as a share of that of the rarest.
///
/// In whole numbers, so that it is the same on every machine.
pub fn weight(hash: u64, having: u32, all: u32) -> u32 {
    let most = log2(all + 1);
    let weight =
        (u64::from(MOST) * u64::from(most.saturating_sub(log2(having.max(1)))) / u64::from(most.max(1))) as u32;
    let weight = weight.max(LEAST);
    if is_idiom(hash) { weight.min(MOST_OF_CODE) } else { weight }
}

/// Whether a token is one of those that code idioms consist of.
pub fn is_idiom(hash: u64) -> bool {
    CODE.binary_search(&hash).is_ok()
}

/// The binary logarithm in parts of 65,536, by squaring.
fn log2(value: u32) -> u32 {
    let whole = value.max(1).ilog2();
    let mut rest = (u64::from(value.max(1)) << 31) >> whole;
    let mut log = whole;
    for _ in 0..16 {
        rest = (rest * rest) >> 31;
        log <<= 1;
        if rest >= 1 << 32 {
            rest >>= 1;
            log |= 1;
        }
    }
    log
}

/// Hashes of the words that code idioms are made of, sorted.
static CODE: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut found = Vec::new();
    tokens(IDIOMS, &mut found);
    let mut hashes: Vec<u64> = found.into_iter().map(|token| token.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
});

/// Keywords and names that idioms of common languages consist of: `for i in range(len(x)):`, `public static void main`, `if err != nil`.
const IDIOMS: &str = "
    a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3
    and args argv array as assert async await begin bool boolean break byte case catch char class const continue console def
    default del delete do double elif else end enum err except export extends false final finally float fn for foreach from
    func function goto if implements import in include int interface is key lambda len let list log long main map match mod
    module mut namespace new nil none not null number numpy np object of or out override package pass pd print printf println
    private protected pub public raise range require return self short sizeof static std str string struct super switch test
    then this throw throws true try type typedef typing uint unsigned use using val value var vec vector void where while with
    yield";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_token_tells_most_and_that_of_all_items_least() {
        assert_eq!(weight(1, 1, 1_000_000), MOST);
        assert_eq!(weight(1, 1_000_000, 1_000_000), LEAST);
        assert_eq!(weight(1, 1000, 1_000_000), 500);
        assert_eq!(weight(1, 1, 1), MOST);
    }

    #[test]
    fn the_words_of_idioms_tell_little_however_rare_they_are() {
        let mut found = Vec::new();
        tokens("for i in range(len(items)):", &mut found);
        let told: Vec<bool> = found.iter().map(|token| weight(token.hash, 1, 1000) > MOST_OF_CODE).collect();
        assert_eq!(told, [false, false, false, false, false, true]);
    }

    #[test]
    fn the_logarithm_is_exact_to_its_last_part() {
        for value in [1, 2, 3, 5, 1000, 65_535, 1 << 31, u32::MAX] {
            let exact = f64::from(value).log2() * 65_536.0;
            assert!((f64::from(log2(value)) - exact).abs() < 2.0, "{value}");
        }
    }
}
