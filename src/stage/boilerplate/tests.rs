//! What the stage does to whole documents.

use super::*;
use crate::document::{Position, StageIndex};
use crate::text::date::NumericOrder;

/// The stage by default, run over one article.
fn strip(text: &str) -> (Document, Vec<String>) {
    let surroundings = Surroundings { folder: std::path::Path::new(".") };
    let configured = Boilerplate::default().configure(&surroundings).expect("the embedded pack is sound");
    let Stage::Local(stage) = configured.stage else { panic!("boilerplate sees one document") };
    let mut document = Document::new(Position { file: 0, record: 0, block: 0 }, "a#0".into(), "a".into(), text);
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    (document, configured.rules)
}

fn embedded() -> Pack {
    Pack::parse(pack::EMBEDDED[0].1).expect("the embedded pack can be read")
}

#[test]
fn each_phrase_rule_finds_what_it_must_and_nothing_that_it_must_not() {
    let pack = embedded();
    let phrases = Phrases::new(&pack.rule.iter().collect::<Vec<_>>()).expect("the patterns compile");
    let mut folded = String::new();
    let mut wrong = Vec::new();
    for (at, rule) in pack.rule.iter().enumerate() {
        assert!(!rule.must_match.is_empty() && !rule.must_not_match.is_empty(), "{} has no cases", rule.id);
        let mut found = |text: &str| {
            Evidence::of(text, &phrases, NumericOrder::Unknown, &mut folded).hit.map(|hit| usize::from(hit.rule))
        };
        for text in &rule.must_match {
            match found(text) {
                Some(rule) if rule == at => {}
                other => {
                    wrong.push(format!("{}: {text:?} is found by {:?}", rule.id, other.map(|rule| &pack.rule[rule].id)))
                }
            }
        }
        for text in &rule.must_not_match {
            if let Some(other) = found(text) {
                wrong.push(format!("{}: {text:?} must stay and is found by {}", rule.id, pack.rule[other].id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_cut_leaves_what_it_must() {
    let pack = embedded();
    let cuts = Cuts::new(&pack.cut.iter().collect::<Vec<_>>()).expect("the patterns compile");
    for rule in &pack.cut {
        for [before, after] in &rule.must_match {
            let found = cuts.find(before).unwrap_or_else(|| panic!("{}: {before:?} is not cut", rule.id));
            assert_eq!(pack.cut[found.rule].id, rule.id, "{before:?}");
            let mut left = before.clone();
            left.replace_range(found.range, "");
            assert_eq!(&left, after);
        }
        for text in &rule.must_not_match {
            assert_eq!(cuts.find(text), None, "{}: {text:?}", rule.id);
        }
    }
}

#[test]
fn the_pack_speaks_twenty_languages() {
    let languages: std::collections::BTreeSet<_> =
        embedded().rule.into_iter().flat_map(|rule| rule.phrases.into_keys()).collect();
    assert_eq!(languages.len(), 20, "{languages:?}");
}

#[test]
fn a_read_also_line_goes_and_the_paragraph_behind_it_stays() {
    let paragraph = "Residents of Tanner Street began to clear the sandbags away in the afternoon, the town council said, \
                     and the council will collect the bags free of charge until the end of the month.";
    let page = [
        "Storm barrier passes its first test",
        "By Eleanor Marsh",
        "Share this article",
        paragraph,
        "Read more: Ferry operator cancels sailings",
        paragraph,
        "Sign up for our daily newsletter",
        "LEAVE A REPLY",
        "Please enter your comment!",
        "Please enter your name here",
        "Advertisement",
    ];
    let (document, rules) = strip(&page.join("\n\n"));
    assert_eq!(document.text(), format!("{}\n\n{paragraph}\n\n{paragraph}", page[0]));
    assert_eq!(document.facts.title.as_deref(), Some(page[0]));
    assert_eq!(document.facts.author.as_deref(), Some("Eleanor Marsh"));
    let reason = document.blocks[7].removal.as_ref().map(|removal| rules[usize::from(removal.rule.0)].as_str());
    assert_eq!(reason, Some("comment_form"));
}
