//! A document's walk through a segment: decisions applied, local stages run, global stages shown what is left. Shared by
//! the task that takes a partition through and by `explain`, which takes one file through in memory.

use crate::document::{Document, Mark, Reason, Rule, StageIndex};
use crate::plan::Plan;
use crate::source::{self, Item, Rejected};
use crate::stage::{Decision, Note, Stage, decide_all};

use super::watch::{Blind, Watch};

/// Leads documents through the stages of a plan and measures each stage's time.
pub struct Walk<'a> {
    plan: &'a Plan,
    watch: &'a dyn Watch,
    /// Nanoseconds spent in each stage.
    pub stage_nanos: Vec<u64>,
}

impl<'a> Walk<'a> {
    /// A walk on which no time has been spent yet.
    #[must_use]
    pub fn new(plan: &'a Plan, watch: &'a dyn Watch) -> Self {
        Self { plan, watch, stage_nanos: vec![0; plan.stages.len()] }
    }

    /// Applies what the global stage at `place` decided about this document.
    pub fn apply(&mut self, place: StageIndex, document: &mut Document, decisions: &[Decision]) {
        let plan = self.plan;
        let Stage::Global(stage) = &plan.stage(place).stage else { return };
        if !decisions.is_empty() && document.is_kept() {
            self.timed(place, |mark| stage.apply(document, decisions, mark));
            self.remove_if_empty(document, place);
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
        if !document.is_kept() {
            return;
        }
        for (observer, place) in plan.segments[segment].observes.iter().enumerate() {
            let Stage::Global(stage) = &plan.stage(*place).stage else { continue };
            self.timed(*place, |_| stage.observe(document, &mut |one| note(observer, one)));
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

/// Takes all files of a plan through all its segments in memory: for a file or two that a person wants explained.
#[must_use]
pub fn walk_in_memory(plan: &Plan) -> (Vec<Document>, Vec<Rejected>) {
    let (documents, mut rejected) = read_all(plan);
    let documents = walk_documents(plan, documents);
    rejected.sort();
    (documents, rejected)
}

/// Takes documents, in the order of their positions, through all segments of a plan in memory.
#[must_use]
pub fn walk_documents(plan: &Plan, mut documents: Vec<Document>) -> Vec<Document> {
    let mut walk = Walk::new(plan, &Blind);
    let mut decisions: Vec<Vec<Decision>> = Vec::new();
    for (segment, parts) in plan.segments.iter().enumerate() {
        let mut notes = vec![Vec::new(); parts.observes.len()];
        for document in &mut documents {
            for (place, decisions) in parts.applies.iter().zip(&decisions) {
                let about = |decision: &&Decision| decision.position.document() == document.position();
                let mine: Vec<Decision> = decisions.iter().filter(about).copied().collect();
                walk.apply(*place, document, &mine);
            }
            walk.run(segment, document);
            walk.observe(segment, document, |observer, note| notes[observer].push(note));
        }
        decisions = parts.observes.iter().zip(notes).map(|(place, notes)| decide(plan, *place, notes)).collect();
    }
    documents
}

fn read_all(plan: &Plan) -> (Vec<Document>, Vec<Rejected>) {
    let mut documents = Vec::new();
    let mut rejected = plan.discovery.refused.clone();
    for file in &plan.discovery.files {
        let slices = match source::survey(file, u64::MAX) {
            Ok(survey) => survey.readable(file),
            Err(refused) => {
                rejected.push(refused);
                continue;
            }
        };
        let config = &plan.config.source[file.source as usize];
        for slice in &slices {
            let Ok(()) = source::read(config, file, slice, &mut |item| {
                match item {
                    Item::Document { document, .. } => documents.push(document),
                    Item::Rejected(refused) => rejected.push(refused),
                }
                Ok::<(), std::convert::Infallible>(())
            });
        }
    }
    (documents, rejected)
}

fn decide(plan: &Plan, place: StageIndex, mut notes: Vec<Note>) -> Vec<Decision> {
    let Stage::Global(stage) = &plan.stage(place).stage else { return Vec::new() };
    notes.sort_by_key(|note| note.key);
    let mut decisions = Vec::new();
    decide_all(stage.as_ref(), &notes, &mut |decision| decisions.push(decision));
    decisions.sort_unstable();
    decisions
}
