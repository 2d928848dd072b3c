//! Reads the notes of a round in the order of the corpus or of their keys, document by document, and delivers what earlier
//! documents sent ahead.

use super::error::RunError;
use super::job::Job;
use super::notes::Observed;
use super::rank::Rank;
use crate::document::Position;
use crate::exchange::{Queue, Record, Sorted, take_array};
use crate::stage::{Decision, Note, Outgoing, Sweep};

/// What was sent to a later document.
struct Message {
    key: [u8; 16],
    to: Rank,
    bytes: Vec<u8>,
}

impl Record for Message {
    fn key(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key);
        self.to.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }

    fn read(mut key: &[u8], value: &[u8]) -> Option<Self> {
        let of_notes = take_array(&mut key)?;
        Some(Self { key: of_notes, to: Rank::read(key)?, bytes: value.to_vec() })
    }
}

/// Lets a sweep go over `notes`, of which `decision` gets what it decides.
///
/// # Errors
/// If the disk refuses.
pub fn sweep(
    job: &Job<'_>,
    sweep: &dyn Sweep,
    notes: &Sorted<Observed>,
    decision: &mut dyn FnMut(Decision),
) -> Result<(), RunError> {
    let mut sweeping = sweep.begin();
    let mut out =
        Sent { job, queue: Queue::new(job.store.scratch().to_owned(), job.memory.0 / 4), decision, failed: Ok(()) };
    let mut stream = notes.stream();
    let mut next = stream.next()?.map(|observed| observed.note);
    let mut here: Vec<Note> = Vec::new();
    while let Some(first) = next.take() {
        let (key, document) = (first.key, first.position.document());
        here.clear();
        here.push(first);
        while let Some(Observed { note, .. }) = stream.next()? {
            if (note.key, note.position.document()) != (key, document) {
                next = Some(note);
                break;
            }
            here.push(note);
        }
        let received = out.received(key, document)?;
        sweeping.visit(&here, &received, &mut out);
        std::mem::replace(&mut out.failed, Ok(()))?;
    }
    Ok(())
}

/// Where the sweep's decisions and messages go.
struct Sent<'a> {
    job: &'a Job<'a>,
    queue: Queue<Message>,
    decision: &'a mut dyn FnMut(Decision),
    failed: Result<(), RunError>,
}

impl Sent<'_> {
    /// What was sent to `document`, sorted. What was sent to documents before it, to which the sweep did not come, goes.
    fn received(&mut self, key: [u8; 16], document: Position) -> Result<Vec<Vec<u8>>, RunError> {
        let here = Message { key, to: self.job.rank(document)?, bytes: Vec::new() };
        let (mut most, mut received) = (Vec::new(), Vec::new());
        here.key(&mut most);
        while let Some(message) = self.queue.take_up_to(&most)? {
            if (message.key, message.to) == (here.key, here.to) {
                received.push(message.bytes);
            }
        }
        received.sort_unstable();
        Ok(received)
    }
}

impl Outgoing for Sent<'_> {
    fn decide(&mut self, decision: Decision) {
        (self.decision)(decision);
    }

    fn send_to(&mut self, key: [u8; 16], later: Position, message: Vec<u8>) {
        if self.failed.is_ok() {
            let rank = self.job.rank(later.document());
            self.failed = rank.and_then(|to| Ok(self.queue.push(&Message { key, to, bytes: message })?));
        }
    }
}

#[cfg(test)]
mod tests;
