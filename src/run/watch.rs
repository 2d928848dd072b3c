//! The window through which a build is watched: progress out, time in. The library itself reads no clock and prints nothing.

/// What a build tells while it runs, and the clock it may look at for `run.json`. Nothing of it reaches another output.
pub trait Watch: Sync {
    /// Nanoseconds since some fixed moment.
    fn nanos(&self) -> u64;

    /// Peak resident memory of the process in bytes, where the system tells.
    fn peak_memory(&self) -> Option<u64> {
        None
    }

    /// The parts that follow, in order, over a corpus of so many unpacked bytes. Told before the first of them; told anew where
    /// a build goes through its tasks once more.
    fn expect(&self, _bytes: u64, _parts: &[Part]) {}

    /// A part begins. Its units are bytes where it reads, else steps.
    fn begin(&self, part: &Part);

    /// `done` more units of the current part are done.
    fn advance(&self, done: u64);
}

/// A part of a build on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which one.
    pub phase: Phase,
    /// What it does, for people.
    pub does: String,
    /// How many units it has.
    pub units: u64,
    /// How much of the build's work it is, in bytes that a pass over documents would take as long for.
    pub work: u64,
}

/// The phases of a build, in order; the third comes once a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Every input is read once for its digest.
    Survey,
    /// Files that can be read from their beginning alone are read, beside what needs none of them.
    Read,
    /// Documents go through a segment of the pipeline: its number from 1, and how many there are.
    Stages(usize, usize),
    /// The global stage after that segment decides.
    Decide(usize),
    /// Counts are added up.
    Tally,
    /// Kept copies are named.
    Resolve,
    /// Shards and ledger are written.
    Write,
}

impl Phase {
    /// The phase in a word or two.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Survey => "survey".to_owned(),
            Self::Read => "read".to_owned(),
            Self::Stages(segment, _) => format!("segment {segment}"),
            Self::Decide(segment) => format!("decide {segment}"),
            Self::Tally => "tally".to_owned(),
            Self::Resolve => "resolve".to_owned(),
            Self::Write => "write".to_owned(),
        }
    }

    /// Whether the units are bytes of the corpus.
    #[must_use]
    pub fn is_in_bytes(self) -> bool {
        matches!(self, Self::Survey | Self::Read | Self::Stages(..))
    }
}

/// Watches nothing; its clock stands still.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blind;

impl Watch for Blind {
    fn nanos(&self) -> u64 {
        0
    }

    fn begin(&self, _part: &Part) {}

    fn advance(&self, _done: u64) {}
}
