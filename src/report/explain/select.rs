//! Leaves of explanations what somebody asks for: lines with a text, or what one stage did.

use super::{Explained, Explanation, Line, Piece};

/// A stage that is no stage of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoStage {
    /// What the pipeline has, in order.
    pub stages: Vec<String>,
}

impl Explained {
    /// Only the lines that have `wanted` in what stands there or stood there, and only documents with such a line.
    pub fn only_with(&mut self, wanted: &str) {
        for document in &mut self.documents {
            document.lines.retain(|line| line.has(wanted));
        }
        self.documents.retain(|document| !document.lines.is_empty());
    }

    /// Only what one stage of `stages` did, by its name or its place from 1, with the lines as they came to it.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn only_stage(&mut self, wanted: &str, stages: &[String]) -> Result<(), NoStage> {
        let by_place = wanted.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
        let at = match by_place {
            Some(place) => Some(place).filter(|place| *place < stages.len()),
            None => stages.iter().position(|stage| stage == wanted),
        };
        let at = at.ok_or_else(|| NoStage { stages: stages.to_vec() })?;
        let place = |stage: &str| stages.iter().position(|known| known == stage).unwrap_or(stages.len());
        self.documents.iter_mut().for_each(|document| document.only_stage(at, place));
        self.notes.push(format!("stage {}, {}: what came to it, and what it did", at + 1, stages[at]));
        Ok(())
    }
}

impl Explanation {
    fn only_stage(&mut self, at: usize, place: impl Fn(&str) -> usize) {
        let of = |line: &Line| line.removal.as_ref().map(|why| place(&why.stage));
        self.lines.retain(|line| of(line).is_none_or(|removed| removed >= at));
        for line in &mut self.lines {
            if of(line).is_some_and(|removed| removed > at) {
                line.removal = None;
            }
            line.edits.retain(|edit| place(&edit.why.stage) == at);
            if line.edits.is_empty() {
                line.pieces = vec![Piece::Same(line.text())];
            }
        }
    }
}

impl Line {
    fn has(&self, wanted: &str) -> bool {
        let before = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Same(text) | Piece::Out(text) => Some(text.as_str()),
            Piece::In(_) => None,
        });
        self.text().contains(wanted) || before.collect::<String>().contains(wanted)
    }
}
