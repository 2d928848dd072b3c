//! Opens the fastText model that a stage's config names.

use std::fs::File;
use std::io::{self, BufReader, Read};

use sha2::{Digest, Sha256};

use super::{Model, StageError, Surroundings};
use crate::text::fasttext::{self, FastTextError};
use crate::text::hash;

/// The model at `path`, as the field `field` writes it, and its entry for the manifest.
pub fn open(field: &str, path: &str, surroundings: &Surroundings<'_>) -> Result<(fasttext::Model, Model), StageError> {
    let refused = |error: &FastTextError| {
        let refused = StageError::new(field, format!("`{path}` {error}"));
        match error.hint() {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    };
    let unreadable = |error: io::Error| refused(&FastTextError::Unreadable(error));
    let file = File::open(surroundings.folder.join(path)).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(StageError::new(field, format!("`{path}` is a folder")));
    }
    let mut source = BufReader::with_capacity(1 << 16, Hashed { source: file, hasher: Sha256::new() });
    let model = fasttext::Model::read(&mut source, metadata.len()).map_err(|error| refused(&error))?;
    let sha256 = hash::hex(&source.into_inner().hasher.finalize());
    Ok((model, Model { name: path.to_owned(), sha256 }))
}

/// Reads on, and hashes what is read.
struct Hashed<R> {
    source: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }
}
