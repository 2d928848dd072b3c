//! `tamis diff` between two real builds: text for people, JSON for machines.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const CONFIG: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"in\"]\n[[stage]]\ndocument_dedup = {}\n\
    [[stage]]\nparagraph_dedup = { min_chars = 20 }\n[[stage]]\nlanguage = {}\n[[stage]]\ntokenize = { tokenizer = \"gpt2\" }\n\
    [output]\ndir = \"out\"\n";

fn article(number: u32) -> String {
    format!("Report {number}\n\nThe ferry number {number} left the harbour at dawn with forty people on board.\n")
}

/// Two builds, `a` and `b`: one article changed, one gone, one renamed, one new, and an option of a stage.
fn builds() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join("in").join(name);
    fs::create_dir(folder.path().join("in")).unwrap();
    (0..15).for_each(|number| fs::write(path(&format!("{number:02}.txt")), article(number)).unwrap());
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-o", "a"]);
    fs::write(path("03.txt"), article(33)).unwrap();
    fs::remove_file(path("04.txt")).unwrap();
    fs::rename(path("05.txt"), path("five.txt")).unwrap();
    fs::write(path("new.txt"), "Le gouvernement a annoncé jeudi une série de mesures pour les ménages modestes.\n")
        .unwrap();
    fs::write(path("copy.txt"), article(7)).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-o", "b", "--set", "stage.paragraph_dedup.min_chars=30"]);
    folder
}

#[test]
fn two_builds_are_told_apart() {
    let folder = builds();
    let text = stdout(folder.path(), &["diff", "a", "b"]);
    for piece in [
        "\nconfig\n  stage.paragraph_dedup.min_chars  20 → 30\n",
        "\ninputs: 3 added, 2 removed, 1 changed\n  + in/copy.txt\n  + in/five.txt\n  + in/new.txt\n  - in/04.txt\n  - in/05.txt\n  ~ in/03.txt\n",
        "\ndocuments: 1 added, 1 removed, 1 changed, 1 under another id, 12 the same\n  + in/new.txt#0\n  - in/04.txt#0\n  \
         ~ in/03.txt#0\n  in/05.txt#0 → in/five.txt#0\n",
        "document_dedup.repeated_document",
        "0 → 1 (+1)",
        "\nlanguage ",
        "\nfr  ",
    ] {
        assert!(text.contains(piece), "no {piece:?} in:\n{text}");
    }
}

#[test]
fn the_same_difference_as_json() {
    let folder = builds();
    let difference: Value = serde_json::from_str(&stdout(folder.path(), &["diff", "a", "b", "--json"])).unwrap();
    assert_eq!(difference["same"], false);
    assert_eq!(difference["config"], json!([{"key": "stage.paragraph_dedup.min_chars", "a": 20, "b": 30}]));
    assert_eq!(difference["inputs"]["removed"], json!(["in/04.txt", "in/05.txt"]));
    let documents = json!({
        "same": 12,
        "added": ["in/new.txt#0"],
        "removed": ["in/04.txt#0"],
        "changed": ["in/03.txt#0"],
        "renamed": [{"a": "in/05.txt#0", "b": "in/five.txt#0"}],
        "moved": [],
    });
    assert_eq!(difference["documents"], documents);
    assert_eq!(difference["rules"]["document_dedup.repeated_document"]["b"]["documents"], 1);
    assert_eq!(difference["languages"]["fr"]["a"]["documents"], 0);
    assert!(difference["splits"]["train"]["b"]["tokens"].as_u64().unwrap() > 0);
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.md")).unwrap();
    for key in difference.as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{key}` ")), "docs/diff.md does not say what `{key}` is");
    }
    let back: Value = serde_json::from_str(&stdout(folder.path(), &["diff", "b", "a", "--json"])).unwrap();
    assert_eq!(back["documents"]["added"], difference["documents"]["removed"]);
}

#[test]
fn a_dataset_is_the_same_as_itself() {
    let folder = builds();
    let text = stdout(folder.path(), &["diff", "a", "a"]);
    assert!(text.starts_with("the datasets are the same (digest "), "{text}");
    let difference: Value = serde_json::from_str(&stdout(folder.path(), &["diff", "b", "b", "--json"])).unwrap();
    assert_eq!((&difference["same"], &difference["documents"]["same"]), (&json!(true), &json!(15)));
}

#[test]
fn only_the_first_ten_ids_are_shown_unless_all_are_asked_for() {
    let folder = builds();
    (20..45).for_each(|number| fs::write(folder.path().join(format!("in/{number}.txt")), article(number)).unwrap());
    stdout(folder.path(), &["build", "tamis.toml", "-o", "c"]);
    let text = stdout(folder.path(), &["diff", "b", "c"]);
    assert!(text.contains("25 added") && text.contains("    and 15 more (--all shows them)\n"), "{text}");
    let all = stdout(folder.path(), &["diff", "b", "c", "--all"]);
    assert!(all.contains("  + in/44.txt#0\n") && !all.contains("more (--all"), "{all}");
}

#[test]
fn one_document_is_shown_with_its_words_marked_and_why_lines_are_gone() {
    let folder = builds();
    let told = stdout(folder.path(), &["diff", "a", "b", "--id", "in/03.txt#0"]);
    assert!(told.starts_with("in/03.txt#0\n  a  kept: ") && told.contains("\n  Report [-3-]{+33+}\n"), "{told}");
    assert!(told.contains("ferry number [-3-]{+33+} left"), "{told}");
    stdout(folder.path(), &["build", "tamis.toml", "-o", "c", "--set", "stage.paragraph_dedup.keep=\"none\""]);
    let told = stdout(folder.path(), &["diff", "b", "c", "--id", "in/new.txt#0"]);
    assert!(told.ends_with("\n\nthe text is the same\n"), "{told}");
    let told = stdout(folder.path(), &["diff", "a", "b", "--id", "in/04.txt#0"]);
    assert!(told.contains("\n  b  not there\n") && told.contains("[-Report 4-]"), "{told}");
    let output = tamis(folder.path(), &["diff", "a", "b", "--id", "no such"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn of_many_documents_it_says_which_files_they_come_from() {
    let folder = builds();
    let records = |from: u32| {
        let record = |number: u32| serde_json::json!({ "text": article(number) }).to_string() + "\n";
        (from..from + 12).map(record).collect::<String>()
    };
    fs::write(folder.path().join("in/a.jsonl"), records(100)).unwrap();
    fs::write(folder.path().join("in/b.jsonl"), records(200)).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-o", "c"]);
    let text = stdout(folder.path(), &["diff", "b", "c"]);
    assert!(text.contains("    and 14 more (--all shows them)\n    12 of in/a.jsonl, 12 of in/b.jsonl\n"), "{text}");
}

#[test]
fn documents_in_another_split_are_named_and_the_exit_code_tells_where_it_is_asked_for() {
    let folder = builds();
    let split = |salt: &str, out: &str| {
        let config = CONFIG.replace(
            "[output]",
            &format!("[[stage]]\nsplit = {{ train = 0.5, test = 0.5, salt = \"{salt}\" }}\n[output]"),
        );
        fs::write(folder.path().join("split.toml"), config).unwrap();
        stdout(folder.path(), &["build", "split.toml", "-o", out]);
    };
    split("one", "c");
    split("two", "d");
    let text = stdout(folder.path(), &["diff", "c", "d"]);
    assert!(text.contains(" in another split\n") && text.contains(": train → test\n"), "{text}");
    let difference: Value = serde_json::from_str(&stdout(folder.path(), &["diff", "c", "d", "--json"])).unwrap();
    let moved = difference["documents"]["moved"].as_array().unwrap();
    assert!(moved.len() > 2 && moved.iter().all(|moved| moved["a"] != moved["b"]), "{moved:?}");
    for (a, b, code) in [("c", "d", 4), ("c", "c", 0)] {
        assert_eq!(tamis(folder.path(), &["diff", a, b, "--exit-code"]).status.code(), Some(code));
    }
}

#[test]
fn a_folder_that_is_no_dataset_is_a_usage_error() {
    let folder = builds();
    let output = tamis(folder.path(), &["diff", "a", "in"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("in is no tamis dataset"));
}
