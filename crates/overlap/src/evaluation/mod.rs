//! Evaluation items in documents: which question of a benchmark stands in a text, and how much of it.
//!
//! [`Index`] finds items by how much of what they tell stands in a text: it looks for runs of words that both have, aligns the two
//! around them, and judges what they share. [`Grams`] finds them by any 13 words in a row.

mod align;
mod grams;
mod index;
mod judge;
mod weights;

#[cfg(test)]
mod tests;

pub use grams::Grams;
pub use index::Index;
pub use judge::{ALL, By, Found};
