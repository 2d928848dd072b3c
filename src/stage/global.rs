//! Global stages: those that need the corpus, in rounds of observe and decide, and an end in which they act.

use super::LocalStage;
use crate::document::{Document, Mark, Position};

/// A stage that needs the corpus: a list of rounds, and what it does in the end.
///
/// In each round it observes every document and writes notes; then it decides over them. What it decided about a document it
/// is told in the next round, and after the last it acts on it.
///
/// Law: what is decided depends on the set of notes alone, never on the order in which they were written.
pub trait GlobalStage: Send + Sync {
    /// How many rounds there are; at least one.
    fn rounds(&self) -> usize {
        1
    }

    /// Round `number`, counted from 0.
    fn round(&self, number: usize) -> Round<'_>;

    /// The options on which round `number` depends, where these are not all: what the round came to is kept when others change.
    fn options_of(&self, number: usize) -> Option<String> {
        let _ = number;
        None
    }

    /// Acts on what the last round decided about this document, sorted by position, which may be nothing. Never called for a
    /// document that is removed already.
    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark);

    /// The part of it that judges a document by itself, if there is one: as `apply` does where nothing was decided.
    fn local(&self) -> Option<&dyn LocalStage> {
        None
    }
}

/// How a round decides.
pub enum Round<'a> {
    /// Over the notes of one key, any number of keys at once.
    Group(&'a dyn Group),
    /// Over all notes, once, in the order of the corpus.
    Sweep(&'a dyn Sweep),
}

/// A round that decides over the notes of one key.
pub trait Group: Send + Sync {
    /// Writes down what `document` contributes, `told` being what the round before decided about it. Never called for a
    /// document that is removed already.
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note));

    /// Decides over all notes of one key: `copies` says what they come to, `notes` gives them, sorted by [`Note::order`] and
    /// then by the order of the corpus. They may be more than memory holds, so a stage must not gather them.
    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision));
}

/// A round that goes over the notes in the order of the corpus, document after document. It is done by one task alone, so what
/// can be decided by key should be.
pub trait Sweep: Send + Sync {
    /// Writes down what `document` contributes, as for a [`Group`]. The order of the notes does not matter, nor their key unless the
    /// sweep goes [by keys](Self::goes_by_keys): those of one document stay as they were written.
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note));

    /// Whether it goes over the notes in the order of their keys, and only among equal ones in that of the corpus. It then comes to a
    /// document once for each key of its notes.
    fn goes_by_keys(&self) -> bool {
        false
    }

    /// Begins at the first document.
    fn begin(&self) -> Box<dyn Sweeping + '_>;
}

/// A sweep on its way. It must not gather the notes: what it has to remember of a document it sends to a later one.
pub trait Sweeping {
    /// Comes to a document: its `notes`, and what was sent to it from earlier documents, sorted.
    fn visit(&mut self, notes: &[Note], received: &[Vec<u8>], out: &mut dyn Outgoing);
}

/// Where a sweep puts what it decides and remembers.
pub trait Outgoing {
    /// Decides about a document or block, anywhere.
    fn decide(&mut self, decision: Decision);

    /// Sends a message of at most [`MOST_PAYLOAD`] bytes to a later document. One that the sweep does not come to, because it
    /// wrote no note or stands before, gets none.
    fn send(&mut self, later: Position, message: Vec<u8>) {
        self.send_to([0; 16], later, message);
    }

    /// The same in a sweep by keys, to where the document has notes of this key.
    fn send_to(&mut self, key: [u8; 16], later: Position, message: Vec<u8>);
}

/// Notes of one key, to be read any number of times.
pub trait Notes {
    /// Hands over each note in order.
    fn each(&mut self, visit: &mut dyn FnMut(&Note));
}

impl Notes for &[Note] {
    fn each(&mut self, visit: &mut dyn FnMut(&Note)) {
        self.iter().for_each(visit);
    }
}

/// A note, or a message of a sweep, carries at most so many bytes.
pub const MOST_PAYLOAD: usize = 64 << 10;

/// What a global stage writes down while it observes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What is compared: notes with one key are decided together. Uniform, since its first bytes choose the range of keys.
    pub key: [u8; 16],
    /// Among the notes of one key, those with a lower number come first.
    pub order: u8,
    /// Where it was seen.
    pub position: Position,
    /// A number that the stage needs to decide.
    pub value: u64,
    /// Whatever else it needs; at most [`MOST_PAYLOAD`] bytes.
    pub payload: Vec<u8>,
}

impl Note {
    /// A note that says no more than that its key was seen.
    #[must_use]
    pub fn new(key: [u8; 16], position: Position) -> Self {
        Self { key, order: 0, position, value: 0, payload: Vec::new() }
    }
}

/// What all notes of one key come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// The first note.
    pub first: Note,
    /// How many notes there are.
    pub notes: u64,
    /// In how many documents they stand, if all of them have one order.
    pub documents: u64,
    last: Position,
}

impl Copies {
    /// Those of a single note.
    #[must_use]
    pub fn new(first: Note) -> Self {
        Self { notes: 1, documents: 1, last: first.position, first }
    }

    /// Adds the next note.
    pub fn add(&mut self, note: &Note) {
        self.notes += 1;
        self.documents += u64::from(note.position.document() != self.last.document());
        self.last = note.position;
    }

    /// Those of some notes of one key, unless there are none.
    #[must_use]
    pub fn of(notes: &[Note]) -> Option<Self> {
        let (first, others) = notes.split_first()?;
        let mut copies = Self::new(first.clone());
        others.iter().for_each(|note| copies.add(note));
        Some(copies)
    }
}

/// Lets a round decide over `notes`, which are sorted by key and order, those of one key and order by the order of the corpus.
pub fn decide_all(group: &dyn Group, notes: &[Note], decision: &mut dyn FnMut(Decision)) {
    for mut same in notes.chunk_by(|a, b| a.key == b.key) {
        if let Some(copies) = Copies::of(same) {
            group.decide(&copies, &mut same, decision);
        }
    }
}

/// What a global stage decided about one position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// The block, or the document, that it is about.
    pub position: Position,
    /// Another that it has to do with: for a duplicate, the copy that is kept.
    pub partner: Option<Position>,
    /// A number that the stage needs to act, such as that of copies.
    pub value: u64,
    /// Whatever else it needs; at most [`MOST_PAYLOAD`] bytes.
    pub payload: Vec<u8>,
}

impl Decision {
    /// A decision that says no more than a number.
    #[must_use]
    pub const fn new(position: Position, partner: Option<Position>, value: u64) -> Self {
        Self { position, partner, value, payload: Vec::new() }
    }
}
