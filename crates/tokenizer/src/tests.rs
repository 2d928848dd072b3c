//! The ids against those of the reference implementations (`scripts/tokenizer-golden` writes them), and the laws: no
//! dependence on what was encoded before, on the thread, or on how a long text is taken apart.

use serde::Deserialize;
use tamis_text::hash;

use super::*;

#[derive(Deserialize)]
struct Golden {
    text: String,
    ids: std::collections::BTreeMap<String, Vec<u32>>,
}

#[derive(Deserialize)]
struct Long {
    unit: String,
    times: usize,
    end: String,
    sha256: std::collections::BTreeMap<String, String>,
}

#[cfg(feature = "tokenizers")]
#[derive(Deserialize)]
struct FileGolden {
    name: String,
    config: Value,
    ids: Vec<(String, Vec<u32>)>,
}

fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_embedded(tokenizer: &Tokenizer) -> &Embedded {
    match &tokenizer.engine {
        Engine::Embedded(embedded) => embedded,
        #[cfg(feature = "tokenizers")]
        Engine::File(_) => panic!("it is embedded"),
    }
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    tokenizer.encode_into(text, &mut ids).unwrap();
    ids
}

#[test]
fn ids_are_those_of_tiktoken() {
    let golden: Vec<Golden> = lines(include_str!("golden/embedded.jsonl"));
    for name in EMBEDDED {
        let tokenizer = Tokenizer::embedded(name).unwrap();
        let reference = if *name == "r50k_base" { "gpt2" } else { name };
        for Golden { text, ids } in &golden {
            assert_eq!(encode(&tokenizer, text), ids[reference], "{name}: {text:?}");
        }
    }
}

#[test]
fn long_texts_without_a_place_to_cut_have_the_ids_of_tiktoken() {
    let golden: Vec<Long> = lines(include_str!("golden/long.jsonl"));
    for name in ["gpt2", "cl100k_base", "o200k_base"] {
        let tokenizer = Tokenizer::embedded(name).unwrap();
        for Long { unit, times, end, sha256 } in &golden {
            let ids = encode(&tokenizer, &(unit.repeat(*times) + end));
            let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
            assert_eq!(hash::hex(&hash::sha256(&bytes)), sha256[name], "{name}: {unit:?}");
        }
    }
}

#[cfg(feature = "tokenizers")]
#[test]
fn files_of_each_kind_have_the_ids_of_hugging_face() {
    for FileGolden { name, config, ids } in lines::<FileGolden>(include_str!("golden/files.jsonl")) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tokenizer.json"), config.to_string()).unwrap();
        let tokenizer = Tokenizer::open("tokenizer.json", folder.path()).unwrap();
        assert_eq!(tokenizer.name(), "tokenizer.json");
        for (text, expected) in ids {
            assert_eq!(encode(&tokenizer, &text), expected, "{name}: {text:?}");
        }
        if name == "wordpiece" {
            assert_eq!((tokenizer.bos(), tokenizer.eos()), (Some(1), Some(2)), "from its template");
        }
    }
}

#[cfg(not(feature = "tokenizers"))]
#[test]
fn a_file_is_refused_with_the_feature_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
    let error = Tokenizer::open("tokenizer.json", folder.path()).err().unwrap();
    assert!(error.to_string().ends_with("was built without the feature `tokenizers`"), "{error}");
    assert!(error.hint().unwrap().contains("o200k_base"));
}

#[test]
fn an_embedded_vocabulary_is_the_published_file() {
    for entry in ENTRIES {
        let embedded = entry.load();
        let mut file = String::new();
        let mut tokens = 0;
        for id in 0..entry.size {
            let Some(bytes) = embedded.token(id) else { continue };
            file += &format!("{} {id}\n", base64(bytes));
            tokens += 1;
        }
        assert_eq!(hash::hex(&hash::sha256(file.as_bytes())), entry.sha256, "{}", entry.name);
        assert!(tokens <= entry.size, "{}", entry.name);
    }
    assert!(ENTRIES.iter().map(|entry| entry.name).eq(EMBEDDED.iter().copied()));
}

#[test]
fn every_token_that_is_text_is_encoded_as_itself() {
    let tokenizer = Tokenizer::embedded("o200k_base").unwrap();
    let embedded = of_embedded(&tokenizer);
    for id in (0..199_998).step_by(7) {
        let Some(text) = embedded.token(id).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
        assert_eq!(encode(&tokenizer, text), [id], "{text:?}");
    }
}

#[test]
fn ids_depend_neither_on_what_came_before_nor_on_the_thread() {
    let texts: Vec<String> =
        lines::<Golden>(include_str!("golden/embedded.jsonl")).into_iter().map(|line| line.text).collect();
    let fresh = |text: &String| encode(&Tokenizer::embedded("cl100k_base").unwrap(), text);
    let expected: Vec<Vec<u32>> = texts.iter().map(fresh).collect();
    let shared = Tokenizer::embedded("cl100k_base").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    for (text, expected) in texts.iter().zip(&expected).rev() {
                        assert_eq!(encode(&shared, text), *expected, "{text:?}");
                    }
                }
            });
        }
    });
}

#[test]
fn a_text_cut_at_spaces_has_the_ids_of_its_parts_in_one() {
    // The same sentences as one long text, and with each word's pieces looked at by the pattern alone.
    let sentences: String =
        lines::<Golden>(include_str!("golden/embedded.jsonl")).iter().map(|line| line.text.as_str()).collect();
    let text = sentences.repeat(200);
    assert!(text.len() > 3 * pieces::CHUNK);
    for name in EMBEDDED {
        let tokenizer = Tokenizer::embedded(name).unwrap();
        let embedded = of_embedded(&tokenizer);
        assert_eq!(encode(&tokenizer, &text), embedded.encode_without_cutting(&text), "{name}");
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=chunk.len()].copy_from_slice(chunk);
        let group = u32::from_be_bytes(padded);
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
