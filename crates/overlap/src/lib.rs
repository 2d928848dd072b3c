//! What texts have in common: evaluation items that stand in documents, and passages that repeat in a corpus.
//!
//! Pure functions. They know neither documents nor stages, open no file, and give the same on every machine.

pub mod evaluation;
pub mod passages;
pub mod tokens;
