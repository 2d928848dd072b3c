//! Which files a config's sources name, in the order of the corpus. Opens no file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Rejected, SourceConfig, SourceError};

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Index of its `[[source]]` in the config.
    pub source: u32,
    /// Where to open it.
    pub path: PathBuf,
    /// Path relative to the config's folder, with `/` on every system; starts with `../` outside of that folder.
    pub name: Arc<str>,
    /// How it is read.
    pub kind: FileKind,
    /// How it is packed.
    pub compression: Compression,
    /// Its size on disk.
    pub bytes: u64,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FileKind {
    /// One file is one article.
    Text,
    /// One file is one article, with front matter.
    Markdown,
    /// One line is one article.
    Jsonl,
    /// One row is one article, fields parted by commas.
    Csv,
    /// One row is one article, fields parted by tabs.
    Tsv,
    /// One row is one article.
    Parquet,
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
    /// bzip2, of one or more streams.
    Bzip2,
    /// xz, of one or more streams.
    Xz,
}

/// What the paths of all sources name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The files to read, sorted by source and name; each path once, for the first source that names it.
    pub files: Vec<InputFile>,
    /// What was named but is no file that can be read, sorted.
    pub refused: Vec<Rejected>,
    /// Paths and globs that name nothing, in the order of the config.
    pub unmatched: Vec<Unmatched>,
}

/// A path or glob of the config that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Index of the `[[source]]` in the config.
    pub source: u32,
    /// Index in its `paths`.
    pub path: u32,
    /// The path or glob as written.
    pub pattern: String,
    /// What is missing: a lower-case fragment.
    pub detail: String,
}

/// Lists the files that `sources` name, relative to the config's `folder`.
///
/// Folders are taken whole; names with a leading dot are left out unless the path spells the dot out.
///
/// # Errors
/// A malformed glob, and a folder that exists but cannot be listed.
pub fn discover(folder: &Path, sources: &[SourceConfig]) -> Result<Discovery, SourceError> {
    let mut found = Discovery::default();
    let mut seen = HashSet::new();
    for (source, config) in (0u32..).zip(sources) {
        for (path, pattern) in (0u32..).zip(&config.paths) {
            let mut search = Search { config, source, path, found: &mut found, seen: &mut seen };
            if let Some(detail) = search.pattern(folder, pattern)? {
                found.unmatched.push(Unmatched { source, path, pattern: pattern.clone(), detail });
            }
        }
    }
    found.files.sort_unstable_by(|a, b| (a.source, &a.name).cmp(&(b.source, &b.name)));
    found.refused.sort_unstable();
    Ok(found)
}

/// Says what is wrong with a path of the config and what to do about it.
pub(super) fn check_path(path: &str) -> Result<(), (String, &'static str)> {
    if path.is_empty() {
        return Err(("the path is empty".to_owned(), "write a file, a folder or a glob; `.` is the config's own folder"));
    }
    if let Some((scheme, _)) = path.split_once("://") {
        let message = format!("`{scheme}://` addresses cannot be read");
        return Err((message, "write the path of a file or folder on this machine"));
    }
    match Pattern::new(path) {
        Ok(_) => Ok(()),
        Err(message) => Err((message, "to take `[`, `{`, `*` or `?` as it stands, write it in brackets: `[[]`")),
    }
}

/// The search for what one path of the config names.
struct Search<'a> {
    config: &'a SourceConfig,
    source: u32,
    path: u32,
    found: &'a mut Discovery,
    seen: &'a mut HashSet<PathBuf>,
}

impl Search<'_> {
    /// Finds what `written` names; says what is missing if that is nothing.
    fn pattern(&mut self, folder: &Path, written: &str) -> Result<Option<String>, SourceError> {
        let before = self.found.files.len() + self.found.refused.len();
        let seen = self.seen.len();
        let literal = folder.join(written);
        let is_there = std::fs::symlink_metadata(&literal).is_ok();
        let glob = match Pattern::new(written) {
            _ if is_there => None,
            Ok(pattern) => pattern,
            Err(message) => return Err(self.error(SourceErrorKind::Config, message, None)),
        };
        let start = match &glob {
            Some(glob) => folder.join(&glob.folder),
            None if is_there => literal,
            None => return Ok(Some(missing(folder, Path::new(written)))),
        };
        let name = name::relative(folder, &start);
        match &glob {
            Some(glob) if !start.is_dir() => return Ok(Some(missing(folder, Path::new(&glob.folder)))),
            Some(glob) => self.walk(&start, &name, Some(glob))?,
            None if start.is_dir() => self.walk(&start, &name, None)?,
            None => self.take(start, name, std::fs::metadata)?,
        }
        // A path that an earlier one named too is not missing.
        let is_empty = before == self.found.files.len() + self.found.refused.len() && seen == self.seen.len();
        let is_known = self.found.files.iter().any(|_| false);
        Ok((is_empty && !is_known).then(|| match glob {
            Some(glob) => format!("nothing in {} matches `{written}`", name::shown(&glob.folder)),
            None => format!("the folder `{written}` holds no files"),
        }))
    }
}
