//! The fourth round, where near copies stay: each is told the name and the size of its cluster.

use super::edge::{Edge, by_text, position_bytes};
use crate::document::{Cluster, Document, Position};
use crate::stage::{Copies, Decision, Group, MOST_PAYLOAD, Note, Notes};
use crate::text::hash;

/// The round.
pub struct Naming;

impl Group for Naming {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        let key = |first: Position| hash::key(&position_bytes(first));
        for told in by_text(told) {
            let Some(Decision { position, .. }) = told.first() else { continue };
            let nearest = told.iter().find_map(|decision| Some((decision.partner?, decision.value)));
            note(match nearest {
                Some((first, value)) => Note { order: 1, value, ..Note::new(key(first), *position) },
                None => {
                    let id = document.id();
                    let name =
                        if id.len() <= MOST_PAYLOAD { id.to_owned() } else { hash::hex(&hash::sha256(id.as_bytes())) };
                    let value = Edge::new(0, 1.0).number();
                    Note { value, payload: name.into_bytes(), ..Note::new(key(*position), *position) }
                }
            });
        }
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let size = copies.notes.min(u64::from(u32::MAX));
        notes.each(&mut |note| {
            let value = size << 32 | u64::from(Edge::of(note.value).billionths);
            let payload = copies.first.payload.clone();
            decision(Decision { payload, ..Decision::new(note.position, None, value) });
        });
    }
}

/// The cluster of which a decision tells.
pub fn cluster(decision: &Decision) -> Option<Cluster> {
    let id = String::from_utf8(decision.payload.clone()).ok()?;
    let similarity = Edge::of(decision.value & u64::from(u32::MAX)).similarity() as f32;
    Some(Cluster { id, size: (decision.value >> 32) as u32, similarity })
}
