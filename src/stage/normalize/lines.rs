//! The repairs that look at lines together: bullets, hard wraps, indentation.

use super::{BULLETS, HARD_WRAPS, INDENTATION};
use crate::document::{Block, Document, Joint, Mark};
use crate::text::repair::shape;
use crate::text::repair::unwrap::{self, Line};

/// A block that is still in.
#[derive(Clone, Copy)]
pub(super) struct KeptLine<'a> {
    pub(super) block: Block<'a>,
    /// A blank line, or the start of the document, comes before it once removed blocks are out.
    pub(super) after_blank: bool,
}

/// The kept blocks in order.
pub(super) fn kept(document: &Document) -> impl Iterator<Item = KeptLine<'_>> + Clone {
    document
        .blocks()
        .scan(true, |after_blank, block| {
            *after_blank |= block.blank_before();
            let line = KeptLine { block, after_blank: *after_blank };
            *after_blank &= !block.is_kept();
            Some(line)
        })
        .filter(|line| line.block.is_kept())
}

/// Writes bullets as `- `. In a list, the indentation that all its items share goes.
///
/// An en dash counts as a bullet only in a list of at least three whose items end as no sentence does: at the start of a
/// line it opens speech in many languages. An em dash never counts.
pub(super) fn bullets(document: &mut Document, mark: Mark) -> bool {
    let mut found: Vec<(usize, Item)> = Vec::new();
    let mut items: Vec<(Block<'_>, Item)> = Vec::new();
    for block in document.kept().map(Some).chain([None]) {
        let item = block.and_then(|block| Some((block, item(block.text())?)));
        let continues =
            item.as_ref().is_some_and(|(_, item)| items.last().is_some_and(|(_, last)| last.dash == item.dash));
        if !continues && !items.is_empty() {
            found.extend(list(&mut items));
        }
        items.extend(item);
    }
    if found.is_empty() {
        return false;
    }
    let mut found = found.into_iter().peekable();
    mark.edit(document, |editor| {
        if let Some((_, item)) = found.next_if(|(index, _)| *index == editor.block().index()) {
            editor.replace(BULLETS, 0..item.body, &format!("{}- ", " ".repeat(item.indent)), 1);
        }
    })
}

/// A line that may be a list's item.
struct Item {
    indent: usize,
    body: usize,
    dash: bool,
}

fn item(text: &str) -> Option<Item> {
    let first = text.trim_start_matches([' ', '\t']);
    if first.as_bytes().first().is_none_or(u8::is_ascii) {
        return None;
    }
    let indent = text.len() - first.len();
    match first.strip_prefix("– ") {
        Some(body) => Some(Item { indent, body: text.len() - body.trim_start().len(), dash: true }),
        None => shape::bullet(text).map(|bullet| Item { indent: bullet.mark.start, body: bullet.body, dash: false }),
    }
}

/// Takes the items of a list, with the indentation that each has beyond what all share; nothing where the lines are none.
fn list(items: &mut Vec<(Block<'_>, Item)>) -> Vec<(usize, Item)> {
    let items = std::mem::take(items);
    if items.first().is_some_and(|(_, item)| item.dash) {
        let spoken = |text: &str| shape::sentence_end(text) || text.ends_with(',');
        let others = items.len().saturating_sub(1);
        if items.len() < 3 || items.iter().take(others).any(|(block, _)| spoken(block.text())) {
            return Vec::new();
        }
    }
    let shared = items.iter().map(|(_, item)| item.indent).min().unwrap_or_default();
    let own = |(block, item): (Block<'_>, Item)| (block.index(), Item { indent: item.indent - shared, ..item });
    items.into_iter().map(own).collect()
}

/// Joins the lines of a document that is evidently hard-wrapped.
pub(super) fn join(document: &mut Document, mark: Mark) -> bool {
    let lines = kept(document).map(|line| Line { text: line.block.text(), after_blank: line.after_blank });
    if !unwrap::possible(lines.clone()) {
        return false;
    }
    let lines: Vec<Line<'_>> = lines.collect();
    let found = unwrap::joints(&lines);
    let joined = kept(document).zip(found).filter_map(|(line, joint)| Some((line.block.index(), joint?)));
    let joints: Vec<(usize, unwrap::Joint)> = joined.collect();
    if joints.is_empty() {
        return false;
    }
    mark.join(document, HARD_WRAPS, |index| {
        let found = joints.binary_search_by_key(&index, |(line, _)| *line).ok()?;
        joints.get(found).map(|(_, joint)| Joint { cut: joint.cut, text: joint.text })
    });
    true
}

/// Takes the indentation off prose in a document that is mostly prose.
pub(super) fn outdent(document: &mut Document, mark: Mark) -> bool {
    if !document.kept().any(|block| block.text().starts_with([' ', '\t'])) || !mostly_prose(document) {
        return false;
    }
    let shapes: Vec<Shape> = document.kept().map(|block| Shape::of(block.text())).collect();
    let indented_code = shapes.contains(&Shape::IndentedOther);
    let mut found = Vec::new();
    let mut prose_indent = 0;
    let mut kept = kept(document).peekable();
    for (at, shape) in shapes.iter().enumerate() {
        let Some(line) = kept.next() else { break };
        let beside = |other: Option<&Shape>, apart: bool| !apart && other == Some(&Shape::IndentedShort);
        let above = beside(at.checked_sub(1).and_then(|at| shapes.get(at)), line.after_blank);
        let below = beside(shapes.get(at + 1), kept.peek().is_none_or(|next| next.after_blank));
        let text = line.block.text();
        let indent = text.len() - text.trim_start().len();
        let alone = !above && !below && !indented_code && (indent == prose_indent || sentence(text));
        if *shape == Shape::IndentedProse {
            prose_indent = indent;
        }
        if matches!(shape, Shape::IndentedProse | Shape::Slipped) || (*shape == Shape::IndentedShort && alone) {
            found.push((line.block.index(), indent));
        }
    }
    drop(kept);
    let mut found = found.into_iter().peekable();
    mark.edit(document, |editor| {
        if let Some((_, indent)) = found.next_if(|(index, _)| *index == editor.block().index()) {
            editor.replace(INDENTATION, 0..indent, "", 1);
        }
    })
}

#[derive(PartialEq)]
enum Shape {
    Flush,
    IndentedProse,
    IndentedShort,
    /// A single space before a short line: a slip.
    Slipped,
    IndentedList,
    IndentedOther,
}

impl Shape {
    fn of(text: &str) -> Self {
        if !text.starts_with([' ', '\t']) {
            Self::Flush
        } else if shape::list_item(text) {
            Self::IndentedList
        } else if shape::code(text) || shape::table_row(text.trim()) {
            Self::IndentedOther
        } else if long(text) {
            Self::IndentedProse
        } else if text.starts_with("  ") || text.starts_with('\t') {
            Self::IndentedShort
        } else {
            Self::Slipped
        }
    }
}

/// Whether a short line is a sentence rather than a command, a label or a line of an address.
fn sentence(text: &str) -> bool {
    let starts = text.trim_start().starts_with(|c: char| !c.is_lowercase() && c.is_alphanumeric());
    starts && shape::sentence_end(text) && (shape::words(text, 4) == 4 || text.chars().any(shape::ideographic))
}

/// Whether most of the text stands in long lines of words, and hardly a line is code.
fn mostly_prose(document: &Document) -> bool {
    let bytes: usize = document.kept().map(|block| block.text().len()).sum();
    let enough = |prose: usize| prose * 5 >= bytes * 3;
    if !enough(document.kept().filter(|block| long(block.text())).map(|block| block.text().len()).sum()) {
        return false;
    }
    let (mut prose, mut lines, mut code) = (0, 0, 0);
    for block in document.kept() {
        let coded = shape::code(block.text());
        lines += 1;
        code += usize::from(coded);
        prose += if !coded && long(block.text()) { block.text().len() } else { 0 };
    }
    enough(prose) && code * 10 <= lines
}

/// Whether a line is as long as paragraphs are, and lines of verse or code are not.
fn long(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 100
        && shape::columns(text) >= 80
        && (shape::words(text, 8) >= 8 || text.chars().filter(|c| !c.is_ascii()).take(30).count() == 30)
}
