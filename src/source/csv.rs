//! CSV after RFC 4180, and TSV: one row, one record; the first row names the fields.
//!
//! Rows are found in the bytes as they are read, then decoded, then split: that gives each row its offset, bounds the
//! memory of a quote that is never closed, and lets reading go on after it. The `csv` crate, which does none of the three,
//! is the oracle of the tests. All encodings but UTF-16 keep their hands off the bytes of quotes, commas and line ends.
//!
//! What a quotation mark means is not the same everywhere ([`super::Quoting`]). Where the config does not say, rows of CSV that do
//! not fit RFC 4180 are read once more as if backslashes escaped, and TSV is read by lines ([`row::loose_end`]).

use std::borrow::Cow;
use std::collections::BTreeSet;

use find::{Row, Rules, lines_in, lost_to_quote, next_row};
use row::{Quotes, Scan, split};

use super::buffer::Buffer;
use super::charset::Charset;
use super::fields::{Draft, Fields, Value};
use super::open::Fault;
use super::read::{Place, Reading};
use super::{Cause, Column, FileKind, Item, Slice, likely};

mod find;
mod row;
#[cfg(test)]
mod tests;

/// Reads a CSV file whose fields are separated by `delimiter`.
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
    let rules = Rules::new(delimiter, reading.config.quoting);
    let (header, mut line) = match read_header(reading, &mut buffer, &charset, rules) {
        Ok(Some(header)) => header,
        Ok(None) => {
            let place = Place::of(0, buffer.offset());
            return each(reading.rest(&buffer, place).unwrap_or_else(|| reading.empty_file(place.offset)));
        }
        Err(fault) => return each(reading.refuse_file(fault)),
    };
    let table = Table { reading, charset, header, rules };
    let mut place = Place { record: 0, offset: buffer.offset(), line: Some(line) };
    while let Some(row) = next_row(&mut buffer, rules, reading.limit, table.header.names.len()) {
        match row {
            Row::Whole { length: 0, with_end } => {
                line += lines_in(&buffer, with_end);
                buffer.consume(with_end);
                place = Place { offset: buffer.offset(), line: Some(line), ..place };
                continue;
            }
            Row::Whole { .. } | Row::Unclosed { .. } => {
                let (items, with_end) = table.read(&mut buffer, row, place, line);
                items.into_iter().flatten().try_for_each(&mut *each)?;
                line += lines_in(&buffer, with_end);
                buffer.consume(with_end);
            }
            Row::TooLarge { bytes, lines } => {
                each(reading.too_large(place, "row", bytes))?;
                line += lines;
            }
        }
        place = Place { record: place.record + 1, offset: buffer.offset(), line: Some(line) };
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

/// What all rows of a file share.
struct Table<'a> {
    reading: &'a Reading<'a>,
    charset: Charset<'a>,
    header: Header,
    rules: Rules,
}

/// The names of the fields and what they fill.
struct Header {
    names: Vec<String>,
    fields: Fields,
}

/// Items of the row, and how many bytes of the window it had.
type Taken = ([Option<Item>; 2], usize);

/// Why a row is not what RFC 4180 has.
struct Misfit {
    /// Quotes stand after backslashes.
    has_escapes: bool,
    /// The quotes of a field close within a text, lines below.
    is_torn: bool,
}

impl Table<'_> {
    /// Reads the row that the window starts with, in line `line`.
    fn read(&self, buffer: &mut Buffer, row: Row, place: Place, line: u64) -> Taken {
        let columns = self.header.names.len();
        let (length, with_end, is_open) = match row {
            Row::Whole { length, with_end } => (length, with_end, false),
            Row::Unclosed { length } => (length, length, true),
            Row::TooLarge { .. } => return ([None, None], 0),
        };
        let is_strict = self.rules.are_guessed && !self.rules.are_loose();
        let misfit = if is_open {
            let has_escapes = is_strict && memchr::memmem::find(buffer.window(), b"\\\"").is_some();
            Misfit { has_escapes, is_torn: false }
        } else {
            match self.row(buffer, length, place, line, self.rules.quotes, is_strict) {
                Ok(items) => return (items, with_end),
                Err(misfit) => misfit,
            }
        };
        if misfit.has_escapes
            && let Some((length, with_end)) = self.find_escaped(buffer)
            && let Ok(items) = self.row(buffer, length, place, line, Quotes::Backslash, true)
        {
            return (items, with_end);
        }
        let refuse = |what: &str, length: usize| {
            let hint = "if quotation marks are ordinary characters here, set `quoting = \"none\"`";
            let detail = format!("the row in line {line} opens a quote that is {what}; {hint}");
            let item = self.reading.refuse(place, Cause::MalformedCsv, detail, buffer.span(length));
            ([Some(item), None], length)
        };
        if is_open {
            return refuse("never closed", length);
        }
        if misfit.is_torn {
            let row = buffer.window().get(..with_end).unwrap_or_default();
            return refuse("closed within a text", lost_to_quote(row, 0, self.rules.delimiter, columns));
        }
        let items = self.row(buffer, length, place, line, self.rules.quotes, false);
        (items.unwrap_or_default(), with_end)
    }

    /// Where the row ends if backslashes escape.
    fn find_escaped(&self, buffer: &mut Buffer) -> Option<(usize, usize)> {
        let mut scan = Scan::new(self.rules.delimiter, Quotes::Backslash);
        loop {
            if let Some(found) = scan.find_end(buffer.window()) {
                return Some(found).filter(|(length, _)| *length <= self.reading.limit);
            }
            if buffer.window().len() > self.reading.limit {
                return None;
            }
            if !buffer.fill() {
                let is_whole = !scan.is_open() && !buffer.is_cut();
                return is_whole.then(|| scan.end_of_file(buffer.window()));
            }
        }
    }

    /// The document of the first `length` bytes of the window, and a row of the ledger for replaced bytes if there were
    /// any; or why there is none. Where it must be clean and is not, it is a misfit.
    fn row(
        &self,
        buffer: &Buffer,
        length: usize,
        place: Place,
        line: u64,
        quotes: Quotes,
        must_be_clean: bool,
    ) -> Result<[Option<Item>; 2], Misfit> {
        let row = buffer.window().get(..length).unwrap_or_default();
        let decoded = self.charset.decode(row, buffer);
        let text = decoded.text.as_ref();
        let (columns, delimiter) = (self.header.names.len(), self.rules.delimiter);
        let fields = match self.rules.are_loose() {
            true => row::Fields { values: row::split_loosely(text, delimiter, columns), are_clean: true },
            false => split(text, delimiter, quotes),
        };
        let fits = fields.values.len() == columns;
        if must_be_clean && !(fields.are_clean && fits) {
            let is_torn = !fields.are_clean && text.contains(['\n', '\r']);
            return Err(Misfit { has_escapes: text.contains("\\\""), is_torn });
        }
        let bytes = buffer.span(length);
        if !fits {
            let detail = self.header.misfit(text, fields.values.len(), line);
            return Ok([Some(self.reading.refuse(place, Cause::MalformedCsv, detail, bytes)), None]);
        }
        let mut draft = self.header.draft(fields.values);
        draft.note_encoding(decoded.encoding);
        let position = self.reading.position(place.record);
        Ok(match draft.finish(position, self.reading, &self.header.fields.text) {
            Ok(document) => {
                let replaced = decoded.bad.map(|bad| self.reading.replaced_bytes(place, bad, decoded.encoding));
                [Some(Item::Document { document, bytes }), replaced]
            }
            Err((cause, detail)) => [Some(self.reading.refuse(place, cause, detail, bytes)), None],
        })
    }
}

impl Header {
    /// A draft filled from the values of a row, one for each name.
    fn draft<'t>(&self, values: Vec<Cow<'t, str>>) -> Draft<'t> {
        let mut draft = Draft::default();
        for (name, value) in self.names.iter().zip(values) {
            let node = self.fields.get(name);
            let is_text = node.is_some_and(|node| node.fills(Column::Text));
            let value = if value.is_empty() && !is_text { Value::Null } else { Value::Text(value) };
            draft.put(node, name, value);
        }
        draft
    }

    /// What is wrong with a row of `count` fields.
    fn misfit(&self, row: &str, count: usize, line: u64) -> String {
        let fields = if count == 1 { "field" } else { "fields" };
        let hint = match row.contains("\\\"") {
            true => "; if backslashes escape its quotation marks, set `quoting = \"backslash\"`",
            false => "",
        };
        format!("the row in line {line} has {count} {fields}, the header has {}{hint}", self.names.len())
    }
}

/// The names of the fields; None where the header cannot be read.
pub(super) fn names(reading: &Reading<'_>) -> Option<Vec<String>> {
    let delimiter = if reading.file.kind == FileKind::Tsv { b'\t' } else { b',' };
    let mut buffer = Buffer::open(reading.file, &Slice::whole(reading.file, [0; 16]), reading.label).ok()?;
    let charset = Charset::new(reading.file, reading.label);
    let rules = Rules::new(delimiter, reading.config.quoting);
    read_names(reading, &mut buffer, &charset, rules).ok().flatten().map(|(names, _)| names)
}

fn malformed(detail: String) -> Fault {
    Fault { cause: Cause::MalformedCsv, detail, bytes: 0 }
}

/// Reads the first row that is not blank, and says in which line the next one starts.
fn read_names(
    reading: &Reading<'_>,
    buffer: &mut Buffer,
    charset: &Charset<'_>,
    rules: Rules,
) -> Result<Option<(Vec<String>, u64)>, Fault> {
    let mut line = 1;
    loop {
        let (length, with_end) = match next_row(buffer, rules, reading.limit, usize::MAX) {
            None => return Ok(None),
            Some(Row::Whole { length, with_end }) => (length, with_end),
            Some(Row::Unclosed { .. }) => {
                return Err(malformed("the header opens a quote that is never closed".to_owned()));
            }
            Some(Row::TooLarge { bytes, .. }) => {
                let detail = format!("the header alone has {bytes} bytes");
                return Err(Fault { cause: Cause::TooLarge, detail, bytes: 0 });
            }
        };
        let row = buffer.window().get(..length).unwrap_or_default();
        let is_blank = row.trim_ascii().is_empty();
        let names: Vec<String> = match is_blank {
            true => Vec::new(),
            false => {
                let text = charset.decode(row, buffer).text;
                split(&text, rules.delimiter, rules.quotes).values.iter().map(|name| name.trim().to_owned()).collect()
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
        if let [name] = names.as_slice()
            && name.contains(';')
        {
            let semicolons = "fields are separated by commas in csv and by tabs in tsv, not by semicolons";
            return Err(malformed(format!("the header has one field, `{name}`; {semicolons}")));
        }
        return Ok(Some((names, line)));
    }
}

/// Reads the header, and says in which line the next row starts.
fn read_header(
    reading: &Reading<'_>,
    buffer: &mut Buffer,
    charset: &Charset<'_>,
    rules: Rules,
) -> Result<Option<(Header, u64)>, Fault> {
    let Some((names, line)) = read_names(reading, buffer, charset, rules)? else { return Ok(None) };
    let fields = Fields::new(reading.config);
    if !names.iter().any(|name| fields.get(name).is_some_and(|node| node.fills(Column::Text))) {
        let detail = format!("the header has no field `{}`{}", fields.text, likely::hint(&names));
        return Err(Fault { cause: Cause::MissingText, detail, bytes: 0 });
    }
    Ok(Some((Header { names, fields }, line)))
}
