//! Runs of spaces inside a line.

use std::ops::Range;

use super::{Change, shape};

/// The runs of spaces inside prose, as one space each. Indentation stays, and so do columns and code.
///
/// `above` and `below` are the lines next to this one without a blank line between. A line is set in columns where a wide
/// gap (three spaces or more) has another in a line beside it, or where a gap ends in the column in which one of theirs does.
///
/// ```
/// use tamis_text::repair::{changed, gaps};
/// let text = "  Two spaces.  And  more here.";
/// assert_eq!(changed(text, &gaps::changes(text, None, None)), "  Two spaces. And more here.");
/// assert!(gaps::changes("Bread      2", None, Some("Milk      10")).is_empty());
/// ```
#[must_use]
pub fn changes(text: &str, above: Option<&str>, below: Option<&str>) -> Vec<Change> {
    let found = gaps(text);
    if found.is_empty() || text.contains('\t') || shape::code(text) || shape::table_row(text) {
        return Vec::new();
    }
    let sentence_gap = |gap: &Range<usize>| {
        gap.len() == 2 && text.get(..gap.start).is_some_and(|head| head.ends_with(|c: char| !c.is_alphanumeric()))
    };
    let others: Vec<Range<usize>> = [above, below].into_iter().flatten().flat_map(gaps).collect();
    let loose: Vec<&Range<usize>> = found.iter().filter(|gap| !sentence_gap(gap)).collect();
    let wide = loose.iter().any(|gap| gap.len() > 2);
    let columns = (wide && others.iter().any(|other| other.len() > 2))
        || loose.iter().any(|gap| others.iter().any(|other| other.end == gap.end));
    let words = shape::words(text, 8 * loose.len() + 1);
    let opening = loose.first().and_then(|gap| text.get(..gap.start)).map_or(0, |head| shape::words(head, 5));
    let prose = if wide { opening == 5 && words > 8 * loose.len() } else { words > 2 * loose.len() };
    if !loose.is_empty() && (columns || !(prose || east_asian(text))) {
        return Vec::new();
    }
    found.into_iter().map(|gap| Change::new(gap.start + 1..gap.end, "")).collect()
}

/// The runs of two and more spaces after the line's first word and before its last.
fn gaps(text: &str) -> Vec<Range<usize>> {
    let body = text.trim_end();
    let start = text.len() - text.trim_start().len();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut run = 0;
    for (at, byte) in body.bytes().enumerate().skip(start) {
        if byte == b' ' {
            run += 1;
            continue;
        }
        if run > 1 {
            found.push(at - run..at);
        }
        run = 0;
    }
    found
}

/// Scripts without spaces between words have no words to count.
fn east_asian(text: &str) -> bool {
    text.chars().filter(|c| shape::ideographic(*c)).take(40).count() == 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::changed;

    fn folded(text: &str) -> String {
        changed(text, &changes(text, None, None))
    }

    #[test]
    fn prose_is_folded_and_columns_are_not() {
        assert_eq!(folded("One of  many things is this."), "One of many things is this.");
        for kept in [
            "Name      Age",
            "close()   -- patch up the file header and then close the file",
            "x = 1  # comment",
            "a\tb  c",
            "+---+  +---+",
        ] {
            assert_eq!(folded(kept), kept);
        }
    }

    #[test]
    fn neighbours_show_what_is_a_column() {
        let line = "the first name of all   and its meaning in a long sentence of prose";
        assert_eq!(changes(line, Some("the second name here    and another meaning"), None), []);
        assert_eq!(changes(line, Some("no gap above"), Some("nor below")).len(), 1);
    }
}
