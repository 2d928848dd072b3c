//! The text of a document and what was done to it, as memory holds them: one buffer with the text of all blocks, four bytes for
//! each block, and sorted tables of removals, edits and whatever else only some blocks have.

use serde::{Deserialize, Serialize};

use super::{Change, Part, Position, Reason, Rule, StageIndex};

/// The blocks of a document, and all changes of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Body {
    /// The blocks as they stand now, one after the other: a line feed stands between two of them, and one more where a blank
    /// line stood.
    pub(super) text: String,
    /// Where each block begins.
    pub(super) starts: Vec<Start>,
    /// Where the number of a block is not one more than that of the block before it, since lines were joined: its index and its
    /// number.
    pub(super) numbers: Vec<(u32, u32)>,
    /// The removed blocks, sorted.
    pub(super) removals: Vec<Removed>,
    /// The kept copies that removals name.
    pub(super) partners: Vec<Position>,
    /// The changes within blocks: sorted by block, those of one block in the order in which they were made.
    pub(super) edits: Vec<Edited>,
    /// What stood in the range of each edit, followed by what stands there instead.
    pub(super) aside: String,
    /// Blocks of which it is known what share of their site's documents has them, sorted.
    pub(super) shares: Vec<(u32, f32)>,
    /// How many of the partners the document had when it was read.
    pub(super) known_partners: usize,
}

/// Where a block begins in the text, and in the highest bit whether a blank line stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start(u32);

/// A removal: of a block, or of the whole document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Removed {
    /// Index of the block.
    pub(super) block: u32,
    /// Index among the partners, or [`NO_PARTNER`].
    pub(super) partner: u32,
    pub(super) stage: StageIndex,
    pub(super) rule: Rule,
    /// Whether value and threshold are there.
    pub(super) measured: (bool, bool),
    pub(super) value: f64,
    pub(super) threshold: f64,
    /// It was made since the document was read.
    #[serde(skip)]
    pub(super) fresh: bool,
}

/// A change within a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edited {
    /// Index of the block.
    pub(super) block: u32,
    /// First byte changed, in the block's text just before this edit.
    pub(super) start: u32,
    /// One past the last byte changed, likewise.
    pub(super) end: u32,
    /// How many spots inside the range changed.
    pub(super) spots: u32,
    /// Where its texts begin in [`Body::aside`].
    pub(super) aside: u32,
    /// Bytes of the replacement.
    pub(super) replacement: u32,
    /// One more than the index of the kept copy among the partners; 0 where none is named.
    pub(super) partner: u32,
    pub(super) stage: StageIndex,
    pub(super) rule: Rule,
    /// It was made since the document was read.
    #[serde(skip)]
    pub(super) fresh: bool,
}

const NO_PARTNER: u32 = u32::MAX;

impl Start {
    const BLANK: u32 = 1 << 31;

    pub(super) fn new(at: usize, blank_before: bool) -> Self {
        // Sources take no record that could come near this; see `max_record_size`.
        debug_assert!(at < Self::BLANK as usize, "a document has less than 2 GiB of text");
        Self((at as u32 & !Self::BLANK) | if blank_before { Self::BLANK } else { 0 })
    }

    pub(super) fn at(self) -> usize {
        (self.0 & !Self::BLANK) as usize
    }

    pub(super) fn blank_before(self) -> bool {
        self.0 & Self::BLANK != 0
    }
}

impl Body {
    /// An empty body with room for so much.
    pub(super) fn with_capacity(bytes: usize, blocks: usize) -> Self {
        Self { text: String::with_capacity(bytes), starts: Vec::with_capacity(blocks), ..Self::default() }
    }

    /// Adds a block that was just read.
    pub(super) fn push(&mut self, blank_before: bool, line: &str) {
        let is_first = self.starts.is_empty();
        self.text.push_str(match (is_first, blank_before) {
            (true, _) => "",
            (false, false) => "\n",
            (false, true) => "\n\n",
        });
        self.starts.push(Start::new(self.text.len(), blank_before && !is_first));
        self.text.push_str(line);
    }

    /// The number of blocks.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn blank_before(&self, index: usize) -> bool {
        self.starts.get(index).is_some_and(|start| start.blank_before())
    }

    /// Where the text of a block stands; nowhere for one that is not there.
    pub(super) fn range(&self, index: usize) -> std::ops::Range<usize> {
        let Some(start) = self.starts.get(index) else { return 0..0 };
        let end = match self.starts.get(index + 1) {
            Some(next) => next.at() - 1 - usize::from(next.blank_before()),
            None => self.text.len(),
        };
        start.at()..end
    }

    pub(super) fn text_of(&self, index: usize) -> &str {
        self.text.get(self.range(index)).unwrap_or_default()
    }

    /// The number of the block at `index`.
    pub(super) fn number(&self, index: usize) -> u32 {
        let after = self.numbers.partition_point(|(block, _)| *block as usize <= index);
        let base = after.checked_sub(1).and_then(|at| self.numbers.get(at));
        base.map_or(index as u32, |(block, number)| number + (index as u32 - block))
    }

    /// The index of the block with this number, if it is there: a line that was joined to the one before it is not.
    pub(super) fn index_of(&self, number: u32) -> Option<usize> {
        let after = self.numbers.partition_point(|(_, first)| *first <= number);
        let (block, first) = after.checked_sub(1).and_then(|at| self.numbers.get(at)).copied().unwrap_or_default();
        let index = (block + (number - first)) as usize;
        let end = self.numbers.get(after).map_or(self.len(), |(next, _)| *next as usize);
        (index < end).then_some(index)
    }

    /// A removal with a stage's stamp.
    pub(super) fn removed(&mut self, block: u32, stage: StageIndex, reason: Reason) -> Removed {
        let Reason { rule, value, threshold, partner } = reason;
        let partner = partner.map_or(NO_PARTNER, |partner| {
            // Copies often name the same document, one after the other.
            if self.partners.last() != Some(&partner) {
                self.partners.push(partner);
            }
            self.partners.len() as u32 - 1
        });
        let measured = (value.is_some(), threshold.is_some());
        let (value, threshold) = (value.unwrap_or_default(), threshold.unwrap_or_default());
        Removed { block, partner, stage, rule, measured, value, threshold, fresh: true }
    }

    /// Removes blocks that are still in.
    pub(super) fn remove(&mut self, stage: StageIndex, blocks: impl IntoIterator<Item = (usize, Reason)>) {
        let before = self.removals.len();
        for (index, reason) in blocks {
            debug_assert!(index < self.len(), "only blocks that are there can be removed");
            let removed = self.removed(index as u32, stage, reason);
            self.removals.push(removed);
        }
        if self.removals.len() > before {
            // Of two removals of one block, the sort leaves the earlier one first.
            self.removals.sort_by_key(|removal| removal.block);
            self.removals.dedup_by_key(|removal| removal.block);
        }
    }

    /// A removal as others see it.
    pub(super) fn removal<'a>(&self, removal: &Removed, part: Part<'a>) -> Change<'a> {
        let Removed { stage, rule, measured, .. } = *removal;
        Change {
            part,
            stage,
            rule,
            value: measured.0.then_some(removal.value),
            threshold: measured.1.then_some(removal.threshold),
            partner: self.partners.get(removal.partner as usize).copied(),
        }
    }

    /// What an edit put in.
    pub(super) fn replacement(&self, edit: &Edited) -> &str {
        let from = edit.aside as usize + (edit.end - edit.start) as usize;
        self.aside.get(from..from + edit.replacement as usize).unwrap_or_default()
    }

    /// An edit as others see it; `number` is that of its block.
    pub(super) fn change(&self, edit: &Edited, number: u32) -> Change<'_> {
        let Edited { stage, rule, start, end, spots, partner, .. } = *edit;
        let from = edit.aside as usize;
        let original = self.aside.get(from..from + (end - start) as usize).unwrap_or_default();
        let replacement = self.replacement(edit);
        Change {
            part: Part::Range { block: number, start, end, original, replacement },
            stage,
            rule,
            value: (spots > 1).then_some(f64::from(spots)),
            threshold: None,
            partner: (partner as usize).checked_sub(1).and_then(|at| self.partners.get(at)).copied(),
        }
    }
}
