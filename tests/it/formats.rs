//! Stored samples of each format on the disk, in `tests/formats/`: what the program writes is compared with them byte for byte, and
//! it reads them. A build of one small corpus makes them all.
//!
//! Where a format changes on purpose, `scripts/regen` writes its samples anew. What else is to be done, each test says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tamis::run::{PLAN_VERSION, Schedule};
use tamis::sink::DATA_VERSION;
use tamis::sink::dataset::Dataset;
use tamis::sink::manifest::Manifest;
use tamis::sink::verify::verify;

use crate::support::{Corpus, Files, dataset};

/// What each stage writes down, with each kind of change: removals, edits, facts, tokens, splits.
const CONFIG: &str = r#"
[dataset]
name = "formats"
[[source]]
paths = ["in"]
[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
boilerplate = {}
[[stage]]
language = {}
[[stage]]
paragraph_dedup = { min_chars = 20 }
[[stage]]
tokenize = { tokenizer = "gpt2", ids = true }
[[stage]]
split = { train = 0.5, test = 0.5 }
[output]
dir = "out"
"#;

/// What is said where a sample of the work folder differs.
const STORE: &str = "a work folder is read by the release that wrote it and no other, so there is no version to raise";

/// A corpus with copies, chrome, misread text, a repeated id and a record that is none.
fn corpus() -> Corpus {
    let corpus = Corpus::new(CONFIG);
    let article = |number: usize| {
        format!(
            "Ferry report {number}\n\nBy Ann Miller\n\nThe ferry number {number} left the harbour at dawn with forty people on&nbsp;board.\n\n\
             It reached the island before noon, the captain said in a short statement on Monday.\n\nShare on Facebook\n"
        )
    };
    (0..3).for_each(|number| corpus.write(&format!("in/{number}.txt"), article(number)));
    corpus.write("in/copy.txt", article(1));
    let line = |text: &str| json!({ "id": "lines", "text": text, "extra": 7 }).to_string();
    let lines =
        [line("The bridge over the river was repaired in spring."), line("Le cafÃ© est fermÃ©."), "{broken".to_owned()];
    corpus.write("in/lines.jsonl", lines.join("\n"));
    corpus.succeed(&["build", "tamis.toml", "--quiet", "--partition-size", "1GiB"]);
    corpus
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// Compares files with those in a folder of samples, or writes them there. What differs is left for a look.
fn compare(found: &Files, folder: &Path, advice: &str) {
    if std::env::var_os("TAMIS_REGEN").is_some() {
        return write(found, folder);
    }
    let stored = dataset(folder);
    let names = found.keys().chain(stored.keys());
    let differ: BTreeSet<_> = names.filter(|name| found.get(*name) != stored.get(*name)).collect();
    if differ.is_empty() {
        return;
    }
    let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats").join(folder.file_name().unwrap());
    write(found, &now);
    panic!(
        "the format of {differ:?} is not that of the samples in {}; what is written now lies in {}. If that is meant: {advice}; then \
         run scripts/regen",
        folder.display(),
        now.display()
    );
}

fn write(files: &Files, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    for (name, bytes) in files {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Documents, overlays, runs of notes, decisions, rows, ledger entries and kept copies, the outcomes of partitions. Receipts are not
/// among them, since they hold keys; `run/sealed.rs` has the sample of one.
#[test]
fn what_tasks_leave_in_the_work_folder_is_that_of_the_samples() {
    let corpus = corpus();
    let mut kinds: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(corpus.path().join(".tamis/tamis/store")).into_iter().map(Result::unwrap) {
        let kind = entry.path().extension().map(|kind| kind.to_str().unwrap().to_owned());
        if let Some(kind) = kind.filter(|kind| entry.file_type().is_file() && kind != "receipt") {
            kinds.entry(kind).or_default().push(fs::read(entry.path()).unwrap());
        }
    }
    let mut found = Files::new();
    for (kind, mut files) in kinds {
        // Their names are keys, which differ from one version of the code to the next.
        files.sort();
        found.extend((1..).zip(files).map(|(number, bytes)| (PathBuf::from(format!("{kind}.{number}")), bytes)));
    }
    for kind in ["documents", "notes", "decisions", "rows", "ledger", "kept_copies", "resolved", "outcome", "rejected"]
    {
        assert!(found.contains_key(Path::new(&format!("{kind}.1"))), "there is no {kind}: {:?}", found.keys());
    }
    compare(&found, &samples().join("store"), STORE);
}

#[test]
fn a_dataset_of_each_data_version_can_be_read_and_the_newest_is_what_is_written() {
    let corpus = corpus();
    let advice = "if tests/golden/digests.toml says that this data version was released, raise DATA_VERSION in src/sink/mod.rs (and \
                  FORMAT in src/sink/manifest.rs where the manifest's own keys change) and keep the older sample";
    compare(&corpus.out(), &samples().join(format!("dataset-{DATA_VERSION}")), advice);
    let folders = fs::read_dir(samples()).unwrap().map(|entry| entry.unwrap().path());
    let mut read = 0;
    for folder in folders.filter(|folder| folder.file_name().unwrap().to_str().unwrap().starts_with("dataset-")) {
        let stored = Dataset::open(&folder).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(verify(&stored), Vec::<String>::new(), "{}", folder.display());
        assert!(stored.manifest.counts.kept.documents > 0);
        read += 1;
    }
    assert!(read > 0);
    let text = fs::read_to_string(corpus.path().join("out/manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest.to_json().unwrap(), text);
}

#[test]
fn the_lock_is_that_of_the_sample_and_a_build_keeps_to_it() {
    let corpus = corpus();
    let lock = Files::from([(PathBuf::from("tamis.lock"), fs::read(corpus.path().join("tamis.lock")).unwrap())]);
    let folder = samples().join("lock");
    compare(&lock, &folder, "raise VERSION in src/run/lock.rs");
    corpus.write("tamis.lock", fs::read(folder.join("tamis.lock")).unwrap());
    corpus.succeed(&["build", "tamis.toml", "--quiet", "--partition-size", "1GiB", "--locked"]);
}

#[test]
fn a_plan_file_is_that_of_the_sample_and_can_be_read() {
    let corpus = corpus();
    corpus.plan(&["--partition-size", "1GiB"]);
    let mut plan: Value = serde_json::from_slice(&fs::read(corpus.path().join("plan.json")).unwrap()).unwrap();
    // These are of this folder, this machine or this version of the code.
    let own =
        [("folder", "/corpus"), ("work_dir", "/work-folder"), ("out_dir", "/out"), ("engine", "1"), ("memory", "1GiB")];
    for (key, value) in own {
        assert!(plan["build"][key].is_string(), "{key}: {plan}");
        plan["build"][key] = value.into();
    }
    plan["build"]["inputs"] = vec![0; 16].into();
    let schedule: Schedule = serde_json::from_value(plan).unwrap();
    let found = Files::from([(PathBuf::from("plan.json"), schedule.json().into_bytes())]);
    let folder = samples().join("plan");
    compare(
        &found,
        &folder,
        "raise VERSION in src/run/schedule.rs where keys change, and nothing where only tasks or words do",
    );
    let text = fs::read_to_string(folder.join("plan.json")).unwrap();
    let stored: Schedule = serde_json::from_str(&text).unwrap();
    assert_eq!((stored.version, stored.json()), (PLAN_VERSION, text));
}
