//! The repairs that look at lines together: bullets, hard wraps, indentation.

use super::{BULLETS, HARD_WRAPS, INDENTATION};
use crate::document::{Block, Document, Mark};
use crate::text::repair::shape;
use crate::text::repair::unwrap::{self, Joint, Line};

/// A block that is still in.
pub(super) struct KeptLine {
    /// Its index among the document's blocks.
    pub(super) index: usize,
    /// A blank line, or the start of the document, comes before it once removed blocks are out.
    pub(super) after_blank: bool,
}

/// The kept blocks in order.
pub(super) fn kept(document: &Document) -> Vec<KeptLine> {
    let mut after_blank = true;
    let mut kept = Vec::with_capacity(document.blocks.len());
    for (index, block) in document.blocks.iter().enumerate() {
        after_blank |= block.blank_before;
        if block.is_kept() {
            kept.push(KeptLine { index, after_blank });
            after_blank = false;
        }
    }
    kept
}

/// Writes bullets as `- `. In a list, the indentation that all its items share goes.
///
/// An en dash counts as a bullet only in a list of at least three whose items end as no sentence does: at the start of a
/// line it opens speech in many languages. An em dash never counts.
pub(super) fn bullets(document: &mut Document, mark: Mark) -> bool {
    let mut items: Vec<(usize, Item)> = Vec::new();
    let mut changed = false;
    let mut blocks = document.blocks.iter_mut().filter(|block| block.is_kept()).collect::<Vec<&mut Block>>();
    for at in 0..=blocks.len() {
        let item = blocks.get(at).and_then(|block| item(&block.text));
        let continues = item.as_ref().is_some_and(|item| items.last().is_some_and(|(_, last)| last.dash == item.dash));
        if !continues && !items.is_empty() {
            changed |= write_list(&mut blocks, &items, mark);
            items.clear();
        }
        items.extend(item.map(|item| (at, item)));
    }
    changed
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

fn write_list(blocks: &mut [&mut Block], items: &[(usize, Item)], mark: Mark) -> bool {
    let dashes = items.first().is_some_and(|(_, item)| item.dash);
    if dashes {
        let (_, others) = items.split_last().unwrap_or((&items[0], &[]));
        let spoken = |at: usize| shape::sentence_end(&blocks[at].text) || blocks[at].text.ends_with(',');
        if items.len() < 3 || others.iter().any(|(at, _)| spoken(*at)) {
            return false;
        }
    }
    let shared = items.iter().map(|(_, item)| item.indent).min().unwrap_or_default();
    for (at, item) in items {
        let bullet = format!("{}- ", " ".repeat(item.indent - shared));
        mark.edit(blocks[*at], BULLETS, 0..item.body, &bullet, 1);
    }
    true
}

/// Joins the lines of a document that is evidently hard-wrapped.
pub(super) fn join(document: &mut Document, mark: Mark) -> bool {
    let kept = kept(document);
    let lines: Vec<Line<'_>> = kept
        .iter()
        .map(|line| Line { text: &document.blocks[line.index].text, after_blank: line.after_blank })
        .collect();
    let mut joints: Vec<Option<Joint>> = vec![None; document.blocks.len()];
    let mut changed = false;
    for (line, joint) in kept.iter().zip(unwrap::joints(&lines)) {
        changed |= joint.is_some();
        joints[line.index] = joint;
    }
    if !changed {
        return false;
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(document.blocks.len());
    for (block, joint) in std::mem::take(&mut document.blocks).into_iter().zip(joints) {
        match joint.zip(blocks.iter_mut().rfind(|block| block.is_kept())) {
            Some((joint, paragraph)) => append(paragraph, block, joint, mark),
            None => blocks.push(block),
        }
    }
    document.blocks = blocks;
    true
}

/// Joins `next` to `paragraph`, with the edits that `next` had already.
fn append(paragraph: &mut Block, mut next: Block, joint: Joint, mark: Mark) {
    let end = paragraph.text.trim_end().len();
    if joint.cut > 0 {
        mark.edit(paragraph, HARD_WRAPS, end - joint.cut..end, "", 1);
    }
    let shift = paragraph.text.len() as u32 + 1;
    paragraph.edits.extend(next.edits.drain(..).map(|mut edit| {
        edit.start += shift;
        edit.end += shift;
        edit
    }));
    mark.join(paragraph, &next, HARD_WRAPS, joint.text);
}

/// Takes the indentation off prose in a document that is mostly prose.
pub(super) fn outdent(document: &mut Document, mark: Mark) -> bool {
    if !document.kept().any(|block| block.text.starts_with([' ', '\t'])) || !mostly_prose(document) {
        return false;
    }
    let kept = kept(document);
    let shapes: Vec<Shape> = kept.iter().map(|line| Shape::of(&document.blocks[line.index].text)).collect();
    let indented_code = shapes.contains(&Shape::IndentedOther);
    let mut found = Vec::new();
    let mut prose_indent = 0;
    for (at, (line, shape)) in kept.iter().zip(&shapes).enumerate() {
        let beside = |other: Option<&Shape>, apart: bool| !apart && other == Some(&Shape::IndentedShort);
        let above = beside(at.checked_sub(1).and_then(|at| shapes.get(at)), line.after_blank);
        let below = beside(shapes.get(at + 1), kept.get(at + 1).is_none_or(|next| next.after_blank));
        let text = &document.blocks[line.index].text;
        let indent = text.len() - text.trim_start().len();
        let alone = !above && !below && !indented_code && (indent == prose_indent || sentence(text));
        if *shape == Shape::IndentedProse {
            prose_indent = indent;
        }
        if matches!(shape, Shape::IndentedProse | Shape::Slipped) || (*shape == Shape::IndentedShort && alone) {
            found.push(line.index);
        }
    }
    for index in &found {
        let block = &mut document.blocks[*index];
        let indent = block.text.len() - block.text.trim_start().len();
        mark.edit(block, INDENTATION, 0..indent, "", 1);
    }
    !found.is_empty()
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
    let bytes: usize = document.kept().map(|block| block.text.len()).sum();
    let enough = |prose: usize| prose * 5 >= bytes * 3;
    if !enough(document.kept().filter(|block| long(&block.text)).map(|block| block.text.len()).sum()) {
        return false;
    }
    let (mut prose, mut lines, mut code) = (0, 0, 0);
    for block in document.kept() {
        let coded = shape::code(&block.text);
        lines += 1;
        code += usize::from(coded);
        prose += if !coded && long(&block.text) { block.text.len() } else { 0 };
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
