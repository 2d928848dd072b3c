//! Which pieces of evidence weighed most in a decision: how the score changes where a block is given, one piece at a time, what
//! the page's article has instead.

use super::matrix::Matrix;
use super::{Model, Scores};

/// The pieces, and the beginnings of the names of their features. The first that fits takes a feature.
const PIECES: [(&str, &[&str]); 7] = [
    ("page as a whole", &["page_"]),
    ("phrases", &["effect", "ends", "hits_"]),
    ("words", &["word_sum", "word_mean", "word_most", "word_least", "words_left", "words_right"]),
    ("shared words", &["shared", "ties_", "alone", "common", "theme"]),
    ("repetition", &["copies", "alike", "run", "place_in_run"]),
    (
        "place and neighbours",
        &[
            "from_", "place", "prose_", "since_", "until_", "chars_", "stops_", "last_", "in_", "before_", "behind_",
            "days_",
        ],
    ),
    ("shape", &[""]),
];

impl Model {
    /// The pieces of evidence on block `row` and what each adds to its score, from -1 to 1, the weightiest first: below zero it
    /// speaks for chrome. Those that change nothing are left out.
    pub fn pieces(&self, scores: &Scores, row: usize) -> Vec<(&'static str, f64)> {
        let own = one_row(&scores.matrix, |column| column.get(row).copied());
        let article = one_row(&scores.matrix, |column| median(column, &scores.blocks));
        let score = |row: &Matrix| self.forest.scores(row).first().copied().map_or(0, i32::from);
        let with = score(&own);
        let mut pieces = Vec::new();
        for (at, (name, _)) in PIECES.iter().enumerate() {
            let mut without = Matrix { rows: 1, names: own.names.clone(), values: own.values.clone() };
            for ((value, feature), usual) in without.values.iter_mut().zip(&own.names).zip(&article.values) {
                if piece_of(feature) == Some(at) {
                    *value = *usual;
                }
            }
            let weight = with - score(&without);
            pieces.push((*name, f64::from(weight * 100 / 255) / 100.0));
        }
        pieces.retain(|(_, weight)| *weight != 0.0);
        pieces.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
        pieces
    }
}

/// The piece that a feature belongs to.
fn piece_of(feature: &str) -> Option<usize> {
    let begins = |(_, starts): &(&str, &[&str])| starts.iter().any(|start| feature.starts_with(start));
    PIECES.iter().position(begins)
}

/// A matrix of one block.
fn one_row(matrix: &Matrix, value: impl Fn(&[u8]) -> Option<u8>) -> Matrix {
    let values = (0..matrix.names.len()).map(|feature| value(matrix.column(feature)).unwrap_or_default()).collect();
    Matrix { rows: 1, names: matrix.names.clone(), values }
}

/// The median over the blocks that look like the article.
fn median(column: &[u8], scores: &[u8]) -> Option<u8> {
    let mut values: Vec<u8> =
        column.iter().zip(scores).filter(|(_, score)| **score >= 128).map(|(value, _)| *value).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
