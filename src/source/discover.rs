//! Which files a config's sources name, in the order of the corpus. Opens no file.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use super::pattern::Pattern;
use super::{Cause, Format, Rejected, SourceConfig, SourceError, SourceErrorKind, kind, name};
use crate::text::hash;

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
    /// Only so many of its records are read, the first; all where there is no limit.
    pub records: Option<u64>,
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
    /// One row is one article, fields separated by commas.
    Csv,
    /// One row is one article, fields separated by tabs.
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

impl InputFile {
    /// Names the file in positions: the first 64 bits of the SHA-256 of its name.
    #[must_use]
    pub fn key(&self) -> u64 {
        hash::prefix(self.name.as_bytes())
    }
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
        for (path, written) in (0u32..).zip(&config.paths) {
            let place = Place { source, path };
            let mut search = Search { format: config.format, place, found: &mut found, seen: &mut seen, named: 0 };
            if let Some(detail) = search.find(folder, written)? {
                found.unmatched.push(Unmatched { source, path, pattern: written.clone(), detail });
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
        return Err((
            "the path is empty".to_owned(),
            "write a file, a folder or a glob; `.` is the config's own folder",
        ));
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

/// Which path of the config is searched for.
#[derive(Clone, Copy)]
struct Place {
    source: u32,
    path: u32,
}

/// The search for what one path of the config names.
struct Search<'a> {
    format: Format,
    place: Place,
    found: &'a mut Discovery,
    /// Names of all files that were found so far.
    seen: &'a mut HashSet<Arc<str>>,
    /// How many things this path names, those that an earlier one named included.
    named: u64,
}

impl Search<'_> {
    /// Finds what `written` names; says what is missing if that is nothing.
    fn find(&mut self, folder: &Path, written: &str) -> Result<Option<String>, SourceError> {
        // A name that exists as it is written is meant as it is written, whatever characters it has.
        let literal = folder.join(written);
        let is_there = fs::symlink_metadata(&literal).is_ok();
        let pattern = match Pattern::new(written) {
            _ if is_there => None,
            Ok(Some(pattern)) => Some(pattern),
            Ok(None) => return Ok(Some(name::missing(folder, written))),
            Err(message) => return Err(self.error(SourceErrorKind::Config, message)),
        };
        let start = pattern.as_ref().map_or(literal, |pattern| folder.join(&pattern.folder));
        let name = name::relative(folder, &start);
        if start.is_dir() {
            self.walk(&start, &name, pattern.as_ref())?;
        } else if let Some(pattern) = &pattern {
            return Ok(Some(name::missing(folder, &pattern.folder)));
        } else {
            self.take(start, name, |path| fs::metadata(path));
        }
        Ok((self.named == 0).then(|| match &pattern {
            Some(_) => format!("nothing matches `{written}`"),
            None => format!("the folder `{written}` holds no files"),
        }))
    }

    /// Takes what lies in the folder `start` and matches `pattern`, or everything.
    fn walk(&mut self, start: &Path, start_name: &str, pattern: Option<&Pattern>) -> Result<(), SourceError> {
        let deepest = pattern.and_then(Pattern::depth).unwrap_or(usize::MAX);
        let shows_hidden = pattern.is_some_and(|pattern| pattern.spells_hidden);
        let walk = WalkDir::new(start).follow_links(true).min_depth(1).max_depth(deepest).into_iter();
        let wanted = |entry: &DirEntry| {
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            entry.depth() == 0
                || ((shows_hidden || !is_hidden)
                    && (!entry.file_type().is_dir()
                        || pattern.is_none_or(|pattern| pattern.enters(entry.depth(), entry.file_name()))))
        };
        let mut walk = walk.filter_entry(wanted);
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.walk_error(start, start_name, pattern, &error)?;
                    continue;
                }
            };
            let within = entry.path().strip_prefix(start).unwrap_or(entry.path());
            let is_folder = entry.file_type().is_dir();
            if is_folder && entry.path_is_symlink() && holds(entry.path(), start) {
                self.refuse_circle(name::join(start_name, within));
                walk.skip_current_dir();
                continue;
            }
            let is_meant = match pattern {
                Some(pattern) => pattern.matches(within) && !(is_folder && pattern.takes_folders_whole),
                None => !is_folder,
            };
            if is_meant {
                let name = name::join(start_name, within);
                self.take(entry.path().to_owned(), name, |_| Ok(entry.metadata()?));
            }
        }
        Ok(())
    }

    /// A link to nowhere or in a circle is a row of the ledger; a folder that cannot be listed is an error, since nobody
    /// knows what is missing then.
    fn walk_error(
        &mut self,
        start: &Path,
        start_name: &str,
        pattern: Option<&Pattern>,
        error: &walkdir::Error,
    ) -> Result<(), SourceError> {
        let path = error.path().unwrap_or(start);
        let within = path.strip_prefix(start).unwrap_or(path);
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink());
        if !is_link {
            let why = error.io_error().map_or_else(|| error.to_string(), io::Error::to_string);
            let message = format!("the folder `{}` cannot be listed: {why}", name::join(start_name, within));
            return Err(self.error(SourceErrorKind::Folder, message));
        }
        let name = name::join(start_name, within);
        if error.loop_ancestor().is_some() {
            self.refuse_circle(name);
        } else if pattern.is_none_or(|pattern| pattern.matches(within)) {
            self.refuse_dangling(name.into());
        }
        Ok(())
    }

    /// Takes one path: a file to read, or a row of the ledger.
    fn take(&mut self, path: PathBuf, name: String, metadata: impl FnOnce(&Path) -> io::Result<Metadata>) {
        self.named += 1;
        let name: Arc<str> = name.into();
        if !self.seen.insert(Arc::clone(&name)) {
            return;
        }
        let metadata = match metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.refuse_dangling(name);
            }
            Err(error) => return self.refuse(name, Cause::Unreadable, format!("it cannot be looked at: {error}"), 0),
        };
        if !metadata.is_file() {
            let what = if metadata.is_dir() { "a folder, where a file should be" } else { "a device, pipe or socket" };
            return self.refuse(name, Cause::NotAFile, format!("it is {what}"), 0);
        }
        match kind::of(&name, self.format) {
            Ok((kind, compression)) => {
                let source = self.place.source;
                self.found.files.push(InputFile {
                    source,
                    path,
                    name,
                    kind,
                    compression,
                    bytes: metadata.len(),
                    records: None,
                });
            }
            Err(detail) => self.refuse(name, Cause::UnknownFormat, detail, metadata.len()),
        }
    }

    fn refuse_dangling(&mut self, name: Arc<str>) {
        self.named += 1;
        self.refuse(name, Cause::NotAFile, "it is a link to nothing".to_owned(), 0);
    }

    /// What lies in the folder is found where it really lies.
    fn refuse_circle(&mut self, name: String) {
        let detail = "it is a link to a folder that holds it, which is not read twice".to_owned();
        self.refuse(name.into(), Cause::NotAFile, detail, 0);
    }

    fn refuse(&mut self, source: Arc<str>, cause: Cause, detail: String, bytes: u64) {
        let (record, line, column, of) = (None, None, None, self.place.source);
        let refused = Rejected { source, record, offset: 0, cause, detail, bytes, refused: true, line, column, of };
        self.found.refused.push(refused);
    }

    fn error(&self, kind: SourceErrorKind, message: String) -> SourceError {
        let field = format!("paths[{}]", self.place.path);
        SourceError { index: self.place.source, field, kind, message, hint: None }
    }
}

/// Whether the folder that the link `path` leads to holds `start`.
fn holds(path: &Path, start: &Path) -> bool {
    match (fs::canonicalize(path), fs::canonicalize(start)) {
        (Ok(path), Ok(start)) => start.starts_with(path),
        _ => false,
    }
}
