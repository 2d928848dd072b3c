//! Globs: the folder to search, and what in it is meant. Touches no files.

use std::ffi::OsStr;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

/// A path of the config that has wildcards.
pub(super) struct Pattern {
    /// The part before the first wildcard, as written: the folder to search.
    pub folder: String,
    /// A part of the glob starts with a dot, so that hidden names are meant too.
    pub spells_hidden: bool,
    /// The glob takes everything at any depth, so that a folder it matches is no mistake.
    pub takes_folders_whole: bool,
    whole: GlobMatcher,
    /// One matcher for each level, where each part of the glob stands for one level.
    levels: Option<Vec<GlobMatcher>>,
}

impl Pattern {
    /// The pattern that `path` is, if it has wildcards.
    ///
    /// # Errors
    /// What is wrong with it, as a lower-case fragment.
    pub(super) fn new(path: &str) -> Result<Option<Self>, String> {
        let is_wildcard = |c: char| "*?[{".contains(c) || (c == '\\' && cfg!(unix));
        let Some(first) = path.find(is_wildcard) else { return Ok(None) };
        let before = path.get(..first).unwrap_or_default();
        let (folder, glob) = path.split_at(before.rfind('/').map_or(0, |slash| slash + 1));
        let glob = glob.trim_end_matches('/');
        let parts: Vec<&str> = glob.split('/').collect();
        if parts.contains(&"..") {
            return Err(format!("`{path}` goes up by `..` after a wildcard"));
        }
        let is_deep = parts.contains(&"**");
        // Within braces a slash parts alternatives of different depths.
        let has_levels = !is_deep && parts.iter().all(|part| part.matches('{').count() == part.matches('}').count());
        let matcher = |glob: &str| match GlobBuilder::new(glob).literal_separator(true).build() {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(format!("`{path}` is no glob: {}", error.kind())),
        };
        Ok(Some(Self {
            folder: folder.to_owned(),
            spells_hidden: parts.iter().any(|part| part.starts_with('.')),
            takes_folders_whole: is_deep && parts.last().is_some_and(|last| last.chars().all(|c| c == '*')),
            whole: matcher(glob)?,
            levels: has_levels.then(|| parts.iter().map(|part| matcher(part)).collect()).transpose()?,
        }))
    }

    /// How deep below its folder the pattern reaches, if it has a limit.
    pub(super) fn depth(&self) -> Option<usize> {
        self.levels.as_ref().map(Vec::len)
    }

    /// Whether a folder of this name, `depth` levels down, can hold or be what is meant.
    pub(super) fn enters(&self, depth: usize, name: &OsStr) -> bool {
        let level = self.levels.as_ref().and_then(|levels| levels.get(depth.checked_sub(1)?));
        level.is_none_or(|level| level.is_match(name))
    }

    /// Whether the path, seen from the pattern's folder, is meant.
    pub(super) fn matches(&self, within: &Path) -> bool {
        self.whole.is_match(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(path: &str) -> Pattern {
        Pattern::new(path).unwrap().unwrap()
    }

    #[test]
    fn only_the_folder_before_the_first_wildcard_is_searched() {
        assert_eq!(pattern("../seeds/a/*.txt").folder, "../seeds/a/");
        assert_eq!(pattern("/*.txt").folder, "/");
        assert_eq!(pattern("*.txt").folder, "");
        assert!(Pattern::new("seeds/a.txt").unwrap().is_none());
    }

    #[test]
    fn a_star_stays_within_its_level() {
        let star = pattern("a/*.txt");
        assert!(star.matches(Path::new("x.txt")) && !star.matches(Path::new("b/x.txt")));
        assert_eq!(star.depth(), Some(1));
        let deep = pattern("a/**/*.{txt,md}");
        assert!(deep.matches(Path::new("x.md")) && deep.matches(Path::new("b/c/x.txt")));
        assert_eq!(deep.depth(), None);
        let braces = pattern("{a/b,c}/*.txt");
        assert!(braces.matches(Path::new("a/b/x.txt")) && braces.matches(Path::new("c/x.txt")));
        assert_eq!(braces.depth(), None);
    }

    #[test]
    fn folders_that_cannot_match_are_not_entered() {
        let levels = pattern("data/20*/text/*.txt");
        assert!(levels.enters(1, OsStr::new("2024")) && !levels.enters(1, OsStr::new("images")));
        assert!(levels.enters(2, OsStr::new("text")) && !levels.enters(2, OsStr::new("raw")));
    }

    #[test]
    fn malformed_globs_are_named() {
        for glob in ["a[b", "a{b", "*/../b"] {
            let message = Pattern::new(glob).err().unwrap();
            assert!(message.contains(glob), "{message}");
        }
    }
}
