//! Evaluation sets through the program: what goes, how the ledger, the manifest, `explain` and the lock tell of it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tamis::sink::dataset::{Dataset, Removed, read, removed_rows};
use tamis::sink::verify::verify;
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const TRAIN: &str = "A train leaves Dunmore at nine carrying forty passengers and stops twice before it reaches the coast. How long is its journey?";
const BRIDGE: &str = "Which Scottish bridge was painted last by Hamish?";
const FERRY: &str = "Why did the ferry from Lenn not sail on the morning after the great storm of that winter?";

/// A folder with articles, in which one item of each set stands, and this stage.
fn corpus(options: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tests/a.jsonl", format!("{{\"question\": \"{FERRY}\"}}\n{{\"question\": \"{TRAIN}\", \"answer\": 3}}\n"));
    write("tests/b.csv", format!("prompt,target\n{BRIDGE},the Forth Bridge\n"));
    for (number, middle) in
        ["Nobody knew.", TRAIN, "The harbour was closed.", BRIDGE, "They went home."].iter().enumerate()
    {
        write(
            &format!("in/{number}.txt"),
            format!("They sat in the station and read number {number}.\n\n{middle}\n\nIt rained."),
        );
    }
    let sets = "sets = [{ paths = [\"tests/a.jsonl\"] }, { paths = [\"tests/*.csv\"], question = \"prompt\", answer = \"target\" }]";
    let config = format!(
        "[dataset]\nname = \"a\"\n[[source]]\npaths = [\"in\"]\n[[stage]]\ndecontaminate = {{ {sets}{options} }}\n[output]\ndir = \"out\"\n"
    );
    write("tamis.toml", config);
    folder
}

fn build(folder: &Path, arguments: &[&str]) -> Value {
    let output = tamis(folder, &[&["build", "tamis.toml", "--quiet"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let dataset = Dataset::open(&folder.join("out")).unwrap();
    assert_eq!(verify(&dataset), Vec::<String>::new());
    serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).unwrap()).unwrap()
}

/// The rows of the ledger, each with the document's id.
fn ledger(folder: &Path) -> Vec<(String, Removed)> {
    let tables = Dataset::open(&folder.join("out")).unwrap().tables("ledger/removed");
    let rows = tables.iter().flat_map(|path| read(path, &[], None).unwrap()).flat_map(|batch| removed_rows(&batch));
    let mut rows: Vec<(String, Removed)> = rows.map(|row| (row.id.clone(), row)).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

#[test]
fn documents_with_an_item_go_and_the_ledger_names_it() {
    let folder = corpus("");
    let manifest = build(folder.path(), &[]);
    let rows = ledger(folder.path());
    let told: Vec<(&str, &str, Option<&str>)> =
        rows.iter().map(|(id, row)| (id.as_str(), row.rule.as_str(), row.partner_id.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("in/1.txt#0", "decontaminate.evaluation_item", Some("tests/a.jsonl#1")),
            ("in/3.txt#0", "decontaminate.short_evaluation_item", Some("tests/b.csv#0")),
        ]
    );
    let models: Vec<&str> =
        manifest["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(models, ["tests/a.jsonl", "tests/b.csv"]);
    let explained = stdout(folder.path(), &["explain", "out", "--id", "in/1.txt#0"]);
    assert!(explained.contains("tests/a.jsonl#1"), "{explained}");
    let explained = stdout(folder.path(), &["explain", "tamis.toml", "in/3.txt"]);
    assert!(explained.contains("tests/b.csv#0"), "{explained}");
}

#[test]
fn the_bytes_are_the_same_for_any_partitions_and_after_an_article_came_in() {
    let folder = corpus("");
    let first = build(folder.path(), &["--fresh"]);
    let other = build(folder.path(), &["--fresh", "--partition-size", "40B", "--threads", "2"]);
    assert_eq!(first["digest"], other["digest"]);
    fs::write(folder.path().join("in/9.txt"), format!("Somebody asked:\n\n{FERRY}")).unwrap();
    let grown = build(folder.path(), &["--partition-size", "40B"]);
    assert_eq!(grown["digest"], build(folder.path(), &["--fresh"])["digest"]);
    assert_eq!(ledger(folder.path()).len(), 3);
}

#[test]
fn a_changed_set_is_drift_for_the_lock_and_makes_another_dataset() {
    let folder = corpus(", action = \"remove-block\"");
    build(folder.path(), &[]);
    assert_eq!(ledger(folder.path()).iter().map(|(_, row)| row.block).collect::<Vec<_>>(), [Some(1), Some(1)]);
    fs::write(folder.path().join("tests/a.jsonl"), format!("{{\"question\": \"{FERRY}\"}}\n")).unwrap();
    let drifted = tamis(folder.path(), &["build", "tamis.toml", "--quiet", "--locked"]);
    assert_eq!(drifted.status.code(), Some(4));
    build(folder.path(), &[]);
    assert_eq!(ledger(folder.path()).len(), 1);
}

#[test]
fn a_copy_of_a_contaminated_document_is_told_that_its_kept_copy_is_gone() {
    let folder = corpus("");
    let config = fs::read_to_string(folder.path().join("tamis.toml")).unwrap();
    let paragraphs = "[[stage]]\nparagraph_dedup = { min_chars = 10 }\n[[stage]]\ndecontaminate";
    fs::write(folder.path().join("tamis.toml"), config.replace("[[stage]]\ndecontaminate", paragraphs)).unwrap();
    let shared = "The baker opened at four in the morning as always.";
    for (name, more) in [("1", TRAIN), ("4", "They went home.")] {
        fs::write(folder.path().join(format!("in/{name}.txt")), format!("{shared}\n\n{more}")).unwrap();
    }
    build(folder.path(), &[]);
    let rows = ledger(folder.path());
    let (_, orphan) = rows.iter().find(|(id, _)| id == "in/4.txt#0").unwrap();
    assert_eq!(
        (orphan.rule.as_str(), orphan.partner_id.as_deref()),
        ("paragraph_dedup.repeated_paragraph_orphaned", Some("in/1.txt#0"))
    );
}
