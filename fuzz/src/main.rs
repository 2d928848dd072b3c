//! One fuzz target of `targets.rs`, chosen by the environment variable `TAMIS_FUZZ`. `scripts/fuzz` builds and runs it.
#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("TAMIS_FUZZ").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == name).expect("TAMIS_FUZZ names one of the targets")
    })
}

fuzz_target!(|input: &[u8]| targets::run(chosen(), input));
