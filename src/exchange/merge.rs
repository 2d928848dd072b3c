//! Sorted runs and what is held in memory, read as one sorted stream.

use super::sorter::Held;
use super::{ExchangeError, Of, Record, Scan};

/// Reads the records of several sorted sources in the order of their keys, those of one key in the order of the sources.
pub struct Stream<'a, R> {
    sources: Vec<Source<'a>>,
    /// A heap of the sources that have a record left, the least on top.
    heap: Vec<usize>,
    begun: bool,
    records: Of<R>,
}

/// Something sorted that is read record by record.
pub(super) enum Source<'a> {
    Held(HeldScan<'a>),
    Run(Box<Scan>),
}

/// Reads a range of what is held in memory.
pub(super) struct HeldScan<'a> {
    pub(super) held: &'a Held,
    /// The number of the record after this one.
    pub(super) next: usize,
    pub(super) end: usize,
}

impl Source<'_> {
    fn advance(&mut self) -> Result<bool, ExchangeError> {
        match self {
            Self::Run(scan) => scan.advance(),
            Self::Held(scan) => {
                scan.next += 1;
                Ok(scan.next <= scan.end)
            }
        }
    }

    fn key(&self) -> &[u8] {
        match self {
            Self::Run(scan) => scan.key(),
            Self::Held(scan) => scan.held.key(scan.next - 1),
        }
    }

    fn value(&self) -> &[u8] {
        match self {
            Self::Run(scan) => scan.value(),
            Self::Held(scan) => scan.held.value(scan.next - 1),
        }
    }
}

impl<'a, R: Record> Stream<'a, R> {
    pub(super) fn of(sources: Vec<Source<'a>>) -> Self {
        Self { sources, heap: Vec::new(), begun: false, records: Of::default() }
    }

    /// The next record, if there is one.
    ///
    /// # Errors
    /// If the disk refuses or a file is damaged.
    // An iterator could not be read with `?` where it stands.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<R>, ExchangeError> {
        if !self.advance()? {
            return Ok(None);
        }
        let (key, value) = self.current();
        match (R::read(key, value), self.top()) {
            (Some(record), _) => Ok(Some(record)),
            (None, Some(Source::Run(scan))) => Err(ExchangeError::damaged(scan.path(), "a record is none of its kind")),
            (None, _) => Err(ExchangeError::damaged("memory".as_ref(), "a record is none of its kind")),
        }
    }

    /// Goes to the next record without reading it; false if there is none.
    pub(super) fn advance(&mut self) -> Result<bool, ExchangeError> {
        if self.begun {
            let Some(top) = self.heap.first().copied() else { return Ok(false) };
            if !self.sources[top].advance()? {
                self.heap.swap_remove(0);
            }
            self.sift(0);
        } else {
            self.begun = true;
            for index in 0..self.sources.len() {
                if self.sources[index].advance()? {
                    self.heap.push(index);
                }
            }
            (0..self.heap.len() / 2).rev().for_each(|at| self.sift(at));
        }
        Ok(!self.heap.is_empty())
    }

    /// Key and value of this record.
    pub(super) fn current(&self) -> (&[u8], &[u8]) {
        self.top().map_or((&[], &[]), |source| (source.key(), source.value()))
    }

    fn top(&self) -> Option<&Source<'a>> {
        self.heap.first().and_then(|top| self.sources.get(*top))
    }

    /// Moves the source at `at` down the heap to where it belongs.
    fn sift(&mut self, mut at: usize) {
        loop {
            let children = [2 * at + 1, 2 * at + 2].into_iter().filter(|child| *child < self.heap.len());
            let least = children.chain([at]).filter(|place| *place < self.heap.len()).min_by(|a, b| self.order(*a, *b));
            match least {
                Some(least) if least != at => {
                    self.heap.swap(at, least);
                    at = least;
                }
                _ => return,
            }
        }
    }

    fn order(&self, a: usize, b: usize) -> std::cmp::Ordering {
        let (a, b) = (self.heap[a], self.heap[b]);
        self.sources[a].key().cmp(self.sources[b].key()).then(a.cmp(&b))
    }
}
