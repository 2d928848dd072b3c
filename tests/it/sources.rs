//! Sources that are not what the config takes them for: said before anything runs, or at the end with the place of each
//! record. Each test drives the real binary in a folder of its own.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Builds or checks over the files `in/*`, with `fields` in the source's table.
struct Source(TempDir);

impl Source {
    fn new(files: &[(&str, &str)], fields: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join("in").join(name), text).unwrap();
        }
        let config = format!(
            "[dataset]\nname = \"a\"\n[[source]]\npaths = [\"in\"]\n{fields}\n[[stage]]\nnormalize = {{}}\n[output]\ndir = \"out\"\n"
        );
        fs::write(folder.path().join("tamis.toml"), config).unwrap();
        Self(folder)
    }

    fn run(&self, command: &str) -> (Option<i32>, String) {
        let mut tamis = Command::new(env!("CARGO_BIN_EXE_tamis"));
        let Output { status, stderr, .. } =
            tamis.current_dir(self.0.path()).args([command, "tamis.toml"]).output().unwrap();
        (status.code(), String::from_utf8(stderr).unwrap())
    }

    /// Expects this exit code of `build` and `check`, and all of these pieces on stderr.
    fn says(&self, code: i32, pieces: &[&str]) {
        for command in ["build", "check"] {
            let (exit, message) = self.run(command);
            assert_eq!(exit, Some(code), "{command}: {message}");
            pieces.iter().for_each(|piece| assert!(message.contains(piece), "{command}: no {piece:?} in:\n{message}"));
        }
        assert_eq!(self.0.path().join("out").exists(), code == 0);
    }
}

const LINES: &str = "{\"body\": \"One.\", \"date\": \"2023-03-29\"}\n{broken\n{\"body\": \"Two.\", \"date\": null}\n";

#[test]
fn a_text_that_no_record_has_is_an_error_before_anything_runs() {
    let wrong = Source::new(&[("a.jsonl", LINES)], "fields = { text = \"bodi\" }");
    wrong.says(
        2,
        &[
            "tamis.toml:5:12",
            "no field `bodi`; there are `body`, `date`",
            "did you mean `fields = { text = \"body\" }`?",
        ],
    );
    let none = Source::new(&[("a.jsonl", LINES)], "");
    none.says(2, &["no field `text`; there are `body`, `date`", "text = \"body\""]);
    Source::new(&[("a.jsonl", LINES)], "fields = { text = \"body\" }").says(0, &[]);
    Source::new(&[("a.csv", "titel,inhalt\na,b\n")], "").says(2, &["no field `text`; there are `inhalt`, `titel`"]);
    let nested = [("a.jsonl", "{\"article\": {\"body\": {\"main\": \"One.\"}}}\n")];
    Source::new(&nested, "fields = { text = \"article.body.main\" }").says(0, &[]);
    Source::new(&nested, "fields = { text = \"article.body.rest\" }").says(2, &["no field `article.body.rest`"]);
    let late = format!("{}{{\"text\": \"One.\"}}\n", "{\"x\": 1}\n".repeat(40));
    Source::new(&[("a.jsonl", &late)], "").says(0, &[]);
    let other = [("a.csv", "x\n1\n"), ("b.jsonl", "{\"text\": \"One.\"}\n"), ("c.txt", "Two.")];
    Source::new(&other, "").says(0, &[]);
    let beside = [("a.txt", "One."), ("b.jsonl", "{\"id\": 7}\n")];
    Source::new(&beside, "")
        .says(0, &["warning: the first records of source 1 (in) have no field `text`; there are `id`"]);
    Source::new(&beside, "fields = { text = \"body\" }").says(2, &["no field `body`; there are `id`"]);
}

#[test]
fn another_field_that_no_record_has_is_an_error_where_that_is_certain() {
    let rows = [("a.csv", "text,headline\nOne.,A\n"), ("b.tsv", "text\tautor\nTwo.\tB\n")];
    Source::new(&rows, "fields = { title = \"headline\", author = \"autor\" }").says(0, &[]);
    let mistaken = Source::new(&rows, "fields = { title = \"headlines\" }");
    mistaken.says(2, &["no field `headlines`", "did you mean `fields = { title = \"headline\" }`?"]);
    let line = [("a.jsonl", "{\"text\": \"One.\", \"headline\": \"A\"}\n")];
    Source::new(&line, "fields = { title = \"headlines\" }")
        .says(0, &["warning: the first records of source 1 (in) have no field `headlines`"]);
    let page = [("a.md", "---\nheadline: A\n---\nOne.\n")];
    Source::new(&page, "fields = { title = \"headlines\" }").says(0, &["no field `headlines`; there are `headline`"]);
    Source::new(&[("a.txt", "One.")], "fields = { title = \"headlines\" }").says(0, &[]);
}

#[test]
fn a_source_that_gives_nothing_ends_the_build_with_3() {
    for (files, pieces) in [
        (
            vec![("a.jsonl", "{\"text\": null}\n{\"text\": 7}\n")],
            ["1 empty, 1 wrong_type", "in/a.jsonl:2 wrong_type: the field `text` is a number"],
        ),
        (vec![("a.csv", "id,text\n")], ["1 empty", "in/a.csv empty: the file has a header, but no rows"]),
        (vec![("a.html", "<p>"), ("b.json", "{}")], ["2 unknown_format", "set `format = \"jsonl\"`"]),
        (vec![("a.txt", " \n")], ["source 1 (in) gave no document", "in/a.txt empty"]),
    ] {
        let source = Source::new(&files, "");
        let (exit, message) = source.run("build");
        assert_eq!(exit, Some(3), "{message}");
        pieces.iter().for_each(|piece| assert!(message.contains(piece), "no {piece:?} in:\n{message}"));
        assert!(!source.0.path().join("out").exists());
    }
    let damaged = Source::new(&[("a.jsonl", "[\n {\n  \"text\": \"One.\"\n }\n]\n")], "");
    let (exit, message) = damaged.run("build");
    assert_eq!(exit, Some(0), "damage never ends a build by itself: {message}");
    assert!(message.contains("warning: source 1 (in) gave no document"), "{message}");
}

#[test]
fn the_first_rejected_records_are_shown_with_their_places() {
    let rows: String = (0..9).map(|row| format!("{row},x,y\n")).collect();
    let lines = "{\"text\": \"One.\"}\n\n{\"text\": \"cut\n";
    let source = Source::new(&[("a.csv", &format!("id,text\n\"1\",\"One\nTwo\"\n{rows}")), ("b.jsonl", lines)], "");
    let (exit, message) = source.run("build");
    assert_eq!(exit, Some(0), "{message}");
    for piece in [
        "not all input could be read (9 malformed_csv, 1 malformed_json)\n",
        "\n  in/a.csv:4 malformed_csv: the row in line 4 has 3 fields, the header has 2\n",
        "\n  and 5 more; see out/ledger/rejected.parquet",
    ] {
        assert!(message.contains(piece), "no {piece:?} in:\n{message}");
    }
    let source = Source::new(&[("b.jsonl", lines)], "");
    let (_, message) = source.run("build");
    assert!(message.contains("\n  in/b.jsonl:3:13 malformed_json: the line ends within a string\n"), "{message}");
}
