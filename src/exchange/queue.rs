//! Records that are sent ahead: pushed at any time, taken in the order of their keys, in bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{ExchangeError, FAN_IN, KeyRange, Record, Scan, Sorter};

/// A queue of records by key; those of one key come in any order. What does not fit the memory goes into scratch files.
pub struct Queue<R> {
    scratch: PathBuf,
    memory: usize,
    held: BinaryHeap<Reverse<Waiting>>,
    held_bytes: usize,
    /// Scratch files, each at its least record that was not taken yet.
    spilled: Vec<Scan>,
    records: super::Of<R>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    key: Vec<u8>,
    value: Vec<u8>,
}

/// Bytes that a record takes in memory beside its own.
const OVERHEAD: usize = size_of::<Waiting>() + 32;

impl<R: Record> Queue<R> {
    /// A queue that holds about `memory` bytes and puts scratch files into the folder `scratch`.
    #[must_use]
    pub fn new(scratch: PathBuf, memory: u64) -> Self {
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let (held, spilled, records) = (BinaryHeap::new(), Vec::new(), super::Of::default());
        Self { scratch, memory, held, held_bytes: 0, spilled, records }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn push(&mut self, record: &R) -> Result<(), ExchangeError> {
        let (mut key, mut value) = (Vec::new(), Vec::new());
        record.key(&mut key);
        record.put(&mut value);
        self.held_bytes += key.len() + value.len() + OVERHEAD;
        self.held.push(Reverse(Waiting { key, value }));
        if self.held_bytes > self.memory { self.spill() } else { Ok(()) }
    }

    /// Takes a record with the least of all keys, unless that is more than `most`.
    ///
    /// # Errors
    /// If the disk refuses or a file is damaged.
    pub fn take_up_to(&mut self, most: &[u8]) -> Result<Option<R>, ExchangeError> {
        let least_file = (0..self.spilled.len()).min_by(|a, b| self.spilled[*a].key().cmp(self.spilled[*b].key()));
        let from_file = match (least_file, self.held.peek()) {
            (Some(file), Some(Reverse(held))) => self.spilled[file].key() <= held.key.as_slice(),
            (file, _) => file.is_some(),
        };
        let damaged = || ExchangeError::damaged(&self.scratch, "a record is none of its kind");
        if let Some(file) = least_file.filter(|_| from_file) {
            let scan = &mut self.spilled[file];
            if scan.key() > most {
                return Ok(None);
            }
            let record = R::read(scan.key(), scan.value()).ok_or_else(damaged)?;
            if !scan.advance()? {
                self.spilled.swap_remove(file);
            }
            return Ok(Some(record));
        }
        let Some(Reverse(least)) = self.held.peek().filter(|Reverse(least)| least.key.as_slice() <= most) else {
            return Ok(None);
        };
        let record = R::read(&least.key, &least.value).ok_or_else(damaged)?;
        self.held_bytes -= least.key.len() + least.value.len() + OVERHEAD;
        self.held.pop();
        Ok(Some(record))
    }

    /// How many scratch files hold records.
    #[cfg(test)]
    pub(super) fn files(&self) -> usize {
        self.spilled.len()
    }

    /// Puts what is in memory into a scratch file; where there are many of them, all are merged into one.
    fn spill(&mut self) -> Result<(), ExchangeError> {
        let mut sorter = Sorter::<R>::new(self.scratch.clone(), self.memory as u64);
        if self.spilled.len() + 1 >= FAN_IN {
            for mut scan in self.spilled.drain(..) {
                sorter.push_bytes(scan.key(), scan.value())?;
                while scan.advance()? {
                    sorter.push_bytes(scan.key(), scan.value())?;
                }
            }
        }
        while let Some(Reverse(Waiting { key, value })) = self.held.pop() {
            sorter.push_bytes(&key, &value)?;
        }
        self.held_bytes = 0;
        let mut scan = Arc::new(sorter.sort()?.into_run(&self.scratch)?).scan(KeyRange::default());
        if scan.advance()? {
            self.spilled.push(scan);
        }
        Ok(())
    }
}
