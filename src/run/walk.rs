//! A document's walk through a segment: decisions applied, local stages run, global stages shown what is left. Shared by
//! the task that takes a partition through and by `explain`, which takes one file through in memory.

use std::collections::BTreeMap;

use crate::document::{Document, Mark, Position, Reason, Rule, StageIndex};
use crate::plan::{Plan, Step};
use crate::stage::{Decision, Note, Outgoing, Round, Stage, decide_all};

use super::watch::{Blind, Watch};

/// Leads documents through the stages of a plan and measures each stage's time.
pub struct Walk<'a> {
    plan: &'a Plan,
    watch: &'a dyn Watch,
    /// What the rounds before have decided about the document in hand.
    told: Vec<(Step, Vec<Decision>)>,
    /// Nanoseconds spent in each stage.
    pub stage_nanos: Vec<u64>,
}

impl<'a> Walk<'a> {
    /// A walk on which no time has been spent yet.
    #[must_use]
    pub fn new(plan: &'a Plan, watch: &'a dyn Watch) -> Self {
        Self { plan, watch, told: Vec::new(), stage_nanos: vec![0; plan.stages.len()] }
    }

    /// Takes in what a round decided about this document: of a last round it is applied, of others the next round is told.
    pub fn take_in(&mut self, step: Step, document: &mut Document, decisions: &[Decision]) {
        let plan = self.plan;
        let Stage::Global(stage) = &plan.stage(step.stage).stage else { return };
        if !plan.is_last_round(step) {
            self.told.push((step, decisions.to_vec()));
        } else if document.is_kept() {
            self.timed(step.stage, |mark| stage.apply(document, decisions, mark));
            self.remove_if_empty(document, step.stage);
        }
    }

    /// Runs the local stages of `segment` until one removes the document.
    pub fn run(&mut self, segment: usize, document: &mut Document) {
        let plan = self.plan;
        for place in &plan.segments[segment].stages {
            let Stage::Local(stage) = &plan.stage(*place).stage else { continue };
            if !document.is_kept() {
                return;
            }
            self.timed(*place, |mark| stage.apply(document, mark));
            self.remove_if_empty(document, *place);
        }
    }

    /// Lets the global stages at the end of `segment` observe; `note` gets each note with its observer's number.
    pub fn observe(&mut self, segment: usize, document: &Document, mut note: impl FnMut(usize, Note)) {
        let plan = self.plan;
        let all_told = std::mem::take(&mut self.told);
        if !document.is_kept() {
            return;
        }
        for (observer, step) in plan.segments[segment].observes.iter().enumerate() {
            let Stage::Global(stage) = &plan.stage(step.stage).stage else { continue };
            let before = |(told, _): &&(Step, Vec<Decision>)| told.stage == step.stage && told.round + 1 == step.round;
            let told = all_told.iter().find(before).map_or(&[][..], |(_, decisions)| decisions);
            let mut note = |one| note(observer, one);
            self.timed(step.stage, |_| match stage.round(step.round) {
                Round::Group(group) => group.observe(document, told, &mut note),
                // In a sweep only the order of the corpus counts.
                Round::Sweep(sweep) => {
                    sweep.observe(document, told, &mut |one| note(Note { key: [0; 16], order: 0, ..one }));
                }
            });
        }
    }

    /// A document of which a stage left no block is removed by that stage's rule `nothing_left`, the last of its rules.
    fn remove_if_empty(&self, document: &mut Document, place: StageIndex) {
        if document.is_kept() && document.kept_count() == 0 {
            let rule = Rule((self.plan.stage(place).rules.len() - 1) as u16);
            Mark::new(place).remove_document(document, Reason::new(rule));
        }
    }

    fn timed(&mut self, place: StageIndex, work: impl FnOnce(Mark)) {
        let from = self.watch.nanos();
        work(Mark::new(place));
        self.stage_nanos[usize::from(place.0)] += self.watch.nanos() - from;
    }
}

/// Takes documents, in the order of their positions, through all segments of a plan in memory.
#[must_use]
pub fn walk_documents(plan: &Plan, mut documents: Vec<Document>) -> Vec<Document> {
    let mut walk = Walk::new(plan, &Blind);
    let mut decisions: Vec<Vec<Decision>> = Vec::new();
    for (segment, parts) in plan.segments.iter().enumerate() {
        let mut notes = vec![Vec::new(); parts.observes.len()];
        for document in &mut documents {
            for (step, decisions) in parts.applies.iter().zip(&decisions) {
                let here = document.position();
                let from = decisions.partition_point(|decision| decision.position.document() < here);
                let mine = decisions.iter().skip(from).take_while(|decision| decision.position.document() == here);
                walk.take_in(*step, document, &mine.copied().collect::<Vec<_>>());
            }
            walk.run(segment, document);
            walk.observe(segment, document, |observer, note| notes[observer].push(note));
        }
        decisions = parts.observes.iter().zip(notes).map(|(step, notes)| decide(plan, *step, notes)).collect();
    }
    documents
}

fn decide(plan: &Plan, step: Step, mut notes: Vec<Note>) -> Vec<Decision> {
    let Stage::Global(stage) = &plan.stage(step.stage).stage else { return Vec::new() };
    let mut decisions = Vec::new();
    match stage.round(step.round) {
        Round::Group(group) => {
            notes.sort_by_key(|note| (note.key, note.order));
            decide_all(group, &notes, &mut |decision| decisions.push(decision));
        }
        Round::Sweep(sweep) => {
            let mut sweeping = sweep.begin();
            let mut sent = Sent { decisions, messages: BTreeMap::new() };
            for same in notes.chunk_by(|a, b| a.position.document() == b.position.document()) {
                let here = same.first().map(|note| note.position.document());
                let mut received = here.and_then(|here| sent.messages.remove(&here)).unwrap_or_default();
                received.sort_unstable();
                sweeping.visit(same, &received, &mut sent);
            }
            decisions = sent.decisions;
        }
    }
    decisions.sort_unstable();
    decisions
}

/// What a sweep decides and sends, in memory.
struct Sent {
    decisions: Vec<Decision>,
    messages: BTreeMap<Position, Vec<Vec<u8>>>,
}

impl Outgoing for Sent {
    fn decide(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    fn send(&mut self, later: Position, message: Vec<u8>) {
        self.messages.entry(later.document()).or_default().push(message);
    }
}
