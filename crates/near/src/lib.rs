//! Near copies: which texts are nearly the same, and by how much.
//!
//! A text becomes a set of **shingles**, runs of a few words. How near two texts are is the **Jaccard** similarity of their sets,
//! or, where one is a part of the other, the **containment** of the smaller. **MinHash** and **anchors** say which texts may be
//! near at all; they are then compared exactly, in a [`Gathering`]. Knows nothing of documents, stages or files.

mod anchors;
mod compare;
mod curve;
mod gather;
mod mix;
mod shingles;
mod sketch;
mod template;
mod tokens;

pub use anchors::anchors;
pub use compare::{Measure, Nearness};
pub use curve::found;
pub use gather::{Found, Gathering};
pub use shingles::Shingles;
pub use sketch::{Bands, Key, key};
