//! Files that can be read from their beginning alone (packed, or tables of texts) are cut after their first pass. Whatever the
//! cuts, the bytes are the same, the bad records included.

use std::fs;
use std::io::Write;

use crate::support::{Corpus, Files, stderr};

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

/// One input file, which is damaged at its end where `cut` bytes of it are gone.
fn corpus(name: &str, cut: usize) -> Corpus {
    let bytes = match name {
        name if name.contains(".csv") => table(','),
        name if name.contains(".tsv") => table('\t'),
        _ => lines(),
    };
    let mut bytes = packed(name, bytes.as_bytes());
    bytes.truncate(bytes.len() - cut);
    let corpus = Corpus::new(CONFIG);
    corpus.write(&format!("in/{name}"), bytes);
    corpus
}

/// How many tasks of this kind ran in the last build.
fn ran(corpus: &Corpus, kind: &str) -> u64 {
    corpus.tasks().get(kind).map_or(0, |(ran, _)| *ran)
}

/// How many pieces of files that were read ahead the work folder holds.
fn pieces(corpus: &Corpus) -> usize {
    let store = walkdir::WalkDir::new(corpus.path().join(".tamis")).into_iter().map(Result::unwrap);
    store.filter(|entry| entry.file_name().to_string_lossy().contains(".piece")).count()
}

fn build(corpus: &Corpus, more: &[&str]) -> Files {
    corpus.succeed(&[&["build", "tamis.toml", "--quiet"], more].concat());
    corpus.out()
}

#[test]
fn a_file_that_is_read_from_its_beginning_alone_gives_the_same_bytes_however_it_is_cut() {
    let names = ["a.jsonl.zst", "a.jsonl.gz", "a.jsonl.bz2", "a.jsonl.xz", "a.csv", "a.csv.zst", "a.tsv.gz"];
    for (name, cut) in names.iter().map(|name| (*name, 0)).chain([("a.jsonl.gz", 900), ("a.csv.gz", 300)]) {
        let corpus = corpus(name, cut);
        let whole = build(&corpus, &["--fresh", "--partition-size", "1GiB"]);
        assert_eq!((ran(&corpus, "segment 1"), ran(&corpus, "read")), (1, 0), "{name}");
        for size in ["8kB", "2kB"] {
            let found = build(&corpus, &["--fresh", "--partition-size", size]);
            let tasks = (ran(&corpus, "segment 1"), ran(&corpus, "read"));
            assert!(cut > 0 || tasks.0 > 3 && tasks.1 == 1, "{name} in parts of {size}: {tasks:?}");
            assert!(found == whole, "{name} in parts of {size}");
        }
    }
}

#[test]
fn what_was_read_ahead_is_read_once_and_not_kept() {
    let corpus = corpus("a.jsonl.zst", 0);
    let first = build(&corpus, &["--partition-size", "5kB"]);
    assert_eq!((ran(&corpus, "read"), pieces(&corpus)), (1, 0));
    assert!(build(&corpus, &["--partition-size", "5kB"]) == first);
    assert_eq!((ran(&corpus, "read"), ran(&corpus, "segment 1")), (0, 0));
    let changed = CONFIG.replace("normalize = {}", "normalize = { bullets = false }");
    corpus.write("tamis.toml", changed);
    build(&corpus, &["--partition-size", "5kB"]);
    assert!(ran(&corpus, "read") == 1 && ran(&corpus, "segment 1") > 3, "the first stage reads again");
    assert_eq!(pieces(&corpus), 0);
}

#[test]
fn what_is_lost_of_a_packed_file_s_partitions_is_read_again() {
    let corpus = corpus("a.jsonl.zst", 0);
    let first = build(&corpus, &["--partition-size", "5kB"]);
    let store = walkdir::WalkDir::new(corpus.path().join(".tamis")).into_iter().map(Result::unwrap);
    let mut lost = 0;
    for entry in store.filter(|entry| entry.file_name().to_string_lossy().ends_with(".documents")).step_by(5) {
        fs::remove_file(entry.path()).unwrap();
        lost += 1;
    }
    assert!(lost > 1);
    assert!(build(&corpus, &["--partition-size", "5kB"]) == first);
}

#[test]
fn partitions_of_a_packed_file_wait_for_the_task_that_reads_it() {
    let corpus = corpus("a.jsonl.zst", 0);
    let expected = build(&corpus, &["--partition-size", "1GiB"]);
    corpus.forget();
    let plan = corpus.plan(&["--partition-size", "5kB"]);
    let ids: Vec<&str> = plan.iter().map(String::as_str).collect();
    let early = corpus.run(&["task", "plan.json", "s1.1"]);
    let message = stderr(&early);
    assert!(message.contains("task s1.1 is not ready: r.0 must be done first"), "{message}");
    assert_eq!(ids[0], "r.0");
    for id in &ids[..ids.len() / 2] {
        corpus.succeed(&["task", "plan.json", id, "--quiet"]);
    }
    assert!(pieces(&corpus) > 3);
    corpus.succeed(&[&["task", "plan.json", "--quiet"], &ids[..]].concat());
    assert_eq!(pieces(&corpus), 0);
    assert!(corpus.out() == expected);
}
