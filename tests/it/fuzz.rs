//! What the fuzzer begins with, and what it found once: read on every machine, without the fuzzer.

#[path = "../../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn no_input_of_the_fuzzer_breaks_anything() {
    for target in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target.name);
        let mut inputs: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{} has no input", target.name);
        for input in inputs {
            targets::run(target, &fs::read(&input).unwrap());
        }
    }
}
