//! The dataset's own folder among the sources: what is in it is never read.

use std::path::{Path, PathBuf};

use super::Plan;
use crate::source::{Discovery, SourceConfig};

impl Plan {
    /// The sources in whose folders the output folder lies, by index and path as written. What is in it is never read.
    #[must_use]
    pub fn sources_around_output(&self) -> Vec<(usize, String)> {
        let plain = |path: PathBuf| std::path::absolute(&path).unwrap_or(path).components().collect::<PathBuf>();
        let own = plain(self.folder.join(&self.config.output.dir));
        let holds = |path: &&String| {
            let folder = path.split_once("**").map_or(path.as_str(), |(folder, _)| folder);
            let folder = plain(self.folder.join(folder));
            !path.trim_start_matches("**").contains(['?', '[', '{']) && folder.is_dir() && own.starts_with(folder)
        };
        let of =
            |(index, source): (usize, &SourceConfig)| source.paths.iter().find(holds).map(|path| (index, path.clone()));
        self.config.source.iter().enumerate().filter_map(of).collect()
    }
}

/// Takes what lies in the dataset's own folder out of the inputs; returns how many files that were.
pub(super) fn leave_out(discovery: &mut Discovery, own: &Path) -> usize {
    let before = discovery.files.len();
    discovery.files.retain(|file| !file.path.starts_with(own));
    before - discovery.files.len()
}
