//! Reads the notes of a round in the order of the corpus, document by document, and delivers what earlier documents sent ahead.

use super::error::RunError;
use super::job::Job;
use super::notes::Observed;
use super::rank::Rank;
use crate::document::Position;
use crate::exchange::{Queue, Record, Sorted};
use crate::stage::{Decision, Note, Outgoing, Sweep};

/// What was sent to a later document.
struct Message {
    to: Rank,
    bytes: Vec<u8>,
}

impl Record for Message {
    fn key(&self, out: &mut Vec<u8>) {
        self.to.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }

    fn read(key: &[u8], value: &[u8]) -> Option<Self> {
        Some(Self { to: Rank::read(key)?, bytes: value.to_vec() })
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
        let document = first.position.document();
        here.clear();
        here.push(first);
        while let Some(Observed { note, .. }) = stream.next()? {
            if note.position.document() != document {
                next = Some(note);
                break;
            }
            here.push(note);
        }
        let received = out.received(document)?;
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
    fn received(&mut self, document: Position) -> Result<Vec<Vec<u8>>, RunError> {
        let rank = self.job.rank(document)?;
        let (mut key, mut received) = (Vec::new(), Vec::new());
        rank.put(&mut key);
        while let Some(Message { to, bytes }) = self.queue.take_up_to(&key)? {
            if to == rank {
                received.push(bytes);
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

    fn send(&mut self, later: Position, message: Vec<u8>) {
        if self.failed.is_ok() {
            let rank = self.job.rank(later.document());
            self.failed = rank.and_then(|to| Ok(self.queue.push(&Message { to, bytes: message })?));
        }
    }
}

#[cfg(test)]
mod tests;
