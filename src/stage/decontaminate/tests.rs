//! What the stage decides over the notes of many documents, what it writes down, and what configs it refuses.

use std::path::{Path, PathBuf};

use super::*;
use crate::document::StageIndex;
use crate::stage::decide_all;

const TRAIN: &str = "A train leaves Dunmore at nine carrying forty passengers and stops twice before it reaches the coast. How long is its journey?";
const HALF: &str = "A train leaves Dunmore at nine carrying forty passengers and stops twice before it breaks down.";
const BRIDGE: &str = "Which Scottish bridge was painted last by Hamish?";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stages")
}

fn configured(options: &str) -> Result<Configured, StageError> {
    let config = format!("sets = [{{ paths = ['questions.jsonl'] }}]\n{options}");
    toml::from_str::<Decontaminate>(&config).unwrap().configure(&Surroundings { folder: &folder() })
}

fn document(record: u64, text: &str) -> Document {
    Document::new(Position { file: 1, record, block: 0 }, format!("a#{record}"), "a".into(), text)
}

/// Which of `texts` stay, after all of them were observed together.
fn stay(options: &str, texts: &[&str]) -> Vec<bool> {
    let Stage::Global(stage) = configured(options).unwrap().stage else { panic!("it counts over the corpus") };
    let Round::Group(group) = stage.round(0) else { panic!("it decides by key") };
    let mut documents: Vec<Document> = (0..).zip(texts).map(|(record, text)| document(record, text)).collect();
    let mut notes = Vec::new();
    documents.iter().for_each(|document| group.observe(document, &[], &mut |note| notes.push(note)));
    notes.sort_unstable();
    let mut decisions = Vec::new();
    decide_all(group, &notes, &mut |decision| decisions.push(decision));
    for document in &mut documents {
        let mine: Vec<Decision> =
            decisions.iter().filter(|decision| decision.position == document.position()).cloned().collect();
        stage.apply(document, &mine, Mark::new(StageIndex(0)));
    }
    documents.iter().map(Document::is_kept).collect()
}

#[test]
fn an_item_that_stands_partly_in_too_many_documents_is_a_phrase() {
    assert_eq!(stay("max_documents = 2", &[HALF, HALF, "Something else."]), [false, false, true]);
    assert_eq!(stay("max_documents = 2", &[HALF, HALF, HALF, "Something else."]), [true; 4]);
}

#[test]
fn a_longer_item_that_stands_whole_in_many_documents_is_no_phrase() {
    assert_eq!(stay("max_documents = 1", &[TRAIN, HALF, HALF, TRAIN]), [false, true, true, false]);
    assert_eq!(stay("max_documents = 1", &[BRIDGE, BRIDGE]), [true, true]);
}

#[test]
fn thirteen_words_of_too_many_documents_do_not_count_and_others_do() {
    let options = "method = 'gpt3-13gram'\nmax_documents = 2";
    assert_eq!(stay(options, &[HALF, HALF]), [false, false]);
    assert_eq!(stay(options, &[HALF, HALF, HALF, TRAIN]), [true, true, true, false]);
}

fn local(options: &str, text: &str) -> Document {
    let configured = configured(&format!("max_documents = 0\n{options}")).unwrap();
    let Stage::Local(stage) = configured.stage else { panic!("without a limit the stage is local") };
    let mut document = document(0, text);
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    document
}

#[test]
fn a_removal_names_the_item_and_its_figures() {
    let document = local("", &format!("They sat.\n\n{BRIDGE}\n\n{TRAIN}"));
    let removal = document.removal().unwrap();
    assert_eq!((removal.rule, removal.value, removal.threshold), (Rule(0), Some(1.0), Some(0.99)));
    let names = configured("").unwrap().outside;
    assert_eq!(removal.partner.and_then(Position::number_outside), Some(0));
    assert_eq!((removal.kept_copy(), names[0].as_str()), (None, "questions.jsonl#0"));
}

#[test]
fn blocks_go_alone_where_asked_however_the_item_lies_in_them() {
    let lines = TRAIN.replace(". How", ".\n\nHow");
    let document = local("action = 'remove-block'", &format!("They sat.\nStill.\n\n{lines}\nNobody knew.\n{BRIDGE}"));
    let kept: Vec<&str> = document.kept().map(|block| block.text()).collect();
    assert_eq!(kept, ["They sat.", "Still.", "Nobody knew."]);
}

#[test]
fn annotations_name_all_items_and_leave_what_the_input_calls_so() {
    let text = format!("They sat.\n\n{BRIDGE}\n\n{TRAIN}");
    let noted = local("action = 'annotate'", &text);
    assert!(noted.is_kept());
    let items =
        r#"[{"block":2,"item":"questions.jsonl#0","score":1.0},{"block":1,"item":"questions.jsonl#1","score":1.0}]"#;
    assert_eq!(noted.metadata()["contamination"], items);
    assert_eq!(local("action = 'annotate'", "They sat.").metadata().len(), 0);
    let mut own = document(0, &text);
    own.metadata_mut().insert("contamination".to_owned(), "\"none\"".to_owned());
    annotate(&mut own, vec![json!(1)]);
    assert_eq!(
        (own.metadata()["contamination"].as_str(), own.metadata()["tamis_contamination"].as_str()),
        ("\"none\"", "[1]")
    );
}

#[test]
fn the_plan_learns_the_sets_digests_and_what_may_go() {
    let made = configured("action = 'annotate'").unwrap();
    assert_eq!((made.models[0].name.as_str(), made.models[0].sha256.len()), ("questions.jsonl", 64));
    assert!(!made.changes_text());
    assert_eq!(configured("").unwrap().removes, Removes::DOCUMENTS);
}

#[test]
fn what_is_observed_depends_on_what_is_found_and_not_on_what_is_done() {
    let seen = |options: &str| match configured(options).unwrap().stage {
        Stage::Global(stage) => stage.options_of(0),
        Stage::Local(_) => None,
    };
    assert_eq!(seen("action = 'annotate'"), seen("action = 'remove-block'"));
    assert_ne!(seen(""), seen("threshold = 0.6"));
}

#[test]
fn a_set_that_cannot_be_read_is_refused_at_its_field() {
    let refused = |config: &str| {
        let config = toml::from_str::<Decontaminate>(config).unwrap();
        config.configure(&Surroundings { folder: &folder() }).err().expect("the config is refused")
    };
    assert_eq!(refused("sets = []").field, "sets");
    let missing = refused("sets = [{ paths = ['questions.jsonl'] }, { paths = ['no.jsonl'] }]");
    assert_eq!(missing.field, "sets[1].paths[0]");
    let named = refused("sets = [{ paths = ['questions.jsonl'], question = 'queston' }]");
    assert_eq!((named.field.as_str(), named.hint.as_deref()), ("sets[0].question", Some("did you mean `question`?")));
    assert_eq!(refused("sets = [{ paths = ['questions.jsonl'] }]\nthreshold = 0.1").field, "threshold");
}
