//! Files that can be read from their beginning alone (packed, or tables of texts) are cut after their first pass. Whatever the
//! cuts, the bytes are the same, the bad records included.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::support::{stdout, tamis};

const CONFIG: &str = r#"
[dataset]
name = "packed"
[[source]]
paths = ["in"]
[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
paragraph_dedup = { min_chars = 20 }
[output]
dir = "out"
"#;

fn text(seed: usize) -> String {
    let sentence =
        |n: usize| format!("Report {} of the harbour says that ferry {} was late on day {}.", n % 97, n % 17, n % 29);
    (0..2 + seed % 4).map(|n| sentence(seed * 5 + n * 11)).collect::<Vec<_>>().join("\n\n")
}

/// JSON lines with repeated ids, records that are none, and blank lines.
fn lines() -> String {
    let mut lines = String::new();
    for number in 0..400 {
        let record = serde_json::json!({ "id": format!("id-{}", number % 350), "text": text(number * 3 % 260) });
        lines.push_str(&format!("{record}\n"));
        match number % 90 {
            7 => lines.push_str("{\"id\": \"broken\",\n"),
            33 => lines.push_str("\n   \n"),
            50 => lines.push_str("{\"id\": \"no text\"}\n"),
            _ => {}
        }
    }
    lines
}

/// A table whose texts have line ends, and rows with too few fields.
fn table(delimiter: char) -> String {
    let mut table = format!("id{delimiter}text\n");
    for number in 0..300 {
        table.push_str(&format!("row-{}{delimiter}\"{}\"\n", number % 280, text(number * 7 % 200)));
        if number % 70 == 9 {
            table.push_str("alone\n");
        }
    }
    table
}

fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let ending = name.rsplit('.').next().unwrap();
    match ending {
        "gz" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "zst" => zstd::encode_all(bytes, 3).unwrap(),
        "bz2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "xz" => {
            let mut out = liblzma::write::XzEncoder::new(Vec::new(), 1);
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        _ => bytes.to_vec(),
    }
}

/// A folder with one input file, which is damaged at its end where `cut` bytes of it are gone.
fn folder(name: &str, cut: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    let bytes = match name {
        name if name.contains(".csv") => table(','),
        name if name.contains(".tsv") => table('\t'),
        _ => lines(),
    };
    let mut bytes = packed(name, bytes.as_bytes());
    bytes.truncate(bytes.len() - cut);
    fs::write(folder.path().join("in").join(name), bytes).unwrap();
    folder
}

/// Every file of the dataset but `run.json`.
fn dataset(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let out = folder.join("out");
    let files = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let files =
        files.map(|entry| (entry.path().strip_prefix(&out).unwrap().to_owned(), fs::read(entry.path()).unwrap()));
    files.filter(|(name, _)| name != Path::new("run.json")).collect()
}

fn ran(folder: &Path, kind: &str) -> u64 {
    let run: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("out/run.json")).unwrap()).unwrap();
    let lines = run["tasks"].as_array().unwrap().iter();
    let lines = lines.filter(|line| line["kind"] == kind && line["ran"] == true);
    lines.map(|line| line["tasks"].as_u64().unwrap()).sum()
}

fn build(folder: &Path, more: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    stdout(folder, &[&["build", "tamis.toml", "--quiet"], more].concat());
    dataset(folder)
}

#[test]
fn a_file_that_is_read_from_its_beginning_alone_gives_the_same_bytes_however_it_is_cut() {
    let names = ["a.jsonl.zst", "a.jsonl.gz", "a.jsonl.bz2", "a.jsonl.xz", "a.csv", "a.csv.zst", "a.tsv.gz"];
    for (name, cut) in names.iter().map(|name| (*name, 0)).chain([("a.jsonl.gz", 900), ("a.csv.gz", 300)]) {
        let folder = folder(name, cut);
        let whole = build(folder.path(), &["--fresh", "--partition-size", "1GiB"]);
        assert_eq!((ran(folder.path(), "segment 1"), ran(folder.path(), "read")), (1, 0), "{name}");
        for size in ["8kB", "2kB"] {
            let found = build(folder.path(), &["--fresh", "--partition-size", size]);
            let tasks = (ran(folder.path(), "segment 1"), ran(folder.path(), "read"));
            assert!(cut > 0 || tasks.0 > 3 && tasks.1 == 1, "{name} in parts of {size}: {tasks:?}");
            assert!(found == whole, "{name} in parts of {size}");
        }
    }
}

#[test]
fn what_was_read_ahead_is_read_once_and_not_kept() {
    let folder = folder("a.jsonl.zst", 0);
    let first = build(folder.path(), &["--partition-size", "5kB"]);
    let pieces = || {
        let store = walkdir::WalkDir::new(folder.path().join(".tamis")).into_iter().map(Result::unwrap);
        store.filter(|entry| entry.file_name().to_string_lossy().contains(".piece")).count()
    };
    assert_eq!((ran(folder.path(), "read"), pieces()), (1, 0));
    assert!(build(folder.path(), &["--partition-size", "5kB"]) == first);
    assert_eq!((ran(folder.path(), "read"), ran(folder.path(), "segment 1")), (0, 0));
    let changed = CONFIG.replace("normalize = {}", "normalize = { bullets = false }");
    fs::write(folder.path().join("tamis.toml"), changed).unwrap();
    build(folder.path(), &["--partition-size", "5kB"]);
    assert!(ran(folder.path(), "read") == 1 && ran(folder.path(), "segment 1") > 3, "the first stage reads again");
    assert_eq!(pieces(), 0);
}

#[test]
fn what_is_lost_of_a_packed_file_s_partitions_is_read_again() {
    let folder = folder("a.jsonl.zst", 0);
    let first = build(folder.path(), &["--partition-size", "5kB"]);
    let store = walkdir::WalkDir::new(folder.path().join(".tamis")).into_iter().map(Result::unwrap);
    let mut lost = 0;
    for entry in store.filter(|entry| entry.file_name().to_string_lossy().ends_with(".documents")).step_by(5) {
        fs::remove_file(entry.path()).unwrap();
        lost += 1;
    }
    assert!(lost > 1);
    assert!(build(folder.path(), &["--partition-size", "5kB"]) == first);
}

#[test]
fn partitions_of_a_packed_file_wait_for_the_task_that_reads_it() {
    let folder = folder("a.jsonl.zst", 0);
    let expected = build(folder.path(), &["--partition-size", "1GiB"]);
    fs::remove_dir_all(folder.path().join("out")).unwrap();
    fs::remove_dir_all(folder.path().join(".tamis")).unwrap();
    let plan = stdout(folder.path(), &["plan", "tamis.toml", "--json", "--quiet", "--partition-size", "5kB"]);
    fs::write(folder.path().join("plan.json"), &plan).unwrap();
    let early = tamis(folder.path(), &["task", "plan.json", "s1.1"]);
    let message = String::from_utf8_lossy(&early.stderr).into_owned();
    assert!(message.contains("task s1.1 is not ready: r.0 must be done first"), "{message}");
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let ids: Vec<&str> = plan["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!(ids[0], "r.0");
    for id in &ids[..ids.len() / 2] {
        stdout(folder.path(), &["task", "plan.json", id, "--quiet"]);
    }
    stdout(folder.path(), &[&["task", "plan.json", "--quiet"], &ids[..]].concat());
    assert!(dataset(folder.path()) == expected);
}
