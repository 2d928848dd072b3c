//! Dry runs and the lock: what a build of a part, or of other options, leaves alone; and what `check` shows before anything runs.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::support::{stdout, tamis};

const SENTENCE: &str =
    "The council voted on Monday to repair the old bridge over the river after a long winter of storms";

fn config(folder: &Path, sources: &str) {
    let text = format!("[dataset]\nname = \"a\"\n{sources}[[stage]]\nnormalize = {{}}\n[output]\ndir = \"out\"\n");
    fs::write(folder.join("tamis.toml"), text).unwrap();
}

fn record(n: usize) -> String {
    serde_json::json!({ "uid": format!("id-{n}"), "body": format!("{SENTENCE}, {n}."), "headline": "Bridge", "views": n })
        .to_string()
        + "\n"
}

/// Two files of ten records, one of them packed, and five texts.
fn corpus() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lines", "texts"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let lines = |from: usize| (from..from + 10).map(record).collect::<String>();
    fs::write(folder.path().join("lines/a.jsonl"), lines(0)).unwrap();
    fs::write(folder.path().join("lines/b.jsonl.zst"), zstd::encode_all(lines(10).as_bytes(), 3).unwrap()).unwrap();
    (0..5).for_each(|n| fs::write(folder.path().join(format!("texts/{n}.txt")), format!("{SENTENCE}: {n}.")).unwrap());
    let fields = "fields = { id = \"uid\", text = \"body\", title = \"headline\" }";
    config(folder.path(), &format!("[[source]]\npaths = [\"lines\"]\n{fields}\n[[source]]\npaths = [\"texts\"]\n"));
    folder
}

fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = tamis(folder, arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn manifest(folder: &Path, dir: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(dir).join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn a_dry_run_takes_the_first_records_of_each_source_and_leaves_lock_and_dataset_alone() {
    let folder = corpus();
    assert_eq!(said(folder.path(), &["build"]).0, Some(0));
    let lock = fs::read(folder.path().join("tamis.lock")).unwrap();
    let (code, refused) = said(folder.path(), &["build", "--limit", "3"]);
    assert!(
        code == Some(2) && refused.contains("holds a dataset of all records") && refused.contains("-o DIR"),
        "{refused}"
    );
    for (limit, documents, files) in [(3, 6, 4), (12, 17, 7), (100, 25, 7)] {
        let (code, told) = said(folder.path(), &["build", "--limit", &limit.to_string(), "-o", "dry"]);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("tamis.lock is left as it is, because of `--limit`"), "{told}");
        let made = manifest(folder.path(), "dry");
        assert_eq!(made["counts"]["input"]["documents"], documents, "{limit}");
        assert_eq!(made["inputs"].as_array().unwrap().len(), files, "{limit}");
        assert_eq!(made["config"]["source"][0]["limit"], limit);
        assert_eq!(tamis(folder.path(), &["verify", "dry"]).status.code(), Some(0));
    }
    assert_eq!(fs::read(folder.path().join("tamis.lock")).unwrap(), lock);
    assert_eq!(manifest(folder.path(), "out")["counts"]["input"]["documents"], 25);
    assert_eq!(said(folder.path(), &["build", "--locked", "--limit", "3"]).0, Some(2));
    // The work folder of the whole build is as it was: nothing runs again.
    let cache = stdout(folder.path(), &["build", "--explain-cache"]);
    assert!(
        cache
            .lines()
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("segment"))
            .all(|line| !line.contains("new")),
        "{cache}"
    );
}

#[test]
fn a_dry_run_of_tasks_gives_the_same_and_leaves_the_lock_alone() {
    let folder = corpus();
    assert_eq!(said(folder.path(), &["build", "--limit", "12"]).0, Some(0));
    let plan = stdout(folder.path(), &["plan", "--limit", "12", "-o", "tasks", "--work-dir", "work", "--json"]);
    fs::write(folder.path().join("plan.json"), &plan).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let ids: Vec<&str> = plan["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!(said(folder.path(), &[&["task", "plan.json"], ids.as_slice()].concat()).0, Some(0));
    assert_eq!(manifest(folder.path(), "out")["digest"], manifest(folder.path(), "tasks")["digest"]);
    assert!(!folder.path().join("tamis.lock").exists());
}

#[test]
fn an_experiment_leaves_the_lock_alone_and_says_so() {
    let folder = corpus();
    let (_, told) = said(folder.path(), &["build", "--no-lock"]);
    assert!(told.contains("because of `--no-lock`") && !folder.path().join("tamis.lock").exists(), "{told}");
    assert_eq!(said(folder.path(), &["build"]).0, Some(0));
    let lock = fs::read(folder.path().join("tamis.lock")).unwrap();
    let (_, told) = said(folder.path(), &["build", "--set", "stage.normalize.nfc=false"]);
    assert!(told.contains("tamis.lock is left as it is, because of `--set`"), "{told}");
    assert_eq!(fs::read(folder.path().join("tamis.lock")).unwrap(), lock);
    // A guard is nothing that the lock records, nor is the place of the output.
    let (_, told) =
        said(folder.path(), &["build", "--set", "guards.min_documents=1", "--set", "output.dir=\"elsewhere\""]);
    assert!(!told.contains("left as it is"), "{told}");
    assert_eq!(fs::read(folder.path().join("tamis.lock")).unwrap(), lock);
}

#[test]
fn configs_that_are_gone_leave_the_lock() {
    let folder = corpus();
    (10..60)
        .for_each(|n| fs::write(folder.path().join(format!("texts/{n}.txt")), format!("{SENTENCE}: {n}.")).unwrap());
    fs::copy(folder.path().join("tamis.toml"), folder.path().join("other.toml")).unwrap();
    assert_eq!(said(folder.path(), &["build", "other.toml", "-o", "other"]).0, Some(0));
    assert_eq!(said(folder.path(), &["build"]).0, Some(0));
    let read = || fs::read_to_string(folder.path().join("tamis.lock")).unwrap();
    assert!(read().contains("[config.\"other.toml\"]"));
    assert!(folder.path().join("tamis.lock.other.toml.inputs").exists());
    fs::remove_file(folder.path().join("other.toml")).unwrap();
    assert_eq!(said(folder.path(), &["build"]).0, Some(0));
    assert!(!read().contains("other.toml") && read().contains("[config.\"tamis.toml\"]"));
    assert!(!folder.path().join("tamis.lock.other.toml.inputs").exists());
}

#[test]
fn a_folder_of_many_inputs_is_one_line_of_the_lock_and_the_list_beside_it_names_what_drifted() {
    let folder = corpus();
    (10..60)
        .for_each(|n| fs::write(folder.path().join(format!("texts/{n}.txt")), format!("{SENTENCE}: {n}.")).unwrap());
    assert_eq!(said(folder.path(), &["build"]).0, Some(0));
    let lock = fs::read_to_string(folder.path().join("tamis.lock")).unwrap();
    let inputs: Vec<&str> = lock.lines().skip_while(|line| !line.ends_with(".inputs]")).skip(1).take(3).collect();
    assert!(
        inputs[0].starts_with("\"lines/\" = \"2 files ") && inputs[1].starts_with("\"texts/\" = \"55 files "),
        "{inputs:?}"
    );
    let list = fs::read_to_string(folder.path().join("tamis.lock.tamis.toml.inputs")).unwrap();
    assert_eq!(list.lines().count(), 57);
    assert_eq!(said(folder.path(), &["build", "--locked"]).0, Some(0));
    fs::write(folder.path().join("texts/33.txt"), "Something else.").unwrap();
    let (code, told) = said(folder.path(), &["build", "--locked"]);
    assert!(code == Some(4) && told.contains("input `texts/33.txt` is 15 "), "{told}");
    fs::remove_file(folder.path().join("tamis.lock.tamis.toml.inputs")).unwrap();
    let (code, told) = said(folder.path(), &["build", "--locked"]);
    assert!(code == Some(4) && told.contains("input `texts/` is 55 files "), "{told}");
}

#[test]
fn check_shows_which_field_of_the_first_record_fills_which_column() {
    let folder = corpus();
    let shown = stdout(folder.path(), &["check"]);
    let record = "#   the first record, lines/a.jsonl#0, fills\n#     id        from `uid`       id-0\n\
                  #     text      from `body`      The council voted on Monday to repair th… (101 characters)\n\
                  #     title     from `headline`  Bridge\n#     metadata  from views\n";
    assert!(shown.contains(record), "{shown}");
    assert!(
        shown.contains("#     id        from its place  texts/0.txt#0\n#     text      from the file   The "),
        "{shown}"
    );
    let json: Value = serde_json::from_str(&stdout(folder.path(), &["check", "--json"])).unwrap();
    let first = &json["sources"][0]["first"];
    assert_eq!(
        first["columns"][2],
        serde_json::json!({ "column": "title", "from": { "field": "headline" }, "value": "Bridge" })
    );
    assert_eq!(first["metadata"], serde_json::json!(["views"]));
    assert_eq!(json["sources"][1]["files"].as_array().unwrap().len(), 5);
    assert_eq!(json["config"]["stage"][0]["normalize"]["nfc"], true);
    assert_eq!(json["warnings"], serde_json::json!([]));
}

#[test]
fn usual_names_and_hosts_are_told_as_where_a_column_is_from() {
    let folder = tempfile::tempdir().unwrap();
    let line = serde_json::json!({
        "text": SENTENCE, "date": "2021-05-04", "url": "https://www.example.org/a", "authors": ["Ann", "Bo"], "updated": "never",
    });
    fs::write(folder.path().join("a.jsonl"), line.to_string() + "\n").unwrap();
    config(folder.path(), "[[source]]\npaths = [\"a.jsonl\"]\n");
    let shown = stdout(folder.path(), &["check"]);
    for wanted in [
        "#     author    from `authors`         Ann; Bo\n",
        "#     published from `date`            2021-05-04\n",
        "#     site      from the host of `url` example.org\n",
        "#     metadata  from updated\n",
    ] {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain(&shown).contains(&plain(wanted)), "{wanted}: {shown}");
    }
}

#[test]
fn check_finds_an_output_folder_inside_a_source() {
    let folder = corpus();
    config(folder.path(), "[[source]]\npaths = [\"texts\", \"lines/*.jsonl\"]\nfields = { text = \"body\" }\n");
    let (_, told) = said(folder.path(), &["check"]);
    assert!(!told.contains("inside"), "{told}");
    let (_, told) = said(folder.path(), &["check", "--set", "output.dir=\"texts/out\""]);
    assert!(
        told.contains("warning: the output folder `texts/out` lies inside source 1 (texts); what is in it is not read"),
        "{told}"
    );
}
