//! Passages that stand more than once in a corpus, found without ever holding it.
//!
//! [`anchors()`] picks places of a text by its content alone: each run of `min_chars` characters has one, and where a passage
//! repeats, so do its anchors. [`Surroundings`] are the text around one; [`Earlier`] compares those of one anchor, in the order of the
//! corpus, and tells how far each agrees with an earlier one. [`whole_sentences`] cuts what was found at the edges of sentences.

mod anchors;
mod earlier;
mod edges;

pub use anchors::{Anchor, Reach, anchors};
pub use earlier::{Earlier, Shared, Surroundings};
pub use edges::whole_sentences;
