//! Adds up the evidence of a text and decides.

use unicode_script::Script;

use super::alphabet::Group;
use super::grams::{self, Gram};
use super::pieces::{self, Piece};
use super::script::Scripts;
use super::weights::{self, LATIN, OTHER, Table, UNIT, Weights, ZERO};
use super::{Detected, UNDECIDED};

/// The evidence of the text read so far.
pub struct Judge {
    weights: &'static Weights,
    scripts: Scripts,
    latin: Sums<LATIN>,
    /// The other groups met so far.
    others: Vec<(Group, Sums<OTHER>)>,
}

/// How much of a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// All of it: the answer does not depend on what stands first.
    Whole,
    /// Up to where one language leads by far: enough for a paragraph in one language.
    UntilSure,
}

/// Running scores of a group's languages.
///
/// Features wait until there are some dozens of them: to fetch what they weigh is to wait for memory, and the processor waits
/// for many at a time where little else is done in between.
struct Sums<const WIDTH: usize> {
    /// What the features added up so far say. Longer than a row, so that no language's number can lie outside.
    total: [i32; 128],
    /// Features to be added.
    dense: Waiting<(u64, u64), DENSE>,
    sparse: Waiting<u64, SPARSE>,
}

/// Features that wait for their turn.
struct Waiting<T, const ROOM: usize> {
    features: [T; ROOM],
    count: usize,
}

impl<T, const ROOM: usize> Waiting<T, ROOM> {
    #[inline(always)]
    fn push(&mut self, feature: T) {
        if let Some(slot) = self.features.get_mut(self.count) {
            *slot = feature;
            self.count += 1;
        }
    }

    fn take(&mut self) -> &[T] {
        &self.features[..std::mem::take(&mut self.count)]
    }
}

/// An answer that leads by so much is not changed by the rest of a paragraph.
const DECISIVE: i32 = 16 * UNIT;
/// Dense features between two looks at who leads, about as many as letters: so many are read before a text is told early.
const PATIENCE: usize = 48;
/// So many wait at most, as a word has no more than one dense feature a letter and one, and fewer than twice as many sparse ones.
const DENSE: usize = PATIENCE + grams::LONGEST + 1;
const SPARSE: usize = 2 * DENSE;

impl<const WIDTH: usize> Sums<WIDTH> {
    fn new() -> Self {
        Self {
            total: [0; 128],
            dense: Waiting { features: [(0, 0); DENSE], count: 0 },
            sparse: Waiting { features: [0; SPARSE], count: 0 },
        }
    }

    #[inline(always)]
    fn add(&mut self, group: Group, word: &[u32]) {
        grams::each(group, word, |gram| match gram {
            Gram::Dense(long, short) => self.dense.push((long, short)),
            Gram::Sparse(key) => self.sparse.push(key),
        });
    }

    /// Adds up what waits.
    fn carry(&mut self, table: &Table<WIDTH>) {
        let sparse = self.sparse.take();
        let mut tags = [[0; 2]; SPARSE];
        for (tags, key) in tags.iter_mut().zip(sparse) {
            *tags = table.tags(*key);
        }
        let dense = self.dense.take();
        let mut entries = [([0; 4], [0; 4]); DENSE];
        for (entries, (long, short)) in entries.iter_mut().zip(dense) {
            *entries = (table.entries(*long), table.entries(*short));
        }
        let mut rows = [0; DENSE];
        for ((row, (long, short)), keys) in rows.iter_mut().zip(&entries).zip(dense) {
            let (long, short) = (weights::row(long, keys.0), weights::row(short, keys.1));
            *row = if long == 0 { short } else { long };
        }
        for (key, tags) in sparse.iter().zip(&tags) {
            let [a, one, b, two, c, three] = table.pairs(*key, tags);
            for (language, weight) in [(a, one), (b, two), (c, three)] {
                self.total[usize::from(language) % 128] += i32::from(weight as i8);
            }
        }
        let mut sums = [0; WIDTH];
        table.add_rows(&rows[..dense.len()], &mut sums);
        for (total, sum) in self.total.iter_mut().zip(sums) {
            *total += i32::from(sum) - dense.len() as i32 * ZERO;
        }
    }

    /// Makes room for the next word's features. True once in a while, when one language leads all others by far and the
    /// reading is to end then.
    #[inline(always)]
    fn is_decided(&mut self, table: &Table<WIDTH>, reading: Reading) -> bool {
        if self.dense.count < PATIENCE {
            return false;
        }
        self.carry(table);
        reading == Reading::UntilSure && self.leads(table)
    }

    fn leads(&self, table: &Table<WIDTH>) -> bool {
        let mut scores = [i32::MIN; WIDTH];
        for ((score, bias), total) in scores.iter_mut().zip(&table.bias).zip(&self.total) {
            *score = bias + total;
        }
        let best = scores.iter().copied().fold(i32::MIN, i32::max);
        scores.iter().map(|score| u32::from(*score > best - DECISIVE)).sum::<u32>() == 1
    }

    /// The best language and by how much its score exceeds that of the next one.
    fn decide(&mut self, table: &Table<WIDTH>) -> (&'static str, i32) {
        self.carry(table);
        let (mut best, mut next) = ((UNDECIDED, i32::MIN), i32::MIN);
        for ((code, bias), total) in table.codes.iter().zip(&table.bias).zip(&self.total) {
            let score = bias + total;
            if score > best.1 {
                next = if *code == best.0 { next } else { best.1 };
                best = (code, score);
            } else if score > next && *code != best.0 {
                next = score;
            }
        }
        (best.0, best.1.saturating_sub(next))
    }
}

impl Judge {
    pub fn new() -> Self {
        Self { weights: Weights::get(), scripts: Scripts::default(), latin: Sums::new(), others: Vec::new() }
    }

    /// Takes in the evidence of `text`.
    pub fn read(&mut self, text: &str, reading: Reading) {
        let Self { weights, scripts, latin, others } = self;
        pieces::each_until(text, |piece| match piece {
            Piece::Word(Group::Latin, word, length) => {
                scripts.add(Script::Latin, length);
                latin.add(Group::Latin, word);
                latin.is_decided(&weights.latin, reading)
            }
            Piece::Word(group, word, length) => {
                scripts.add(group.script(), length);
                if group == Group::Han {
                    scripts.add_forms(word);
                }
                let place = others.iter().position(|(known, _)| *known == group).unwrap_or_else(|| {
                    others.push((group, Sums::new()));
                    others.len() - 1
                });
                others[place].1.add(group, word);
                others[place].1.is_decided(weights.of(group), reading)
            }
            Piece::Letter(script) => {
                scripts.add(script, 1);
                false
            }
        });
    }

    /// Decides by what was read.
    pub fn decide(mut self) -> Detected<'static> {
        let letters = self.scripts.letters();
        let (script, name) = self.scripts.prevailing();
        let Some(group) = Group::of(script) else {
            return match ALONE.iter().find(|(alone, _)| *alone == script) {
                Some((_, code)) => {
                    Detected { code, script: name, score: certainty(letters as i32 * 4 * UNIT), letters }
                }
                None => Detected::undecided(name, letters),
            };
        };
        let (code, margin) = match self.others.iter_mut().find(|(known, _)| *known == group) {
            Some((_, sums)) => sums.decide(self.weights.of(group)),
            None => self.latin.decide(&self.weights.latin),
        };
        if code == UNDECIDED {
            return Detected::undecided(name, letters);
        }
        Detected { code, script: name, score: certainty(margin), letters }
    }
}

/// Scripts that one known language is written in.
const ALONE: [(Script, &str); 21] = [
    (Script::Hiragana, "ja"),
    (Script::Bopomofo, "zh"),
    (Script::Hangul, "ko"),
    (Script::Greek, "el"),
    (Script::Thai, "th"),
    (Script::Armenian, "hy"),
    (Script::Georgian, "ka"),
    (Script::Gujarati, "gu"),
    (Script::Gurmukhi, "pa"),
    (Script::Tamil, "ta"),
    (Script::Telugu, "te"),
    (Script::Kannada, "kn"),
    (Script::Malayalam, "ml"),
    (Script::Sinhala, "si"),
    (Script::Oriya, "or"),
    (Script::Khmer, "km"),
    (Script::Lao, "lo"),
    (Script::Thaana, "dv"),
    (Script::Cherokee, "chr"),
    (Script::Mongolian, "mn"),
    (Script::Yi, "ii"),
];

/// How often an answer with this margin was right, measured on words, pairs, sentences and the declaration in 350 languages:
/// (margin in [`UNIT`]s, share).
const CERTAINTY: [(i32, f32); 8] =
    [(0, 0.27), (1, 0.5), (2, 0.73), (3, 0.86), (5, 0.94), (8, 0.97), (16, 0.985), (60, 1.0)];

/// The score of a margin, between the points of [`CERTAINTY`] on straight lines.
fn certainty(margin: i32) -> f32 {
    for pair in CERTAINTY.windows(2) {
        let [(start, low), (end, high)] = [pair[0], pair[1]];
        if margin < end * UNIT {
            return low + (high - low) * (margin - start * UNIT) as f32 / ((end - start) * UNIT) as f32;
        }
    }
    1.0
}
