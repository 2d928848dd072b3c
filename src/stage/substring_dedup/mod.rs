//! `substring_dedup`: takes out passages that stand earlier in the corpus, character for character.
//!
//! Global, in two rounds, so that no text but that around a repeat crosses between documents. A text is noted at anchors that its content
//! alone chooses, so that a passage has the same ones wherever it stands (`overlap::passages`). The first round finds the anchors that
//! stand more than once; the documents that have them write down the text around each, as far as a passage without another
//! anchor may reach, and the second round compares these in the order of the corpus. What comes of it are ranges of the kept text of
//! a document, which overlap along a longer passage; the document joins them and cuts.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_text::KeptText;
use super::{
    Configure, Configured, Copied, Copies, Decision, GlobalStage, Group, Note, Notes, Removes, Round, RuleInfo, Signal,
    Stage, StageError, StageInfo, Surroundings,
};
use crate::document::{Document, Mark, Position, Rule};
use crate::overlap::passages::{self, Anchor, Earlier, Reach, anchors};
use crate::text::hash;

mod cut;
#[cfg(test)]
mod tests;

use cut::Passage;

/// Takes out passages that stand earlier in the corpus, or in the document, character for character: a disclaimer, a quotation, what a
/// paper says of itself, wherever in a paragraph it begins and ends.
///
/// Code, tables and other blocks that are no paragraphs stay, as with `paragraph_dedup`, unless `edges = "exact"`. Text that a passage shares with an earlier one
/// only after repair is found where `normalize` stands before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubstringDedup {
    /// Shorter passages stay. In characters (Unicode scalar values), line ends between paragraphs included; 50 to 5,000.
    #[schemars(range(min = 50, max = 5000))]
    pub min_chars: u32,
    /// Where a passage is cut: `sentence` takes the sentences and the blocks that lie in it whole, `exact` all of it, from its first
    /// character to its last, in code and tables too.
    pub edges: Edges,
    /// What stays of several copies: the `first` in the order of source, path, record and block, or `none`.
    pub keep: KeepPassage,
}

/// Where a passage is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edges {
    /// At the edges of sentences and blocks.
    #[default]
    Sentence,
    /// Where it begins and ends.
    Exact,
}

/// Which copy of a passage stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepPassage {
    /// The copy at the least position.
    #[default]
    First,
    /// No copy at all.
    None,
}

impl Default for SubstringDedup {
    fn default() -> Self {
        Self { min_chars: 200, edges: Edges::Sentence, keep: KeepPassage::First }
    }
}

impl Configure for SubstringDedup {
    const INFO: StageInfo = StageInfo {
        does: "cuts out passages that stand earlier in the corpus character for character, at the edges of sentences; code and tables stay",
        needs_corpus: "yes",
        signal: Some(Signal::Repeated),
        rules,
        fixture: include_str!("../../../tests/stages/substring_dedup.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if !(50..=5000).contains(&self.min_chars) {
            return Err(StageError::new("min_chars", format!("{} lies outside of 50 to 5000", self.min_chars))
                .hint("200 characters are about three lines; shorter repeats are phrases"));
        }
        let min_chars = self.min_chars as usize;
        let reach = Reach::of(min_chars);
        let agreeing = Agreeing { reach, min_chars, keeps_first: self.keep == KeepPassage::First };
        let dedup = Box::new(Dedup { config: self.clone(), repeated: Repeated { reach }, agreeing });
        let copied = if self.keep == KeepPassage::First { Copied::Parts } else { Copied::AllParts };
        let more = Configured::new(Stage::Global(dedup), rules());
        Ok(Configured { removes: Removes::BLOCKS, edits: true, copied: Some(copied), ..more })
    }
}

fn rules() -> Vec<RuleInfo> {
    let block =
        "all of a block lies in a passage of so many characters that stands earlier in the corpus, or in the document";
    let part = "a part of a block that lies in a passage which stands earlier in the corpus, or in the document";
    vec![
        RuleInfo::block("repeated_block", block)
            .saying("[a copy of what stands in {copy}; ]it lies in a passage of {n characters}"),
        RuleInfo::text("repeated_passage", part).saying("[a copy of what stands in {copy}]"),
    ]
}

/// The rule of whole blocks. Its value is the number of characters of the passage, its threshold `min_chars`.
const REPEATED_BLOCK: Rule = Rule(0);

/// The rule of parts of blocks.
const REPEATED_PASSAGE: Rule = Rule(1);

/// The stage.
struct Dedup {
    config: SubstringDedup,
    repeated: Repeated,
    agreeing: Agreeing,
}

/// The first round: which anchors stand more than once.
struct Repeated {
    reach: Reach,
}

/// The second round: how far the texts around them agree.
struct Agreeing {
    reach: Reach,
    min_chars: usize,
    keeps_first: bool,
}

impl GlobalStage for Dedup {
    fn rounds(&self) -> usize {
        2
    }

    fn round(&self, number: usize) -> Round<'_> {
        if number == 0 { Round::Group(&self.repeated) } else { Round::Group(&self.agreeing) }
    }

    fn options_of(&self, _number: usize) -> Option<String> {
        Some(format!("{} {:?}", self.config.min_chars, self.config.keep))
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        let passages = Passage::join(decisions.iter().map(|decision| (unpacked(decision.value), decision.partner)));
        if !passages.is_empty() {
            cut::cut(document, &passages, &self.config, mark);
        }
    }
}

/// The key of an anchor.
fn key(text: &str, anchor: Anchor) -> [u8; 16] {
    hash::key(text.as_bytes().get(anchor.start..anchor.end).unwrap_or_default())
}

/// A range of a text as a number: a document has less than 2 GiB of it.
fn packed(range: &Range<usize>) -> u64 {
    (range.start as u64) << 32 | (range.end - range.start) as u64
}

fn unpacked(value: u64) -> Range<usize> {
    let start = (value >> 32) as usize;
    start..start + (value & u64::from(u32::MAX)) as usize
}

impl Group for Repeated {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let text = document.text();
        anchors(&text, self.reach, |anchor| {
            let value = packed(&(anchor.start..anchor.end));
            note(Note { value, ..Note::new(key(&text, anchor), document.position()) });
        });
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        if copies.notes > 1 {
            notes.each(&mut |note| decision(Decision::new(note.position, None, note.value)));
        }
    }
}

impl Group for Agreeing {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        if told.is_empty() {
            return;
        }
        let kept = KeptText::of(document);
        for decision in told {
            let Range { start, end } = unpacked(decision.value);
            let anchor = Anchor { start, end };
            let block = kept.blocks(start..end).first().map_or(0, |place| place.number);
            let position = Position { block, ..document.position() };
            let payload = passages::Surroundings::of(&kept.text, anchor, self.reach).to_bytes();
            note(Note { value: decision.value, payload, ..Note::new(key(&kept.text, anchor), position) });
        }
    }

    fn decide(&self, _copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let mut earlier = Earlier::new(self.min_chars);
        notes.each(&mut |note| {
            let Some(next) = passages::Surroundings::from_bytes(&note.payload) else { return };
            let start = unpacked(note.value).start;
            earlier.meet((note.position, start), next, |(position, at), shared| {
                let of = |start: usize| packed(&(start - shared.before..start + shared.behind));
                let partner = Some(position).filter(|_| self.keeps_first);
                decision(Decision::new(note.position, partner, of(start)));
                if !self.keeps_first {
                    decision(Decision::new(position, partner, of(at)));
                }
            });
        });
    }
}
