//! Lines of many languages and kinds, and what they are.

use super::*;

/// What each line of `text` is, blank lines left out.
fn kinds_of(text: &str) -> Vec<(&str, Kind)> {
    let mut after_blank = true;
    let mut lines = Vec::new();
    for text in text.lines() {
        if !text.trim().is_empty() {
            lines.push(Line { text, after_blank });
        }
        after_blank = text.trim().is_empty();
    }
    lines.iter().map(|line| line.text).zip(kinds(&lines)).collect()
}

fn all(text: &str, kind: Kind) {
    for (line, found) in kinds_of(text) {
        assert_eq!(found, kind, "{line}");
    }
}

#[test]
fn prose_of_many_languages_is_text() {
    all(
        "\
The bridge (built in 1904) was closed: nobody knew why; it opened again in May.
For more information on the terms of the offer (see page three):
Die Vereine teilen mit (Stand: Mai), dass alle Mitglieder(innen) eingeladen sind;
1. die Beförderung von Personen;
2. die Lagerung von Gütern (auch gefährlichen);
Les travaux commenceront en mai ; ils dureront deux ans (au moins).
« Non », dit-elle. « Pas cette année. »
El precio es de 3,50 € por persona (IVA incluido); los niños no pagan.
Сегодня — 14:30; завтра — 15:00 (по местному времени).
市議会は、古い橋を修復することを決めた(月曜日)。
صوّت المجلس على إصلاح الجسر (القديم)؛ ثم عاد الجميع.
Select a country from the list below.
select committees met in London on Monday and Tuesday of that week
update your browser to read this page
With the rain came the wind, and with the wind the cold; as ever.
import duties rose sharply last year
from the beginning it was clear that nobody would come
return to the homepage
use of force is not allowed;
Home | News | Sport | Contact us | Imprint
Follow us on www.example.org and at @harbour_post on the usual networks
Der Preis stieg um 3 % -- wie im Vorjahr -- auf 12 Euro
Tickets: adults $5, children under 12 free & easy
UPDATE: COUNCIL VOTES TO REPAIR THE BRIDGE
CREATE A NEW ACCOUNT, IT IS FREE
C'est là l'essentiel : l'eau, l'air, la terre
well-known singer-songwriter -like no other- came to town
und Referendare - in den Fällen des Absatzes 1 Nr. 1 höchstens
- an entry of a list
* another entry of a list",
        Kind::Text,
    );
}

#[test]
fn a_paragraph_may_begin_with_an_indentation() {
    let paragraphs = "\
    The ferry left the harbour at dawn with forty people on board, and the wind was fair.

    Le conseil a voté lundi la réparation du vieux pont, après un long hiver de tempêtes.

\tГородской совет в понедельник проголосовал за ремонт старого моста через реку после зимы.";
    all(paragraphs, Kind::Text);
    let with_heading = format!("The bridge\n\n{paragraphs}");
    all(&with_heading, Kind::Text);
}

#[test]
fn a_document_that_is_set_in_as_a_whole_has_its_margin_there() {
    all("      Council votes\n\n      The vote was close.\n\n      By a reporter", Kind::Text);
}

#[test]
fn verse_that_is_set_in_is_no_code() {
    let kinds = kinds_of(
        "The song goes like this:\n\n    Upon the hill the morning lies asleep,\n    And all the valley waits beneath its hand;\n\
             No shepherd stirs, no bell, no bleating sheep,\n    No smoke goes up from any of the land.",
    );
    let found: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(found, [Kind::Text, Kind::SetIn, Kind::SetIn, Kind::Text, Kind::SetIn]);
}

#[test]
fn code_is_code_fenced_set_in_or_bare() {
    for text in [
        "```python\nfor name in names:\n    print(name)\n\nA sentence stands here too, since all of it is between the fences.\n```",
        "~~~\nmake install\n~~~",
        "    fn main() {\n        let total = sum(&items);\n        total\n    // It counts all items that were sold in the shop during the last week of the year.\n    }",
        "public static void main(String[] args) {",
        "int total = count(items) + 1;",
        "result = client.fetch(url, timeout=3)",
        "if (total > limit && !closed) {",
        "SELECT name, count(*)\nFROM boats\nWHERE harbour = 'North'\nGROUP BY name;",
        "INSERT INTO boats (name, harbour)\nVALUES ('Merle', 'North'),\n('The boat that never came back from the northern islands in that winter.', 'South');",
        "create table boats (\n    name text not null,\n    harbour text\n);",
        "mysql> SELECT name FROM boats WHERE id = 3;",
        "\"name\": \"Merle\",",
        "margin: 0 auto;",
        "<div class=\"boats\"><a href=\"/merle\">Merle</a></div>",
        "$ cargo build --release",
        "tar -xzf boats.tar.gz -C /srv/boats",
        "import os",
        "from boats import harbour, pier",
        "#include <stdio.h>",
        "// counts the boats",
    ] {
        for (line, kind) in kinds_of(text) {
            assert!(matches!(kind, Kind::Code | Kind::Wordless), "{kind:?}: {line}");
        }
    }
}

#[test]
fn a_statement_ends_where_the_text_goes_on() {
    let kinds = kinds_of(
        "SELECT name FROM boats\nWHERE harbour = 'North'\nThis asks for all boats of one harbour, as the chapter before has shown to you.",
    );
    let found: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(found, [Kind::Code, Kind::Code, Kind::Text]);
}

#[test]
fn commands_that_are_set_in_are_code_where_one_of_three_has_an_option() {
    let kinds =
        kinds_of("Then run\n\n\tsudo systemctl restart harbour\n\tcurl -sSf localhost:8080/health\n\techo done");
    let found: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(found, [Kind::Text, Kind::Code, Kind::Code, Kind::Code]);
}

#[test]
fn prose_beside_code_is_no_code_where_both_are_set_in() {
    let kinds = kinds_of(
        "Abstract\n\n    When an overloaded function is called, the\n    one that fits is taken.\n\n        def pick(*names):\n            return names[0]\n\n    Nothing else changes.",
    );
    let found: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    let set_in = Kind::SetIn;
    assert_eq!(found, [Kind::Text, set_in, set_in, Kind::Code, Kind::Code, set_in]);
}

#[test]
fn a_fence_that_nothing_closes_marks_nothing() {
    let kinds = kinds_of("The sign\n\n~~~~~\n\nThe ferry left the harbour.");
    let found: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(found, [Kind::Text, Kind::Wordless, Kind::Text]);
}

#[test]
fn rows_of_tables_are_told_by_their_like() {
    for text in [
        "| boat | harbour | year |\n|---|---|---|\n| Merle | North | 1904 |",
        "boat | harbour | year\nMerle | North | 1904",
        "boat\tharbour\nMerle\tNorth",
        "Merle     North       1904\nAmsel     South       1911",
    ] {
        for (line, kind) in kinds_of(text) {
            assert!(matches!(kind, Kind::Table | Kind::Wordless), "{kind:?}: {line}");
        }
    }
    all("Home | News | Sport\n\nThe ferry left | the harbour", Kind::Text);
}

#[test]
fn a_line_without_a_letter_is_wordless() {
    all("=====\n\n* * *\n\n-----------\n\n────────────\n\n12.5   14.0   1,904\n\n~~~~~\n\n+----+----+", Kind::Wordless);
}
