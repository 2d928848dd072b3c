//! A stage of three rounds through the engine, the last a sweep: the same bytes however the corpus is cut, and what it should be.
//!
//! A document has two bands, its first two lines. Round 1 finds, for each band, the first document that has it; round 2 compares
//! the others with that one by what it sent along, their third lines; round 3 goes over the corpus and removes each document for
//! the sake of an earlier one that stays itself, so that there are no chains.

use std::path::Path;

use crate::config;
use crate::document::{Document, Mark, Position, Reason, Rule};
use crate::run::*;
use crate::source;
use crate::stage::{
    Configured, Copies, Decision, GlobalStage, Group, Note, Notes, Outgoing, Removes, Round, RuleInfo, Stage, Sweep,
    Sweeping,
};
use crate::text::hash;

struct Near;
struct ByBand;
struct ByLeader;
struct Spare;

impl GlobalStage for Near {
    fn rounds(&self) -> usize {
        3
    }

    fn round(&self, number: usize) -> Round<'_> {
        match number {
            0 => Round::Group(&ByBand),
            1 => Round::Group(&ByLeader),
            _ => Round::Sweep(&Spare),
        }
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        if let [decision, ..] = decisions {
            mark.remove_document(document, Reason::new(Rule(0)).in_favour_of(decision.partner));
        }
    }
}

/// The decision that one has to do with another.
fn about(position: Position, partner: Option<Position>) -> Decision {
    Decision { position, partner, value: 0 }
}

impl Group for ByBand {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        assert!(told.is_empty(), "nobody decided before");
        for band in document.text().lines().take(2) {
            note(Note::new(hash::key(band.as_bytes()), document.position()));
        }
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let first = copies.first.position;
        notes.each(&mut |note| {
            if note.position != first {
                decision(about(note.position, Some(first)));
            }
        });
        if copies.documents > 1 {
            decision(about(first, None));
        }
    }
}

impl Group for ByLeader {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        for Decision { position, partner, .. } in told {
            assert_eq!(*position, document.position());
            let leader = partner.unwrap_or(document.position());
            let payload = document.text().lines().nth(2).unwrap_or_default().as_bytes().to_vec();
            let (key, order) = (hash::key(&name(leader)), u8::from(partner.is_some()));
            note(Note { order, payload, ..Note::new(key, document.position()) });
        }
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let leader = &copies.first;
        assert_eq!(leader.order, 0, "the leader comes first");
        notes.each(&mut |note| {
            if note.order == 1 && note.payload == leader.payload {
                decision(about(leader.position, Some(note.position)));
            }
        });
    }
}

impl Sweep for Spare {
    fn observe(&self, document: &Document, told: &[Decision], note: &mut dyn FnMut(Note)) {
        let payload = told.iter().filter_map(|decision| decision.partner).flat_map(name).collect();
        note(Note { payload, ..Note::new([document.position().record as u8; 16], document.position()) });
    }

    fn begin(&self) -> Box<dyn Sweeping + '_> {
        Box::new(InOrder { last: None })
    }
}

struct InOrder {
    last: Option<Position>,
}

impl Sweeping for InOrder {
    fn visit(&mut self, notes: &[Note], received: &[Vec<u8>], out: &mut dyn Outgoing) {
        let [Note { position, payload, .. }] = notes else { panic!("each document wrote one note") };
        assert!(self.last.is_none_or(|last| last.record < position.record), "in the order of the corpus");
        self.last = Some(*position);
        match received {
            [first, ..] => out.decide(about(*position, named(first))),
            [] => payload.chunks(16).filter_map(named).for_each(|member| out.send(member, name(*position))),
        }
    }
}

fn name(position: Position) -> Vec<u8> {
    [position.file.to_le_bytes(), position.record.to_le_bytes()].concat()
}

fn named(bytes: &[u8]) -> Option<Position> {
    let (file, record) = bytes.split_first_chunk()?;
    let record = u64::from_le_bytes(record.try_into().ok()?);
    Some(Position { file: u64::from_le_bytes(*file), record, block: 0 })
}

const DOCUMENTS: usize = 200;

/// The lines of a document: two bands, of which one ties it to documents before and one to documents after, and what is compared.
fn lines(number: usize) -> [String; 3] {
    let third = if number % 7 == 5 { "another text" } else { "the text" };
    [format!("band a{}", number / 3), format!("band b{}", (number + 1) / 3), third.to_owned()]
}

/// The documents that should stay.
fn expected() -> Vec<usize> {
    let mut stay: Vec<usize> = Vec::new();
    for number in 0..DOCUMENTS {
        let [a, b, text] = lines(number);
        let leads = |earlier: usize, band: &str| lines(earlier)[..2].iter().any(|other| other == band);
        let leader_of = |band: &str| (0..number).find(|earlier| leads(*earlier, band));
        let leaders = [a, b].map(|band| leader_of(&band));
        let spared = |leader: usize| stay.contains(&leader) && lines(leader)[2] == text;
        if !leaders.into_iter().flatten().any(spared) {
            stay.push(number);
        }
    }
    stay
}

fn plan(folder: &Path) -> Plan {
    let text = "[dataset]\nname = 'a'\n[[source]]\npaths = ['*.jsonl']\n[[stage]]\ndocument_dedup = {}\n[output]\ndir = 'out'\n";
    let located = config::load(text, "tamis.toml", &[]).unwrap();
    let discovery = source::discover(folder, &located.config.source).unwrap();
    let stage = Configured::new(Stage::Global(Box::new(Near)), vec![RuleInfo::document("near", "it is near another")]);
    let stage = Configured { removes: Removes::DOCUMENTS, edits: false, ..stage };
    Plan::arranged(located, folder, vec![stage], discovery)
}

#[test]
fn three_rounds_give_the_same_bytes_however_the_corpus_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let record = |number| {
        let text = lines(number).join("\n");
        serde_json::json!({ "id": number.to_string(), "text": text }).to_string() + "\n"
    };
    let records: String = (0..DOCUMENTS).map(record).collect();
    std::fs::write(folder.path().join("a.jsonl"), records).unwrap();
    let plan = plan(folder.path());
    let rounds: Vec<usize> = plan.segments.iter().map(|segment| segment.observes.len()).collect();
    assert_eq!(rounds, [2, 1, 1, 0], "ids are kept apart in the first");
    let stay = expected();
    assert!(stay.len() > DOCUMENTS / 4 && stay.len() < DOCUMENTS / 2, "{} documents stay", stay.len());
    let documents = explain(&plan, &plan.discovery.files[0], None, None).unwrap().documents;
    let kept = documents.iter().filter(|document| document.verdict.removal.is_none());
    let kept: Vec<usize> = kept.map(|document| document.id.parse().unwrap()).collect();
    assert_eq!(kept, stay, "in memory");
    let mut digests = Vec::new();
    for (number, (partition, threads, memory)) in
        [(1 << 20, 1, 1 << 20), (1000, 4, 1 << 20), (100, 2, 1), (1, 3, 1 << 14)].into_iter().enumerate()
    {
        let options = Options {
            threads: Some(threads),
            memory: ByteSize(memory),
            partition_size: Some(ByteSize(partition)),
            work_dir: folder.path().join(format!("work{number}")),
            fresh: false,
            locking: None,
            out_dir: folder.path().join("out"),
            replace: Replace::Dataset,
        };
        let built = build(&plan, &options, &Blind).unwrap();
        assert_eq!(built.manifest.counts.kept.documents, stay.len() as u64);
        digests.push(built.manifest.digest);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "one digest for all");
}
