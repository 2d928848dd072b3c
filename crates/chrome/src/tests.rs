//! The embedded pack against its own cases.

use tamis_text::date::NumericOrder;

use crate::cuts::Cuts;
use crate::evidence::Evidence;
use crate::pack::{self, Pack};
use crate::phrases::Phrases;

fn embedded() -> Pack {
    pack::EMBEDDED[0].pack().expect("the embedded pack can be read")
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
fn each_rule_has_cases_in_each_of_twenty_languages_and_they_hold() {
    let pack = embedded();
    let phrases = Phrases::new(&pack.rule.iter().collect::<Vec<_>>()).expect("the patterns compile");
    let languages: std::collections::BTreeSet<_> = pack.rule.iter().flat_map(|rule| rule.phrases.keys()).collect();
    assert_eq!(languages.len(), 20, "{languages:?}");
    let mut folded = String::new();
    let mut wrong = Vec::new();
    for (at, rule) in pack.rule.iter().enumerate() {
        for language in rule.phrases.keys() {
            let cases = rule.cases.get(language).unwrap_or_else(|| panic!("{} has no cases in {language}", rule.id));
            assert!(!cases.found.is_empty() && !cases.keep.is_empty(), "{} lacks cases in {language}", rule.id);
            let mut found = |text: &str| {
                Evidence::of(text, &phrases, NumericOrder::Unknown, &mut folded).hit.map(|hit| usize::from(hit.rule))
            };
            for text in &cases.found {
                match found(text) {
                    Some(rule) if rule == at => {}
                    other => wrong.push(format!(
                        "{}\t{language}\tm\t{text}\t{:?}",
                        rule.id,
                        other.map(|rule| &pack.rule[rule].id)
                    )),
                }
            }
            for text in &cases.keep {
                if let Some(other) = found(text) {
                    wrong.push(format!("{}\t{language}\tk\t{text}\t{}", rule.id, pack.rule[other].id));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases fail: rule, language, must match or keep, text, found by\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
