//! What of two texts is the same: the longest sequence of lines, and of words in the lines that differ, which both have.

use super::super::explain::Piece;

/// Two texts as one, in pieces: what both have, what only the first has, what only the second has.
#[must_use]
pub fn compared(a: &str, b: &str) -> Vec<Piece> {
    let (lines_a, lines_b): (Vec<&str>, Vec<&str>) =
        (a.split_inclusive('\n').collect(), b.split_inclusive('\n').collect());
    let mut pieces = Vec::new();
    for (same_a, same_b) in runs(&lines_a, &lines_b) {
        let (a, b) = (same_a.concat(), same_b.concat());
        if a == b {
            push(&mut pieces, Piece::Same(a));
            continue;
        }
        let (words_a, words_b): (Vec<&str>, Vec<&str>) = (words(&a), words(&b));
        for (a, b) in runs(&words_a, &words_b) {
            let (a, b) = (a.concat(), b.concat());
            if a == b {
                push(&mut pieces, Piece::Same(a));
            } else {
                push(&mut pieces, Piece::Out(a));
                push(&mut pieces, Piece::In(b));
            }
        }
    }
    pieces
}

/// Words, and what stands between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_alphanumeric();
        let end = if is_word { rest.find(|c: char| !c.is_alphanumeric()) } else { Some(first.len_utf8()) };
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(word);
        rest = after;
    }
    words
}

/// Larger tables are not made: what differs is then taken for different as a whole.
const MOST_CELLS: usize = 1 << 24;

/// The two sequences in runs, side by side: those that are equal, and those that differ.
fn runs<'a, 'b>(a: &'b [&'a str], b: &'b [&'a str]) -> Vec<(&'b [&'a str], &'b [&'a str])> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let ((head_a, rest_a), (head_b, rest_b)) = (a.split_at(start), b.split_at(start));
    let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle_a, tail_a) = rest_a.split_at(rest_a.len() - end);
    let (middle_b, tail_b) = rest_b.split_at(rest_b.len() - end);
    let mut runs = vec![(head_a, head_b)];
    let (mut at_a, mut at_b) = (0, 0);
    let mut add = |a: &'b [&'a str], b: &'b [&'a str]| runs.push((a, b));
    for (from_a, from_b, length) in common(middle_a, middle_b) {
        let slice = |of: &'b [&'a str], from: usize, to: usize| of.get(from..to).unwrap_or_default();
        add(slice(middle_a, at_a, from_a), slice(middle_b, at_b, from_b));
        add(slice(middle_a, from_a, from_a + length), slice(middle_b, from_b, from_b + length));
        (at_a, at_b) = (from_a + length, from_b + length);
    }
    add(middle_a.get(at_a..).unwrap_or_default(), middle_b.get(at_b..).unwrap_or_default());
    add(tail_a, tail_b);
    runs.retain(|(a, b)| !a.is_empty() || !b.is_empty());
    runs
}

/// Runs of the longest sequence that both have: where each begins in both, and its length.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize, usize)> {
    let width = b.len() + 1;
    if a.is_empty() || b.is_empty() || (a.len() + 1).saturating_mul(width) > MOST_CELLS {
        return Vec::new();
    }
    // `longest[i][j]`: the length of the longest that `a[i..]` and `b[j..]` both have.
    let mut longest = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let (below, right) = (longest[(i + 1) * width + j], longest[i * width + j + 1]);
            longest[i * width + j] = if a[i] == b[j] { longest[(i + 1) * width + j + 1] + 1 } else { below.max(right) };
        }
    }
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            match runs.last_mut() {
                Some((from_a, from_b, length)) if *from_a + *length == i && *from_b + *length == j => *length += 1,
                _ => runs.push((i, j, 1)),
            }
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    runs
}

fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (_, Piece::Same(text) | Piece::Out(text) | Piece::In(text)) if text.is_empty() => {}
        (Some(Piece::Same(before)), Piece::Same(text)) => before.push_str(&text),
        (_, piece) => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(a: &str, b: &str) -> String {
        let shown = compared(a, b).into_iter().map(|piece| match piece {
            Piece::Same(text) => text,
            Piece::Out(text) => format!("[-{text}-]"),
            Piece::In(text) => format!("{{+{text}+}}"),
        });
        shown.collect()
    }

    #[test]
    fn words_that_differ_are_marked() {
        assert_eq!(shown("Report 3\nThe end.", "Report 33\nThe end."), "Report [-3-]{+33+}\nThe end.");
        assert_eq!(shown("a b c", "a c"), "a [-b -]c");
        assert_eq!(shown("", "new"), "{+new+}");
        assert_eq!(shown("same", "same"), "same");
    }

    #[test]
    fn a_line_that_moved_out_leaves_its_neighbours() {
        assert_eq!(shown("one\ntwo\nthree\n", "one\nthree\n"), "one\n[-two\n-]three\n");
        assert_eq!(shown("one\nthree\n", "zero\none\nthree\nfour\n"), "{+zero\n+}one\nthree\n{+four\n+}");
    }

    #[test]
    fn both_texts_can_be_read_off_the_pieces() {
        let (a, b) = ("The ferry left.\nNobody was hurt.\nIt sails again.", "A ferry left at dawn.\nIt sails, again.");
        let pieces = compared(a, b);
        let read = |skip: fn(&Piece) -> bool| -> String {
            let text = |piece: &Piece| match piece {
                Piece::Same(text) | Piece::Out(text) | Piece::In(text) => text.clone(),
            };
            pieces.iter().filter(|piece| !skip(piece)).map(text).collect()
        };
        assert_eq!(read(|piece| matches!(piece, Piece::In(_))), a);
        assert_eq!(read(|piece| matches!(piece, Piece::Out(_))), b);
    }
}
