//! Adds up the evidence of a text and decides.

use unicode_script::Script;

use super::alphabet::Group;
use super::grams::{self, Gram};
use super::script::Tally;
use super::weights::{LATIN, Model, OTHER, Table, UNIT, ZERO};
use super::words::{self, Piece};
use super::{Detected, UNDECIDED};

/// The evidence of the text read so far.
pub struct Judge {
    model: &'static Model,
    tally: Tally,
    latin: Sums<LATIN>,
    /// The other groups met so far.
    others: Vec<(Group, Sums<OTHER>)>,
}

/// Running scores of a group's languages.
struct Sums<const WIDTH: usize> {
    /// Dense weights since the last time they were carried over: bytes, each [`ZERO`] too high.
    recent: [u16; WIDTH],
    /// How many rows `recent` holds.
    rows: u32,
    /// Everything else. Longer than a row, so that no language's number can lie outside.
    total: [i32; 128],
    /// Rows until it is worth looking whether that is decisive.
    patience: i32,
}

/// An answer that leads by so much is not changed by the rest of a paragraph.
const DECISIVE: i32 = 16 * UNIT;
/// Rows between two looks, about as many as letters: so many are read before a text is told early.
const PATIENCE: i32 = 48;

/// A word has at most so many features of either kind.
const FEATURES: usize = 2 * grams::LONGEST + 2;
/// So many rows of bytes fit 16 bits, less those of one word.
const FULL: u32 = 257 - FEATURES as u32;

impl<const WIDTH: usize> Sums<WIDTH> {
    fn new() -> Self {
        Self { recent: [0; WIDTH], rows: 0, total: [0; 128], patience: PATIENCE }
    }

    #[inline(always)]
    fn add(&mut self, table: &Table<WIDTH>, group: Group, word: &[u32]) {
        let (mut rows, mut places) = ([0u32; FEATURES], [0u32; FEATURES]);
        let (mut dense, mut sparse) = (0, 0);
        grams::each(group, word, |gram| match gram {
            Gram::Dense(long, short) => {
                rows[dense % FEATURES] = table.row(long, short);
                dense += 1;
            }
            Gram::Sparse(key) => {
                places[sparse % FEATURES] = table.place(key);
                sparse += 1;
            }
        });
        table.add_rows(&rows[..dense.min(FEATURES)], &mut self.recent);
        for place in &places[..sparse.min(FEATURES)] {
            let [a, one, b, two, c, three] = table.pairs(*place);
            for (language, weight) in [(a, one), (b, two), (c, three)] {
                self.total[usize::from(language) % 128] += i32::from(weight as i8);
            }
        }
        self.rows += dense as u32;
        self.patience -= dense as i32;
        if self.rows >= FULL {
            self.carry();
        }
    }

    fn carry(&mut self) {
        for (total, recent) in self.total.iter_mut().zip(&mut self.recent) {
            *total += i32::from(*recent) - self.rows as i32 * ZERO;
            *recent = 0;
        }
        self.rows = 0;
    }

    /// True once in a while, when one language leads all others by far.
    #[inline(always)]
    fn is_decided(&mut self, table: &Table<WIDTH>) -> bool {
        self.patience <= 0 && self.leads(table)
    }

    fn leads(&mut self, table: &Table<WIDTH>) -> bool {
        self.patience = PATIENCE;
        self.carry();
        let mut scores = [i32::MIN; WIDTH];
        for ((score, bias), total) in scores.iter_mut().zip(&table.bias).zip(&self.total) {
            *score = bias + total;
        }
        let best = scores.iter().copied().fold(i32::MIN, i32::max);
        scores.iter().map(|score| u32::from(*score > best - DECISIVE)).sum::<u32>() == 1
    }

    /// The best language and by how much its score exceeds that of the next one.
    fn decide(&mut self, table: &Table<WIDTH>) -> (&'static str, i32) {
        self.carry();
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
        Self { model: Model::get(), tally: Tally::default(), latin: Sums::new(), others: Vec::new() }
    }

    /// Takes in the evidence of `text`, until one language leads by far.
    pub fn read(&mut self, text: &str) {
        let Self { model, tally, latin, others } = self;
        words::each_until(text, |piece| match piece {
            Piece::Word(Group::Latin, word, length) => {
                tally.add(Script::Latin, length);
                latin.add(&model.latin, Group::Latin, word);
                latin.is_decided(&model.latin)
            }
            Piece::Word(group, word, length) => {
                tally.add(group.script(), length);
                if group == Group::Han {
                    tally.add_forms(word);
                }
                let place = others.iter().position(|(known, _)| *known == group).unwrap_or_else(|| {
                    others.push((group, Sums::new()));
                    others.len() - 1
                });
                others[place].1.add(model.of(group), group, word);
                others[place].1.is_decided(model.of(group))
            }
            Piece::Letter(script) => {
                tally.add(script, 1);
                false
            }
        });
    }

    /// Decides by what was read.
    pub fn decide(mut self) -> Detected<'static> {
        let letters = self.tally.letters();
        let (script, name) = self.tally.prevailing();
        let Some(group) = Group::of(script) else {
            return match ALONE.iter().find(|(alone, _)| *alone == script) {
                Some((_, code)) => {
                    Detected { code, script: name, score: certainty(letters as i32 * 4 * UNIT), letters }
                }
                None => Detected::undecided(name, letters),
            };
        };
        let (code, margin) = match self.others.iter_mut().find(|(known, _)| *known == group) {
            Some((_, sums)) => sums.decide(self.model.of(group)),
            None => self.latin.decide(&self.model.latin),
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
