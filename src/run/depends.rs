//! What the keys of tasks are made of: the code that decides, the options and models of stages, and the inputs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cut::{Ahead, Partition};
use super::inputs::Inputs;
use super::store::Key;
use crate::document::StageIndex;
use crate::plan::{Plan, Step};
use crate::sink::{DATA_VERSION, TitlePlace};
use crate::source::{InputFile, Slice};
use crate::stage::{Round, Stage, StageConfig};
use crate::text::hash;

/// What runs the tasks, as far as it decides what comes of them: the version of the rules, and of the code (`build.rs`). Models and
/// other data are named by each stage.
#[must_use]
pub fn engine() -> String {
    format!("{DATA_VERSION} {}", env!("TAMIS_CODE"))
}

/// What a stage's doings depend on: its options, its models, and its number, which removals carry. Not so the stages
/// that the plan adds: they have no options, only a name, and their numbers stand nowhere.
pub fn stage_key(plan: &Plan, index: usize) -> Key {
    let stage = &plan.stages[index];
    let config = plan.config.stage.get(index);
    let own = match config {
        // Where titles go is told to the stages that know them.
        Some(config) if plan.config.output.title == Some(TitlePlace::Column) => {
            json!([index, config, config.clone().take_title()])
        }
        Some(config) => json!([index, config]),
        None => json!(stage.name),
    };
    Key::of(&json!([engine(), own, stage.models]))
}

/// What the rounds of a stage depend on: on all that the stage does, unless it names the options of a round.
pub fn round_keys(plan: &Plan, stages: &[Key], index: usize) -> Vec<Key> {
    let planned = &plan.stages[index];
    let Stage::Global(stage) = &planned.stage else { return Vec::new() };
    let key = |round: usize| match stage.options_of(round) {
        Some(options) => {
            let kind = plan.config.stage.get(index).map(StageConfig::name);
            Key::of(&json!([engine(), kind, round, options]))
        }
        None => Key::of(&("round", round, stages[index])),
    };
    (0..stage.rounds()).map(key).collect()
}

/// Whether a round goes over the whole corpus in order.
pub fn is_sweep(plan: &Plan, step: Step) -> bool {
    matches!(&plan.stage(step.stage).stage, Stage::Global(stage) if matches!(stage.round(step.round), Round::Sweep(_)))
}

/// What a segment does: what it applies, its stages, what observes at its end, and in the last one what the ledger shows.
pub fn segment_key(plan: &Plan, stages: &[Key], segment: usize) -> Key {
    let parts = &plan.segments[segment];
    let stage = |place: &StageIndex| stages[usize::from(place.0)];
    let round = |step: &Step| round_keys(plan, stages, usize::from(step.stage.0)).get(step.round).copied();
    // What a last round decided is applied, and then all options of the stage count.
    let applied = |step: &Step| if plan.is_last_round(*step) { Some(stage(&step.stage)) } else { round(step) };
    let applies: Vec<_> = parts.applies.iter().map(applied).collect();
    let stages: Vec<_> = parts.stages.iter().map(stage).collect();
    let observes: Vec<_> = parts.observes.iter().map(round).collect();
    let last = segment + 1 == plan.segments.len();
    let results = last.then_some(plan.config.output.ledger);
    Key::of(&(applies, stages, observes, json!(results)))
}

/// What reading a partition depends on: how each of its files is read, and the bytes.
pub fn partition_key(plan: &Plan, engine: &str, inputs: &Inputs, partition: &Partition) -> Key {
    let mut sources: BTreeMap<u32, Value> = BTreeMap::new();
    let mut slices = Vec::new();
    for (index, slice) in &partition.slices {
        let file = &inputs.files[*index as usize];
        sources.entry(file.source).or_insert_with(|| plan.source_config(file.source));
        slices.push(slice_parts(file, slice));
    }
    Key::of(&json!([engine, sources, title_in_text(plan), slices]))
}

/// What reading a file ahead depends on: how it is read, its bytes, and where its runs begin.
pub fn read_key(plan: &Plan, engine: &str, inputs: &Inputs, ahead: &Ahead) -> Key {
    let file = &inputs.files[ahead.file as usize];
    let runs: Vec<Value> = ahead.runs.iter().map(|(_, run)| slice_parts(file, run)).collect();
    Key::of(&json!(["read", engine, plan.source_config(file.source), title_in_text(plan), runs]))
}

/// Whether reading puts titles into texts.
fn title_in_text(plan: &Plan) -> bool {
    plan.config.output.title == Some(TitlePlace::Text)
}

fn slice_parts(file: &InputFile, slice: &Slice) -> Value {
    let records = (slice.first_record, slice.next_record);
    let range = (slice.start, slice.end, records, file.records, hash::hex(&slice.digest));
    json!([file.source, file.name, file.kind, file.compression, file.bytes, range])
}
