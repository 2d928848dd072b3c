//! What is read from files of every kind, whole, packed and damaged, through the three public functions.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::*;

/// The config `text` of one source.
fn config(text: &str) -> SourceConfig {
    toml::from_str(text).unwrap()
}

struct Folder(tempfile::TempDir);

/// What reading a folder yields: documents, and rows of the ledger.
#[derive(Default)]
struct Yield {
    documents: Vec<(crate::document::Document, u64)>,
    rejected: Vec<Rejected>,
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, bytes)
    }

    fn and(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn discover(&self, text: &str) -> Discovery {
        discover(self.path(), &[config(text)]).unwrap()
    }

    /// Reads all of the folder, cut into slices of about `slice_bytes`.
    fn read_cut(&self, text: &str, slice_bytes: u64) -> Yield {
        let config = config(text);
        assert_eq!(config.check(0), []);
        let found = discover(self.path(), std::slice::from_ref(&config)).unwrap();
        let mut out = Yield { rejected: found.refused, ..Yield::default() };
        for file in &found.files {
            match survey(file, slice_bytes) {
                Err(rejected) => out.rejected.push(rejected),
                Ok(survey) => {
                    let bytes = fs::read(&file.path).unwrap();
                    assert_eq!(survey.sha256, crate::text::hash::sha256(&bytes));
                    for slice in &survey.slices {
                        out.read(&config, file, slice);
                    }
                }
            }
        }
        out
    }

    fn read_with(&self, text: &str) -> Yield {
        self.read_cut(text, 1 << 20)
    }

    fn read(&self) -> Yield {
        self.read_with("paths = [\".\"]")
    }
}

impl Yield {
    fn read(&mut self, config: &SourceConfig, file: &InputFile, slice: &Slice) {
        let read = read(config, file, slice, &mut |item| {
            match item {
                Item::Document { document, bytes } => self.documents.push((document, bytes)),
                Item::Rejected(rejected) => self.rejected.push(rejected),
            }
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = read;
    }

    /// The only document, where nothing was rejected.
    fn only(mut self) -> crate::document::Document {
        assert_eq!(self.rejected, []);
        assert_eq!(self.documents.len(), 1);
        self.documents.remove(0).0
    }

    fn texts(&self) -> Vec<String> {
        self.documents.iter().map(|(document, _)| document.text()).collect()
    }

    fn ids(&self) -> Vec<&str> {
        self.documents.iter().map(|(document, _)| document.id.as_str()).collect()
    }

    /// Record, offset, cause and whether the record is lost, of each row.
    fn causes(&self) -> Vec<(Option<u64>, u64, &'static str, bool)> {
        self.rejected.iter().map(|row| (row.record, row.offset, row.cause.as_str(), row.refused)).collect()
    }

    fn detail(&self) -> &str {
        assert_eq!(self.rejected.len(), 1, "{:?}", self.rejected);
        &self.rejected[0].detail
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 6);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zstd::Encoder::new(Vec::new(), 3).unwrap();
    // As the command-line tool does: without a sum, not all damage can be told.
    writer.include_checksum(true).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

type Packer = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Packer); 4] = [("gz", gzip), ("zst", zstandard), ("bz2", bzip2), ("xz", xz)];

/// Lines that pack badly, so that a cut file loses its end and not everything.
fn noise(lines: u64) -> String {
    let mut state = 1u64;
    (0..lines)
        .map(|number| {
            let words: Vec<String> = (0..40)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    format!("{:x}", state >> 20)
                })
                .collect();
            format!("{{\"id\":{number},\"text\":\"{}\"}}\n", words.join(" "))
        })
        .collect()
}

mod whole_files {
    use super::*;

    #[test]
    fn one_text_file_is_one_article() {
        let folder = Folder::with("a/b.txt", "\u{feff}One.\r\n\r\nTwo.\u{c}Three.\r\n");
        let document = folder.read().only();
        assert_eq!((document.id.as_str(), &*document.source), ("a/b.txt#0", "a/b.txt"));
        assert_eq!(document.text(), "One.\n\nTwo.\nThree.");
        assert_eq!(document.metadata.len(), 0);
    }

    #[test]
    fn legacy_text_is_decoded_and_its_encoding_noted() {
        let document = Folder::with("a.txt", b"La for\xeat est prot\xe9g\xe9e, a-t-on d\xe9cid\xe9.").read().only();
        assert_eq!(document.text(), "La forêt est protégée, a-t-on décidé.");
        assert_eq!(document.metadata["encoding"], "\"windows-1252\"");
    }

    #[test]
    fn the_configs_encoding_overrides_detection() {
        let folder = Folder::with("a.txt", b"\xc0\xc1\xc2");
        let document = folder.read_with("paths = [\"a.txt\"]\nencoding = \"windows-1251\"").only();
        assert_eq!(document.text(), "АБВ");
    }

    #[test]
    fn a_few_bad_bytes_are_replaced_and_reported() {
        let yielded = Folder::with("a.txt", b"D\xc3\xa9j\xc3\xa0 \xff vu, \xc3\xa9t\xc3\xa9").read();
        assert_eq!(yielded.texts(), ["Déjà \u{fffd} vu, été"]);
        assert_eq!(yielded.causes(), [(Some(0), 7, "undecodable_bytes", false)]);
        assert_eq!(yielded.rejected[0].bytes, 1);
    }

    #[test]
    fn files_without_text_are_refused() {
        let yielded = Folder::with("a.txt", "").and("b.txt", " \n\t\r\n").and("c.txt", "\u{a0}\u{3000}\n").read();
        assert_eq!(yielded.documents.len(), 0);
        let causes: Vec<_> = yielded.rejected.iter().map(|row| (row.cause, row.bytes, row.refused)).collect();
        assert_eq!(causes, [(Cause::Empty, 0, true), (Cause::Empty, 5, true), (Cause::Empty, 6, true)]);
    }

    #[test]
    fn every_packing_is_unpacked() {
        for (ending, pack) in PACKERS {
            assert_eq!(Folder::with(&format!("a.txt.{ending}"), pack(b"Text.\n")).read().only().text(), "Text.");
            let empty = Folder::with(&format!("a.txt.{ending}"), pack(b"")).read();
            assert_eq!(empty.causes(), [(None, 0, "empty", true)], "{ending}");
            let nothing = Folder::with(&format!("a.txt.{ending}"), b"").read();
            assert_eq!(nothing.causes(), [(None, 0, "empty", true)], "{ending}");
        }
    }

    #[test]
    fn a_truncated_article_is_refused() {
        for (ending, pack) in PACKERS {
            let packed = pack(noise(3000).as_bytes());
            let yielded = Folder::with(&format!("a.txt.{ending}"), &packed[..packed.len() / 2]).read();
            assert_eq!(yielded.documents.len(), 0);
            assert_eq!(yielded.rejected.len(), 1);
            let row = &yielded.rejected[0];
            assert_eq!((row.cause, row.record, row.refused), (Cause::Truncated, Some(0), true), "{ending}");
            assert_eq!(row.offset, row.bytes);
            assert!(row.bytes > 100_000, "{ending}: {}", row.bytes);
        }
    }

    #[test]
    fn what_follows_an_article_is_reported_and_padding_is_not() {
        for (ending, pack) in PACKERS {
            let name = format!("a.txt.{ending}");
            let yielded = Folder::with(&name, [pack(b"Text."), b"<html>".to_vec()].concat()).read();
            assert_eq!(yielded.texts(), ["Text."]);
            assert_eq!(yielded.causes(), [(None, 5, "trailing_bytes", true)], "{ending}");
            assert_eq!(yielded.rejected[0].bytes, 6);
            assert_eq!(Folder::with(&name, [pack(b"Text."), vec![0; 512]].concat()).read().only().text(), "Text.");
        }
    }

    #[test]
    fn a_name_that_belies_the_bytes_is_refused() {
        let yielded = Folder::with("a.txt", gzip(b"Text.")).and("b.txt.gz", "Text.").and("c.txt", "%PDF-1.4").read();
        assert_eq!(yielded.documents.len(), 0);
        let causes: Vec<_> = yielded.rejected.iter().map(|row| row.cause.as_str()).collect();
        assert_eq!(causes, ["unknown_format", "corrupt", "unknown_format"]);
        assert!(yielded.rejected[0].detail.contains(".gz"), "{}", yielded.rejected[0].detail);
        assert!(yielded.rejected[1].detail.contains("gzip"), "{}", yielded.rejected[1].detail);
    }

    #[test]
    fn too_large_a_file_is_refused_without_being_held() {
        for (name, bytes) in [("a.txt", vec![b'a'; 5000]), ("a.txt.gz", gzip(&[b'a'; 5000]))] {
            let yielded = Folder::with(name, bytes).read_with("paths = [\".\"]\nmax_record_size = 4096");
            assert_eq!(yielded.causes(), [(Some(0), 0, "too_large", true)]);
            assert_eq!(yielded.rejected[0].bytes, 5000);
        }
        let exact = Folder::with("a.txt", vec![b'a'; 4096]).read_with("paths = [\".\"]\nmax_record_size = 4096");
        assert_eq!(exact.documents.len(), 1);
    }

    #[test]
    fn front_matter_fills_columns_and_leaves_the_text() {
        let text = "---\ntitle: A title\ndate: 2023-09-04\nauthors: [Ana, Bo]\ntext: not this\ntags: [x]\n---\n\n# Head\n\n* one\n";
        let document = Folder::with("a.md", text).read().only();
        assert_eq!(document.text(), "# Head\n\n* one");
        assert_eq!(document.facts.title.as_deref(), Some("A title"));
        assert_eq!(document.facts.author.as_deref(), Some("Ana; Bo"));
        assert_eq!(document.facts.published.unwrap().to_string(), "2023-09-04");
        let metadata: Vec<_> = document.metadata.iter().map(|(key, json)| format!("{key}={json}")).collect();
        assert_eq!(metadata, ["tags=[\"x\"]", "text=\"not this\""]);
    }
}

mod jsonl {
    use super::*;

    #[test]
    fn fields_fill_columns_and_the_rest_is_metadata() {
        let line = r#"{"url":"https://x/1","headline":"A \"t\"","body":"One.\nTwo.","author":["Ana",{"name":"Bo"}],"published":"2023-09-04T10:00:00+02:00","updated":"soon","n":1.50,"nothing":null,"deep":{"a":[1, 2]}}"#;
        let folder = Folder::with("a.jsonl", line);
        let document = folder
            .read_with("paths = [\".\"]\nfields = { text = \"body\", id = \"url\", title = \"headline\" }")
            .only();
        assert_eq!(document.id, "https://x/1");
        assert_eq!(document.text(), "One.\nTwo.");
        let facts = &document.facts;
        assert_eq!(facts.title.as_deref(), Some("A \"t\""));
        assert_eq!(facts.author.as_deref(), Some("Ana; Bo"));
        assert_eq!(facts.url.as_deref(), Some("https://x/1"));
        assert_eq!(facts.published.unwrap().to_string(), "2023-09-04");
        assert_eq!(facts.updated, None);
        let metadata: Vec<_> = document.metadata.iter().map(|(key, json)| format!("{key}={json}")).collect();
        assert_eq!(metadata, [r#"deep={"a":[1, 2]}"#, "n=1.50", "updated=\"soon\""]);
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
        let metadata = &yielded.documents[0].0.metadata;
        assert_eq!(metadata["article"], r#"{"words":1,"meta":{"lang":"fr"}}"#);
        assert_eq!(metadata["text"], "\"other\"");
        assert_eq!(yielded.documents[1].0.metadata.len(), 0);
    }

    #[test]
    fn ids_come_from_numbers_too_and_else_from_the_place() {
        let lines = "\n{\"id\":7,\"text\":\"a\"}\n\r\n{\"id\":\"\",\"text\":\"b\"}\n{\"id\":[1],\"text\":\"c\"}\n{\"id\":true,\"text\":\"d\"}";
        let yielded = Folder::with("a.jsonl", lines).read();
        assert_eq!(yielded.ids(), ["7", "a.jsonl#3", "a.jsonl#4", "true"]);
        let records: Vec<u64> = yielded.documents.iter().map(|(document, _)| document.position.record).collect();
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
        let causes: Vec<_> = yielded.rejected.iter().map(|row| (row.record.unwrap(), row.cause.as_str())).collect();
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
    fn slices_lie_end_to_end() {
        let folder = Folder::with("a.jsonl", noise(100));
        let file = folder.discover("paths = [\".\"]").files.remove(0);
        let slices = survey(&file, 5000).unwrap().slices;
        assert!(slices.len() > 5);
        assert_eq!((slices[0].start, slices.last().unwrap().end), (0, file.bytes));
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
            let last = yielded.rejected.last().unwrap();
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
                assert!(yielded.documents[0].0.metadata["encoding"].starts_with("\"UTF-16"));
            }
        }
    }

    #[test]
    fn lines_too_short_to_tell_take_the_encoding_of_their_file() {
        let lines = "{\"text\":\"Городской совет единогласно принял постановление об охране леса и уже готовит шаг.\"}\n{\"text\":\"Да\"}\n{\"text\":\"été\"}\n";
        let mut bytes =
            encoding::by_label("windows-1251").unwrap().encode(lines.split('é').next().unwrap()).0.into_owned();
        bytes.extend("été\"}\n".bytes());
        let yielded = Folder::with("a.jsonl", bytes).read_cut("paths = [\".\"]", 20);
        assert_eq!(yielded.texts()[1..], ["Да", "été"]);
        assert_eq!(yielded.documents[1].0.metadata["encoding"], "\"windows-1251\"");
        assert_eq!(yielded.documents[2].0.metadata.len(), 0);
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
}

mod tables {
    use super::*;

    #[test]
    fn quoted_newlines_doubled_quotes_and_empty_fields_are_read() {
        let rows = "\u{feff}id,text,title,n\r\n1,\"One,\r\n\"\"two\"\".\",,3\r\n\r\n2,plain,T,\r\n";
        let yielded = Folder::with("a.csv", rows).read();
        assert_eq!(yielded.rejected, []);
        assert_eq!(yielded.texts(), ["One,\n\"two\".", "plain"]);
        assert_eq!(yielded.ids(), ["1", "2"]);
        assert_eq!(yielded.documents[0].0.metadata["n"], "\"3\"");
        assert_eq!(yielded.documents[1].0.metadata.len(), 0);
        assert_eq!(yielded.documents[1].0.facts.title.as_deref(), Some("T"));
        assert_eq!(yielded.documents[1].0.position.record, 1);
    }

    #[test]
    fn tabs_part_the_fields_of_tsv() {
        let yielded = Folder::with("a.tsv.gz", gzip(b"body\turl\na, b\thttps://x\n"))
            .read_with("paths = [\".\"]\nfields = { text = \"body\" }");
        let document = yielded.only();
        assert_eq!((document.text(), document.facts.url.as_deref()), ("a, b".to_owned(), Some("https://x")));
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
        let rows = "id,text\n1,\"市議会は森林を守る条例を全会一致で可決し、\n次の手続きの準備をすでに始めている。\"\n2,\"x\",y\n";
        let text = "市議会は森林を守る条例を全会一致で可決し、\n次の手続きの準備をすでに始めている。";
        let shift_jis = |text: &str| encoding::by_label("shift_jis").unwrap().encode(text).0.into_owned();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let (before, _) = rows.split_once("2,").unwrap();
        let encoded = [
            (shift_jis(rows), shift_jis(before).len(), "\"Shift_JIS\""),
            (utf16(rows), utf16(before).len(), "\"UTF-16LE\""),
        ];
        for (bytes, offset, name) in encoded {
            let yielded = Folder::with("a.csv", &bytes).read();
            assert_eq!(yielded.texts(), [text]);
            assert_eq!(yielded.documents[0].0.metadata["encoding"], name);
            assert_eq!(yielded.causes(), [(Some(1), offset as u64, "malformed_csv", true)], "{name}");
        }
    }
}

mod discovery {
    use super::*;

    fn names(found: &Discovery) -> Vec<&str> {
        found.files.iter().map(|file| &*file.name).collect()
    }

    fn refused(found: &Discovery) -> Vec<(&str, &str)> {
        found.refused.iter().map(|row| (&*row.source, row.cause.as_str())).collect()
    }

    fn files(names: &[&str]) -> Folder {
        names.iter().fold(Folder::new(), |folder, name| folder.and(name, "x"))
    }

    #[test]
    fn folders_are_taken_whole_without_hidden_files() {
        let folder = files(&["b.txt", "a/z.txt", "a/b/c.md", ".hidden.txt", ".git/x.txt", "a-b.txt", "a/.x/y.txt"]);
        assert_eq!(names(&folder.discover("paths = [\".\"]")), ["a-b.txt", "a/b/c.md", "a/z.txt", "b.txt"]);
        assert_eq!(names(&folder.discover("paths = [\"a/\"]")), ["a/b/c.md", "a/z.txt"]);
        assert_eq!(names(&folder.discover("paths = [\".git\", \".hid*\"]")), [".git/x.txt", ".hidden.txt"]);
    }

    #[test]
    fn each_path_comes_once_for_the_first_source_that_names_it() {
        let folder = files(&["a.txt", "b.txt", "c.txt"]);
        let first = config("paths = [\"b.txt\", \"./b.txt\", \"b*\"]");
        let second = config("paths = [\"*.txt\"]");
        let found = discover(folder.path(), &[first, second]).unwrap();
        let sources: Vec<_> = found.files.iter().map(|file| (file.source, &*file.name)).collect();
        assert_eq!(sources, [(0, "b.txt"), (1, "a.txt"), (1, "c.txt")]);
        assert_eq!(found.unmatched, []);
    }

    #[test]
    fn what_is_named_and_cannot_be_read_is_refused() {
        let folder = files(&["a.txt", "b.txt/c.md", "page.html", "README", "data.json"]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", folder.path().join("d.txt")).unwrap();
        let found = folder.discover("paths = [\"*\"]");
        assert_eq!(names(&found), ["a.txt"]);
        assert_eq!(
            refused(&found),
            [
                ("README", "unknown_format"),
                ("b.txt", "not_a_file"),
                ("d.txt", "not_a_file"),
                ("data.json", "unknown_format"),
                ("page.html", "unknown_format"),
            ]
        );
        assert_eq!(refused(&folder.discover("paths = [\"b.txt/**\"]")), []);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        let folder = files(&["a/b.txt", "outside/c.txt"]);
        std::os::unix::fs::symlink("..", folder.path().join("a/up")).unwrap();
        std::os::unix::fs::symlink("../outside", folder.path().join("a/out")).unwrap();
        let found = folder.discover("paths = [\"a\"]");
        assert_eq!(names(&found), ["a/b.txt", "a/out/c.txt"]);
        let circle = found.refused.iter().find(|row| &*row.source == "a/up").unwrap();
        assert!(circle.detail.contains("holds it"), "{}", circle.detail);
    }

    #[test]
    fn what_is_missing_is_named_with_what_is_near() {
        let folder = files(&["seeds/a.txt"]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        let written = ["seed/*.txt", "seeds/b.txt", "seeds/*.md", "empty", "seeds/a.txt/x"];
        let text = format!("paths = {written:?}");
        let found = folder.discover(&text);
        let details: Vec<_> = found.unmatched.iter().map(|path| path.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "`seed/` does not exist: there is no `seed`; did you mean `seeds`?",
                "`seeds/b.txt` does not exist: there is no `b.txt` in `seeds`; did you mean `a.txt`?",
                "nothing matches `seeds/*.md`",
                "the folder `empty` holds no files",
                "`seeds/a.txt/x` does not exist: there is no `x` in `seeds/a.txt`",
            ]
        );
        assert_eq!(found.unmatched[2].path, 2);
    }

    #[test]
    fn a_name_with_wildcards_that_exists_is_meant_as_it_stands() {
        let folder = files(&["a[1].txt", "a1.txt"]);
        assert_eq!(names(&folder.discover("paths = [\"a[1].txt\"]")), ["a[1].txt"]);
    }

    #[test]
    fn names_reach_out_of_the_configs_folder() {
        let folder = files(&["seeds/a.txt", "configs/x.toml"]);
        let found = discover(&folder.path().join("configs"), &[config("paths = [\"../seeds/*.txt\"]")]).unwrap();
        assert_eq!(names(&found), ["../seeds/a.txt"]);
    }

    #[test]
    fn malformed_globs_and_unknown_encodings_are_errors() {
        let wrong =
            config("paths = [\"ok.txt\", \"a[b\", \"s3://x/y\", \"\"]\nencoding = \"utf-9\"\nmax_record_size = 0");
        let fields: Vec<_> = wrong.check(3).into_iter().map(|error| (error.index, error.field)).collect();
        let expected = ["paths[1]", "paths[2]", "paths[3]", "encoding", "max_record_size"];
        assert_eq!(fields, expected.map(|field| (3, field.to_owned())));
        let error = discover(Path::new("."), &[config("paths = [\"a[b\"]")]).unwrap_err();
        assert_eq!((error.kind, error.field.as_str()), (SourceErrorKind::Config, "paths[0]"));
    }

    #[test]
    fn files_that_cannot_be_opened_are_refused() {
        let folder = files(&["a.txt", "b.jsonl", "c.csv", "d.parquet"]);
        let config = config("paths = [\".\"]");
        let found = discover(folder.path(), std::slice::from_ref(&config)).unwrap();
        for file in &found.files {
            fs::remove_file(&file.path).unwrap();
            assert_eq!(survey(file, 100).unwrap_err().cause, Cause::Unreadable);
            let mut yielded = Yield::default();
            yielded.read(&config, file, &Slice { start: 0, end: 1, first_record: 0, digest: [0; 16] });
            assert_eq!(yielded.causes(), [(None, 0, "unreadable", true)]);
        }
    }
}

mod parquet_files {
    use std::sync::Arc;

    use ::parquet::arrow::ArrowWriter;
    use ::parquet::file::properties::WriterProperties;
    use arrow::array::*;
    use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
    use arrow::record_batch::RecordBatch;

    use super::*;

    /// A Parquet file with row groups of `rows` rows.
    fn parquet(columns: Vec<(&str, ArrayRef)>, rows: usize) -> Vec<u8> {
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build();
        let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    fn strings(count: usize) -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..count).map(|row| format!("text {row} {}", row * 7919 % 1000))))
    }

    #[test]
    fn columns_of_all_types_become_fields() {
        let tags = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]);
        let place = StructArray::from(vec![(
            Arc::new(Field::new("city", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec!["Lyon"])) as ArrayRef,
        )]);
        let section: DictionaryArray<Int32Type> = ["sport"].into_iter().collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(LargeStringArray::from(vec!["One.\nTwo."]))),
            ("id", Arc::new(Int64Array::from(vec![7]))),
            ("title", Arc::new(StringViewArray::from(vec!["A title"]))),
            ("section", Arc::new(section)),
            ("site", Arc::new(BinaryArray::from(vec![b"example.org".as_slice()]))),
            ("published", Arc::new(Date32Array::from(vec![19_604]))),
            ("updated", Arc::new(TimestampMillisecondArray::from(vec![1_693_814_400_000]).with_timezone("+00:00"))),
            ("score", Arc::new(Float32Array::from(vec![0.1]))),
            ("nan", Arc::new(Float64Array::from(vec![f64::NAN]))),
            ("ok", Arc::new(BooleanArray::from(vec![true]))),
            ("none", Arc::new(StringArray::from(vec![None::<&str>]))),
            ("price", Arc::new(Decimal128Array::from(vec![1250]).with_precision_and_scale(6, 2).unwrap())),
            ("time", Arc::new(TimestampSecondArray::from(vec![0]))),
            ("tags", Arc::new(tags)),
            ("place", Arc::new(place)),
        ];
        assert!(matches!(columns[6].1.data_type(), DataType::Timestamp(TimeUnit::Millisecond, Some(_))));
        let document = Folder::with("a.parquet", parquet(columns, 10)).read().only();
        assert_eq!((document.id.as_str(), document.text().as_str()), ("7", "One.\nTwo."));
        let facts = &document.facts;
        assert_eq!(facts.title.as_deref(), Some("A title"));
        assert_eq!(facts.section.as_deref(), Some("sport"));
        assert_eq!(facts.site.as_deref(), Some("example.org"));
        assert_eq!(facts.published.unwrap().to_string(), "2023-09-04");
        assert_eq!(facts.updated.unwrap().to_string(), "2023-09-04");
        let metadata: Vec<_> = document.metadata.iter().map(|(key, json)| format!("{key}={json}")).collect();
        assert_eq!(
            metadata,
            [
                "ok=true",
                r#"place={"city":"Lyon"}"#,
                "price=12.50",
                "score=0.1",
                "tags=[1,null]",
                "time=\"1970-01-01T00:00:00\"",
            ]
        );
    }

    #[test]
    fn nested_text_is_reached_by_dots() {
        let article = StructArray::from(vec![
            (
                Arc::new(Field::new("body", DataType::Utf8, true)),
                Arc::new(StringArray::from(vec!["A \"b\"\n"])) as ArrayRef,
            ),
            (Arc::new(Field::new("n", DataType::Int32, true)), Arc::new(Int32Array::from(vec![1])) as ArrayRef),
        ]);
        let folder = Folder::with("a.parquet", parquet(vec![("article", Arc::new(article))], 10));
        let document = folder.read_with("paths = [\".\"]\nfields = { text = \"article.body\" }").only();
        assert_eq!(document.text(), "A \"b\"");
        assert_eq!(document.metadata["article"], r#"{"n":1}"#);
    }

    #[test]
    fn records_are_the_same_however_row_groups_are_cut() {
        let folder = Folder::with("a.parquet", parquet(vec![("text", strings(1000))], 90));
        let whole = folder.read_cut("paths = [\".\"]", 1 << 30);
        assert_eq!(whole.documents.len(), 1000);
        assert_eq!(whole.documents[999].0.position.record, 999);
        let cut = folder.read_cut("paths = [\".\"]", 1);
        assert!(cut.documents == whole.documents);
        let file = folder.discover("paths = [\".\"]").files.remove(0);
        assert_eq!(survey(&file, 1).unwrap().slices.len(), 12);
    }

    #[test]
    fn packed_parquet_files_are_read() {
        let folder = Folder::with("a.parquet.zst", zstandard(&parquet(vec![("text", strings(100))], 30)));
        let yielded = folder.read();
        assert_eq!((yielded.documents.len(), yielded.rejected.len()), (100, 0));
    }

    #[test]
    fn a_damaged_row_group_leaves_the_others() {
        let mut bytes = parquet(vec![("text", strings(1000))], 100);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 40].fill(0xff);
        let yielded = Folder::with("a.parquet", bytes).read();
        assert!((800..1000).contains(&yielded.documents.len()), "{}", yielded.documents.len());
        assert!(yielded.rejected.iter().all(|row| row.cause == Cause::MalformedParquet), "{:?}", yielded.rejected);
    }

    #[test]
    fn files_that_are_no_parquet_are_refused() {
        let good = parquet(vec![("text", strings(10))], 100);
        let cut = good[..good.len() - 20].to_vec();
        let folder =
            Folder::with("a.parquet", cut).and("b.parquet", "PAR1").and("c.parquet", "").and("d.parquet", "text");
        let causes: Vec<_> = folder.read().rejected.iter().map(|row| row.cause.as_str()).collect();
        assert_eq!(causes, ["malformed_parquet", "malformed_parquet", "empty", "malformed_parquet"]);
        let none = Folder::with("a.parquet", parquet(vec![("content", strings(10))], 3)).read_cut("paths = [\".\"]", 1);
        assert_eq!(none.causes(), [(None, 0, "missing_text", true)]);
        let wrong = Folder::with("a.parquet", parquet(vec![("text", Arc::new(Int64Array::from(vec![1])))], 3)).read();
        assert_eq!(wrong.causes(), [(Some(0), 0, "wrong_type", true)]);
    }

    #[test]
    fn no_damage_makes_the_reader_panic() {
        let good = parquet(vec![("text", strings(300)), ("n", Arc::new(Int64Array::from_iter_values(0..300)))], 100);
        let mut state = 7u64;
        for _ in 0..400 {
            let mut bytes = good.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] ^= (state >> 20) as u8 | 1;
            }
            let folder = Folder::with("a.parquet", bytes);
            let yielded = folder.read();
            assert!(yielded.documents.len() <= 300 * 2);
        }
    }
}
