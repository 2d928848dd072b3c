//! Repeated passages through the program: the same bytes whatever the partitions, and after an article came in; what the ledger and
//! `explain` tell of a passage that was cut out of a paragraph.

use std::fs;
use std::path::Path;

use tamis::sink::dataset::{Dataset, Removed, read, removed_rows};
use tamis::sink::verify::verify;
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const NOTICE: &str = "All figures were taken from the register of the port of Lenn with the greatest care, but nobody can vouch for them.";

fn article(number: usize) -> String {
    let day = ["Monday", "Tuesday", "Friday"][number % 3];
    let notice = if number.is_multiple_of(2) { NOTICE } else { "" };
    format!(
        "Report {number} of the port office.\n\nOn {day} {number} boats came in. {notice} The next report follows in {number} days."
    )
}

fn corpus(articles: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    (0..articles).for_each(|number| write(folder.path(), number));
    let config = "[dataset]\nname = \"a\"\n[[source]]\npaths = [\"in\"]\n[[stage]]\nsubstring_dedup = { min_chars = 80 }\n[output]\ndir = \"out\"\n";
    fs::write(folder.path().join("tamis.toml"), config).unwrap();
    folder
}

fn write(folder: &Path, number: usize) {
    fs::write(folder.join(format!("in/{number:02}.txt")), article(number)).unwrap();
}

fn digest(folder: &Path, arguments: &[&str]) -> String {
    let output = tamis(folder, &[&["build", "tamis.toml", "--quiet"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let dataset = Dataset::open(&folder.join("out")).unwrap();
    assert_eq!(verify(&dataset), Vec::<String>::new());
    dataset.manifest.digest
}

/// The rows of the ledger, by the documents' ids.
fn ledger(folder: &Path) -> Vec<Removed> {
    let tables = Dataset::open(&folder.join("out")).unwrap().tables("ledger/removed");
    let rows = tables.iter().flat_map(|path| read(path, &[], None).unwrap()).flat_map(|batch| removed_rows(&batch));
    let mut rows: Vec<Removed> = rows.collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

#[test]
fn the_bytes_are_the_same_for_any_partitions_and_after_an_earlier_article_came_in() {
    let folder = corpus(9);
    let first = digest(folder.path(), &["--fresh"]);
    for size in ["40B", "300B"] {
        assert_eq!(digest(folder.path(), &["--fresh", "--partition-size", size, "--threads", "2"]), first, "{size}");
    }
    fs::remove_file(folder.path().join("in/00.txt")).unwrap();
    let fewer = digest(folder.path(), &["--partition-size", "40B"]);
    assert_ne!(fewer, first);
    write(folder.path(), 0);
    assert_eq!(digest(folder.path(), &["--partition-size", "40B"]), first);
}

#[test]
fn the_ledger_and_explain_name_the_copy_that_is_kept() {
    let folder = corpus(5);
    digest(folder.path(), &[]);
    let rows = ledger(folder.path());
    let told: Vec<(&str, &str, Option<&str>, Option<u32>)> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.rule.as_str(), row.partner_id.as_deref(), row.partner_block))
        .collect();
    let rule = "substring_dedup.repeated_passage";
    let kept = (rule, Some("in/00.txt#0"), Some(1));
    assert_eq!(told, ["in/02.txt#0", "in/04.txt#0"].map(|id| (id, kept.0, kept.1, kept.2)));
    assert!(rows.iter().all(|row| row.edited && row.text.as_deref().is_some_and(|text| text.trim() == NOTICE)));
    let explained = stdout(folder.path(), &["explain", "out", "--id", "in/02.txt#0"]);
    assert!(explained.contains("a copy of what stands in block 1 of in/00.txt#0"), "{explained}");
}

#[test]
fn a_passage_whose_kept_copy_a_later_stage_removed_is_told_so() {
    let folder = corpus(3);
    let config = fs::read_to_string(folder.path().join("tamis.toml")).unwrap();
    let boilerplate = "[[stage]]\nboilerplate = { remove = [\"^On Monday 0 boats\"] }\n[output]";
    fs::write(folder.path().join("tamis.toml"), config.replace("[output]", boilerplate)).unwrap();
    digest(folder.path(), &[]);
    let rules: Vec<String> = ledger(folder.path()).into_iter().map(|row| format!("{} {}", row.id, row.rule)).collect();
    assert!(rules.contains(&"in/02.txt#0 substring_dedup.repeated_passage_orphaned".to_owned()), "{rules:?}");
}
