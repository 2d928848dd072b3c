//! Ctrl-C and the end that a system asks for.

use std::path::Path;
use std::sync::Arc;

use super::progress::Progress;
use super::{Console, Failure, INTERNAL, STOPPED};

/// From now on, a signal ends the process at once and says how to go on. Nothing has to be tidied up: tasks put what they
/// make in place by a rename, and what is unfinished goes with the next build.
pub fn on_signal(console: Console, work_dir: &Path, progress: &Arc<Progress>) -> Result<(), Failure> {
    let work_dir = work_dir.display().to_string();
    let progress = Arc::clone(progress);
    let stop = move || {
        progress.end();
        console.stopped(&work_dir);
        #[allow(clippy::exit, reason = "other threads are in the middle of their tasks, and may stay there")]
        std::process::exit(i32::from(STOPPED));
    };
    ctrlc::set_handler(stop).map_err(|error| Failure::new(INTERNAL, format!("cannot watch for signals: {error}")))
}
