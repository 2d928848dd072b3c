//! What stages do to documents: they remove all of one or a block, or put something else in the place of a range within a block.

use serde::{Deserialize, Serialize};

use super::{Document, Editor, Joint, Position};

/// What a stage did to a document: it took out, or replaced, a part of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    /// What is taken out or replaced.
    pub part: Part<'a>,
    /// The stage that decided.
    pub stage: StageIndex,
    /// The rule that matched, numbered within the stage.
    pub rule: Rule,
    /// The measured value, where the rule measures one; for a range, how many spots in it changed, where that is more than one.
    pub value: Option<f64>,
    /// The limit with which the value was compared.
    pub threshold: Option<f64>,
    /// For a duplicate, a repeated passage included: the copy that was kept. For what was found by something outside of the corpus: that.
    pub partner: Option<Position>,
}

impl Change<'_> {
    /// The copy that was kept, for the sake of which this was removed.
    #[must_use]
    pub fn kept_copy(&self) -> Option<Position> {
        self.partner.filter(|partner| partner.number_outside().is_none())
    }
}

/// What of a document a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// All of it.
    Document,
    /// The block with this number.
    Block(u32),
    /// A range of bytes within a block.
    Range {
        /// Number of the block.
        block: u32,
        /// First byte, in the block's text just before this change.
        start: u32,
        /// One past the last byte, likewise.
        end: u32,
        /// What stood in the range.
        original: &'a str,
        /// What stands there instead.
        replacement: &'a str,
    },
}

/// Index of a stage in the pipeline, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StageIndex(pub u16);

/// Index of a rule in its stage's list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rule(pub u16);

/// Why something is removed, before the stage's stamp is on it.
#[derive(Debug, Clone, Copy)]
pub struct Reason {
    pub(super) rule: Rule,
    pub(super) value: Option<f64>,
    pub(super) threshold: Option<f64>,
    pub(super) partner: Option<Position>,
}

/// A stage's stamp: the only way to change the text of a document, so that each change names its stage.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    stage: StageIndex,
}

impl Reason {
    /// A reason that names its rule and nothing else.
    #[must_use]
    pub const fn new(rule: Rule) -> Self {
        Self { rule, value: None, threshold: None, partner: None }
    }

    /// Adds the measured value and the limit with which it was compared.
    #[must_use]
    pub const fn measured(self, value: f64, threshold: f64) -> Self {
        Self { value: Some(value), threshold: Some(threshold), ..self }
    }

    /// Names the copy that is kept.
    #[must_use]
    pub const fn in_favour_of(self, partner: Option<Position>) -> Self {
        Self { partner, ..self }
    }

    /// Names what stands outside of the corpus and was found here, by the number that the stage knows it by.
    #[must_use]
    pub const fn because_of(self, number: u64) -> Self {
        Self { partner: Some(Position::outside(number)), ..self }
    }
}

impl Mark {
    /// The stamp of the stage at `stage`.
    #[must_use]
    pub const fn new(stage: StageIndex) -> Self {
        Self { stage }
    }

    /// Removes the whole document, unless an earlier stage or rule has.
    pub fn remove_document(self, document: &mut Document, reason: Reason) {
        if document.removal.is_none() {
            document.removal = Some(document.body.removed(0, self.stage, reason));
        }
    }

    /// Removes blocks, by their index, unless an earlier stage or rule has. All at once: each call goes through what was removed
    /// before.
    pub fn remove_blocks(self, document: &mut Document, blocks: impl IntoIterator<Item = (usize, Reason)>) {
        document.body.remove(self.stage, blocks);
    }

    /// Shows `each` the kept blocks in order and makes the changes that it asks for. True if it asked for any.
    pub fn edit(self, document: &mut Document, each: impl FnMut(&mut Editor<'_>)) -> bool {
        document.body.edit(self.stage, each)
    }

    /// Joins lines to paragraphs: each kept block for whose index `joint` has an answer is appended to the kept block before it.
    ///
    /// The line end and any white space around it becomes the joint's text, recorded under `rule`. The bytes of both lines and of
    /// the line feed between them then belong to the paragraph, which keeps its number.
    pub fn join(self, document: &mut Document, rule: Rule, joint: impl Fn(usize) -> Option<Joint>) {
        document.touched.blocks = true;
        document.body.join(self.stage, rule, joint);
    }
}
