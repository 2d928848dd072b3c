//! Is this a scraped page at all? Told from the whole text, before any line of it is judged.
//!
//! A novel, a law or a manual is full of short lines, and a phrase of chrome may stand in it by chance. A page alone has many of
//! them at its ends: menus before the article; share bars, other stories and notices after it. So what counts is which phrase
//! rules find lines among the first and the last blocks, how many, the shape of these blocks, and how many of them chrome's own
//! words name. `scripts/boilerplate/scraped.py` fits the weights ([`fitted`]) to pages and to texts that are none.

use std::fmt;

use super::evidence::Evidence;
use super::model::PAGE;
use super::pack::Effect;

mod fitted;

/// Blocks at either end that are looked at: so many hold what stands around an article, however long the article is.
const EDGE: usize = 60;
/// Lines found by one rule that count: what comes ten times is no better evidence than what comes three times.
const MOST: i32 = 3;
/// Lines of chrome that a page of a few blocks has at least.
const FEWEST: usize = 3;
/// Words up to which a line is short.
const SHORT: usize = 8;

/// What is measured of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// Lines that go wherever they stand on a page, [`MOST`] a rule.
    Chrome,
    /// Words of menus and the like: rules that find some.
    HintKinds,
    /// Lines that these find, [`MOST`] a rule.
    Hints,
    /// Short lines that end no sentence, in 64ths of those looked at; likewise the next four.
    Short,
    Sentences,
    Prose,
    Code,
    /// Lines with marks of plain text: indented, items of a list, rules, addresses in angle brackets. HTML has other means.
    Marked,
    /// Blocks of the whole text, in quarters of a power of two.
    Blocks,
    /// Lines that chrome's own words name, in quarters of a power of two.
    Named,
}

/// Names of the traits, in the order of their numbers.
pub(crate) const TRAITS: [&str; Trait::Named as usize + 1] =
    ["chrome", "hint_kinds", "hints", "short", "sentences", "prose", "code", "marked", "blocks", "named"];

/// The same for people.
const SAID: [&str; TRAITS.len()] = [
    "lines of chrome",
    "kinds of words of menus",
    "words of menus",
    "short lines",
    "sentences",
    "paragraphs",
    "lines of code",
    "marks of plain text",
    "length",
    "lines that sound like chrome",
];
/// Pieces of evidence that are told.
const PIECES: usize = 4;

/// What speaks for and against a scraped page; `Display` says what weighs most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// In the order of [`TRAITS`]; lines that are named are counted by [`Signs::count_named`].
    pub(crate) traits: [i32; TRAITS.len()],
    /// Blocks whose words may name chrome: neither prose nor code.
    candidates: Vec<usize>,
    /// Lines that a rule finds.
    found: usize,
    /// It has as many blocks as a page.
    is_long: bool,
}

impl Signs {
    /// Those of a text. `telling`: for each phrase rule whether it tells pages.
    pub(crate) fn of(texts: &[&str], evidence: &[Evidence], telling: &[bool]) -> Self {
        let near: Vec<usize> = (0..evidence.len()).filter(|at| *at < EDGE || at + EDGE >= evidence.len()).collect();
        let (mut counts, mut candidates, mut found) = ([0usize; TRAITS.len()], Vec::new(), 0);
        let mut lines = vec![(0, Effect::Remove); telling.len()];
        for (at, block) in near.iter().filter_map(|at| Some((*at, evidence.get(*at)?))) {
            counts[Trait::Marked as usize] += usize::from(texts.get(at).is_some_and(|text| is_marked(text)));
            if block.code {
                counts[Trait::Code as usize] += 1;
                continue;
            }
            let sentence = block.prose || block.ends_sentence;
            counts[Trait::Prose as usize] += usize::from(block.prose);
            counts[Trait::Sentences as usize] += usize::from(sentence);
            counts[Trait::Short as usize] += usize::from(!sentence && !block.symbols && block.words <= SHORT);
            if !block.prose {
                candidates.push(at);
            }
            let Some(hit) = block.hit.filter(|_| !block.found_in_sentence()) else { continue };
            found += 1;
            if let Some((count, effect)) = lines.get_mut(usize::from(hit.rule)) {
                *count = MOST.min(*count + 1);
                *effect = hit.effect;
            }
        }
        let mut traits = counts.map(|count| (count * 64 / near.len().max(1)) as i32);
        for ((count, effect), _) in
            lines.into_iter().zip(telling).filter(|((count, _), telling)| **telling && *count > 0)
        {
            match effect {
                Effect::Remove => traits[Trait::Chrome as usize] += count,
                Effect::Hint => {
                    traits[Trait::Hints as usize] += count;
                    traits[Trait::HintKinds as usize] += 1;
                }
                // Counters, of which any list is full.
                Effect::Edge => traits[Trait::HintKinds as usize] += 1,
                // A byline, a date and a credit stand above any article.
                _ => {}
            }
        }
        traits[Trait::Blocks as usize] = quarters(evidence.len());
        Self { traits, candidates, found, is_long: evidence.len() >= PAGE }
    }

    /// Counts the blocks that chrome's own words name; `names` tells them by their places.
    pub(crate) fn count_named(&mut self, names: impl Fn(usize) -> bool) {
        let named = self.candidates.iter().filter(|at| names(**at)).count();
        self.traits[Trait::Named as usize] = quarters(named);
    }

    /// Whether the text is a page.
    pub fn tell_a_page(&self) -> bool {
        self.is_enough() && self.odds() >= 0
    }

    /// Whether it would be one if chrome's words named as many blocks as they may.
    pub(crate) fn may_tell_a_page(&self) -> bool {
        self.is_enough() && self.odds() + fitted::WEIGHTS[Trait::Named as usize] * quarters(self.candidates.len()) >= 0
    }

    /// In a text of a few blocks, two lines that sound like chrome say nothing.
    fn is_enough(&self) -> bool {
        self.is_long || self.found >= FEWEST
    }

    /// The logarithm of the odds that the text is a page, in thousandths.
    fn odds(&self) -> i32 {
        fitted::BIAS + self.traits.iter().zip(fitted::WEIGHTS).map(|(value, weight)| value * weight).sum::<i32>()
    }
}

impl fmt::Display for Signs {
    /// What the text is taken for, and what weighs most for and against a page, in logarithms of the odds.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_enough() {
            return write!(out, "no scraped page: fewer than {PAGE} blocks, and fewer than {FEWEST} lines of chrome");
        }
        out.write_str(if self.tell_a_page() { "a scraped page:" } else { "no scraped page:" })?;
        let weights = self.traits.iter().zip(fitted::WEIGHTS).map(|(value, weight)| value * weight);
        let mut pieces: Vec<(i32, &str)> = weights.zip(SAID).filter(|(weight, _)| *weight != 0).collect();
        pieces.push((fitted::BIAS, "as most texts"));
        pieces.sort_by_key(|(weight, _)| -weight.abs());
        for (at, (weight, name)) in pieces.iter().take(PIECES).enumerate() {
            write!(out, "{} {name} {:+.1}", if at == 0 { "" } else { "," }, f64::from(*weight) / 1000.0)?;
        }
        Ok(())
    }
}

/// Whether a line has marks by which plain text is laid out.
fn is_marked(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes {
        [b'\t', ..] | [b' ', b' ', ..] | [b'.', b'.', ..] => true,
        [mark @ (b'*' | b'-' | b'+' | b'#' | b'=' | b'~' | b'|' | b';' | b'%' | b'`' | b'/'), next, _, ..] => {
            next == mark || *next == b' '
        }
        _ => bytes.ends_with(b">") && text.contains('@'),
    }
}

/// The logarithm to the base 2 of one more than `count`, in quarters.
fn quarters(count: usize) -> i32 {
    (count as u128 + 1).saturating_pow(4).ilog2() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_plain_text_are_told_from_signs_of_a_page() {
        for line in
            ["  Ada Quill", "\tmake", "* one", "- two", "=====", "## Notes", "Ada Quill <ada@example.org>", ".. note"]
        {
            assert!(is_marked(line), "{line}");
        }
        for line in ["", "|", "-", "— Ada Quill", "•", "Share", "-5 °C", "<3", "#news", "*"] {
            assert!(!is_marked(line), "{line}");
        }
    }

    #[test]
    fn the_weightiest_evidence_is_told_first() {
        let signs = Signs { is_long: true, ..Signs::default() };
        assert_eq!(signs.to_string(), "no scraped page: as most texts -6.0");
        let mut signs = Signs { is_long: true, ..Signs::default() };
        signs.traits[Trait::HintKinds as usize] = 6;
        signs.traits[Trait::Short as usize] = 40;
        let told = signs.to_string();
        assert!(told.starts_with("a scraped page: kinds of words of menus +"), "{told}");
        assert!(told.contains(", short lines +"), "{told}");
        assert!(Signs::default().to_string().starts_with("no scraped page: fewer than"));
    }

    #[test]
    fn counts_are_told_by_quarters_of_a_power_of_two() {
        assert_eq!([0, 1, 3, 4, 1023, 1_000_000, usize::MAX].map(quarters), [0, 4, 8, 9, 40, 79, 127]);
    }
}
