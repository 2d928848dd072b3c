//! The inputs in a lock: each by its name where they are few, else a digest a folder, with the list of them in a file beside the
//! lock. So a lock stays short enough to be read in a review, and the list still says which file differs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Drift;
use crate::run::RunError;
use crate::sink::manifest::FileDigest;
use crate::storage;
use crate::text::hash;

/// More inputs than this stand in the list, by folder in the lock.
const MOST_NAMED: usize = 32;

/// More folders than this are taken together by the folders that hold them.
const MOST_FOLDERS: usize = 32;

/// The inputs as the lock names them: by name its size and digest, or by folder the digest of its part of the list.
pub fn named(inputs: &[FileDigest]) -> BTreeMap<String, String> {
    if inputs.len() <= MOST_NAMED {
        return inputs.iter().map(|file| (file.path.clone(), format!("{} {}", file.bytes, file.sha256))).collect();
    }
    let spell = |files: Vec<&FileDigest>| {
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let digest = hash::hex(&hash::sha256(lines(&files).as_bytes()));
        format!("{} files {bytes} {digest}", files.len())
    };
    by_folder(inputs).into_iter().map(|(folder, files)| (folder, spell(files))).collect()
}

/// What the lock has as an input and this build has not, or otherwise; the list beside the lock tells which file it is.
pub fn difference(
    lock: &Path,
    config: &str,
    locked: &BTreeMap<String, String>,
    inputs: &[FileDigest],
) -> Option<Drift> {
    let now = named(inputs);
    let differs = super::first_difference("input", locked, &now)?;
    let listed = fs::read_to_string(path(lock, config)).ok().and_then(|text| read(&text));
    let listed = listed.filter(|files| named(files) == *locked);
    let spelt = |files: &[FileDigest]| -> BTreeMap<String, String> {
        files.iter().map(|file| (file.path.clone(), format!("{} {}", file.bytes, file.sha256))).collect()
    };
    let file = listed.and_then(|files| super::first_difference("input", &spelt(&files), &spelt(inputs)));
    Some(file.unwrap_or(differs))
}

/// Writes the list beside the lock where there are many inputs, else removes it.
///
/// # Errors
/// If the disk refuses.
pub fn write(lock: &Path, config: &str, inputs: &[FileDigest]) -> Result<(), RunError> {
    if inputs.len() <= MOST_NAMED {
        return remove(lock, config);
    }
    let path = path(lock, config);
    let text = lines(&sorted(inputs));
    storage::replace(&path, storage::folder_of(lock), text.as_bytes()).map_err(RunError::io("write", &path))
}

/// Removes the list of a config.
///
/// # Errors
/// If the disk refuses.
pub fn remove(lock: &Path, config: &str) -> Result<(), RunError> {
    let path = path(lock, config);
    storage::remove_file(&path).map_err(RunError::io("remove", &path))
}

/// `tamis.lock.news.toml.inputs`, beside the lock.
fn path(lock: &Path, config: &str) -> PathBuf {
    let mut name = lock.as_os_str().to_owned();
    name.push(format!(".{config}.inputs"));
    name.into()
}

/// A line a file: digest, size, name.
fn lines(files: &[&FileDigest]) -> String {
    files.iter().map(|file| format!("{} {} {}\n", file.sha256, file.bytes, file.path)).collect()
}

fn read(text: &str) -> Option<Vec<FileDigest>> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let (sha256, bytes, path) = (parts.next()?, parts.next()?, parts.next()?);
        Some(FileDigest { path: path.to_owned(), bytes: bytes.parse().ok()?, sha256: sha256.to_owned() })
    };
    text.lines().map(line).collect()
}

/// In the order of their names, each name once.
fn sorted(inputs: &[FileDigest]) -> Vec<&FileDigest> {
    let mut files: Vec<&FileDigest> = inputs.iter().collect();
    files.sort();
    files.dedup_by(|a, b| a.path == b.path);
    files
}

/// The inputs by folder, as deep as [`MOST_FOLDERS`] allows.
fn by_folder(inputs: &[FileDigest]) -> BTreeMap<String, Vec<&FileDigest>> {
    let files = sorted(inputs);
    let depth = files.iter().map(|file| file.path.matches('/').count()).max().unwrap_or(0);
    let at = |depth: usize| {
        let mut folders: BTreeMap<String, Vec<&FileDigest>> = BTreeMap::new();
        files.iter().for_each(|file| folders.entry(folder(&file.path, depth)).or_default().push(file));
        folders
    };
    (0..=depth).rev().map(at).find(|folders| folders.len() <= MOST_FOLDERS).unwrap_or_else(|| at(0))
}

/// The first `depth` folders of a path, with a `/` at the end; `./` where there are none.
fn folder(path: &str, depth: usize) -> String {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let some: Vec<&str> = folders.split('/').filter(|name| !name.is_empty()).take(depth).collect();
    let root = if path.starts_with('/') { "/" } else { "" };
    if some.is_empty() && root.is_empty() {
        "./".to_owned()
    } else {
        format!("{root}{}/", some.join("/")).replace("//", "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(names: impl IntoIterator<Item = String>) -> Vec<FileDigest> {
        let file = |path: String| FileDigest { bytes: 3, sha256: hash::hex(&hash::sha256(path.as_bytes())), path };
        names.into_iter().map(file).collect()
    }

    #[test]
    fn few_inputs_stand_by_name_and_many_by_folder() {
        let few = inputs((0..32).map(|n| format!("in/{n:03}.txt")));
        assert_eq!(named(&few).len(), 32);
        assert!(named(&few).contains_key("in/007.txt"));
        let many = inputs((0..100).map(|n| format!("in/{}/{n:03}.txt", n % 2)).chain(["top.txt".to_owned()]));
        let folders = named(&many);
        assert_eq!(folders.keys().collect::<Vec<_>>(), ["./", "in/0/", "in/1/"]);
        assert!(folders["in/0/"].starts_with("50 files 150 "), "{folders:?}");
        let days = inputs((0..400).map(|n| format!("in/{}/{:02}/{n:03}.txt", n % 4, n % 100)));
        assert_eq!(named(&days).keys().collect::<Vec<_>>(), ["in/0/", "in/1/", "in/2/", "in/3/"]);
        assert_eq!(folder("/data/a.txt", 1), "/data/");
        assert_eq!(folder("/data/a.txt", 0), "/");
    }

    #[test]
    fn the_list_tells_which_of_many_files_differs_and_without_it_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("tamis.lock");
        let before = inputs((0..100).map(|n| format!("in/{n:03}.txt")));
        let mut after = before.clone();
        after[41].bytes = 4;
        write(&lock, "tamis.toml", &before).unwrap();
        let name = |drift: Option<Drift>| match drift {
            Some(Drift::Thing { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(difference(&lock, "tamis.toml", &named(&before), &before), None);
        assert_eq!(name(difference(&lock, "tamis.toml", &named(&before), &after)), "in/041.txt");
        write(&lock, "tamis.toml", &after).unwrap();
        assert_eq!(name(difference(&lock, "tamis.toml", &named(&before), &after)), "in/", "a list of another lock");
        write(&lock, "tamis.toml", &after[..3]).unwrap();
        assert!(!path(&lock, "tamis.toml").exists());
        assert_eq!(name(difference(&lock, "tamis.toml", &named(&before), &after)), "in/");
    }
}
