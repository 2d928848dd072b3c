//! Marks edits inside a line. Knows texts and ranges alone.

use super::Piece;

/// An edit: where it stood in the text just before it, what it took out, and what it put there, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// First byte.
    pub start: usize,
    /// What stood there.
    pub original: String,
    /// What stands there instead.
    pub replacement: Option<String>,
}

/// The text in pieces, `text` being what the edits left. Also the numbers of the edits that could not be marked.
#[must_use]
pub fn marked(text: &str, edits: &[Mark]) -> (Vec<Piece>, Vec<usize>) {
    match whole(text, edits) {
        Some(pieces) => (pieces, Vec::new()),
        None => taken_out(text, edits),
    }
}

/// The text as it was before the edit with this number, `text` being what all of them left. Where it is not known what an edit put in,
/// nothing is taken for it.
#[must_use]
pub fn before(text: &str, edits: &[Mark], number: usize) -> String {
    let mut before = text.to_owned();
    for Mark { start, original, replacement } in edits.iter().skip(number).rev() {
        let range = *start..start + replacement.as_ref().map_or(0, String::len);
        if before.get(range.clone()).is_some() {
            before.replace_range(range, original);
        }
    }
    before
}

/// All edits are known in full: they are undone from the last to the first, and made again on pieces.
fn whole(text: &str, edits: &[Mark]) -> Option<Vec<Piece>> {
    let mut first = text.to_owned();
    for Mark { start, original, replacement } in edits.iter().rev() {
        let range = *start..start + replacement.as_ref()?.len();
        if first.get(range.clone())? != replacement.as_ref()? {
            return None;
        }
        first.replace_range(range, original);
    }
    let mut pieces = vec![Piece::Same(first)];
    for edit in edits {
        pieces = replaced(pieces, edit.start, edit.start + edit.original.len(), edit.replacement.as_ref()?)?;
    }
    Some(pieces)
}

/// Puts `replacement` in the place of bytes `start` to `end` of what stands in the pieces now.
fn replaced(pieces: Vec<Piece>, start: usize, end: usize, replacement: &str) -> Option<Vec<Piece>> {
    let mut new = Vec::with_capacity(pieces.len() + 2);
    let (mut at, mut is_in) = (0, false);
    for piece in pieces {
        let (Piece::Same(text) | Piece::In(text)) = &piece else {
            new.push(piece);
            continue;
        };
        let within = |place: usize| place.clamp(at, at + text.len()) - at;
        let (from, to) = (within(start), within(end));
        let (before, middle, after) = (text.get(..from)?, text.get(from..to)?, text.get(to..)?);
        let like = |text: &str| match &piece {
            Piece::In(_) => Piece::In(text.to_owned()),
            _ => Piece::Same(text.to_owned()),
        };
        push(&mut new, like(before));
        // What an earlier edit put in, and this one takes out, never stood in the article.
        if matches!(piece, Piece::Same(_)) {
            push(&mut new, Piece::Out(middle.to_owned()));
        }
        if !is_in && end <= at + text.len() {
            push(&mut new, Piece::In(replacement.to_owned()));
            is_in = true;
        }
        push(&mut new, like(after));
        at += text.len();
    }
    (is_in || replacement.is_empty()).then_some(new)
}

/// What was put in is not known: each edit is marked where it stood, unless a later one before it may have moved the place.
fn taken_out(text: &str, edits: &[Mark]) -> (Vec<Piece>, Vec<usize>) {
    let (mut pieces, mut unmarked) = (Vec::new(), Vec::new());
    let mut done = 0;
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (number, edit) in edits.iter().enumerate() {
        let is_settled = edits.iter().skip(number + 1).all(|later| later.start >= edit.start);
        if is_settled && text.is_char_boundary(edit.start) {
            places.push((edit.start, number));
        } else {
            unmarked.push(number);
        }
    }
    for (start, number) in places {
        push(&mut pieces, Piece::Same(text.get(done..start).unwrap_or_default().to_owned()));
        push(&mut pieces, Piece::Out(edits.get(number).map(|edit| edit.original.clone()).unwrap_or_default()));
        done = start;
    }
    push(&mut pieces, Piece::Same(text.get(done..).unwrap_or_default().to_owned()));
    (pieces, unmarked)
}

/// Adds a piece to those of its kind before it; an empty one is none.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (_, Piece::Same(text) | Piece::Out(text) | Piece::In(text)) if text.is_empty() => {}
        (Some(Piece::Same(before)), Piece::Same(text))
        | (Some(Piece::Out(before)), Piece::Out(text))
        | (Some(Piece::In(before)), Piece::In(text)) => before.push_str(&text),
        (_, piece) => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, original: &str, replacement: Option<&str>) -> Mark {
        Mark { start, original: original.to_owned(), replacement: replacement.map(str::to_owned) }
    }

    fn shown(text: &str, edits: &[Mark]) -> String {
        let (pieces, unmarked) = marked(text, edits);
        let shown = pieces.iter().map(|piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Out(text) => format!("[-{text}-]"),
            Piece::In(text) => format!("{{+{text}+}}"),
        });
        format!(
            "{}{}",
            shown.collect::<String>(),
            unmarked.iter().map(|number| format!(" {number}")).collect::<String>()
        )
    }

    #[test]
    fn an_edit_shows_what_it_took_out_and_put_in() {
        assert_eq!(shown("a & b", &[mark(2, "&amp;", Some("&"))]), "a [-&amp;-]{+&+} b");
        assert_eq!(shown("the end", &[mark(7, " spot_img", Some(""))]), "the end[- spot_img-]");
        let edits = [mark(0, "(1) ", Some("")), mark(7, " spot_img", None)];
        assert_eq!(
            [0, 1].map(|number| before("the end", &edits, number)),
            ["(1) the end spot_img", "the end spot_img"]
        );
    }

    #[test]
    fn an_edit_of_what_an_edit_put_in_shows_the_first_and_the_last_alone() {
        // `&amp;lt;` became `&lt;`, and that `<`.
        let edits = [mark(0, "&amp;", Some("&")), mark(0, "&lt;", Some("<"))];
        assert_eq!(shown("< b", &edits), "[-&amp;lt;-]{+<+} b");
        let edits = [mark(6, "  ", Some(" ")), mark(0, "Ã©", Some("é"))];
        assert_eq!(shown("éab c", &edits), "[-Ã©-]{+é+}ab[-  -]{+ +}c");
    }

    #[test]
    fn where_the_replacement_is_not_known_the_place_is_marked_if_it_is_sure() {
        assert_eq!(shown("a & b", &[mark(2, "&amp;", None)]), "a [-&amp;-]& b");
        let edits = [mark(6, "  ", None), mark(0, "Ã©", None)];
        assert_eq!(shown("é abcd e", &edits), "[-Ã©-]é abcd e 0");
    }
}
