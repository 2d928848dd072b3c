//! Which documents stand together, and that later ones move none.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::document::{Cluster, Day, Position, StageIndex};

fn parse(text: &str) -> Split {
    toml::from_str(text).unwrap()
}

fn refusal(text: &str) -> StageError {
    let surroundings = Surroundings { folder: Path::new(".") };
    parse(text).configure(&surroundings).err().expect("the config is refused")
}

fn assign(text: &str, id: &str, source: &str) -> String {
    let configured = parse(text).configure(&Surroundings { folder: Path::new(".") }).unwrap();
    let Stage::Local(stage) = configured.stage else { panic!("split is local") };
    let position = Position { file: 0, record: 0, block: 0 };
    let mut document = Document::new(position, id.into(), source.into(), "One.");
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    document.split().expect("every document is in a split").to_owned()
}

#[test]
fn shares_are_kept_within_a_percent() {
    let config = "train = 0.9\nvalidation = 0.05\ntest = 0.05";
    let mut counts = BTreeMap::<String, u32>::new();
    for n in 0..10_000 {
        *counts.entry(assign(config, &format!("a.txt#{n}"), "a.txt")).or_default() += 1;
    }
    assert!(counts["train"].abs_diff(9_000) < 100, "{counts:?}");
    assert!(counts["validation"].abs_diff(500) < 100, "{counts:?}");
    assert!(counts["test"].abs_diff(500) < 100, "{counts:?}");
}

#[test]
fn the_split_of_a_document_never_changes() {
    let config = "train = 0.5\ntest = 0.5";
    let splits: String = (0..16).map(|n| assign(config, &format!("a.txt#{n}"), "a.txt").remove(1)).collect();
    // From another implementation of the definition of `draw`.
    assert_eq!(splits, "rrrerereerererer");
}

#[test]
fn ranges_say_exactly_what_shares_say() {
    let (shares, ranges) = ("test = 0.25\ntrain = 0.75", "train = [0.25, 1.0]\ntest = [0, 0.25]");
    for n in 0..100 {
        let id = format!("a.txt#{n}");
        assert_eq!(assign(shares, &id, "a.txt"), assign(ranges, &id, "a.txt"));
    }
}

#[test]
fn a_source_stays_together_and_another_salt_moves_it() {
    let config = "by = \"source\"\ntrain = 0.5\ntest = 0.5";
    let salted = format!("salt = \"other\"\n{config}");
    let mut moved = 0;
    for n in 0..100 {
        let source = format!("{n}.txt");
        let first = assign(config, "first", &source);
        assert_eq!(first, assign(config, "second", &source));
        moved += u32::from(first != assign(&salted, "first", &source));
    }
    assert!((30..70).contains(&moved), "{moved} of 100 files moved");
}

#[test]
fn what_shares_a_cluster_a_host_or_a_day_stays_together_and_what_has_none_stands_for_itself() {
    let assigned = |by: &str, number: usize, set: &dyn Fn(&mut Document)| {
        let config = parse(&format!("by = '{by}'\ntrain = 0.5\ntest = 0.5"));
        let configured = config.configure(&Surroundings { folder: Path::new(".") }).unwrap();
        let Stage::Local(stage) = configured.stage else { panic!("split is local") };
        let position = Position { file: 0, record: number as u64, block: 0 };
        let mut document = Document::new(position, format!("a#{number}"), "a".into(), "One.");
        set(&mut document);
        stage.apply(&mut document, Mark::new(StageIndex(0)));
        document.split().expect("every document is in a split").to_owned()
    };
    let cluster = |document: &mut Document| {
        let (id, size, similarity) = ("a#0".to_owned(), 2, document.position().record as f32);
        document.set_cluster(Cluster { id, size, similarity });
    };
    let host = |document: &mut Document| {
        let number = document.position().record;
        let prefix = ["https://www.", "http://", "https://Me@"][number as usize % 3];
        document.facts_mut().url = Some(format!("{prefix}Example.org:443/{number}?a=b"));
    };
    let site = |document: &mut Document| document.facts_mut().site = Some("Example.org".into());
    let day = |document: &mut Document| document.facts_mut().published = Some(Day(19_000));
    type Set<'a> = &'a dyn Fn(&mut Document);
    let sets: [(&str, Set<'_>); 4] = [("cluster", &cluster), ("host", &host), ("host", &site), ("published", &day)];
    for (by, set) in sets {
        let together: BTreeSet<String> = (0..20).map(|number| assigned(by, number, set)).collect();
        assert_eq!(together.len(), 1, "{by}");
        let alone: Vec<String> = (0..20).map(|number| assigned(by, number, &|_| {})).collect();
        let by_id: Vec<String> = (0..20).map(|number| assigned("document", number, &|_| {})).collect();
        assert_eq!(alone, by_id, "{by}");
    }
    assert_eq!(
        assigned("host", 1, &host),
        assigned("host", 1, &|document| {
            document.facts_mut().site = Some("example.org ".into());
        })
    );
}

#[test]
fn clusters_need_a_stage_that_finds_them() {
    let configured = parse("by = \"cluster\"\ntrain = 1").configure(&Surroundings { folder: Path::new(".") }).unwrap();
    assert_eq!(configured.needs, [Fact::Cluster]);
    assert!(!configured.changes_text());
}

#[test]
fn shares_that_leave_documents_out_or_count_them_twice_are_refused() {
    assert!(refusal("train = 0.9").message.contains("0.100000 of the documents are in no split"));
    assert!(refusal("train = 0.9\ntest = 0.2").message.contains("more than 1"));
    assert!(refusal("train = [0, 0.5]\ntest = [0.6, 1]").message.contains("no split covers 0.5 to 0.6"));
    assert!(refusal("train = [0, 0.5]\ntest = [0.4, 1]").message.contains("overlaps"));
    assert!(refusal("train = [0, 0.5]").message.contains("no split covers 0.5 to 1"));
    assert!(refusal("train = [0, 0.5]\ntest = 0.5").message.contains("others a range"));
    assert!(refusal("train = nan\ntest = 1").message.contains("share of NaN"));
    assert!(refusal("").message.contains("no split is named"));
    assert_eq!(refusal("train = 1\ntest = 0").field, "test");
    parse("a = 0.333333\nb = 0.333333\nc = 0.333333").bounds().expect("thirds with six digits are a whole");
}

#[test]
fn names_that_no_loader_takes_are_refused() {
    for name in ["train-fr", "a/b", "a..b", ""] {
        assert_eq!(refusal(&format!("\"{name}\" = 1")).field, name);
    }
    assert!(refusal("train = 0.5\nTrain = 0.5").message.contains("differ in case"));
    parse("\"train.fr\" = 1").bounds().expect("words may be joined by dots");
}

#[test]
fn a_misspelt_option_is_not_taken_for_a_split() {
    let error = toml::from_str::<Split>("bye = \"document\"\ntrain = 1").unwrap_err().to_string();
    assert!(error.contains("`bye` is read as the name of a split"), "{error}");
    assert!(error.contains("did you mean `by`?"), "{error}");
}

#[test]
fn a_config_survives_being_written_and_read() {
    let split = parse("by = \"source\"\nsalt = \"x\"\ntrain = [0.1, 1.0]\ntest = [0.0, 0.1]");
    assert_eq!(parse(&toml::to_string(&split).unwrap()), split);
}

#[test]
fn the_schema_names_the_options_and_takes_any_split() {
    let schema = serde_json::to_value(schemars::schema_for!(Split)).unwrap();
    assert!(schema["properties"]["by"].is_object(), "{schema}");
    assert_eq!(schema["additionalProperties"]["type"], serde_json::json!(["number", "array"]));
}
