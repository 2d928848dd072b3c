//! Notes and decisions as records of the exchange: what partitions write for the global stages, and what these decide about
//! the partitions' documents.

use super::error::RunError;
use super::job::Job;
use super::rank::{Rank, put_position, take_position};
use super::sweep::sweep;
use super::task::Task;
use crate::document::Position;
use crate::exchange::{KeyRange, Record, Sorted, Sorter, Stream, put_number, take, take_array, take_number};
use crate::stage::{Copies, Decision, Group, Note, Notes, Round, Stage};

/// A note of one of the rounds that observe at the end of a segment. Sorted by round, key and order; what is alike in these stays
/// in the order of the corpus, since each partition writes them in that order and partitions are gathered in it.
pub struct Observed {
    /// Which of the rounds.
    pub observer: u8,
    /// What it wrote down.
    pub note: Note,
}

/// A decision, by the place of the document in the order of the corpus.
pub struct Decided {
    /// The place of the block or document that it is about.
    pub rank: Rank,
    /// What was decided.
    pub decision: Decision,
}

impl Record for Observed {
    fn key(&self, out: &mut Vec<u8>) {
        out.push(self.observer);
        out.extend_from_slice(&self.note.key);
        out.push(self.note.order);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_position(out, self.note.position);
        put_number(out, self.note.value);
        out.extend_from_slice(&self.note.payload);
    }

    fn read(mut key: &[u8], mut value: &[u8]) -> Option<Self> {
        let [observer] = take_array(&mut key)?;
        let of_note = take_array(&mut key)?;
        let [order] = take_array(&mut key)?;
        let (position, number) = (take_position(&mut value)?, take_number(&mut value)?);
        let note = Note { key: of_note, order, position, value: number, payload: value.to_vec() };
        key.is_empty().then_some(Self { observer, note })
    }
}

impl Record for Decided {
    fn key(&self, out: &mut Vec<u8>) {
        self.rank.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_decision(out, &self.decision);
    }

    fn read(key: &[u8], mut value: &[u8]) -> Option<Self> {
        let rank = Rank::read(key)?;
        let position = take_position(&mut value)?;
        let partner = match take(&mut value, 1)? {
            [0] => None,
            _ => Some(take_position(&mut value)?),
        };
        let number = take_number(&mut value)?;
        Some(Self { rank, decision: Decision { position, partner, value: number, payload: value.to_vec() } })
    }
}

/// Appends a decision.
pub fn put_decision(out: &mut Vec<u8>, decision: &Decision) {
    put_position(out, decision.position);
    out.push(u8::from(decision.partner.is_some()));
    decision.partner.into_iter().for_each(|partner| put_position(out, partner));
    put_number(out, decision.value);
    out.extend_from_slice(&decision.payload);
}

/// Lets the round that is number `observer` of `segment`'s observers decide over the keys of `range`; returns the number of
/// decisions.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn decide(job: &Job<'_>, segment: usize, observer: usize, range: usize) -> Result<u64, RunError> {
    let observers = &job.plan.segments[segment].observes;
    let step = observers[observer];
    let Stage::Global(stage) = &job.plan.stage(step.stage).stage else { return Ok(0) };
    let keys = &job.keys.decides[segment][observer];
    let mut notes: Sorter<Observed> = job.sorter(2);
    let paths = job.results(segment)?.iter().map(|key| job.store.path(*key, "notes"));
    let range_of_keys = KeyRange::part(&[observer as u8], range as u64..range as u64 + 1, keys.len() as u64);
    notes.gather(paths, &range_of_keys)?;
    let notes = notes.sort()?;
    let mut out: Sorter<Decided> = job.sorter(4);
    let (mut count, mut written) = (0, Ok(()));
    let mut push = |decision: Decision| {
        count += 1;
        if written.is_ok() {
            let ranked = job.rank(decision.position);
            written = ranked.and_then(|rank| Ok(out.push(&Decided { rank, decision })?));
        }
    };
    match stage.round(step.round) {
        Round::Group(group) => decide_each(group, &notes, &mut push)?,
        Round::Sweep(round) => sweep(job, round, &notes, &mut push)?,
    }
    written?;
    job.keep(out, keys[range], "decisions")?;
    Ok(count)
}

/// So many bytes of notes of one key are held in memory; where a key has more, they are read once more.
const HELD_BYTES: usize = 1 << 20;

/// Lets a round decide over the notes of each key.
fn decide_each(
    group: &dyn Group,
    notes: &Sorted<Observed>,
    decision: &mut dyn FnMut(Decision),
) -> Result<(), RunError> {
    let mut stream = notes.stream();
    let mut next = stream.next()?;
    let mut held = Vec::new();
    while let Some(Observed { observer, note }) = next {
        let key = note.key;
        let mut copies = Copies::new(note.clone());
        let mut bytes = size_of::<Note>() + note.payload.len();
        held.clear();
        held.push(note);
        next = loop {
            match stream.next()? {
                Some(Observed { note, .. }) if note.key == key => {
                    copies.add(&note);
                    bytes += size_of::<Note>() + note.payload.len();
                    if bytes <= HELD_BYTES {
                        held.push(note);
                    }
                }
                other => break other,
            }
        };
        if copies.notes == held.len() as u64 {
            group.decide(&copies, &mut held.as_slice(), decision);
        } else {
            let range = KeyRange::of_prefix(&[&[observer], key.as_slice()].concat());
            let mut again = Again { notes, range, failed: Ok(()) };
            group.decide(&copies, &mut again, decision);
            again.failed?;
        }
    }
    Ok(())
}

/// The notes of one key, read once more each time.
struct Again<'a> {
    notes: &'a Sorted<Observed>,
    range: KeyRange,
    failed: Result<(), RunError>,
}

impl Notes for Again<'_> {
    fn each(&mut self, visit: &mut dyn FnMut(&Note)) {
        let mut stream = self.notes.range(&self.range);
        loop {
            match stream.next() {
                Ok(Some(observed)) => visit(&observed.note),
                Ok(None) => return,
                Err(error) => {
                    self.failed = Err(error.into());
                    return;
                }
            }
        }
    }
}

/// What the round that is number `observer` of `segment`'s observers decided about `partition`, in the order of the corpus.
///
/// # Errors
/// If the disk refuses, or a decision is not made yet.
pub fn decisions(
    job: &Job<'_>,
    segment: usize,
    observer: usize,
    partition: usize,
) -> Result<Sorted<Decided>, RunError> {
    let observers = job.plan.segments[segment].observes.len() as u64;
    let mut decisions = job.sorter(2 * observers);
    let keys = &job.keys.decides[segment][observer];
    for (range, key) in keys.iter().enumerate() {
        if job.store.receipt::<u64>(*key).is_none() {
            return Err(job.not_ready(Task::Decide { segment, observer, range }));
        }
    }
    decisions.gather(keys.iter().map(|key| job.store.path(*key, "decisions")), &job.ranks_of(partition))?;
    Ok(decisions.sort()?)
}

/// Decisions about documents that come in the order of the corpus.
pub struct Pending<'a> {
    stream: Stream<'a, Decided>,
    next: Option<Decided>,
}

impl<'a> Pending<'a> {
    /// Begins to read decisions.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn new(decisions: &'a Sorted<Decided>) -> Result<Self, RunError> {
        let mut stream = decisions.stream();
        let next = stream.next()?;
        Ok(Self { stream, next })
    }

    /// Takes the decisions about the document at `position`, which stands at `rank`, into `about`.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn about(&mut self, position: Position, rank: Rank, about: &mut Vec<Decision>) -> Result<(), RunError> {
        about.clear();
        while let Some(Decided { decision, .. }) = self.next.take_if(|next| next.rank.document() <= rank) {
            if decision.position.document() == position {
                about.push(decision);
            }
            self.next = self.stream.next()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_decisions_survive_the_disk() {
        fn again<R: Record>(record: &R) -> R {
            let (mut key, mut value) = (Vec::new(), Vec::new());
            record.key(&mut key);
            record.put(&mut value);
            assert!(R::read(&[key.as_slice(), &[0]].concat(), &value).is_none(), "a byte too many");
            R::read(&key, &value).unwrap()
        }
        let position = Position { file: u64::MAX - 7, record: 1 << 40, block: u32::MAX };
        let note = Note { order: 2, value: 300, payload: vec![7; 9], ..Note::new([9; 16], position) };
        let observed = again(&Observed { observer: 3, note: note.clone() });
        assert_eq!((observed.observer, observed.note), (3, note));
        let rank = Rank { file: 70_000, record: 1 << 40, block: u32::MAX };
        for partner in [Some(Position { file: 0, record: 3, block: 9 }), None] {
            let decision = Decision { position, partner, value: u64::MAX - 1, payload: vec![9; 3] };
            let decided = again(&Decided { rank, decision: decision.clone() });
            assert_eq!((decided.rank, decided.decision), (rank, decision));
        }
    }

    /// Tells of each key how many notes there are, and that of the last.
    struct Last;

    impl Group for Last {
        fn observe(&self, _: &crate::document::Document, _: &[Decision], _: &mut dyn FnMut(Note)) {}

        fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
            for _ in 0..2 {
                let mut values = Vec::new();
                notes.each(&mut |note| values.push(note.value));
                assert!(values.is_sorted(), "in the order in which they were written");
                assert_eq!(values.len() as u64, copies.notes);
            }
            decision(Decision::new(copies.first.position, None, copies.notes));
        }
    }

    #[test]
    fn a_key_with_more_notes_than_are_held_is_read_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let held = (HELD_BYTES / size_of::<Note>()) as u64;
        let many = 2 * held + 1;
        for memory in [1 << 16, 1 << 24] {
            let mut sorter = Sorter::new(folder.path().to_owned(), memory);
            for (key, notes) in [(3, many), (1, 2), (2, held)] {
                for value in 0..notes {
                    let position = Position { file: 7, record: key, block: 0 };
                    let note = Note { value, ..Note::new([key as u8; 16], position) };
                    sorter.push(&Observed { observer: 0, note }).unwrap();
                }
            }
            let mut found = Vec::new();
            let push = &mut |decision: Decision| found.push((decision.position.record, decision.value));
            decide_each(&Last, &sorter.sort().unwrap(), push).unwrap();
            assert_eq!(found, [(1, 2), (2, held), (3, many)]);
        }
    }
}
