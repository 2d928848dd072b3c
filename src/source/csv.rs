//! CSV and TSV after RFC 4180: one row, one record; the first row names the fields.
//!
//! Rows are found in the bytes as they are read, then decoded, then split: that gives each row its offset, bounds the
//! memory of a quote that is never closed, and lets reading go on after it. The `csv` crate, which does none of the three,
//! is the oracle of the tests. All encodings but UTF-16 keep their hands off the bytes of quotes, commas and line ends.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::buffer::Buffer;
use super::charset::Charset;
use super::fields::{self, Draft, Fields, Value};
use super::open::Fault;
use super::read::{Place, Reading};
use super::{Cause, Column, Item, Slice};

/// Reads a CSV file whose fields are parted by `delimiter`.
pub(super) fn read<E>(
    reading: &Reading<'_>,
    slice: &Slice,
    delimiter: u8,
    each: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = match Buffer::open(reading.file, slice, reading.label) {
        Ok(buffer) => buffer,
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let charset = Charset::new(reading.file, reading.label);
    let (header, mut line) = match read_header(reading, &mut buffer, &charset, delimiter) {
        Ok(Some(header)) => header,
        Ok(None) => {
            let place = Place { record: 0, offset: buffer.offset() };
            return each(reading.rest(&buffer, place).unwrap_or_else(|| reading.empty_file(place.offset)));
        }
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let mut place = Place { record: 0, offset: buffer.offset() };
    while let Some(row) = next_row(&mut buffer, delimiter, reading.limit, header.names.len()) {
        match row {
            Row::Whole { length: 0, with_end } => {
                line += lines_in(&buffer, with_end);
                buffer.consume(with_end);
                place.offset = buffer.offset();
                continue;
            }
            Row::Whole { length, with_end } => {
                let row = buffer.window().get(..length).unwrap_or_default();
                let decoded = charset.decode(row, &buffer);
                let bytes = buffer.span(length);
                match header.draft(&decoded.text, delimiter, line) {
                    Ok(mut draft) => {
                        draft.note_encoding(decoded.encoding);
                        let position = reading.position(place.record);
                        match draft.finish(position, &reading.file.name, &header.fields.text) {
                            Ok(document) => {
                                each(Item::Document { document, bytes })?;
                                if let Some(bad) = decoded.bad {
                                    each(reading.replaced_bytes(place, bad, decoded.encoding))?;
                                }
                            }
                            Err((cause, detail)) => each(reading.refuse(place, cause, detail, bytes))?,
                        }
                    }
                    Err(detail) => each(reading.refuse(place, Cause::MalformedCsv, detail, bytes))?,
                }
                line += lines_in(&buffer, with_end);
                buffer.consume(with_end);
            }
            Row::Unclosed { length } => {
                let detail = format!("the row in line {line} opens a quote that is never closed");
                each(reading.refuse(place, Cause::MalformedCsv, detail, buffer.span(length)))?;
                line += lines_in(&buffer, length);
                buffer.consume(length);
            }
            Row::TooLarge { bytes, lines } => {
                each(reading.too_large(place, "row", bytes))?;
                line += lines;
            }
        }
        place = Place { record: place.record + 1, offset: buffer.offset() };
    }
    match reading.rest(&buffer, place) {
        Some(rest) => each(rest),
        None if place.record == 0 => {
            let detail = "the file has a header, but no rows".to_owned();
            each(reading.file_row(Cause::Empty, detail, place.offset, 0))
        }
        None => Ok(()),
    }
}

/// The names of the fields and what they fill.
struct Header {
    names: Vec<String>,
    fields: Fields,
}

impl Header {
    /// A draft filled from the row that starts in `line`; or what is wrong with the row.
    fn draft<'t>(&self, row: &'t str, delimiter: u8, line: u64) -> Result<Draft<'t>, String> {
        let values = split(row, delimiter);
        if values.len() != self.names.len() {
            let fields = if values.len() == 1 { "field" } else { "fields" };
            return Err(format!(
                "the row in line {line} has {} {fields}, the header has {}",
                values.len(),
                self.names.len()
            ));
        }
        let mut draft = Draft::default();
        for (name, value) in self.names.iter().zip(values) {
            let node = self.fields.get(name);
            let is_text = node.is_some_and(|node| node.fills(Column::Text));
            let value = if value.is_empty() && !is_text { Value::Null } else { Value::Text(value) };
            draft.put(node, name, value);
        }
        Ok(draft)
    }
}

/// Reads the first row that is not blank, and says in which line the next one starts.
fn read_header(
    reading: &Reading<'_>,
    buffer: &mut Buffer,
    charset: &Charset<'_>,
    delimiter: u8,
) -> Result<Option<(Header, u64)>, Fault> {
    let fault = |cause: Cause, detail: String| Fault { cause, detail, bytes: 0 };
    let malformed = |what: String| fault(Cause::MalformedCsv, what);
    let mut line = 1;
    loop {
        let (length, with_end) = match next_row(buffer, delimiter, reading.limit, usize::MAX) {
            None => return Ok(None),
            Some(Row::Whole { length, with_end }) => (length, with_end),
            Some(Row::Unclosed { .. }) => {
                return Err(malformed("the header opens a quote that is never closed".to_owned()));
            }
            Some(Row::TooLarge { bytes, .. }) => {
                return Err(fault(Cause::TooLarge, format!("the header alone has {bytes} bytes")));
            }
        };
        let row = buffer.window().get(..length).unwrap_or_default();
        let is_blank = row.trim_ascii().is_empty();
        let names: Vec<String> = match is_blank {
            true => Vec::new(),
            false => {
                split(&charset.decode(row, buffer).text, delimiter).iter().map(|name| name.trim().to_owned()).collect()
            }
        };
        line += lines_in(buffer, with_end);
        buffer.consume(with_end);
        if is_blank {
            continue;
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(malformed(format!("the header names `{twice}` twice")));
        }
        let fields = Fields::new(reading.config);
        if !names.iter().any(|name| fields.get(name).is_some_and(|node| node.fills(Column::Text))) {
            let semicolons = match names.as_slice() {
                [name] if name.contains(';') => {
                    "; fields are parted by commas in csv and by tabs in tsv, not by semicolons"
                }
                _ => "",
            };
            let detail = format!("the header has no field `{}`{}{semicolons}", fields.text, fields::hint(&names));
            return Err(fault(Cause::MissingText, detail));
        }
        return Ok(Some((Header { names, fields }, line)));
    }
}

/// The next row of a buffer.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    /// The window starts with it: `length` bytes without its end, `with_end` to consume.
    Whole { length: usize, with_end: usize },
    /// The window starts with a row whose quote is never closed: what is lost of the window.
    Unclosed { length: usize },
    /// It had more than the allowed bytes, and was consumed.
    TooLarge { bytes: u64, lines: u64 },
}

/// Finds the next row; `columns` is how many fields a row should have. None at the end of what can be read.
fn next_row(buffer: &mut Buffer, delimiter: u8, limit: usize, columns: usize) -> Option<Row> {
    let mut scan = Scan::new(delimiter);
    loop {
        if let Some((length, with_end)) = scan.find_end(buffer.window()) {
            if length > limit {
                let (bytes, lines) = (buffer.span(length), lines_in(buffer, with_end));
                buffer.consume(with_end);
                return Some(Row::TooLarge { bytes, lines });
            }
            return Some(Row::Whole { length, with_end });
        }
        if buffer.window().len() > limit {
            return Some(skip_row(buffer, scan));
        }
        if buffer.fill() {
            continue;
        }
        let window = buffer.window();
        if window.is_empty() || buffer.is_cut() {
            return None;
        }
        if scan.state == State::Quoted {
            return Some(Row::Unclosed { length: lost_to_quote(window, scan, columns) });
        }
        let length = window.len() - usize::from(scan.state == State::AfterReturn);
        return Some(Row::Whole { length, with_end: window.len() });
    }
}

/// Consumes a row that is too large to keep, however long it is.
fn skip_row(buffer: &mut Buffer, mut scan: Scan) -> Row {
    let (mut bytes, mut lines) = (0, 0);
    loop {
        let found = scan.find_end(buffer.window());
        let (length, with_end) = found.unwrap_or((scan.at, scan.at));
        bytes += buffer.span(length);
        lines += lines_in(buffer, with_end);
        buffer.consume(with_end);
        scan.at = 0;
        if found.is_some() || !buffer.fill() {
            return Row::TooLarge { bytes, lines };
        }
    }
}

/// How much of the window is lost to a quote that stays open to the end of the file.
///
/// Where a stray quote opened a field, the lines after it are rows like all others: then only the row up to the end of
/// its line is lost. Where the file was cut within a long quoted text, its lines hardly ever all look like rows: then
/// nothing after the quote may be taken for one.
fn lost_to_quote(window: &[u8], scan: Scan, columns: usize) -> usize {
    let after = window.get(scan.opened..).unwrap_or_default();
    let Some(end) = memchr::memchr(b'\n', after).map(|at| scan.opened + at + 1) else { return window.len() };
    let mut rest = window.get(end..).unwrap_or_default();
    let mut are_rows = columns > 1 && !rest.is_empty();
    while are_rows && !rest.is_empty() {
        let mut scan = Scan::new(scan.delimiter);
        let (length, with_end) = scan.find_end(rest).unwrap_or((rest.len(), rest.len()));
        let row = rest.get(..length).unwrap_or_default();
        are_rows = scan.state != State::Quoted
            && (row.is_empty() || split(&String::from_utf8_lossy(row), scan.delimiter).len() == columns);
        rest = rest.get(with_end..).unwrap_or_default();
    }
    if are_rows { end } else { window.len() }
}

/// How many lines end in the first `length` bytes of the window.
fn lines_in(buffer: &Buffer, length: usize) -> u64 {
    memchr::memchr_iter(b'\n', buffer.window().get(..length).unwrap_or_default()).count() as u64
}

/// Looks for the end of a row, remembering how far it looked.
#[derive(Debug, Clone, Copy)]
struct Scan {
    delimiter: u8,
    at: usize,
    /// Where the last quoted field starts.
    opened: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quote within quotes: it ends the field, or is the first of two that stand for one.
    AfterQuote,
    /// After a carriage return that ends the row, perhaps with a line feed.
    AfterReturn,
}

impl Scan {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, at: 0, opened: 0, state: State::FieldStart }
    }

    /// The row's length without and with its line end; None if `window` does not hold its end.
    fn find_end(&mut self, window: &[u8]) -> Option<(usize, usize)> {
        while let Some(rest) = window.get(self.at..).filter(|rest| !rest.is_empty()) {
            let byte = rest[0];
            match self.state {
                State::FieldStart if byte == b'"' => {
                    self.opened = self.at;
                    self.at += 1;
                    self.state = State::Quoted;
                }
                State::FieldStart => self.state = State::Unquoted,
                State::Unquoted => match memchr::memchr3(self.delimiter, b'\n', b'\r', rest) {
                    None => self.at = window.len(),
                    Some(found) => {
                        self.at += found + 1;
                        match rest[found] {
                            b'\n' => return Some((self.at - 1, self.at)),
                            b'\r' => self.state = State::AfterReturn,
                            _ => self.state = State::FieldStart,
                        }
                    }
                },
                State::Quoted => match memchr::memchr(b'"', rest) {
                    None => self.at = window.len(),
                    Some(found) => {
                        self.at += found + 1;
                        self.state = State::AfterQuote;
                    }
                },
                State::AfterQuote if byte == b'"' => {
                    self.at += 1;
                    self.state = State::Quoted;
                }
                State::AfterQuote => self.state = State::Unquoted,
                State::AfterReturn => return Some((self.at - 1, self.at + usize::from(byte == b'\n'))),
            }
        }
        None
    }
}

/// The fields of a row without its line end.
fn split(row: &str, delimiter: u8) -> Vec<Cow<'_, str>> {
    let delimiter = char::from(delimiter);
    let mut fields = Vec::new();
    let mut rest = Some(row);
    while let Some(current) = rest {
        let Some(mut inside) = current.strip_prefix('"') else {
            let (field, after) =
                current.split_once(delimiter).map_or((current, None), |(field, after)| (field, Some(after)));
            fields.push(Cow::Borrowed(field));
            rest = after;
            continue;
        };
        let mut field = Cow::Borrowed("");
        loop {
            let (part, after) = inside.split_once('"').unwrap_or((inside, ""));
            field += part;
            match after.strip_prefix('"') {
                Some(more) => {
                    field += "\"";
                    inside = more;
                }
                None => {
                    // What follows the closing quote up to the delimiter is taken as it stands.
                    let (tail, next) =
                        after.split_once(delimiter).map_or((after, None), |(tail, next)| (tail, Some(next)));
                    field += tail;
                    rest = next;
                    break;
                }
            }
        }
        fields.push(field);
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rows that `text` has, by our scanner.
    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let mut scan = Scan::new(b',');
            let (length, with_end) =
                scan.find_end(rest).unwrap_or((rest.len() - usize::from(scan.state == State::AfterReturn), rest.len()));
            if length > 0 {
                let row = std::str::from_utf8(&rest[..length]).unwrap();
                rows.push(split(row, b',').into_iter().map(Cow::into_owned).collect());
            }
            rest = &rest[with_end..];
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,40}") {
            let mut oracle = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                oracle.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(rows(&text), expected);
        }

        #[test]
        fn a_row_is_found_alike_in_pieces(text in "[ab,\"\r\n]{0,40}", cut in 0usize..40) {
            let bytes = text.as_bytes();
            let mut pieces = Scan::new(b',');
            let first = pieces.find_end(&bytes[..cut.min(bytes.len())]);
            // A carriage return at the very end of a piece leaves open whether a line feed follows.
            let found = first.or_else(|| pieces.find_end(bytes));
            prop_assert_eq!(found, Scan::new(b',').find_end(bytes));
        }
    }
}
