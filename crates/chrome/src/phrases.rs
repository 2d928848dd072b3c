//! Finds the phrase rule of a block: one fold, one hash look-up, one search of prefixes, one automaton, one set of patterns.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use foldhash::fast::FixedState;
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::folding::{folded, folded_inner, folded_phrase};
use super::pack::{Effect, PhraseRule};
use tamis_text::characters::is_alphanumeric;

#[cfg(test)]
mod tests;

/// The phrase rules of all packs, ready to be matched.
pub(super) struct Phrases {
    rules: Vec<Matched>,
    /// Folded phrases that are the whole block.
    whole: HashMap<Box<str>, (u16, Effect), FixedState>,
    /// Bytes of the longest of them.
    longest_whole: usize,
    /// Folded phrases that a block may begin with, sorted.
    prefixes: Vec<Prefix>,
    /// The first eight bytes of each prefix as one number, so that most of the search compares numbers.
    prefix_keys: Vec<u64>,
    /// Whether a prefix has first bytes that come to a place here: most blocks are told from all prefixes by that.
    prefix_places: Vec<bool>,
    /// Folded phrases that may stand inside or at the end.
    inner: AhoCorasick,
    inner_rules: Vec<(u16, bool)>,
    /// Characters of the longest block that their rules find, and of the longest sentence.
    inner_reach: [usize; 2],
    /// Patterns that need a digit, those that need a `#`, and the others: most blocks have neither.
    patterns: [Patterns; 3],
}

/// Regular expressions and the rule of each.
struct Patterns {
    set: RegexSet,
    rules: Vec<u16>,
    /// As [`Phrases::inner_reach`].
    reach: [usize; 2],
}

/// Characters of the longest block that some of `rules` find, and of the longest sentence.
fn reach(rules: &[Matched], among: impl Iterator<Item = u16>) -> [usize; 2] {
    among.filter_map(|rule| rules.get(usize::from(rule))).fold([0; 2], |[any, sentence], rule| {
        [any.max(rule.max_chars), sentence.max(if rule.sentences { rule.max_chars } else { 0 })]
    })
}

/// Bytes by which most texts are told from all prefixes; shorter prefixes are told by as many as they have.
const FIRST: usize = 6;
const PLACES: usize = 1 << 15;

/// The place of the first `bytes` bytes of `text`.
fn place(text: &str, bytes: usize) -> usize {
    let first = key(text).checked_shr(64 - 8 * bytes as u32).unwrap_or_default();
    ((first << 3 | bytes as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PLACES
}

/// The first eight bytes as a number that sorts as they do.
fn key(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (byte, from) in bytes.iter_mut().zip(text.bytes()) {
        *byte = from;
    }
    u64::from_be_bytes(bytes)
}

/// What of a rule is needed to match and to act.
struct Matched {
    effect: Effect,
    ends: bool,
    inside: bool,
    max_chars: usize,
    sentences: bool,
    value: Option<Regex>,
}

struct Prefix {
    text: Box<str>,
    rule: u16,
    /// What must follow, in this order, with anything between.
    then: Vec<Box<str>>,
    /// Nothing may follow the last of `then`.
    closed: bool,
    /// Letters and digits in the phrase: how much of the block is the phrase, the rest being the value.
    letters: usize,
    /// The longest other phrase that this one begins with.
    parent: Option<usize>,
}

/// The rule that found a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index among the phrase rules.
    pub rule: u16,
    /// What it does.
    pub effect: Effect,
    /// What follows is no longer the article.
    pub ends: bool,
    /// It is unmistakable inside a text too.
    pub inside: bool,
    /// How many letters and digits of the block are the phrase, where it was one that a block begins with.
    pub letters: usize,
    /// The phrase is all of the block.
    pub whole: bool,
}

impl Phrases {
    /// Compiles the rules; the error names the rule and what is wrong with its pattern.
    pub fn new(rules: &[&PhraseRule]) -> Result<Self, String> {
        let mut whole: HashMap<Box<str>, _, FixedState> = HashMap::default();
        let mut prefixes: Vec<Prefix> = Vec::new();
        let (mut inner, mut inner_rules) = (Vec::new(), Vec::new());
        let mut patterns: [Vec<(&str, u16)>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        let mut matched = Vec::new();
        for (number, rule) in (0u16..).zip(rules) {
            for phrase in rule.phrases.values().flatten() {
                let (open_start, open_end) = (phrase.starts_with('*'), phrase.ends_with('*'));
                let middle = phrase.trim_matches('*');
                match (open_start, open_end || middle.contains('*')) {
                    (false, false) => {
                        let phrase = folded(middle).into_boxed_str();
                        let unsure = rule.effect == Effect::Remove && !rule.single_words && is_single_word(&phrase);
                        let effect = if unsure { Effect::Hint } else { rule.effect };
                        whole.entry(phrase).or_insert((number, effect));
                    }
                    (false, true) => prefixes.push(Prefix::new(middle, !open_end, number)),
                    (true, _) => {
                        let closed = !open_end;
                        let piece = folded_inner(middle, closed);
                        if !piece.contains(is_alphanumeric) {
                            let id = &rule.id;
                            return Err(format!("rule `{id}`: the phrase `{phrase}` has neither letters nor digits"));
                        }
                        inner.push(piece);
                        inner_rules.push((number, closed));
                    }
                }
            }
            let value = match &rule.value {
                Some(value) => Some(Regex::new(value).map_err(|error| format!("rule `{}`: {error}", rule.id))?),
                None => None,
            };
            for pattern in &rule.patterns {
                Regex::new(pattern).map_err(|error| format!("rule `{}`: {error}", rule.id))?;
                let [with_digit, with_hash, others] = &mut patterns;
                let group = match pattern {
                    _ if needs_digit(pattern) => with_digit,
                    _ if pattern.contains('#') => with_hash,
                    _ => others,
                };
                group.push((pattern, number));
            }
            matched.push(matched_of(rule, value));
        }
        let [with_digit, with_hash, others] = patterns.map(|patterns| Patterns::new(&patterns));
        let mut patterns = [with_digit?, with_hash?, others?];
        for patterns in &mut patterns {
            patterns.reach = reach(&matched, patterns.rules.iter().copied());
        }
        let inner_reach = reach(&matched, inner_rules.iter().map(|(rule, _)| *rule));
        let longest_whole = whole.keys().map(|phrase| phrase.len()).max().unwrap_or_default();
        let inner = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&inner)
            .map_err(|error| error.to_string())?;
        let prefixes = linked(prefixes);
        let prefix_keys = prefixes.iter().map(|prefix| key(&prefix.text)).collect();
        let mut prefix_places = vec![false; PLACES];
        for prefix in &prefixes {
            prefix_places[place(&prefix.text, prefix.text.len().min(FIRST))] = true;
        }
        Ok(Self {
            rules: matched,
            whole,
            longest_whole,
            prefixes,
            prefix_keys,
            prefix_places,
            inner,
            inner_rules,
            inner_reach,
            patterns,
        })
    }

    /// The rule of a block with `chars` characters that folds to `folded`. `sentence`: it reads as one; `stopped`: it ends as one, so
    /// that what a pattern finds is no label of its own.
    pub fn find(&self, folded: &str, chars: usize, sentence: bool, stopped: bool) -> Option<Hit> {
        if let Some(hit) = self.find_whole(folded) {
            return Some(hit);
        }
        let allowed = |rule: u16| {
            self.rules
                .get(usize::from(rule))
                .is_some_and(|rule| chars <= rule.max_chars && (rule.sentences || !sentence))
        };
        if let Some((rule, letters, whole)) = self.prefix(folded, allowed) {
            return self.hit(rule, letters, whole);
        }
        let in_reach = |reach: [usize; 2]| chars <= reach[usize::from(sentence)];
        let searched = if in_reach(self.inner_reach) { folded } else { "" };
        let inside = self.inner.find_iter(searched).find_map(|found| {
            let (rule, at_end) = *self.inner_rules.get(found.pattern().as_usize())?;
            let fits = (!at_end || found.end() == folded.len()) && word_ends_at(folded, found.end()) && allowed(rule);
            fits.then_some((rule, found.len() == folded.len()))
        });
        if let Some((rule, whole)) = inside {
            return self.hit(rule, 0, whole);
        }
        if chars > LONGEST_FOR_PATTERNS {
            return None;
        }
        let [with_digit, with_hash, others] = &self.patterns;
        let sets =
            [folded.contains('0').then_some(with_digit), folded.contains('#').then_some(with_hash), Some(others)];
        let rule = sets
            .into_iter()
            .flatten()
            .filter(|patterns| in_reach(patterns.reach))
            .find_map(|patterns| patterns.find(folded, allowed))?;
        self.hit(rule, 0, !stopped)
    }

    /// The rule of which `folded` is a whole phrase.
    pub fn find_whole(&self, folded: &str) -> Option<Hit> {
        if folded.len() > self.longest_whole {
            return None;
        }
        let (rule, effect) = *self.whole.get(folded)?;
        Some(Hit { effect, ..self.hit(rule, 0, true)? })
    }

    /// The rule of a long block, of which only the beginning was folded: phrases that a block begins with alone.
    pub fn find_by_start(&self, folded_start: &str, chars: usize) -> Option<Hit> {
        let allowed =
            |rule: u16| self.rules.get(usize::from(rule)).is_some_and(|rule| chars <= rule.max_chars && rule.sentences);
        let (rule, letters, _) = self.prefix(folded_start, allowed)?;
        self.hit(rule, letters, false)
    }

    /// The regular expression that takes the value out of a block that `rule` found.
    pub fn value(&self, rule: u16) -> Option<&Regex> {
        self.rules.get(usize::from(rule))?.value.as_ref()
    }

    fn hit(&self, rule: u16, letters: usize, whole: bool) -> Option<Hit> {
        let found = self.rules.get(usize::from(rule))?;
        Some(Hit { rule, effect: found.effect, ends: found.ends, inside: found.inside, letters, whole })
    }

    /// Whether some phrase may be a prefix of what folds to something that begins with `folded`.
    pub fn may_begin(&self, folded: &str) -> bool {
        (0..=FIRST.min(folded.len())).any(|bytes| self.prefix_places[place(folded, bytes)])
    }

    /// The longest prefix phrase of `folded` whose rule is allowed: the rule, the phrase's letters, whether that and other
    /// phrases are all of `folded`.
    ///
    /// All prefixes of a text sort before it, and what sorts between a prefix and the text begins with that prefix too: so
    /// they all lie on the chain of parents of the text's predecessor.
    fn prefix(&self, folded: &str, allowed: impl Fn(u16) -> bool + Copy) -> Option<(u16, usize, bool)> {
        if !self.may_begin(folded) {
            return None;
        }
        let first = key(folded);
        let from = self.prefix_keys.partition_point(|key| *key < first);
        let same = self.prefix_keys.iter().skip(from).take_while(|key| **key == first).count();
        let among = self.prefixes.get(from..from + same).unwrap_or_default();
        let mut at = (from + among.partition_point(|prefix| &*prefix.text <= folded)).checked_sub(1);
        while let Some(prefix) = at.and_then(|at| self.prefixes.get(at)) {
            if allowed(prefix.rule) && prefix.fits(folded) {
                // "Follow us on Twitter": what follows is a phrase of its own.
                let rest = folded.get(prefix.text.len()..).unwrap_or_default().trim_start_matches([' ', ':']);
                let whole = rest.is_empty() || self.find_whole(rest).is_some();
                return Some((prefix.rule, prefix.letters, whole));
            }
            at = prefix.parent;
        }
        None
    }
}

impl Patterns {
    fn new(patterns: &[(&str, u16)]) -> Result<Self, String> {
        let set = RegexSetBuilder::new(patterns.iter().map(|(pattern, _)| pattern)).dfa_size_limit(DFA_BYTES).build();
        Ok(Self {
            set: set.map_err(|error| error.to_string())?,
            rules: patterns.iter().map(|(_, rule)| *rule).collect(),
            reach: [0; 2],
        })
    }

    fn find(&self, folded: &str, allowed: impl Fn(u16) -> bool + Copy) -> Option<u16> {
        if !self.set.is_match(folded) {
            return None;
        }
        let found = self.set.matches(folded);
        found.iter().filter_map(|pattern| self.rules.get(pattern).copied()).find(|rule| allowed(*rule))
    }
}

/// Longer blocks are not tried against patterns.
const LONGEST_FOR_PATTERNS: usize = 80;
/// Room for the patterns' automaton, so that it is not built anew time and again.
const DFA_BYTES: usize = 32 << 20;

/// Whether a block without a digit can never fit: each alternative at the top has a `0`.
fn needs_digit(pattern: &str) -> bool {
    let (mut depth, mut has_digit) = (0i32, false);
    for character in pattern.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '0' if depth == 0 => has_digit = true,
            '|' if depth == 0 => return false,
            _ => {}
        }
    }
    has_digit
}

fn matched_of(rule: &PhraseRule, value: Option<Regex>) -> Matched {
    Matched {
        effect: rule.effect,
        ends: rule.ends,
        inside: rule.inside,
        max_chars: rule.max_chars,
        sentences: rule.sentences,
        value,
    }
}

/// One word of a script with spaces, or up to three characters of one without.
pub(super) fn is_single_word(phrase: &str) -> bool {
    let ideographs = phrase.chars().any(tamis_text::date::is_ideograph);
    !phrase.contains([' ', '-']) && (!ideographs || phrase.chars().nth(3).is_none())
}

/// Sorts the phrases and links each with the longest other that it begins with. The first rule that has a phrase keeps it.
fn linked(mut prefixes: Vec<Prefix>) -> Vec<Prefix> {
    // A stable sort: of two rules with one phrase, the first keeps it.
    prefixes.sort_by(|a, b| a.text.cmp(&b.text).then(b.rule.cmp(&a.rule)));
    for at in 0..prefixes.len() {
        let mut parent = at.checked_sub(1);
        while let (Some(before), Some(own)) = (parent.and_then(|at| prefixes.get(at)), prefixes.get(at)) {
            if own.text.starts_with(&*before.text) {
                break;
            }
            parent = before.parent;
        }
        if let Some(prefix) = prefixes.get_mut(at) {
            prefix.parent = parent;
        }
    }
    prefixes
}

impl Prefix {
    /// The phrase before the first inner star begins the block; the pieces behind it follow. `closed`: no star at the end.
    fn new(phrase: &str, closed: bool, rule: u16) -> Self {
        let mut pieces = phrase.split('*');
        let text = folded_phrase(pieces.next().unwrap_or_default()).into_boxed_str();
        let letters = text.chars().filter(|character| is_alphanumeric(*character)).count();
        let mut then: Vec<Box<str>> = Vec::new();
        let mut pieces = pieces.peekable();
        while let Some(piece) = pieces.next() {
            then.push(folded_inner(piece, closed && pieces.peek().is_none()).into_boxed_str());
        }
        Self { text, rule, then, closed, letters, parent: None }
    }

    /// Whether `folded` begins with the phrase and goes on as it demands.
    fn fits(&self, folded: &str) -> bool {
        let Some(mut rest) = folded.strip_prefix(&*self.text).filter(|_| word_ends_at(folded, self.text.len())) else {
            return false;
        };
        for piece in &self.then {
            let Some((_, behind)) = rest.split_once(&**piece) else { return false };
            rest = behind;
        }
        !self.closed || rest.is_empty()
    }
}

/// Whether `phrase`, as a pack writes it, finds the block that folds to `folded`, whatever its rule says of the block's length.
pub(super) fn finds(phrase: &str, folded_block: &str) -> bool {
    let (open_start, open_end) = (phrase.starts_with('*'), phrase.ends_with('*'));
    let middle = phrase.trim_matches('*');
    match (open_start, open_end || middle.contains('*')) {
        (false, false) => folded(middle) == folded_block,
        (false, true) => Prefix::new(middle, !open_end, 0).fits(folded_block),
        (true, _) => {
            let piece = folded_inner(middle, !open_end);
            let ends = folded_block.match_indices(&piece).map(|(at, _)| at + piece.len());
            let fits = |end: usize| (open_end || end == folded_block.len()) && word_ends_at(folded_block, end);
            !piece.is_empty() && ends.into_iter().any(fits)
        }
    }
}

/// Whether no word of a script with spaces runs on across `at`.
fn word_ends_at(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { return false };
    match (before.chars().next_back(), after.chars().next()) {
        (Some(last), Some(next)) => !spaced_letter(last) || !spaced_letter(next),
        _ => true,
    }
}

fn spaced_letter(character: char) -> bool {
    is_alphanumeric(character) && !tamis_text::date::is_ideograph(character)
}
