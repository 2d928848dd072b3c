//! What could not be read, as people look at it at the end of a build: the first records, and which sources gave nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::sink::counts::Counts;
use crate::source::{Cause, Rejected};

/// So many of them are shown.
pub const SHOWN: usize = 5;

/// What could not be read, of a partition or of the whole build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The first, in the order of the corpus; records that are lost before those that were mended.
    pub first: Vec<Rejected>,
    /// Records and files that are lost, by source and cause.
    pub causes: BTreeMap<u32, BTreeMap<Cause, u64>>,
}

/// A source that gave no document, and what of it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barren {
    /// Number of the `[[source]]`, from 0.
    pub source: u32,
    /// Its `paths`.
    pub paths: Vec<String>,
    /// Records and files that are lost, by cause.
    pub causes: BTreeMap<Cause, u64>,
    /// The first of them.
    pub first: Vec<Rejected>,
}

impl Refused {
    /// Takes in one more.
    pub fn add(&mut self, rejected: &Rejected) {
        if rejected.refused {
            *self.causes.entry(rejected.of).or_default().entry(rejected.cause).or_default() += 1;
        }
        if self.first.len() < SHOWN || rejected.refused && self.first.iter().any(|first| !first.refused) {
            self.first.push(rejected.clone());
            self.keep_first();
        }
    }

    /// Takes in those of a later part of the corpus.
    pub fn append(&mut self, later: &Self) {
        for (source, causes) in &later.causes {
            let sums = self.causes.entry(*source).or_default();
            causes.iter().for_each(|(cause, count)| *sums.entry(*cause).or_default() += count);
        }
        self.first.extend(later.first.iter().cloned());
        self.keep_first();
    }

    fn keep_first(&mut self) {
        self.first.sort_by_key(|rejected| !rejected.refused);
        self.first.truncate(SHOWN);
    }
}

impl fmt::Display for Barren {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let causes: Vec<String> =
            self.causes.iter().map(|(cause, count)| format!("{count} {}", cause.as_str())).collect();
        let (number, paths) = (self.source + 1, self.paths.join(", "));
        write!(out, "source {number} ({paths}) gave no document: {}", causes.join(", "))?;
        self.first.iter().try_for_each(|rejected| write!(out, "\n  {rejected}"))
    }
}

/// The sources that gave no document: those that end the build, and those that are only warned of.
///
/// Damaged input never ends a build by itself, so a source of which most is damaged is warned of. One that could be read,
/// or has nothing that could be, was meant otherwise.
#[must_use]
pub fn barren(plan: &Plan, counts: &Counts, refused: &Refused) -> (Vec<Barren>, Vec<Barren>) {
    let (mut ending, mut warned) = (Vec::new(), Vec::new());
    for (index, source) in (0u32..).zip(&plan.config.source) {
        if counts.sources.get(&index).is_some_and(|counts| counts.input.documents > 0) {
            continue;
        }
        // A source whose files are all read by an earlier one has none of its own.
        let Some(causes) = refused.causes.get(&index) else { continue };
        let damaged: u64 = causes.iter().filter(|(cause, _)| cause.is_damage()).map(|(_, count)| count).sum();
        let all: u64 = causes.values().sum();
        let first = refused.first.iter().filter(|rejected| rejected.of == index).cloned().collect();
        let barren = Barren { source: index, paths: source.paths.clone(), causes: causes.clone(), first };
        if damaged * 2 >= all { warned.push(barren) } else { ending.push(barren) }
    }
    (ending, warned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(number: u64, refused: bool) -> Rejected {
        Rejected {
            source: "in/a.jsonl".into(),
            record: Some(number),
            offset: number * 10,
            cause: Cause::MissingText,
            detail: format!("line {}, column 3: it is odd", number + 1),
            bytes: 9,
            refused,
            line: Some(number + 1),
            column: (number == 7).then_some(3),
            of: 1,
        }
    }

    #[test]
    fn lost_records_are_shown_before_mended_ones_in_any_grouping() {
        let all: Vec<Rejected> = (0..20).map(|number| rejected(number, number % 3 == 1)).collect();
        let numbers = |refused: &Refused| refused.first.iter().filter_map(|row| row.record).collect::<Vec<_>>();
        for size in [1, 2, 7, 20] {
            let mut sum = Refused::default();
            for part in all.chunks(size) {
                let mut refused = Refused::default();
                part.iter().for_each(|rejected| refused.add(rejected));
                sum.append(&refused);
            }
            assert_eq!(numbers(&sum), [1, 4, 7, 10, 13], "{size}");
            assert_eq!(sum.causes[&1][&Cause::MissingText], 7);
        }
        let mut mended = Refused::default();
        (0..9).for_each(|number| mended.add(&rejected(number, number == 8)));
        assert_eq!(numbers(&mended), [8, 0, 1, 2, 3]);
    }

    #[test]
    fn a_record_is_shown_by_its_place() {
        assert_eq!(rejected(7, true).to_string(), "in/a.jsonl:8:3 missing_text: it is odd");
        assert_eq!(rejected(2, true).to_string(), "in/a.jsonl:3 missing_text: it is odd");
        let row = Rejected { line: None, ..rejected(2, true) };
        assert_eq!(row.to_string(), "in/a.jsonl#2 missing_text: it is odd");
        assert_eq!(Rejected { record: None, ..row }.to_string(), "in/a.jsonl missing_text: it is odd");
    }
}
