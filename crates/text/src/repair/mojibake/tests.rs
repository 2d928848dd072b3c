//! Tests of the repair of misread text.

use super::*;
use crate::repair::changed;

/// Reads as the stage does: encodings in order, each until nothing changes.
fn repaired(text: &str) -> String {
    let mut text = text.to_owned();
    for misreading in order(|misreading| evidence(&text, misreading)) {
        let mut known = Evidence::default();
        for _ in 0..4 {
            known = known.and(evidence(&text, misreading));
            if known.is_empty() {
                break;
            }
            text = changed(&text, &changes(&text, misreading, known));
        }
    }
    text
}

/// `text` in UTF-8, read as Windows-1252 (bytes without a character there as Latin-1 does).
fn misread(text: &str, misreading: Misreading) -> String {
    text.bytes().map(|byte| if byte < 0x80 { char::from(byte) } else { misreading.character(byte).unwrap() }).collect()
}

const SENTENCES: [&str; 14] = [
    "L’été à l’île d’Yeu coûte 12 €.",
    "Über die Größe “der Äpfel” – müßig…",
    "Zażółć gęślą jaźń",
    "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "При всём уважении, это не так",
    "Tiếng Việt rất đẹp",
    "Η ελληνική γλώσσα",
    "العربية جميلة",
    "日本語のテキスト",
    "हिन्दी में लिखा",
    "한국어 문장입니다",
    "Coração de São João 😀",
    "İstanbul’da güneşli bir gün",
    "æøå ÆØÅ smörgåsbord",
];

#[test]
fn each_language_comes_back_from_windows_1252() {
    for sentence in SENTENCES {
        assert_eq!(repaired(&misread(sentence, Misreading::Windows1252)), sentence);
        assert_eq!(
            repaired(&misread(&misread(sentence, Misreading::Windows1252), Misreading::Windows1252)),
            sentence,
            "twice misread"
        );
    }
}

#[test]
fn latin_1_cyrillic_central_european_and_mac_readings_come_back() {
    for sentence in SENTENCES {
        let latin_1: String = sentence.bytes().map(char::from).collect();
        assert_eq!(repaired(&latin_1), sentence);
    }
    assert_eq!(repaired(&misread(SENTENCES[4], Misreading::Windows1251)), SENTENCES[4]);
    assert_eq!(repaired(&misread(SENTENCES[0], Misreading::Windows1250)), SENTENCES[0]);
    assert_eq!(repaired(&misread(SENTENCES[0], Misreading::Macintosh)), SENTENCES[0]);
    assert_eq!(repaired(&misread(SENTENCES[4], Misreading::Windows1250)), SENTENCES[4]);
    for sentence in [2, 3, 4, 6, 7, 13].map(|number| SENTENCES[number]) {
        assert_eq!(repaired(&misread(sentence, Misreading::Macintosh)), sentence);
    }
    assert_eq!(repaired("РїСЂРё"), "при");
    assert_eq!(repaired("Ð¿Ñ€Ð¸"), "при");
}

#[test]
fn healthy_text_stays() {
    let healthy = [
        "Ãlvaro",
        "Â£",
        "SÃO PAULO",
        "“AMANHÃ”",
        "Â»",
        "ÂNGELA",
        "más allá»…",
        "„TÜ“ und „GRÖSSE“",
        "VOILÀ…",
        "à\u{a0}» et voilà\u{a0}…",
        "PÅ’EN “PÅ”",
        "Đường Nguyễn Ấ…",
        "Р° СЋ",
        "РІК В«",
        "«В…»",
        "É’",
        "ROMÂ®",
        "l’ÉTÉ™",
        "café…»",
        "±√©",
        "В Україні її",
        "здоров’ї",
        "gbeƒã ɖem",
        "ÎLE-DE-FRANCE",
        "ČŽ ŠÍŠE",
        "Ä»",
        "º ª",
    ];
    for text in healthy {
        assert_eq!(repaired(text), text);
        for misreading in Misreading::ALL {
            assert_eq!(evidence(text, misreading), Evidence::default(), "{text}");
        }
    }
}

#[test]
fn single_spots_of_common_mojibake_are_repaired() {
    for (broken, whole) in [
        ("cafÃ©", "café"),
        ("itâ€™s", "it’s"),
        ("Â£100", "£100"),
        ("10Â°C", "10°C"),
        ("Ãœber", "Über"),
        ("Ã–sterreich", "Österreich"),
        ("cÅ“ur", "cœur"),
        ("â„¢", "™"),
        ("voilÃ  un cafÃ©", "voilà  un café"),
        ("100Â 000 Ã©lÃ¨vesÂ", "100 000 élèves"),
        ("ï»¿Text", "\u{feff}Text"),
        ("Ã‰TAT", "ÉTAT"),
        ("naÃ¯ve", "naïve"),
        ("ðŸ˜€", "😀"),
        ("\u{e2}\u{80}\u{99}", "’"),
    ] {
        assert_eq!(repaired(broken), whole);
    }
}

#[test]
fn a_lost_third_byte_of_a_closing_quote_is_put_back() {
    assert_eq!(repaired("â€œOui,â€ dit-elle, â€œmais non.â€"), "“Oui,” dit-elle, “mais non.”");
    assert_eq!(repaired("Er sagte â€œKomm!â€ und ging."), "Er sagte “Komm!” und ging.");
}

#[test]
fn a_sign_within_a_word_is_no_reading() {
    for text in ["Rekreâš´tief", "Naâ˜…me"] {
        assert_eq!(repaired(text), text);
    }
    assert_eq!(repaired("cafÃ© Rekreâš´tief"), "café Rekreâš´tief");
}
