//! Repairs of damaged or oddly set text. Each finds [`Change`]s in one line and changes nothing itself; [`scan`] tells
//! in one pass which repairs a line could need at all. Knows no documents and no stages.

pub mod compose;
pub mod controls;
pub mod entities;
pub mod gaps;
pub mod glue;
pub mod misreading;
pub mod mojibake;
pub mod scan;
pub mod shape;
pub mod spaces;
pub mod unwrap;

use std::borrow::Cow;
use std::ops::Range;

/// One spot of a text that should read differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// What should stand there.
    pub replacement: Cow<'static, str>,
}

/// Several changes that lie close together, as one replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// From the first changed byte to one past the last.
    pub range: Range<usize>,
    /// What should stand there, unchanged text between the spots included.
    pub replacement: Cow<'static, str>,
    /// How many spots it holds.
    pub spots: u32,
}

impl Change {
    /// Replaces `range` by `replacement`.
    pub fn new(range: Range<usize>, replacement: impl Into<Cow<'static, str>>) -> Self {
        Self { range, replacement: replacement.into() }
    }
}

/// Merges changes that are sorted and apart, where at most 32 bytes lie between two of them.
///
/// Each patch moves the rest of the line, so very long lines (180 kB and more) allow gaps wide enough that about a
/// gigabyte is moved at most.
///
/// ```
/// use tamis_text::repair::{Change, patches};
/// let merged = patches("a\u{a0}b\u{a0}c", &[Change::new(1..3, " "), Change::new(4..6, " ")]);
/// assert_eq!((merged[0].range.clone(), merged[0].replacement.as_ref(), merged[0].spots), (1..6, " b ", 2));
/// ```
#[must_use]
pub fn patches(text: &str, changes: &[Change]) -> Vec<Patch> {
    let gap = ((text.len() as u64).pow(2) >> 30).max(32) as usize;
    let near = |a: &Change, b: &Change| b.range.start - a.range.end <= gap;
    changes.chunk_by(near).filter_map(|group| patch(text, group)).collect()
}

fn patch(text: &str, group: &[Change]) -> Option<Patch> {
    let [first, others @ ..] = group else { return None };
    let mut replacement = first.replacement.clone();
    let mut end = first.range.end;
    for change in others {
        let owned = replacement.to_mut();
        owned.push_str(text.get(end..change.range.start)?);
        owned.push_str(&change.replacement);
        end = change.range.end;
    }
    Some(Patch { range: first.range.start..end, replacement, spots: group.len() as u32 })
}

/// The text with all changes made, for tests and for callers without a record to keep.
#[must_use]
pub fn changed(text: &str, changes: &[Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for change in changes {
        out.push_str(text.get(end..change.range.start).unwrap_or_default());
        out.push_str(&change.replacement);
        end = change.range.end;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}
