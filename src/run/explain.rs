//! What became of the records of one file: by the last build where its dataset stands for this config and these inputs, else by the
//! stages on this file alone. Either way it says which it was.

use std::collections::BTreeMap;
use std::path::Path;

use super::inputs::LastLook;
use super::walk::{Walk, walk_documents};
use super::watch::Blind;
use crate::document::{Document, Mark, Position, Reason, Rejected, Rule, StageIndex};
use crate::plan::Plan;
use crate::report::explain::of_dataset::{has_texts, of_entry};
use crate::report::explain::of_document::of_document;
use crate::report::explain::reasons::Reasons;
use crate::report::explain::{Explained, Explanation, Fact};
use crate::sink::dataset::{Chosen, Dataset, DatasetError, Removed};
use crate::sink::entries::Entry;
use crate::sink::remains::Remains;
use crate::sink::{DATA_VERSION, manifest::Manifest};
use crate::source::{self, InputFile, Item, Slice};
use crate::stage::Stage;

/// Explains the documents of `input`, or the one of that record. `work_dir` is the build's work folder, which knows how the inputs looked
/// last; without one, all of them are read to know whether the dataset stands for them.
///
/// # Errors
/// If the dataset stands and cannot be read.
pub fn explain(
    plan: &Plan,
    input: &InputFile,
    record: Option<u64>,
    work_dir: Option<&Path>,
) -> Result<Explained, DatasetError> {
    let look = LastLook::read(work_dir);
    let (documents, rejected) = read(plan, input, record, look.slices(input));
    let mut explained = match standing(plan, input, &look) {
        Ok(dataset) => by_build(plan, &dataset, input, record, documents)?,
        Err(why_not) => alone(plan, documents, record, &why_not),
    };
    explained.rejected = rejected.iter().map(told).collect();
    Ok(explained)
}

/// The dataset in the config's place, if it was built of this config and these inputs; else why there is none.
fn standing(plan: &Plan, input: &InputFile, look: &LastLook) -> Result<Dataset, String> {
    let place = &plan.config.output.dir;
    if !plan.discovery.files.contains(input) {
        return Err("no source of the config names it".to_owned());
    }
    let dataset = Dataset::open(&plan.folder.join(place)).map_err(|_| format!("no dataset stands in {place}"))?;
    let manifest = &dataset.manifest;
    let (config, models) = (plan.manifest_config(), plan.models());
    if manifest.data_version != DATA_VERSION || manifest.config != config || manifest.models != models {
        return Err(format!("the dataset in {place} was built by another config or version"));
    }
    let changed = || format!("the dataset in {place} was built from other inputs");
    let built: BTreeMap<&str, u64> = manifest.inputs.iter().map(|file| (file.path.as_str(), file.bytes)).collect();
    let differs = |file: &InputFile| built.get(&*file.name).is_some_and(|bytes| *bytes != file.bytes);
    if plan.discovery.files.len() < built.len() || plan.discovery.files.iter().any(differs) {
        return Err(changed());
    }
    if Manifest::plan_of(&config, &look.digests(plan), &models) != manifest.plan {
        return Err(changed());
    }
    if dataset.tables("ledger/removed").is_empty() && manifest.counts.removed.blocks > 0 {
        return Err(format!("the dataset in {place} has counts in the place of a ledger"));
    }
    Ok(dataset)
}

/// What the build decided, with what only the article itself can tell: what edits put in, what weighed most, what it was taken for.
fn by_build(
    plan: &Plan,
    dataset: &Dataset,
    input: &InputFile,
    record: Option<u64>,
    documents: Vec<Document>,
) -> Result<Explained, DatasetError> {
    let reasons = Reasons::of_plan(plan);
    let mut originals: BTreeMap<u64, Document> =
        documents.into_iter().map(|document| (document.position().record, document)).collect();
    let mut explained = Explained::default();
    explained.notes.push(format!("as the build in {} decided", plan.config.output.dir));
    for entry in dataset.entries(Chosen::source(&input.name, record))? {
        let mut explanation = of_entry(&entry, &reasons, has_texts(dataset));
        if let Some(original) = originals.remove(&entry.record) {
            let document = replayed(plan, original, &entry);
            let told = of_document(&document, plan, &reasons, &BTreeMap::new());
            explanation.add_detail(told);
            add_evidence(plan, &document, &mut explanation);
        }
        explained.documents.push(explanation);
    }
    Ok(explained)
}

/// The document as the build left it: its local stages run again, and what the others did is what the ledger says they did.
fn replayed(plan: &Plan, mut document: Document, entry: &Entry) -> Document {
    if document.id() != entry.id {
        document.rename(entry.id.clone());
    }
    let mut walk = Walk::new(plan, &Blind);
    for (segment, parts) in plan.segments.iter().enumerate() {
        for step in parts.applies.iter().filter(|step| plan.is_last_round(**step)) {
            let name = &plan.stage(step.stage).name;
            let rows: Vec<&Removed> = entry.removed.iter().filter(|row| row.stage == *name).collect();
            apply(plan, step.stage, &mut document, &rows);
        }
        walk.run(segment, &mut document);
    }
    document
}

/// Makes the changes of a stage again that the ledger has. What these stages put in the place of what they cut out is nothing.
fn apply(plan: &Plan, stage: StageIndex, document: &mut Document, rows: &[&Removed]) {
    let mark = Mark::new(stage);
    let rules = &plan.stage(stage).rules;
    let rule = |row: &Removed| {
        let name = row.rule.strip_suffix(crate::sink::ledger::ORPHANED).unwrap_or(&row.rule);
        Rule(rules.iter().position(|rule| rule.name == name).unwrap_or(rules.len()) as u16)
    };
    let reason = |row: &Removed| match (row.value, row.threshold) {
        (Some(value), Some(threshold)) => Reason::new(rule(row)).measured(value, threshold),
        _ => Reason::new(rule(row)),
    };
    let blocks: Vec<(usize, Reason)> = rows
        .iter()
        .filter(|row| !row.edited)
        .filter_map(|row| Some((document.block_numbered(row.block?)?.index(), reason(row))))
        .collect();
    mark.remove_blocks(document, blocks);
    mark.edit(document, |editor| {
        let number = editor.block().number();
        for row in rows.iter().filter(|row| row.edited && row.block == Some(number)) {
            let Some((start, end)) = row.range else { continue };
            let range = start as usize..end as usize;
            if editor.text().get(range.clone()) == row.text.as_deref() {
                editor.replace(rule(row), range, "", 1);
            }
        }
    });
    if let Some(row) = rows.iter().find(|row| row.block.is_none()) {
        mark.remove_document(document, reason(row));
    }
}

/// What the stages do to these documents, all others aside.
fn alone(plan: &Plan, documents: Vec<Document>, record: Option<u64>, why_not: &str) -> Explained {
    let seen = if record.is_some() { "this record" } else { "this file" };
    let mut explained = Explained::default();
    explained.notes.push(format!("the stages ran on {seen} alone, since {why_not}"));
    let needing =
        plan.config.stage.iter().zip(&plan.stages).filter(|(_, stage)| matches!(stage.stage, Stage::Global(_)));
    let needing: Vec<String> = needing.map(|(_, stage)| format!("`{}`", stage.name)).collect();
    if let [others @ .., last] = needing.as_slice() {
        let stages = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
        let need = if others.is_empty() { "needs" } else { "need" };
        explained
            .notes
            .push(format!("{stages} {need} the whole corpus, and saw {seen} alone: a build may decide otherwise"));
    }
    let documents = walk_documents(plan, documents);
    let remains: BTreeMap<Position, Remains> =
        documents.iter().map(|document| (document.position(), Remains::of(document))).collect();
    let reasons = Reasons::of_plan(plan);
    for document in &documents {
        let mut explanation = of_document(document, plan, &reasons, &remains);
        add_evidence(plan, document, &mut explanation);
        explained.documents.push(explanation);
    }
    explained
}

fn add_evidence(plan: &Plan, document: &Document, explanation: &mut Explanation) {
    // Stages behind the one that removed the document never saw it.
    let last = document.removal().map_or(StageIndex(u16::MAX), |removal| removal.stage);
    for (index, planned) in (0..).map(StageIndex).zip(&plan.stages).filter(|(index, _)| *index <= last) {
        if let Some(stage) = planned.stage.local() {
            explanation.add_evidence(stage.evidence(document, index));
            let taken_for = stage.taken_for(document, index);
            explanation.facts.extend(taken_for.map(|value| Fact { name: "taken for", value }));
        }
    }
}

/// The documents of a file and what could not be read of it: all, or the one of that record. Of a file whose slices are known, only
/// the slice with the record is read.
fn read(
    plan: &Plan,
    input: &InputFile,
    record: Option<u64>,
    slices: Option<&[Slice]>,
) -> (Vec<Document>, Vec<Rejected>) {
    let mut known = slices.unwrap_or_default().iter().filter(|slice| !slice.is_run());
    let with_record = record.and_then(|record| known.rfind(|slice| slice.first_record <= record));
    let slice = with_record.copied().unwrap_or_else(|| Slice::whole(input, [0; 16]));
    let (mut documents, mut rejected) = (Vec::new(), Vec::new());
    let mut each = |item| {
        let at = match &item {
            Item::Document { document, .. } => Some(document.position().record),
            Item::Rejected(rejected) => rejected.record,
        };
        let is_wanted = record.is_none_or(|record| at.is_none_or(|at| at == record));
        match item {
            Item::Document { document, .. } if is_wanted => documents.push(document),
            Item::Rejected(refused) if is_wanted => rejected.push(refused),
            _ => {}
        }
        // What comes after the record need not be read.
        if at.zip(record).is_some_and(|(at, record)| at > record) { Err(()) } else { Ok(()) }
    };
    let _ = source::read(&plan.config.source[input.source as usize], input, &slice, &mut each);
    rejected.sort();
    (documents, rejected)
}

fn told(rejected: &Rejected) -> String {
    let record = rejected.record.map(|record| format!(", record {record}")).unwrap_or_default();
    format!("{}{record}: {}: {}", rejected.source, rejected.cause.as_str(), rejected.detail)
}
