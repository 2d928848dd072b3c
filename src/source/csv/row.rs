//! Rows of CSV and TSV: where one ends, and its fields. Knows no files.

use std::borrow::Cow;

/// What a quotation mark within a quoted field is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// As two of them: RFC 4180.
    Doubled,
    /// Behind a backslash: Spark, MySQL.
    Backslash,
    /// There are no quoted fields: each quotation mark is one.
    None,
}

/// The fields of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields<'r> {
    pub values: Vec<Cow<'r, str>>,
    /// Whether quotation marks stand where they may: a quoted field ends at its closing one, a bare one has none that is
    /// escaped.
    pub are_clean: bool,
}

/// Looks for the end of a row, remembering how far it looked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    pub delimiter: u8,
    quotes: Quotes,
    pub at: usize,
    /// Where the last quoted field starts.
    pub opened: usize,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// After a backslash within quotes: what follows stands for itself.
    Escaped,
    /// After a quote within quotes: it ends the field, or is the first of two that stand for one.
    AfterQuote,
    /// After a carriage return that ends the row, perhaps with a line feed.
    AfterReturn,
}

impl Scan {
    pub(super) fn new(delimiter: u8, quotes: Quotes) -> Self {
        Self { delimiter, quotes, at: 0, opened: 0, state: State::FieldStart }
    }

    /// The row's length without and with its line end; None if `window` does not hold its end.
    pub(super) fn find_end(&mut self, window: &[u8]) -> Option<(usize, usize)> {
        while let Some(rest) = window.get(self.at..).filter(|rest| !rest.is_empty()) {
            let byte = rest[0];
            match self.state {
                State::FieldStart if byte == b'"' && self.quotes != Quotes::None => {
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
                State::Quoted => match self.find_mark(rest) {
                    None => self.at = window.len(),
                    Some(found) => {
                        self.at += found + 1;
                        self.state = if rest[found] == b'"' { State::AfterQuote } else { State::Escaped };
                    }
                },
                State::Escaped => {
                    self.at += 1;
                    self.state = State::Quoted;
                }
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

    /// The row that ends with the file: its length without and with its line end.
    pub(super) fn end_of_file(&self, window: &[u8]) -> (usize, usize) {
        (window.len() - usize::from(self.state == State::AfterReturn), window.len())
    }

    /// True while the row is within a quoted field.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Quoted | State::Escaped)
    }

    fn find_mark(&self, rest: &[u8]) -> Option<usize> {
        match self.quotes {
            Quotes::Backslash => memchr::memchr2(b'"', b'\\', rest),
            Quotes::Doubled | Quotes::None => memchr::memchr(b'"', rest),
        }
    }
}

/// The fields of a row without its line end. Where something follows the closing quote of a field, the field is taken as
/// it stands, quotes and all.
pub(super) fn split(row: &str, delimiter: u8, quotes: Quotes) -> Fields<'_> {
    let delimiter = char::from(delimiter);
    let mut fields = Fields { values: Vec::new(), are_clean: true };
    let mut rest = Some(row);
    while let Some(current) = rest {
        let inside = current.strip_prefix('"').filter(|_| quotes != Quotes::None);
        let Some((value, after)) = inside.map(|inside| unquote(inside, quotes)) else {
            let (field, next) = cut(current, delimiter);
            fields.are_clean &= quotes == Quotes::None || !field.contains("\\\"");
            fields.values.push(Cow::Borrowed(field));
            rest = next;
            continue;
        };
        let after = after.unwrap_or_default();
        let (tail, next) = cut(after, delimiter);
        if tail.is_empty() {
            fields.values.push(value);
        } else {
            let raw = current.get(..current.len() - after.len() + tail.len()).unwrap_or(current);
            fields.values.push(Cow::Borrowed(raw));
            fields.are_clean = false;
        }
        rest = next;
    }
    fields
}

/// What stands before the delimiter and, if there is one, after it.
fn cut(text: &str, delimiter: char) -> (&str, Option<&str>) {
    text.split_once(delimiter).map_or((text, None), |(field, after)| (field, Some(after)))
}

/// The value of a quoted field after its opening quote, and what follows the closing one if there is one.
fn unquote(inside: &str, quotes: Quotes) -> (Cow<'_, str>, Option<&str>) {
    let marks: &[char] = if quotes == Quotes::Backslash { &['"', '\\'] } else { &['"'] };
    let mut value = Cow::Borrowed("");
    let mut rest = inside;
    while let Some((before, mark)) = rest.find(marks).and_then(|at| rest.split_at_checked(at)) {
        value += before;
        let mut after = mark.chars();
        let is_quote = after.next() == Some('"');
        match (is_quote, after.clone().next()) {
            (true, Some('"')) | (false, Some('"' | '\\')) => {
                value += if after.next() == Some('"') { "\"" } else { "\\" };
            }
            (true, _) => return (value, Some(after.as_str())),
            (false, _) => value += "\\",
        }
        rest = after.as_str();
    }
    value += rest;
    (value, None)
}

/// Where the row of a TSV file ends that `window` starts with, and its length without the line end.
///
/// Most TSV is written without any quoting, so that a value may begin with a quotation mark; spreadsheets and libraries do
/// quote. A field is quoted where its quotes close as they should, before a tab or the end of a line; and where that makes
/// one row of lines that would each be a row of `columns` fields, they are these rows. None if more is to be read first.
pub(super) fn loose_end(window: &[u8], delimiter: u8, columns: usize, is_all: bool) -> Option<(usize, usize)> {
    let line_end = |from: usize| {
        let mut scan = Scan { at: from, state: State::Unquoted, ..Scan::new(delimiter, Quotes::None) };
        scan.find_end(window).or_else(|| is_all.then(|| scan.end_of_file(window)))
    };
    let line = line_end(0)?;
    let mut row = line;
    let mut open = open_quote(window.get(..row.0)?, 0, delimiter);
    while let Some(at) = open {
        match quote_end(window, at, delimiter) {
            // Another quote may follow at once.
            Quote::Closed(close) if close == window.len() && !is_all => return None,
            Quote::Open if !is_all => return None,
            Quote::Open | Quote::Stray => return Some(line),
            Quote::Closed(close) => {
                row = line_end(close)?;
                open = open_quote(window.get(..row.0)?, close, delimiter);
            }
        }
    }
    let is_row = |line: &[u8]| memchr::memchr_iter(delimiter, line).count() + 1 == columns;
    let mut lines = window.get(..row.0)?.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
    let are_rows = row != line && columns > 1 && lines.all(is_row);
    Some(if are_rows { line } else { row })
}

/// What becomes of a quoted field.
enum Quote {
    /// It ends here, one past its closing quote.
    Closed(usize),
    /// A quote stands within it that neither closes it nor is one of two.
    Stray,
    /// No quote closes it.
    Open,
}

fn quote_end(bytes: &[u8], at: usize, delimiter: u8) -> Quote {
    let mut next = at + 1;
    while let Some(found) = bytes.get(next..).and_then(|rest| memchr::memchr(b'"', rest)) {
        next += found + 1;
        match bytes.get(next) {
            Some(b'"') => next += 1,
            Some(byte) if *byte != delimiter && !matches!(byte, b'\n' | b'\r') => return Quote::Stray,
            _ => return Quote::Closed(next),
        }
    }
    Quote::Open
}

/// Where the last field of `row` starts if it is quoted and not closed. Fields are looked at from `from` on: the start of
/// the row, or the end of a quoted field.
fn open_quote(row: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    memchr::memchr(b'"', row.get(from..)?)?;
    let next_field = |at: usize| Some(at + memchr::memchr(delimiter, row.get(at..)?)? + 1);
    let mut at = if from == 0 { 0 } else { next_field(from)? };
    loop {
        if row.get(at) == Some(&b'"') {
            match quote_end(row, at, delimiter) {
                Quote::Closed(close) => at = close,
                Quote::Stray => {}
                Quote::Open => return Some(at),
            }
        }
        at = next_field(at)?;
    }
}

/// The fields of a row that [`loose_end`] found, of which there should be `columns`.
pub(super) fn split_loosely(row: &str, delimiter: u8, columns: usize) -> Vec<Cow<'_, str>> {
    let delimiter = char::from(delimiter);
    let mut values = Vec::new();
    let mut rest = Some(row);
    while let Some(current) = rest {
        let closed = current.strip_prefix('"').and_then(|inside| {
            let (value, after) = unquote(inside, Quotes::Doubled);
            after.filter(|after| after.is_empty() || after.starts_with(delimiter)).map(|after| (value, after))
        });
        let (value, next) = match closed {
            Some((value, after)) => (value, after.strip_prefix(delimiter)),
            None => {
                let (field, next) = cut(current, delimiter);
                (Cow::Borrowed(field), next)
            }
        };
        values.push(value);
        rest = next;
    }
    if values.len() != columns && row.matches(delimiter).count() + 1 == columns {
        return row.split(delimiter).map(unquoted).collect();
    }
    values
}

/// A field without its quotes, where they close at its end.
fn unquoted(field: &str) -> Cow<'_, str> {
    let inside = field.strip_prefix('"').map(|inside| unquote(inside, Quotes::Doubled));
    match inside {
        Some((value, Some(""))) => value,
        _ => Cow::Borrowed(field),
    }
}
