//! tamis (French: a sieve) turns a pile of articles into a training or evaluation set for a language model.
//!
//! It reads article files, removes what is repeated and what is site chrome, tells the language, tokenizes, splits, and
//! writes sharded Parquet with metadata: the same bytes every time, with a reason for every removed line.
//! `docs/architecture.md` shows how the floors lie on each other; each module says what it knows nothing about.

pub mod config;
pub mod document;
pub mod exchange;
pub mod plan;
pub mod report;
pub mod run;
pub mod sink;
pub mod source;
pub mod stage;
pub mod storage;

pub use tamis_text as text;
pub use tamis_tokenizer as tokenizer;
