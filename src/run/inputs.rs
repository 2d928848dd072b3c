//! The inputs as they lie on the disk: every file's digest, and where it may be cut.
//!
//! A file whose size and times are those of the last look is not read again. What was changed within two seconds of that
//! look is always read, since times are no finer than that on some file systems.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cut;
use super::error::{ErrorKind, RunError};
use super::folder::{LOOKS, WorkFolder};
use super::sealed::{seal, unseal};
use super::watch::{Part, Phase, Watch};
use crate::plan::Plan;
use crate::sink::manifest::FileDigest;
use crate::source::{self, Discovery, InputFile, Rejected, Slice};
use crate::storage;
use crate::text::hash;
use crate::text::size::ByteSize;

/// All inputs of a build.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Inputs {
    /// The files, in the order of the corpus.
    pub files: Vec<InputFile>,
    /// Digests of those that could be read.
    pub digests: Vec<FileDigest>,
    /// The slices of all files in order, each with the index of its file.
    pub slices: Vec<(u32, Slice)>,
    /// What could not be read at all, sorted.
    pub refused: Vec<Rejected>,
    /// Size of the partitions that the slices are gathered into.
    pub partition_size: u64,
    /// How each file looked at first, where this process looked itself.
    #[serde(skip)]
    pub(super) stamps: Vec<Option<Stamp>>,
}

/// What a file looked like when it was read last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Look {
    stamp: Stamp,
    slice_bytes: u64,
    sha256: [u8; 32],
    slices: Vec<Slice>,
}

/// What the file system says of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    bytes: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// What is known of the inputs from the last build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Looks {
    files: BTreeMap<String, Look>,
    /// Size of the partitions, where it was found by the size of the corpus.
    partition_size: Option<u64>,
}

/// Layout of the file of looks.
const LAYOUT: u32 = 1;

/// Nanoseconds in which a file may change without its times showing it.
const RACE: i128 = 2_000_000_000;

impl Inputs {
    /// Looks at all files of the plan; those that did not change since the last look are not read, unless `reread` asks.
    /// Without a `size` of partitions, that of the corpus tells it.
    ///
    /// # Errors
    /// If the work folder refuses.
    pub fn survey(
        plan: &Plan,
        work: &WorkFolder,
        size: Option<ByteSize>,
        reread: bool,
        watch: &dyn Watch,
    ) -> Result<Self, RunError> {
        let files = plan.discovery.files.clone();
        let units = files.iter().map(|file| file.bytes).sum();
        watch.begin(&Part { phase: Phase::Survey, does: "looking at the inputs".to_owned(), units, work: units });
        let known = read_looks(&work.looks());
        let slice_bytes = size.map_or(cut::SLICE, |size| size.0.min(cut::SLICE));
        let now = Stamp::of(&work.lock_path()).map_or(i128::MAX, Stamp::newest);
        let look = |file: &InputFile| {
            let first = Stamp::of(&file.path);
            let stamp = first.filter(|stamp| now - stamp.newest() > RACE);
            // Of a file with a limit the slices are others.
            let slice_bytes = if file.records.is_some() { u64::MAX } else { slice_bytes };
            let same = |look: &&Look| !reread && Some(look.stamp) == stamp && look.slice_bytes == slice_bytes;
            let look = match known.files.get(&*file.name).filter(same) {
                Some(look) => Ok((look.sha256, look.slices.clone())),
                None => source::survey(file, slice_bytes).map(|survey| (survey.sha256, survey.slices)),
            };
            watch.advance(file.bytes);
            (first, stamp, look)
        };
        let looked: Vec<_> = files.par_iter().map(look).collect();
        let mut inputs = Self { refused: plan.discovery.refused.clone(), ..Self::default() };
        let mut looks = BTreeMap::new();
        inputs.stamps = looked.iter().map(|(first, ..)| *first).collect();
        for (index, (file, (_, stamp, look))) in files.iter().zip(looked).enumerate() {
            match look {
                Ok((sha256, slices)) => {
                    inputs.slices.extend(slices.iter().map(|slice| (index as u32, *slice)));
                    let name = file.name.to_string();
                    inputs.digests.push(FileDigest {
                        path: name.clone(),
                        bytes: file.bytes,
                        sha256: hash::hex(&sha256),
                    });
                    if let Some(stamp) = stamp {
                        let slice_bytes = if file.records.is_some() { u64::MAX } else { slice_bytes };
                        looks.insert(name, Look { stamp, slice_bytes, sha256, slices });
                    }
                }
                Err(rejected) => inputs.refused.push(rejected),
            }
        }
        inputs.files = files;
        inputs.refused.sort();
        inputs.names_differ()?;
        let bytes = || cut::bytes_of(&inputs.files, &inputs.slices);
        inputs.partition_size = size.map_or_else(|| cut::size_for(bytes(), known.partition_size), |size| size.0);
        let partition_size = if size.is_none() { Some(inputs.partition_size) } else { known.partition_size };
        let looks = Looks { files: looks, partition_size };
        if looks != known {
            work.replace(&work.looks(), &seal(&(LAYOUT, &looks)))?;
        }
        Ok(inputs)
    }

    /// The inputs as discovery would find them.
    #[must_use]
    pub fn discovery(&self) -> Discovery {
        Discovery { files: self.files.clone(), ..Discovery::default() }
    }

    /// Whether a file looks as it did at first, by its number. Another name for it, or another owner, is no change.
    #[must_use]
    pub fn looks_the_same(&self, index: u32) -> bool {
        let index = index as usize;
        let (Some(Some(first)), Some(file)) = (self.stamps.get(index), self.files.get(index)) else { return true };
        Stamp::of(&file.path).is_some_and(|now| Stamp { changed: first.changed, ..now } == *first)
    }

    /// Bytes of all inputs.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Positions name files by 64 bits of a hash, so no two may have the same.
    fn names_differ(&self) -> Result<(), RunError> {
        let mut keys: Vec<(u64, &str)> = self.files.iter().map(|file| (file.key(), &*file.name)).collect();
        keys.sort_unstable();
        let same = keys.windows(2).find(|pair| pair[0].0 == pair[1].0);
        match same {
            None => Ok(()),
            Some(pair) => Err(ErrorKind::SameKey { one: pair[0].1.to_owned(), other: pair[1].1.to_owned() }.into()),
        }
    }
}

/// How the inputs looked to the last build: what is known of them without reading them.
pub struct LastLook(Looks);

impl LastLook {
    /// What a work folder knows; nothing without one.
    #[must_use]
    pub fn read(work_dir: Option<&Path>) -> Self {
        Self(work_dir.map(|folder| read_looks(&folder.join(LOOKS))).unwrap_or_default())
    }

    /// The digests of all files of the plan that can be read, in the order of the corpus. A file that does not look as it did is read.
    #[must_use]
    pub fn digests(&self, plan: &Plan) -> Vec<FileDigest> {
        let digest = |file: &InputFile| {
            let sha256 = match self.look(file) {
                Some(look) => look.sha256,
                None => source::survey(file, u64::MAX).ok()?.sha256,
            };
            Some(FileDigest { path: file.name.to_string(), bytes: file.bytes, sha256: hash::hex(&sha256) })
        };
        plan.discovery.files.par_iter().filter_map(digest).collect()
    }

    /// Where the file may be cut, if it looks as it did.
    #[must_use]
    pub fn slices(&self, file: &InputFile) -> Option<&[Slice]> {
        self.look(file).map(|look| look.slices.as_slice())
    }

    fn look(&self, file: &InputFile) -> Option<&Look> {
        let stamp = Stamp::of(&file.path);
        self.0.files.get(&*file.name).filter(|look| Some(look.stamp) == stamp)
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            bytes: metadata.len(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// The later of its times, in nanoseconds.
    fn newest(self) -> i128 {
        let nanos = |(seconds, nanos): (i64, i64)| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        nanos(self.modified).max(nanos(self.changed))
    }
}

/// The last look, or none if it cannot be read.
fn read_looks(path: &Path) -> Looks {
    let read = storage::read(path).ok().and_then(|bytes| unseal::<(u32, Looks)>(&bytes));
    read.filter(|(layout, _)| *layout == LAYOUT).map(|(_, looks)| looks).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::source::{Compression, FileKind};

    #[test]
    fn a_file_that_was_written_again_does_not_look_the_same_and_one_with_another_name_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        fs::write(&path, b"before").unwrap();
        let file = InputFile {
            name: "a.parquet".into(),
            path: path.clone(),
            bytes: 6,
            source: 0,
            kind: FileKind::Parquet,
            compression: Compression::None,
            records: None,
        };
        let inputs = Inputs { files: vec![file], stamps: vec![Stamp::of(&path)], ..Inputs::default() };
        fs::hard_link(&path, folder.path().join("b.parquet")).unwrap();
        assert!(inputs.looks_the_same(0));
        fs::write(&path, b"after!").unwrap();
        let later = SystemTime::now() + Duration::from_secs(1);
        fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert!(!inputs.looks_the_same(0));
    }
}
