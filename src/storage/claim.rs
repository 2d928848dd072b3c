//! Folders that belong to one process while it lives, and the tidying up after processes that were killed.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::watched::{Operation, watch};

/// A folder under a name of its own. Dropped, it goes; where its process was killed, [`remove_abandoned`] finds it.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    /// Held as long as somebody writes here.
    _lock: File,
}

impl Claim {
    /// Makes an empty folder in `parent`, with a name that begins with `prefix`.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn make(parent: &Path, prefix: &str) -> io::Result<Self> {
        loop {
            watch(Operation::Create(parent))?;
            let all = Permissions::from_mode(0o777);
            let made = tempfile::Builder::new().prefix(prefix).permissions(all).tempdir_in(parent)?;
            // Before it is locked, somebody else may take it for abandoned.
            let lock = match File::open(made.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            // Where folders cannot be locked, nobody removes what others write.
            let is_taken = matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && is_at(&lock, made.path()) {
                return Ok(Self { path: made.keep(), _lock: lock });
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // What is still there is of no use to anybody.
        let _ = super::remove_folder(&self.path);
    }
}

/// Removes the folders in `parent` whose names begin with `prefix` and into which nobody writes any more: their processes were
/// stopped.
///
/// # Errors
/// If `parent` cannot be listed.
pub fn remove_abandoned(parent: &Path, prefix: &str) -> io::Result<()> {
    for (path, _lock) in abandoned(parent, prefix)? {
        // Another process may be removing it too.
        let _ = super::remove_folder(&path);
    }
    Ok(())
}

/// The folders in `parent` whose names begin with `prefix` and that nobody holds, sorted; each is now held by us.
///
/// # Errors
/// If `parent` cannot be listed.
pub fn abandoned(parent: &Path, prefix: &str) -> io::Result<Vec<(PathBuf, File)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let is_meant = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix));
        if !is_meant || !entry.file_type()?.is_dir() {
            continue;
        }
        if let Ok(folder) = File::open(entry.path())
            && folder.try_lock().is_ok()
        {
            found.push((entry.path(), folder));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Whether `file` is what stands at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (ours, theirs) = (file.metadata().map(identity), fs::metadata(path).map(identity));
    matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_what_somebody_holds_stays() {
        let parent = tempfile::tempdir().unwrap();
        let held = Claim::make(parent.path(), ".out.partial").unwrap();
        let left = parent.path().join(".out.partialleft");
        let other = parent.path().join(".other.partial");
        fs::create_dir_all(left.join("data")).unwrap();
        fs::create_dir(&other).unwrap();
        remove_abandoned(parent.path(), ".out.partial").unwrap();
        assert!(held.path().is_dir() && other.is_dir() && !left.exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
