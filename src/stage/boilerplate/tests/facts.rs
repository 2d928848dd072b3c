//! Facts of whole articles: what fills the columns, what must not, and which lines leave the text for it.

use super::{gone, gone_from, strip};
use crate::document::{Day, Facts};

const HEADLINE: &str = "Ferry returns to the island";
const BODY: [&str; 3] = [
    "The ferry between Lannec and the island sailed again on Monday morning, four months after a broken shaft had cut off its people.",
    "The first crossing left ten minutes late, since two lorries with fodder and the school bus had to be brought on board before it.",
    "The islanders had lived with a small boat that carried nobody's car, and farmers had sold their animals earlier than they wished.",
];

/// The article with `line` under its headline, between its paragraphs, and at its end.
fn with(line: &str) -> [String; 3] {
    let [a, b, c] = BODY;
    [[HEADLINE, line, a, b, c], [HEADLINE, a, line, b, c], [HEADLINE, a, b, c, line]].map(|lines| lines.join("\n\n"))
}

fn facts(text: &str) -> Facts {
    strip(text).0.facts().clone()
}

fn day(day: Option<Day>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

#[test]
fn names_in_sentences_wrote_nothing() {
    for line in [
        "Cars must take the lane by Long Barn, a detour of four miles.",
        "The day closed with a play by Tess Moor about the storm.",
        "The altar, carved by Hans Winter, stands in the choir.",
        "The pier was built by Thomas Lark in 1871.",
        "Drawings by Tess Moor are on show in the hall.",
        "The old pier was closed on 4 May 1997.",
        "La rédaction vous souhaite une bonne lecture du dossier.",
        "Le pont fut construit par Jean Morel en 1902.",
        "Das Altarbild von Hans Winter hängt im Chor der Kirche.",
        "El puente fue construido por Juan Moreno en 1902.",
        "Il ponte fu costruito da Mario Moretti nel 1902.",
        "Version 3 of the plan was drawn in 2019.",
    ] {
        for text in with(line) {
            let (document, rules) = strip(&text);
            assert_eq!((&document.facts().author, day(document.facts().published)), (&None, String::new()), "{line}");
            assert_eq!(gone_from((document, rules)), [], "{line}");
        }
    }
}

#[test]
fn days_of_which_a_sentence_speaks_are_no_days_of_publication() {
    for line in [
        "Tenders must be handed in by 31 August 2026.",
        "The inquiry opens on 7 October 2025 in the court house.",
        "By the Harbours Act of 9 June 2016 the board must hear the owners.",
        "Write to board@lannec.example before 3 June 2025.",
        "Captain Tess Moor on the bridge on 8 April 2022.",
        "Captain Tess Moor on the bridge of the ferry on 8 April 2022",
        "Les offres doivent parvenir à la mairie avant le 31 août 2026.",
        "Die Anträge müssen bis zum 31. August 2026 vorliegen.",
        "La vista se celebrará el 7 de octubre de 2025 en el ayuntamiento.",
        "Слушания пройдут 7 октября 2025 года в здании суда.",
    ] {
        for text in with(line) {
            let facts = facts(&text);
            assert_eq!((day(facts.published), day(facts.updated)), (String::new(), String::new()), "{line}");
        }
    }
}

#[test]
fn words_that_end_as_an_agency_does_stay() {
    for line in [
        "Chile ends its bond swap",
        "Mind your step and the gap",
        "It was cheap.",
        "Het gezelschap",
        "De boodschap",
        "Nessuno lo sap",
        "They sold the film to Getty",
        "He heard the news via Reuters",
    ] {
        for text in with(line) {
            let (document, rules) = strip(&text);
            assert_eq!(document.facts().credit, None, "{line}");
            assert_eq!(gone_from((document, rules)), [], "{line}");
        }
    }
    for (line, credit) in
        [("Tess Moor/AP", "Tess Moor/AP"), ("AFP / Jean Morel", "AFP / Jean Morel"), ("Foto: dpa", "dpa")]
    {
        let (document, _) = strip(&with(line)[1]);
        assert_eq!(document.facts().credit.as_deref(), Some(credit));
        assert!(!document.text().contains(line), "{line}");
    }
}

#[test]
fn brackets_hold_a_credit_or_a_part_of_the_sentence() {
    for line in [
        "She came back late (pictures had been taken)",
        "We met at the pier (Photo: there was none)",
        "It was the end (image of the times)",
        "Er ging (Foto hin, Foto her)",
        "They play on Sunday (Photo Union 3, Lannec 1)",
        "She wrote for another agency (Reuters)",
    ] {
        let (document, _) = strip(&with(line)[1]);
        assert_eq!(document.facts().credit, None, "{line}");
        assert!(document.text().contains(line), "{line}");
    }
    for (line, left, credit) in [
        ("The ferry at the pier (Photo: Tess Moor)", "The ferry at the pier", "Tess Moor"),
        ("Die Fähre am Kai (Foto: dpa)", "Die Fähre am Kai", "dpa"),
        ("Le bac à quai (photo AFP)", "Le bac à quai", "AFP"),
    ] {
        let (document, _) = strip(&with(line)[1]);
        assert_eq!(document.facts().credit.as_deref(), Some(credit), "{line}");
        assert!(document.text().contains(left) && !document.text().contains(line), "{line}");
    }
}

#[test]
fn titles_and_agencies_of_authors_are_no_authors() {
    for (line, author) in [
        ("By Jo Lark, Jr., and Tess Moor, PhD", "Jo Lark; Tess Moor"),
        ("By Tess Moor, Reuters", "Tess Moor"),
        ("Von Hans Winter, dpa", "Hans Winter"),
        ("Par Jean Morel (avec AFP)", "Jean Morel"),
        ("Ein Gastbeitrag von Hans Winter", "Hans Winter"),
    ] {
        let found = facts(&[HEADLINE, line, "May 31, 2024", BODY[0], BODY[1], BODY[2]].join("\n\n"));
        assert_eq!(found.author.as_deref(), Some(author), "{line}");
    }
    let german =
        facts(&[HEADLINE, "Ein Kommentar von Hans Winter", "Mo., 6. Jänner 2020", BODY[0], BODY[1]].join("\n\n"));
    assert_eq!((german.author.as_deref(), day(german.published).as_str()), (Some("Hans Winter"), "2020-01-06"));
}

#[test]
fn bylines_credits_and_places_are_no_titles() {
    let [a, b, c] = BODY;
    for text in [
        ["Publié par : Jean Morel", "Dernière mise à jour : 2 mai 2023, 21h10", "Port Lannec, Bretagne", a, b]
            .join("\n"),
        [" date 2022-11 Photo : LUMEN News", "", a, b, c].join("\n"),
        ["By Tess Moor", "Lannec, Brittany", a, b, c].join("\n\n"),
        ["Foto: dpa", a, b, c].join("\n\n"),
        [a, b, c, "Jean Morel"].join("\n\n"),
        [a, b, "They had waited.", c].join("\n\n"),
    ] {
        assert_eq!(facts(&text).title, None, "{text}");
    }
    assert_eq!(facts(&with("By Tess Moor")[0]).title.as_deref(), Some(HEADLINE));
}

#[test]
fn a_credit_keeps_neither_a_colon_nor_a_footer() {
    let chinese = facts(
        "市议会批准新渡轮\n\n来源：新华社\n\n作者：王芳\n\n经过四个月的停航，渡轮星期一恢复了运行，岛上的居民表示欢迎。\n\n市议会说，新的发动机将使渡轮更快。",
    );
    assert_eq!((chinese.credit.as_deref(), chinese.author.as_deref()), (Some("新华社"), Some("王芳")));
    let footer = strip(&with("© Küstenbote 2023 | Impressum | Datenschutz | AGB")[2]).0;
    assert_eq!(footer.facts().credit, None);
    assert!(!footer.text().contains("Impressum"));
}

#[test]
fn a_line_whose_value_went_to_a_column_leaves_the_text() {
    for (line, published) in [
        ("The Lannec Courier / 9 March 2024", "2024-03-09"),
        ("EFE - Lannec / 12 nov 2024", "2024-11-12"),
        ("21 января 2024", "2024-01-21"),
        ("31 May 2024", "2024-05-31"),
    ] {
        let text = with(line)[0].clone();
        let (document, rules) = strip(&text);
        assert_eq!(day(document.facts().published), published, "{line}");
        assert!(!document.text().contains(line), "{line}");
        assert_eq!(gone_from((document, rules)).len(), 1, "{line}");
    }
    // The headline and every paragraph stay, and so do lines that say more.
    assert_eq!(gone(&with("Fourteen boats")[0]), []);
}
