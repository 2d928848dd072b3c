//! A build as a list of tasks: each a pure function from files to files, named by the hash of all that it depends on.
//!
//! A task's key is the hash of its function, the stages it runs and the keys of the tasks it needs, down to the inputs'
//! digests. Two tasks with one key make the same bytes, so what is done already is never done again.

use serde_json::json;

use super::cut::{self, Partition};
use super::depends::{engine, is_sweep, partition_key, read_key, round_keys, segment_key, stage_key};
use super::inputs::Inputs;
use super::job::Job;
use super::store::Key;
use crate::plan::{Plan, Step};
use crate::sink::manifest::Manifest;

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Reads a file that can be read from its beginning alone, for the partitions that have runs of it.
    Read {
        /// Which of those files.
        number: usize,
    },
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
    /// Waits for all partitions to pass a segment, and notes where their results lie.
    Passed {
        /// Which segment.
        segment: usize,
    },
    /// Waits for all decisions at the end of a segment.
    Decided {
        /// Which segment.
        segment: usize,
    },
    /// Adds up what the partitions counted, and checks the accounting.
    Tally,
    /// Names the documents, of a range of partitions, that removals anywhere are in favour of.
    Resolve {
        /// Which range of partitions.
        range: usize,
    },
    /// Waits for all kept copies to be named.
    Resolved,
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
    /// Of each round of each stage that needs the corpus.
    pub rounds: Vec<Vec<Key>>,
    /// Of each segment, its stages taken together.
    pub segments: Vec<Key>,
    /// Of the files that are read ahead.
    pub reads: Vec<Key>,
    /// For each partition, which of these files it needs.
    needs_read: Vec<Vec<usize>>,
    /// By segment and partition.
    pub partitions: Vec<Vec<Key>>,
    /// By segment, observer and range.
    pub decides: Vec<Vec<Vec<Key>>>,
    /// By segment, of the task that waits for its partitions.
    pub passed: Vec<Key>,
    /// By segment, of the task that waits for its decisions.
    pub decided: Vec<Key>,
    /// Of the one task that counts.
    pub tally: Key,
    /// By range of partitions.
    pub resolves: Vec<Key>,
    /// Of the task that waits for them.
    pub resolved: Key,
    /// By part.
    pub writes: Vec<Key>,
    /// Of the last task.
    pub finish: Key,
    /// Digest of all that the dataset depends on, as the manifest has it.
    pub plan: String,
}

/// Notes are decided, and kept copies named, in ranges of keys: one for so many bytes of input, since the reader of a range
/// opens what every partition left.
const RANGE_BYTES: u64 = 8 << 20;

/// And in at most so many ranges.
const MOST_RANGES: u64 = 1024;

/// Parquet files are written in at most so many parts.
const MOST_WRITES: u64 = 64;

/// And in no more than one for so many bytes of input, since each part reads a little of what every partition left.
const LEAST_WRITE: u64 = 64 << 20;

impl Keys {
    /// The keys of a build of `plan` over `inputs`.
    #[must_use]
    pub fn new(plan: &Plan, inputs: &Inputs, partitions: &[Partition]) -> Self {
        let bytes: u64 = partitions.iter().map(|partition| partition.bytes).sum();
        let ranges = bytes.div_ceil(RANGE_BYTES).clamp(1, MOST_RANGES) as usize;
        let config = plan.manifest_config();
        let stages: Vec<Key> = (0..plan.stages.len()).map(|index| stage_key(plan, index)).collect();
        let rounds = (0..plan.stages.len()).map(|index| round_keys(plan, &stages, index)).collect();
        let segments: Vec<Key> = (0..plan.segments.len()).map(|segment| segment_key(plan, &stages, segment)).collect();
        let mut keys = Self {
            stages,
            rounds,
            plan: Manifest::plan_of(&config, &inputs.digests, &plan.models()),
            ..Self::default()
        };
        let engine = engine();
        let mut before: Vec<Key> =
            partitions.iter().map(|partition| partition_key(plan, &engine, inputs, partition)).collect();
        let ahead = cut::read_ahead(partitions);
        keys.reads = ahead.iter().map(|ahead| read_key(plan, &engine, inputs, ahead)).collect();
        keys.needs_read = vec![Vec::new(); partitions.len()];
        for (number, ahead) in ahead.iter().enumerate() {
            ahead.runs.iter().for_each(|(partition, _)| keys.needs_read[*partition].push(number));
        }
        for (number, segment) in plan.segments.iter().enumerate() {
            let decided = number.checked_sub(1).map(|last| keys.decided[last]);
            let key = |before: &Key| Key::of(&("partition", segments[number], before, decided));
            before = before.iter().map(key).collect();
            let all = Key::of(&before);
            let observe = |step: &Step| {
                // A sweep goes over all notes at once.
                let ranges = if is_sweep(plan, *step) { 1 } else { ranges };
                let round = keys.round(*step);
                (0..ranges).map(|range| Key::of(&("decide", round, range, ranges, all))).collect()
            };
            keys.decides.push(segment.observes.iter().map(observe).collect());
            keys.partitions.push(before.clone());
            keys.passed.push(Key::of(&("passed", all)));
            keys.decided.push(Key::of(&("decided", &keys.decides[number])));
        }
        keys.segments = segments;
        let rows = Key::of(&before);
        keys.tally = Key::of(&("tally", rows, &inputs.refused, config.get("output")));
        keys.resolves = (0..ranges).map(|range| Key::of(&("resolve", rows, range, ranges))).collect();
        keys.resolved = Key::of(&("resolved", &keys.resolves));
        let parts = inputs.bytes().div_ceil(plan.config.output.shard_size.0.max(LEAST_WRITE)).clamp(1, MOST_WRITES);
        let dataset = json!([config.get("dataset"), config.get("output"), keys.plan]);
        keys.writes = (0..parts).map(|part| Key::of(&("write", keys.tally, part, parts, &dataset))).collect();
        keys.finish = Key::of(&("finish", &keys.writes));
        keys
    }

    /// All tasks, in an order in which each stands after those that it needs.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks: Vec<Task> = (0..self.reads.len()).map(|number| Task::Read { number }).collect();
        for segment in 0..self.partitions.len() {
            tasks.extend(self.passes(segment));
            if segment == 0 {
                // What needs no file that is read ahead can begin at once.
                tasks.sort_by_key(|task| self.step(*task));
            }
            if self.is_gathered(segment) {
                tasks.push(Task::Passed { segment });
            }
            tasks.extend(self.decisions(segment));
            if !self.decides[segment].is_empty() {
                tasks.push(Task::Decided { segment });
            }
        }
        tasks.push(Task::Tally);
        tasks.extend((0..self.resolves.len()).map(|range| Task::Resolve { range }));
        tasks.push(Task::Resolved);
        tasks.extend((0..self.writes.len()).map(|part| Task::Write { part }));
        tasks.push(Task::Finish);
        tasks
    }

    /// What must be done right before `task`. Where that is all of a segment, one task stands for it, so that these lists
    /// stay short: only the tasks that wait have long ones.
    #[must_use]
    pub fn needs(&self, task: Task) -> Vec<Task> {
        let last = self.partitions.len() - 1;
        match task {
            Task::Read { .. } => Vec::new(),
            Task::Partition { segment: 0, index } => {
                self.needs_read[index].iter().map(|number| Task::Read { number: *number }).collect()
            }
            Task::Partition { segment, .. } if !self.decides[segment - 1].is_empty() => {
                vec![Task::Decided { segment: segment - 1 }]
            }
            Task::Partition { segment, index } => vec![Task::Partition { segment: segment - 1, index }],
            Task::Passed { segment } => self.passes(segment).collect(),
            Task::Decide { segment, .. } => vec![Task::Passed { segment }],
            Task::Decided { segment } => self.decisions(segment).collect(),
            Task::Tally | Task::Resolve { .. } => vec![Task::Passed { segment: last }],
            Task::Resolved => (0..self.resolves.len()).map(|range| Task::Resolve { range }).collect(),
            Task::Write { .. } => vec![Task::Tally, Task::Resolved],
            Task::Finish => (0..self.writes.len()).map(|part| Task::Write { part }).collect(),
        }
    }

    fn passes(&self, segment: usize) -> impl Iterator<Item = Task> + use<> {
        (0..self.partitions[segment].len()).map(move |index| Task::Partition { segment, index })
    }

    fn decisions(&self, segment: usize) -> impl Iterator<Item = Task> {
        let observers = self.decides[segment].iter().enumerate();
        observers.flat_map(move |(observer, ranges)| {
            (0..ranges.len()).map(move |range| Task::Decide { segment, observer, range })
        })
    }

    /// Whether anything waits for all partitions to pass the segment.
    fn is_gathered(&self, segment: usize) -> bool {
        segment + 1 == self.partitions.len() || !self.decides[segment].is_empty()
    }

    /// Where a task stands in a build: tasks with one number do not need each other.
    #[must_use]
    pub fn step(&self, task: Task) -> usize {
        match task {
            Task::Read { .. } => 0,
            Task::Partition { segment: 0, index } if self.needs_read[index].is_empty() => 0,
            Task::Partition { segment, .. } => 4 * segment + 1,
            Task::Passed { segment } => 4 * segment + 2,
            Task::Decide { segment, .. } => 4 * segment + 3,
            Task::Decided { segment } => 4 * segment + 4,
            Task::Tally => usize::MAX - 4,
            Task::Resolve { .. } => usize::MAX - 3,
            Task::Resolved => usize::MAX - 2,
            Task::Write { .. } => usize::MAX - 1,
            Task::Finish => usize::MAX,
        }
    }

    /// The key of a round.
    #[must_use]
    pub fn round(&self, step: Step) -> Key {
        let rounds = self.rounds.get(usize::from(step.stage.0));
        rounds.and_then(|rounds| rounds.get(step.round)).copied().unwrap_or_default()
    }

    /// The key of a task.
    #[must_use]
    pub fn of(&self, task: Task) -> Key {
        match task {
            Task::Read { number } => self.reads[number],
            Task::Partition { segment, index } => self.partitions[segment][index],
            Task::Decide { segment, observer, range } => self.decides[segment][observer][range],
            Task::Passed { segment } => self.passed[segment],
            Task::Decided { segment } => self.decided[segment],
            Task::Tally => self.tally,
            Task::Resolve { range } => self.resolves[range],
            Task::Resolved => self.resolved,
            Task::Write { part } => self.writes[part],
            Task::Finish => self.finish,
        }
    }

    /// The name of a task: what it is, and which of its kind.
    #[must_use]
    pub fn name(&self, task: Task) -> String {
        match task {
            Task::Read { number } => format!("r.{number}"),
            Task::Partition { segment, index } => format!("s{}.{index}", segment + 1),
            Task::Passed { segment } => format!("s{}", segment + 1),
            Task::Decide { segment, observer, range } => {
                let before: usize = self.decides[segment].iter().take(observer).map(Vec::len).sum();
                format!("d{}.{}", segment + 1, before + range)
            }
            Task::Decided { segment } => format!("d{}", segment + 1),
            Task::Tally => "tally".to_owned(),
            Task::Resolve { range } => format!("k.{range}"),
            Task::Resolved => "k".to_owned(),
            Task::Write { part } => format!("w.{part}"),
            Task::Finish => "finish".to_owned(),
        }
    }

    /// All keys, those of results included, that a finished build has used.
    pub fn all(&self) -> impl Iterator<Item = Key> {
        self.tasks().into_iter().map(|task| self.of(task))
    }
}

impl Task {
    /// Whether it only waits for others.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Passed { .. } | Self::Decided { .. } | Self::Resolved)
    }
}

impl Job<'_> {
    /// What a task does, for people.
    #[must_use]
    pub fn does(&self, task: Task) -> String {
        match task {
            Task::Read { number } => {
                format!("reads {} for its partitions", self.inputs.files[self.ahead[number].file as usize].name)
            }
            Task::Partition { segment, index } => {
                format!("segment {} over partition {} of {}", segment + 1, index + 1, self.partitions.len())
            }
            Task::Passed { segment } => format!("waits for segment {}", segment + 1),
            Task::Decide { segment, observer, range } => {
                let Step { stage, round } = self.plan.segments[segment].observes[observer];
                let ranges = self.keys.decides[segment][observer].len();
                let name = &self.plan.stage(stage).name;
                let round = if round == 0 { String::new() } else { format!(" in round {}", round + 1) };
                format!("{name} decides{round}, key range {} of {ranges}", range + 1)
            }
            Task::Decided { segment } => format!("waits for the decisions after segment {}", segment + 1),
            Task::Tally => "adds up the counts and checks the accounting".to_owned(),
            Task::Resolve { range } => format!("names kept copies, part {} of {}", range + 1, self.keys.resolves.len()),
            Task::Resolved => "waits for the names of kept copies".to_owned(),
            Task::Write { part } => format!("writes Parquet files, part {} of {}", part + 1, self.keys.writes.len()),
            Task::Finish => "writes the manifest and puts the dataset in place".to_owned(),
        }
    }
}
