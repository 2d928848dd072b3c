//! What share of near pairs meet.

use crate::sketch::WIDE_ROWS;

/// The share of pairs with a Jaccard similarity of `jaccard` that agree in at least one of `bands` bands of `rows` rows or one of
/// `wide` bands of three.
///
/// ```
/// assert!((tamis_near::found(20, 6, 0, 0.8) - 0.9977).abs() < 1e-4);
/// ```
#[must_use]
pub fn found(bands: usize, rows: usize, wide: usize, jaccard: f64) -> f64 {
    let miss = |bands: usize, rows: usize| (1.0 - jaccard.powi(rows as i32)).powi(bands as i32);
    1.0 - miss(bands, rows) * miss(wide, WIDE_ROWS)
}
