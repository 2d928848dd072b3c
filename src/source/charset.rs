//! The encoding of the records of one file.
//!
//! Each record is decoded on its own, so that a file pasted together from several sources is read right, and so that the
//! text of a record does not depend on where the file was cut. What one short record cannot tell, the file's head does.

use std::cell::OnceCell;

use encoding_rs::Encoding;

use super::buffer::Buffer;
use super::{InputFile, Slice};
use crate::text::encoding::{self, Damage, Decoded};

/// Decodes the records of a file.
pub(super) struct Charset<'a> {
    file: &'a InputFile,
    label: Option<&'static Encoding>,
    /// The legacy encoding of the file's head, once a record needed it.
    head: OnceCell<Option<&'static Encoding>>,
}

impl<'a> Charset<'a> {
    pub(super) fn new(file: &'a InputFile, label: Option<&'static Encoding>) -> Self {
        Self { file, label, head: OnceCell::new() }
    }

    /// Decodes a record in the window of `buffer`.
    pub(super) fn decode<'b>(&self, record: &'b [u8], buffer: &Buffer) -> Decoded<'b> {
        let Some(recoded) = buffer.recoded() else {
            return encoding::decode_among(record, self.label, || *self.head.get_or_init(|| self.legacy_head()));
        };
        let text = String::from_utf8_lossy(record);
        let count = if recoded.replaced.get() { text.matches(char::REPLACEMENT_CHARACTER).count() } else { 0 };
        let first = text.find(char::REPLACEMENT_CHARACTER).map_or(0, |at| buffer.span(at) as usize);
        Decoded {
            text,
            encoding: recoded.encoding.name(),
            bad: (count > 0).then_some(Damage { first, replaced: count, reread: 0 }),
        }
    }

    /// The legacy encoding of the first mebibyte, judged by those of its lines that are no UTF-8.
    fn legacy_head(&self) -> Option<&'static Encoding> {
        let mut buffer = Buffer::open(self.file, &Slice::whole(self.file, [0; 16]), self.label).ok()?;
        while buffer.window().len() < HEAD && buffer.fill() {}
        let head = buffer.window().get(..HEAD).unwrap_or(buffer.window());
        let legacy = |line: &&[u8]| simdutf8::basic::from_utf8(line).is_err() && !encoding::is_damaged_utf8(line);
        let mut lines = head.split(|&byte| byte == b'\n').filter(legacy).peekable();
        lines.peek()?;
        Some(encoding::detect(lines))
    }
}

/// How much of a file is read to learn its legacy encoding.
const HEAD: usize = 1 << 20;
