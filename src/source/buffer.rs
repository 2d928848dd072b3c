//! The unpacked bytes of a file as a window that grows to hold one record, never beyond the largest record allowed.
//!
//! Knows lines but no record format. Offsets are those of the unpacked file, also where UTF-16 is turned into UTF-8 on the
//! way, since no line end or quote could be searched for otherwise.

use std::cell::Cell;
use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::Range;
use std::rc::Rc;

use encoding_rs::{CoderResult, Decoder, Encoding, ISO_2022_JP};

use super::foreign::no_text;
use super::open::{self, Bytes, Fault};
use super::{Cause, InputFile, Slice};
use crate::text::encoding;

/// A window over the bytes of a file.
pub(super) struct Buffer {
    bytes: Bytes,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of the window's first byte in the unpacked file.
    offset: u64,
    /// The encoding that the bytes were turned into UTF-8 from.
    recoded: Option<Recoded>,
    ended: bool,
    fault: Option<Fault>,
}

/// How bytes were turned into UTF-8.
pub(super) struct Recoded {
    pub encoding: &'static Encoding,
    /// Set once any bytes could not be decoded.
    pub replaced: Rc<Cell<bool>>,
}

/// The next line of a buffer.
pub(super) enum Line {
    /// The window starts with it: `length` bytes without its end, `with_end` to consume.
    Whole { length: usize, with_end: usize },
    /// It had more than the allowed bytes, and was consumed.
    TooLarge { bytes: u64 },
}

/// A buffer starts with this many bytes.
const INITIAL: usize = 256 << 10;

/// The least room that is read into; any character fits.
const ROOM: usize = 16;

/// How many bytes are looked at to tell what a file is.
const HEAD: usize = 4096;

impl Buffer {
    /// Opens one slice of `file`; the config's `label` names its encoding, if it does.
    pub(super) fn open(file: &InputFile, slice: &Slice, label: Option<&'static Encoding>) -> Result<Self, Fault> {
        let bytes = open::open(file, slice.start, slice.end)?;
        let room = usize::try_from(file.bytes).unwrap_or(INITIAL).clamp(HEAD, INITIAL) + ROOM + 1;
        let mut buffer = Self {
            bytes,
            buffer: vec![0; room],
            start: 0,
            end: 0,
            offset: slice.start,
            recoded: None,
            ended: false,
            fault: None,
        };
        while buffer.window().len() < HEAD && buffer.fill() {}
        if slice.start > 0 {
            return Ok(buffer);
        }
        let head = buffer.window().get(..HEAD).unwrap_or(buffer.window());
        // Of a file that was cut the survey has looked at the head, of which this may be a part only.
        let is_whole = slice.is_whole(file);
        if let Some(fault) = no_text(head, file.compression, label).filter(|_| is_whole) {
            return Err(fault);
        }
        if let Some(order) = encoding::utf32(head).filter(|_| is_whole) {
            let detail = format!(
                "the file is in {}, in which only .txt and .md files are read; write it in UTF-8",
                order.name()
            );
            return Err(Fault { cause: Cause::UnknownFormat, detail, bytes: 0 });
        }
        let unlike_ascii = || label.filter(|label| !label.is_ascii_compatible());
        match encoding::utf16(head).filter(|_| is_whole).or_else(unlike_ascii) {
            Some(found) => Ok(buffer.recode(found)),
            None => {
                buffer.consume_mark();
                Ok(buffer)
            }
        }
    }

    /// Passes over the byte order mark of UTF-8, if one stands here.
    fn consume_mark(&mut self) {
        if self.window().starts_with(b"\xef\xbb\xbf") {
            self.consume(3);
        }
    }

    /// The bytes that are read but not consumed.
    pub(super) fn window(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Offset of the window's first byte in the unpacked file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// How the window's bytes were turned into UTF-8, unless they are as in the file.
    pub(super) fn recoded(&self) -> Option<&Recoded> {
        self.recoded.as_ref()
    }

    /// What ended the file before its time, once it has.
    pub(super) fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// True if the window's bytes are cut off: damage ended the file, so that the last record cannot be trusted.
    pub(super) fn is_cut(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.cause != Cause::TrailingBytes)
    }

    /// Makes the window longer; false at the end of the file.
    pub(super) fn fill(&mut self) -> bool {
        if self.end + ROOM > self.buffer.len() {
            // Moving at most as many bytes as were consumed, and doubling, keep the cost per byte flat.
            if self.start > self.end / 2 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
        while !self.ended {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.bytes.read(room) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.end += read;
                    return true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fault = Some(Fault::from_read(&error));
                    self.ended = true;
                }
            }
        }
        false
    }

    /// Whether the file ends where `length` bytes of the window do.
    pub(super) fn ends_at(&mut self, length: usize) -> bool {
        while self.window().len() <= length && self.fill() {}
        self.window().len() <= length
    }

    /// Drops the first `length` bytes of the window.
    pub(super) fn consume(&mut self, length: usize) {
        self.offset += self.span(length);
        self.start += length;
    }

    /// How many bytes of the unpacked file the first `length` bytes of the window stand for.
    pub(super) fn span(&self, length: usize) -> u64 {
        self.span_of(0..length)
    }

    /// How many bytes of the unpacked file these of the window stand for.
    pub(super) fn span_of(&self, range: Range<usize>) -> u64 {
        let length = range.len() as u64;
        match &self.recoded {
            Some(recoded) if recoded.encoding != ISO_2022_JP => {
                let bytes = self.window().get(range).unwrap_or_default();
                let units = bytes.iter().map(|&byte| u64::from(byte & 0xc0 != 0x80) + u64::from(byte >= 0xf0));
                2 * units.sum::<u64>()
            }
            _ => length,
        }
    }

    /// The next line; None at the end of what can be read.
    pub(super) fn next_line(&mut self, limit: usize) -> Option<Line> {
        let mut searched = 0;
        let (length, with_end) = loop {
            let length = self.window().len();
            if let Some(at) = memchr::memchr(b'\n', self.window().get(searched..).unwrap_or_default()) {
                break (searched + at, searched + at + 1);
            }
            searched = length;
            if length > limit {
                return Some(Line::TooLarge { bytes: self.skip_line() });
            }
            if self.fill() {
                continue;
            }
            if length == 0 || self.is_cut() {
                return None;
            }
            break (length, length);
        };
        if length > limit {
            return Some(Line::TooLarge { bytes: self.skip_line() });
        }
        Some(Line::Whole { length, with_end })
    }

    /// Drops everything up to and including the next line feed, however far it is, and says how many bytes that were
    /// without it.
    pub(super) fn skip_line(&mut self) -> u64 {
        let mut skipped = 0;
        loop {
            let length = self.window().len();
            let end = memchr::memchr(b'\n', self.window());
            skipped += self.span(end.unwrap_or(length));
            self.consume(end.map_or(length, |end| end + 1));
            if end.is_some() || !self.fill() {
                return skipped;
            }
        }
    }

    /// The same bytes again, turned into UTF-8 from now on.
    fn recode(self, encoding: &'static Encoding) -> Self {
        let mark = Encoding::for_bom(self.window()).map_or(0, |(_, length)| length);
        let head = self.window().get(mark..).unwrap_or_default().to_vec();
        // Where the head is all there is, its end and fault are known; reading on might hide the fault.
        let rest: Bytes = if self.ended { Box::new(io::empty()) } else { self.bytes };
        let replaced = Rc::new(Cell::new(false));
        let recoder = Recoder {
            decoder: encoding.new_decoder_without_bom_handling(),
            raw_bytes: Box::new(Cursor::new(head).chain(rest)),
            raw: vec![0; HEAD * 8],
            start: 0,
            end: 0,
            state: Recoding::Reading,
            replaced: Rc::clone(&replaced),
        };
        Self {
            bytes: Box::new(recoder),
            buffer: self.buffer,
            start: 0,
            end: 0,
            offset: self.offset + mark as u64,
            recoded: Some(Recoded { encoding, replaced }),
            ended: false,
            fault: self.fault,
        }
    }
}

/// Turns another encoding into UTF-8 while reading.
struct Recoder {
    decoder: Decoder,
    raw_bytes: Bytes,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    state: Recoding,
    replaced: Rc<Cell<bool>>,
}

#[derive(PartialEq, Eq)]
enum Recoding {
    Reading,
    /// No more raw bytes; the decoder may hold some.
    Flushing,
    Finished,
}

impl Read for Recoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.state != Recoding::Finished {
            let raw = self.raw.get(self.start..self.end).unwrap_or_default();
            let last = self.state == Recoding::Flushing;
            let (result, read, written, replaced) = self.decoder.decode_to_utf8(raw, out, last);
            self.start += read;
            self.replaced.set(self.replaced.get() || replaced);
            if last && result == CoderResult::InputEmpty {
                self.state = Recoding::Finished;
            }
            if written > 0 {
                return Ok(written);
            }
            if result == CoderResult::OutputFull {
                return Err(io::Error::other("no room for one character"));
            }
            if self.state == Recoding::Reading {
                self.end = self.raw_bytes.read(&mut self.raw)?;
                self.start = 0;
                if self.end == 0 {
                    self.state = Recoding::Flushing;
                }
            }
        }
        Ok(0)
    }
}
