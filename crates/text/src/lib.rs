//! Pure functions on text: normal forms, hashing, encodings, languages, dates, addresses. Knows no documents and no stages.

pub mod address;
pub mod characters;
pub mod date;
pub mod day;
pub mod encoding;
pub mod fasttext;
pub mod fold;
pub mod hash;
pub mod language;
pub mod prose;
pub mod repair;
pub mod shape;
pub mod share;
pub mod size;
pub mod timestamp;
pub mod window;
pub mod words;
