//! The detector on languages that are easily confused, and on text as it stands on pages.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// Languages that are easily confused, and the share of the sentences that must be told rightly.
const FLOORS: [(&str, f64); 9] = [
    ("Norwegian, Danish, Swedish", 0.95),
    ("Croatian, Serbian, Bosnian", 0.85),
    ("Czech, Slovak", 0.95),
    ("Indonesian, Malay", 0.9),
    ("Portuguese, Galician, Spanish", 0.9),
    ("Ukrainian, Russian, Belarusian, Bulgarian", 0.95),
    ("Hindi, Marathi, Nepali", 0.95),
    ("Persian, Arabic, Urdu", 0.95),
    ("simplified Chinese, traditional Chinese", 0.95),
];

/// A group's name and its sentences: code, script, sentence.
type Group<'a> = (&'a str, Vec<[&'a str; 3]>);

fn groups(text: &str) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# group: ") {
            groups.push((name, Vec::new()));
        } else if !line.starts_with('#') {
            let fields = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            groups.last_mut().unwrap().1.push(fields);
        }
    }
    groups
}

#[test]
fn languages_that_are_easily_confused_are_told_apart() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = std::fs::read_to_string(tests.join("language/confusable.tsv")).unwrap();
    let groups = groups(&text);
    assert_eq!(groups.iter().map(|(name, _)| *name).collect::<Vec<_>>(), FLOORS.map(|(name, _)| name));
    let (mut table, mut low) = (String::new(), Vec::new());
    for ((name, sentences), (_, floor)) in groups.iter().zip(FLOORS) {
        let mut answers: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        let mut right = 0;
        for [code, script, sentence] in sentences {
            let told = detect(sentence);
            right += u32::from((told.code, told.script) == (*code, *script));
            let own = answers.entry(format!("{code}_{script}")).or_default();
            *own.entry(format!("{}_{}", told.code, told.script)).or_default() += 1;
        }
        table += &format!("{name}: {right} of {}\n", sentences.len());
        for (wanted, told) in answers {
            let told: Vec<String> = told.iter().map(|(code, count)| format!("{code} {count}")).collect();
            table += &format!("  {wanted}: {}\n", told.join(", "));
        }
        let share = f64::from(right) / sentences.len() as f64;
        low.extend((share < floor).then(|| format!("{name}: {share:.3}")));
    }
    assert!(low.is_empty(), "{low:?}\n{table}");
    let golden = tests.join("language/confusable-golden.txt");
    if std::env::var_os("TAMIS_REGEN").is_some() {
        std::fs::write(&golden, &table).unwrap();
    }
    assert_eq!(table, std::fs::read_to_string(&golden).unwrap(), "TAMIS_REGEN=1 rewrites {}", golden.display());
}

#[test]
fn upper_case_headlines_are_told_like_lower_case_ones() {
    assert_eq!(detect("DER BUNDESTAG STIMMT ÜBER DEN HAUSHALT FÜR DAS KOMMENDE JAHR AB").code, "de");
}

#[test]
fn addresses_and_numbers_do_not_vote() {
    let plain = "Die Sitzung wurde am Abend vertagt.";
    let noisy = "Die Sitzung https://www.example.com/the/best/of/english/news wurde press.office@example.org am 14.03.2024 Abend vertagt.";
    assert_eq!(detect(plain), detect(noisy));
}

#[test]
fn the_scripts_of_east_asia_have_the_labels_of_fineweb() {
    let told = |text| (detect(text).code, detect(text).script);
    assert_eq!(told("東京の天気は明日も晴れるでしょう。"), ("ja", "Jpan"));
    assert_eq!(told("这个国家的经济发展很快，人们对将来充满信心。"), ("zh", "Hans"));
    assert_eq!(told("這個國家的經濟發展很快，人們對將來充滿信心。"), ("zh", "Hant"));
    assert_eq!(told("서울의 날씨는 내일도 맑겠습니다."), ("ko", "Hang"));
}

#[test]
fn text_without_letters_is_undecided() {
    for text in ["", "  ", "1234 5678", "— … !!!", "https://example.org/a/b"] {
        assert_eq!(detect(text), Detected::undecided("Zyyy", 0), "{text:?}");
    }
}

#[test]
fn a_document_is_told_from_its_blocks() {
    let blocks =
        ["Partager", "Le Conseil municipal a voté hier soir le budget de la ville pour l’année prochaine.", "0"];
    assert_eq!(detect_blocks(blocks.into_iter()).code, "fr");
}

#[test]
fn text_as_it_stands_on_pages_is_told_by_its_words() {
    for (code, text) in [
        // Headlines in capitals.
        ("fr", "GRÈVE DES TRANSPORTS : LES SYNDICATS APPELLENT À MANIFESTER JEUDI"),
        ("sv", "REGERINGEN BACKAR OM HÖJD SKATT PÅ DRIVMEDEL"),
        ("ru", "ПРАВИТЕЛЬСТВО ОДОБРИЛО ПРОЕКТ БЮДЖЕТА НА СЛЕДУЮЩИЙ ГОД"),
        ("el", "Η ΚΥΒΕΡΝΗΣΗ ΠΑΡΟΥΣΙΑΣΕ ΤΟΝ ΠΡΟΫΠΟΛΟΓΙΣΜΟ"),
        ("tr", "İSTANBUL'DA YOĞUN KAR YAĞIŞI NEDENİYLE OKULLAR TATİL EDİLDİ"),
        // Figures, dates, prices.
        ("de", "Stand 14.03.2024, 18:45 Uhr: 1.234.567 Stimmen (52,3 %) für den Entwurf, 47,7 % dagegen."),
        ("es", "+34 91 123 45 67 · 12,50 € · Abierto de lunes a viernes, 9:00-18:00"),
        // Addresses and handles outnumber the words.
        (
            "it",
            "https://www.example.com/news/the-latest-from-london Il ministro ha smentito ieri @presswatch #breakingnews",
        ),
        ("pl", "redakcja@example.org www.example.org/about-us/contact Zapraszamy do kontaktu z redakcją"),
        // Code among prose.
        (
            "fr",
            "La fonction `parse_file(path: &str) -> Result<Vec<u8>, Error>` renvoie le contenu du fichier que l'on a ouvert.",
        ),
        ("de", "Mit import numpy as np lädt man die Bibliothek, bevor die Werte berechnet werden."),
        // Names and terms in Latin letters within other scripts.
        ("zh", "苹果公司周二在加州发布iPhone和MacBook Pro新品，Tim Cook表示满意"),
        ("ru", "Компания Google представила Android и Chrome на конференции I/O"),
        ("ja", "トヨタはEVの新モデルbZ4XをLos Angelesで発表した"),
        ("ar", "أعلنت شركة Microsoft عن إصدار جديد من نظام Windows"),
        // Chrome left in.
        (
            "fr",
            "Partager Facebook Twitter WhatsApp Copier le lien. La mairie a annoncé la réouverture de la piscine en septembre.",
        ),
        ("nl", "Cookies | Privacy | Login. De gemeenteraad heeft gisteravond besloten het zwembad te sluiten."),
        // Very short.
        ("de", "Über uns"),
        ("fr", "Lire la suite"),
        ("en", "Read more about this"),
        ("pt", "Leia também"),
        ("hu", "Bővebben"),
    ] {
        assert_eq!(detect(text).code, code, "{text}");
    }
}

#[test]
fn letter_case_does_not_change_the_answer() {
    for text in
        ["Der Bundestag stimmt am Freitag ab", "Ułatwienia dla małych firm od stycznia", "Верховная рада приняла закон"]
    {
        let (lower, upper) = (text.to_lowercase(), text.to_uppercase());
        assert_eq!((detect(&lower), detect(&upper)), (detect(text), detect(text)));
    }
}

#[test]
fn what_is_no_language_is_told_with_a_low_score() {
    for text in ["fn main() { let x = 1; }", "xkcd qwrt zzzz plmk", "a b c", "lorem", "OK"] {
        let told = detect(text);
        assert!(told.code == UNDECIDED || told.score < 0.9, "{text}: {told:?}");
    }
}

#[test]
fn vowel_points_do_not_make_hebrew_yiddish() {
    for text in [
        "בַּבֹּקֶר יָצְאוּ הַדַּיָּגִים אֶל הַיָּם וּבָעֶרֶב שָׁבוּ בְּלִי דָּגִים",
        "הָאִישׁ הַזָּקֵן יָשַׁב לְיַד הַחַלּוֹן וְקָרָא סֵפֶר",
        "עַל הַגֶּשֶׁר",
        "בראשית הַגֶּשֶׁר נפתח מחדש לתנועה",
    ] {
        assert_eq!((detect(text).code, detect(text).script), ("he", "Hebr"), "{text}");
    }
    for text in ["די שטאָט האָט באַשלאָסן צו פֿאַרריכטן די אַלטע בריק", "דער ייִנגל לייענט אַ בוך אין דער היים"]
    {
        assert_eq!(detect(text).code, "yi", "{text}");
    }
}

#[test]
fn a_mixed_text_is_told_the_same_in_any_order() {
    let german = "Der Gemeinderat hat gestern Abend beschlossen, die alte Mühle am Fluss zu erhalten.";
    let later = "Die Arbeiten sollen im Herbst beginnen und rund zwei Jahre dauern, sagte der Bürgermeister.";
    let english = "“We have waited for this decision for ten years, and now we are very glad,” a visitor told us.";
    let polish = "Rada gminy postanowiła wczoraj wieczorem zachować stary młyn nad rzeką, powiedział wójt.";
    for (most, more, other, code) in
        [(german, later, english, "de"), (german, later, polish, "de"), (polish, polish, english, "pl")]
    {
        let told = detect_blocks([most, more, other].into_iter());
        assert_eq!(told.code, code, "{told:?}");
        for order in [[other, most, more], [most, other, more], [more, other, most]] {
            assert_eq!(detect_blocks(order.into_iter()), told);
        }
    }
}
