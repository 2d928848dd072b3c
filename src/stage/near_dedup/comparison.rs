//! The second round: those that meet at one text are compared, each with those before it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::candidates::meetings;
use super::edge::{Edge, position_bytes};
use super::{NearDedup, Prefer};
use crate::document::{Document, Position};
use crate::near::{Found, Gathering, Nearness, Shingles};
use crate::stage::{Copies, Decision, Group, MOST_PAYLOAD, Note, Notes};
use crate::text::hash;

/// The round.
pub struct Comparison(pub NearDedup);

/// Shingles that a note carries; a longer text writes several.
const SHINGLES: usize = MOST_PAYLOAD / 8;

/// The number of a decision that a text fills in a form letter, known by its partner. No edge has it.
pub const FILLS_IN: u64 = u64::MAX;

impl Group for Comparison {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        let mut meetings = meetings(told).peekable();
        if meetings.peek().is_none() {
            return;
        }
        let mut shingles = Shingles::default();
        self.0.each_text(document, |position, text| {
            let Some((_, leaders)) = meetings.next_if(|(meeting, _)| *meeting == position) else { return };
            shingles.fill(text, self.0.shingle as usize);
            let (set, value) = (shingles.set(), u64::from(self.0.priority(document, text)));
            for leader in leaders {
                let key = hash::key(&position_bytes(leader));
                // The one at which the others meet comes first, so that all are compared with it.
                let order = u8::from(leader != position);
                for part in set.chunks(SHINGLES) {
                    let payload = part.iter().flat_map(|shingle| shingle.to_le_bytes()).collect();
                    note(Note { order, value, payload, ..Note::new(key, position) });
                }
            }
        });
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let leader = Text::of(&copies.first);
        let mut gathering = Gathering::new(self.0.measure(), self.0.templates);
        let mut each = |found: Found<Text>| match found {
            Found::Near { first, second, nearness, same_facts } => {
                self.near(first, second, nearness, same_facts, decision);
            }
            Found::FillsIn(text) => decision(Decision::new(text.position, Some(leader.position), FILLS_IN)),
        };
        // Each is told of the first that it is near, so those that are preferred must come before the others.
        let ahead = if self.0.prefer() == Prefer::SourceOrder { BTreeMap::new() } else { most_preferred(notes) };
        let mut first: Vec<(usize, Text, Vec<u64>)> = Vec::new();
        if !ahead.is_empty() {
            each_text(notes, &|text| ahead.contains_key(&text.position), &mut |text, set| {
                first.extend(ahead.get(&text.position).map(|place| (*place, text, set)));
            });
            first.sort_unstable_by_key(|(place, ..)| *place);
        }
        first.into_iter().for_each(|(_, text, set)| gathering.add(text, set, &mut each));
        each_text(notes, &|text| !ahead.contains_key(&text.position), &mut |text, set| {
            gathering.add(text, set, &mut each);
        });
        gathering.finish(&mut each);
    }
}

/// So many texts come before all others where they are preferred.
const AHEAD: usize = 64;

/// The texts that are preferred most, each with its place among them.
fn most_preferred(notes: &mut dyn Notes) -> BTreeMap<Position, usize> {
    let mut best: BTreeSet<(u32, u64, Position)> = BTreeSet::new();
    let (mut last, mut sequence) = (None, 0);
    notes.each(&mut |note| {
        if last.replace(note.position) != Some(note.position) {
            sequence += 1;
            best.insert((note.value as u32, sequence, note.position));
            if best.len() > AHEAD {
                best.pop_last();
            }
        }
    });
    best.into_iter().enumerate().map(|(place, (_, _, position))| (position, place)).collect()
}

/// Calls `each` for the texts that are `wanted`, put together from their notes, with their sets of shingles.
fn each_text(notes: &mut dyn Notes, wanted: &dyn Fn(&Text) -> bool, each: &mut dyn FnMut(Text, Vec<u64>)) {
    let mut current: Option<(Text, Vec<u64>)> = None;
    notes.each(&mut |note| {
        let text = Text::of(note);
        if !wanted(&text) {
            return;
        }
        let shingles = note.payload.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        match &mut current {
            Some((last, set)) if *last == text => set.extend(shingles),
            _ => {
                let last = current.replace((text, shingles.collect()));
                last.into_iter().for_each(|(text, set)| each(text, set));
            }
        }
    });
    current.into_iter().for_each(|(text, set)| each(text, set));
}

/// A text as it is told in a gathering.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Text {
    position: Position,
    /// Where it stands in the order of preference.
    priority: u32,
    /// Whether the others meet at it: then it is not known who of two that are preferred alike stands before the other.
    leads: bool,
}

impl Text {
    fn of(note: &Note) -> Self {
        Self { position: note.position, priority: note.value as u32, leads: note.order == 0 }
    }
}

impl Comparison {
    /// Tells the one that is preferred of the other, and that one to be there.
    fn near(
        &self,
        first: Text,
        second: Text,
        nearness: Nearness,
        same_facts: bool,
        decision: &mut dyn FnMut(Decision),
    ) {
        let mut tell = |preferred: Text, other: Text, within: f64| {
            let is_part = self.0.containment.is_some_and(|least| within >= least);
            let is_near = nearness.jaccard() >= self.0.threshold;
            if is_near || is_part {
                let similarity = if is_near { nearness.jaccard() } else { within };
                let edge = Edge { same_facts, is_part: !is_near, ..Edge::new(other.priority, similarity) };
                decision(Decision::new(preferred.position, Some(other.position), edge.number()));
                decision(Decision::new(other.position, None, 0));
            }
        };
        match first.priority.cmp(&second.priority) {
            Ordering::Less => tell(first, second, nearness.second_within()),
            Ordering::Greater => tell(second, first, nearness.first_within()),
            Ordering::Equal => {
                tell(first, second, nearness.second_within());
                // By anchors texts meet at the longest, which need not be the first: of the two ways the sweep goes one.
                if first.leads && self.0.containment.is_some() {
                    tell(second, first, nearness.first_within());
                }
            }
        }
    }
}
