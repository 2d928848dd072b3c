//! Where lines end.

use memchr::{memchr3, memmem};

/// Lines of `text` without their ends. CRLF and LF end a line, and so do a lone CR, a form feed, NEL, and the line and
/// paragraph separators of Unicode.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let rare = ["\u{85}", "\u{2028}", "\u{2029}"].iter().any(|end| memmem::find(bytes, end.as_bytes()).is_some());
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = if rare { current.find(ENDS) } else { memchr3(b'\n', b'\r', b'\x0c', current.as_bytes()) };
        let Some(end) = end else {
            rest = None;
            return Some(current);
        };
        let (line, tail) = current.split_at(end);
        let length = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(0, char::len_utf8) };
        rest = tail.get(length..);
        Some(line)
    })
}

/// Every character that ends a line.
const ENDS: [char; 6] = ['\n', '\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let lines = |text| lines(text).collect::<Vec<_>>();
        assert_eq!(lines("a\nb\r\nc\rd\u{c}e\u{2028}f\u{85}g\u{2029}h"), ["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(lines("é\n\r\nà\r"), ["é", "", "à", ""]);
        assert_eq!(lines(""), [""]);
    }
}
