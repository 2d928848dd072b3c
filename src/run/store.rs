//! The store of the work folder: what tasks made, by the key of all that it depends on.
//!
//! A task that is done has left a **receipt** under its own key: a small value that says what came of it, the last thing
//! it writes. Larger results are files beside it, by key and kind. A key says all that the bytes depend on, so a file is
//! never changed once it stands, and two processes that make the same one do no harm.
//!
//! Nothing gets its name before its bytes are on the disk, and no receipt before the files it speaks of have theirs
//! ([`Arrivals`]), so a loss of power costs work and never truth.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::arrivals::Arrivals;
use super::error::RunError;
use super::sealed::{seal, unseal};
use crate::storage::{self, Claim, Closed, Temporary};
use crate::text::hash;

/// Names a task, or what it made: the first 128 bits of the SHA-256 of all that it depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key([u8; 16]);

/// What a task made, by key.
#[derive(Clone)]
pub struct Store {
    folder: PathBuf,
    arrivals: Arc<Arrivals>,
}

/// The kind of file that receipts are.
const RECEIPT: &str = "receipt";

/// The kind of file that says what a partition's passage through a segment came to: the last of its files.
pub const OUTCOME: &str = "outcome";

impl Key {
    /// The key of these parts.
    #[must_use]
    pub fn of(parts: &impl Serialize) -> Self {
        let json = serde_json::to_vec(parts).expect("what tasks depend on is plain data");
        Self(hash::key(&json))
    }

    /// The first 64 bits in hexadecimal: enough to tell the tasks of one build apart.
    #[must_use]
    pub fn short(self) -> String {
        self.to_string().chars().take(16).collect()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hash::hex(&self.0))
    }
}

/// One thing in the store: all files of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its key in hexadecimal.
    pub key: String,
    /// Its kind: `receipt`, `documents`, `notes`, `rows`, ....
    pub kind: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Where it lies.
    pub path: PathBuf,
}

impl Store {
    /// The store in `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let unfinished = Self::unfinished(folder);
        storage::make_folders(&unfinished).map_err(RunError::io("create", &unfinished))?;
        storage::remove_abandoned(&unfinished, "").map_err(RunError::io("list", &unfinished))?;
        let scratch = Claim::make(&unfinished, "").map_err(RunError::io("write in", &unfinished))?;
        Ok(Self { folder: folder.to_owned(), arrivals: Arc::new(Arrivals::new(folder.to_owned(), scratch)) })
    }

    /// Where files lie that are not finished, in a store at `folder`.
    #[must_use]
    pub fn unfinished(folder: &Path) -> PathBuf {
        folder.join("unfinished")
    }

    /// Where this process keeps files that are not finished.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.arrivals.scratch()
    }

    /// Begins a file under a name that nobody else has.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn begin(&self) -> Result<Temporary, RunError> {
        Temporary::create(self.scratch()).map_err(RunError::io("write in", self.scratch()))
    }

    /// Hands over a finished file that will stand at `path` before any receipt that is handed over later.
    pub fn place(&self, file: Closed, path: PathBuf) {
        self.arrivals.place(file, path);
    }

    /// Puts in place all that was handed over until now.
    ///
    /// # Errors
    /// If the disk refuses, or refused earlier.
    pub fn settle(&self) -> Result<(), RunError> {
        self.arrivals.settle()
    }

    /// What is on its way into this store.
    #[must_use]
    pub fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// Path of the file of that kind.
    #[must_use]
    pub fn path(&self, key: Key, kind: &str) -> PathBuf {
        let name = key.to_string();
        let (shelf, rest) = name.split_at(2);
        self.folder.join(shelf).join(format!("{rest}.{kind}"))
    }

    /// What the task of that key left, if it is done. A receipt that cannot be read is none.
    #[must_use]
    pub fn receipt<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        self.load(key, RECEIPT)
    }

    /// Whether the task of that key has left a receipt.
    #[must_use]
    pub fn has_receipt(&self, key: Key) -> bool {
        fs::metadata(self.path(key, RECEIPT)).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Under which other key the task that left this entry put what it made, if the entry is a receipt that says so.
    #[must_use]
    pub fn result_of(&self, entry: &Entry) -> Option<Key> {
        let bytes = storage::read(&entry.path).ok().filter(|_| entry.kind == RECEIPT)?;
        unseal(&bytes)
    }

    /// Says that the task of that key is done, once all that it handed over is in place.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn record<T: Serialize>(&self, key: Key, receipt: &T) -> Result<(), RunError> {
        self.save(key, RECEIPT, receipt)
    }

    /// A small value of that kind, if it is there and can be read.
    #[must_use]
    pub fn load<T: DeserializeOwned>(&self, key: Key, kind: &str) -> Option<T> {
        unseal(&storage::read(&self.path(key, kind)).ok()?)
    }

    /// Hands over a small value, which stands in its place once all that was handed over before it does.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn save<T: Serialize>(&self, key: Key, kind: &str, value: &T) -> Result<(), RunError> {
        self.arrivals.say(self.path(key, kind), seal(value))
    }

    /// Takes a receipt back.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn forget(&self, key: Key) -> Result<(), RunError> {
        let path = self.path(key, RECEIPT);
        storage::remove_file(&path).map_err(RunError::io("remove", &path))
    }

    /// Removes a file that cannot be read; false if it is none of this store.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn discard(&self, path: &Path) -> Result<bool, RunError> {
        if !path.starts_with(&self.folder) {
            return Ok(false);
        }
        storage::remove_file(path).map_err(RunError::io("remove", path))?;
        Ok(true)
    }

    /// Everything in the store, sorted.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn entries(&self) -> Result<Vec<Entry>, RunError> {
        let mut entries = Vec::new();
        for shelf in 0..=u8::MAX {
            let shelf = format!("{shelf:02x}");
            let folder = self.folder.join(&shelf);
            let files = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(RunError::io("list", &folder))?,
            };
            for file in files {
                let file = file.map_err(RunError::io("list", &folder))?;
                let (name, path) = (file.file_name(), file.path());
                let Some((rest, kind)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
                // A file that another process removed meanwhile is none.
                let Ok(metadata) = file.metadata() else { continue };
                entries.push(Entry {
                    key: format!("{shelf}{rest}"),
                    kind: kind.to_owned(),
                    bytes: metadata.len(),
                    path,
                });
            }
        }
        entries.sort();
        Ok(entries)
    }

    /// Removes all files of which `keep` says no; returns how many there were, and their bytes. Receipts go first, then
    /// outcomes, so that none ever speaks of files that are gone.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) -> Result<(u64, u64), RunError> {
        let gone: Vec<Entry> = self.entries()?.into_iter().filter(|entry| !keep(&entry.key)).collect();
        let mut ordered: Vec<&Entry> = gone.iter().collect();
        ordered.sort_by_key(|entry| match entry.kind.as_str() {
            RECEIPT => 0,
            OUTCOME => 1,
            _ => 2,
        });
        for entry in ordered {
            storage::remove_file(&entry.path).map_err(RunError::io("remove", &entry.path))?;
        }
        Ok((gone.len() as u64, gone.iter().map(|entry| entry.bytes).sum()))
    }
}
