//! `verify` finds every flipped byte, every missing and foreign file, and every count that the rows do not give.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tamis::sink::dataset::{Dataset, batches, read};
use tamis::sink::manifest::{FileDigest, Manifest};
use tamis::sink::verify::verify;

use crate::support::{Corpus, stderr};

const CONFIG: &str = r#"
[dataset]
name = "damage"
[[source]]
paths = ["in"]
[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
paragraph_dedup = { min_chars = 20 }
[[stage]]
boilerplate = {}
[[stage]]
language = { keep = ["en"] }
[[stage]]
tokenize = { tokenizer = "gpt2" }
[[stage]]
split = { train = 0.6, test = 0.4 }
[output]
dir = "out"
"#;

/// A dataset with copies, chrome, edits, a foreign language, replaced bytes and refused records: every count is filled.
fn corpus(ledger: &str) -> Corpus {
    let corpus = Corpus::new(CONFIG);
    let article = |number: usize| {
        format!(
            "Ferry report {number}\n\nThe ferry number {number} left the harbour at dawn with forty people on&nbsp;board.\n\n\
             It reached the island before noon, the captain said in a short statement on Monday.\n\nShare on Facebook\n"
        )
    };
    (0..12).for_each(|number| corpus.write(&format!("in/{number:02}.txt"), article(number % 10)));
    corpus
        .write("in/french.txt", "Le gouvernement a annoncé jeudi une série de mesures destinées aux ménages modestes.");
    corpus.write(
        "in/replaced.txt",
        b"The museum opened its new hall on Friday\xff and visitors came from all over the county.",
    );
    corpus.write("in/lines.jsonl", "{\"text\": \"The bridge over the river was repaired in spring.\"}\n{\"text\": \n");
    corpus.write("in/empty.txt", "");
    corpus.succeed(&["build", "tamis.toml", "--set", &format!("output.ledger={ledger}")]);
    corpus
}

/// What `verify` finds, by the library: also where the manifest cannot be opened.
fn damage(folder: &Path) -> String {
    match Dataset::open(folder) {
        Ok(dataset) => verify(&dataset).join("\n"),
        Err(error) => error.to_string(),
    }
}

fn flip(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[at] ^= 1 << (at % 8);
    flipped
}

#[test]
fn a_flipped_byte_is_found_wherever_it_stands_and_its_file_named() {
    let corpus = corpus("full");
    let out = corpus.path().join("out");
    assert_eq!(damage(&out), "");
    for (name, whole) in corpus.out() {
        let path = out.join(&name);
        let name = name.display().to_string();
        let step = if name == "manifest.json" { 7 } else { whole.len() / 60 + 1 };
        for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            fs::write(&path, flip(&whole, at)).unwrap();
            let found = damage(&out);
            assert!(found.contains(&name), "byte {at} of {name}: {found:?}");
        }
        fs::write(&path, flip(&whole, whole.len() / 2)).unwrap();
        let output = corpus.run(&["verify", "out"]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(5), "{message}");
        assert!(message.contains(&name) && !message.contains("panicked"), "{message}");
        for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(damage(&out).contains(&name), "{name} cut to {cut} bytes");
        }
        fs::write(&path, [whole.as_slice(), b"\n"].concat()).unwrap();
        assert!(damage(&out).contains(&name), "{name} with a byte more");
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(damage(&out), "");
}

#[test]
fn missing_and_foreign_files_are_named() {
    let corpus = corpus("full");
    let out = corpus.path().join("out");
    for name in corpus.out().into_keys() {
        let path = out.join(&name);
        let name = name.display().to_string();
        let aside = corpus.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        let found = damage(&out);
        assert!(found.contains(&name), "{name}: {found:?}");
        fs::rename(&aside, &path).unwrap();
    }
    fs::write(out.join("data/train-00001-of-00001.parquet"), "").unwrap();
    assert_eq!(damage(&out), "data/train-00001-of-00001.parquet: does not belong to the dataset");
}

/// Each number under `counts` and `stages`, one more than it was, in a manifest that is sealed again.
#[test]
fn a_count_that_the_rows_do_not_give_is_found() {
    for ledger in ["full", "hashes", "counts"] {
        let corpus = corpus(ledger);
        let out = corpus.path().join("out");
        assert_eq!(damage(&out), "", "ledger = {ledger}");
        let path = out.join("manifest.json");
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let mut tried = 0;
        for pointer in numbers(&json, "")
            .iter()
            .filter(|pointer| ["/counts", "/stages"].iter().any(|part| pointer.starts_with(part)))
        {
            // This stands in no table: the seal alone holds it. Without its rows, a ledger tells nothing of the rules.
            let untold = pointer == "/counts/repeated_ids";
            if untold || ledger == "counts" && pointer.starts_with("/stages") {
                continue;
            }
            let mut other = json.clone();
            let number = other.pointer_mut(pointer).unwrap();
            *number = (number.as_u64().unwrap() + 1).into();
            seal(&path, other);
            let found = damage(&out);
            assert!(found.contains("manifest"), "ledger = {ledger}: {pointer} can be changed: {found:?}");
            tried += 1;
        }
        assert!(tried >= 30, "only {tried} numbers under counts and stages");
    }
}

#[test]
fn a_changed_config_input_or_model_does_not_fit_the_plan() {
    let corpus = corpus("full");
    let out = corpus.path().join("out");
    let path = out.join("manifest.json");
    let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for pointer in ["/config/stage/2/paragraph_dedup/min_chars", "/inputs/0/bytes"] {
        let mut other = json.clone();
        *other.pointer_mut(pointer).unwrap() = 7.into();
        seal(&path, other);
        assert!(damage(&out).contains("`plan`"), "{pointer}: {}", damage(&out));
    }
}

/// A table that is damaged although its digest says otherwise: an error, never a panic.
#[test]
fn a_damaged_table_is_an_error_and_never_a_panic() {
    let corpus = corpus("full");
    let out = corpus.path().join("out");
    let json: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let tables =
        corpus.out().into_iter().filter(|(name, _)| name.extension().is_some_and(|ending| ending == "parquet"));
    for (name, whole) in tables {
        let path = &out.join(&name);
        let name = name.display().to_string();
        for at in (0..whole.len()).step_by(whole.len() / 150 + 1) {
            let flipped = flip(&whole, at);
            fs::write(path, &flipped).unwrap();
            let _ = read(path, &[], None);
            let mut manifest: Manifest = serde_json::from_value(json.clone()).unwrap();
            let sha256 = tamis::text::hash::hex(&tamis::text::hash::sha256(&flipped));
            let file: &mut FileDigest = manifest.files.iter_mut().find(|file| file.path == name).unwrap();
            file.sha256 = sha256;
            manifest.digest = Manifest::digest_of(&manifest.files);
            fs::write(out.join("manifest.json"), manifest.to_json().unwrap()).unwrap();
            damage(&out);
        }
        fs::write(path, whole).unwrap();
    }
}

#[test]
fn large_rows_are_read_a_few_at_a_time() {
    let config = "[dataset]\nname = \"large\"\n[[source]]\npaths = [\"in\"]\n[output]\ndir = \"out\"\n";
    let corpus = Corpus::new(config);
    for number in 0..24 {
        let line = |line: usize| format!("Line {line} of report {number}. ").repeat(500) + "\n";
        let text: String = (0..100).map(line).collect();
        corpus.write(&format!("in/{number}.txt"), text);
    }
    corpus.succeed(&["build", "tamis.toml"]);
    let path = corpus.path().join("out/data/train-00000-of-00001.parquet");
    let rows: Vec<usize> = batches(&path, &[], None).unwrap().map(|batch| batch.unwrap().num_rows()).collect();
    assert_eq!(rows.iter().sum::<usize>(), 24);
    assert!(rows.iter().all(|rows| *rows <= 8), "an article has more than a megabyte: {rows:?}");
    assert_eq!(damage(&corpus.path().join("out")), "");
}

/// Writes a manifest as tamis would, seal included.
fn seal(path: &Path, json: Value) {
    let manifest: Manifest = serde_json::from_value(json).unwrap();
    fs::write(path, manifest.to_json().unwrap()).unwrap();
}

/// JSON pointers of all numbers below `value`.
fn numbers(value: &Value, at: &str) -> Vec<String> {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(key, value)| numbers(value, &format!("{at}/{}", escaped(key)))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, value)| numbers(value, &format!("{at}/{index}"))).collect()
        }
        Value::Number(_) => vec![at.to_owned()],
        _ => Vec::new(),
    }
}
