//! What remains of a document and of each of its blocks. A removal that names it as the kept copy must know whether it stayed
//! (law 8).
//!
//! Knows nothing of how that travels between partitions.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Position, StageIndex};

/// A document's id, and what of it is not in the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// Where the document stands; `block` is 0.
    pub position: Position,
    /// Its id as the dataset has it.
    pub id: String,
    /// The stage that removed the whole document, unless it stays or was removed as a copy of another.
    removed_by: Option<StageIndex>,
    /// Runs of blocks that were removed one by one, in order.
    runs: Vec<Run>,
}

/// Blocks in a row that were removed for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    /// Number of the first, and of the block after the last: lines that were joined lie between.
    from: u32,
    to: u32,
    /// The stage that removed them; none where they were removed as copies, which refer to copies of their own.
    by: Option<StageIndex>,
}

/// What a removal spares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spared {
    /// The whole document.
    Document,
    /// A block of another document.
    Block(u32),
    /// A block of the very document that holds the removed copy: where that goes as a whole, the copy would have gone with it.
    OwnBlock(u32),
}

impl Spared {
    /// What the removal of `block` (or of the whole document, if `None`) spares of its partner.
    #[must_use]
    pub fn new(block: Option<u32>, partner: Position, own: bool) -> Self {
        match block {
            None => Self::Document,
            Some(_) if own => Self::OwnBlock(partner.block),
            Some(_) => Self::Block(partner.block),
        }
    }
}

impl Remains {
    /// What remains of `document` after all stages.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut blocks = document.blocks().peekable();
        while let Some(block) = blocks.next() {
            let Some(removal) = block.removal() else { continue };
            let by = removal.kept_copy().is_none().then_some(removal.stage);
            let to = blocks.peek().map_or(u32::MAX, |next| next.number());
            match runs.last_mut() {
                Some(last) if last.to == block.number() && last.by == by => last.to = to,
                _ => runs.push(Run { from: block.number(), to, by }),
            }
        }
        let removed = document.removal().filter(|removal| removal.kept_copy().is_none());
        let removed_by = match removed {
            // It went because nothing was left of it: what became of its text is told by its blocks.
            Some(_) if document.kept_count() == 0 => runs.iter().find_map(|run| run.by),
            Some(removal) => Some(removal.stage),
            None => None,
        };
        Self { position: document.position(), id: document.id().to_owned(), removed_by, runs }
    }

    /// The stage that took the text of what was spared out of the dataset; none where that stays, or was removed as a copy itself.
    #[must_use]
    pub fn gone_by(&self, spared: Spared) -> Option<StageIndex> {
        let run = |block: u32| {
            let after = self.runs.partition_point(|run| run.from <= block);
            after.checked_sub(1).and_then(|at| self.runs.get(at)).filter(|run| block < run.to)
        };
        match spared {
            Spared::Document => self.removed_by,
            Spared::Block(block) => run(block).map_or(self.removed_by, |run| run.by),
            Spared::OwnBlock(block) => run(block).and_then(|run| run.by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Joint, Mark, Reason, Rule};

    const HERE: Position = Position { file: 7, record: 0, block: 0 };

    fn remains(change: impl FnOnce(&mut Document)) -> Remains {
        let mut document = Document::new(HERE, "a#0".into(), "a".into(), "zero\none\ntwo\nthree\nfour");
        change(&mut document);
        Remains::of(&document)
    }

    fn mark(stage: u16) -> Mark {
        Mark::new(StageIndex(stage))
    }

    fn copy() -> Reason {
        Reason::new(Rule(0)).in_favour_of(Some(Position { file: 9, record: 0, block: 3 }))
    }

    const CHROME: Reason = Reason::new(Rule(1));

    #[test]
    fn a_block_that_a_stage_removed_is_gone_and_its_neighbours_are_not() {
        let remains = remains(|document| {
            mark(4).remove_blocks(document, [(1, CHROME), (2, CHROME)]);
            mark(2).remove_blocks(document, [(3, copy())]);
        });
        let gone = |block| remains.gone_by(Spared::Block(block)).map(|stage| stage.0);
        assert_eq!([0, 1, 2, 3, 4].map(gone), [None, Some(4), Some(4), None, None]);
        assert_eq!(remains.runs.len(), 2);
        assert_eq!(remains.gone_by(Spared::Document), None);
    }

    #[test]
    fn with_its_document_a_block_is_gone_for_others_and_not_for_that_document() {
        let remains = remains(|document| {
            mark(2).remove_blocks(document, [(3, copy())]);
            mark(5).remove_document(document, CHROME);
        });
        assert_eq!(remains.gone_by(Spared::Document), Some(StageIndex(5)));
        assert_eq!(remains.gone_by(Spared::Block(0)), Some(StageIndex(5)));
        assert_eq!(remains.gone_by(Spared::Block(3)), None, "it was a copy before the document went: another stays");
        assert_eq!(remains.gone_by(Spared::OwnBlock(0)), None);
    }

    #[test]
    fn a_document_that_is_a_copy_takes_no_text_along() {
        let remains = remains(|document| mark(5).remove_document(document, copy()));
        assert_eq!(remains.gone_by(Spared::Block(2)), None);
    }

    #[test]
    fn of_a_document_of_which_nothing_is_left_the_blocks_tell() {
        let empty = |reason: fn() -> Reason| {
            remains(|document| {
                mark(3).remove_blocks(document, (0..5).map(|index| (index, reason())));
                mark(3).remove_document(document, CHROME);
            })
        };
        assert_eq!(empty(copy).gone_by(Spared::Document), None);
        assert_eq!(empty(|| CHROME).gone_by(Spared::Document), Some(StageIndex(3)));
    }

    #[test]
    fn a_line_that_was_joined_to_another_goes_with_it() {
        let remains = remains(|document| {
            let joint = Joint { cut: 0, text: " " };
            mark(1).join(document, Rule(0), |index| (index == 2).then_some(joint));
            mark(4).remove_blocks(document, [(1, CHROME)]);
        });
        assert_eq!(remains.gone_by(Spared::Block(2)), Some(StageIndex(4)));
        assert_eq!(remains.gone_by(Spared::Block(3)), None);
    }
}
