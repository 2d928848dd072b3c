//! The kept text of a document, for stages that look across the edges of its blocks.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::Document;

/// The kept blocks of a document as one text, and where in it each of them stands.
pub struct KeptText<'a> {
    /// As [`Document::text`] gives it.
    pub text: Cow<'a, str>,
    blocks: Vec<Place>,
}

/// Where a kept block stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its place among the blocks of the document.
    pub index: usize,
    /// Its number.
    pub number: u32,
}

impl<'a> KeptText<'a> {
    /// That of `document`.
    #[must_use]
    pub fn of(document: &'a Document) -> Self {
        let text = document.text();
        let (mut blocks, mut start) = (Vec::with_capacity(document.kept_count()), 0);
        for block in document.kept() {
            // The text has one line feed before a block, or two.
            start += text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches('\n').len());
            let end = start + block.text().len();
            blocks.push(Place { start, end, index: block.index(), number: block.number() });
            start = end;
        }
        Self { text, blocks }
    }

    /// The blocks of which `range` of the text holds a part.
    #[must_use]
    pub fn blocks(&self, range: Range<usize>) -> &[Place] {
        let first = self.blocks.partition_point(|place| place.end <= range.start);
        let last = self.blocks.partition_point(|place| place.start < range.end);
        self.blocks.get(first..last).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Mark, Position, Reason, Rule, StageIndex};

    #[test]
    fn each_block_stands_where_the_text_has_it() {
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), "one\ntwo\n\nthree\nfour\n\nfive");
        Mark::new(StageIndex(0)).remove_blocks(&mut document, [(0, Reason::new(Rule(0))), (3, Reason::new(Rule(0)))]);
        let kept = KeptText::of(&document);
        let texts: Vec<&str> = kept.blocks.iter().map(|place| kept.text.get(place.start..place.end).unwrap()).collect();
        assert_eq!(texts, ["two", "three", "five"]);
        let touched = |range| kept.blocks(range).iter().map(|place| place.number).collect::<Vec<_>>();
        assert_eq!(touched(0..3), [1]);
        assert_eq!(touched(2..6), [1, 2]);
        assert_eq!(touched(3..5), Vec::<u32>::new());
        assert_eq!(touched(0..100), [1, 2, 4]);
    }
}
