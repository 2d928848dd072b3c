//! From passages of a document's text to what goes of its blocks.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::kept_text::KeptText;
use super::super::paragraph_dedup::shapes;
use super::{Edges, REPEATED_BLOCK, REPEATED_PASSAGE, SubstringDedup};
use crate::document::{Document, Mark, Position, Reason};
use crate::overlap::passages::whole_sentences;
use crate::text::shape::Kind;

/// A passage of a document's kept text that stands elsewhere too.
pub struct Passage {
    /// All of it, in bytes.
    range: Range<usize>,
    /// The parts of which it was joined, each with the copy that is kept of it.
    parts: Vec<(Range<usize>, Option<Position>)>,
}

impl Passage {
    /// Joins parts that overlap or touch.
    pub fn join(parts: impl Iterator<Item = (Range<usize>, Option<Position>)>) -> Vec<Self> {
        let mut parts: Vec<(Range<usize>, Option<Position>)> = parts.collect();
        parts.sort_by_key(|(range, _)| (range.start, range.end));
        let mut joined: Vec<Self> = Vec::new();
        for (range, kept) in parts {
            match joined.last_mut() {
                Some(last) if range.start <= last.range.end => {
                    last.range.end = last.range.end.max(range.end);
                    last.parts.push((range, kept));
                }
                _ => joined.push(Self { range: range.clone(), parts: vec![(range, kept)] }),
            }
        }
        joined
    }

    /// The copy that is kept of most of `range`; of equal ones the first.
    fn kept_of(&self, range: &Range<usize>) -> Option<Position> {
        let shared = |part: &Range<usize>| part.end.min(range.end).saturating_sub(part.start.max(range.start));
        let mut most = (0, None);
        for (part, kept) in &self.parts {
            if shared(part) > most.0 {
                most = (shared(part), *kept);
            }
        }
        most.1
    }
}

/// What goes of a block.
struct Piece {
    /// In bytes of the block.
    range: Range<usize>,
    /// Characters of the passage.
    chars: usize,
    kept: Option<Position>,
}

/// Takes `passages` out of the document, as far as the config wants.
pub fn cut(document: &mut Document, passages: &[Passage], config: &SubstringDedup, mark: Mark) {
    let (mut edited, mut removed) = (BTreeMap::new(), Vec::new());
    for (index, pieces) in pieces(document, passages, config) {
        let Some(block) = document.block(index) else { continue };
        match pieces.iter().max_by_key(|piece| piece.chars) {
            Some(longest) if is_all(block.text(), &pieces) => {
                let reason = Reason::new(REPEATED_BLOCK)
                    .measured(longest.chars as f64, f64::from(config.min_chars))
                    .in_favour_of(longest.kept);
                removed.push((index, reason));
            }
            _ => {
                edited.insert(index, pieces);
            }
        }
    }
    if !edited.is_empty() {
        mark.edit(document, |editor| {
            // From the end, so that each range is one of the block as it was.
            for piece in edited.get(&editor.block().index()).into_iter().flatten().rev() {
                editor.remove_copy(REPEATED_PASSAGE, piece.range.clone(), piece.kept);
            }
        });
    }
    mark.remove_blocks(document, removed);
}

/// What goes of which block, in order.
fn pieces(document: &Document, passages: &[Passage], config: &SubstringDedup) -> BTreeMap<usize, Vec<Piece>> {
    let (kept, kinds) = (KeptText::of(document), shapes(document));
    let mut pieces: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    for passage in passages {
        if config.edges == Edges::Sentence && !is_prose(passage, &kept, &kinds) {
            continue;
        }
        let chars = kept.text.get(passage.range.clone()).map_or(0, |text| text.chars().count());
        for place in kept.blocks(passage.range.clone()) {
            let Some(block) = kept.text.get(place.start..place.end) else { continue };
            if config.edges == Edges::Sentence && kinds.get(place.index) != Some(&Kind::Text) {
                continue;
            }
            let from = passage.range.start.saturating_sub(place.start);
            let to = passage.range.end.min(place.end) - place.start;
            let range = match config.edges {
                Edges::Exact => Some(from..to),
                Edges::Sentence => whole_sentences(block, from..to),
            };
            // Two passages may claim the gap between them.
            let taken = pieces.get(&place.index).and_then(|mine| mine.last()).map_or(0, |before| before.range.end);
            let range = range.map(|range| range.start.max(taken)..range.end);
            let Some(range) = range.filter(|range| !range.is_empty()) else { continue };
            let kept = passage.kept_of(&(place.start + range.start..place.start + range.end));
            pieces.entry(place.index).or_default().push(Piece { range, chars, kept });
        }
    }
    pieces
}

/// Whether most of a passage lies in paragraphs. Where it lies in code, tables and short lines, those few lines of it that look like text
/// belong to what is around them.
fn is_prose(passage: &Passage, kept: &KeptText, kinds: &[Kind]) -> bool {
    let range = &passage.range;
    let in_paragraphs: usize = kept
        .blocks(range.clone())
        .iter()
        .filter(|place| kinds.get(place.index) == Some(&Kind::Text) && place.end - place.start >= PARAGRAPH)
        .map(|place| range.end.min(place.end) - range.start.max(place.start))
        .sum();
    in_paragraphs * 2 >= range.len()
}

/// A paragraph has so many bytes at least, as `paragraph_dedup` has it by default.
const PARAGRAPH: usize = 40;

/// Whether nothing but white space is left of a block without these pieces.
fn is_all(block: &str, pieces: &[Piece]) -> bool {
    let mut from = 0;
    let ends = pieces.iter().map(|piece| (piece.range.start, piece.range.end)).chain([(block.len(), block.len())]);
    ends.into_iter().all(|(start, end)| {
        let is_blank = block.get(from..start).is_none_or(|text| text.trim().is_empty());
        from = end;
        is_blank
    })
}
