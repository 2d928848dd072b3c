//! Tests of the language stage.

use super::*;
use crate::document::{Position, StageIndex};

const FRENCH: &str =
    "Le gouvernement a annoncé jeudi une série de mesures destinées à soutenir les ménages les plus modestes.";
const ENGLISH: &str =
    "This website uses cookies to improve your experience; by continuing to browse you agree to our use of them.";

fn document(text: &str) -> Document {
    let position = Position { file: 0, record: 0, block: 0 };
    Document::new(position, "a#0".to_owned(), "a".into(), text)
}

fn applied(config: &Language, text: &str) -> Document {
    let mut document = document(text);
    let Stage::Local(stage) = configured(config).unwrap().stage else { panic!("language is local") };
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    document
}

fn configured(config: &Language) -> Result<Configured, StageError> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/text/tests/fasttext");
    config.configure(&Surroundings { folder: &folder })
}

fn refused(config: &str) -> StageError {
    let config: Language = toml::from_str(config).unwrap();
    configured(&config).err().expect("the config is refused")
}

#[test]
fn a_fasttext_model_tells_in_its_own_way_with_our_codes() {
    let config = Language { model: Some("tree-pruned.ftz".to_owned()), ..Language::default() };
    let models = configured(&config).unwrap().models;
    assert_eq!((models[0].name.as_str(), models[0].sha256.len()), ("tree-pruned.ftz", 64));
    let told =
        applied(&config, "Der Stadtrat beschloss am Montagabend\nden neuen Haushalt.").language().unwrap().clone();
    assert_eq!((told.code.as_str(), told.script.as_str()), ("de", "Latn"));
    assert_eq!(applied(&config, "12:45").language().unwrap().clone().code, "und");
}

#[test]
fn a_model_that_cannot_be_used_is_refused_at_its_field() {
    let error = refused("model = 'missing.bin'");
    assert_eq!(error.field, "model");
    assert!(error.message.starts_with("`missing.bin` cannot be read: "), "{error}");
    assert_eq!(refused("model = '.'").message, "`.` is a folder");
    let error = refused("model = 'vectors.bin'");
    assert!(error.message.starts_with("`vectors.bin` holds word vectors"), "{error}");
    let error = refused("model = 'softmax-words.bin'");
    assert_eq!(error.message, "`softmax-words.bin` tells no languages: its label `__label__hq` is no language code");
    let error = refused("model = 'expected.jsonl'");
    assert_eq!(error.message, "`expected.jsonl` is no fastText model: it is text");
}

#[test]
fn a_language_that_the_model_does_not_tell_is_refused() {
    let error = refused("model = 'tree.bin'\nkeep = ['sv']");
    assert_eq!(
        (error.field.as_str(), error.hint.unwrap().as_str()),
        ("keep", "it tells de, en, fr, zh, und for undecided, or zxx for no language")
    );
    assert_eq!(refused("model = 'tree.bin'\nkeep = ['fra']").hint.unwrap(), "did you mean `fr` (French)?");
}

#[test]
fn a_language_that_is_not_wanted_is_removed_with_its_score() {
    let config = Language { keep: vec!["en".to_owned()], ..Language::default() };
    let document = applied(&config, FRENCH);
    let removal = document.removal().unwrap();
    assert_eq!((removal.rule, removal.threshold), (NOT_KEPT, Some(0.5)));
    assert_eq!(removal.value, document.language().map(|told| f64::from(told.score)));
}

#[test]
fn an_undecided_document_is_removed_as_such_unless_und_is_kept() {
    let config = Language { keep: vec!["en".to_owned()], ..Language::default() };
    assert_eq!(applied(&config, "12 : 45").removal().unwrap().rule, TOO_UNCERTAIN);
    let config = Language { keep: vec!["en".to_owned(), "und".to_owned()], ..Language::default() };
    let document = applied(&config, "12 : 45");
    assert!(document.is_kept());
    assert_eq!(document.language().unwrap().clone().script, "Zyyy");
}

#[test]
fn without_keep_nothing_is_removed() {
    let document = applied(&Language::default(), &format!("{FRENCH}\n{ENGLISH}\n{FRENCH}"));
    assert!(document.is_kept() && document.kept().count() == 3);
    assert_eq!(document.language().unwrap().clone().code, "fr");
}

#[test]
fn a_foreign_paragraph_is_dropped_and_a_short_quotation_stays() {
    let config = Language { drop_foreign_blocks: true, ..Language::default() };
    let document =
        applied(&config, &format!("{FRENCH}\n{ENGLISH}\n« Yes, we can », disait-il.\n{FRENCH}\nThe New York Times"));
    let removed: Vec<u32> = document.blocks().filter(|block| !block.is_kept()).map(Block::number).collect();
    assert_eq!(removed, [1]);
    assert_eq!(document.metadata().get("languages"), None);
}

#[test]
fn a_mixed_document_shows_the_share_of_each_language() {
    let document = applied(&Language::default(), &format!("{FRENCH}\n{FRENCH}\n{ENGLISH}"));
    let shares: BTreeMap<String, f64> = serde_json::from_str(&document.metadata()["languages"]).unwrap();
    assert_eq!(shares.keys().collect::<Vec<_>>(), ["en", "fr"]);
    assert!((shares["en"] - 0.33).abs() < 0.02, "{shares:?}");
}

#[test]
fn the_order_of_paragraphs_does_not_decide() {
    const LATER: &str =
        "Les aides seront versées dès la rentrée aux familles, a précisé la ministre devant les députés.";
    let orders = [[FRENCH, ENGLISH, LATER], [ENGLISH, FRENCH, LATER], [FRENCH, LATER, ENGLISH]];
    let told = orders.map(|order| applied(&Language::default(), &order.join("\n\n")).language().unwrap().clone());
    assert_eq!(told[0].code, "fr");
    assert!(told[0].score > 0.9, "{told:?}");
    assert!(told.iter().all(|other| *other == told[0]), "{told:?}");
    let one_line = applied(&Language::default(), &orders[1].join(" ")).language().unwrap().clone();
    assert_eq!(one_line.code, "fr");
}

#[test]
fn a_long_mixed_document_is_in_the_language_of_most_of_it_in_any_order() {
    let french = |number: usize| format!("{FRENCH} {number} {FRENCH}");
    let english = |number: usize| format!("{ENGLISH} {number} {ENGLISH}");
    let orders: [fn(usize) -> bool; 3] = [|number| number < 6, |number| number >= 12, |number| number % 3 == 0];
    for order in orders {
        let blocks = (0..18).map(|number| if order(number) { english(number) } else { french(number) });
        let document = applied(&Language::default(), &blocks.collect::<Vec<_>>().join("\n\n"));
        assert_eq!(document.language().unwrap().clone().code, "fr");
    }
}

#[test]
fn a_paragraph_that_starts_with_a_quotation_is_not_foreign() {
    let config = Language { drop_foreign_blocks: true, ..Language::default() };
    let mixed = format!("“We were told on Monday that nothing would be done about it,” {FRENCH} {FRENCH}");
    assert_eq!(applied(&config, &format!("{FRENCH}\n\n{mixed}\n\n{FRENCH}")).kept().count(), 3);
}

#[test]
fn figures_and_code_are_in_no_language_and_can_be_kept() {
    let figures = "2019 | 14.2 | 1,204\n2020 | 13.9 | 1,377\n2021 | 15.0 | 1,402";
    let code =
        "fn main() {\n    let pier = Pier::new(3);\n    for lamp in &pier.lamps {\n        lamp.light();\n    }\n}";
    for text in [figures, code] {
        let document = applied(&Language::default(), text);
        assert_eq!(document.language().map(|told| told.code.as_str()), Some(NO_LANGUAGE), "{text}");
        let only =
            |code: &str| Language { keep: vec![code.to_owned()], drop_foreign_blocks: true, ..Language::default() };
        assert_eq!(applied(&only("fr"), text).removal().map(|removal| removal.rule), Some(NOT_KEPT));
        assert_eq!(applied(&only(NO_LANGUAGE), text).kept().count(), document.kept().count());
    }
}

#[test]
fn what_the_input_calls_languages_stays() {
    let mut document = document(&format!("{FRENCH}\n{FRENCH}\n{ENGLISH}"));
    document.metadata_mut().insert("languages".to_owned(), "[\"Occitan\"]".to_owned());
    let Stage::Local(stage) = configured(&Language::default()).unwrap().stage else { panic!("language is local") };
    for _ in 0..2 {
        stage.apply(&mut document, Mark::new(StageIndex(0)));
        assert_eq!(document.metadata()["languages"], "[\"Occitan\"]");
        assert!(document.metadata()["tamis_languages"].starts_with("{\"en\":0.3"), "{:?}", document.metadata());
    }
    let mut twice = applied(&Language::default(), &format!("{FRENCH}\n{FRENCH}\n{ENGLISH}"));
    stage.apply(&mut twice, Mark::new(StageIndex(1)));
    assert_eq!(twice.metadata().len(), 1, "a second stage replaces what the first told");
}

#[test]
fn an_unknown_code_is_refused_with_the_one_that_was_meant() {
    let error = refused("keep = ['en', 'french']");
    assert_eq!(error.field, "keep");
    assert_eq!(error.hint.unwrap(), "did you mean `fr` (French)?");
    assert!(refused("keep = ['qqq']").hint.unwrap().contains("fr, "));
}

#[test]
fn a_score_above_one_is_refused() {
    assert_eq!(refused("min_score = 65").field, "min_score");
}

#[test]
fn the_shared_seeds_are_french() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: no ../shared/seeds here");
        return;
    };
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let told = applied(&Language::default(), &text).language().unwrap().clone();
        assert_eq!((told.code.as_str(), told.script.as_str()), ("fr", "Latn"));
        assert!(told.score > 0.9, "{told:?}");
    }
}
