//! Rows against the `csv` crate, and the dialects that it does not know.

use proptest::prelude::*;

use super::row::loose_end;
use super::*;

/// The rows that `text` has, by our scanner; and whether each is clean.
fn rows(text: &str) -> Vec<(Vec<String>, bool)> {
    let mut rows = Vec::new();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let mut scan = Scan::new(b',', Quotes::Doubled);
        let (length, with_end) = scan.find_end(rest).unwrap_or_else(|| scan.end_of_file(rest));
        if length > 0 {
            let fields = split(std::str::from_utf8(&rest[..length]).unwrap(), b',', Quotes::Doubled);
            rows.push((fields.values.into_iter().map(Cow::into_owned).collect(), fields.are_clean));
        }
        rest = rest.get(with_end..).unwrap();
    }
    rows
}

/// The rows of a TSV text with so many columns.
fn loose_rows(text: &str, columns: usize) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (length, with_end) = loose_end(rest.as_bytes(), b'\t', columns, true).unwrap();
        let fields = row::split_loosely(rest.get(..length).unwrap(), b'\t', columns);
        rows.push(fields.into_iter().map(Cow::into_owned).collect());
        rest = rest.get(with_end..).unwrap();
    }
    rows
}

proptest! {
    #[test]
    fn rows_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,40}") {
        let mut oracle = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let expected: Vec<Vec<String>> =
            oracle.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let rows = rows(&text);
        prop_assert_eq!(rows.len(), expected.len());
        for ((fields, are_clean), expected) in rows.into_iter().zip(expected) {
            prop_assert_eq!(fields.len(), expected.len());
            // What the crate makes of text after a closing quote loses the quotes.
            if are_clean {
                prop_assert_eq!(fields, expected);
            }
        }
    }

    #[test]
    fn a_row_is_found_alike_in_pieces(text in "[ab,\"\\\\\r\n]{0,40}", cut in 0usize..40, backslash: bool) {
        let quotes = if backslash { Quotes::Backslash } else { Quotes::Doubled };
        let bytes = text.as_bytes();
        let mut pieces = Scan::new(b',', quotes);
        let first = pieces.find_end(&bytes[..cut.min(bytes.len())]);
        // A carriage return at the very end of a piece leaves open whether a line feed follows.
        let found = first.or_else(|| pieces.find_end(bytes));
        prop_assert_eq!(found, Scan::new(b',', quotes).find_end(bytes));
    }

    #[test]
    fn a_loose_row_is_found_alike_in_pieces(text in "[ab\t\"\r\n]{1,40}", cut in 0usize..40, columns in 1usize..4) {
        let bytes = text.as_bytes();
        let whole = loose_end(bytes, b'\t', columns, true);
        let found = loose_end(&bytes[..cut.min(bytes.len())], b'\t', columns, false);
        prop_assert!(found.is_none() || found == whole, "{:?} is not {:?}", found, whole);
        let (length, with_end) = whole.unwrap();
        prop_assert!(with_end > 0 && length <= with_end && with_end <= bytes.len());
    }

    #[test]
    fn what_a_spreadsheet_quotes_comes_back(cells in prop::collection::vec("[ab\t\"\r\n]{0,6}", 3)) {
        let row: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let text = row.join("\t") + "\n";
        let lines = text.trim_end_matches('\n').split(['\n', '\r']).filter(|line| !line.is_empty());
        // Unless its lines are rows of their own.
        prop_assume!(lines.clone().count() == 1 || lines.clone().any(|line| line.split('\t').count() != 3));
        prop_assert_eq!(loose_rows(&text, 3), vec![cells]);
    }
}

#[test]
fn tsv_without_quoting_is_read_as_it_stands() {
    let text =
        "1\t\"Halt!\" rief sie.\ta\n2\t\"Wohin?\tb\n3\tDas Rohr hat 3\".\tc\n4\t\"Gut\"\td\n5\t\"\te\n6\t\"Nur\tf";
    let texts: Vec<String> = loose_rows(text, 3).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(texts, ["\"Halt!\" rief sie.", "\"Wohin?", "Das Rohr hat 3\".", "Gut", "\"", "\"Nur"]);
}

#[test]
fn tsv_with_quoting_keeps_line_ends_and_tabs_within_fields() {
    let text = "1\t\"one\n\"\"two\"\"\r\nthree\"\n2\t\"a\tb\"\n3\tc\n";
    assert_eq!(loose_rows(text, 2), [["1", "one\n\"two\"\r\nthree"], ["2", "a\tb"], ["3", "c"]]);
    assert_eq!(loose_rows("\"one\ntwo\"\nthree", 1), [["one\ntwo"], ["three"]]);
}

#[test]
fn quotes_behind_backslashes_are_part_of_a_field() {
    let row = r#"1,"a \"b\", c\\","d\e",f"#;
    let fields = split(row, b',', Quotes::Backslash);
    assert_eq!(
        (fields.values.as_slice(), fields.are_clean),
        (&["1", r#"a "b", c\"#, r"d\e", "f"].map(Cow::from)[..], true)
    );
    assert!(!split(row, b',', Quotes::Doubled).are_clean);
    let plain = split(r#"1,"a" b"#, b',', Quotes::None);
    assert_eq!(plain.values, ["1", "\"a\" b"]);
}
