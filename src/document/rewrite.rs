//! Changes of the text: ranges within blocks are replaced, lines are joined. The buffer is written anew once for all changes of a
//! pass, so that blocks stay one after the other in it.

use std::ops::Range;

use super::block::{Block, Blocks};
use super::body::{Body, Edited, Removed, Start};
use super::{Position, Rule, StageIndex};

/// Takes the changes of one block.
pub struct Editor<'a> {
    block: Block<'a>,
    stage: StageIndex,
    /// The block's text after the changes made so far, if there are any.
    text: &'a mut String,
    changed: bool,
    made: &'a mut Made,
    /// Bytes of the texts that the body has aside already.
    aside: usize,
    /// How many partners it has already.
    partners: usize,
}

/// How a line joins the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joint {
    /// Bytes to cut off the end of the line before: a hyphen that only the line end called for.
    pub cut: usize,
    /// What to put between the two: a space or nothing.
    pub text: &'static str,
}

/// Edits that are made, with the texts that they take out and put in.
#[derive(Default)]
struct Made {
    edits: Vec<Edited>,
    aside: String,
    partners: Vec<Position>,
}

impl<'a> Editor<'a> {
    /// The block as it was before the changes made here.
    #[must_use]
    pub fn block(&self) -> Block<'a> {
        self.block
    }

    /// Its text after the changes made here.
    #[must_use]
    pub fn text(&self) -> &str {
        if self.changed { self.text } else { self.block.text }
    }

    /// Replaces `range` of the text and records the change.
    ///
    /// `range` must lie on character boundaries; `spots` says how many separate places inside it differ.
    pub fn replace(&mut self, rule: Rule, range: Range<usize>, replacement: &str, spots: u32) {
        let fresh = Edited { spots, ..Edited::new(self.stage, rule) };
        self.replace_as(fresh, range, replacement);
    }

    /// Takes `range` of the text out for the sake of a copy that is kept, and records the change.
    pub fn remove_copy(&mut self, rule: Rule, range: Range<usize>, kept: Option<Position>) {
        let partner = kept.map_or(0, |kept| {
            self.made.partners.push(kept);
            (self.partners + self.made.partners.len()) as u32
        });
        let fresh = Edited { spots: 1, partner, ..Edited::new(self.stage, rule) };
        self.replace_as(fresh, range, "");
    }

    /// The same for a change of which stage, rule, spots and partner are known.
    pub(super) fn replace_as(&mut self, known: Edited, range: Range<usize>, replacement: &str) {
        if self.text().get(range.clone()).is_none() {
            debug_assert!(false, "an edit must lie on character boundaries");
            return;
        }
        if !self.changed {
            self.text.clear();
            self.text.push_str(self.block.text);
            self.changed = true;
        }
        let edit = Edited { block: self.block.index as u32, start: range.start as u32, end: range.end as u32, ..known };
        self.made.push(edit, self.text.get(range.clone()).unwrap_or_default(), replacement, self.aside);
        self.text.replace_range(range, replacement);
    }
}

impl Edited {
    /// An edit that is being made, of which nothing but its maker is known.
    fn new(stage: StageIndex, rule: Rule) -> Self {
        Self { block: 0, start: 0, end: 0, spots: 0, aside: 0, replacement: 0, partner: 0, stage, rule, fresh: true }
    }
}

impl Made {
    /// Adds an edit with its texts, which come after `before` bytes of others.
    fn push(&mut self, edit: Edited, original: &str, replacement: &str, before: usize) {
        let aside = (before + self.aside.len()) as u32;
        self.edits.push(Edited { aside, replacement: replacement.len() as u32, ..edit });
        self.aside.push_str(original);
        self.aside.push_str(replacement);
    }
}

impl Body {
    /// Shows `each` the kept blocks and makes the changes that it asks for. True if it asked for any.
    pub(super) fn edit(&mut self, stage: StageIndex, mut each: impl FnMut(&mut Editor<'_>)) -> bool {
        let mut made = Made::default();
        let mut changed = Vec::new();
        let (mut texts, mut text) = (String::new(), String::new());
        for block in Blocks::new(self).filter(|block| block.is_kept()) {
            let (aside, partners) = (self.aside.len(), self.partners.len());
            let mut editor = Editor { block, stage, text: &mut text, changed: false, made: &mut made, aside, partners };
            each(&mut editor);
            if editor.changed {
                texts.push_str(editor.text);
                changed.push(Changed { index: block.index, before: block.text.len(), after: text.len() });
            }
        }
        if changed.is_empty() {
            return false;
        }
        self.put(&texts, &changed);
        self.aside.push_str(&made.aside);
        self.edits.append(&mut made.edits);
        self.partners.append(&mut made.partners);
        // Edits of one block that were made before stay before those made now.
        self.edits.sort_by_key(|edit| edit.block);
        true
    }

    /// Writes the text anew, with `texts` in the place of the changed blocks.
    fn put(&mut self, texts: &str, changed: &[Changed]) {
        let mut text = String::with_capacity(self.text.len() + texts.len());
        let (mut copied, mut taken) = (0, 0);
        for block in changed {
            let range = self.range(block.index);
            text.push_str(self.text.get(copied..range.start).unwrap_or_default());
            text.push_str(texts.get(taken..taken + block.after).unwrap_or_default());
            (copied, taken) = (range.end, taken + block.after);
        }
        text.push_str(self.text.get(copied..).unwrap_or_default());
        text.shrink_to_fit();
        self.text = text;
        let (mut more, mut less) = (0, 0);
        let nexts = changed.iter().skip(1).map(|next| next.index + 1).chain([self.len()]);
        for (block, end) in changed.iter().zip(nexts) {
            (more, less) = (more + block.after, less + block.before);
            for start in self.starts.iter_mut().take(end).skip(block.index + 1) {
                *start = Start::new(start.at() + more - less, start.blank_before());
            }
        }
    }

    /// Appends each kept block for which `joint` has an answer to the kept block before it.
    pub(super) fn join(&mut self, stage: StageIndex, rule: Rule, joint: impl Fn(usize) -> Option<Joint>) {
        let old = std::mem::take(self);
        let mut new =
            Joining { body: Self::with_capacity(old.text.len(), 0), made: Made::default(), old: &old, next: 0 };
        let mut blocks = Blocks::new(&old);
        while let Some(block) = blocks.next() {
            new.take(block);
            if !block.is_kept() {
                continue;
            }
            // Removed blocks between the lines of a paragraph come after it.
            let mut passed: Vec<Block<'_>> = Vec::new();
            let next = |blocks: &Blocks<'_>| {
                let line = blocks.clone().find(|block| block.is_kept())?;
                Some((line.index, joint(line.index)?))
            };
            while let Some((index, joint)) = next(&blocks) {
                for line in blocks.by_ref() {
                    if line.index == index {
                        new.append(line, joint, stage, rule);
                        break;
                    }
                    passed.push(line);
                }
            }
            passed.into_iter().for_each(|block| new.take(block));
        }
        let Joining { body, made, .. } = new;
        let Self { partners, mut aside, known_partners, .. } = old;
        aside.push_str(&made.aside);
        *self = Self { partners, aside, edits: made.edits, known_partners, ..body };
    }
}

/// A block that was changed, with the bytes of its text before and after.
struct Changed {
    index: usize,
    before: usize,
    after: usize,
}

/// A body whose lines are being joined.
struct Joining<'a> {
    body: Body,
    made: Made,
    old: &'a Body,
    /// The number that the next block has if it follows the last one.
    next: u32,
}

impl Joining<'_> {
    /// Takes over a block as it is.
    fn take(&mut self, block: Block<'_>) {
        let index = self.body.len() as u32;
        self.body.push(block.blank_before(), block.text);
        if block.number != self.next {
            self.body.numbers.push((index, block.number));
        }
        self.next = block.number + 1;
        self.body.removals.extend(block.removal.map(|removal| Removed { block: index, ..*removal }));
        self.body.shares.extend(block.share_of_site().map(|share| (index, share)));
        self.made.edits.extend(block.edits.iter().map(|edit| Edited { block: index, ..*edit }));
    }

    /// Appends a line to the last block, with the edits that it had already.
    fn append(&mut self, line: Block<'_>, joint: Joint, stage: StageIndex, rule: Rule) {
        let begin = self.body.starts.last().map_or(0, |start| start.at());
        let block = self.body.len().saturating_sub(1) as u32;
        let end = begin + self.paragraph(begin).trim_end().len();
        if joint.cut > 0 {
            self.replace(block, begin, end - joint.cut..end, "", stage, rule);
        }
        let shift = (self.body.text.len() - begin) as u32 + 1;
        let moved = |edit: &Edited| Edited { block, start: edit.start + shift, end: edit.end + shift, ..*edit };
        self.made.edits.extend(line.edits.iter().map(moved));
        let from = begin + self.paragraph(begin).trim_end().len();
        let indent = line.text.len() - line.text.trim_start().len();
        let to = self.body.text.len() + 1 + indent;
        self.body.text.push('\n');
        self.body.text.push_str(line.text);
        self.replace(block, begin, from..to, joint.text, stage, rule);
    }

    /// The last block, which begins at `begin`.
    fn paragraph(&self, begin: usize) -> &str {
        self.body.text.get(begin..).unwrap_or_default()
    }

    /// Replaces a range of the text within the last block.
    fn replace(
        &mut self,
        block: u32,
        begin: usize,
        range: Range<usize>,
        replacement: &str,
        stage: StageIndex,
        rule: Rule,
    ) {
        let Some(original) = self.body.text.get(range.clone()) else { return };
        let (start, end) = ((range.start - begin) as u32, (range.end - begin) as u32);
        let edit = Edited { block, start, end, spots: 1, ..Edited::new(stage, rule) };
        self.made.push(edit, original, replacement, self.old.aside.len());
        self.body.text.replace_range(range, replacement);
    }
}
