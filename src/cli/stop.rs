//! Ctrl-C and the end that a system asks for.

use std::path::Path;

use super::{Console, Failure, INTERNAL};

/// The exit code of a process that was stopped by Ctrl-C, as shells have it.
const STOPPED: i32 = 130;

/// From now on, a signal ends the process at once and says how to go on. Nothing has to be tidied up: tasks put what they
/// make in place by a rename, and what is unfinished goes with the next build.
pub fn on_signal(console: Console, work_dir: &Path) -> Result<(), Failure> {
    let work_dir = work_dir.display().to_string();
    let stop = move || {
        console
            .stopped(&format!("stopped; run the same command again to go on: finished tasks are kept in {work_dir}"));
        #[allow(clippy::exit, reason = "other threads are in the middle of their tasks, and may stay there")]
        std::process::exit(STOPPED);
    };
    ctrlc::set_handler(stop).map_err(|error| Failure::new(INTERNAL, format!("cannot watch for signals: {error}")))
}
