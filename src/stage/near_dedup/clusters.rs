//! The third round: who stays. In the order of preference, each text that is near one that stays goes for the sake of the nearest such
//! one, and every other stays. So each member of a cluster is itself near the one that stays.

use std::collections::BTreeMap;

use super::NearDedup;
use super::comparison::FILLS_IN;
use super::edge::{Edge, by_text, position_bytes, take_number, take_position, take_short};
use crate::document::{Document, Position};
use crate::stage::{Decision, Note, Outgoing, Sweep, Sweeping};

/// The round.
pub struct Clusters(pub NearDedup);

/// What a note tells of a text: the texts that it is near and preferred to, and the form letters that it fills in.
#[derive(Default)]
struct Text {
    edges: Vec<(Position, Edge)>,
    forms: Vec<Position>,
}

/// What a text that stays tells one that is near it.
struct Message {
    /// The text that it is for, within its document.
    block: u32,
    edge: Edge,
    /// How many texts were come to before the one that sends it.
    sequence: u64,
    from: Position,
    /// The form letters that that one fills in.
    forms: Vec<Position>,
}

/// Entries that a note carries; a text with more of them writes several.
const ENTRIES: usize = 2000;

/// A text fills in so many form letters at most, so that a message has room for them.
const MOST_FORMS: usize = 1000;

impl Sweep for Clusters {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        let mut told = by_text(told).peekable();
        if told.peek().is_none() {
            return;
        }
        self.0.each_text(document, |position, text| {
            let Some(told) = told.next_if(|told| told.first().is_some_and(|first| first.position == position)) else {
                return;
            };
            let key = key(self.0.priority(document, text));
            let mut entries: Vec<(Position, u64)> =
                told.iter().filter_map(|decision| Some((decision.partner?, decision.value))).collect();
            entries.sort_unstable();
            entries.dedup();
            if entries.is_empty() {
                note(Note { key, ..Note::new(key, position) });
            }
            for part in entries.chunks(ENTRIES) {
                let bytes = part
                    .iter()
                    .flat_map(|(partner, number)| position_bytes(*partner).into_iter().chain(number.to_be_bytes()));
                note(Note { payload: bytes.collect(), ..Note::new(key, position) });
            }
        });
    }

    fn goes_by_keys(&self) -> bool {
        true
    }

    fn begin(&self) -> Box<dyn Sweeping + '_> {
        Box::new(InOrder { sequence: 0 })
    }
}

/// The key under which texts of a priority are come to.
fn key(priority: u32) -> [u8; 16] {
    let mut key = [0; 16];
    key.split_at_mut(4).0.copy_from_slice(&priority.to_be_bytes());
    key
}

struct InOrder {
    sequence: u64,
}

impl Sweeping for InOrder {
    fn visit(&mut self, notes: &[Note], received: &[Vec<u8>], out: &mut dyn Outgoing) {
        let mut messages: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
        for message in received.iter().filter_map(|bytes| Message::read(bytes)) {
            messages.entry(message.block).or_default().push(message);
        }
        for notes in notes.chunk_by(|a, b| a.position == b.position) {
            let Some(Note { key, position, .. }) = notes.first() else { continue };
            let text = Text::of(notes);
            self.sequence += 1;
            let received = messages.remove(&position.block).unwrap_or_default();
            let nearest = received.iter().filter(|message| text.heeds(message)).min_by_key(|message| message.rank());
            if let Some(nearest) = nearest {
                out.decide(Decision::new(*position, Some(nearest.from), nearest.edge.number()));
                out.decide(Decision::new(nearest.from, None, 1));
                continue;
            }
            for (other, edge) in text.edges {
                let message = Message {
                    block: other.block,
                    edge,
                    sequence: self.sequence,
                    from: *position,
                    forms: text.forms.clone(),
                };
                let is_here = other.document() == position.document() && self::key(edge.priority) == *key;
                if is_here {
                    messages.entry(other.block).or_default().push(message);
                } else {
                    out.send_to(self::key(edge.priority), other, message.bytes());
                }
            }
        }
    }
}

impl Text {
    fn of(notes: &[Note]) -> Self {
        let mut text = Self::default();
        for note in notes {
            let mut bytes = note.payload.as_slice();
            while let Some((partner, number)) = take_position(&mut bytes).zip(take_number(&mut bytes)) {
                match number {
                    FILLS_IN if text.forms.len() < MOST_FORMS => text.forms.push(partner),
                    FILLS_IN => {}
                    number => text.edges.push((partner, Edge::of(number))),
                }
            }
        }
        // Two may have met in several places: the word of the one that knows their facts counts.
        text.edges.sort_by_key(|(partner, edge)| (*partner, !edge.same_facts));
        text.edges.dedup_by_key(|(partner, _)| *partner);
        text
    }

    /// Whether it goes for the sake of the one that sent `message`: not where both fill in a form letter with facts of their own.
    fn heeds(&self, message: &Message) -> bool {
        message.edge.same_facts || !message.forms.iter().any(|form| self.forms.contains(form))
    }
}

impl Message {
    /// The nearest comes first, and of several that are alike in that, the first of all.
    fn rank(&self) -> (u32, u64) {
        (!self.edge.billionths, self.sequence)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.block.to_be_bytes().to_vec();
        bytes.extend(self.edge.number().to_be_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(position_bytes(self.from));
        self.forms.iter().for_each(|form| bytes.extend(position_bytes(*form)));
        bytes
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let block = take_short(&mut bytes)?;
        let edge = Edge::of(take_number(&mut bytes)?);
        let (sequence, from) = (take_number(&mut bytes)?, take_position(&mut bytes)?);
        let forms = std::iter::from_fn(|| take_position(&mut bytes)).collect();
        Some(Self { block, edge, sequence, from, forms })
    }
}
