//! `tamis inspect`: rows that an expression picks, documents that lost most, samples of a rule.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const CONFIG: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"in\"]\nfields = { id = \"id\" }\n\
    [[stage]]\nboilerplate = { repeats = false, remove = [\"lighthouse\"] }\n[[stage]]\nlanguage = {}\n[[stage]]\nparagraph_dedup = { min_chars = 20 }\n\
    [[stage]]\ntokenize = { tokenizer = \"gpt2\" }\n[[stage]]\nsplit = { train = 0.5, test = 0.5 }\n[output]\ndir = \"out\"\n";

/// Twelve articles, every third one in French; one loses two sentences on a lighthouse, another one of them; all share a sentence.
fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let lights = [
        "The old lighthouse of the island was painted white again by the people of the village last week.",
        "Nobody has lived in the lighthouse since the last keeper left it on a cold morning in November.",
    ];
    let record = |number: usize| {
        let own = if number.is_multiple_of(3) {
            format!(
                "Le gouvernement a annoncé jeudi une série de {number} mesures pour les ménages les plus modestes du pays."
            )
        } else {
            format!("The ferry number {number} left the harbour at dawn with forty people and their sheep on board.")
        };
        let light = match number {
            4 => lights.join("\n\n"),
            5 => lights[0].to_owned(),
            _ => String::new(),
        };
        let text = format!("{own}\n\n{light}\n\nHeavy snow closed the old bridge over the river for eleven long days.");
        serde_json::json!({ "id": format!("post-{number}"), "title": format!("Report {number}"), "text": text })
            .to_string()
    };
    let records: Vec<String> = (0..12).map(record).collect();
    fs::write(folder.path().join("in/a.jsonl"), records.join("\n")).unwrap();
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-q"]);
    folder
}

fn inspected(folder: &TempDir, arguments: &[&str]) -> String {
    let all: Vec<&str> = ["inspect", "out"].iter().chain(arguments).copied().collect();
    stdout(folder.path(), &all)
}

#[test]
fn an_expression_picks_rows_of_all_splits() {
    let folder = built();
    let french = inspected(&folder, &["--where", "language = \"fr\" and words > 10", "--head", "3"]);
    assert!(french.starts_with("4 documents, "), "{french}");
    assert!(french.contains("… 1 more (`--head N` shows more)\n") && french.contains("  fr  "), "{french}");
    let rows = inspected(&folder, &["--where", "title ~ '^Report 1[01]$'", "--json"]);
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["post-10", "post-11"]);
    assert!(rows[0]["text"].as_str().unwrap().contains("ferry number") && rows[0]["split"].is_string());
    let by_split = |split: &str| {
        let told = inspected(&folder, &["--where", &format!("split = '{split}'")]);
        told.split(' ').next().unwrap().parse::<u32>().unwrap()
    };
    assert_eq!(by_split("train") + by_split("test"), 12);
    let output = tamis(folder.path(), &["inspect", "out", "--where", "language = \"fr\" and token > 5"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let place = "\n  language = \"fr\" and token > 5\n                      ^\n";
    assert!(output.status.code() == Some(2) && said.contains(place), "{said}");
    assert!(said.contains("hint: did you mean `tokens`?"), "{said}");
}

#[test]
fn the_documents_that_lost_most_come_first() {
    let folder = built();
    let worst = inspected(&folder, &["--worst", "5"]);
    let lines: Vec<&str> = worst.lines().skip(2).collect();
    assert!(lines[1].contains("boilerplate.user_remove") && lines[1].ends_with("post-4"), "{worst}");
    assert!(lines[2].ends_with("post-5") && lines[3].is_empty(), "copies of what stays are no loss: {worst}");
    assert!(worst.ends_with("tamis explain out --id 'post-4'\n"), "{worst}");
    let first: Value = serde_json::from_str(inspected(&folder, &["--worst", "1", "--json"]).trim()).unwrap();
    assert_eq!((&first["id"], first["lost"].as_u64().unwrap() > 30), (&"post-4".into(), true));
}

#[test]
fn a_rule_shows_samples_of_what_it_took() {
    let folder = built();
    let told = inspected(&folder, &["--rule", "repeated_paragraph", "--sample", "2"]);
    assert!(told.starts_with("paragraph_dedup.repeated_paragraph: 11 rows of the ledger, 2 of them\n\n"), "{told}");
    assert_eq!(told.matches("    Heavy snow closed").count(), 2, "{told}");
    let rows = inspected(&folder, &["--rule", "boilerplate.user_remove", "--json"]);
    assert_eq!(rows.lines().count(), 3, "{rows}");
    let output = tamis(folder.path(), &["inspect", "out", "--rule", "user_removed"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("hint: "), "{said}");
}

#[test]
fn the_head_is_of_each_split_and_json_where_that_is_asked_for() {
    let folder = built();
    let head = inspected(&folder, &["--head", "1"]);
    assert_eq!(head.matches("\n  id              post-").count(), 2, "{head}");
    let rows = inspected(&folder, &["--head", "1", "--json"]);
    assert_eq!(rows.lines().filter(|line| line.starts_with("{\"")).count(), 2, "{rows}");
}
