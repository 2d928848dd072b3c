//! Text set in lines of a width, as a terminal counts it: a Chinese character is two columns wide.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a text.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Breaks pieces, each with its style, into lines of at most `width` columns, between words where that can be. Nothing is lost but the
/// space at which a line breaks.
#[must_use]
pub fn wrapped<S: Copy + PartialEq>(pieces: &[(S, String)], width: usize) -> Vec<Vec<(S, String)>> {
    let characters: Vec<(S, char)> =
        pieces.iter().flat_map(|(style, text)| text.chars().map(move |character| (*style, character))).collect();
    let mut lines = Vec::new();
    let mut rest = characters.as_slice();
    while !rest.is_empty() {
        let (end, next) = line_end(rest, width);
        let line = rest.get(..end).unwrap_or(rest);
        let runs = line.chunk_by(|(a, _), (b, _)| a == b);
        let run = |run: &[(S, char)]| Some((run.first()?.0, run.iter().map(|(_, character)| character).collect()));
        lines.push(runs.filter_map(run).collect());
        rest = rest.get(next..).unwrap_or_default();
    }
    lines
}

/// Where the first line ends, and where the next one begins.
fn line_end<S>(characters: &[(S, char)], width: usize) -> (usize, usize) {
    let (mut used, mut space) = (0, None);
    for (at, (_, character)) in characters.iter().enumerate() {
        used += character.width().unwrap_or(0);
        if used > width && *character != ' ' {
            return match space {
                Some(space) => (space, space + 1),
                None => (at.max(1), at.max(1)),
            };
        }
        if *character == ' ' {
            if used > width {
                return (at, at + 1);
            }
            space = Some(at).filter(|at| *at > 0);
        }
    }
    (characters.len(), characters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[(u8, &str)], width: usize) -> Vec<String> {
        let pieces: Vec<(u8, String)> = pieces.iter().map(|(style, text)| (*style, (*text).to_owned())).collect();
        let line = |line: Vec<(u8, String)>| line.into_iter().map(|(style, text)| format!("{style}{text}")).collect();
        wrapped(&pieces, width).into_iter().map(line).collect()
    }

    #[test]
    fn lines_break_between_words_and_styles_go_on() {
        assert_eq!(lines(&[(0, "one two "), (1, "three four")], 9), ["0one two", "1three", "1four"]);
        assert_eq!(lines(&[(0, "one two")], 7), ["0one two"]);
        assert_eq!(lines(&[(0, "one two")], 3), ["0one", "0two"]);
        assert_eq!(lines(&[], 3), Vec::<String>::new());
    }

    #[test]
    fn a_word_that_is_too_long_is_cut_and_wide_characters_count_twice() {
        assert_eq!(lines(&[(0, "abcdefg hi")], 4), ["0abcd", "0efg", "0hi"]);
        assert_eq!(lines(&[(0, "島の橋が")], 5), ["0島の", "0橋が"]);
        assert_eq!(lines(&[(0, "島")], 1), ["0島"], "what is wider than the line stands alone");
    }
}
