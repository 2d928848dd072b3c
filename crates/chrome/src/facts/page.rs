//! A page as the readers of facts see it: what each line measures, where the article lies, which words its body uses.

use std::cell::OnceCell;

use super::spread::{Counted, each_word};
use super::weights::bucket;
use crate::evidence::trimmed;
use crate::size::Size;
use tamis_text::characters::Classes;

/// A page's lines and what they have in common.
pub(super) struct Page<'a> {
    pub lines: Vec<Line<'a>>,
    /// First and one past the last line of the article's body, by the shape of its lines alone.
    pub body: (usize, usize),
    /// The words of the body's sentences, counted once they are asked for.
    words: OnceCell<Counted>,
    /// Keys that several lines have, sorted.
    repeated: Vec<u64>,
}

/// One line.
pub(super) struct Line<'a> {
    pub text: &'a str,
    /// A blank line stands before it.
    pub blank_before: bool,
    /// Characters, where an ideograph counts as two and a half.
    pub chars: usize,
    /// Words; a script without spaces has one for each two characters.
    pub words: usize,
    /// The last character ends a sentence.
    pub ends_sentence: bool,
    /// It reads as running text of some length.
    pub prose: bool,
    /// Digits of any script.
    pub digits: usize,
    /// It has small letters, or capitals.
    pub small: bool,
    pub capital: bool,
    /// The same for lines that have the same letters and digits, whatever their case; 0 where it has none.
    pub key: u64,
}

/// Lines above so many bytes are paragraphs and not looked at closely.
const LONG: usize = 600;
/// Bytes of the body whose words are remembered.
const BODY_BYTES: usize = 12_000;

impl<'a> Page<'a> {
    /// Of these lines, each with whether a blank line stands before it, and with its size where that is known.
    pub fn new(texts: &[(&'a str, bool)], sizes: impl Iterator<Item = Option<Size>>) -> Self {
        let line = |((text, blank), size): (&(&'a str, bool), _)| Line::new(trimmed(text), *blank, size);
        let mut lines: Vec<Line> = texts.iter().zip(sizes).map(line).collect();
        let body = body(&lines);
        let repeated = compare(&mut lines);
        Self { lines, body, words: OnceCell::new(), repeated }
    }

    /// How many lines say the same as the line at `at`, itself included.
    pub fn copies(&self, at: usize) -> usize {
        let Some(key) = self.lines.get(at).map(|line| line.key) else { return 0 };
        let from = self.repeated.partition_point(|other| *other < key);
        self.repeated.iter().skip(from).take_while(|other| **other == key).count().max(1)
    }

    /// Of the distinct words of a line that carry matter: how many there are, how many the body has, and how many it has twice.
    pub fn shared(&self, at: usize) -> (usize, usize, usize) {
        let mut own = Vec::new();
        each_word(self.lines.get(at).map_or("", |line| line.text), |word| own.push(word));
        own.sort_unstable();
        own.dedup();
        let words = self.words.get_or_init(|| count(self.lines.get(self.body.0..self.body.1).unwrap_or_default()));
        own.iter().fold((own.len(), 0, 0), |(all, once, twice), word| {
            let lines = words.lines(*word);
            (all, once + usize::from(lines >= 1), twice + usize::from(lines >= 2))
        })
    }

    /// Of those words, how many the first two paragraphs after the line have.
    pub fn shared_behind(&self, at: usize) -> usize {
        let distinct = |texts: &mut dyn Iterator<Item = &str>| {
            let mut words = Vec::new();
            texts.for_each(|text| each_word(text, |word| words.push(word)));
            words.sort_unstable();
            words.dedup();
            words
        };
        let behind = self.lines.iter().skip(at + 1).take(25).filter(|line| line.prose).map(|line| line.text).take(2);
        let behind = distinct(&mut behind.map(|text| text.get(..1200).unwrap_or(text)));
        let own = distinct(&mut self.lines.get(at).map(|line| line.text).into_iter());
        own.iter().filter(|word| behind.binary_search(word).is_ok()).count()
    }

    /// Where the line stands against the body: 0 to 6 before it, by distance; 7 on the first lines; 8 inside; 9 after.
    pub fn place(&self, at: usize) -> u8 {
        let (start, end) = self.body;
        match at {
            _ if at >= end => 9,
            _ if at > start + 2 => 8,
            _ if at >= start => 7,
            _ => bucket(start - at - 1, &[1, 2, 4, 8, 15, 30]),
        }
    }
}

impl<'a> Line<'a> {
    fn new(text: &'a str, blank_before: bool, size: Option<Size>) -> Self {
        let mut line = Line {
            text,
            blank_before,
            chars: 0,
            words: 0,
            ends_sentence: ends_sentence(text),
            prose: true,
            digits: 0,
            small: false,
            capital: false,
            key: 0,
        };
        if text.len() > LONG {
            line.chars = text.len() / 2;
            line.words = line.chars / 6;
            line.prose = line.ends_sentence || text.contains(". ") || text.contains('。');
            return line;
        }
        let size = size.unwrap_or_else(|| Size::of(text));
        (line.chars, line.words, line.digits) = (size.chars(), size.words(), size.digits);
        (line.small, line.capital) = (size.any.is_lowercase(), size.any.is_uppercase());
        // For now only lines with as many letters and digits may say the same; see `compare`.
        line.key = (size.letters as u64) << 32 | size.digits as u64;
        line.prose =
            line.chars >= 80 && line.words >= 10 && (line.ends_sentence || line.chars >= 200 && text.contains(". "));
        line
    }

    /// How much the line by its shape speaks for being part of the body.
    fn points(&self) -> i32 {
        match (self.prose, self.ends_sentence) {
            (true, _) if self.chars >= 240 => 9,
            (true, _) if self.chars >= 120 => 6,
            (true, _) => 4,
            (_, true) if self.words >= 4 => 2,
            _ if self.words <= 2 => -4,
            _ if self.words <= 4 => -3,
            _ if self.words <= 8 => -2,
            _ if self.words <= 16 => -1,
            _ => 1,
        }
    }
}

/// The run of lines with the most points.
fn body(lines: &[Line<'_>]) -> (usize, usize) {
    let (mut start, mut sum, mut best) = (0, 0, (0, lines.len(), lines.len()));
    for (at, line) in lines.iter().enumerate() {
        if sum <= 0 {
            (start, sum) = (at, 0);
        }
        sum += line.points();
        if sum > best.0 {
            best = (sum, start, at + 1);
        }
    }
    (best.1, best.2)
}

fn ends_sentence(text: &str) -> bool {
    match text.as_bytes() {
        [.., b'.' | b'!' | b'?' | b':'] => return true,
        [.., byte] if byte.is_ascii_alphanumeric() => return false,
        _ => {}
    }
    let closing = ['"', '”', '“', '»', '’', '\'', ')', ']', '」', '』', '）', '*', '_', ' ', '\u{a0}'];
    let last = text.trim_end_matches(closing).chars().next_back();
    matches!(last, Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔' | ':' | '：'))
}

/// Counts the words of the sentences among `lines`, as far as the body's words are remembered.
fn count(lines: &[Line<'_>]) -> Counted {
    let mut bytes = 0;
    let enough = |line: &&Line<'_>| {
        let more = bytes <= BODY_BYTES;
        bytes += line.text.len();
        more
    };
    let sentences: Vec<&Line<'_>> =
        lines.iter().filter(|line| line.prose || line.ends_sentence).take_while(enough).collect();
    let mut words = Counted::new(sentences.iter().map(|line| line.text.len()).sum());
    for (line, number) in sentences.into_iter().zip(1..) {
        each_word(line.text, |word| words.add(word, number));
    }
    words
}

/// Gives lines that say the same one key, and others another. All keys that several lines have, sorted.
///
/// Lines come with a key that counts their letters and digits. Where no other line counts as many, that tells it already.
fn compare(lines: &mut [Line<'_>]) -> Vec<u64> {
    let counts = several(lines.iter().map(|line| line.key));
    let classes = Classes::get();
    for line in lines.iter_mut().filter(|line| line.key != 0 && counts.binary_search(&line.key).is_ok()) {
        line.key = line.text.chars().fold(SEED, |key, character| {
            let class = classes.of(character);
            if class.is_alphanumeric() { step(key, class.lower(character)) } else { key }
        });
    }
    several(lines.iter().map(|line| line.key))
}

/// Those of `keys` that stand there several times, as often, sorted.
fn several(keys: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut keys: Vec<u64> = keys.collect();
    keys.sort_unstable();
    keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).flatten().copied().collect()
}

/// One step of Fowler, Noll and Vo's hash; two lines with one hash would be taken for copies.
fn step(hash: u64, character: char) -> u64 {
    (hash ^ u64::from(character)).wrapping_mul(0x0100_0000_01b3)
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
