//! The laws of a build, each a test: the same bytes whatever the threads, the order of the directory or the size of the
//! partitions; and everything that was read is accounted for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tamis::config;
use tamis::plan::Plan;
use tamis::run::{Blind, Built, Options, Replace, build};
use tamis::sink::dataset::{Chosen, Dataset, read, removed_rows, text, whole};
use tamis::sink::verify::verify;
use tamis::text::size::ByteSize;
use tempfile::TempDir;

const CONFIG: &str = r#"
[dataset]
name = "laws"

[[source]]
paths = ["text/*.txt"]

[[source]]
paths = ["lines/*.jsonl"]

[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
boilerplate = {}
[[stage]]
language = {}
[[stage]]
paragraph_dedup = {}
[[stage]]
tokenize = { tokenizer = "gpt2", ids = true }
[[stage]]
split = { train = 0.8, test = 0.2 }

[output]
dir = "out"
shard_size = "40kB"
row_group_rows = 7
"#;

/// Words for made-up articles.
const WORDS: &str = "the council voted on Monday to repair the old bridge over the river after a long winter of storms while \
    engineers from three towns measured cracks and wrote reports that nobody read until spring";

/// A corpus with repeats within and across documents, ids that repeat, chrome, and damage.
fn corpus(folder: &Path, names: &[usize]) {
    fs::create_dir_all(folder.join("text")).unwrap();
    fs::create_dir_all(folder.join("lines")).unwrap();
    for name in names {
        fs::write(folder.join(format!("text/{name:03}.txt")), article(*name)).unwrap();
    }
    let mut lines = String::new();
    for number in 0..120 {
        let id = format!("id-{}", number % 100);
        let line = serde_json::json!({ "id": id, "text": article(number * 7 % 90), "extra": number });
        lines.push_str(&format!("{line}\n"));
        if number % 40 == 3 {
            lines.push_str("{\"id\": \"broken\", \n\n");
        }
    }
    fs::write(folder.join("lines/a.jsonl"), lines).unwrap();
}

fn article(seed: usize) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let sentence = |start: usize, length: usize| {
        let run: Vec<&str> =
            (0..length).map(|step| words[(start * 5 + step * (1 + start % 3)) % words.len()]).collect();
        format!("In report {start}, {}.", run.join(" "))
    };
    let mut blocks = vec![format!("Bridge report number {}", seed % 60), "Share on Facebook".to_owned()];
    blocks.extend((0..4 + seed % 5).map(|block| sentence((seed * 3 + block) % 75, 18)));
    blocks.push("LEAVE A REPLY".to_owned());
    blocks.join("\n\n")
}

fn plan(folder: &Path, text: &str) -> Plan {
    let located = config::load(text, "laws.toml", &[]).unwrap_or_else(|errors| panic!("{errors}"));
    Plan::new(located, folder).unwrap_or_else(|error| panic!("{error}"))
}

fn options(folder: &Path, threads: usize, partition_size: u64) -> Options {
    Options {
        threads: Some(threads),
        memory: ByteSize(64 << 20),
        partition_size: Some(ByteSize(partition_size)),
        work_dir: folder.join("work"),
        fresh: false,
        locking: None,
        out_dir: folder.join("out"),
        replace: Replace::Dataset,
    }
}

fn run(folder: &Path, threads: usize, partition_size: u64) -> Built {
    let plan = plan(folder, CONFIG);
    build(&plan, &options(folder, threads, partition_size), &Blind).unwrap_or_else(|error| panic!("{error}"))
}

/// Every file of a dataset but `run.json`, by name.
fn bytes_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files =
        walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let relative = |path: &Path| path.strip_prefix(folder).unwrap().to_owned();
    files
        .map(|entry| (relative(entry.path()), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| name != Path::new("run.json"))
        .collect()
}

fn fresh(names: &[usize]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), names);
    folder
}

#[test]
fn where_a_partition_ends_moves_no_page_of_a_large_row_group() {
    let folder = tempfile::tempdir().unwrap();
    // Several pages of text in one row group: rows must be handed to the encoder in the same batches whatever the partitions.
    let line =
        |number: usize| serde_json::json!({ "text": format!("{number} {WORDS} {}", article(number)) }).to_string();
    let lines: Vec<String> = (0..6_000).map(line).collect();
    fs::write(folder.path().join("a.jsonl"), lines.join("\n")).unwrap();
    let text = "[dataset]\nname = 'pages'\n[[source]]\npaths = ['*.jsonl']\n[[stage]]\nnormalize = {}\n[output]\ndir = 'out'\n";
    let plan = plan(folder.path(), text);
    let digest = |partition_size| {
        let options = options(folder.path(), 2, partition_size);
        let built = build(&plan, &options, &Blind).unwrap_or_else(|error| panic!("{error}"));
        assert!(built.manifest.counts.kept.bytes > 4 << 20);
        built.manifest.digest
    };
    let one = digest(64 << 20);
    assert_eq!(digest(700_000), one);
    assert_eq!(digest(90_000), one);
}

#[test]
fn the_bytes_do_not_depend_on_threads_directory_order_or_partition_size() {
    let forwards: Vec<usize> = (0..80).collect();
    let backwards: Vec<usize> = (0..80).rev().collect();
    let folder = fresh(&forwards);
    let first = run(folder.path(), 1, 8 << 20);
    let expected = bytes_of(&folder.path().join("out"));
    assert!(expected.len() > 6, "the corpus is meant to fill several shards: {:?}", expected.keys());
    for (names, threads, partition_size) in
        [(&forwards, 2, 8 << 20), (&forwards, 7, 3000), (&backwards, 16, 1), (&backwards, 3, 50_000)]
    {
        let other = fresh(names);
        let built = run(other.path(), threads, partition_size);
        assert_eq!(built.manifest.digest, first.manifest.digest, "{threads} threads, partitions of {partition_size}");
        let found = bytes_of(&other.path().join("out"));
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, bytes) in &found {
            assert!(bytes == &expected[name], "{} differs: {threads} threads, {partition_size}", name.display());
        }
    }
}

#[test]
fn the_bytes_do_not_depend_on_memory_or_the_order_of_paths() {
    let folder = fresh(&(0..80).collect::<Vec<_>>());
    let config = CONFIG.replace(r#""text/*.txt""#, r#""text/00*.txt", "text/01*.txt", "text/0[2-7]*.txt""#);
    let turned = CONFIG.replace(r#""text/*.txt""#, r#""text/0[2-7]*.txt", "text/01*.txt", "text/00*.txt""#);
    let digest = |config: &str, memory: u64, partition_size: u64| {
        let options = Options { memory: ByteSize(memory), fresh: true, ..options(folder.path(), 2, partition_size) };
        build(&plan(folder.path(), config), &options, &Blind).unwrap().manifest.digest
    };
    let expected = digest(&config, 64 << 20, 10_000);
    // The corpus has some 800 paragraphs of 44 bytes in notes: many times what these builds may hold at once.
    for memory in [1, 3000] {
        assert_eq!(digest(&config, memory, 10_000), expected, "{memory} bytes of memory");
    }
    assert_eq!(digest(&turned, 64 << 20, 1 << 20), expected, "paths in another order");
}

#[test]
fn a_second_build_replaces_the_first_with_the_same_bytes() {
    let folder = fresh(&[1, 2, 3]);
    run(folder.path(), 2, 1 << 20);
    let first = bytes_of(&folder.path().join("out"));
    run(folder.path(), 2, 1 << 20);
    assert_eq!(first, bytes_of(&folder.path().join("out")));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
}

/// Beside the identity tests: a build that is wrong the same way every time passes those alone.
#[test]
fn everything_that_was_read_is_accounted_for() {
    let folder = fresh(&(0..80).collect::<Vec<_>>());
    let built = run(folder.path(), 2, 10_000);
    let counts = &built.manifest.counts;
    // 80 files, 120 good lines, 3 broken ones.
    assert_eq!(counts.input.documents, 203);
    assert_eq!(counts.rejected.documents, 3);
    assert_eq!(counts.causes.values().sum::<u64>(), 3);
    assert_eq!(counts.kept.documents + counts.removed.documents, 200);
    assert_eq!(counts.kept.blocks + counts.removed.blocks, counts.input.blocks);
    assert_eq!(counts.kept.bytes + counts.removed.bytes + counts.rejected.bytes, counts.input.bytes);
    // Articles repeat with a period of 60 in their title and of 75 in their sentences.
    assert!(counts.removed.documents >= 80, "{counts:?}");
    assert_eq!(counts.repeated_ids, 20, "120 lines have 100 ids");
    let dataset = Dataset::open(&built.folder).unwrap();
    assert_eq!(verify(&dataset), Vec::<String>::new());
}

#[test]
fn what_is_kept_and_what_the_ledger_has_add_up_by_document() {
    let folder = fresh(&(0..40).collect::<Vec<_>>());
    let built = run(folder.path(), 2, 10_000);
    let dataset = Dataset::open(&built.folder).unwrap();
    let mut blocks: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for path in dataset.tables("data/") {
        for batch in read(&path, &["id", "blocks_in", "blocks_kept"], None).unwrap() {
            for row in 0..batch.num_rows() {
                let id = text(&batch, "id", row).unwrap().to_owned();
                let (read, kept) =
                    (whole(&batch, "blocks_in", row).unwrap(), whole(&batch, "blocks_kept", row).unwrap());
                assert!(blocks.insert(id.clone(), (read, kept)).is_none(), "{id} stands twice");
            }
        }
    }
    assert!(blocks.len() > 20);
    for (id, (read, kept)) in &blocks {
        let entry = dataset.entries(Chosen::id(id)).unwrap().remove(0);
        let removed = entry.removed.iter().filter(|row| !row.edited).count() as u64;
        assert_eq!(*read, kept + removed, "{id}");
    }
}

#[test]
fn a_removed_copy_names_a_partner_that_stays_and_has_the_same_text() {
    let folder = fresh(&(0..60).collect::<Vec<_>>());
    let built = run(folder.path(), 2, 5_000);
    let dataset = Dataset::open(&built.folder).unwrap();
    assert_eq!(built.manifest.counts.orphans, 0);
    let mut seen = 0;
    for path in dataset.tables("ledger/removed") {
        for batch in read(&path, &[], None).unwrap() {
            for row in removed_rows(&batch).iter().filter(|row| row.stage == "paragraph_dedup") {
                let partner = row.partner_id.as_ref().expect("a removed copy names its partner");
                let kept = dataset.row(partner).unwrap().expect("the partner is in the dataset");
                let text = text(&kept, "text", 0).unwrap();
                assert!(text.contains(row.text.as_ref().unwrap()), "{row:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "the corpus is meant to repeat many paragraphs: {seen}");
}
