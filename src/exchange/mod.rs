//! The exchange: records with a key that one task writes and another reads in the order of the keys.
//!
//! A [`Sorter`] takes records in any order, holds a bounded number of bytes in memory, and puts the rest into
//! scratch files as sorted runs. The result ([`Sorted`]) can be read any number of times, as a whole or by ranges of keys, or be
//! written as one sorted file, a [`Run`]. A reader gathers the ranges that it wants from many runs in a sorter of its own. So each
//! record is written and read a few times, however many tasks write and read, and memory does not grow with the records.
//!
//! Records with one key keep the order in which they were pushed. Knows nothing of what the records mean.

use std::io;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

mod merge;
mod queue;
mod run;
mod sorter;
#[cfg(test)]
mod tests;

pub use merge::Stream;
pub use queue::Queue;
pub use run::{Run, Scan, is_whole};
pub use sorter::{Sorted, Sorter};

/// What travels through the exchange.
///
/// Law: `read` gives back the record of which `key` and `put` wrote the bytes.
pub trait Record: Sized {
    /// Appends the key, by whose bytes records are sorted.
    fn key(&self, out: &mut Vec<u8>);

    /// Appends what the record holds beside its key.
    fn put(&self, out: &mut Vec<u8>);

    /// The record with this key, or none if the bytes are no record.
    fn read(key: &[u8], value: &[u8]) -> Option<Self>;
}

/// A range of keys: from `from` on, up to the first key that is not less than `to`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRange {
    /// The least key.
    pub from: Vec<u8>,
    /// The first key after the range; none for all that follow.
    pub to: Option<Vec<u8>>,
}

/// The number of runs that are read side by side at most. Where there are more, some are merged into a larger one first.
pub const FAN_IN: usize = 64;

/// Why records cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The disk refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file, or in which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold what was written.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
}

impl KeyRange {
    /// The keys that begin with `prefix`.
    #[must_use]
    pub fn of_prefix(prefix: &[u8]) -> Self {
        let mut to = prefix.to_vec();
        while to.last() == Some(&u8::MAX) {
            to.pop();
        }
        let to = to.split_last().map(|(last, rest)| [rest, &[last + 1]].concat());
        Self { from: prefix.to_vec(), to }
    }

    /// Of the keys that begin with `prefix` those of some of `of` equal parts, by the eight bytes that follow.
    #[must_use]
    pub fn part(prefix: &[u8], parts: Range<u64>, of: u64) -> Self {
        let all = Self::of_prefix(prefix);
        let bound = |part: u64| {
            let first = (u128::from(part) << 64).div_ceil(u128::from(of.max(1)));
            u64::try_from(first).ok().map(|first| [prefix, first.to_be_bytes().as_slice()].concat())
        };
        Self { from: bound(parts.start).unwrap_or_default(), to: bound(parts.end).or(all.to) }
    }

    /// Whether `key` lies before the end of the range.
    fn is_before_end(&self, key: &[u8]) -> bool {
        self.to.as_ref().is_none_or(|to| key < to.as_slice())
    }
}

impl ExchangeError {
    fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    fn damaged(path: &Path, detail: &str) -> Self {
        Self::Damaged { path: path.to_owned(), detail: detail.to_owned() }
    }
}

/// Says which records a type is about without holding any.
type Of<R> = PhantomData<fn() -> R>;

/// Appends `number` in as few bytes as it needs: seven bits a byte, the least first (LEB128).
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number that [`put_number`] wrote off the front of `bytes`.
#[must_use]
pub fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?.first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Takes `length` bytes off the front of `bytes`.
#[must_use]
pub fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Takes a fixed number of bytes off the front of `bytes`.
#[must_use]
pub fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    take(bytes, N)?.try_into().ok()
}
