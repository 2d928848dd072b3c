//! What is done to files can be watched in development builds, to count it, to refuse it or to end the process there: so tests
//! try a full disk, a kill and a loss of power at every single step. A release build has none of this.

use std::io;
use std::path::Path;

/// What is about to be done to a file or folder.
#[derive(Debug, Clone, Copy)]
pub enum Operation<'a> {
    /// It is made.
    Create(&'a Path),
    /// Bytes are written to it.
    Write(&'a Path),
    /// It is synced.
    Sync(&'a Path),
    /// Everything on its file system is synced.
    SyncAll(&'a Path),
    /// The first gets the second's name.
    Rename(&'a Path, &'a Path),
    /// The two exchange their names.
    Exchange(&'a Path, &'a Path),
    /// The first gets the second as a name beside its own.
    Link(&'a Path, &'a Path),
    /// It is removed.
    Remove(&'a Path),
}

/// Is told of every operation before it is done; an error takes the place of the operation's own.
pub type Watcher = Box<dyn Fn(Operation<'_>) -> io::Result<()> + Send + Sync>;

#[cfg(debug_assertions)]
static WATCHER: std::sync::OnceLock<Watcher> = std::sync::OnceLock::new();

/// From now on, `watcher` is told of every operation of this process. The first stays; a release build has none.
pub fn install(watcher: Watcher) {
    #[cfg(debug_assertions)]
    let _ = WATCHER.set(watcher);
    #[cfg(not(debug_assertions))]
    drop(watcher);
}

/// Whether anybody watches.
#[must_use]
pub(super) fn is_watched() -> bool {
    #[cfg(debug_assertions)]
    return WATCHER.get().is_some();
    #[cfg(not(debug_assertions))]
    false
}

/// Tells of an operation.
pub(super) fn watch(operation: Operation<'_>) -> io::Result<()> {
    #[cfg(debug_assertions)]
    if let Some(watcher) = WATCHER.get() {
        return watcher(operation);
    }
    let _ = operation;
    Ok(())
}
