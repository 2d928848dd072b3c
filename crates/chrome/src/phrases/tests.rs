//! What phrases find, and what they do not.

use super::*;

fn phrases(phrases: &[&str]) -> Phrases {
    let phrases = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
    let rule = PhraseRule { max_chars: 48, ..PhraseRule::mined("test".into(), Effect::Credit, phrases) };
    Phrases::new(&[&rule]).expect("sound phrases")
}

fn finds(phrases: &Phrases, block: &str) -> bool {
    phrases.find(&folded(block), block.chars().count(), false, false).is_some()
}

#[test]
fn signs_before_the_letters_of_an_inner_phrase_tell_it_from_the_end_of_a_word() {
    let phrases = phrases(&["*/qp", "*(qfp)", "* via qp", "photo*/qp", "*=zz*"]);
    for block in
        ["Ada Quill/QP", "Ada Quill/QP.", "The harbour (QFP)", "Wire via QP", "Photo Ada Quill/QP", "x =ZZ top"]
    {
        assert!(finds(&phrases, block), "{block}");
    }
    for block in ["A road mqp", "He drew a qp", "Wqp", "The town of Qfp", "Trivia qp", "Photo mqp", "buzz zz top"] {
        assert!(!finds(&phrases, block), "{block}");
    }
}

#[test]
fn an_inner_phrase_without_letters_is_refused() {
    let rule = PhraseRule::mined("test".into(), Effect::Remove, vec!["*/".into()]);
    assert_eq!(
        Phrases::new(&[&rule]).err().as_deref(),
        Some("rule `test`: the phrase `*/` has neither letters nor digits")
    );
}
