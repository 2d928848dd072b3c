//! Names of files: relative to the config's folder, the same on every system.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The name of `path` seen from `folder`: `articles/a.txt`, `../seeds/a.txt`; empty for the folder itself. Links are not
/// resolved, so that the name is the one the config wrote.
pub(super) fn relative(folder: &Path, path: &Path) -> String {
    let (base, target) = (absolute(folder), absolute(path));
    let (mut base, mut target) = (base.components().peekable(), target.components().peekable());
    if base.peek() != target.peek() {
        // Another drive of Windows.
        return target.map(|part| text(part.as_os_str().as_encoded_bytes())).collect::<Vec<_>>().join("/");
    }
    while base.peek().is_some() && base.peek() == target.peek() {
        base.next();
        target.next();
    }
    let up = base.map(|_| "..".to_owned());
    up.chain(target.map(|part| text(part.as_os_str().as_encoded_bytes()))).collect::<Vec<_>>().join("/")
}

/// The name of what lies at `within` in the folder named `folder`.
pub(super) fn join(folder: &str, within: &Path) -> String {
    let within = text(within.as_os_str().as_encoded_bytes());
    let within = if std::path::MAIN_SEPARATOR == '/' { within } else { within.replace(std::path::MAIN_SEPARATOR, "/") };
    match (folder.is_empty(), within.is_empty()) {
        (true, _) => within,
        (false, true) => folder.to_owned(),
        (false, false) => format!("{folder}/{within}"),
    }
}

/// Says which part of `path` does not exist in `folder`, and which existing name is near.
pub(super) fn missing(folder: &Path, path: &str) -> String {
    let mut here = folder.to_owned();
    let mut parent = String::new();
    for part in Path::new(path).components() {
        let next = here.join(part);
        if fs::symlink_metadata(&next).is_ok() {
            here = next;
            parent = join(&parent, Path::new(part.as_os_str()));
            continue;
        }
        let wanted = part.as_os_str().to_string_lossy();
        let mut names: Vec<String> = fs::read_dir(&here)
            .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        names.sort_unstable();
        let near = |name: &&String| strsim::jaro_winkler(name, &wanted) > 0.85;
        let advice = names.iter().find(near).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        let place = if parent.is_empty() { String::new() } else { format!(" in `{parent}`") };
        return format!("`{path}` does not exist: there is no `{wanted}`{place}{advice}");
    }
    format!("`{path}` is no folder")
}

/// `path` from the root of the file system on, without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in full.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// A file name as text. Bytes that are no UTF-8, which old archives leave behind, are spelled out, so that two names stay
/// two names.
fn text(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_seen_from_the_folder_of_the_config() {
        let name = |folder: &str, path: &str| relative(Path::new(folder), Path::new(path));
        assert_eq!(name("/corpus/configs", "/corpus/configs/a/b.txt"), "a/b.txt");
        assert_eq!(name("/corpus/configs", "/corpus/configs/./a/../b.txt"), "b.txt");
        assert_eq!(name("/corpus/configs", "/corpus/configs/../seeds"), "../seeds");
        assert_eq!(name("/corpus/configs", "/data/x"), "../../data/x");
        assert_eq!(name("/corpus/configs", "/corpus/configs"), "");
        assert_eq!(name("", "a.txt"), "a.txt");
        assert_eq!(name(".", "./../a.txt"), "../a.txt");
    }

    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        assert_eq!(text(b"caf\xe9.txt"), "caf\\xe9.txt");
    }
}
