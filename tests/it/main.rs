//! The tests that go through the library's front door or the program itself: one binary, since each would link Arrow, Parquet
//! and the tokenizers once more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bad_input;
mod book;
mod config;
mod config_tests;
mod damage;
mod decontaminate;
mod diff;
mod experiments;
mod explain;
#[cfg(debug_assertions)]
mod faults;
mod formats;
mod fuzz;
mod guards;
mod inspect;
mod keys;
mod laws;
mod mine;
mod near;
mod orphans;
mod output;
mod packed;
mod passages;
mod rebuild;
mod repeats;
mod screen;
mod seeds;
mod shell;
mod sources;
mod stages;
mod support;
mod tidy;
