//! JSON lines: fields, damage, cuts, encodings.

use super::*;

#[test]
fn fields_fill_columns_and_the_rest_is_metadata() {
    let line = r#"{"url":"https://x/1","headline":"A \"t\"","body":"One.\nTwo.","author":["Ana",{"name":"Bo"}],"published":"2023-09-04T10:00:00+02:00","updated":"soon","n":1.50,"nothing":null,"deep":{"a":[1, 2]}}"#;
    let folder = Folder::with("a.jsonl", line);
    let document =
        folder.read_with("paths = [\".\"]\nfields = { text = \"body\", id = \"url\", title = \"headline\" }").only();
    assert_eq!(document.id(), "https://x/1");
    assert_eq!(document.text(), "One.\nTwo.");
    let facts = document.facts();
    assert_eq!(facts.title.as_deref(), Some("A \"t\""));
    assert_eq!(facts.author.as_deref(), Some("Ana; Bo"));
    assert_eq!(facts.url.as_deref(), Some("https://x/1"));
    assert_eq!(facts.published.expect("the day is read").to_string(), "2023-09-04");
    assert_eq!(facts.updated, None);
    let metadata: Vec<_> = document.metadata().iter().map(|(key, json)| format!("{key}={json}")).collect();
    assert_eq!(metadata, [r#"deep={"a":[1, 2]}"#, "n=1.50", "updated=\"soon\""]);
}

#[test]
fn misread_bytes_85_cut_no_text_in_two() {
    let misread: String = "Ulicą biegną dzieci, хутор за рекою.".bytes().map(char::from).collect();
    let document =
        Folder::with("a.jsonl", format!("{{\"text\": \"{misread}\\nAttends\\u0085 dit-il.\"}}")).read().only();
    assert_eq!(document.text(), format!("{misread}\nAttends\u{85} dit-il."));
}

#[test]
fn dots_reach_into_objects_and_leave_what_is_not_taken() {
    let lines = concat!(
        r#"{"article":{"body":"One.","words":1,"meta":{"lang":"fr"}},"text":"other"}"#,
        "\n",
        r#"{"article":{"body":"Two."},"article.body":"Literal."}"#,
        "\n"
    );
    let yielded = Folder::with("a.jsonl", lines).read_with("paths = [\".\"]\nfields = { text = \"article.body\" }");
    assert_eq!(yielded.texts(), ["One.", "Literal."]);
    let metadata = &yielded.documents[0].0.metadata();
    assert_eq!(metadata["article"], r#"{"words":1,"meta":{"lang":"fr"}}"#);
    assert_eq!(metadata["text"], "\"other\"");
    assert_eq!(yielded.documents[1].0.metadata().len(), 0);
}

#[test]
fn ids_come_from_numbers_too_and_else_from_the_place() {
    let lines = "\n{\"id\":7,\"text\":\"a\"}\n\r\n{\"id\":\"\",\"text\":\"b\"}\n{\"id\":[1],\"text\":\"c\"}\n{\"id\":true,\"text\":\"d\"}";
    let yielded = Folder::with("a.jsonl", lines).read();
    assert_eq!(yielded.ids(), ["7", "a.jsonl#3", "a.jsonl#4", "true"]);
    let records: Vec<u64> = yielded.documents.iter().map(|(document, _)| document.position().record).collect();
    assert_eq!(records, [1, 3, 4, 5]);
}

#[test]
fn a_bad_line_is_refused_and_all_others_kept() {
    let lines = [
        r#"{"text":"one"}"#,
        r#"{"text":"two",}"#,
        r#"{"content":"three","n":1}"#,
        r#"{"text":4}"#,
        r#"["text"]"#,
        r#"{"text":null}"#,
        r#"{"text":" "}"#,
        r#"{"text":"cut"#,
        r#"{"text":"a"} {"text":"b"}"#,
        r#"{"text":"ten"}"#,
    ];
    let yielded = Folder::with("a.jsonl", lines.join("\n")).read();
    assert_eq!(yielded.texts(), ["one", "ten"]);
    let causes: Vec<_> =
        yielded.rejected.iter().map(|row| (row.record.expect("the record is told"), row.cause.as_str())).collect();
    assert_eq!(
        causes,
        [
            (1, "malformed_json"),
            (2, "missing_text"),
            (3, "wrong_type"),
            (4, "wrong_type"),
            (5, "empty"),
            (6, "empty"),
            (7, "malformed_json"),
            (8, "malformed_json"),
        ]
    );
    let details: Vec<_> = yielded.rejected.iter().map(|row| row.detail.as_str()).collect();
    assert_eq!(details[0], "line 2, column 15: trailing comma");
    assert_eq!(
        details[1],
        "there is no field `text`; there are `content`, `n`; set `fields = { text = \"content\" }`?"
    );
    assert_eq!(details[2], "the field `text` is a number, not a string");
    assert_eq!(details[3], "the line is an array, not an object");
    assert_eq!(yielded.rejected[0].offset, 15);
    assert_eq!(yielded.rejected[0].bytes, 15);
    assert!(yielded.rejected.iter().all(|row| row.refused));
}

#[test]
fn lone_surrogates_are_replaced_and_reported() {
    let line = r#"{"text":"a \ud83d b \\ud83d \ud83d\ude00","x":1}"#;
    let yielded = Folder::with("a.jsonl", line).read();
    assert_eq!(yielded.texts(), ["a \u{fffd} b \\ud83d 😀"]);
    assert_eq!(yielded.causes(), [(Some(0), 11, "undecodable_bytes", false)]);
}

#[test]
fn records_are_the_same_however_a_file_is_cut() {
    let mut lines = noise(200);
    lines.push_str("\n\n{\"id\":\"x\" \n{\"text\":\"last\"}");
    let folder = Folder::with("a.jsonl", &lines);
    let whole = folder.read_cut("paths = [\".\"]", 1 << 30);
    assert_eq!(whole.documents.len(), 201);
    assert_eq!(whole.rejected[0].record, Some(202));
    for slice_bytes in [1, 100, 4096, 10_000, 60_000] {
        let cut = folder.read_cut("paths = [\".\"]", slice_bytes);
        assert!(cut.documents == whole.documents && cut.rejected == whole.rejected, "{slice_bytes}");
    }
}

#[test]
fn a_file_that_begins_with_noise_is_refused_whole_however_it_is_cut() {
    let folder = Folder::with("a.jsonl", format!("{}\n{}", "\0\u{1}\u{2}".repeat(400), noise(200)));
    let whole = folder.read_cut("paths = [\".\"]", 1 << 30);
    assert_eq!(whole.causes(), [(None, 0, "binary", true)]);
    let cut = folder.read_cut("paths = [\".\"]", 300);
    assert!(cut.documents.is_empty() && cut.rejected == whole.rejected, "{:?}", cut.rejected);
}

#[test]
fn slices_lie_end_to_end() {
    let folder = Folder::with("a.jsonl", noise(100));
    let file = folder.discover("paths = [\".\"]").files.remove(0);
    let slices = survey(&file, 5000).expect("the file can be read").slices;
    assert!(slices.len() > 5);
    assert_eq!((slices[0].start, slices.last().expect("there is a slice").end), (0, file.bytes));
    assert!(slices.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn files_without_records_are_refused_once() {
    let blank = "\n \n\r\n".repeat(2000);
    let yielded = Folder::with("a.jsonl", "").and("b.jsonl", &blank).read_cut("paths = [\".\"]", 100);
    assert_eq!(yielded.causes(), [(None, 0, "empty", true), (None, 0, "empty", true)]);
    assert_eq!(yielded.rejected[1].bytes, blank.len() as u64);
}

#[test]
fn what_was_unpacked_before_the_damage_is_kept() {
    let lines = noise(3000);
    for (ending, pack) in PACKERS {
        let packed = pack(lines.as_bytes());
        let yielded = Folder::with(&format!("a.jsonl.{ending}"), &packed[..packed.len() * 2 / 3]).read();
        let kept = yielded.documents.len();
        assert!((500..3000).contains(&kept), "{ending}: {kept} records");
        let bytes: u64 = yielded.documents.iter().map(|(_, bytes)| bytes + 1).sum();
        assert_eq!(yielded.causes(), [(Some(kept as u64), bytes, "truncated", true)], "{ending}");
        assert!(yielded.detail().contains("are kept"), "{}", yielded.detail());
    }
}

#[test]
fn damage_within_packed_data_keeps_what_is_before_it() {
    let lines = noise(3000);
    for (ending, pack) in PACKERS {
        let mut packed = pack(lines.as_bytes());
        let middle = packed.len() * 2 / 3;
        packed[middle..middle + 64].fill(0xff);
        let yielded = Folder::with(&format!("a.jsonl.{ending}"), packed).read();
        assert!(yielded.documents.len() > 500, "{ending}");
        let last = yielded.rejected.last().expect("a row was refused");
        assert!(last.refused && [Cause::Corrupt, Cause::Truncated].contains(&last.cause), "{ending}: {last:?}");
    }
}

#[test]
fn many_members_are_one_file() {
    let (one, two) = ("{\"text\":\"one\"}\n{\"te", "xt\":\"two\"}\n");
    for (ending, pack) in PACKERS {
        let name = format!("a.jsonl.{ending}");
        let packed = [pack(one.as_bytes()), pack(b""), pack(two.as_bytes())].concat();
        let yielded = Folder::with(&name, &packed).read();
        assert_eq!(
            (yielded.texts(), yielded.rejected.len()),
            (vec!["one".to_owned(), "two".to_owned()], 0),
            "{ending}"
        );
        let yielded = Folder::with(&name, [packed, b"garbage".to_vec()].concat()).read();
        assert_eq!(yielded.texts(), ["one", "two"]);
        assert_eq!(yielded.causes(), [(None, 30, "trailing_bytes", true)], "{ending}");
    }
}

#[test]
fn too_long_a_line_is_skipped_and_counted() {
    let long = format!("{{\"text\":\"{}\"}}", "a".repeat(1_000_000));
    let lines = format!("{{\"text\":\"one\"}}\n{long}\n{{\"text\":\"two\"}}\n{long}");
    for (name, bytes) in [("a.jsonl", lines.clone().into_bytes()), ("a.jsonl.zst", zstandard(lines.as_bytes()))] {
        let yielded = Folder::with(name, bytes).read_with("paths = [\".\"]\nmax_record_size = \"300KiB\"");
        assert_eq!(yielded.texts(), ["one", "two"]);
        assert_eq!(yielded.causes(), [(Some(1), 15, "too_large", true), (Some(3), 1_000_042, "too_large", true)]);
        assert!(yielded.rejected.iter().all(|row| row.bytes == long.len() as u64));
    }
}

#[test]
fn utf16_is_read_with_the_offsets_of_the_file() {
    let lines = "{\"text\":\"déjà 😀\"}\n{\"text\" 1}\n{\"text\":\"第二行\"}\n";
    for mark in ["", "\u{feff}"] {
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = format!("{mark}{lines}").encode_utf16().flat_map(to_bytes).collect();
            let yielded = Folder::with("a.jsonl", bytes).read_cut("paths = [\".\"]", 16);
            assert_eq!(yielded.texts(), ["déjà 😀", "第二行"]);
            let skipped = 2 * u64::from(!mark.is_empty()) + 2 * 19;
            assert_eq!(yielded.causes(), [(Some(1), skipped, "malformed_json", true)]);
            assert_eq!(yielded.rejected[0].bytes, 20);
            assert!(yielded.documents[0].0.metadata()["encoding"].starts_with("\"UTF-16"));
        }
    }
}

#[test]
fn lines_too_short_to_tell_take_the_encoding_of_their_file() {
    let lines = "{\"text\":\"Городской совет единогласно принял постановление об охране леса и уже готовит шаг.\"}\n{\"text\":\"Да\"}\n{\"text\":\"été\"}\n";
    let mut bytes = encoding::by_label("windows-1251")
        .expect("the encoding is known")
        .encode(lines.split('é').next().expect("there is a first part"))
        .0
        .into_owned();
    bytes.extend("été\"}\n".bytes());
    let yielded = Folder::with("a.jsonl", bytes).read_cut("paths = [\".\"]", 20);
    assert_eq!(yielded.texts()[1..], ["Да", "été"]);
    assert_eq!(yielded.documents[1].0.metadata()["encoding"], "\"windows-1251\"");
    assert_eq!(yielded.documents[2].0.metadata().len(), 0);
}

#[test]
fn bad_bytes_in_a_line_are_reported_where_they_stand() {
    let mut bytes = b"{\"text\":\"a\"}\n{\"text\":\"\xc3\xa9t\xc3\xa9 \xff\"}\n".to_vec();
    bytes.extend(b"{\"text\":\"b\"}\n");
    let yielded = Folder::with("a.jsonl", bytes).read();
    assert_eq!(yielded.texts(), ["a", "été \u{fffd}", "b"]);
    assert_eq!(yielded.causes(), [(Some(1), 28, "undecodable_bytes", false)]);
}

#[test]
fn one_document_over_many_lines_gets_advice() {
    let yielded = Folder::with("a.jsonl", "[\n{\"text\":\"a\"}\n]\n").read();
    assert_eq!(yielded.texts(), ["a"]);
    assert!(yielded.rejected[0].detail.contains("one whole object"), "{}", yielded.rejected[0].detail);
}

#[test]
fn a_value_nested_without_end_is_no_title_and_harms_nothing() {
    let opened = ["[", "{\"name\":", "[{\"name\":"];
    let closed = ["]", "}", "}]"];
    for (open, close) in opened.iter().zip(closed) {
        let deep = format!("{}1{}", open.repeat(12_000), close.repeat(12_000));
        let lines = ["title", "author", "id", "published", "other"]
            .map(|field| format!("{{\"{field}\":{deep},\"text\":\"The words of {field}.\"}}\n"));
        let yielded = Folder::with("a.jsonl", lines.concat()).read();
        assert_eq!(yielded.rejected, []);
        assert_eq!(yielded.documents.len(), 5);
        assert!(yielded.documents.iter().all(|(document, _)| *document.facts() == crate::document::Facts::default()));
        assert_eq!(yielded.documents[0].0.metadata()["title"], deep);
    }
}

#[test]
fn the_usual_names_fill_what_nothing_else_does() {
    let lines = [
        r#"{"text": "a", "date": "2023-03-29", "published": true}"#,
        r#"{"text": "b", "published": false, "date": "2023-03-29"}"#,
        r#"{"text": "c", "date": "2023-03-29", "published": "2021-02-01"}"#,
        r#"{"text": "d", "published": "2021-02-01", "date": "2023-03-29"}"#,
        r#"{"text": "e", "authors": [{"name": "Ines Valle"}, {"given": "Tom", "family": "Arne"}], "author": null}"#,
        r#"{"text": "f", "published": {"$date": {"$numberLong": "1680042600000"}}}"#,
        r#"{"text": "g", "title": "A", "title": null}"#,
    ];
    let yielded = Folder::with("a.jsonl", lines.join("\n")).read();
    let day = |row: usize| yielded.documents[row].0.facts().published.map(|day| day.to_string()).unwrap_or_default();
    assert_eq!(
        [day(0), day(1), day(2), day(3), day(5)],
        ["2023-03-29", "2023-03-29", "2021-02-01", "2021-02-01", "2023-03-28"]
    );
    let metadata = |row: usize| format!("{:?}", yielded.documents[row].0.metadata());
    assert_eq!(metadata(0), r#"{"published": "true"}"#);
    assert_eq!(metadata(1), r#"{"published": "false"}"#);
    assert_eq!(metadata(2), r#"{"date": "\"2023-03-29\""}"#);
    assert_eq!(metadata(3), r#"{"date": "\"2023-03-29\""}"#);
    assert_eq!(yielded.documents[4].0.facts().author.as_deref(), Some("Ines Valle; Tom Arne"));
    assert_eq!(yielded.documents[6].0.facts().title.as_deref(), Some("A"));
    let mapped =
        Folder::with("a.jsonl", lines[0]).read_with("paths = [\".\"]\nfields = { published = \"when\" }").only();
    assert_eq!((mapped.facts().published, mapped.metadata().len()), (None, 2));
}

#[test]
fn lines_parted_by_carriage_returns_alone_are_records() {
    let first = "{\"text\": \"One.\"}";
    let second = "{\"text\":\"Two.\"}";
    for (text, encode) in [(format!("{first}\r\r{second}\r"), false), (format!("{first}\r\r{second}\r\n"), true)] {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let yielded = Folder::with("a.jsonl", if encode { wide } else { text.into_bytes() }).read();
        assert_eq!(yielded.texts(), ["One.", "Two."]);
        assert_eq!(yielded.ids(), ["a.jsonl#0", "a.jsonl#2"]);
        assert_eq!(yielded.documents[1].1, second.len() as u64 * if encode { 2 } else { 1 });
    }
    let within = Folder::with("a.jsonl", "{\"text\":\r\"One.\"}").read();
    assert_eq!(within.texts(), ["One."]);
    // Where line feeds part the lines too, records are counted by these.
    let mixed = Folder::with("a.jsonl", format!("{first}\r{second}\n{second}\n"));
    for yielded in [mixed.read(), mixed.read_cut("paths = [\".\"]", 1)] {
        assert_eq!(yielded.texts(), ["Two."]);
        assert!(yielded.detail().contains("carriage return"), "{}", yielded.detail());
    }
    let damaged = Folder::with("a.jsonl", format!("{first}\r{{\r{second}")).read();
    assert_eq!(damaged.texts(), ["One.", "Two."]);
    assert_eq!(damaged.causes(), [(Some(1), first.len() as u64 + 1, "malformed_json", true)]);
}
