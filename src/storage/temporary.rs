//! Files that are still being written, under names that nobody else has.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempPath;

use super::watched::{Operation, watch};
use super::{sync_file, write_watched};

/// A file that is being written. Dropped before it has its name, it goes.
#[derive(Debug)]
pub struct Temporary {
    path: TempPath,
    file: File,
}

/// A file that was written and has no name of its own yet. Dropped before that, it goes.
#[derive(Debug)]
pub struct Closed(TempPath);

impl Temporary {
    /// Makes an empty file in `folder`.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(folder: &Path) -> io::Result<Self> {
        watch(Operation::Create(folder))?;
        let all = Permissions::from_mode(0o666);
        let made = tempfile::Builder::new().prefix("").permissions(all).tempfile_in(folder)?;
        let (file, path) = made.into_parts();
        Ok(Self { path, file })
    }

    /// Where it lies until it is placed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes sure that its bytes are on the disk.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn sync(&self) -> io::Result<()> {
        sync_file(&self.path, &self.file)
    }

    /// Ends the writing.
    #[must_use]
    pub fn close(self) -> Closed {
        Closed(self.path)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_watched(&mut self.file, &self.path, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Closed {
    /// Where it lies until it is placed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its name, in place of whatever has that name.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn persist(self, path: &Path) -> io::Result<()> {
        watch(Operation::Rename(&self.0, path))?;
        self.0.persist(path).map_err(|error| error.error)
    }
}
