//! Names the kept copies. A removal knows the position of the copy that was kept. Only the partition that holds that copy knows
//! the id of its document, and whether the text stayed after all. So each partition writes what remains of its documents, and to
//! which other documents its ledger refers. A join by document brings the two together, and the result goes to the shards of the
//! ledger.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::RunError;
use super::job::Job;
use super::rank::{put_position, take_position};
use super::task::Task;
use crate::document::{Position, StageIndex};
use crate::exchange::{KeyRange, Record, Sorter, Stream, take, take_array};
use crate::sink::ledger::LedgerEntry;
use crate::sink::remains::{Remains, Spared};

/// Texts that stand nowhere in the dataset, since a later stage removed the copy that was kept of them: how many, by that stage.
pub type Orphans = BTreeMap<StageIndex, u64>;

/// Where an entry of the ledger belongs: by its hash it is told to a shard, by its position to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryPlace {
    /// First 64 bits of the id's key.
    pub hash: u64,
    /// Where the document stands that the entry is about.
    pub position: Position,
}

/// One side or the other of the join.
pub enum Joined {
    /// What remains of a document.
    Remains(Remains),
    /// A removal refers to a document.
    Reference {
        /// That document.
        to: Position,
        /// What of it the removal spared.
        spared: Spared,
        /// The ledger's entry that has the removal.
        from: EntryPlace,
    },
}

/// What an entry of the ledger is told about a document to which it refers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The entry.
    pub from: EntryPlace,
    /// The document.
    pub to: Position,
    /// What of it the entry's removal spared.
    pub spared: Spared,
    /// Whether that is gone.
    pub is_gone: bool,
    /// The document's id as the dataset has it.
    pub id: String,
}

impl Record for Joined {
    /// Documents are spread evenly over the keys, so that ranges of keys are even. What remains of a document comes before
    /// the references to it.
    fn key(&self, out: &mut Vec<u8>) {
        match self {
            Self::Remains(remains) => put_document(out, remains.position),
            Self::Reference { to, spared, .. } => {
                put_document(out, *to);
                put_spared(out, *spared);
            }
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Remains(remains) => put_plain(out, remains),
            Self::Reference { from, .. } => from.put(out),
        }
    }

    fn read(mut key: &[u8], mut value: &[u8]) -> Option<Self> {
        let to = take_document(&mut key)?;
        if key.is_empty() {
            return postcard::from_bytes(value).ok().map(Self::Remains);
        }
        let (spared, from) = (take_spared(&mut key)?, EntryPlace::take(&mut value)?);
        (key.is_empty() && value.is_empty()).then_some(Self::Reference { to, spared, from })
    }
}

impl Record for Resolved {
    fn key(&self, out: &mut Vec<u8>) {
        self.from.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_position(out, self.to);
        put_spared(out, self.spared);
        out.push(u8::from(self.is_gone));
        out.extend_from_slice(self.id.as_bytes());
    }

    fn read(mut key: &[u8], mut value: &[u8]) -> Option<Self> {
        let from = EntryPlace::take(&mut key)?;
        let (to, spared) = (take_position(&mut value)?, take_spared(&mut value)?);
        let [is_gone] = take_array(&mut value)?;
        let id = String::from_utf8(value.to_vec()).ok()?;
        key.is_empty().then_some(Self { from, to, spared, is_gone: is_gone == 1, id })
    }
}

impl EntryPlace {
    /// Appends the place; sorts by hash.
    pub fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hash.to_be_bytes());
        put_position(out, self.position);
    }

    /// Takes a place that [`EntryPlace::put`] wrote off the front of `bytes`.
    #[must_use]
    pub fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { hash: u64::from_be_bytes(take_array(bytes)?), position: take_position(bytes)? })
    }
}

/// Appends plain data.
pub fn put_plain(out: &mut Vec<u8>, value: &impl Serialize) {
    *out = postcard::to_extend(value, std::mem::take(out)).expect("plain data always serialises to memory");
}

fn put_document(out: &mut Vec<u8>, position: Position) {
    // The finaliser of MurmurHash3 spreads what differs in few bits over all of them.
    let mut spread = position.file ^ position.record;
    for factor in [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53] {
        spread = (spread ^ (spread >> 33)).wrapping_mul(factor);
    }
    out.extend_from_slice(&(spread ^ (spread >> 33)).to_be_bytes());
    out.extend_from_slice(&position.file.to_be_bytes());
    out.extend_from_slice(&position.record.to_be_bytes());
}

fn take_document(key: &mut &[u8]) -> Option<Position> {
    take(key, 8)?;
    let file = u64::from_be_bytes(take_array(key)?);
    Some(Position { file, record: u64::from_be_bytes(take_array(key)?), block: 0 })
}

fn put_spared(out: &mut Vec<u8>, spared: Spared) {
    let (kind, block) = match spared {
        Spared::Document => (0, 0),
        Spared::Block(block) => (1, block),
        Spared::OwnBlock(block) => (2, block),
    };
    out.push(kind);
    out.extend_from_slice(&block.to_be_bytes());
}

fn take_spared(bytes: &mut &[u8]) -> Option<Spared> {
    let [kind] = take_array(bytes)?;
    let block = u32::from_be_bytes(take_array(bytes)?);
    match kind {
        0 => Some(Spared::Document),
        1 => Some(Spared::Block(block)),
        2 => Some(Spared::OwnBlock(block)),
        _ => None,
    }
}

/// Joins the references to the documents of one range of keys with what remains of these. Returns the texts that are gone: each
/// kept block counts once, however many copies were removed for it.
///
/// # Errors
/// If the disk refuses, or a partition is not done.
pub fn resolve(job: &Job<'_>, range: usize) -> Result<Orphans, RunError> {
    let ranges = job.keys.resolves.len();
    let mut joined: Sorter<Joined> = job.sorter(2);
    let paths = job.results(job.last())?.iter().map(|key| job.store.path(*key, "kept_copies"));
    joined.gather(paths, &KeyRange::part(&[], range as u64..range as u64 + 1, ranges as u64))?;
    let joined = joined.sort()?;
    let mut out: Sorter<Resolved> = job.sorter(4);
    let orphans = join(joined.stream(), |resolved| Ok(out.push(&resolved)?))?;
    job.keep(out, job.keys.resolves[range], "resolved")?;
    Ok(orphans)
}

fn join(
    mut joined: Stream<'_, Joined>,
    mut push: impl FnMut(Resolved) -> Result<(), RunError>,
) -> Result<Orphans, RunError> {
    let mut orphans = Orphans::new();
    let mut gone: BTreeMap<u32, StageIndex> = BTreeMap::new();
    let mut about: Option<Remains> = None;
    while let Some(record) = joined.next()? {
        match record {
            Joined::Remains(remains) => {
                count(&mut gone, &mut orphans);
                about = Some(remains);
            }
            Joined::Reference { to, spared, from } => {
                let Some(remains) = about.as_ref().filter(|remains| remains.position == to) else { continue };
                let gone_by = remains.gone_by(spared);
                // Whole documents do not count: what a later stage decided about the one that was kept, it would have decided
                // about its equal.
                if let (Spared::Block(block) | Spared::OwnBlock(block), Some(stage)) = (spared, gone_by) {
                    gone.insert(block, stage);
                }
                push(Resolved { from, to, spared, is_gone: gone_by.is_some(), id: remains.id.clone() })?;
            }
        }
    }
    count(&mut gone, &mut orphans);
    Ok(orphans)
}

fn count(gone: &mut BTreeMap<u32, StageIndex>, orphans: &mut Orphans) {
    std::mem::take(gone).into_values().for_each(|stage| *orphans.entry(stage).or_default() += 1);
}

/// Fills in the ids of the kept copies that `entry`, which is about the document at `own`, names, and marks its removals whose
/// kept copy is gone.
pub fn name_kept_copies(entry: &mut LedgerEntry, own: Position, resolved: &[Resolved]) {
    let mut sorted: Vec<&Resolved> = resolved.iter().collect();
    sorted.sort_unstable_by_key(|resolved| (resolved.to, resolved.spared));
    for row in &mut entry.rows {
        let Some(partner) = row.partner else { continue };
        let to = partner.document();
        let spared = Spared::new(row.block, partner, to == own);
        let found = sorted.binary_search_by_key(&(to, spared), |resolved| (resolved.to, resolved.spared));
        if let Some(found) = found.ok().and_then(|at| sorted.get(at)) {
            row.partner_id = Some(found.id.clone());
            row.orphaned = found.is_gone;
        }
    }
}

/// The texts that are gone, by the stage that removed them.
///
/// # Errors
/// If a task is not done.
pub fn orphans(job: &Job<'_>) -> Result<Orphans, RunError> {
    let mut sum = Orphans::new();
    for (range, key) in job.keys.resolves.iter().enumerate() {
        let counted: Option<Orphans> = job.store.receipt(*key);
        for (stage, texts) in counted.ok_or_else(|| job.not_ready(Task::Resolve { range }))? {
            *sum.entry(stage).or_default() += texts;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Mark, Reason, Rule};

    fn at(record: u64) -> Position {
        Position { file: 5, record, block: 0 }
    }

    fn from(record: u64) -> EntryPlace {
        EntryPlace { hash: record << 60, position: at(record) }
    }

    /// What remains of a document at `record`, of which a stage removed the block 1.
    fn remains(record: u64) -> Joined {
        let mut document = Document::new(at(record), format!("a#{record}"), "a".into(), "zero\none\ntwo");
        Mark::new(StageIndex(4)).remove_blocks(&mut document, [(1, Reason::new(Rule(0)))]);
        Joined::Remains(Remains::of(&document))
    }

    fn joined(records: &[Joined]) -> (Vec<Resolved>, Orphans) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path().to_owned(), 100);
        records.iter().for_each(|record| sorter.push(record).unwrap());
        let (mut found, sorted) = (Vec::new(), sorter.sort().unwrap());
        let orphans = join(sorted.stream(), |resolved| {
            found.push(resolved);
            Ok(())
        });
        found.sort_by_key(|resolved| (resolved.from.position, resolved.spared));
        (found, orphans.unwrap())
    }

    #[test]
    fn each_reference_is_told_of_its_document_and_each_gone_block_counts_once() {
        let refer = |to, spared, by| Joined::Reference { to: at(to), spared, from: from(by) };
        let (found, orphans) = joined(&[
            refer(1, Spared::Block(1), 8),
            refer(1, Spared::Block(2), 8),
            refer(1, Spared::Block(1), 9),
            refer(2, Spared::OwnBlock(1), 2),
            refer(3, Spared::Document, 9),
            refer(7, Spared::Document, 9),
            remains(3),
            remains(2),
            remains(1),
        ]);
        let found: Vec<(u64, &str, Spared, bool)> =
            found.iter().map(|it| (it.from.position.record, it.id.as_str(), it.spared, it.is_gone)).collect();
        let expected = [
            (2, "a#2", Spared::OwnBlock(1), true),
            (8, "a#1", Spared::Block(1), true),
            (8, "a#1", Spared::Block(2), false),
            (9, "a#3", Spared::Document, false),
            (9, "a#1", Spared::Block(1), true),
        ];
        assert_eq!(found, expected, "nothing is known of the document 7");
        assert_eq!(orphans, [(StageIndex(4), 2)].into(), "block 1 of the documents 1 and 2");
    }

    #[test]
    fn what_is_told_survives_the_disk() {
        for spared in [Spared::Document, Spared::Block(7), Spared::OwnBlock(u32::MAX)] {
            let told = Resolved { from: from(9), to: at(1 << 40), spared, is_gone: true, id: "é#1".to_owned() };
            let (mut key, mut value) = (Vec::new(), Vec::new());
            told.key(&mut key);
            told.put(&mut value);
            assert_eq!(Resolved::read(&key, &value), Some(told));
        }
    }
}
