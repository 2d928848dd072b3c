//! Law 8: a copy is removed only for the sake of one that stays. Where a later stage took that one, the build counts the texts that
//! are gone, the ledger names them, and `explain` tells; and no article shrinks in silence.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tamis::sink::dataset::{Dataset, Removed, read, removed_rows};
use tamis::sink::verify::verify;
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const SHARED: &str = "The harbour of Lenn was closed for eleven days after the storm, the port office said.";
const SECOND: &str = "Two of the three ferries were brought to the yard at Orsund, where they stay until June.";
const OTHERS: [&str; 4] = [
    "Nobody on the island had seen such a tide before, and nobody expects to see one again.",
    "The baker opened at four in the morning as always, and sold his bread to the firemen.",
    "In the school of the lower town the children counted forty-two boats on the meadow.",
    "The mayor thanked the volunteers, who had come over the pass with pumps and blankets.",
];

/// A folder with these articles and stages.
fn corpus(articles: &[(&str, String)], stages: &[&str], more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for (name, text) in articles {
        fs::write(folder.path().join("in").join(name), text).unwrap();
    }
    let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
    let config =
        format!("[dataset]\nname = \"a\"\n[[source]]\npaths = [\"in\"]\n{stages}[output]\ndir = \"out\"\n{more}");
    fs::write(folder.path().join("tamis.toml"), config).unwrap();
    folder
}

fn article(paragraphs: &[&str]) -> String {
    paragraphs.join("\n\n")
}

/// Builds with these arguments; what the build says, and the manifest.
fn build(folder: &TempDir, arguments: &[&str]) -> (String, Value) {
    let output = tamis(folder.path(), &[&["build", "tamis.toml"], arguments].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let manifest = serde_json::from_slice(&fs::read(folder.path().join("out/manifest.json")).unwrap()).unwrap();
    (said, manifest)
}

fn ledger(folder: &TempDir) -> Vec<Removed> {
    let dataset = Dataset::open(&folder.path().join("out")).unwrap();
    assert_eq!(verify(&dataset), Vec::<String>::new());
    let tables = dataset.tables("ledger/removed");
    tables.iter().flat_map(|path| read(path, &[], None).unwrap()).flat_map(|batch| removed_rows(&batch)).collect()
}

const ORPHANED: &str = "paragraph_dedup.repeated_paragraph_orphaned";

#[test]
fn a_kept_block_that_a_later_stage_removed_is_counted_once_and_its_copies_are_marked() {
    // Three articles share two paragraphs; `boilerplate` is asked to remove one of them, after its copies are gone.
    let articles =
        [0, 1, 2].map(|number| (["a.txt", "b.txt", "c.txt"][number], article(&[OTHERS[number], SHARED, SECOND])));
    let chrome = "boilerplate = { remove = [\"closed for eleven days\"] }";
    let folder = corpus(&articles, &["paragraph_dedup = {}", chrome], "");
    let (said, manifest) = build(&folder, &[]);
    assert!(said.contains("warning: `boilerplate` runs after `paragraph_dedup` and may remove"), "{said}");
    let gone = "warning: 1 text is gone altogether: its copies were removed, and the one that was kept went later (1 by `boilerplate`)";
    assert!(said.contains(gone), "{said}");
    assert_eq!(manifest["counts"]["orphans"], 1, "two copies, one text");
    assert_eq!(manifest["counts"]["orphans_by"], serde_json::json!({ "boilerplate": 1 }));
    let rows = ledger(&folder);
    let orphaned: Vec<&Removed> = rows.iter().filter(|row| row.rule == ORPHANED).collect();
    assert_eq!(orphaned.len(), 2);
    for row in orphaned {
        assert_eq!((row.partner_id.as_deref(), row.partner_block), (Some("in/a.txt#0"), Some(1)));
        assert_eq!((row.text.as_deref(), row.edited), (Some(SHARED), false));
    }
    assert_eq!(rows.iter().filter(|row| row.rule == "paragraph_dedup.repeated_paragraph").count(), 2);
    let rules = &manifest["stages"][0]["rules"];
    assert_eq!(
        (&rules[ORPHANED]["blocks"], &rules["paragraph_dedup.repeated_paragraph"]["blocks"]),
        (&2.into(), &2.into())
    );
    let told = stdout(folder.path(), &["explain", "out", "--id", "in/b.txt#0"]);
    assert!(
        told.contains(&format!(
            "{ORPHANED}: a copy of block 1 of in/a.txt#0, which a later stage removed; the paragraph stands in 3 documents\n"
        )),
        "{told}"
    );
    assert!(told.contains(": a copy of block 2 of in/a.txt#0; the paragraph stands in 3 documents\n"), "{told}");
}

#[test]
fn in_the_right_order_nothing_is_gone_and_nothing_is_said() {
    let articles =
        [0, 1, 2].map(|number| (["a.txt", "b.txt", "c.txt"][number], article(&[OTHERS[number], SHARED, SECOND])));
    let chrome = "boilerplate = { remove = [\"closed for eleven days\"] }";
    let folder = corpus(&articles, &[chrome, "paragraph_dedup = {}"], "");
    let (said, manifest) = build(&folder, &[]);
    assert!(!said.contains("runs after") && !said.contains("gone altogether"), "{said}");
    assert_eq!(manifest["counts"]["orphans"], 0);
    assert!(ledger(&folder).iter().all(|row| row.rule != ORPHANED));
}

#[test]
fn with_its_document_a_kept_block_is_gone_and_explain_shows_where_it_stood() {
    let articles =
        [("a.txt", article(&[SHARED])), ("b.txt", article(&[OTHERS[0], SHARED, OTHERS[1], OTHERS[2], OTHERS[3]]))];
    let tokens = "tokenize = { tokenizer = \"gpt2\", min_tokens = 40 }";
    let folder = corpus(&articles, &["paragraph_dedup = {}", tokens], "");
    let (said, manifest) = build(&folder, &[]);
    assert!(said.contains("(1 by `tokenize`)"), "{said}");
    assert_eq!(manifest["counts"]["orphans"], 1);
    let told = stdout(folder.path(), &["explain", "out", "--id", "in/b.txt#0"]);
    assert!(told.contains(": a copy of block 0 of in/a.txt#0, which a later stage removed; the paragraph"), "{told}");
    assert!(told.contains("\nthe kept copy: in/a.txt#0\n"), "{told}");
    assert!(told.contains("\nremoved by tokenize.too_few_tokens: "), "{told}");
}

#[test]
fn a_kept_block_that_was_removed_as_a_copy_itself_is_not_gone() {
    // The second stage, which folds case, removes what the first kept, in favour of the text in capitals of an earlier file.
    let articles = [
        ("a.txt", article(&[OTHERS[0], &SHARED.to_uppercase()])),
        ("b.txt", article(&[OTHERS[1], SHARED])),
        ("c.txt", article(&[OTHERS[2], SHARED])),
    ];
    let folder = corpus(&articles, &["paragraph_dedup = {}", "paragraph_dedup = { key = \"ccnet\" }"], "");
    let (said, manifest) = build(&folder, &[]);
    assert!(!said.contains("runs after") && !said.contains("gone altogether"), "{said}");
    assert_eq!(manifest["counts"]["orphans"], 0);
    let removed: BTreeSet<String> = ledger(&folder).into_iter().map(|row| row.stage).collect();
    assert_eq!(removed.len(), 2, "both stages removed a copy");
}

#[test]
fn equal_documents_are_judged_alike_so_none_is_lost_to_a_later_filter() {
    let german = "Der Rat der Stadt hat am Montag beschlossen, die alte Brücke über den Fluss nach dem langen Winter zu sanieren.";
    let articles =
        [("a.txt", german.to_owned()), ("b.txt", german.to_owned()), ("c.txt", article(&[SHARED, SECOND, OTHERS[0]]))];
    let folder = corpus(&articles, &["document_dedup = {}", "language = { keep = [\"en\"] }"], "");
    let (said, manifest) = build(&folder, &[]);
    assert!(!said.contains("runs after") && !said.contains("gone altogether"), "{said}");
    assert_eq!(manifest["counts"]["orphans"], 0);
    let rows = ledger(&folder);
    assert!(rows.iter().any(|row| row.rule == "document_dedup.repeated_document_orphaned"), "{rows:#?}");
}

#[test]
fn counts_and_marks_do_not_depend_on_how_the_corpus_is_cut_or_what_the_ledger_holds() {
    let names: Vec<String> = (0..40).map(|number| format!("{number:02}.txt")).collect();
    let shared: Vec<String> = (0..8).map(|number| format!("Notice number {number}: {SHARED}")).collect();
    let articles: Vec<(&str, String)> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let own = format!("Report {number}. {}", OTHERS[number % 4]);
            (name.as_str(), article(&[&own, &shared[number % 8], &shared[number * 3 % 8], SECOND]))
        })
        .collect();
    let chrome = "boilerplate = { remove = [\"^Notice number [0-5]\"] }";
    let folder = corpus(&articles, &["paragraph_dedup = {}", chrome], "");
    let (_, first) = build(&folder, &["--threads", "1"]);
    assert_eq!(first["counts"]["orphans"], 6);
    let expected: Vec<String> = ledger(&folder).iter().map(|row| format!("{row:?}")).collect();
    for arguments in [&["--partition-size", "200", "--threads", "3"][..], &["--partition-size", "1", "--memory", "1"]] {
        let (_, manifest) = build(&folder, &[arguments, &["--fresh"]].concat());
        assert_eq!(manifest["digest"], first["digest"], "{arguments:?}");
        assert_eq!(manifest["counts"], first["counts"], "{arguments:?}");
        let found: Vec<String> = ledger(&folder).iter().map(|row| format!("{row:?}")).collect();
        assert_eq!(found, expected);
    }
    for detail in ["hashes", "counts"] {
        let (_, manifest) = build(&folder, &["--set", &format!("output.ledger={detail}")]);
        assert_eq!((&manifest["counts"], &manifest["stages"]), (&first["counts"], &first["stages"]), "{detail}");
        ledger(&folder);
    }
}

#[test]
fn documents_that_lost_most_of_their_prose_are_named_and_a_guard_stops_the_build() {
    let articles = [
        ("a b.txt", article(&[SHARED, SECOND, OTHERS[0]])),
        ("c.txt", article(&[SHARED, OTHERS[0], OTHERS[1], OTHERS[2]])),
        ("d.txt", article(&[OTHERS[1], OTHERS[2], OTHERS[3]])),
    ];
    let stages = ["boilerplate = { remove = [\"harbour of Lenn\", \"three ferries\"] }", "paragraph_dedup = {}"];
    let folder = corpus(&articles, &stages, "");
    let (said, manifest) = build(&folder, &[]);
    let expected = "warning: 1 document lost more than 60 % of the running prose, block by block:\n  33 of 50 words: in/a b.txt#0\n  \
                    to see why: tamis explain out --id 'in/a b.txt#0'";
    assert!(said.contains(expected), "{said}");
    assert_eq!(manifest["counts"]["gutted"], 1);
    assert_eq!(manifest["gutted"], serde_json::json!([{ "id": "in/a b.txt#0", "words": 50, "lost": 33 }]));
    assert!(stdout(folder.path(), &["inspect", "out"]).contains("1 document lost more than 60 % of the running prose"));
    let guard = |limit: &str| {
        let config = fs::read_to_string(folder.path().join("tamis.toml")).unwrap();
        let config = config.split("[guards]").next().unwrap().to_owned();
        fs::write(folder.path().join("tamis.toml"), format!("{config}[guards]\nmax_gutted = {limit}\n")).unwrap();
        tamis(folder.path(), &["build", "tamis.toml"])
    };
    let stopped = guard("0.3");
    let said = String::from_utf8(stopped.stderr).unwrap();
    assert_eq!(stopped.status.code(), Some(6), "{said}");
    for piece in [
        "guard `max_gutted` tripped: 33.3 % of the documents",
        "(1 of 3)",
        "most was lost by `in/a b.txt#0` (33 of 50 words)",
    ] {
        assert!(said.contains(piece), "no {piece:?} in:\n{said}");
    }
    assert_eq!(guard("0").status.code(), Some(6));
    assert_eq!(guard("1").status.code(), Some(0));
    assert_eq!(guard("0.34").status.code(), Some(0));
}
