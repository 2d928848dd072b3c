//! What `[output]` asks for: columns and their names, JSON lines, where titles stand; and the pages beside the data.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tamis::sink::dataset::{Dataset, read, removed_rows, text};
use tamis::text::hash;

use super::support::{stdout, tamis};

const BODY: &str = "The council voted on Monday to repair the old bridge over the river after a long winter of storms.\n\n\
                    Engineers from three towns had measured its cracks since autumn and wrote that no lorry should cross it.\n\n\
                    Work is to begin in spring and to last two years, the mayor told the meeting in the town hall.";
const TITLE: &str = "Old bridge will be repaired";

/// The same article as a page and as a record of fields, and some more.
fn corpus(output: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/page.txt"), format!("{TITLE}\n\nBy Ann Miller\n\n{BODY}\n\nShare on Facebook\n"))
        .unwrap();
    let record = serde_json::json!({ "id": "rec", "title": TITLE, "text": BODY, "date": "2021-05-04", "views": 7 });
    let plain =
        serde_json::json!({ "id": "other", "text": "The ferry left the harbour at dawn with forty people on board." });
    fs::write(folder.path().join("in/lines.jsonl"), format!("{record}\n{plain}\n{{broken\n")).unwrap();
    configure(folder.path(), output);
    folder
}

fn configure(folder: &Path, output: &str) {
    let stages = [
        "normalize = {}",
        "boilerplate = {}",
        "language = {}",
        "tokenize = { tokenizer = \"o200k_base\", ids = true }",
        "split = { train = 0.8, validation = 0.1, test = 0.1 }",
    ];
    let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
    let config = format!(
        "[dataset]\nname = \"a\"\nversion = \"1.0.0\"\n[[source]]\npaths = [\"in\"]\n{stages}[output]\ndir = \"out\"\n{output}"
    );
    fs::write(folder.join("tamis.toml"), config).unwrap();
}

fn build(folder: &Path, arguments: &[&str]) {
    let output = tamis(folder, &[&["build", "--quiet"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn data_files(folder: &Path) -> Vec<PathBuf> {
    Dataset::open(&folder.join("out")).unwrap().tables("data/")
}

/// The rows of the data files by id, as the files have them.
fn rows(folder: &Path) -> BTreeMap<String, (String, Option<String>)> {
    let mut rows = BTreeMap::new();
    for path in data_files(folder) {
        for batch in read(&path, &["id", "text", "title"], None).unwrap() {
            for row in 0..batch.num_rows() {
                let value = |column: &str| text(&batch, column, row).map(str::to_owned);
                rows.insert(value("id").unwrap(), (value("text").unwrap_or_default(), value("title")));
            }
        }
    }
    rows
}

fn names(path: &Path) -> Vec<String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    builder.schema().fields().iter().map(|field| field.name().clone()).collect()
}

#[test]
fn digests_are_text_and_the_bytes_of_the_blocks_read_are_told() {
    let folder = corpus("");
    build(folder.path(), &[]);
    let mut seen = 0;
    for path in data_files(folder.path()) {
        for batch in read(&path, &[], None).unwrap() {
            for row in 0..batch.num_rows() {
                let digest = hash::hex(&hash::sha256(text(&batch, "text", row).unwrap().as_bytes()));
                assert_eq!(text(&batch, "sha256", row), Some(digest.as_str()));
                let bytes = tamis::sink::dataset::whole(&batch, "bytes_in", row).unwrap();
                assert!(bytes >= text(&batch, "text", row).unwrap().replace('\n', "").len() as u64);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn columns_are_left_out_and_renamed_and_every_command_still_reads_the_dataset() {
    let folder = corpus("");
    build(folder.path(), &[]);
    fs::rename(folder.path().join("out"), folder.path().join("plain")).unwrap();
    let plain = Dataset::open(&folder.path().join("plain")).unwrap().tables("data/");
    assert_eq!(names(&plain[0]).len(), 28);
    configure(
        folder.path(),
        "columns = [\"text\", \"id\", \"title\", \"tokens\"]\nrename = { text = \"content\", title = \"text\" }\n",
    );
    build(folder.path(), &[]);
    for path in data_files(folder.path()) {
        assert_eq!(names(&path), ["id", "content", "text", "tokens"]);
    }
    assert!(rows(folder.path())["rec"].0.starts_with("The council voted"));
    assert_eq!(rows(folder.path())["rec"].1.as_deref(), Some(TITLE));
    let verified = tamis(folder.path(), &["verify", "out"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(stdout(folder.path(), &["explain", "out", "--id", "rec"]).contains("The council voted"));
    assert!(stdout(folder.path(), &["inspect", "out", "--head", "1"]).contains("train"));
    let diff: Value = serde_json::from_str(&stdout(folder.path(), &["diff", "plain", "out", "--json"])).unwrap();
    assert!(diff.to_string().contains("rename"), "{diff}");
}

#[test]
fn columns_that_cannot_be_are_refused_at_their_place() {
    let wrong = |output: &str| {
        let folder = corpus(output);
        let told = tamis(folder.path(), &["check"]);
        assert_eq!(told.status.code(), Some(2));
        String::from_utf8_lossy(&told.stderr).into_owned()
    };
    let told = wrong("columns = [\"id\", \"txt\"]\n");
    assert!(
        told.contains(":18:18: there is no column `txt`") && told.contains("hint: the columns are id, text, "),
        "{told}"
    );
    assert!(wrong("columns = [\"text\"]\n").contains("`columns` lacks `id`"));
    assert!(wrong("rename = { text = \"id\" }\n").contains("`id` and `text` would both be called `id`"));
    assert!(wrong("rename = { body = \"text\" }\n").contains("there is no column `body`"));
    assert!(wrong("columns = [\"id\"]\nrename = { text = \"content\" }\n").contains("`columns` leaves out `text`"));
}

#[test]
fn json_lines_hold_the_same_rows_and_every_command_reads_them() {
    let folder = corpus("");
    build(folder.path(), &[]);
    let parquet = rows(folder.path());
    configure(folder.path(), "format = \"jsonl\"\nrename = { text = \"content\" }\n");
    build(folder.path(), &[]);
    assert_eq!(rows(folder.path()), parquet);
    let mut ids = Vec::new();
    for path in data_files(folder.path()) {
        assert!(path.to_str().unwrap().ends_with("-of-00001.jsonl"));
        for line in fs::read_to_string(&path).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert_eq!(row.as_object().unwrap().len(), 28, "{line}");
            assert_eq!(row["content"].as_str().unwrap(), parquet[row["id"].as_str().unwrap()].0);
            if row["id"] == "rec" {
                assert_eq!((&row["published"], &row["metadata"]), (&"2021-05-04".into(), &"{\"views\":7}".into()));
                assert_eq!(row["token_ids"].as_array().unwrap().len() as u64, row["tokens"].as_u64().unwrap());
            }
            ids.push(row["id"].as_str().unwrap().to_owned());
        }
    }
    ids.sort();
    assert_eq!(ids, parquet.keys().cloned().collect::<Vec<_>>());
    let verified = tamis(folder.path(), &["verify", "out"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(stdout(folder.path(), &["explain", "out", "--id", "rec"]).contains("The council voted"));
    let digest = || Dataset::open(&folder.path().join("out")).unwrap().manifest.digest;
    let first = digest();
    build(folder.path(), &["--fresh", "--threads", "1", "--partition-size", "1KiB"]);
    assert_eq!(digest(), first);
    let path = data_files(folder.path()).remove(0);
    let damaged = fs::read_to_string(&path).unwrap().replacen("bridge", "brigde", 1);
    if damaged != fs::read_to_string(&path).unwrap() {
        fs::write(&path, damaged).unwrap();
        assert_eq!(tamis(folder.path(), &["verify", "out"]).status.code(), Some(5));
    }
}

#[test]
fn titles_stand_where_the_config_wants_them_in_pages_and_in_records() {
    let shapes = |output: &str| {
        let folder = corpus(output);
        build(folder.path(), &[]);
        assert!(tamis(folder.path(), &["verify", "out"]).status.success());
        let rows = rows(folder.path());
        (rows["in/page.txt#0"].clone(), rows["rec"].clone(), folder)
    };
    let (page, record, _) = shapes("");
    assert!(page.0.starts_with(TITLE) && !record.0.starts_with(TITLE));
    let (page, record, _) = shapes("title = \"text\"\n");
    assert_eq!(page.0, format!("{TITLE}\n\n{BODY}"));
    assert_eq!((&record.0, record.1.as_deref()), (&page.0, Some(TITLE)));
    let (page, record, folder) = shapes("title = \"column\"\n");
    assert_eq!(page.0, BODY);
    assert_eq!((&record.0, record.1.as_deref()), (&page.0, page.1.as_deref()));
    assert_eq!(page.1.as_deref(), Some(TITLE));
    let ledger = Dataset::open(&folder.path().join("out")).unwrap().tables("ledger/removed").remove(0);
    let removed: Vec<_> = read(&ledger, &[], Some("in/page.txt#0")).unwrap().iter().flat_map(removed_rows).collect();
    let title = removed.iter().find(|row| row.text.as_deref() == Some(TITLE)).unwrap();
    assert_eq!(title.rule, "boilerplate.fact_line");
    // Another place of titles is another build of what they are in, and of that alone.
    configure(folder.path(), "");
    build(folder.path(), &[]);
    assert!(rows(folder.path())["in/page.txt#0"].0.starts_with(TITLE));
}

#[test]
fn titles_cannot_leave_texts_without_a_stage_that_knows_them() {
    let folder = corpus("title = \"column\"\n");
    let config = fs::read_to_string(folder.path().join("tamis.toml")).unwrap();
    fs::write(folder.path().join("tamis.toml"), config.replace("[[stage]]\nboilerplate = {}\n", "")).unwrap();
    let told = tamis(folder.path(), &["check"]);
    let message = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.status.code() == Some(2) && message.contains("no stage takes titles from texts"), "{message}");
}

#[test]
fn the_card_tells_how_to_load_and_how_to_make_the_dataset_again() {
    let folder = corpus("");
    build(folder.path(), &[]);
    let card = fs::read_to_string(folder.path().join("out/README.md")).unwrap();
    let front = card.split("---\n").nth(1).unwrap();
    let at = |text: &str| front.find(text).unwrap_or_else(|| panic!("no {text:?} in {front}"));
    assert!(at("- split: train\n    path: data/train-*.parquet") < at("dataset_info:"));
    assert!(at("- config_name: ledger\n  data_files:\n  - split: removed\n") < at("dataset_info:"));
    at("  - name: \"token_ids\"\n    sequence: uint32\n");
    at("  - name: \"quality\"\n    struct:\n    - name: \"chrome\"\n      dtype: float32\n");
    at("  - name: \"published\"\n    dtype: date32\n");
    for part in [
        "## Loading",
        "polars.scan_parquet(",
        "duckdb.sql(",
        "load_dataset(\".\", \"ledger\")",
        "## Columns",
        "## Limits",
    ] {
        assert!(card.contains(part), "{part}");
    }
    assert!(card.contains("Tokens are those of `o200k_base`") && card.contains("1 malformed_json"), "{card}");
    assert_eq!(card.lines().filter(|line| line.starts_with("| `boilerplate.")).count().min(9), 2, "{card}");
    assert!(card.contains("| `sha256` | string | SHA-256 of `text`"), "{card}");
    // The config in the card is the whole of it.
    let config = card.split("```toml\n").nth(1).unwrap().split("\n```").next().unwrap();
    fs::write(folder.path().join("again.toml"), config.replace("[output]\n", "[output]\ndir = \"again\"\n")).unwrap();
    build(folder.path(), &["again.toml"]);
    let digest = |dir: &str| Dataset::open(&folder.path().join(dir)).unwrap().manifest.digest;
    assert_eq!(digest("again"), digest("out"));
}

#[test]
fn croissant_names_every_file_with_its_digest_and_every_plain_column() {
    let folder = corpus("rename = { text = \"content\" }\n");
    build(folder.path(), &[]);
    let croissant: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/croissant.json")).unwrap()).unwrap();
    let manifest = Dataset::open(&folder.path().join("out")).unwrap().manifest;
    let list = |key: &str| croissant[key].as_array().unwrap().clone();
    for file in manifest.files.iter().filter(|file| file.path.ends_with(".parquet")) {
        let told = list("distribution").into_iter().find(|entry| entry["@id"] == file.path.as_str()).unwrap();
        assert_eq!(told["sha256"], file.sha256.as_str());
    }
    let records = list("recordSet");
    let train = records.iter().find(|record| record["@id"] == "train").unwrap();
    let columns: Vec<&str> = train["field"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["source"]["extract"]["column"].as_str().unwrap())
        .collect();
    assert_eq!(columns.len(), 27, "all but the one that has parts");
    assert!(columns.contains(&"content") && !columns.contains(&"text") && !columns.contains(&"quality"));
    assert!(
        records.iter().any(|record| record["@id"] == "removed")
            && records.iter().any(|record| record["@id"] == "rejected")
    );
}
