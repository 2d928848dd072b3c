//! Documents between segments: the first segment writes them whole, each other one writes what it changed. A document is read
//! from all of these, one after the other.

use std::path::PathBuf;

use super::blob::{Blob, BlobWriter};
use super::error::RunError;
use super::job::Job;
use super::partition::read_bytes;
use crate::document::Document;

/// The documents of a partition, as they come to a segment.
pub struct Documents {
    /// What each earlier segment wrote, in order.
    layers: Vec<Layer>,
    /// Holds the bytes of one document or overlay.
    buffer: Vec<u8>,
}

struct Layer {
    path: PathBuf,
    reader: Blob,
}

impl Documents {
    /// Those of partition `index` before `segment`, which is not the first.
    ///
    /// # Errors
    /// If an earlier segment is not done with that partition, or what it wrote cannot be read.
    pub fn open(job: &Job<'_>, segment: usize, index: usize) -> Result<Self, RunError> {
        let layer = |before: usize| {
            let path = job.store.path(job.result(before, index)?, "documents");
            let reader = Blob::open(&path)?;
            Ok(Layer { path, reader })
        };
        Ok(Self { layers: (0..segment).map(layer).collect::<Result<_, RunError>>()?, buffer: Vec::new() })
    }

    /// The next document, if there is one more.
    ///
    /// # Errors
    /// If the disk refuses, or a file is damaged.
    pub fn next(&mut self) -> Result<Option<Document>, RunError> {
        let Some((base, overlays)) = self.layers.split_first_mut() else { return Ok(None) };
        if !read_bytes(&mut base.reader, &base.path, &mut self.buffer)? {
            return Ok(None);
        }
        let mut document = Document::read(&self.buffer).map_err(|error| RunError::damaged(&base.path, error))?;
        self.buffer.clear();
        self.buffer.shrink_to(LARGE);
        for layer in overlays {
            if !read_bytes(&mut layer.reader, &layer.path, &mut self.buffer)? {
                return Err(RunError::damaged(&layer.path, "it ends too early"));
            }
            document.apply_overlay(&self.buffer).map_err(|error| RunError::damaged(&layer.path, error))?;
        }
        Ok(Some(document))
    }
}

/// Appends what `put` appends to a buffer, after its length in four bytes. The buffer serves again, unless it is a large one.
///
/// # Errors
/// If the disk refuses.
pub fn write(blob: &mut BlobWriter, buffer: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) -> Result<(), RunError> {
    buffer.clear();
    buffer.extend_from_slice(&[0; 4]);
    put(buffer);
    let length = (buffer.len() - 4) as u32;
    buffer[..4].copy_from_slice(&length.to_le_bytes());
    blob.write(buffer)?;
    buffer.clear();
    buffer.shrink_to(LARGE);
    Ok(())
}

/// A buffer of more bytes is not kept.
const LARGE: usize = 1 << 20;
