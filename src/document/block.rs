//! Blocks as others see them: views into the body of a document.

use super::body::{Body, Edited, Removed};
use super::{Change, Part};

/// One paragraph: one line of an article dump, or several where hard-wrapped text was joined.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    pub(super) body: &'a Body,
    pub(super) index: usize,
    pub(super) number: u32,
    pub(super) text: &'a str,
    pub(super) removal: Option<&'a Removed>,
    pub(super) edits: &'a [Edited],
}

/// The blocks of a document in order, removed ones included.
#[derive(Debug, Clone)]
pub struct Blocks<'a> {
    body: &'a Body,
    index: usize,
    number: u32,
    /// What is still to come of the tables of the body.
    numbers: &'a [(u32, u32)],
    removals: &'a [Removed],
    edits: &'a [Edited],
}

impl<'a> Block<'a> {
    /// Its place among the blocks of the document, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// 0-based ordinal of the block's first line among the record's non-blank lines. Never changes.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// Whether a blank line stood between this block and the one before it.
    #[must_use]
    pub fn blank_before(self) -> bool {
        self.body.blank_before(self.index)
    }

    /// The text as it stands now, edits applied.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.text
    }

    /// UTF-8 bytes of the block as it was read, before any edit.
    #[must_use]
    pub fn bytes(self) -> u64 {
        let mut bytes = self.text.len() as u64;
        for edit in self.edits {
            bytes = (bytes + u64::from(edit.end - edit.start)).saturating_sub(u64::from(edit.replacement));
        }
        bytes
    }

    /// True while no stage removed the block.
    #[must_use]
    pub fn is_kept(self) -> bool {
        self.removal.is_none()
    }

    /// How and why the block was removed, if it was.
    #[must_use]
    pub fn removal(self) -> Option<Change<'a>> {
        self.removal.map(|removal| self.body.removal(removal, Part::Block(self.number)))
    }

    /// The changes inside the block, in the order in which they were made.
    pub fn edits(self) -> impl DoubleEndedIterator<Item = Change<'a>> + ExactSizeIterator {
        self.edits.iter().map(move |edit| self.body.change(edit, self.number))
    }

    /// All that was done to the block, in that order.
    pub fn changes(self) -> impl Iterator<Item = Change<'a>> {
        self.edits().chain(self.removal())
    }

    /// Share of the documents of its site that have this block, where so many have it that it is no chance.
    #[must_use]
    pub fn share_of_site(self) -> Option<f32> {
        let shares = &self.body.shares;
        let found = shares.binary_search_by_key(&(self.index as u32), |(block, _)| *block).ok()?;
        shares.get(found).map(|(_, share)| *share)
    }
}

impl<'a> Blocks<'a> {
    pub(super) fn new(body: &'a Body) -> Self {
        Self::from(body, 0)
    }

    /// Those from `index` on.
    pub(super) fn from(body: &'a Body, index: usize) -> Self {
        let at = index as u32;
        let numbers = body.numbers.partition_point(|(block, _)| *block < at);
        let removals = body.removals.partition_point(|removal| removal.block < at);
        let edits = body.edits.partition_point(|edit| edit.block < at);
        Self {
            body,
            index,
            number: body.number(index),
            numbers: body.numbers.get(numbers..).unwrap_or_default(),
            removals: body.removals.get(removals..).unwrap_or_default(),
            edits: body.edits.get(edits..).unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let (body, index) = (self.body, self.index);
        if index >= body.len() {
            return None;
        }
        let at = index as u32;
        if let [(block, number), rest @ ..] = self.numbers
            && *block == at
        {
            (self.number, self.numbers) = (*number, rest);
        }
        let removal = self.removals.first().filter(|removal| removal.block == at);
        if removal.is_some() {
            self.removals = self.removals.get(1..).unwrap_or_default();
        }
        let count = self.edits.iter().take_while(|edit| edit.block == at).count();
        let (edits, rest) = self.edits.split_at(count);
        self.edits = rest;
        let number = self.number;
        (self.index, self.number) = (index + 1, number + 1);
        Some(Block { body, index, number, text: body.text_of(index), removal, edits })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.body.len().saturating_sub(self.index);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Blocks<'_> {}
