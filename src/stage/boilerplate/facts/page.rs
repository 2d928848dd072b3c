//! A page as the readers of facts see it: what each line measures, where the article lies, which words its body uses.

use super::weights::bucket;
use crate::text::date::is_ideograph;

/// A page's lines and what they have in common.
pub(super) struct Page<'a> {
    pub lines: Vec<Line<'a>>,
    /// First and one past the last line of the article's body, by the shape of its lines alone.
    pub body: (usize, usize),
    /// Hashes of the words of the body, one for each line that has it, sorted.
    words: Vec<u64>,
    /// Hashes of all lines, sorted.
    keys: Vec<u64>,
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
    /// Hash of its letters and digits in lower case; 0 where it has none.
    pub key: u64,
}

/// Lines above so many bytes are paragraphs and not looked at closely.
const LONG: usize = 600;
/// Bytes of the body whose words are remembered.
const BODY_BYTES: usize = 12_000;

impl<'a> Page<'a> {
    pub fn new(texts: &[(&'a str, bool)]) -> Self {
        let lines: Vec<Line> = texts.iter().map(|(text, blank)| Line::new(text.trim(), *blank)).collect();
        let body = body(&lines);
        let mut words = Vec::new();
        let mut bytes = 0;
        for line in lines.get(body.0..body.1).unwrap_or_default() {
            if bytes > BODY_BYTES {
                break;
            }
            if line.prose || line.ends_sentence {
                bytes += line.text.len();
                let from = words.len();
                words.extend(words_of(line.text));
                let own = words.split_off(from);
                words.extend(distinct(own));
            }
        }
        words.sort_unstable();
        let mut keys: Vec<u64> = lines.iter().map(|line| line.key).collect();
        keys.sort_unstable();
        Self { lines, body, words, keys }
    }

    /// How many lines say the same as the line at `at`, itself included.
    pub fn copies(&self, at: usize) -> usize {
        let Some(key) = self.lines.get(at).map(|line| line.key) else { return 0 };
        let from = self.keys.partition_point(|other| *other < key);
        self.keys.iter().skip(from).take_while(|other| **other == key).count()
    }

    /// Of the distinct words of `text` that carry matter: how many there are, how many the body has, and how many it has twice.
    pub fn shared(&self, text: &str) -> (usize, usize, usize) {
        let own = distinct(words_of(text));
        let times = |word: &u64| {
            let from = self.words.partition_point(|other| other < word);
            self.words.iter().skip(from).take(2).take_while(|other| *other == word).count()
        };
        let counts: Vec<usize> = own.iter().map(times).collect();
        let at_least = |least: usize| counts.iter().filter(|count| **count >= least).count();
        (own.len(), at_least(1), at_least(2))
    }

    /// Where the line stands against the body: 0 to 6 before it, by distance; 7 on the first lines; 8 inside; 9 behind.
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
    fn new(text: &'a str, blank_before: bool) -> Self {
        let mut line = Line {
            text,
            blank_before,
            chars: 0,
            words: 0,
            ends_sentence: ends_sentence(text),
            prose: true,
            digits: 0,
            key: 0,
        };
        if text.len() > LONG {
            line.chars = text.len() / 2;
            line.words = line.chars / 6;
            line.prose = line.ends_sentence || text.contains(". ") || text.contains('。');
            return line;
        }
        let (mut ideographs, mut in_word) = (0, false);
        for character in text.chars() {
            line.chars += 1;
            if character == ' ' || character.is_whitespace() {
                in_word = false;
                continue;
            }
            if character.is_alphanumeric() {
                line.words += usize::from(!in_word);
                in_word = true;
                line.digits += usize::from(character.is_numeric());
                ideographs += usize::from(is_ideograph(character));
                line.key = step(if line.key == 0 { SEED } else { line.key }, character);
            }
        }
        if ideographs * 2 > line.chars {
            line.words = line.words.max(ideographs / 2);
        }
        line.chars += ideographs * 3 / 2;
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
    let closing = ['"', '”', '“', '»', '’', '\'', ')', ']', '」', '』', '）', '*', '_', ' ', '\u{a0}'];
    let last = text.trim_end_matches(closing).chars().next_back();
    matches!(last, Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔' | ':' | '：'))
}

/// Hashes of the words of `text` that carry its matter: from four letters on, or pairs of ideographs.
fn words_of(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| word.len() >= 4) {
        if word.chars().any(is_ideograph) {
            words.extend(word.chars().zip(word.chars().skip(1)).map(|(a, b)| u64::from(a) << 32 | u64::from(b)));
        } else if word.chars().nth(3).is_some() {
            words.push(word.chars().fold(SEED, step));
        }
    }
    words
}

/// Sorted, each once.
fn distinct(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// One step of Fowler, Noll and Vo's hash over lower-case characters; a collision only counts a word as shared.
fn step(hash: u64, character: char) -> u64 {
    let lower = if character.is_ascii() {
        character.to_ascii_lowercase()
    } else {
        character.to_lowercase().next().unwrap_or(character)
    };
    (hash ^ u64::from(lower)).wrapping_mul(0x0100_0000_01b3)
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
