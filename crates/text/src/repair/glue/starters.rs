//! Words that start sentences in the larger languages, and abbreviations that end with a full stop.

use std::sync::LazyLock;

/// Whether `word`, written with a capital, often starts a sentence and hardly ever is the second part of a name.
#[must_use]
pub fn is_one(word: &str) -> bool {
    STARTERS.binary_search(&word).is_ok()
}

/// Whether `word` is written with a full stop after it.
#[must_use]
pub fn is_abbreviation(word: &str) -> bool {
    ABBREVIATIONS.binary_search(&word.to_lowercase().as_str()).is_ok()
}

/// Articles, pronouns, prepositions, conjunctions, common adverbs, sorted.
static STARTERS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("starters.txt").split_whitespace().collect());

/// In small letters, sorted.
static ABBREVIATIONS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("abbreviations.txt").split_whitespace().collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_sorted_and_told_by_their_words() {
        assert!(STARTERS.is_sorted() && ABBREVIATIONS.is_sorted());
        assert!(is_one("À") && is_one("Der") && is_one("Он") && is_one("Η") && !is_one("Chat") && !is_one("Com"));
        assert!(is_abbreviation("Prof") && is_abbreviation("ул") && !is_abbreviation("fin"));
    }
}
