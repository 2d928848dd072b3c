//! `identity`: keeps document ids apart. Not in the config's table: the plan adds it where ids come from the input.
//!
//! Global, because whether an id was seen before is only known once all documents are read. The first document by
//! position keeps its id; later ones get `~2`, `~3`, ..., passing over what another document calls itself already.

use std::collections::BTreeSet;

use super::{Configured, Copies, Decision, GlobalStage, Note, Stage};
use crate::document::{Document, Mark};
use crate::text::hash;

/// Its name, for people.
pub const NAME: &str = "identity";

/// The stage that renames repeated ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity;

impl Identity {
    /// The stage as the plan takes it. It has no rules: it removes nothing.
    #[must_use]
    pub fn configured() -> Configured {
        Configured::harmless(Stage::Global(Box::new(Self)))
    }
}

impl GlobalStage for Identity {
    fn observe(&self, document: &Document, note: &mut dyn FnMut(Note)) {
        let (base, number) = split(document.id());
        note(Note { key: hash::key(base.as_bytes()), position: document.position(), value: number });
    }

    /// Of the notes, only the repeats are gathered.
    fn decide(&self, copies: &Copies, notes: &mut dyn Iterator<Item = Note>, decision: &mut dyn FnMut(Decision)) {
        if copies.notes < 2 {
            return;
        }
        let mut taken = BTreeSet::new();
        let repeats: Vec<Note> = notes.filter(|note| !taken.insert(note.value)).collect();
        let mut next = 2;
        for note in repeats {
            while !taken.insert(next) {
                next += 1;
            }
            decision(Decision { position: note.position, partner: None, value: next });
        }
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], _mark: Mark) {
        if let Some(decision) = decisions.first() {
            let (base, _) = split(document.id());
            document.rename(format!("{base}~{}", decision.value));
        }
    }
}

/// An id's base and number: `a~3` is `a` with 3; an id without such an ending has 0.
fn split(id: &str) -> (&str, u64) {
    let numbered = id.rsplit_once('~').and_then(|(base, digits)| {
        let canonical = !digits.starts_with(['0', '+']);
        Some((base, digits.parse().ok().filter(|number| canonical && *number >= 2)?))
    });
    numbered.unwrap_or((id, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Position, StageIndex};
    use crate::stage::decide_all;

    fn renamed(ids: &[&str]) -> Vec<String> {
        let mut documents: Vec<Document> = ids
            .iter()
            .enumerate()
            .map(|(record, id)| {
                let position = Position { file: 0, record: record as u64, block: 0 };
                Document::new(position, (*id).to_owned(), "a".into(), "text")
            })
            .collect();
        let mut notes = Vec::new();
        documents.iter().for_each(|document| Identity.observe(document, &mut |note| notes.push(note)));
        notes.sort_unstable();
        decide_all(&Identity, &notes, &mut |decision| {
            let document = &mut documents[decision.position.record as usize];
            GlobalStage::apply(&Identity, document, &[decision], Mark::new(StageIndex(0)));
        });
        documents.iter().map(|document| document.id().to_owned()).collect()
    }

    #[test]
    fn repeated_ids_are_numbered_in_order() {
        assert_eq!(renamed(&["a", "b", "a", "a"]), ["a", "b", "a~2", "a~3"]);
    }

    #[test]
    fn a_new_number_never_meets_an_id_that_looks_numbered() {
        assert_eq!(renamed(&["a", "a", "a~2", "a~2"]), ["a", "a~3", "a~2", "a~4"]);
        assert_eq!(renamed(&["a~02", "a~02", "a~1", "~"]), ["a~02", "a~02~2", "a~1", "~"]);
    }
}
