//! Against fastText itself: models of each kind and what it said of some texts, made by `scripts/fasttext`.

use std::path::PathBuf;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Expected {
    model: String,
    text: String,
    labels: Vec<String>,
    scores: Vec<f32>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fasttext")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

fn read(bytes: &[u8]) -> Result<Model, FastTextError> {
    Model::read(bytes, bytes.len() as u64)
}

fn message(bytes: &[u8]) -> String {
    read(bytes).err().expect("it is refused").to_string()
}

#[test]
fn labels_and_scores_are_those_of_fasttext_for_every_kind_of_model() {
    let expected = std::fs::read_to_string(folder().join("expected.jsonl")).unwrap();
    let expected: Vec<Expected> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(expected.len() > 150);
    let mut wrong = Vec::new();
    for record in &expected {
        let model = read(&bytes(&record.model)).unwrap();
        let all = model.probabilities(std::iter::once(record.text.as_str()));
        let own =
            |label: &String| all.as_ref().map(|all| all[model.labels().iter().position(|own| own == label).unwrap()]);
        for (label, score) in record.labels.iter().zip(&record.scores) {
            if own(label).is_none_or(|own| (own - score).abs() > 1e-4) {
                wrong.push(format!("{} {:?} {label}: {:?}, not {score}", record.model, record.text, own(label)));
            }
        }
        let best = model.best(std::iter::once(record.text.as_str())).map(|(label, _)| &model.labels()[label]);
        let is_tie = record.scores.windows(2).next().is_some_and(|pair| pair[0] - pair[1] < 2e-5);
        if best != record.labels.first() && !is_tie {
            wrong.push(format!("{} {:?}: {best:?}", record.model, record.text));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn parts_are_one_line_with_spaces_between() {
    let model = read(&bytes("tree.bin")).unwrap();
    let parts = model.probabilities(["Le musée", "près du\nfleuve", "ouvre lundi"].into_iter());
    assert_eq!(parts, model.probabilities(std::iter::once("Le musée près du fleuve ouvre lundi")));
}

#[test]
fn a_file_cut_anywhere_is_refused_as_such() {
    for name in ["softmax-words.bin", "tree-pruned.ftz"] {
        let whole = bytes(name);
        for length in 0..whole.len() {
            let message = message(&whole[..length]);
            assert!(message.starts_with(&format!("is cut: after {length} bytes")), "{name}, {length}: {message}");
        }
    }
    assert!(message(&bytes("tree.bin")[..100]).ends_with("within its dictionary"));
}

#[test]
fn a_file_that_goes_on_is_refused() {
    let mut long = bytes("tree.bin");
    long.extend([0; 3]);
    assert_eq!(message(&long), "is no whole model: 3 more bytes follow where it should end");
}

#[test]
fn foreign_files_are_named() {
    let told = |bytes: &[u8]| message(bytes).trim_start_matches("is no fastText model: ").to_owned();
    assert_eq!(told(b"2000000 300\nthe 0.1"), "it looks like vectors as text (.vec)");
    assert_eq!(told(b"PK\x03\x04more"), "it is a zip archive");
    assert_eq!(told(&[0x1f, 0x8b, 8, 0, 0]), "it is compressed with gzip");
    assert_eq!(told(b"version https://git-lfs"), "it is the pointer of a large file that was not fetched (Git LFS)");
    assert_eq!(told(b"{\"model\": 1}"), "it is text");
}

#[test]
fn word_vectors_and_newer_versions_are_refused_as_what_they_are() {
    let told = message(&bytes("vectors.bin"));
    assert_eq!(told, "holds word vectors (skipgram) and no labels: it is no classifier");
    let mut newer = bytes("tree.bin");
    newer[4] = 13;
    assert_eq!(message(&newer), "is a fastText model of version 13; known are 11 and 12");
}

#[test]
fn a_damaged_byte_is_refused_or_harmless() {
    for name in ["softmax-words.bin", "tree.bin", "tree-pruned.ftz", "odd-pieces.ftz"] {
        let whole = bytes(name);
        let mut refused = 0;
        for place in 8..whole.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                match read(&damaged) {
                    Ok(model) => {
                        let (_, score) = model.best(std::iter::once("The museum near the river")).unwrap();
                        assert!((0.0..=1.0).contains(&score), "{name}, {place}: {score}");
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 50, "{name}: {refused}");
    }
}
