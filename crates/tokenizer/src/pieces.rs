//! How OpenAI's vocabularies cut text into the pieces that are encoded each for itself, and where a long text may be
//! cut before that.
//!
//! The engine of Hugging Face `tokenizers` cuts fast but needs nine bytes of memory for each byte of its input, so it is given some
//! 64 KiB at a time. That needs places where a cut changes no piece.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use tk_encode::SplitDelimiterBehavior;
use tk_encode::pipeline::{PreTokenizer, PreTokenizerScratch, Span};
use tk_encode::pre_tokenizers::split::{Split, SplitPattern};

/// The pattern by which a vocabulary cuts text into pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Of gpt2, r50k_base and p50k_base.
    Gpt2,
    /// Of cl100k_base.
    Cl100k,
    /// Of o200k_base.
    O200k,
}

/// A pattern, ready to cut.
pub struct Cutter {
    pattern: Pattern,
    engine: Split,
}

/// Buffers of a [`Cutter`].
#[derive(Default)]
pub struct CutterBuffers {
    engine: PreTokenizerScratch,
    spans: Vec<Span>,
}

/// Texts up to this many bytes go to the engine in one go.
pub const CHUNK: usize = 64 << 10;

impl Pattern {
    /// The published pattern, spelled as the engine knows it.
    fn published(self) -> &'static str {
        match self {
            Self::Gpt2 => r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            Self::Cl100k => concat!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
                r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            ),
            Self::O200k => concat!(
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            ),
        }
    }

    /// The same pattern without its lookahead, which [`Cutter::next_piece`] makes up for.
    fn without_lookahead(self) -> &'static Regex {
        static REGEXES: [LazyLock<Regex>; 3] = [
            LazyLock::new(|| regex_of(Pattern::Gpt2)),
            LazyLock::new(|| regex_of(Pattern::Cl100k)),
            LazyLock::new(|| regex_of(Pattern::O200k)),
        ];
        &REGEXES[self as usize]
    }
}

fn regex_of(pattern: Pattern) -> Regex {
    let without = pattern.published().replace(r"|\s+(?!\S)", "");
    // `tiktoken` takes white space at the end of the text as one piece with this vocabulary.
    let without = match pattern {
        Pattern::Cl100k => without.replace(r"|\s*[\r\n]+", r"|\s+$|\s*[\r\n]+"),
        Pattern::Gpt2 | Pattern::O200k => without,
    };
    Regex::new(&without).expect("the patterns are constants that a test compiles")
}

impl Cutter {
    /// Makes the pattern ready.
    pub fn new(pattern: Pattern) -> Self {
        let published = SplitPattern::Regex(pattern.published().to_owned());
        let engine = Split::native(published, SplitDelimiterBehavior::Isolated, false)
            .and_then(Split::canonicalized_for_pipeline)
            .expect("the engine knows the published patterns, as a test shows");
        Self { pattern, engine }
    }

    /// Cuts `text` into pieces with the engine. They cover the text, in order.
    pub fn cut<'a>(&self, text: &str, buffers: &'a mut CutterBuffers) -> &'a [Span] {
        let CutterBuffers { engine, spans } = buffers;
        spans.clear();
        let cut = self.engine.pre_tokenize(text, engine, spans);
        debug_assert!(cut.is_ok(), "the engine's own cutter takes any text");
        if self.pattern == Pattern::Cl100k {
            join_white_space_at_the_end(text, spans);
        }
        spans
    }

    /// The piece at the start of `text`, in bytes. Slower than [`Self::cut`], but needs no memory.
    ///
    /// The engine's tables are of Unicode 17 and these of Unicode 16, as those of `tiktoken`: they differ in what
    /// characters are that were not assigned before.
    pub fn next_piece(&self, text: &str) -> Range<usize> {
        let Some(found) = self.pattern.without_lookahead().find(text) else { return 0..text.len() };
        let piece = found.as_str();
        let Some(last) = piece.chars().next_back() else { return 0..text.len() };
        // `\s+(?!\S)`: white space before something else leaves its last character to what follows, unless it is the
        // only one. Pieces that the patterns end at a line end stay whole.
        let is_white_space = match self.pattern {
            Pattern::Gpt2 => last.is_whitespace(),
            Pattern::Cl100k | Pattern::O200k => last.is_whitespace() && last != '\r' && last != '\n',
        };
        if is_white_space && piece.len() < text.len() && piece.len() > last.len_utf8() {
            return 0..piece.len() - last.len_utf8();
        }
        0..piece.len()
    }
}

/// Where to cut `text` so that both parts have the pieces they have in the whole: within the first [`CHUNK`] bytes, at
/// a space that follows something else than white space.
///
/// No pattern goes on from such a character to a space, so a piece ends there; no pattern looks back, so the rest is
/// cut as before; and what is looked ahead for is only asked after white space.
pub fn cut_at_space(text: &str) -> Option<usize> {
    let window = text.as_bytes().get(..CHUNK)?;
    memchr::memrchr_iter(b' ', window)
        .take_while(|&at| at > CHUNK / 2)
        .find(|&at| text.get(..at).and_then(|head| head.chars().next_back()).is_some_and(|last| !last.is_whitespace()))
}

/// Joins the pieces of white space that end the text, as the pattern of `tiktoken` (`\s++$` before `\s*[\r\n]`) has it.
fn join_white_space_at_the_end(text: &str, spans: &mut Vec<Span>) {
    let is_white_space =
        |span: &Span| text.get(span.range()).is_some_and(|piece| piece.chars().all(char::is_whitespace));
    let others = spans.iter().rposition(|span| !is_white_space(span)).map_or(0, |at| at + 1);
    let last = spans.len().saturating_sub(1);
    if others < last {
        spans[others].end = spans[last].end;
        spans.truncate(others + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_engine(cutter: &Cutter, text: &str) -> Vec<Range<usize>> {
        cutter.cut(text, &mut CutterBuffers::default()).iter().map(|span| span.range()).collect()
    }

    fn one_by_one(cutter: &Cutter, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut rest = text;
        let mut start = 0;
        while !rest.is_empty() {
            let piece = cutter.next_piece(rest);
            found.push(start..start + piece.end);
            start += piece.end;
            (_, rest) = rest.split_at(piece.end);
        }
        found
    }

    #[test]
    fn both_ways_of_cutting_give_the_same_pieces() {
        let unassigned = Regex::new(r"\p{Cn}").unwrap();
        for pattern in [Pattern::Gpt2, Pattern::Cl100k, Pattern::O200k] {
            let cutter = Cutter::new(pattern);
            for character in (1..0x3000).chain((0x3000..0x2_0000).step_by(11)).filter_map(char::from_u32) {
                if unassigned.is_match(character.encode_utf8(&mut [0; 4])) {
                    continue;
                }
                let text = format!(
                    "a{character}B{character}{character}'s {character} 1{character}\n{character}'LL!{character}"
                );
                let (engine, regex) = (by_engine(&cutter, &text), one_by_one(&cutter, &text));
                assert!(engine == regex, "{pattern:?} U+{:04X}", character as u32);
            }
            for text in
                ["a\n  ", "a  \n b", " \n \n", "\r\n\t x", "   x", "x   ", "!\n\n/", "'s't 's", "1234567", "\u{3000} y"]
            {
                assert_eq!(by_engine(&cutter, text), one_by_one(&cutter, text), "{pattern:?} {text:?}");
            }
        }
    }

    #[test]
    fn a_cut_is_at_a_space_behind_something_else() {
        let word = "x".repeat(CHUNK - 10);
        assert_eq!(cut_at_space(&format!("{word}    yyyyyyyyyyyyyyyyyy")), Some(CHUNK - 10));
        assert_eq!(cut_at_space(&format!("{word}\n yyyyyyyyyyyyyyyyyy")), None);
        assert_eq!(cut_at_space(&"x".repeat(2 * CHUNK)), None);
        assert_eq!(cut_at_space("x y"), None, "a short text is not cut");
    }
}
