//! Gives tasks the identity of the code that runs them (`TAMIS_CODE`): results in a work folder are taken by a build of tamis that
//! would come to the same, and by no other.
//!
//! A release, built with `TAMIS_RELEASE` set to the version in Cargo.toml, is known by that version. Everything else is known by what
//! its sources say: the tokens of all code that tasks run, without comments and tests, the data that is compiled in, and the versions
//! of all dependencies. So a change of code is never taken for what stood there before, and a change of comments, tests, the command
//! line or the reports costs no one their work folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "build/tokens.rs"]
mod tokens;

/// What no task runs: the command line and what people read.
const NO_TASK: [&str; 4] = ["src/cli/", "src/main.rs", "src/report/", "src/lib.rs"];

fn main() {
    println!("cargo::rerun-if-env-changed=TAMIS_RELEASE");
    println!("cargo::rerun-if-changed=build");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let mut files = vec![PathBuf::from("Cargo.lock")];
    println!("cargo::rerun-if-changed=Cargo.lock");
    for folder in ["src", "crates"] {
        println!("cargo::rerun-if-changed={folder}");
        list(Path::new(folder), &mut files);
    }
    let is_release = env::var("TAMIS_RELEASE").is_ok_and(|release| release == version);
    let code = if is_release { version } else { format!("{version}+{}", digest(files)) };
    println!("cargo::rustc-env=TAMIS_CODE={code}");
}

fn digest(mut files: Vec<PathBuf>) -> String {
    files.sort();
    // FNV-1a (Fowler, Noll, Vo) over two lanes: a build script has no crate at hand, and nobody attacks this.
    let mut lanes = [0xcbf2_9ce4_8422_2325_u64, 0x8422_2325_cbf2_9ce4];
    for file in &files {
        let name = file.to_string_lossy().replace('\\', "/");
        if NO_TASK.iter().any(|part| name.starts_with(part)) || is_test(&name) {
            continue;
        }
        let mut bytes = fs::read(file).unwrap_or_default();
        if name.ends_with(".rs") {
            bytes = tokens::deciding(&String::from_utf8_lossy(&bytes)).into_bytes();
        }
        for byte in name.bytes().chain([0]).chain(bytes).chain([0]) {
            for (lane, step) in lanes.iter_mut().zip([0, 0x5d]) {
                *lane = (*lane ^ u64::from(byte ^ step)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    format!("{:016x}{:016x}", lanes[0], lanes[1])
}

/// Whether a file is compiled for tests alone.
fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/") || name.contains("/benches/")
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}
