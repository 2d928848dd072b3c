//! Which phrase or pattern it was that found a block: looked up when somebody asks, not while pages are judged.

use regex::Regex;

use super::evidence::MARKS;
use super::folding::folded;
use super::pack::PhraseRule;
use super::phrases;

/// Characters of the longest pattern that is shown.
const SHOWN: usize = 60;

/// What of the rule found a block with this text, in words.
#[must_use]
pub fn phrase_of(rule: &PhraseRule, text: &str) -> Option<String> {
    by_phrase(rule, text).or_else(|| by_pattern(rule, text))
}

/// The longest phrase that finds the block, or else the first of its pieces.
fn by_phrase(rule: &PhraseRule, text: &str) -> Option<String> {
    let longest = |block: &str| {
        let folded = folded(block);
        let all = rule.phrases.values().flatten();
        all.filter(|phrase| phrases::finds(phrase, &folded)).max_by_key(|phrase| phrase.len())
    };
    let pieces = || text.split(MARKS).chain(text.split([' ', ',', '\u{a0}'])).find_map(longest);
    longest(text).or_else(pieces).map(|phrase| format!("the phrase `{phrase}`"))
}

fn by_pattern(rule: &PhraseRule, text: &str) -> Option<String> {
    let folded = folded(text);
    let finds = |pattern: &&String| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(&folded));
    let pattern = rule.patterns.iter().find(finds)?;
    let is_short = pattern.chars().nth(SHOWN).is_none();
    Some(if is_short { format!("the pattern `{pattern}`") } else { "a pattern".to_owned() })
}
