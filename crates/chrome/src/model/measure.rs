//! One pass over the characters of a block: its counts, and the hashes of its words. Knows nothing of other blocks.

use std::ops::Range;
use std::sync::LazyLock;

use tamis_text::characters::lower;

/// What is counted of one block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measures {
    /// Characters without white space; one of a script without spaces or of Hangul weighs two and a half.
    pub chars: u32,
    /// Words; a script without spaces has one for each two characters.
    pub words: u32,
    pub letters: u32,
    pub uppers: u32,
    pub digits: u32,
    /// Runs of digits.
    pub numbers: u32,
    /// Marks that end a sentence and have white space, a closing mark or nothing after them.
    pub stops: u32,
    pub commas: u32,
    pub colons: u32,
    pub quotes: u32,
    pub brackets: u32,
    /// What sets the pieces of a bar apart: `|`, `•`, `›` and the like.
    pub marks: u32,
    /// All other signs.
    pub signs: u32,
    /// Words that begin with a capital.
    pub capitals: u32,
    /// Words of up to three letters.
    pub short_words: u32,
    /// Letters of the longest word.
    pub longest: u32,
    /// Characters of scripts without spaces, and Hangul.
    pub wide: u32,
    /// Kinds of the first and of the last character that is no white space.
    pub first: Kind,
    pub last: Kind,
    /// It holds an address: `http`, `www.` or an `@`.
    pub address: bool,
    /// Its words, as a range of the page's tokens.
    pub tokens: Range<usize>,
    /// Hash of its words in order, digits folded.
    pub hash: u32,
}

/// A word, or two neighbouring characters of a script without spaces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// Hash of its lower-case letters, digits folded.
    pub hash: u32,
    /// It is long enough to say what a text is about.
    pub content: bool,
}

/// What a character is, as far as chrome is concerned. The order is that of the features `first` and `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Space,
    Lower,
    Upper,
    Caseless,
    Wide,
    Digit,
    Stop,
    Ellipsis,
    Colon,
    Comma,
    Quote,
    Bracket,
    Dash,
    Mark,
    Sign,
}

impl Kind {
    fn is_letter(self) -> bool {
        matches!(self, Self::Lower | Self::Upper | Self::Caseless)
    }
}

/// Kinds of the ASCII characters.
const ASCII: [Kind; 128] = {
    let mut kinds = [Kind::Sign; 128];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            b'.' | b'!' | b'?' => Kind::Stop,
            b',' | b';' => Kind::Comma,
            b':' => Kind::Colon,
            b'"' | b'\'' | b'`' => Kind::Quote,
            b'(' | b')' | b'[' | b']' | b'{' | b'}' => Kind::Bracket,
            b'-' => Kind::Dash,
            b'|' | b'>' | b'<' | b'/' => Kind::Mark,
            0..=b' ' | 127 => Kind::Space,
            _ => Kind::Sign,
        };
        byte += 1;
    }
    kinds
};

/// Kinds of the characters of the Basic Multilingual Plane.
static KINDS: LazyLock<Box<[Kind]>> =
    LazyLock::new(|| (0..0x1_0000).map(|code| char::from_u32(code).map_or(Kind::Sign, kind)).collect());

/// The kind of any character.
fn kind(character: char) -> Kind {
    match character {
        '\0'..='\u{7f}' => ASCII[character as usize],
        '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{3000}' | '\u{feff}' => {
            Kind::Space
        }
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Wide,
        '。' | '！' | '？' | '؟' | '।' | '۔' | '॥' | '．' => Kind::Stop,
        '…' => Kind::Ellipsis,
        '：' => Kind::Colon,
        '，' | '、' | '；' | '،' | '؛' => Kind::Comma,
        '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' | '「' | '」' | '『' | '』' | '《' | '》' => {
            Kind::Quote
        }
        '（' | '）' | '【' | '】' | '〔' | '〕' => Kind::Bracket,
        '–' | '—' | '―' | '−' => Kind::Dash,
        '•' | '·' | '›' | '‹' | '→' | '←' | '▶' | '►' | '｜' | '／' | '▸' | '◆' | '■' | '●' => {
            Kind::Mark
        }
        _ if character.is_alphabetic() && character.is_uppercase() => Kind::Upper,
        '\u{c0}'..='\u{58f}' | '\u{1e00}'..='\u{1fff}' if character.is_alphabetic() => Kind::Lower,
        '\u{300}'..='\u{36f}' | '\u{590}'..='\u{dff}' if !character.is_numeric() => Kind::Caseless,
        _ if character.is_numeric() => Kind::Digit,
        _ if character.is_alphabetic() => Kind::Caseless,
        _ => Kind::Sign,
    }
}

/// Counts what `text` holds and appends its words to `tokens`.
pub(crate) fn measure(text: &str, tokens: &mut Vec<Token>) -> Measures {
    let start = tokens.len();
    let mut measures = Scan::default();
    if text.is_ascii() {
        text.bytes().for_each(|byte| measures.take(char::from(byte), ASCII[usize::from(byte & 127)], tokens));
    } else {
        let kinds: &[Kind] = &KINDS;
        let known = |character: char| kinds.get(character as usize).copied().unwrap_or_else(|| kind(character));
        text.chars().for_each(|character| measures.take(character, known(character), tokens));
    }
    measures.finish(text, start, tokens)
}

/// The state between two characters.
#[derive(Default)]
struct Scan {
    out: Measures,
    /// Characters that are neither white space nor wide.
    narrow: u32,
    /// The word that is being read: hash, letters, whether any is not a digit.
    word: u32,
    length: u32,
    lettered: bool,
    last: Kind,
    wide: u32,
    /// A stop was read, and nothing since but closing marks.
    stopped: bool,
}

impl Scan {
    #[inline]
    fn take(&mut self, character: char, kind: Kind, tokens: &mut Vec<Token>) {
        // What most characters are, without looking for all that they might be.
        if kind == Kind::Lower && self.length != 0 {
            self.length += 1;
            self.out.letters += 1;
            self.lettered = true;
            self.word = mix(self.word, character as u32);
            self.narrow += 1;
            self.last = kind;
            return;
        }
        if kind.is_letter() || kind == Kind::Digit {
            self.stopped = false;
            if self.length == 0 {
                self.word = SEED;
                self.out.capitals += u32::from(kind == Kind::Upper);
                if self.out.first == Kind::Space {
                    self.out.first = kind;
                }
            }
            let folded = match kind {
                Kind::Digit => '0',
                Kind::Upper => lower(character),
                _ => character,
            };
            self.length += 1;
            if kind == Kind::Digit {
                self.out.digits += 1;
                if self.last == Kind::Digit {
                    self.last = kind;
                    self.narrow += 1;
                    return;
                }
                self.out.numbers += 1;
            } else {
                self.out.letters += 1;
                self.lettered = true;
                self.out.uppers += u32::from(kind == Kind::Upper);
            }
            self.word = mix(self.word, folded as u32);
            self.narrow += 1;
        } else {
            self.end_word(tokens);
            if kind == Kind::Space {
                self.out.stops += u32::from(self.stopped);
                self.stopped = false;
                self.wide = 0;
                // What ended before a space is remembered, so that `last` is never white space.
                return;
            }
            self.other(character, kind, tokens);
        }
        self.last = kind;
    }

    fn other(&mut self, character: char, kind: Kind, tokens: &mut Vec<Token>) {
        if self.out.first == Kind::Space {
            self.out.first = kind;
        }
        if kind == Kind::Wide {
            self.out.wide += 1;
            self.out.letters += 1;
            if self.wide != 0 {
                tokens.push(Token { hash: finish(mix(mix(SEED, self.wide), character as u32)), content: true });
            }
            self.wide = character as u32;
            self.out.stops += u32::from(self.stopped);
            self.stopped = false;
            return;
        }
        self.wide = 0;
        self.narrow += 1;
        match kind {
            Kind::Stop | Kind::Ellipsis => {
                self.stopped = true;
                return;
            }
            Kind::Comma => self.out.commas += 1,
            Kind::Colon => self.out.colons += 1,
            Kind::Quote => self.out.quotes += 1,
            Kind::Bracket => self.out.brackets += 1,
            Kind::Mark => self.out.marks += 1,
            _ => {
                self.out.signs += 1;
                self.out.address |= character == '@';
            }
        }
        self.stopped &= matches!(kind, Kind::Quote | Kind::Bracket);
    }

    fn end_word(&mut self, tokens: &mut Vec<Token>) {
        if self.length == 0 {
            return;
        }
        self.out.words += 1;
        self.out.short_words += u32::from(self.length <= 3);
        self.out.longest = self.out.longest.max(self.length);
        let hash = finish(self.word);
        self.out.address |= hash == HTTP || hash == HTTPS || hash == WWW;
        tokens.push(Token { hash, content: self.length >= 4 && self.lettered });
        self.length = 0;
        self.lettered = false;
    }

    fn finish(mut self, text: &str, start: usize, tokens: &mut Vec<Token>) -> Measures {
        self.end_word(tokens);
        self.out.stops += u32::from(self.stopped);
        self.out.last = self.last;
        if self.last == Kind::Stop && text.trim_end().ends_with("..") {
            self.out.last = Kind::Ellipsis;
        }
        self.out.words += self.out.wide.div_ceil(2);
        self.out.chars = self.narrow + self.out.wide * 5 / 2;
        self.out.tokens = start..tokens.len();
        self.out.hash = tokens[start..].iter().fold(SEED, |hash, token| mix(hash, token.hash));
        if start == tokens.len() {
            self.out.hash = text.chars().fold(SEED, |hash, character| mix(hash, character as u32));
        }
        self.out
    }
}

const SEED: u32 = 0x811c_9dc5;
const HTTP: u32 = word("http");
const HTTPS: u32 = word("https");
const WWW: u32 = word("www");

/// One step of Fowler, Noll and Vo's hash with 32 bits.
pub(crate) const fn mix(hash: u32, value: u32) -> u32 {
    (hash ^ value).wrapping_mul(0x0100_0193)
}

/// Spreads the hash over all bits, so that its top ones can choose a bucket.
pub(crate) const fn finish(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
    hash ^ (hash >> 13)
}

/// The hash of a lower-case word of ASCII letters, or of any name.
pub(crate) const fn word(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (mut hash, mut at) = (SEED, 0);
    while at < bytes.len() {
        hash = mix(hash, bytes[at] as u32);
        at += 1;
    }
    finish(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> (Measures, usize) {
        let mut tokens = vec![Token { hash: 0, content: false }];
        let measures = measure(text, &mut tokens);
        assert_eq!(measures.tokens, 1..tokens.len());
        (measures, tokens.len() - 1)
    }

    #[test]
    fn a_sentence_is_counted() {
        let (measures, tokens) = measured(" Mr. Smith (42) paid $3.50, \"twice\". Why? ");
        assert_eq!((measures.words, tokens), (8, 8));
        assert_eq!((measures.stops, measures.commas, measures.brackets, measures.quotes), (3, 1, 2, 2));
        assert_eq!((measures.digits, measures.numbers, measures.capitals), (5, 3, 3));
        assert_eq!((measures.first, measures.last), (Kind::Upper, Kind::Stop));
    }

    #[test]
    fn scripts_without_spaces_have_a_word_for_two_characters() {
        let (measures, tokens) = measured("今天天气很好。");
        assert_eq!((measures.words, measures.wide, measures.stops, tokens), (3, 6, 1, 5));
        assert_eq!(measures.chars, 16);
        assert_eq!((measures.first, measures.last), (Kind::Wide, Kind::Stop));
    }

    #[test]
    fn case_and_digits_do_not_part_words() {
        let hash = |text: &str| measured(text).0.hash;
        assert_eq!(hash("Top 10 STORIES"), hash("top 7 stories"));
        assert_eq!(hash("ÉTÉ"), hash("été"));
        assert_ne!(hash("one two"), hash("two one"));
        assert_ne!(hash("***"), hash("---"));
    }

    #[test]
    fn addresses_and_dots_are_seen() {
        assert!(measured("see https://example.org").0.address);
        assert!(measured("write to a@b.example").0.address);
        assert!(!measured("see the example").0.address);
        assert_eq!(measured("and so on...").0.last, Kind::Ellipsis);
        assert_eq!(measured("and so on…").0.last, Kind::Ellipsis);
    }
}
