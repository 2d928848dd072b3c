//! What a build says: the summary for people, the log for machines, and nothing that is of no use.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::support::{stdout, tamis};

/// A folder of articles with something wrong in it.
fn corpus() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let page = |n: usize| {
        let chrome = "Share on Facebook\n\nLEAVE A REPLY\n\nRead more\n\nSubscribe to our newsletter\n\nAdvertisement";
        let text = format!(
            "In report {n}, the council voted on Monday to repair the old bridge over the river after the storms."
        );
        format!(
            "By Ann Miller\n\nPosted on 4 May 2021\n\nPhoto: AFP\n\n{text}\n\n{text}\n\n{chrome}\n\n  Caf&eacute;\u{a0}closed  again\n\n1.\u{2022} x\n"
        )
    };
    (0..4).for_each(|n| fs::write(folder.path().join(format!("in/{n}.txt")), page(n)).unwrap());
    let lines = "{\"id\": \"a\", \"text\": \"The bridge is open again since Monday.\"}\n{\"id\": \"b\", \"text\" 3}\n";
    fs::write(folder.path().join("in/lines.jsonl"), lines).unwrap();
    let stages = ["normalize", "boilerplate", "paragraph_dedup", "language"];
    let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage} = {{}}\n")).collect();
    let config = format!("[dataset]\nname = \"a\"\n[[source]]\npaths = [\"in\"]\n{stages}[output]\ndir = \"out\"\n");
    fs::write(folder.path().join("tamis.toml"), config).unwrap();
    folder
}

fn lines(stderr: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(stderr).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn built(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = tamis(folder, arguments);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{err}");
    (out, err)
}

#[test]
fn the_summary_ends_with_the_totals_and_shows_the_rules_that_took_most() {
    let folder = corpus();
    let (out, err) = built(folder.path(), &["build"]);
    let rules: Vec<&str> = out.lines().skip(1).take_while(|line| !line.starts_with('…')).collect();
    assert_eq!(rules.len(), 8, "{out}");
    let bytes =
        |line: &&str| line.split_ascii_whitespace().nth(3).unwrap().replace(',', "").parse::<u64>().unwrap_or(0);
    assert!(rules.iter().map(bytes).is_sorted_by(|a, b| a >= b), "{out}");
    assert!(out.contains("\n… ") && out.contains(" more: `tamis inspect out`\n"), "{out}");
    let totals = out.lines().skip_while(|line| !line.starts_with("input "));
    let names: Vec<&str> = totals.map(|line| line.split_ascii_whitespace().next().unwrap_or("")).collect();
    assert_eq!(names[..5], ["input", "kept", "removed", "rejected", ""], "{out}");
    assert!(names.len() <= 7, "only times follow: {out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(err.contains("\nwrote out (digest ") && err.contains("\n  tamis inspect out\n"), "{err}");
    assert!(err.contains("\n  in/lines.jsonl:2:20 malformed_json: "), "{err}");
    let inspect = stdout(folder.path(), &["inspect", "out"]);
    assert!(rules.iter().all(|rule| inspect.contains(rule.split_ascii_whitespace().next().unwrap())), "{inspect}");
}

#[test]
fn a_build_of_a_moment_says_nothing_of_its_parts_where_no_person_watches() {
    let folder = corpus();
    let (_, err) = built(folder.path(), &["build"]);
    // A slow machine may need more than the moment; then it says when.
    assert!(err.lines().all(|line| !line.contains("pass ") || line.contains(" s  pass ")), "{err}");
    let (out, err) = built(folder.path(), &["build", "--quiet"]);
    assert_eq!((out.as_str(), err.as_str()), ("", ""));
}

#[test]
fn a_log_for_machines_has_an_object_a_line_and_figures_as_numbers() {
    let folder = corpus();
    let output = tamis(folder.path(), &["build", "--log-format", "json"]);
    assert!(output.status.success() && output.stdout.is_empty());
    let all = lines(&output.stderr);
    assert!(
        all.iter().all(|line| line["level"].is_string() && line["event"].is_string() && line["message"].is_string())
    );
    assert!(all.iter().all(|line| line.as_object().unwrap().values().all(|value| !value.is_null())));
    let of = |event: &str| all.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let parts: Vec<&str> = of("part").iter().map(|line| line["part"].as_str().unwrap()).collect();
    assert_eq!((parts[0], parts[1], parts[parts.len() - 1]), ("survey", "segment 1", "write"));
    assert!(of("part").iter().all(|line| line["seconds"].is_f64()));
    assert!(of("part")[1]["bytes"].as_u64().unwrap() > 0);
    let rejected = of("warning").into_iter().find(|line| line["kind"] == "rejected").unwrap();
    assert_eq!(rejected["causes"]["malformed_json"], 1);
    let first = &rejected["first"][0];
    let place = ["path", "line", "column", "record", "cause"].map(|key| first[key].clone());
    assert_eq!(Value::from(place.to_vec()), serde_json::json!(["in/lines.jsonl", 2, 20, 1, "malformed_json"]));
    let built = of("built");
    assert_eq!(built.len(), 1);
    assert_eq!(built[0]["path"], "out");
    assert_eq!(built[0]["counts"]["kept"]["documents"], 5);
    let manifest: Value = serde_json::from_slice(&fs::read(folder.path().join("out/manifest.json")).unwrap()).unwrap();
    assert_eq!((&built[0]["digest"], &built[0]["counts"]), (&manifest["digest"], &manifest["counts"]));

    let failed = tamis(folder.path(), &["build", "none.toml", "--log-format", "json"]);
    let error = lines(&failed.stderr).pop().unwrap();
    assert_eq!((&error["event"], &error["exit_code"]), (&Value::from("error"), &Value::from(2)));
    assert!(error["hint"].as_str().unwrap().contains("tamis init"));
}

#[test]
fn parts_have_names_that_people_know() {
    let folder = corpus();
    let all = lines(&tamis(folder.path(), &["build", "--log-format", "json"]).stderr);
    let said: Vec<&str> = all.iter().map(|line| line["message"].as_str().unwrap()).collect();
    for odd in ["identity", "scout", "asks", "fate"] {
        assert!(said.iter().all(|line| !line.contains(odd)), "{odd}: {said:?}");
    }
    assert!(said.iter().any(|line| line.starts_with("pass 1 of ") && line.contains("reading, normalize")), "{said:?}");
    assert!(!stdout(folder.path(), &["check"]).contains("identity"));
}

#[test]
fn every_exit_code_stands_in_the_help() {
    let help = stdout(Path::new("."), &["--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for code in ["0 done", "1 internal", "2 the", "3 inputs", "4 `--locked`", "5 `verify`", "6 a guard", "130 stopped"]
    {
        assert!(help.contains(code), "{code}: {help}");
    }
}
