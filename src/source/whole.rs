//! Files that are one article each.

use std::io::{self, Read};

use super::fields::Draft;
use super::foreign::{foreign, noise};
use super::open::{self, Fault};
use super::read::{Place, Reading};
use super::{Cause, FileKind, InputFile, Item};

/// Takes what is no text off the start of an article and puts it into the draft; gives back the text.
pub(super) type Prelude = for<'t> fn(&Reading<'_>, &'t str, &mut Draft<'t>) -> &'t str;

/// The prelude of plain text: there is none.
pub(super) fn plain<'t>(_: &Reading<'_>, text: &'t str, _: &mut Draft<'t>) -> &'t str {
    text
}

/// Reads a file that is one article.
pub(super) fn read<E>(
    reading: &Reading<'_>,
    prelude: Prelude,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let place = Place::of(0, 0);
    let (bytes, fault) = match load(reading.file, reading.limit) {
        Ok(Loaded::Whole(bytes, fault)) => (bytes, fault),
        Ok(Loaded::TooLarge(bytes)) => return each(reading.too_large(place, "file", bytes)),
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let length = bytes.len() as u64;
    let cut = fault.as_ref().is_some_and(|fault| fault.cause != Cause::TrailingBytes);
    if let Some(fault) = fault.as_ref().filter(|_| cut) {
        let place = Place { offset: length, ..place };
        return each(reading.refuse(place, fault.cause, fault.detail.clone(), length + fault.bytes));
    }
    if bytes.trim_ascii().is_empty() {
        each(reading.empty_file(length))?;
    } else if let Some(fault) = noise(&bytes, reading.label) {
        each(reading.refuse(place, fault.cause, fault.detail, length))?;
    } else {
        let decoded = crate::text::encoding::decode(&bytes, reading.label);
        let mut draft = Draft::default();
        let text = prelude(reading, &decoded.text, &mut draft);
        draft.put_text(super::fields::Value::Text(text.into()));
        draft.note_encoding(decoded.encoding);
        match draft.finish(reading.position(0), reading, "text") {
            Ok(document) => {
                each(Item::Document { document, bytes: length })?;
                if let Some(bad) = decoded.bad {
                    each(reading.replaced_bytes(place, bad, decoded.encoding))?;
                }
            }
            Err((cause, detail)) => each(reading.refuse(place, cause, detail, length))?,
        }
    }
    match fault {
        Some(fault) => each(reading.file_row(fault.cause, fault.detail, length, fault.bytes)),
        None => Ok(()),
    }
}

/// The unpacked bytes of a file.
pub(super) enum Loaded {
    /// All of them, or those before the fault.
    Whole(Vec<u8>, Option<Fault>),
    /// More than the limit: how many.
    TooLarge(u64),
}

/// Reads a file of at most `limit` unpacked bytes.
pub(super) fn load(file: &InputFile, limit: usize) -> Result<Loaded, Fault> {
    let mut unpacked = open::open(file, 0, u64::MAX)?;
    let expected = usize::try_from(file.bytes).unwrap_or(limit).min(limit);
    let mut bytes = Vec::with_capacity(expected.saturating_add(1));
    let result = unpacked.by_ref().take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
    if let Some(fault) = foreign(&bytes, file.compression).filter(|_| file.kind != FileKind::Parquet) {
        return Err(fault);
    }
    if bytes.len() > limit {
        // Counted to the end, since the ledger accounts for each byte.
        let mut total = bytes.len() as u64;
        drop(bytes);
        total += io::copy(&mut unpacked, &mut io::sink()).unwrap_or(0);
        return Ok(Loaded::TooLarge(total));
    }
    let fault = result.err().map(|error| Fault::from_read(&error));
    if let Some(fault) = fault.as_ref().filter(|fault| bytes.is_empty() && fault.cause != Cause::TrailingBytes) {
        return Err(fault.clone());
    }
    Ok(Loaded::Whole(bytes, fault))
}
