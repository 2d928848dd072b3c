//! A build as a list of tasks: each a pure function from files to files, named by the hash of all that it depends on.
//!
//! A task's key is the hash of its function, the stages it runs and the keys of the tasks it needs, down to the inputs'
//! digests. Two tasks with one key make the same bytes, so what is done already is never done again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::inputs::Inputs;
use super::job::{Job, Partition};
use super::store::Key;
use crate::document::StageIndex;
use crate::plan::Plan;
use crate::sink::DATA_VERSION;
use crate::sink::manifest::Manifest;
use crate::text::hash;

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Takes a partition through a segment.
    Partition {
        /// Which segment, from 0.
        segment: usize,
        /// Which partition, from 0.
        index: usize,
    },
    /// Lets a global stage decide about a range of keys.
    Decide {
        /// At the end of which segment.
        segment: usize,
        /// Which of the stages that observe there.
        observer: usize,
        /// Which range.
        range: usize,
    },
    /// Adds up what the partitions counted, and checks the accounting.
    Tally,
    /// Names the documents, of a range of partitions, that removals anywhere are in favour of.
    Answer {
        /// Which range of partitions.
        range: usize,
    },
    /// Writes some of the Parquet files.
    Write {
        /// Which part of them.
        part: usize,
    },
    /// Puts the dataset in place.
    Finish,
}

/// The keys of all tasks of a build.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Of each stage.
    pub stages: Vec<Key>,
    /// Of each segment, its stages taken together.
    pub segments: Vec<Key>,
    /// By segment and partition.
    pub partitions: Vec<Vec<Key>>,
    /// By segment, observer and range.
    pub decides: Vec<Vec<Vec<Key>>>,
    /// Of the one task that counts.
    pub tally: Key,
    /// By range of partitions.
    pub answers: Vec<Key>,
    /// By part.
    pub writes: Vec<Key>,
    /// Of the last task.
    pub finish: Key,
    /// Digest of all that the dataset depends on, as the manifest has it.
    pub plan: String,
}

/// Notes are decided in at most so many ranges of their keys, and copies named in as many ranges of partitions.
const MOST_RANGES: usize = 16;

/// Parquet files are written in at most so many parts.
const MOST_WRITES: u64 = 64;

/// And in no more than one for so many bytes of input, since each part reads a little of what every partition left.
const LEAST_WRITE: u64 = 64 << 20;

/// The version of tamis as tasks see it: of the rules and of the very sources.
#[must_use]
pub fn engine() -> String {
    format!("{DATA_VERSION} {}", env!("TAMIS_SOURCES"))
}

impl Keys {
    /// The keys of a build of `plan` over `inputs`.
    #[must_use]
    pub fn new(plan: &Plan, inputs: &Inputs, partitions: &[Partition]) -> Self {
        let ranges = partitions.len().clamp(1, MOST_RANGES);
        let config = plan.manifest_config();
        let stages: Vec<Key> = (0..plan.stages.len()).map(|index| stage_key(plan, index)).collect();
        let segments: Vec<Key> = (0..plan.segments.len()).map(|segment| segment_key(plan, &stages, segment)).collect();
        let mut keys =
            Self { stages, plan: Manifest::plan_of(&config, &inputs.digests, &plan.models()), ..Self::default() };
        let mut before: Vec<Key> = partitions.iter().map(|partition| partition_key(plan, inputs, partition)).collect();
        for (number, segment) in plan.segments.iter().enumerate() {
            let decided = number.checked_sub(1).map(|last| Key::of(&keys.decides[last]));
            let key = |before: &Key| Key::of(&("partition", segments[number], before, decided));
            before = before.iter().map(key).collect();
            let observe = |place: &StageIndex| {
                let stage = keys.stages[usize::from(place.0)];
                (0..ranges).map(|range| Key::of(&("decide", stage, range, ranges, &before))).collect()
            };
            keys.decides.push(segment.observes.iter().map(observe).collect());
            keys.partitions.push(before.clone());
        }
        keys.segments = segments;
        let rows = Key::of(&before);
        let refused: Vec<_> = inputs.refused.iter().map(|refused| (&refused.source, &refused.detail)).collect();
        keys.tally = Key::of(&("tally", rows, refused, config.get("output")));
        keys.answers = (0..ranges).map(|range| Key::of(&("answer", rows, range, ranges))).collect();
        let parts = inputs.bytes().div_ceil(plan.config.output.shard_size.0.max(LEAST_WRITE)).clamp(1, MOST_WRITES);
        let dataset = json!([config.get("dataset"), config.get("output"), keys.plan]);
        keys.writes = (0..parts).map(|part| Key::of(&("write", keys.tally, part, parts, &dataset))).collect();
        keys.finish = Key::of(&("finish", &keys.writes));
        keys
    }

    /// All tasks, in an order in which each stands behind those that it needs.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (segment, partitions) in self.partitions.iter().enumerate() {
            tasks.extend((0..partitions.len()).map(|index| Task::Partition { segment, index }));
            for (observer, ranges) in self.decides[segment].iter().enumerate() {
                tasks.extend((0..ranges.len()).map(|range| Task::Decide { segment, observer, range }));
            }
        }
        tasks.push(Task::Tally);
        tasks.extend((0..self.answers.len()).map(|range| Task::Answer { range }));
        tasks.extend((0..self.writes.len()).map(|part| Task::Write { part }));
        tasks.push(Task::Finish);
        tasks
    }

    /// What must be done before `task`.
    #[must_use]
    pub fn needs(&self, task: Task) -> Vec<Task> {
        let all =
            |segment: usize| (0..self.partitions[segment].len()).map(move |index| Task::Partition { segment, index });
        let last = self.partitions.len() - 1;
        match task {
            Task::Partition { segment: 0, .. } => Vec::new(),
            Task::Partition { segment, index } => {
                let before = segment - 1;
                let decides = self.decides[before].iter().enumerate().flat_map(|(observer, ranges)| {
                    (0..ranges.len()).map(move |range| Task::Decide { segment: before, observer, range })
                });
                [Task::Partition { segment: before, index }].into_iter().chain(decides).collect()
            }
            Task::Decide { segment, .. } => all(segment).collect(),
            Task::Tally | Task::Answer { .. } => all(last).collect(),
            Task::Write { .. } => {
                [Task::Tally].into_iter().chain((0..self.answers.len()).map(|range| Task::Answer { range })).collect()
            }
            Task::Finish => (0..self.writes.len()).map(|part| Task::Write { part }).collect(),
        }
    }

    /// The key of a task.
    #[must_use]
    pub fn of(&self, task: Task) -> Key {
        match task {
            Task::Partition { segment, index } => self.partitions[segment][index],
            Task::Decide { segment, observer, range } => self.decides[segment][observer][range],
            Task::Tally => self.tally,
            Task::Answer { range } => self.answers[range],
            Task::Write { part } => self.writes[part],
            Task::Finish => self.finish,
        }
    }

    /// The name of a task: what it is, and the first half of its key.
    #[must_use]
    pub fn name(&self, task: Task) -> String {
        let role = match task {
            Task::Partition { segment, .. } => format!("segment{}", segment + 1),
            Task::Decide { segment, .. } => format!("decide{}", segment + 1),
            Task::Tally => "tally".to_owned(),
            Task::Answer { .. } => "answer".to_owned(),
            Task::Write { .. } => "write".to_owned(),
            Task::Finish => "finish".to_owned(),
        };
        format!("{role}-{}", self.of(task).short())
    }

    /// All keys, those of results included, that a finished build has used.
    pub fn all(&self) -> impl Iterator<Item = Key> {
        self.tasks().into_iter().map(|task| self.of(task))
    }
}

impl Job<'_> {
    /// What a task does, for people.
    #[must_use]
    pub fn does(&self, task: Task) -> String {
        let segments = self.plan.segments.len();
        match task {
            Task::Partition { segment, index } => {
                let steps = self.plan.steps(segment).join(", ");
                format!("segment {} of {segments} ({steps}) over {}", segment + 1, self.about(index))
            }
            Task::Decide { segment, observer, range } => {
                let stage = self.plan.segments[segment].observes[observer];
                let ranges = self.keys.decides[segment][observer].len();
                format!("{} decides, key range {} of {ranges}", self.plan.stage(stage).name, range + 1)
            }
            Task::Tally => "adds up the counts and checks the accounting".to_owned(),
            Task::Answer { range } => {
                format!("names kept copies, part {} of {}", range + 1, self.keys.answers.len())
            }
            Task::Write { part } => format!("writes Parquet files, part {} of {}", part + 1, self.keys.writes.len()),
            Task::Finish => "writes the manifest and puts the dataset in place".to_owned(),
        }
    }

    /// A partition for people: its number and its files.
    fn about(&self, index: usize) -> String {
        let slices = &self.partitions[index].slices;
        let mut names: Vec<&str> = slices.iter().map(|(file, _)| &*self.inputs.files[*file as usize].name).collect();
        names.dedup();
        let number = format!("partition {} of {}", index + 1, self.partitions.len());
        match (names.as_slice(), slices.as_slice()) {
            ([only], [(_, slice)]) if slice.start > 0 => format!("{number} ({only} from byte {})", slice.start),
            ([only], _) => format!("{number} ({only})"),
            ([first, .., last], _) => format!("{number} ({first} to {last}, {} files)", names.len()),
            ([], _) => number,
        }
    }
}

/// What a stage's doings depend on: its options, its models, and its number, which removals carry. Not so the stages
/// that the plan adds: they have no options, only a name, and their numbers stand nowhere.
fn stage_key(plan: &Plan, index: usize) -> Key {
    let stage = &plan.stages[index];
    let config = plan.config.stage.get(index);
    let own = match config {
        Some(config) => json!([index, config]),
        None => json!(stage.name),
    };
    Key::of(&json!([engine(), own, stage.models]))
}

fn segment_key(plan: &Plan, stages: &[Key], segment: usize) -> Key {
    let parts = &plan.segments[segment];
    let keys = |places: &[StageIndex]| places.iter().map(|place| stages[usize::from(place.0)]).collect::<Vec<_>>();
    let last = segment + 1 == plan.segments.len();
    let results = last.then_some(plan.config.output.ledger);
    Key::of(&(keys(&parts.applies), keys(&parts.stages), keys(&parts.observes), json!(results)))
}

/// What reading a partition depends on: how each of its files is read, and the bytes.
fn partition_key(plan: &Plan, inputs: &Inputs, partition: &Partition) -> Key {
    let mut sources: BTreeMap<u32, Value> = BTreeMap::new();
    let mut slices = Vec::new();
    for (index, slice) in &partition.slices {
        let file = &inputs.files[*index as usize];
        sources.entry(file.source).or_insert_with(|| plan.source_config(file.source));
        let range = (slice.start, slice.end, slice.first_record, hash::hex(&slice.digest));
        slices.push(json!([file.source, file.name, file.kind, file.compression, file.bytes, range]));
    }
    Key::of(&json!([engine(), sources, slices]))
}
