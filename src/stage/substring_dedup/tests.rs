//! The two rounds over documents in memory: what stays, and by which partner it is told.

use super::*;
use crate::document::{Block, Change, Part, StageIndex};
use crate::stage::decide_all;

const PIERS: &str = "The bridge will be closed for eleven weeks while the piers are repaired.";
const BOATS: &str = "Boats may pass at night, and people must take the ferry beside it.";

/// `texts` after the stage, as documents of which each is a record.
fn after(options: &str, texts: &[&str]) -> Vec<Document> {
    let config: SubstringDedup = toml::from_str(options).unwrap();
    let configured = config.configure(&Surroundings { folder: ".".as_ref() }).unwrap();
    let Stage::Global(stage) = configured.stage else { panic!("passages are of the corpus") };
    let place = |record| Position { file: 1, record, block: 0 };
    let document = |(record, text)| Document::new(place(record), format!("a#{record}"), "a".into(), text);
    let mut documents: Vec<Document> = (0..).zip(texts.iter().copied()).map(document).collect();
    let mut decisions: Vec<Decision> = Vec::new();
    let about = |decisions: &[Decision], document: &Document| -> Vec<Decision> {
        let is_mine = |decision: &&Decision| decision.position.document() == document.position();
        decisions.iter().filter(is_mine).cloned().collect()
    };
    for round in 0..stage.rounds() {
        let Round::Group(group) = stage.round(round) else { panic!("each round decides by key") };
        let mut notes = Vec::new();
        for document in &documents {
            group.observe(document, &about(&decisions, document), &mut |note| notes.push(note));
        }
        notes.sort_unstable();
        decisions.clear();
        decide_all(group, &notes, &mut |decision| decisions.push(decision));
        decisions.sort_unstable();
    }
    for document in &mut documents {
        stage.apply(document, &about(&decisions, document), Mark::new(StageIndex(0)));
    }
    documents
}

fn texts(documents: &[Document]) -> Vec<String> {
    documents.iter().map(|document| document.text().into_owned()).collect()
}

#[test]
fn a_passage_over_several_blocks_goes_from_all_of_them_and_names_the_first_copy() {
    let first = format!("It was Monday. {PIERS}\n\n{BOATS}\n\nThe end of it.");
    let second = format!("Nobody knew.\n\nSo it was. {PIERS}\n\n{BOATS}\n\nThe mayor left.");
    let after = after("min_chars = 100", &[&first, &second]);
    assert_eq!(texts(&after), [first, "Nobody knew.\n\nSo it was.\n\nThe mayor left.".to_owned()]);
    let changes: Vec<Change<'_>> = after[1].blocks().flat_map(Block::changes).collect();
    let [edit, removal] = changes.as_slice() else { panic!("{changes:?}") };
    let Part::Range { block, original, replacement, .. } = edit.part else { panic!("a part of a block goes") };
    assert_eq!((block, original.trim_start(), replacement, edit.rule), (1, PIERS, "", REPEATED_PASSAGE));
    assert_eq!((removal.rule, removal.threshold), (REPEATED_BLOCK, Some(100.0)));
    assert!(removal.value.unwrap() >= 130.0);
    for change in changes {
        let kept = change.kept_copy().unwrap();
        assert_eq!((kept.record, kept.block <= 1), (0, true));
    }
}

#[test]
fn a_repeat_within_one_document_goes_too() {
    let text = format!("{PIERS} {BOATS}\n\nIt was Monday.\n\n{PIERS} {BOATS}");
    assert_eq!(texts(&after("min_chars = 100", &[&text])), [format!("{PIERS} {BOATS}\n\nIt was Monday.")]);
}

#[test]
fn each_part_of_a_text_that_is_put_together_of_two_others_is_found() {
    let (a, b) = (
        format!("{PIERS} {BOATS}"),
        "Heavy snow closed both roads on Friday, and the school of the lower town stayed closed. Nobody came.",
    );
    let both = format!("{a} {b} The mayor left.");
    assert_eq!(texts(&after("min_chars = 80", &[&a, b, &both]))[2], "The mayor left.");
}

#[test]
fn two_passages_side_by_side_at_the_end_of_a_block_are_cut_one_by_one() {
    let (a, b) = (
        format!("{PIERS} {BOATS}"),
        "Heavy snow closed both roads on Friday, and the school of the lower town stayed closed. Nobody came.",
    );
    let both = format!("It was Monday. {a} {b}");
    assert_eq!(texts(&after("min_chars = 80", &[&a, b, &both]))[2].trim_end(), "It was Monday.");
}

#[test]
fn code_and_tables_stay_whatever_repeats() {
    let code = "    let total = boats.iter().map(|boat| boat.seats).sum::<u64>();\n    let free = total - boats.iter().map(|boat| boat.taken).sum::<u64>();";
    let first = format!("Here is how.\n\n{code}\n\nThe end.");
    let second = format!("Another way of it.\n\n{code}\n\nNo more.");
    assert_eq!(texts(&after("min_chars = 60", &[&first, &second])), [first, second]);
}

#[test]
fn a_copy_of_a_copy_goes_for_the_sake_of_the_first() {
    let text = |start: &str| format!("{start} {PIERS} {BOATS} And so on.");
    let all: Vec<String> = ["One.", "Two of them.", "Three."].map(text).into();
    let after = after("min_chars = 100", &all.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(texts(&after)[1..], ["Two of them.", "Three."]);
    let kept = |document: &Document| {
        document.blocks().flat_map(Block::changes).map(|change| change.kept_copy().unwrap().record).collect::<Vec<_>>()
    };
    assert_eq!((kept(&after[1]), kept(&after[2])), (vec![0], vec![0]));
}

#[test]
fn what_is_observed_does_not_depend_on_where_passages_are_cut() {
    let options = |text: &str| {
        let config: SubstringDedup = toml::from_str(text).unwrap();
        match config.configure(&Surroundings { folder: ".".as_ref() }).unwrap().stage {
            Stage::Global(stage) => stage.options_of(0),
            Stage::Local(_) => None,
        }
    };
    assert_eq!(options("edges = 'exact'"), options(""));
    assert_ne!(options("min_chars = 300"), options(""));
    let config: SubstringDedup = toml::from_str("min_chars = 20").unwrap();
    assert_eq!(config.configure(&Surroundings { folder: ".".as_ref() }).err().unwrap().field, "min_chars");
}

#[test]
fn short_lines_within_code_and_lists_stay_with_what_is_around_them() {
    let steps = "get_url\n\nAucun.\n\nreload\n\nAucun.\n\non_suspend\n\nAucun.\n\non_message\n\nAucun.\n\nbackground_page\n\nAucun.";
    let notice = format!("{PIERS} {BOATS}");
    let first = format!("Un début.\n\n{steps}\n\n{notice}");
    let second = format!("Another beginning of it.\n\n{steps}\n\nThe mayor left.\n\n{notice}");
    let after = after("min_chars = 70", &[&first, &second]);
    assert_eq!(texts(&after), [first, format!("Another beginning of it.\n\n{steps}\n\nThe mayor left.")]);
}
