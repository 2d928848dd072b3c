//! What `normalize` does to whole documents, each rule at its place and its limits.

use super::*;
use crate::document::{Part, Position, StageIndex};
use proptest::prelude::*;
use std::path::Path;

const MARK: Mark = Mark::new(StageIndex(0));

fn document(text: &str) -> Document {
    let position = Position { file: 0, record: 0, block: 0 };
    Document::new(position, "a#0".into(), "a".into(), text)
}

fn normalized(text: &str) -> Document {
    let mut document = document(text);
    Normalize::default().apply(&mut document, MARK);
    document
}

/// What the edits of `block` say it was, undone from the last to the first; checks that each fits the text it was made in.
fn undone(block: Block<'_>) -> String {
    let mut text = block.text().to_owned();
    for edit in block.edits().rev() {
        let Part::Range { start, original, replacement, .. } = edit.part else { panic!("an edit is of a range") };
        let start = start as usize;
        let end = start + replacement.len();
        assert_eq!(text.get(start..end), Some(replacement));
        text.replace_range(start..end, original);
    }
    text
}

/// Checks the laws of the stage on one text.
fn check(text: &str) {
    let before = document(text);
    let after = normalized(text);
    let mut originals = before.blocks().map(Block::text);
    for block in after.blocks() {
        let original = undone(block);
        assert_eq!(block.bytes(), original.len() as u64, "accounting");
        for line in original.split('\n') {
            assert_eq!(originals.next(), Some(line), "undoing the edits gives the lines as read");
        }
    }
    assert_eq!(originals.next(), None, "no line is lost");
    let once = after.text();
    let twice = normalized(&once);
    assert_eq!(twice.text(), once, "normalizing twice is normalizing once");
}

#[test]
fn a_damaged_article_is_repaired_and_each_change_is_on_record() {
    let text = "\u{feff}Lâ€™Ã©tÃ© &amp;amp; lâ€™hiver\u{a0}!  \n  • Un\n    • Deux\n\u{200b}\n    Une longue phrase de l'article, qui est assez longue \
        pour être un paragraphe, et qui a été indentée de quatre espaces par quelqu'un qui ne savait pas.\n";
    let document = normalized(text);
    assert_eq!(
        document.text(),
        "L’été & l’hiver !\n- Un\n  - Deux\nUne longue phrase de l'article, qui est assez longue pour être un paragraphe, et qui a été indentée de \
            quatre espaces par quelqu'un qui ne savait pas."
    );
    let rules: Vec<u16> = document.block(0).unwrap().edits().map(|edit| edit.rule.0).collect();
    assert_eq!(rules, [HTML_ENTITIES.0, MOJIBAKE.0, ODD_SPACES.0]);
    assert_eq!(document.block(3).unwrap().removal().map(|removal| removal.rule), Some(NO_TEXT));
    check(text);
}

#[test]
fn hard_wrapped_lines_become_one_block_with_their_bytes() {
    let text = "A letter came on the third day, and the\u{a0}porter brought it up with\nthe bread. It was from the well known house in the harbour street,\n\
        and it said that the ship had been seen off the point at sunrise,\nwith one mast gone &amp; the flag of the company still flying. No\nword of the \
        captain was in it, nor of his brother, who had gone\ntoo.";
    let document = normalized(text);
    assert_eq!(document.blocks().len(), 1);
    assert_eq!(document.block(0).unwrap().bytes(), text.len() as u64);
    assert!(document.text().contains("gone & the flag of the company still flying. No word"));
    check(text);
}

#[test]
fn dialogue_dashes_stay_and_dashes_of_a_list_become_bullets() {
    let speech = "— Bonjour, dit-il.\n— Bonjour !\n– Hvor skal du?\n– Hjem.\n– Ja.";
    assert_eq!(normalized(speech).text(), speech);
    assert_eq!(
        normalized("Pakkeliste:\n– telt\n– sovepose\n– kniv.").text(),
        "Pakkeliste:\n- telt\n- sovepose\n- kniv."
    );
}

#[test]
fn each_repair_can_be_switched_off() {
    let text = "cafÃ© &amp;  thÃ© a\u{a0}b e\u{301} x\u{1}";
    let off = Normalize { mojibake: false, html_entities: false, ..Normalize::default() };
    let mut document = document(text);
    off.apply(&mut document, MARK);
    assert_eq!(document.text(), "cafÃ© &amp; thÃ© a b é x");
    let idle: Normalize = serde_json::from_str(
        r#"{"html_entities":false,"mojibake":false,"control_characters":false,"odd_spaces":false,"nfc":false,"glued_sentences":false,"bullets":false,"hard_wraps":false,"indentation":false}"#,
    )
    .unwrap();
    let folder = Path::new(".");
    assert!(idle.configure(&Surroundings { folder }).is_err());
    assert!(off.configure(&Surroundings { folder }).is_ok());
}

#[test]
fn facts_are_repaired_as_the_text_is() {
    let mut document = document("Text.");
    document.facts_mut().title = Some("Caf&eacute; &amp; Thé\u{a0}: l&#8217;Ã©tÃ© ".to_owned());
    document.facts_mut().author = Some("JosÃ© PÃ©rez".to_owned());
    document.facts_mut().section = Some("Вести &quot;Дня&quot;".to_owned());
    document.facts_mut().url = Some("https://example.org/?a=1&amp;b=2".to_owned());
    Normalize::default().apply(&mut document, MARK);
    assert_eq!(document.facts().title.as_deref(), Some("Café & Thé : l’été"));
    assert_eq!(document.facts().author.as_deref(), Some("José Pérez"));
    assert_eq!(document.facts().section.as_deref(), Some("Вести \"Дня\""));
    assert_eq!(document.facts().url.as_deref(), Some("https://example.org/?a=1&amp;b=2"));
}

#[test]
fn a_byte_85_is_part_of_a_letter_or_an_ellipsis_and_no_line_end() {
    let misread = |text: &str| text.bytes().map(char::from).collect::<String>();
    for text in [
        "Ulicą biegną dzieci, a za nią mają drogę.",
        "Хутор ухаживает за хлебом, а вода уходит.",
        "Åke bor i Ås och Åmål.",
    ] {
        assert_eq!(normalized(&misread(text)).text(), text);
        check(&misread(text));
    }
    for (read, meant) in [
        ("Warten\u{85} und warten\u{85}", "Warten… und warten…"),
        ("Y luego\u{85} nada\u{94}, dijo", "Y luego… nada”, dijo"),
    ] {
        assert_eq!(normalized(read).text(), meant);
        check(read);
    }
}

#[test]
fn glued_sentences_are_parted_as_edits_unless_the_text_is_about_programs() {
    let document = normalized("La réunion est finie.Personne n’a voté.\n\nDemain, on recommence au Palais.Il pleuvra.");
    assert_eq!(
        document.text(),
        "La réunion est finie. Personne n’a voté.\n\nDemain, on recommence au Palais. Il pleuvra."
    );
    assert!(document.blocks().all(|block| block.edits().map(|edit| edit.rule).eq([GLUED_SENTENCES])));
    let technical = "Call `close` first.\n\nThen use threading.Thread to start it.The end.";
    assert_eq!(normalized(technical).text(), "Call `close` first.\n\nThen use threading.Thread to start it. The end.");
}

#[test]
fn russian_read_as_mac_roman_comes_back_whole() {
    let text = "Паром ушёл утром, а вернулся ночью.";
    let misread: String = text
        .bytes()
        .map(|byte| if byte < 0x80 { char::from(byte) } else { Misreading::Macintosh.character(byte).unwrap() })
        .collect();
    assert_eq!(normalized(&misread).text(), text);
}

#[test]
fn a_line_of_megabytes_is_repaired_in_time() {
    let text = "mot\u{a0}: cafÃ© &amp; thé ".repeat(200_000);
    let document = normalized(&text);
    assert!(document.text().starts_with("mot : café & thé mot : café"));
    assert!(document.block(0).unwrap().edits().len() < 10_000);
}

#[test]
fn real_articles_obey_the_laws() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let Ok(files) = std::fs::read_dir(&seeds) else {
        eprintln!("skipped: no ../shared/seeds");
        return;
    };
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        check(&text);
        assert!(
            normalized(&text)
                .kept()
                .all(|block| !block.text().starts_with(' ') && !block.text().contains(['\u{a0}', '\u{200b}']))
        );
    }
}

#[test]
fn clean_text_in_eighty_languages_obeys_the_laws_and_holds_no_mojibake() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/clean/clean.jsonl.zst");
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!("skipped: no ../shared/data/clean");
        return;
    };
    let records = String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap();
    for record in records.lines() {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        let text = record["text"].as_str().unwrap();
        check(text);
        let document = normalized(text);
        for edit in document.blocks().flat_map(Block::edits) {
            let Part::Range { original, replacement, .. } = edit.part else { panic!("an edit is of a range") };
            assert!(
                edit.rule != MOJIBAKE || original.chars().all(char::is_control),
                "{}: {original:?} became {replacement:?}",
                record["id"],
            );
            let set_in_lines = matches!(record["kind"].as_str(), Some("poem" | "play" | "code"));
            assert!(!(set_in_lines && edit.rule == HARD_WRAPS), "{}: joined at {original:?}", record["id"]);
        }
    }
}

#[test]
fn a_line_of_nothing_but_a_soft_hyphen_is_gone() {
    let document = normalized("One.\n\n\u{ad}\n\nTwo.");
    assert_eq!(document.text(), "One.\n\nTwo.");
    check("One.\n\n\u{ad}\n\nTwo.");
}

/// Text made of what the repairs look for.
fn damaged() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zéàß]{1,9} ",
        1 => "[ \\t\u{a0}\u{3000}\u{200b}\u{200d}\u{ad}\u{feff}\u{200e}]{1,4}",
        1 => "[\u{0}-\u{8}\u{e}-\u{1f}\u{7f}-\u{84}\u{86}-\u{9f}\u{e000}\u{f0b7}]{1,2}",
        1 => "(&|&amp;|&#39;|&nbsp;|&lt|;|&#x26;|amp;|&shy;|&#97;)",
        1 => "[ÃâÂÐÑРСп€™©“”…°£]{1,4}",
        1 => "[e\u{301}\u{323}\u{3099}か\u{1100}\u{1161}क\u{93c}]{1,3}",
        1 => "(\n|\n\n|-\n|\n• |\n– |\n    |\n  |\u{ad}\n)",
        1 => "[中文。א ب🏴👩]{1,5}",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Words wrapped at some margin.
fn wrapped() -> impl Strategy<Value = String> {
    (proptest::collection::vec("[a-zA-Zé]{1,12}[,.-]?", 30..150), 40usize..90).prop_map(|(words, margin)| {
        let mut text = String::new();
        let mut width = 0;
        for word in words {
            let room = width + 1 + word.len() <= margin;
            text.push(if room { ' ' } else { '\n' });
            width = if room { width + 1 + word.len() } else { word.len() };
            text.push_str(&word);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_obeys_the_laws(text in damaged()) {
        check(&text);
    }

    #[test]
    fn wrapped_text_obeys_the_laws(text in wrapped()) {
        check(&text);
    }
}
