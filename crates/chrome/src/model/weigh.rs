//! Which pieces of evidence weighed most in a decision: how the score changes where a block is given, one piece at a time, what
//! the page's article has instead.

use super::matrix::Matrix;
use super::{Model, Scores};

/// The pieces, and the beginnings of the names of their features. The first that fits takes a feature.
const PIECES: [(&str, &[&str]); 7] = [
    ("the page as a whole", &["page_"]),
    ("its phrases", &["effect", "ends", "hits_"]),
    ("its words", &["word_sum", "word_mean", "word_most", "word_least", "words_left", "words_right"]),
    ("what it shares with the article", &["shared", "ties_", "alone", "common", "theme"]),
    ("its repetition", &["copies", "alike", "run", "place_in_run"]),
    (
        "its place and neighbours",
        &[
            "from_", "place", "prose_", "since_", "until_", "chars_", "stops_", "last_", "in_", "before_", "behind_",
            "days_",
        ],
    ),
    ("its shape", &[""]),
];

impl Model {
    /// The pieces of evidence on block `row` and what each adds to its score, from -1 to 1, the weightiest first: below zero it
    /// speaks for chrome. Those that change nothing are left out.
    pub(crate) fn pieces(&self, scores: &Scores, row: usize) -> Vec<(&'static str, f64)> {
        let matrix = &scores.matrix;
        let reach = self.network.reach();
        let rows = row.saturating_sub(reach)..(row + reach + 1).min(matrix.rows);
        let at = row - rows.start;
        let near = matrix.part(rows);
        let usual: Vec<u8> = (0..matrix.names.len())
            .map(|feature| median(matrix.column(feature), &scores.blocks).unwrap_or_default())
            .collect();
        let score = |near: &Matrix| i32::from(self.network.score_within(near, &scores.context, at));
        let with = score(&near);
        let mut pieces = Vec::new();
        for (piece, (name, _)) in PIECES.iter().enumerate() {
            let mut without = near.clone();
            for (feature, usual) in usual.iter().enumerate() {
                if piece_of(near.names[feature]) == Some(piece) {
                    without.set(feature, at, *usual);
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

/// The median over the blocks that look like the article.
fn median(column: &[u8], scores: &[u8]) -> Option<u8> {
    let mut values: Vec<u8> =
        column.iter().zip(scores).filter(|(_, score)| **score >= 128).map(|(value, _)| *value).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
