//! Phrases that a corpus itself shows to be chrome, as `tamis mine` proposes them and as a pack holds them.

use serde::{Deserialize, Serialize};

use super::folding::fold;
use super::pack::{Effect, PhraseRule};

/// A pack of mined phrases, to be looked through by a person and named in `packs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinedPack {
    /// Its name; its rules are `NAME_remove`, `NAME_edge`, `NAME_hint`.
    pub name: String,
    /// Counts up with each change of its decisions.
    pub version: u32,
    /// The phrases, the commonest first.
    #[serde(default)]
    pub mined: Vec<MinedPhrase>,
}

/// A phrase that many documents of one site share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinedPhrase {
    /// The block, folded: lower case, each run of digits one 0. A star at the end: the block goes on.
    pub phrase: String,
    /// What becomes of such a block: `remove`, `edge` or `hint`.
    pub rule: Effect,
    /// Documents that have it, within `scope`.
    pub documents: u64,
    /// Their share of the documents of `scope`.
    pub share: f64,
    /// Where it is common: `corpus`, `folder NAME` or `host NAME`.
    pub scope: String,
    /// Blocks as they are written, each with the id of its document.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// What identifies a block among those that differ in case, digits and decoration only, and the phrase that would find it.
///
/// Nothing for blocks without letters and digits.
#[must_use]
pub fn phrase_of(block: &str) -> Option<(String, String)> {
    let mut folded = String::new();
    fold(block.trim(), &mut folded);
    if folded.is_empty() {
        return None;
    }
    // Of longer blocks the stage compares the beginning alone.
    if block.len() <= WHOLE {
        return Some((folded.clone(), folded));
    }
    let mut end = START.min(folded.len());
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    let start = folded.get(..end)?;
    let start = start.rsplit_once(' ').map_or(start, |(start, _)| start);
    let phrase = format!("{start}*");
    Some((folded, phrase))
}

/// What to do about a block that a share of a site's documents have.
#[must_use]
pub fn suggest(phrase: &str, share: f64) -> Effect {
    if super::phrases::is_single_word(phrase) {
        Effect::Hint
    } else if share >= SURE {
        Effect::Remove
    } else {
        Effect::Edge
    }
}

/// Blocks of so many bytes are compared as a whole.
const WHOLE: usize = 200;
/// Bytes of a longer block's fold that make its phrase.
const START: usize = 80;
/// From this share of a site on a block goes wherever it stands.
const SURE: f64 = 0.2;

/// The rules of a pack's mined phrases, one an effect.
pub(super) fn rules(name: &str, mined: &[MinedPhrase]) -> Vec<PhraseRule> {
    let effects = [(Effect::Remove, "remove"), (Effect::Edge, "edge"), (Effect::Hint, "hint")];
    let rule = |(effect, word): (Effect, &str)| {
        let phrases: Vec<String> =
            mined.iter().filter(|mined| mined.rule == effect).map(|mined| mined.phrase.clone()).collect();
        (!phrases.is_empty()).then(|| PhraseRule::mined(format!("{name}_{word}"), effect, phrases))
    };
    effects.into_iter().filter_map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_block_is_found_by_its_beginning() {
        let long = format!("© 2023 Example Media. {}", "All rights reserved by the publisher. ".repeat(8));
        let (key, phrase) = phrase_of(&long).expect("it has letters");
        assert!(key.len() > 200 && phrase.len() <= 81 && phrase.ends_with('*'), "{phrase}");
        assert_eq!(phrase_of("Page 12 of 30 »").map(|found| found.1).as_deref(), Some("page 0 of 0"));
        assert_eq!(phrase_of(" | "), None);
    }

    #[test]
    fn a_single_word_is_a_hint_however_common() {
        assert_eq!(suggest("contact", 0.9), Effect::Hint);
        assert_eq!(suggest("about the example", 0.9), Effect::Remove);
        assert_eq!(suggest("about the example", 0.1), Effect::Edge);
    }
}
