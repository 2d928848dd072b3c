//! What the lines of a document are: running text, lines set in from the margin, code, rows of a table, rules.
//!
//! A line is judged beside its neighbours: `else` alone is a word, between two statements it is code. In doubt it is text: a sentence
//! is code only between fences or in the midst of code that is set in.

use super::prose;
use super::repair::unwrap::Line;

mod code;
mod statement;

use code::Signs;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Running text, a headline, anything that is nothing else.
    Text,
    /// Set in from the margin, without being code or a sentence: verse, an address, an entry below another.
    SetIn,
    /// Program code, a command, markup, or anything between fences.
    Code,
    /// A row of a table.
    Table,
    /// A line without a letter: a rule (`=====`, `* * *`), figures, a lonely mark.
    Wordless,
}

/// Columns of white space from which a line is set in. A tab counts as so many.
const SET_IN: usize = 4;

/// What each of `lines` is. Blank lines are none of them.
///
/// ```
/// use tamis_text::repair::unwrap::Line;
/// use tamis_text::shape::{Kind, kinds};
/// let lines = ["Then come", "    two towers and a tree", "* * *"].map(|text| Line { text, after_blank: true });
/// assert_eq!(kinds(&lines), [Kind::Text, Kind::SetIn, Kind::Wordless]);
/// ```
#[must_use]
pub fn kinds(lines: &[Line<'_>]) -> Vec<Kind> {
    let looks: Vec<Look> = lines.iter().map(|line| Look::of(line.text)).collect();
    let mut kinds: Vec<Kind> = looks.iter().map(Look::kind).collect();
    // Most documents have nothing of the kind.
    if looks.iter().all(|look| look.plain) {
        return kinds;
    }
    let mut from = 0;
    for group in lines.chunk_by(|_, next| !next.after_blank) {
        let to = from + group.len();
        if let (Some(looks), Some(kinds)) = (looks.get(from..to), kinds.get_mut(from..to)) {
            statement::mark(group, kinds);
            rows(looks, kinds);
            listing(group, kinds);
        }
        from = to;
    }
    set_in(lines, &looks, &mut kinds);
    fences(lines, &mut kinds);
    kinds
}

/// What is to be known of a line by itself.
struct Look {
    /// Columns of white space before it.
    indent: usize,
    wordless: bool,
    code: bool,
    signs: Signs,
    /// It stands at the margin and has nothing that code, statements, tables or fences have.
    plain: bool,
}

impl Look {
    fn of(text: &str) -> Self {
        let line = text.trim();
        let white = text.chars().take_while(|character| character.is_whitespace());
        let indent = white.map(|character| if character == '\t' { SET_IN } else { 1 }).sum();
        let signs = Signs::of(line);
        let wordless = !line.contains(char::is_alphabetic);
        let code = !wordless && code::is_code(line, &signs);
        let tabular = signs.bars + signs.tabs + signs.gaps > 0;
        let plain =
            indent < SET_IN && !wordless && !code && !tabular && !statement::begins(line) && fence(line).is_none();
        Self { indent, wordless, code, signs, plain }
    }

    fn kind(&self) -> Kind {
        match self {
            Self { wordless: true, .. } => Kind::Wordless,
            Self { code: true, .. } => Kind::Code,
            _ => Kind::Text,
        }
    }
}

/// Marks the rows of tables in a group of lines without blank ones between: bars at the edge, or as many bars, tabs or wide gaps as
/// a neighbour has.
fn rows(looks: &[Look], kinds: &mut [Kind]) {
    let row = |(at, look): (usize, &Look)| {
        let Signs { bars, tabs, gaps, .. } = look.signs;
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| looks.get(at));
        let like = |other: &Look| {
            let other_signs = &other.signs;
            (bars > 1 || bars == 1 && (other.wordless || look.wordless)) && other_signs.bars == bars
                || tabs > 0 && other_signs.tabs == tabs
                || gaps > 1 && other_signs.gaps > 1
        };
        look.signs.edge && bars > 1 || tabs > 1 || beside.into_iter().any(like)
    };
    let found: Vec<bool> = looks.iter().enumerate().map(row).collect();
    for (kind, _) in kinds.iter_mut().zip(found).filter(|(kind, row)| *row && **kind == Kind::Text) {
        *kind = Kind::Table;
    }
}

/// Lines among as many lines of code, without a blank line between, are code too; but no sentence.
fn listing(group: &[Line<'_>], kinds: &mut [Kind]) {
    let code = kinds.iter().filter(|kind| **kind == Kind::Code).count();
    if kinds.len() < 3 || code * 2 < kinds.len() {
        return;
    }
    for (line, kind) in group.iter().zip(kinds).filter(|(_, kind)| **kind == Kind::Text) {
        if prose::words(line.text) == 0 {
            *kind = Kind::Code;
        }
    }
}

/// Of lines that are set in without a blank one between, all are code where a third is. Others are text if they are sentences: a
/// paragraph may begin with an indentation. A document that is set in as a whole has its margin there.
fn set_in(lines: &[Line<'_>], looks: &[Look], kinds: &mut [Kind]) {
    let margin = looks.iter().map(|look| look.indent).min().unwrap_or_default();
    let mut from = 0;
    for group in lines.chunk_by(|_, next| !next.after_blank) {
        let to = from + group.len();
        let (looks, kinds) = (looks.get(from..to).unwrap_or_default(), kinds.get_mut(from..to).unwrap_or_default());
        from = to;
        let inner = |kinds: &[Kind], wanted: fn(&Kind) -> bool| {
            let set_in = looks.iter().zip(kinds).filter(|(look, _)| look.indent >= margin + SET_IN);
            set_in.filter(|(_, kind)| wanted(kind)).count()
        };
        let (code, worded) = (inner(kinds, |kind| *kind == Kind::Code), inner(kinds, |kind| *kind != Kind::Wordless));
        let listing = code > 0 && code * 3 >= worded;
        for ((line, look), kind) in group.iter().zip(looks).zip(kinds) {
            if look.indent < margin + SET_IN || *kind != Kind::Text {
                continue;
            }
            if listing {
                *kind = Kind::Code;
            } else if prose::words(line.text) == 0 {
                *kind = Kind::SetIn;
            }
        }
    }
}

/// Marks what stands between two fences of Markdown, and the fences. A fence that nothing closes marks nothing.
fn fences(lines: &[Line<'_>], kinds: &mut [Kind]) {
    let mut open: Option<(usize, char, usize)> = None;
    for (at, line) in lines.iter().enumerate() {
        let Some((mark, length, bare)) = fence(line.text.trim()) else { continue };
        match open {
            Some((from, opened_by, least)) if mark == opened_by && length >= least && bare => {
                kinds.iter_mut().take(at + 1).skip(from).for_each(|kind| *kind = Kind::Code);
                open = None;
            }
            None => open = Some((at, mark, length)),
            Some(_) => {}
        }
    }
}

/// The mark of a fence, how often it stands there, and whether nothing else does.
fn fence(line: &str) -> Option<(char, usize, bool)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let length = line.len() - rest.len();
    // A language may stand after an opening fence, a sentence does not.
    (length >= 3 && !rest.contains(mark) && rest.split_whitespace().count() < 3).then_some((
        mark,
        length,
        rest.is_empty(),
    ))
}

#[cfg(test)]
mod tests;
