//! The first round: who may be near whom.
//!
//! Texts that agree in a band all meet at the first of them. For parts, the anchors that a text has in common with longer ones are
//! counted by the second round: it meets those that have enough of them.

use std::collections::BTreeMap;

use super::edge::by_text;
use super::items::LEAST_WORDS;
use super::{NearDedup, Unit};
use crate::document::{Document, Position};
use crate::near::{Shingles, anchors, key};
use crate::stage::{Copies, Decision, Group, Note, Notes};

/// The round.
pub struct Candidates(pub NearDedup);

/// What the keys of anchors are told from those of bands by.
const ANCHOR: u64 = u64::MAX;

/// Shingles of which one is an anchor: a passage of so many that two texts have in common is found.
const WINDOW: usize = 10;

/// An anchor that more texts have says nothing.
const MOST_TEXTS: u64 = 1000;

/// An anchor is counted for so many of the longest texts that have it.
const LONGEST: usize = 3;

/// A text meets a longer one that has this share of its anchors.
const SHARE: f64 = 0.25;

/// The mark of a decision that a text leads others by an anchor.
const LEADS: u64 = 1 << 63;

/// The number of a decision that a text agrees with another in a band.
const AGREES: u64 = u64::MAX;

impl Group for Candidates {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let (mut shingles, mut bands) = (Shingles::default(), self.0.bands());
        self.0.each_text(document, |position, text| {
            let found = shingles.fill(text, self.0.shingle as usize);
            let is_short = found.is_empty() || self.0.unit == Unit::Block && shingles.tokens() < LEAST_WORDS;
            if is_short {
                return;
            }
            let found = shingles.in_order();
            bands.keys(found, |key| note(Note::new(key, position)));
            if self.0.containment.is_some() {
                let mut own = Vec::new();
                anchors(found, WINDOW, |anchor| own.push(anchor));
                own.sort_unstable();
                own.dedup();
                let (order, value) = (order_by_length(text), own.len() as u64);
                let of_anchor = |anchor| Note { order, value, ..Note::new(key(ANCHOR, [anchor]), position) };
                own.iter().for_each(|anchor| note(of_anchor(*anchor)));
            }
        });
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        if copies.notes < 2 {
        } else if copies.first.order == 0 {
            let first = Some(copies.first.position);
            notes.each(&mut |note| decision(Decision::new(note.position, first, AGREES)));
        } else if copies.notes <= MOST_TEXTS {
            let mut longer: Vec<Position> = Vec::new();
            notes.each(&mut |note| {
                for long in &longer {
                    decision(Decision::new(note.position, Some(*long), note.value));
                    decision(Decision::new(*long, Some(note.position), note.value | LEADS));
                }
                if longer.len() < LONGEST {
                    longer.push(note.position);
                }
            });
        }
    }
}

/// Longer texts come first: eight steps for each doubling. At least 1, since bands have 0.
fn order_by_length(text: &str) -> u8 {
    let length = text.chars().count().max(1);
    255 - ((length as f64).log2() * 8.0) as u8
}

/// Of what the round told, which texts of a document meet at which, themselves included where they lead others.
pub fn meetings(told: &[Decision]) -> impl Iterator<Item = (Position, Vec<Position>)> {
    by_text(told).filter_map(|told| {
        let position = told.first()?.position;
        let mut leaders = Vec::new();
        // Anchors that it has in common with another, and all that the shorter of the two has.
        let mut common: BTreeMap<(Position, bool), (u64, u64)> = BTreeMap::new();
        for Decision { partner, value, .. } in told {
            let Some(partner) = *partner else { continue };
            if *value == AGREES {
                leaders.push(partner);
            } else {
                let counted = common.entry((partner, value & LEADS != 0)).or_insert((0, value & !LEADS));
                counted.0 += 1;
            }
        }
        let enough = common.into_iter().filter(|(_, (count, all))| *count as f64 >= SHARE * *all as f64);
        leaders.extend(enough.map(|((partner, leads), _)| if leads { position } else { partner }));
        leaders.sort_unstable();
        leaders.dedup();
        (!leaders.is_empty()).then_some((position, leaders))
    })
}
