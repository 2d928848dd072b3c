//! A page as the readers of facts see it: what each line measures, where the article lies, which words its body uses.

use std::ops::Range;

use super::weights::bucket;
use crate::stage::boilerplate::size::Size;
use crate::text::characters::Classes;

/// A page's lines and what they have in common.
pub(super) struct Page<'a> {
    pub lines: Vec<Line<'a>>,
    /// First and one past the last line of the article's body, by the shape of its lines alone.
    pub body: (usize, usize),
    /// The words of the body, and which of them each of its lines has.
    words: Words,
    counted: Vec<Range<usize>>,
    /// Keys of all lines, sorted.
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
        let line = |((text, blank), size): (&(&'a str, bool), _)| Line::new(text.trim(), *blank, size);
        let mut lines: Vec<Line> = texts.iter().zip(sizes).map(line).collect();
        let body = body(&lines);
        let mut words = Words::default();
        let mut counted = Vec::new();
        let mut bytes = 0;
        for (at, line) in lines.get(body.0..body.1).unwrap_or_default().iter().enumerate() {
            if bytes > BODY_BYTES {
                break;
            }
            let from = words.own.len();
            if line.prose || line.ends_sentence {
                bytes += line.text.len();
                each_word(line.text, |word| words.add(word, at));
            }
            counted.push(from..words.own.len());
        }
        let keys = compare(&mut lines);
        Self { lines, body, words, counted, keys }
    }

    /// How many lines say the same as the line at `at`, itself included.
    pub fn copies(&self, at: usize) -> usize {
        let Some(key) = self.lines.get(at).map(|line| line.key) else { return 0 };
        let from = self.keys.partition_point(|other| *other < key);
        self.keys.iter().skip(from).take_while(|other| **other == key).count()
    }

    /// Of the distinct words of a line that carry matter: how many there are, how many the body has, and how many it has twice.
    pub fn shared(&self, at: usize) -> (usize, usize, usize) {
        let counted = at.checked_sub(self.body.0).and_then(|at| self.counted.get(at)).filter(|own| !own.is_empty());
        if let Some(own) = counted.and_then(|own| self.words.own.get(own.clone())) {
            return (own.len(), own.len(), own.iter().filter(|word| self.words.lines[**word as usize].0 >= 2).count());
        }
        let mut own = Vec::new();
        each_word(self.lines.get(at).map_or("", |line| line.text), |word| own.push(word));
        own.sort_unstable();
        own.dedup();
        own.iter().fold((own.len(), 0, 0), |(all, once, twice), word| {
            let lines = self.words.lines(*word);
            (all, once + usize::from(lines >= 1), twice + usize::from(lines >= 2))
        })
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

/// Gives lines that say the same one key, and others another: all of them, sorted.
///
/// Lines come with a key that counts their letters and digits. Where no other line counts as many, that tells it already.
fn compare(lines: &mut [Line<'_>]) -> Vec<u64> {
    let mut counts: Vec<u64> = lines.iter().map(|line| line.key).collect();
    counts.sort_unstable();
    let classes = Classes::get();
    for line in lines.iter_mut().filter(|line| line.key != 0) {
        let from = counts.partition_point(|count| *count < line.key);
        if counts.get(from + 1) == Some(&line.key) {
            line.key = line.text.chars().fold(SEED, |key, character| {
                let class = classes.of(character);
                if class.is_alphanumeric() { step(key, class.lower(character)) } else { key }
            });
        }
    }
    let mut keys: Vec<u64> = lines.iter().map(|line| line.key).collect();
    keys.sort_unstable();
    keys
}

/// Hashes of the words of `text` that carry its matter: from four letters on, or pairs of characters where there are ideographs.
fn each_word(text: &str, found: impl FnMut(u64)) {
    if text.is_ascii() {
        each_word_of(text, text.bytes().map(char::from).enumerate(), found);
    } else {
        each_word_of(text, text.char_indices(), found);
    }
}

fn each_word_of(text: &str, characters: impl Iterator<Item = (usize, char)>, mut found: impl FnMut(u64)) {
    let classes = Classes::get();
    let (mut start, mut letters, mut hash, mut ideographs) = (0, 0, SEED, false);
    // A space ends the last word too.
    characters.chain([(text.len(), ' ')]).for_each(|(at, character)| {
        let class = classes.of(character);
        if class.is_alphanumeric() {
            if letters == 0 {
                start = at;
            }
            letters += 1;
            hash = step(hash, class.lower(character));
            ideographs |= class.is_ideograph();
            return;
        }
        if ideographs {
            let word = text.get(start..at).unwrap_or_default();
            word.chars().zip(word.chars().skip(1)).for_each(|(a, b)| found(u64::from(a) << 32 | u64::from(b)));
        } else if letters >= 4 {
            found(hash);
        }
        (letters, hash, ideographs) = (0, SEED, false);
    });
}

/// The words of some lines, numbered, and on how many lines each stands.
#[derive(Default)]
struct Words {
    /// Hash and number of each word, by open addressing; `NONE` for no word.
    slots: Vec<(u64, u32)>,
    /// By number: on how many lines it stands, and the last of them.
    lines: Vec<(u32, usize)>,
    /// The numbers of the words of one line behind the other, on each line each once.
    own: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Words {
    fn add(&mut self, hash: u64, line: usize) {
        if self.lines.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let place = self.place(hash);
        if self.slots[place].1 == NONE {
            self.slots[place] = (hash, self.lines.len() as u32);
            self.lines.push((0, line));
        }
        let word = self.slots[place].1;
        let (lines, last) = &mut self.lines[word as usize];
        if *lines == 0 || *last != line {
            (*lines, *last) = (*lines + 1, line);
            self.own.push(word);
        }
    }

    /// On how many lines the word stands.
    fn lines(&self, hash: u64) -> u32 {
        let word = self.slots.get(self.place(hash)).map_or(NONE, |(_, word)| *word);
        self.lines.get(word as usize).map_or(0, |(lines, _)| *lines)
    }

    fn grow(&mut self) {
        let larger = vec![(0, NONE); (self.slots.len() * 4).max(1024)];
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|(_, word)| *word != NONE) {
            let place = self.place(slot.0);
            self.slots[place] = slot;
        }
    }

    /// Where the word is, or would be.
    fn place(&self, hash: u64) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & mask;
        while self.slots.get(place).is_some_and(|(other, word)| *word != NONE && *other != hash) {
            place = (place + 1) & mask;
        }
        place
    }
}

/// One step of Fowler, Noll and Vo's hash; a collision only counts a word as shared.
fn step(hash: u64, character: char) -> u64 {
    (hash ^ u64::from(character)).wrapping_mul(0x0100_0000_01b3)
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
