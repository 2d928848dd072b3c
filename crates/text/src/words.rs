//! Words by Unicode Standard Annex 29, counted.

use unicode_segmentation::UnicodeSegmentation;

/// How many words `text` has: the segments of UAX 29 with at least one letter or digit.
///
/// White space always parts words, so each run between white space is counted by itself: pure ASCII runs by the few rules
/// that concern ASCII (WB5 to WB13b), all others by `unicode-segmentation`.
///
/// ```
/// assert_eq!(tamis_text::words::count("It's 3,141.5 km to l’Île-d’Aix."), 6);
/// ```
#[must_use]
pub fn count(text: &str) -> u64 {
    text.split_ascii_whitespace().map(|run| if run.is_ascii() { ascii(run.as_bytes()) } else { other(run) }).sum()
}

fn other(run: &str) -> u64 {
    run.unicode_words().count() as u64
}

/// What UAX 29 makes of an ASCII character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    /// `_` joins letters and digits (ExtendNumLet) but makes no word alone.
    Joiner,
    /// `:` between letters (MidLetter).
    BetweenLetters,
    /// `,` and `;` between digits (MidNum).
    BetweenDigits,
    /// `.` and `'` between letters or between digits (MidNumLet, Single_Quote).
    Between,
    Other,
}

const KINDS: [Kind; 128] = {
    let mut kinds = [Kind::Other; 128];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
            b'0'..=b'9' => Kind::Digit,
            b'_' => Kind::Joiner,
            b':' => Kind::BetweenLetters,
            b',' | b';' => Kind::BetweenDigits,
            b'.' | b'\'' => Kind::Between,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

fn ascii(run: &[u8]) -> u64 {
    let kind = |index: usize| run.get(index).map_or(Kind::Other, |byte| KINDS[usize::from(*byte & 127)]);
    let mut words = 0;
    let mut index = 0;
    while index < run.len() {
        let mut counts = false;
        let start = index;
        loop {
            let (here, next) = (kind(index), kind(index + 1));
            match here {
                Kind::Letter | Kind::Digit => counts = true,
                Kind::Joiner => {}
                _ if index == start => {
                    index += 1;
                    break;
                }
                _ => {
                    let before = kind(index - 1);
                    let joins = match before {
                        Kind::Letter => matches!(here, Kind::BetweenLetters | Kind::Between) && next == Kind::Letter,
                        Kind::Digit => matches!(here, Kind::BetweenDigits | Kind::Between) && next == Kind::Digit,
                        _ => false,
                    };
                    if !joins {
                        break;
                    }
                }
            }
            index += 1;
            if index >= run.len() {
                break;
            }
        }
        words += u64::from(counts);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn punctuation_joins_only_between_its_like() {
        for text in [
            "a.b", "a.1", "1.5", "1,5;6", "a,b", "a:b", "1:2", "don't", "'tis", "a_1", "_", "a__", "...", "e.g.", "x'",
            "3.x",
        ] {
            assert_eq!(count(text), other(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_count_is_that_of_the_reference(text in "[ab1_:,;.' \u{301}é中か-]{0,24}") {
            prop_assert_eq!(count(&text), text.unicode_words().count() as u64);
        }

        #[test]
        fn the_count_is_that_of_the_reference_on_any_text(text in "\\PC{0,40}") {
            prop_assert_eq!(count(&text), text.unicode_words().count() as u64);
        }
    }
}
