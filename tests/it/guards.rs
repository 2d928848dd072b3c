//! Guards as users meet them: what a build that loses too much says, its exit code, and that the last dataset stays.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

const CONFIG: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"in\"]\n[[source]]\npaths = [\"more\"]\n[[stage]]\n\
    document_dedup = {}\n[[stage]]\nparagraph_dedup = { min_chars = 20 }\n[output]\ndir = \"out\"\n";

/// Ten articles, of which `more` has five that are copies of those in `in`, and a file that cannot be read.
fn corpus() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, text: &str| fs::write(folder.path().join(name), text).unwrap();
    ["in", "more"].iter().for_each(|name| fs::create_dir(folder.path().join(name)).unwrap());
    for number in 0..5 {
        let article = format!("Ferry number {number} left the harbour at dawn with forty people on board.\n");
        write(format!("in/{number}.txt"), &article);
        write(format!("more/{number}.txt"), &article);
    }
    write("more/broken.jsonl".to_owned(), "{\"text\": \n");
    write("tamis.toml".to_owned(), CONFIG);
    folder
}

fn build(folder: &TempDir, more: &str) -> Output {
    fs::write(folder.path().join("tamis.toml"), format!("{CONFIG}{more}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.current_dir(folder.path()).args(["build", "tamis.toml"]).output().unwrap()
}

fn said(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[test]
fn without_guards_much_that_was_removed_is_a_warning() {
    let folder = corpus();
    let said = said(&build(&folder, ""), 0);
    let expected = "warning: source 2 (more) lost 100.0 % of its bytes in all stages together (";
    assert!(said.contains(expected), "{said}");
    assert!(
        !said.contains("`document_dedup` removed"),
        "half of the bytes that reached it are not more than half: {said}"
    );
}

#[test]
fn a_tripped_guard_ends_with_6_and_leaves_the_last_dataset_as_it_was() {
    let folder = corpus();
    said(&build(&folder, ""), 0);
    let before = fs::read(folder.path().join("out/manifest.json")).unwrap();
    let message = said(&build(&folder, "[guards]\nmax_removed = { document_dedup = 0.4 }\nmin_documents = 6\n"), 6);
    for piece in [
        "error: the build was stopped by its guards\n\ntamis.toml:14:17: guard `max_removed` tripped: `document_dedup` removed 50.0 % of the bytes",
        "the config allows 40.0 %",
        "hint: most was removed by `document_dedup.repeated_document` (",
        "tamis.toml:15:1: guard `min_documents` tripped: 5 documents are left of 11; the config asks for 6",
        "hint: nothing was changed at the output's place",
    ] {
        assert!(message.contains(piece), "no {piece:?} in:\n{message}");
    }
    assert_eq!(fs::read(folder.path().join("out/manifest.json")).unwrap(), before);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
    said(&build(&folder, "[guards]\nmax_removed = { document_dedup = 0.5 }\nmin_documents = 5\n"), 0);
    assert_eq!(fs::read(folder.path().join("out/manifest.json")).unwrap(), before, "guards are no part of a dataset");
}

#[test]
fn a_source_has_its_own_guard() {
    let folder = corpus();
    let set = "[[test]]\ninput = 'a'\nexpect_kept = 'a'\n";
    fs::write(folder.path().join("tamis.toml"), format!("{CONFIG}{set}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    let arguments = ["build", "tamis.toml", "--set", "source[1].max_removed=0.9"];
    let message = said(&command.current_dir(folder.path()).args(arguments).output().unwrap(), 6);
    assert!(
        message.contains("--set source[1].max_removed: guard `max_removed` tripped: source 2 (more) lost 100.0 %"),
        "{message}"
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn too_many_records_that_cannot_be_read_end_with_3() {
    let folder = corpus();
    let message = said(&build(&folder, "[guards]\nmax_rejected = 0\n"), 3);
    assert!(
        message
            .contains("guard `max_rejected` tripped: 1 of the records cannot be read (1 of 11); the config allows 0"),
        "{message}"
    );
    assert!(message.contains("the causes are malformed_json (1)"), "{message}");
    said(&build(&folder, "[guards]\nmax_rejected = 0.1\n"), 0);
}

#[test]
fn a_global_stage_that_compared_nothing_is_told() {
    let folder = corpus();
    let config = CONFIG.replace("min_chars = 20", "min_chars = 2000");
    fs::write(folder.path().join("tamis.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    let output = command.current_dir(folder.path()).args(["build", "tamis.toml"]).output().unwrap();
    let expected = "warning: `paragraph_dedup` compared nothing: no text of the 5 documents that reached it meets `min_chars = 2000`";
    assert!(said(&output, 0).contains(expected), "{}", said(&output, 0));
}
