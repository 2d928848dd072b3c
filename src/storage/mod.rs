//! Files of the store and of the output: the one place that creates, writes, syncs, renames and removes them. Knows nothing of
//! what they hold.
//!
//! Nothing here is safe against a loss of power by itself: a file is on the disk once it was synced, and its name once the folder
//! was. [`sync`] does either for many at once.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

mod claim;
pub mod packed;
mod temporary;
pub mod watched;

pub use claim::{Claim, abandoned, remove_abandoned};
pub use temporary::{Closed, Temporary};

use watched::{Operation, watch};

/// Opens a file to be read.
///
/// # Errors
/// If the system refuses.
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads a whole file.
///
/// # Errors
/// If the system refuses.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// Size of the file at `path` in bytes, if there is one.
#[must_use]
pub fn size(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// Makes a folder and those it lies in, where they are missing.
///
/// # Errors
/// If the system refuses.
pub fn make_folders(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    watch(Operation::Create(path))?;
    fs::create_dir_all(path)
}

/// Opens a file that processes lock, and makes it where it is missing.
///
/// # Errors
/// If the system refuses.
pub fn lock_file(path: &Path) -> io::Result<File> {
    File::options().create(true).write(true).truncate(false).open(path)
}

/// Writes a file that nobody has seen yet, and syncs it.
///
/// # Errors
/// If the system refuses.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    watch(Operation::Create(path))?;
    let mut file = File::create(path)?;
    write_watched(&mut file, path, bytes)?;
    sync_file(path, &file)
}

/// Writes a file in place of what stands there, in one step that survives a loss of power.
///
/// # Errors
/// If the system refuses.
pub fn replace(path: &Path, scratch: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = Temporary::create(scratch)?;
    temporary.write_all(bytes)?;
    temporary.sync()?;
    temporary.close().persist(path)?;
    sync_folder(folder_of(path))
}

/// Gives the file at `from` a second name, or copies it where the two places are on different file systems or theirs knows no
/// second names. A copy is synced.
///
/// # Errors
/// If the system refuses.
pub fn link(from: &Path, to: &Path) -> io::Result<()> {
    watch(Operation::Link(from, to))?;
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let mut copy = File::create(to)?;
            let mut original = File::open(from)?;
            let mut buffer = vec![0; 1 << 20];
            loop {
                match original.read(&mut buffer) {
                    Ok(0) => return sync_file(to, &copy),
                    Ok(length) => write_watched(&mut copy, to, buffer.get(..length).unwrap_or_default())?,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        other => other,
    }
}

/// Renames a file or folder.
///
/// # Errors
/// If the system refuses.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    watch(Operation::Rename(from, to))?;
    fs::rename(from, to)
}

/// Exchanges two folders in one step.
///
/// # Errors
/// [`io::ErrorKind::Unsupported`] where the system or the file system cannot do that; else if the system refuses.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    watch(Operation::Exchange(one, other))?;
    exchange_names(one, other)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange_names(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Err(io::ErrorKind::Unsupported.into()),
        other => Ok(other?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange_names(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes a file; one that is gone is no error.
///
/// # Errors
/// If the system refuses.
pub fn remove_file(path: &Path) -> io::Result<()> {
    watch(Operation::Remove(path))?;
    unless_gone(fs::remove_file(path))
}

/// Removes a folder with all it holds; one that is gone is no error.
///
/// # Errors
/// If the system refuses.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    watch(Operation::Remove(path))?;
    unless_gone(fs::remove_dir_all(path))
}

fn unless_gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes sure that the names in a folder are on the disk.
///
/// # Errors
/// If the system refuses.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    watch(Operation::Sync(path))?;
    // Some systems cannot sync a folder, and keep names safe without it.
    match File::open(path)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput || error.kind() == io::ErrorKind::Unsupported => {
            Ok(())
        }
        other => other,
    }
}

/// Makes sure that these files and folders, which all lie below `root`, are on the disk: one by one where they are few, else
/// with everything else on that file system, where the system can do that.
///
/// # Errors
/// Which of them the system refused, and why.
pub fn sync(paths: &[PathBuf], root: &Path) -> Result<(), (PathBuf, io::Error)> {
    if paths.len() > MOST_ONE_BY_ONE && sync_all_below(root).map_err(|error| (root.to_owned(), error))? {
        return Ok(());
    }
    for path in paths {
        let synced = if path.is_dir() { sync_folder(path) } else { open(path).and_then(|file| sync_file(path, &file)) };
        synced.map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Each file that is synced by itself costs a commit of the file system's journal, all of them together cost one.
const MOST_ONE_BY_ONE: usize = 4;

/// Syncs the whole file system that holds `root`; false where the system cannot.
#[cfg(target_os = "linux")]
fn sync_all_below(root: &Path) -> io::Result<bool> {
    use rustix::io::Errno;
    watch(Operation::SyncAll(root))?;
    match rustix::fs::syncfs(File::open(root)?) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => Ok(false),
        other => Ok(other.map(|()| true)?),
    }
}

#[cfg(not(target_os = "linux"))]
fn sync_all_below(_: &Path) -> io::Result<bool> {
    Ok(false)
}

fn sync_file(path: &Path, file: &File) -> io::Result<()> {
    watch(Operation::Sync(path))?;
    file.sync_data()
}

/// Writes all of `bytes`. Whoever watches is asked in the middle, so that a file can end there.
fn write_watched(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (before, after) = bytes.split_at(if watched::is_watched() { bytes.len() / 2 } else { 0 });
    file.write_all(before)?;
    watch(Operation::Write(path))?;
    file.write_all(after)
}

/// The folder in which a file lies.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Size and SHA-256 of the file at `path`, read in pieces.
///
/// # Errors
/// If the file cannot be read.
pub fn digest(path: &Path) -> io::Result<(u64, [u8; 32])> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, hasher.finalize().into())),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
