//! CSV and TSV: quotes, ragged rows, damage, encodings.

use super::*;

#[test]
fn quoted_newlines_doubled_quotes_and_empty_fields_are_read() {
    let rows = "\u{feff}id,text,title,n\r\n1,\"One,\r\n\"\"two\"\".\",,3\r\n\r\n2,plain,T,\r\n";
    let yielded = Folder::with("a.csv", rows).read();
    assert_eq!(yielded.rejected, []);
    assert_eq!(yielded.texts(), ["One,\n\"two\".", "plain"]);
    assert_eq!(yielded.ids(), ["1", "2"]);
    assert_eq!(yielded.documents[0].0.metadata()["n"], "\"3\"");
    assert_eq!(yielded.documents[1].0.metadata().len(), 0);
    assert_eq!(yielded.documents[1].0.facts().title.as_deref(), Some("T"));
    assert_eq!(yielded.documents[1].0.position().record, 1);
}

#[test]
fn tabs_part_the_fields_of_tsv() {
    let yielded = Folder::with("a.tsv.gz", gzip(b"body\turl\na, b\thttps://x\n"))
        .read_with("paths = [\".\"]\nfields = { text = \"body\" }");
    let document = yielded.only();
    assert_eq!((&*document.text(), document.facts().url.as_deref()), ("a, b", Some("https://x")));
}

#[test]
fn ragged_rows_are_refused_and_all_others_kept() {
    let yielded = Folder::with("a.csv", "id,text\n1,a\n2,b,c\n3\n4,\n5,e").read();
    assert_eq!(yielded.texts(), ["a", "e"]);
    assert_eq!(
        yielded.causes(),
        [(Some(1), 12, "malformed_csv", true), (Some(2), 18, "malformed_csv", true), (Some(3), 20, "empty", true)]
    );
    assert_eq!(yielded.rejected[0].detail, "the row in line 3 has 3 fields, the header has 2");
}

#[test]
fn a_stray_quote_loses_its_row_and_no_other() {
    let yielded = Folder::with("a.csv", "id,n,text\n1,2,a\n2,3,\"b\n3,4,c\n4,5,d\n").read();
    assert_eq!(yielded.texts(), ["a", "c", "d"]);
    assert_eq!(yielded.causes(), [(Some(1), 16, "malformed_csv", true)]);
    assert!(yielded.detail().contains("line 3"), "{}", yielded.detail());
}

#[test]
fn a_file_cut_within_a_quoted_text_gives_no_false_rows() {
    let yielded = Folder::with("a.csv", "id,text\n1,a\n2,\"It began,\nas so often, with rain,\nand").read();
    assert_eq!(yielded.texts(), ["a"]);
    assert_eq!(yielded.causes(), [(Some(1), 12, "malformed_csv", true)]);
    assert_eq!(yielded.rejected[0].bytes, 40);
}

#[test]
fn headers_that_cannot_be_used_are_named() {
    let detail = |header: &str| Folder::with("a.csv", format!("{header}\n1,2\n")).read().detail().to_owned();
    assert!(detail("text,text").contains("`text` twice"));
    assert!(detail("id,content").contains("fields = { text = \"content\" }"));
    assert!(detail("id;text").contains("semicolons"));
    assert_eq!(Folder::with("a.csv", "id,text\n").read().causes(), [(None, 8, "empty", true)]);
    assert_eq!(Folder::with("a.csv", "\n\n").read().causes(), [(None, 0, "empty", true)]);
}

#[test]
fn too_large_a_row_is_skipped_and_counted() {
    let long = format!("2,\"{}\"", "a\nb,\"\"".repeat(200_000));
    let rows = format!("id,text\n1,a\n{long}\n3,c\n");
    let yielded = Folder::with("a.csv", rows).read_with("paths = [\".\"]\nmax_record_size = 100000");
    assert_eq!(yielded.texts(), ["a", "c"]);
    assert_eq!(yielded.causes(), [(Some(1), 12, "too_large", true)]);
    assert_eq!(yielded.rejected[0].bytes, long.len() as u64);
}

#[test]
fn a_truncated_table_keeps_the_rows_before_the_damage() {
    let rows: String = noise(3000).lines().map(|line| line.replace(['"', ','], " ") + "\n").collect();
    for (ending, pack) in PACKERS {
        let packed = pack(format!("text\n{rows}").as_bytes());
        let yielded = Folder::with(&format!("a.csv.{ending}"), &packed[..packed.len() * 2 / 3]).read();
        assert!(yielded.documents.len() > 500, "{ending}");
        assert_eq!(yielded.rejected.len(), 1);
        assert_eq!(yielded.rejected[0].cause, Cause::Truncated);
    }
}

#[test]
fn tables_in_legacy_encodings_and_utf16_are_read() {
    let rows =
        "id,text\n1,\"市議会は森林を守る条例を全会一致で可決し、\n次の手続きの準備をすでに始めている。\"\n2,\"x\",y\n";
    let text = "市議会は森林を守る条例を全会一致で可決し、\n次の手続きの準備をすでに始めている。";
    let shift_jis =
        |text: &str| encoding::by_label("shift_jis").expect("the encoding is known").encode(text).0.into_owned();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (before, _) = rows.split_once("2,").expect("there is a second row");
    let encoded = [
        (shift_jis(rows), shift_jis(before).len(), "\"Shift_JIS\""),
        (utf16(rows), utf16(before).len(), "\"UTF-16LE\""),
    ];
    for (bytes, offset, name) in encoded {
        let yielded = Folder::with("a.csv", &bytes).read();
        assert_eq!(yielded.texts(), [text]);
        assert_eq!(yielded.documents[0].0.metadata()["encoding"], name);
        assert_eq!(yielded.causes(), [(Some(1), offset as u64, "malformed_csv", true)], "{name}");
    }
}

#[test]
fn stray_quotes_in_tsv_cost_no_row() {
    let rows =
        "id\ttext\ttitle\n1\t\"Halt!\" rief sie.\tA\n2\t\"Wohin?\tB\n3\tDorthin.\tC\n4\t\"Nein\", sagte er.\tD\n";
    let yielded = Folder::with("a.tsv", rows).read();
    assert_eq!(yielded.rejected, []);
    assert_eq!(yielded.texts(), ["\"Halt!\" rief sie.", "\"Wohin?", "Dorthin.", "\"Nein\", sagte er."]);
    let packed = Folder::with("a.tsv.gz", gzip(rows.repeat(4000).as_bytes())).read();
    assert_eq!(packed.documents.len(), 4000 * 5 - 1);
    let long = format!("id\ttext\n1\t\"{}\n2\tb\n", "word\n".repeat(100_000));
    let yielded = Folder::with("a.tsv", long).read_with("paths = [\".\"]\nmax_record_size = 100000");
    assert_eq!(yielded.texts(), ["\"word", "b"]);
}

#[test]
fn rows_torn_by_a_stray_quote_are_named() {
    let rows = "id,text,title\n1,a,A\n2,\"Wohin?,B\n3,Dorthin.,C\n4,\"Nein,\" sagte er.,D\n5,\"Halt!\" rief sie.,E\n";
    let yielded = Folder::with("a.csv", rows).read();
    assert_eq!(yielded.texts(), ["a", "Dorthin.", "\"Nein,\" sagte er.", "\"Halt!\" rief sie."]);
    assert_eq!(yielded.causes(), [(Some(1), 20, "malformed_csv", true)]);
    assert!(yielded.detail().contains("line 3 opens a quote that is closed within a text"), "{}", yielded.detail());
    let plain =
        Folder::with("a.csv", "id,text\n1,\"Wohin?\n2,Dort\"hin\n").read_with("paths = [\".\"]\nquoting = \"none\"");
    assert_eq!(plain.texts(), ["\"Wohin?", "Dort\"hin"]);
}

#[test]
fn backslashes_escape_quotes_where_only_that_gives_a_row() {
    let rows = "id,text,n\n1,\"Sie sagte \\\"ja, gern\\\", und ging\",x\n2,\"ein Rohr von 5\\\"\",x\n3,\"C:\\Daten\\\",x\n4,\"zwei\nZeilen \\\"und\nmehr\\\".\",x\n5,\"a \"\"b\"\"\",x\n";
    let texts = [
        "Sie sagte \"ja, gern\", und ging",
        "ein Rohr von 5\"",
        "C:\\Daten\\",
        "zwei\nZeilen \"und\nmehr\".",
        "a \"b\"",
    ];
    let yielded = Folder::with("a.csv", rows).read();
    assert_eq!(yielded.rejected, []);
    assert_eq!(yielded.texts(), texts);
    let doubled = Folder::with("a.csv", "id,text\n1,\"Sie \\\"ja, gern\\\", und\"\n")
        .read_with("paths = [\".\"]\nquoting = \"doubled\"");
    assert!(doubled.detail().contains("quoting = \"backslash\""), "{}", doubled.detail());
    let told = Folder::with("a.csv", "id,text\n1,\"a\\\\\"\n2,\"b\\\"\"\n")
        .read_with("paths = [\".\"]\nquoting = \"backslash\"");
    assert_eq!(told.texts(), ["a\\", "b\""]);
}
