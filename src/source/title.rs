//! Titles that are fields, put into their texts as `[output] title = "text"` asks.

use std::borrow::Cow;

/// The text with its title as its first block, unless it begins with it or is empty.
pub(super) fn put_before<'a>(text: Cow<'a, str>, title: &str) -> Cow<'a, str> {
    if text.trim().is_empty() || begins_with(&text, title) {
        return text;
    }
    Cow::Owned(format!("{}\n\n{text}", one_line(title)))
}

/// Whether the first line of a text is its title, whatever their blanks and capitals are.
fn begins_with(text: &str, title: &str) -> bool {
    let plain = |line: &str| one_line(line).trim_start_matches(['#', ' ']).to_lowercase();
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| plain(line) == plain(title))
}

/// A title is one block, however it was wrapped.
fn one_line(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_put_before_a_text_that_does_not_begin_with_it() {
        for (text, expected) in [
            ("Rain fell.", "The storm\n\nRain fell."),
            ("# the  STORM\n\nRain fell.", "# the  STORM\n\nRain fell."),
            (" \n", " \n"),
        ] {
            assert_eq!(put_before(text.into(), "The\n storm"), expected);
        }
    }
}
