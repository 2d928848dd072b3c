//! Where lines end.

use memchr::{memchr3, memmem};

/// Lines of `text` without their ends. CRLF and LF end a line, and so do a lone CR, a form feed, and the line and paragraph
/// separators of Unicode. NEL (U+0085) does where it is one (`Nel`).
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let found = |end: &str| memmem::find(bytes, end.as_bytes()).is_some();
    let nel = found("\u{85}");
    let rare = nel || found("\u{2028}") || found("\u{2029}");
    let ends = nel && Nel::of(text) == Nel::LineEnd;
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = if rare { rare_end(current, ends) } else { memchr3(b'\n', b'\r', b'\x0c', current.as_bytes()) };
        let Some(end) = end else {
            rest = None;
            return Some(current);
        };
        let (line, tail) = current.split_at(end);
        let length = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(0, char::len_utf8) };
        rest = tail.get(length..);
        Some(line)
    })
}

/// Where the first line of `text` ends; with `nel`, NEL ends it too, unless it is a byte of misread UTF-8.
fn rare_end(text: &str, nel: bool) -> Option<usize> {
    let ends = |(at, character): &(usize, char)| match character {
        '\n' | '\r' | '\u{c}' | '\u{2028}' | '\u{2029}' => true,
        '\u{85}' => nel && !within_misread(text, *at),
        _ => false,
    };
    text.char_indices().find(ends).map(|(at, _)| at)
}

/// What the character U+0085 is in a text: the line end NEL of Unicode, or an ellipsis of Windows-1252 (byte 85) that was
/// read as Latin-1. The latter is by far more common on the web, and `normalize` makes it `…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nel {
    LineEnd,
    Ellipsis,
}

impl Nel {
    /// Decides for a whole text, by where they stand: an ellipsis follows a word or a mark and has a space, a small letter or a
    /// closing mark after it; a line end follows a sentence, or another one, and a capital or a digit follows it.
    fn of(text: &str) -> Self {
        let (mut ellipses, mut ends) = (0, 0);
        for (at, character) in text.char_indices() {
            match character {
                // Other characters of Windows-1252 that were read as Latin-1.
                '\u{80}' | '\u{82}' | '\u{84}' | '\u{8b}' | '\u{91}'..='\u{97}' | '\u{9b}'
                    if !within_misread(text, at) =>
                {
                    ellipses += 1;
                }
                '\u{85}' if !within_misread(text, at) => {
                    let before = text.get(..at).and_then(|head| head.chars().next_back());
                    let mut after = text.get(at + character.len_utf8()..).unwrap_or_default().chars();
                    match (before, after.next(), after.next()) {
                        (_, Some('\u{85}'), _) | (Some('\u{85}'), ..) => ends += 1,
                        (Some('.' | ':' | '!' | '?' | '”' | '"' | '»'), Some(next), _) if !next.is_lowercase() => {
                            ends += 1
                        }
                        (Some(' '), Some(next), _) if next.is_uppercase() => ends += 1,
                        (Some(before), Some(' '), _) if !before.is_whitespace() => ellipses += 1,
                        (_, Some(next), _) if next.is_lowercase() || ",;.!?)”’»\"".contains(next) => ellipses += 1,
                        (Some(before), None | Some('\n' | '\r'), _) if before.is_alphanumeric() => ellipses += 1,
                        _ => ends += 1,
                    }
                }
                _ => {}
            }
        }
        if ellipses > ends { Self::Ellipsis } else { Self::LineEnd }
    }
}

/// Whether the character at `at`, a control of Latin-1, is a byte of UTF-8 that was read as Latin-1: `Ã` and it for `Å`.
/// Only `normalize` can tell and repair that, so the text must not be cut there.
fn within_misread(text: &str, at: usize) -> bool {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or_default();
    let later = |c: char| (0x80..0xc0).contains(&byte(c));
    let before: Vec<char> = text.get(..at).unwrap_or_default().chars().rev().take(3).collect();
    let after = text.get(at..).unwrap_or_default().chars().skip(1).take_while(|c| later(*c)).take(2).count();
    let earlier = before.iter().take_while(|c| later(**c)).count();
    match before.get(earlier).map(|lead| byte(*lead)) {
        Some(0xc2..=0xdf) => earlier == 0,
        Some(0xe0..=0xef) => earlier < 2 && earlier + after > 0,
        Some(0xf0..=0xf4) => earlier < 3 && earlier + after > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        lines(text).collect()
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        assert_eq!(cut("a\nb\r\nc\rd\u{c}e\u{2028}F.\u{85}G\u{2029}h"), ["a", "b", "c", "d", "e", "F.", "G", "h"]);
        assert_eq!(cut("é\n\r\nà\r"), ["é", "", "à", ""]);
        assert_eq!(cut(""), [""]);
    }

    #[test]
    fn an_ellipsis_of_windows_1252_ends_no_line() {
        for text in [
            "Elle attendait\u{85} et attendait encore, puis rien\u{85}",
            "Und dann\u{85} „Wer da?“",
            "Ждали\u{85} и ждали",
            "It\u{92}s over\u{85} Nobody came",
            "« Peut-être\u{85} », dit-il",
        ] {
            assert_eq!(cut(text), [text]);
        }
        assert_eq!(cut("One\u{85} two\nthree\u{85} four").len(), 2);
    }

    #[test]
    fn nel_between_sentences_ends_a_line() {
        assert_eq!(cut("First line.\u{85}Second line.\u{85}\u{85}Third"), ["First line.", "Second line.", "", "Third"]);
    }

    #[test]
    fn a_byte_of_misread_utf8_ends_no_line() {
        for word in ["Åse", "хутор", "drogą", "υγεία", "مدرسة", "兌", "居民", "😅"] {
            let misread: String = word.bytes().map(char::from).collect();
            assert!(misread.contains('\u{85}'), "{word}");
            assert_eq!(cut(&misread), [misread.as_str()], "{word}");
            assert_eq!(cut(&format!("End.\u{85}{misread}\u{85}\u{85}New")).len(), 4, "{word}");
        }
    }
}
