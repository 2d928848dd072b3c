//! What is measured of one block: its shape, and the phrase rule that finds it.

use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::bytes::Bytes;
use super::folding::fold;
use super::pack::Effect;
use super::phrases::{Hit, Phrases};
use super::size::Size;
use super::{credit, dates, names};
use tamis_text::characters::is_alphanumeric;
use tamis_text::date::{NumericOrder, is_ideograph};
use tamis_text::day::Day;

/// What is known of one block by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Characters, where a Chinese character, a kana or a Hangul syllable counts as two and a half.
    pub chars: usize,
    /// Words; a script without spaces has one for each two characters.
    pub words: usize,
    /// The last character ends a sentence.
    pub ends_sentence: bool,
    /// It reads as running text of some length.
    pub prose: bool,
    /// What was counted, of blocks that are not long.
    pub size: Option<Size>,
    /// It has neither letters nor digits.
    pub symbols: bool,
    /// The phrase rule that finds it.
    pub hit: Option<Hit>,
    /// It would read as running text of some length if no rule found it.
    pub reads_as_prose: bool,
    /// The day that stands alone in it, or behind the phrase.
    pub day: Option<Day>,
    /// What stands behind the phrase of a byline, a credit or a section label.
    pub value: Option<String>,
    /// It is a day (and a time of day) and nothing else.
    pub day_alone: bool,
    /// Share of the site's documents that have it, where that is no chance.
    pub share_of_site: Option<f32>,
    /// It looks like a line of code or of markup, which no phrase rule judges.
    pub code: bool,
}

/// Bytes above which only the beginning of a block is compared with phrases.
const LONG: usize = 220;
/// Words from which what ends as a sentence is one, and from which a line is no label with its value.
const FEW_WORDS: usize = 3;
const LABEL: usize = 12;
/// Words from which what begins as a byline and ends as a sentence is one.
const BYLINE: usize = 4;
/// Characters from which a sentence counts as a paragraph.
const PROSE_CHARS: usize = 80;

impl Evidence {
    /// Measures `text`. `folded` is scratch space.
    pub fn of(text: &str, phrases: &Phrases, order: NumericOrder, folded: &mut String) -> Self {
        let text = trimmed(text);
        if text.len() > LONG {
            return Self::of_long(text, phrases, folded);
        }
        let bytes = Bytes::of(text);
        let mut evidence = Self::shape(text, bytes);
        evidence.code = bytes.have(Bytes::CODE.and(Bytes::COLON).and(Bytes::GREATER)) && is_code(text);
        if evidence.code {
            return evidence;
        }
        fold(text, folded);
        evidence.symbols = folded.is_empty();
        let characters = evidence.size.map_or(0, |size| size.characters);
        let sentence = evidence.ends_sentence && evidence.words >= 6;
        let hit = phrases
            .find(folded, characters, sentence, evidence.ends_sentence && !text.ends_with(':'))
            .filter(|hit| evidence.holds(text, *hit, phrases, order));
        // Somebody says "Music."; the entry of a menu has no full stop.
        let hit = hit.filter(|hit| hit.effect != Effect::Hint || !is_stopped(text));
        evidence.hit = hit.or_else(|| in_pieces(text, bytes, phrases, folded));
        if evidence.hit.is_none() && characters <= 60 {
            let digits = evidence.size.map_or(0, |size| size.digits);
            evidence.day = dates::alone(text, digits, order);
            evidence.day_alone = evidence.day.is_some();
        }
        evidence.reads_as_prose = evidence.prose;
        evidence.prose &= evidence.hit.is_none();
        evidence
    }

    /// A long block is a paragraph, unless it begins like one of the few long notices.
    fn of_long(text: &str, phrases: &Phrases, folded: &mut String) -> Self {
        let mut end = 96;
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let start = text.get(..end).unwrap_or(text);
        let ideographs = start.chars().filter(|character| is_ideograph(*character)).count();
        let wide = if start.is_ascii() { 1 } else { start.len().div_ceil(start.chars().count()) };
        let chars = if ideographs > 10 { text.len() * 5 / 6 } else { text.len() / wide };
        let hit = if text.len() < 2200 { find_by_start(start, chars, phrases, folded) } else { None };
        let ends_sentence = ends_sentence(text);
        let reads_as_prose = ends_sentence || memchr::memmem::find(text.as_bytes(), b". ").is_some() || ideographs > 10;
        let prose = hit.is_none() && reads_as_prose;
        Self { chars, words: chars / 6, ends_sentence, prose, reads_as_prose, hit, ..Self::default() }
    }

    fn shape(text: &str, bytes: Bytes) -> Self {
        let size = Size::of(text);
        // Only space and tab part words of a text that is all ASCII.
        let odd = bytes.have(Bytes::CONTROL) && !bytes.have(Bytes::WIDE);
        let (chars, words) = (size.chars(), if odd { ascii_words(text) } else { size.words() });
        let ends_sentence = ends_sentence(text);
        let prose = chars >= PROSE_CHARS && words >= 10 && (ends_sentence || chars >= 200 && text.contains(". "));
        Self { chars, words, ends_sentence, prose, size: Some(size), ..Self::default() }
    }

    /// Whether the block holds what its rule promises: a day, a name. Takes it down.
    fn holds(&mut self, text: &str, hit: Hit, phrases: &Phrases, order: NumericOrder) -> bool {
        let rest = || {
            let value = phrases.value(hit.rule);
            match value.and_then(|value| value.captures(text)).and_then(|found| found.get(1)) {
                Some(found) => found.as_str(),
                None => behind(text, hit.letters),
            }
        };
        match hit.effect {
            Effect::Published | Effect::Updated => {
                self.day = dates::labelled(text, hit.letters, order);
                self.day.is_some()
            }
            Effect::Author if text.ends_with(['!', '?', '！', '？', '。', '।', '۔', '؟']) => false,
            Effect::Author => {
                self.value = names::names(behind(text, hit.letters));
                self.value.is_some()
            }
            Effect::Credit => {
                let rest = rest();
                self.value = credit::value(rest);
                // Without a label in front the whole block must read as a credit.
                rest.len() < text.len() || text.starts_with('©') || credit::reads_as_credit(text)
            }
            Effect::Section => {
                let value = rest().trim_start_matches(|character| !is_alphanumeric(character));
                let value = value.trim_end_matches(['.', ')', ']', '）', ' ', '\u{a0}']);
                self.value = (!value.is_empty() && value.len() <= 120).then(|| value.to_owned());
                true
            }
            Effect::Remove | Effect::Edge | Effect::Hint => true,
        }
    }

    /// Whether a phrase was found that the block only begins with or holds, and it reads as a sentence: such a phrase alone says
    /// little, since many sentences begin alike.
    pub fn found_in_sentence(&self) -> bool {
        let Some(hit) = self.hit.filter(|hit| !hit.whole) else { return false };
        // A label and its value ("Updated: Monday, 4 May 2020 at 10:15.", "By Ada Quill.") may end in a stop.
        let least = match hit.effect {
            _ if self.day.is_some() => LABEL,
            Effect::Author => BYLINE,
            _ => FEW_WORDS,
        };
        self.ends_sentence && self.words >= least || self.words >= LABEL && !hit.inside
    }

    /// Forgets the rule that found the block.
    pub fn acquit(&mut self) {
        self.hit = None;
        self.value = None;
        self.day = self.day.filter(|_| self.day_alone);
        self.prose = self.reads_as_prose;
    }

    /// Whether a rule removes the block wherever it stands.
    pub fn removed_anywhere(&self) -> bool {
        self.hit.is_some_and(|hit| !matches!(hit.effect, Effect::Edge | Effect::Hint))
    }

    /// Whether a rule finds the block that speaks for chrome, be it only among other chrome. A counter may as well be a year.
    pub fn is_chrome_elsewhere(&self) -> bool {
        self.hit.is_some_and(|hit| hit.effect != Effect::Edge)
    }

    /// Whether the block holds a fact about the article.
    pub fn is_fact(&self) -> bool {
        let fact = |hit: Hit| !matches!(hit.effect, Effect::Edge | Effect::Hint | Effect::Remove);
        self.hit.is_some_and(fact) || self.day_alone
    }
}

/// The rule of a long block with `chars` characters, by its `start`.
fn find_by_start(start: &str, chars: usize, phrases: &Phrases, folded: &mut String) -> Option<Hit> {
    // Most are told from all phrases by their first few letters, which what follows does not change where they are composed.
    let few = (FEW..FEW + 4).find_map(|end| start.get(..end)).unwrap_or(start);
    fold(few, folded);
    if folded.len() > FEW / 2 && !phrases.may_begin(folded) && is_nfc_quick(few.chars()) == IsNormalized::Yes {
        return None;
    }
    fold(start, folded);
    phrases.find_by_start(folded, chars)
}

/// Bytes of a block's beginning that most often tell that no phrase begins so.
const FEW: usize = 24;

/// Words of a text of ASCII, where no other white space than space and tab parts them.
fn ascii_words(text: &str) -> usize {
    text.split([' ', '\t']).filter(|run| run.contains(|character: char| character.is_ascii_alphanumeric())).count()
}

/// As [`str::trim`], which looks longer at what needs no trimming.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Whether `text` has what prose has not: braces, calls, tags, statements.
fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut last = b' ';
    for byte in bytes {
        match (last, byte) {
            (_, b'{' | b'}')
            | (b'(', b')')
            | (b'[', b']')
            | (b']', b'(')
            | (b'<', b'/')
            | (b':', b':')
            | (b'-', b'>') => return true,
            _ => last = *byte,
        }
    }
    matches!(bytes, [.., b';'] | [b'#', b' ', ..] | [b'`', b'`', ..]) || text.contains(" = ")
}

/// What stands in `text` behind its first `letters` letters and digits.
pub(super) fn behind(text: &str, letters: usize) -> &str {
    let mut left = letters;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return text.get(at..).unwrap_or_default();
        }
        left -= usize::from(is_alphanumeric(character));
    }
    ""
}

/// Whether the last character, quotation marks and brackets aside, ends a sentence.
fn ends_sentence(text: &str) -> bool {
    match text.as_bytes() {
        [.., b'.' | b'!' | b'?' | b':' | b';'] => return true,
        [.., byte] if byte.is_ascii_alphanumeric() => return false,
        _ => {}
    }
    let closing = ['"', '”', '“', '»', '’', '\'', ')', ']', '」', '』', '）', '*', '_', ' ', '\u{a0}'];
    let last = text.trim_end_matches(closing).chars().next_back();
    matches!(last, Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔' | ':' | '：' | ';' | '；'))
}

/// Whether the text ends with a full stop, and not with three.
pub(super) fn is_stopped(text: &str) -> bool {
    text.ends_with(['.', '。', '।', '۔']) && !text.ends_with("..")
}

/// The rule of a block that consists of several pieces set apart by `|`, `•` or `·`, each of which a rule finds.
fn in_pieces(text: &str, bytes: Bytes, phrases: &Phrases, folded: &mut String) -> Option<Hit> {
    if text.len() > 240 {
        return None;
    }
    // `Home | News | Sport`, else `Facebook Twitter WhatsApp`: three words that are each a phrase.
    let may = bytes.have(Bytes::WIDE.and(Bytes::BAR).and(Bytes::SLASH).and(Bytes::GREATER));
    let bar = may && text.contains(MARKS);
    let (marks, least): (&[char], usize) = if bar { (&MARKS, 2) } else { (&[' ', ',', '\u{a0}'], 3) };
    let plain = |hit: &Hit| matches!(hit.effect, Effect::Remove | Effect::Hint | Effect::Edge);
    let mut first: Option<Hit> = None;
    let (mut count, mut whole) = (0, true);
    for piece in text.split(marks).map(str::trim).filter(|piece| !piece.is_empty()) {
        fold(piece, folded);
        if folded.is_empty() {
            continue;
        }
        let hit =
            if bar { phrases.find(folded, piece.chars().count(), false, false) } else { phrases.find_whole(folded) };
        let hit = hit.filter(plain)?;
        count += 1;
        whole &= hit.whole;
        first = first.filter(|first| first.effect == Effect::Remove).or(Some(hit));
    }
    first.filter(|_| count >= least).map(|first| Hit { whole, ..first })
}

/// What sets the pieces of a bar apart.
pub(super) const MARKS: [char; 8] = ['|', '•', '·', '›', '»', '/', '>', '→'];

#[cfg(test)]
mod tests {
    use super::super::pack::EMBEDDED;
    use super::*;

    #[test]
    fn long_blocks_are_told_by_their_first_letters_from_no_phrase_that_begins_them() {
        let pack = EMBEDDED[0].pack().expect("the embedded pack can be read");
        let rules: Vec<_> = pack.rule.iter().collect();
        let phrases = Phrases::new(&rules).expect("the embedded pack is sound");
        let (mut quick, mut slow, mut found) = (String::new(), String::new(), 0);
        for phrase in rules.iter().flat_map(|rule| rule.phrases.values().flatten()) {
            for before in ["", "» ", "A ", "\u{652}\u{651}"] {
                let start = format!("{before}{} and so on", phrase.replace('*', " ").to_uppercase());
                fold(&start, &mut slow);
                let expected = phrases.find_by_start(&slow, 100);
                found += usize::from(expected.is_some());
                assert_eq!(find_by_start(&start, 100, &phrases, &mut quick), expected, "{start}");
            }
        }
        assert!(found > 100, "{found}");
    }
}
