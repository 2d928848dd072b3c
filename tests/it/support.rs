//! What several tests of the program share.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in `folder`.
pub fn tamis(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tamis")).current_dir(folder).args(arguments).output().unwrap()
}

/// What the program prints, if it ends well.
pub fn stdout(folder: &Path, arguments: &[&str]) -> String {
    let output = tamis(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
