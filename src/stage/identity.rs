//! `identity`: keeps document ids apart. Not in the config's table: the plan adds it where ids come from the input.
//!
//! Global, because whether an id was seen before is only known once all documents are read. The first document by
//! position keeps its id; later ones get `~2`, `~3`, ..., passing over what another document calls itself already.

use std::collections::BTreeMap;

use super::{Configured, Copies, Decision, GlobalStage, Group, Note, Notes, Round, Stage};
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
    fn round(&self, _number: usize) -> Round<'_> {
        Round::Group(self)
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], _mark: Mark) {
        if let Some(decision) = decisions.first() {
            let (base, _) = split(document.id());
            document.rename(format!("{base}~{}", decision.value));
        }
    }
}

impl Group for Identity {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let (base, number) = split(document.id());
        note(Note { value: number, ..Note::new(hash::key(base.as_bytes()), document.position()) });
    }

    /// Holds the different numbers of one base alone, and of those that follow each other the first and the last: nothing for
    /// documents that call themselves the same.
    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        if copies.notes < 2 {
            return;
        }
        let (mut taken, mut repeats) = (Numbers::default(), 0u64);
        notes.each(&mut |note| repeats += u64::from(!taken.insert(note.value)));
        if repeats == 0 {
            return;
        }
        let (mut seen, mut next) = (Numbers::default(), 2);
        notes.each(&mut |note| {
            if !seen.insert(note.value) {
                next = taken.first_not_in(next);
                decision(Decision::new(note.position, None, next));
                next += 1;
            }
        });
    }
}

/// A set of numbers, kept as runs: the first and the last of each.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<u64, u64>);

impl Numbers {
    /// Adds a number; false if it was in already.
    fn insert(&mut self, number: u64) -> bool {
        let before = self.0.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| number <= last) {
            return false;
        }
        let first = before.filter(|(_, last)| last + 1 == number).map_or(number, |(first, _)| first);
        let after = number.checked_add(1).and_then(|next| self.0.remove(&next));
        self.0.insert(first, after.unwrap_or(number));
        true
    }

    /// The least number from `from` on that is not in.
    fn first_not_in(&self, from: u64) -> u64 {
        let before = self.0.range(..=from).next_back().filter(|(_, last)| from <= **last);
        before.map_or(from, |(_, last)| last + 1)
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
        documents.iter().for_each(|document| Identity.observe(document, &[], &mut |note| notes.push(note)));
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

    #[test]
    fn numbers_that_follow_each_other_are_one_run() {
        let mut numbers = Numbers::default();
        let order = [5, 3, 4, 9, 2, u64::MAX, 8, 4, 9, u64::MAX, 0];
        let mut set = std::collections::BTreeSet::new();
        for number in order {
            assert_eq!(numbers.insert(number), set.insert(number), "{number}");
        }
        assert_eq!(numbers.0, [(0, 0), (2, 5), (8, 9), (u64::MAX, u64::MAX)].into());
        assert_eq!([0, 1, 2, 4, 7, 8].map(|from| numbers.first_not_in(from)), [1, 1, 6, 6, 7, 10]);
    }
}
