//! Pure functions on text: normal forms, hashing, encodings, dates. Knows no documents and no stages.

pub mod fold;
pub mod hash;
pub mod repair;
pub mod size;
