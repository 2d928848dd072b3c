//! What a site puts around an article, told from the article: the blocks of a text in, verdicts and facts out.
//!
//! First of all: is the text a scraped page (`scraped.rs`)? On a page a model decides, which sees all of it (`model/`), together
//! with phrases of a pack and cuts (what is glued to a block's edge). On every other text only whole phrases at its ends go
//! (`plain.rs`). What is left of a page may hold a passage twice: its copies go (`copies.rs`). The facts (`facts/`) are title,
//! author, days, credit and section. Knows no documents and no stages.

mod bytes;
mod copies;
mod credit;
mod cuts;
mod dates;
mod evidence;
mod facts;
mod folding;
mod found;
mod judge;
pub mod mined;
pub mod model;
mod names;
pub mod pack;
mod phrases;
mod plain;
mod repeated;
mod scraped;
mod shape;
mod size;
#[cfg(test)]
mod tests;

pub use cuts::Found;
pub use facts::Gathered;
pub use folding::fold;
pub use found::phrase_of;
pub use judge::{Block, Judge, Kind, Seen, Verdict};
pub use scraped::Signs;
pub use shape::ShapeRule;
