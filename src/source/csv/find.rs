//! Rows in the bytes of a file as they are read: the next one, however long it is, and what a quote that is never closed
//! costs. Knows no fields.

use super::super::Quoting;
use super::super::buffer::Buffer;
use super::row::{self, Quotes, Scan, split};

/// How rows are found and split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub delimiter: u8,
    pub quotes: Quotes,
    /// The config does not say how fields are quoted.
    pub are_guessed: bool,
}

impl Rules {
    pub(super) fn new(delimiter: u8, quoting: Quoting) -> Self {
        let quotes = match quoting {
            Quoting::Auto | Quoting::Doubled => Quotes::Doubled,
            Quoting::Backslash => Quotes::Backslash,
            Quoting::None => Quotes::None,
        };
        Self { delimiter, quotes, are_guessed: quoting == Quoting::Auto }
    }

    /// Whether rows are found by lines: hardly any TSV quotes.
    pub(super) fn are_loose(self) -> bool {
        self.are_guessed && self.delimiter == b'\t'
    }
}

/// The next row of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The window starts with it: `length` bytes without its end, `with_end` to consume.
    Whole { length: usize, with_end: usize },
    /// The window starts with a row whose quote is never closed: what is lost of the window.
    Unclosed { length: usize },
    /// It had more than the allowed bytes, and was consumed.
    TooLarge { bytes: u64, lines: u64 },
}

/// Finds the next row; `columns` is how many fields a row should have. None at the end of what can be read.
pub(super) fn next_row(buffer: &mut Buffer, rules: Rules, limit: usize, columns: usize) -> Option<Row> {
    if rules.are_loose() {
        return next_loose_row(buffer, rules.delimiter, limit, columns);
    }
    let mut scan = Scan::new(rules.delimiter, rules.quotes);
    loop {
        if let Some(found) = scan.find_end(buffer.window()) {
            return Some(within_limit(buffer, found, limit));
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
        if scan.is_open() {
            return Some(Row::Unclosed { length: lost_to_quote(window, scan.opened, rules.delimiter, columns) });
        }
        let (length, with_end) = scan.end_of_file(window);
        return Some(Row::Whole { length, with_end });
    }
}

/// As [`next_row`], for TSV of which nobody says how it is quoted.
fn next_loose_row(buffer: &mut Buffer, delimiter: u8, limit: usize, columns: usize) -> Option<Row> {
    let mut looked_at = 0;
    let mut is_all = false;
    loop {
        if is_all && buffer.window().is_empty() {
            return None;
        }
        // Looking again only when there is twice as much keeps the cost per byte flat.
        if is_all || buffer.window().len() >= looked_at * 2 {
            let ends = is_all && !buffer.is_cut();
            if let Some(found) = row::loose_end(buffer.window(), delimiter, columns, ends) {
                return Some(within_limit(buffer, found, limit));
            }
            looked_at = buffer.window().len();
        }
        if !is_all && looked_at <= limit {
            is_all = !buffer.fill();
            continue;
        }
        // A quote is not closed within the limit, or before the file is cut: then the line is the row.
        let mut scan = Scan::new(delimiter, Quotes::None);
        if let Some(found) = scan.find_end(buffer.window()) {
            return Some(within_limit(buffer, found, limit));
        }
        return if is_all { None } else { Some(skip_row(buffer, scan)) };
    }
}

/// The row at the start of the window, which is consumed if it is too large.
fn within_limit(buffer: &mut Buffer, (length, with_end): (usize, usize), limit: usize) -> Row {
    if length <= limit {
        return Row::Whole { length, with_end };
    }
    let (bytes, lines) = (buffer.span(length), lines_in(buffer, with_end));
    buffer.consume(with_end);
    Row::TooLarge { bytes, lines }
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
pub(super) fn lost_to_quote(window: &[u8], opened: usize, delimiter: u8, columns: usize) -> usize {
    let after = window.get(opened..).unwrap_or_default();
    let Some(end) = memchr::memchr(b'\n', after).map(|at| opened + at + 1) else { return window.len() };
    let mut rest = window.get(end..).unwrap_or_default();
    let mut are_rows = columns > 1 && !rest.is_empty();
    while are_rows && !rest.is_empty() {
        let mut scan = Scan::new(delimiter, Quotes::Doubled);
        let (length, with_end) = scan.find_end(rest).unwrap_or((rest.len(), rest.len()));
        let row = rest.get(..length).unwrap_or_default();
        let fields = || split(&String::from_utf8_lossy(row), delimiter, Quotes::Doubled).values.len();
        are_rows = !scan.is_open() && (row.is_empty() || fields() == columns);
        rest = rest.get(with_end..).unwrap_or_default();
    }
    if are_rows { end } else { window.len() }
}

/// How many lines end in the first `length` bytes of the window.
pub(super) fn lines_in(buffer: &Buffer, length: usize) -> u64 {
    memchr::memchr_iter(b'\n', buffer.window().get(..length).unwrap_or_default()).count() as u64
}
