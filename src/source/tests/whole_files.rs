//! Files that are one article: text and Markdown, packed and damaged.

use super::*;

#[test]
fn one_text_file_is_one_article() {
    let folder = Folder::with("a/b.txt", "\u{feff}One.\r\n\r\nTwo.\u{c}Three.\r\n");
    let document = folder.read().only();
    assert_eq!((document.id(), &**document.source()), ("a/b.txt#0", "a/b.txt"));
    assert_eq!(document.text(), "One.\n\nTwo.\nThree.");
    assert_eq!(document.metadata().len(), 0);
}

#[test]
fn legacy_text_is_decoded_and_its_encoding_noted() {
    let document = Folder::with("a.txt", b"La for\xeat est prot\xe9g\xe9e, a-t-on d\xe9cid\xe9.").read().only();
    assert_eq!(document.text(), "La forêt est protégée, a-t-on décidé.");
    assert_eq!(document.metadata()["encoding"], "\"windows-1252\"");
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
fn members_behind_padding_are_read() {
    for (ending, pack) in PACKERS {
        let packed =
            [pack(b"One.\n"), vec![0; 4], pack(b"Two.\n"), vec![0; 200_000], pack(b"Three."), vec![0; 8]].concat();
        let name = format!("a.txt.{ending}");
        assert_eq!(Folder::with(&name, &packed).read().only().text(), "One.\nTwo.\nThree.", "{ending}");
        let yielded = Folder::with(&name, [packed, b"more".to_vec()].concat()).read();
        assert_eq!(yielded.causes(), [(None, 16, "trailing_bytes", true)], "{ending}");
        assert_eq!(yielded.rejected[0].bytes, 12);
    }
}

#[test]
fn a_name_that_belies_the_bytes_is_refused() {
    let yielded = Folder::with("a.txt", gzip(b"Text.")).and("b.txt.gz", "Text.").and("c.txt", "%PDF-1.4").read();
    assert_eq!(yielded.documents.len(), 0);
    let causes: Vec<_> = yielded.rejected.iter().map(|row| row.cause.as_str()).collect();
    assert_eq!(causes, ["binary", "corrupt", "binary"]);
    assert!(yielded.rejected[0].detail.contains(".gz"), "{}", yielded.rejected[0].detail);
    assert!(yielded.rejected[1].detail.contains("gzip"), "{}", yielded.rejected[1].detail);
}

#[test]
fn bytes_that_are_no_text_are_refused_as_what_they_are() {
    let mut tar = vec![0; 1024];
    tar[..7].copy_from_slice(b"one.txt");
    tar[257..262].copy_from_slice(b"ustar");
    let mut state = 7_u32;
    let random: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(3000)
    .collect();
    for (bytes, what) in [
        (tar, "tar"),
        (random, "control characters"),
        (b"PK\x03\x04\x14\0\0\0".to_vec(), "zip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "PNG"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".to_vec(), "PDF"),
        (b"\x7fELF\x02\x01\x01\0".to_vec(), "ELF"),
        (vec![0; 600], "zero"),
    ] {
        for name in ["a.txt", "a.md", "a.jsonl", "a.csv"] {
            let plain = Folder::with(name, &bytes).read();
            let packed = Folder::with(&format!("{name}.gz"), gzip(&bytes)).read();
            for yielded in [plain, packed] {
                assert_eq!(yielded.documents.len(), 0, "{name}: {what}");
                assert_eq!(yielded.rejected.len(), 1, "{name}: {what}");
                assert_eq!(yielded.rejected[0].cause, Cause::Binary, "{name}: {what}");
                assert!(yielded.rejected[0].detail.contains(what), "{}", yielded.rejected[0].detail);
            }
        }
    }
}

#[test]
fn a_file_packed_twice_is_refused_as_such() {
    for (ending, pack) in PACKERS {
        let yielded = Folder::with(&format!("a.jsonl.{ending}"), pack(&gzip(b"{\"text\": \"One.\"}\n"))).read();
        assert_eq!(yielded.documents.len(), 0);
        assert!(yielded.rejected[0].detail.contains("packed twice"), "{}", yielded.rejected[0].detail);
    }
}

#[test]
fn members_with_zeros_between_them_are_all_read() {
    for (ending, pack) in PACKERS {
        for zeros in [4, 512, 300_000] {
            let (one, two) = (pack(b"{\"text\": \"One.\"}\n"), pack(b"{\"text\": \"Two.\"}\n"));
            let bytes = [one, vec![0; zeros], two].concat();
            let yielded = Folder::with(&format!("a.jsonl.{ending}"), bytes).read();
            assert_eq!((yielded.texts().len(), yielded.rejected.len()), (2, 0), "{ending}, {zeros}");
        }
    }
}

#[test]
fn utf32_is_read_in_whole_files_and_refused_by_name_in_others() {
    let bytes: Vec<u8> =
        "\u{feff}Première ligne.\nДеуxième.".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let document = Folder::with("a.txt", &bytes).read().only();
    assert_eq!(document.text(), "Première ligne.\nДеуxième.");
    assert_eq!(document.metadata()["encoding"], "\"UTF-32LE\"");
    let yielded = Folder::with("a.jsonl", &bytes).read();
    assert!(yielded.rejected[0].detail.contains("UTF-32LE"), "{}", yielded.rejected[0].detail);
}

#[test]
fn stray_bytes_in_utf8_are_read_and_counted() {
    let yielded = Folder::with(
        "a.txt",
        b"L\xe2\x80\x99\xc3\xa9t\xc3\xa9 \x96 enfin \xff l'\xe9t\xe9 ! C\xe2\x80\x99est l\xe2\x80\x99heure.",
    )
    .read();
    assert_eq!(yielded.texts(), ["L’été – enfin \u{fffd} l'été ! C’est l’heure."]);
    assert_eq!(yielded.causes(), [(Some(0), 10, "undecodable_bytes", false)]);
    assert_eq!(yielded.rejected[0].bytes, 4);
    assert_eq!(
        yielded.rejected[0].detail,
        "4 bytes that are no UTF-8: 1 became U+FFFD, 3 were read as another encoding"
    );
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
    assert_eq!(document.facts().title.as_deref(), Some("A title"));
    assert_eq!(document.facts().author.as_deref(), Some("Ana; Bo"));
    assert_eq!(document.facts().published.expect("the day is read").to_string(), "2023-09-04");
    let metadata: Vec<_> = document.metadata().iter().map(|(key, json)| format!("{key}={json}")).collect();
    assert_eq!(metadata, ["tags=[\"x\"]", "text=\"not this\""]);
}
