//! The stage on articles, on pages, and on what must stay.

use super::*;
use crate::document::{Position, StageIndex};

mod facts;

/// The stage by default, run over one article.
fn strip(text: &str) -> (Document, Vec<String>) {
    strip_as(&Boilerplate::default(), text)
}

fn strip_as(boilerplate: &Boilerplate, text: &str) -> (Document, Vec<String>) {
    run(&stage_of(boilerplate), text)
}

/// The stage and the names of its rules. It takes a while to set up.
fn stage_of(boilerplate: &Boilerplate) -> (Box<dyn LocalStage>, Vec<String>) {
    let surroundings = Surroundings { folder: std::path::Path::new(".") };
    let boilerplate = Boilerplate { repeats: false, ..boilerplate.clone() };
    let configured = boilerplate.configure(&surroundings).expect("the embedded pack is sound");
    let Stage::Local(stage) = configured.stage else { panic!("boilerplate sees one document") };
    (stage, configured.rules.into_iter().map(|rule| rule.name.into_owned()).collect())
}

fn run((stage, rules): &(Box<dyn LocalStage>, Vec<String>), text: &str) -> (Document, Vec<String>) {
    let mut document = Document::new(Position { file: 0, record: 0, block: 0 }, "a#0".into(), "a".into(), text);
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    (document, rules.clone())
}

fn embedded() -> Pack {
    pack::EMBEDDED[0].pack().expect("the embedded pack can be read")
}

/// Paragraphs of nobody's page: what a sentence stands among.
const PLAIN: [&str; 4] = [
    "The old woman walked to the harbour every morning and counted the boats that had come back during the night.",
    "Nobody had asked her to do so, and nobody ever read the numbers that she wrote on the wall of her kitchen.",
    "When the wall was painted in spring, the painter copied them into a school book and gave it to her daughter.",
    "The book lies in the reading room of the town hall now, where it is lent to whoever wants to see it for an hour.",
];

#[test]
fn ordinary_sentences_that_begin_as_a_phrase_stay_in_a_text_without_chrome() {
    let pack = embedded();
    let stage = stage_of(&Boilerplate::default());
    let mut wrong = Vec::new();
    for rule in &pack.rule {
        for (language, cases) in &rule.cases {
            for sentence in &cases.stay {
                for (place, text) in [
                    ("inside", [PLAIN[0], PLAIN[1], sentence, PLAIN[2], PLAIN[3]]),
                    ("at the end", [PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], sentence]),
                ] {
                    let (document, rules) = run(&stage, &text.join("\n\n"));
                    let facts = document.facts();
                    let facts = (&facts.author, &facts.credit, &facts.published);
                    if facts != (&None, &None, &None) {
                        wrong.push(format!("{}\t{language}\t{place}\t{sentence}\tgave {facts:?}", rule.id));
                    }
                    for (text, by) in gone_from((document, rules)) {
                        wrong.push(format!("{}\t{language}\t{place}\t{text}\tgone by {by}", rule.id));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong: rule, language, place, sentence\n{}", wrong.len(), wrong.join("\n"));
}

/// The texts of the blocks that are gone, each with its rule.
fn gone(text: &str) -> Vec<(String, String)> {
    gone_from(strip(text))
}

fn gone_from((document, rules): (Document, Vec<String>)) -> Vec<(String, String)> {
    let removed = document.blocks().filter_map(|block| Some((block, block.removal()?)));
    removed.map(|(block, removal)| (block.text().to_owned(), rules[usize::from(removal.rule.0)].clone())).collect()
}

const PARAGRAPH: &str = "Le président russe rencontrera le dirigeant nord-coréen à Vladivostok dans les prochains jours, a annoncé lundi \
    le porte-parole du Kremlin, sans donner de date précise pour cette visite officielle.";

#[test]
fn an_article_keeps_its_headline_subheads_and_sentences_and_gives_up_its_facts() {
    let text = format!(
        "Le dirigeant nord-coréen en visite à Vladivostok\nPar Marie Dupont\nPublié: 11.09.2023 à 16:00 heures\n|\n\
         Mis à jour le 12 septembre 2023\n{PARAGRAPH}\nUn voyage en train\n{PARAGRAPH} (Fichier photo AP)\n\
         À lire aussi : Le sommet de Hanoï\n{PARAGRAPH}\nPartager sur Facebook\nLEAVE A REPLY\nDernières Nouvelles"
    );
    let (document, _) = strip(&text);
    let expected = format!(
        "Le dirigeant nord-coréen en visite à Vladivostok\n{PARAGRAPH}\nUn voyage en train\n{PARAGRAPH}\n{PARAGRAPH}"
    );
    assert_eq!(document.text(), expected);
    let facts = document.facts();
    assert_eq!(facts.title.as_deref(), Some("Le dirigeant nord-coréen en visite à Vladivostok"));
    assert_eq!(facts.author.as_deref(), Some("Marie Dupont"));
    assert_eq!(facts.published.map(|day| day.to_string()).as_deref(), Some("2023-09-11"));
    assert_eq!(facts.updated.map(|day| day.to_string()).as_deref(), Some("2023-09-12"));
    assert_eq!(facts.credit.as_deref(), Some("AP"));
    let rules = |gone: Vec<(String, String)>| gone.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>();
    let expected = [
        "byline",
        "published",
        "beside_chrome",
        "updated",
        "read_also",
        "share_bar",
        "comment_form",
        "related_stories",
    ];
    assert_eq!(rules(gone(&text)), expected);
    // Where the model removes nothing, what stands beside chrome still goes.
    let without_model = Boilerplate { threshold: Some(0.0), ..Boilerplate::default() };
    assert_eq!(rules(gone_from(strip_as(&without_model, &text))), expected);
}

#[test]
fn a_text_of_one_line_is_no_title() {
    let (document, _) = strip("The ferry to Port Lannec will not sail on Monday because of the storm.");
    assert_eq!(document.facts().title, None);
}

#[test]
fn a_short_page_ends_at_its_most_read_list() {
    let text = "Lake birds counted again\nEvery January Albert Finch drives to the lake with two pairs of gloves and counts the swans.\n\
        His figures are used by people he has never met, in reports that he has never read.\nMost read\n1. Seven tomatoes for the fridge\n\
        2. The road moves inland";
    let names: Vec<(String, String)> = gone(text);
    let after: Vec<&str> =
        names.iter().filter(|(_, rule)| rule.ends_with("after_the_end")).map(|(text, _)| text.as_str()).collect();
    assert_eq!(after, ["1. Seven tomatoes for the fridge", "2. The road moves inland"], "{names:?}");
}

#[test]
fn a_page_loses_its_menu_and_its_tail() {
    let menu = "Accueil\nPolitique\nMonde\nSport\nCulture\nSe connecter\nNewsletter\nS'abonner\nAller au contenu";
    let tail = "Articles similaires\nUn autre titre sans rapport\nEncore un titre\nMentions légales\nContact\n© 2023 Le Journal. Tous droits réservés.";
    let (document, _) = strip(&format!(
        "{menu}\nKim attendu à Vladivostok, annonce le Kremlin\n{PARAGRAPH}\n{PARAGRAPH}\n{PARAGRAPH}\n{PARAGRAPH}\n{tail}"
    ));
    assert_eq!(
        document.text(),
        format!("Kim attendu à Vladivostok, annonce le Kremlin\n{PARAGRAPH}\n{PARAGRAPH}\n{PARAGRAPH}\n{PARAGRAPH}")
    );
}

#[test]
fn however_long_a_text_is_it_loses_only_what_a_site_set_below_it() {
    let verse =
        |number: usize| format!("And on the {number}th of nights\nthe lamp was out,\nno more, no less,\nsaid he");
    let song: Vec<String> = (0..500).map(verse).collect();
    let prose: Vec<String> =
        (0..500).map(|number| format!("{} That was on day {number} of the year.", PLAIN[0])).collect();
    for text in [song.join("\n\n"), prose.join("\n\n"), [song, prose].concat().join("\n\n")] {
        assert_eq!(gone(&text), []);
        let below = gone(&format!("{text}\n\nShare on Facebook\n\nLeave a reply"));
        let below: Vec<&str> = below.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(below, ["Share on Facebook", "Leave a reply"]);
    }
}

#[test]
fn what_an_article_quotes_of_chrome_stays_between_its_paragraphs() {
    let quoting = [PLAIN[0], "Share on Facebook", PLAIN[1], "Read more", PLAIN[2], PLAIN[3]].join("\n\n");
    assert_eq!(gone(&quoting), []);
}

#[test]
fn poems_plays_lists_and_code_stay_whole() {
    let poem = "Home\n\nI went home\nand shared the news\nwith no one\n\nMore\nthan that\nI cannot say";
    let play = "HAMLET\nMenu, my lord?\nPOLONIUS\nNo comment.\nHAMLET\nNext.";
    let list = "- Search\n- Contact\n- Home\n1.\n2.\n3.";
    let code = "fn main() {\n    let x = read();\n    continue\n    share();\n}\nstop() {\n    print(x);\n}\nreturn;\ncopyright();\nnext() {";
    for text in [poem, play, list, code] {
        assert_eq!(gone(text), [], "{text}");
    }
}

#[test]
fn the_user_overrules_the_rules_and_fields_overrule_the_text() {
    let surroundings = Surroundings { folder: std::path::Path::new(".") };
    let (keep, remove) = (vec!["^Share".into()], vec!["(?i)vladivostok".into()]);
    let config = Boilerplate { keep, remove, repeats: false, ..Boilerplate::default() };
    let Stage::Local(stage) = config.configure(&surroundings).expect("sound").stage else { panic!("a local stage") };
    let text = format!("Share this article\nPublished: 4 May 2020\n{PARAGRAPH}\nLeave a reply");
    let mut document = Document::new(Position { file: 0, record: 0, block: 0 }, "a#0".into(), "a".into(), &text);
    document.facts_mut().published = crate::document::Day::new(2019, 1, 1);
    stage.apply(&mut document, Mark::new(StageIndex(0)));
    assert_eq!(document.text(), "Share this article");
    assert_eq!(document.facts().published, crate::document::Day::new(2019, 1, 1));
}

#[test]
fn errors_name_the_field() {
    let surroundings = Surroundings { folder: std::path::Path::new("/nowhere") };
    let field = |config: Boilerplate| config.configure(&surroundings).err().map(|error| error.field);
    assert_eq!(field(Boilerplate { keep: vec!["(".into()], ..Boilerplate::default() }).as_deref(), Some("keep[0]"));
    assert_eq!(
        field(Boilerplate { remove: vec!["a".into(), "[".into()], ..Boilerplate::default() }).as_deref(),
        Some("remove[1]")
    );
    assert_eq!(field(Boilerplate { threshold: Some(1.5), ..Boilerplate::default() }).as_deref(), Some("threshold"));
    assert_eq!(
        field(Boilerplate { packs: vec!["newz".into()], ..Boilerplate::default() }).as_deref(),
        Some("packs[0]")
    );
    assert_eq!(
        field(Boilerplate { packs: vec!["news".into(), "news".into()], ..Boilerplate::default() }).as_deref(),
        Some("packs")
    );
}

/// The five real articles that every release is shown on: what goes, and what is found. Sentences never go.
#[test]
fn the_shared_seeds_lose_their_chrome_and_no_sentence() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is missing", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let left_in = [
        "spot_img",
        "fr-01",
        "Port Louis",
        "22.2 C",
        "Blick",
        "1/5",
        "Photo",
        "LEAVE A REPLY",
        "Doit Lire",
        "Signalez",
        "IST",
        "(Cette histoire",
    ];
    let dates: Vec<_> = paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a readable seed");
            let (document, _) = strip(&text);
            let kept = document.text();
            for chrome in left_in {
                assert!(!kept.contains(chrome), "{}: {chrome} is left", path.display());
            }
            for block in document.blocks().filter(|block| block.text().chars().count() > 110) {
                let text = block.text();
                assert!(block.is_kept() || text.contains("News18"), "{}: gone: {text}", path.display());
            }
            let day = |day: Option<crate::document::Day>| day.map_or_else(String::new, |day| day.to_string());
            {
                let facts = document.facts().clone();
                (day(facts.published), day(facts.updated), facts.author, facts.credit)
            }
        })
        .collect();
    let owned = |text: &str| Some(text.to_owned());
    let expected = [
        (String::new(), "2023-09-04".to_owned(), None, owned("AP")),
        (String::new(), String::new(), None, None),
        ("2023-09-11".to_owned(), "2023-09-12".to_owned(), None, owned("keystone-sda.ch")),
        (String::new(), String::new(), None, owned("YONHAP News")),
        (String::new(), "2023-08-30".to_owned(), owned("Aditi Ray Chowdhury"), owned("AP")),
    ];
    assert_eq!(dates, expected);
}

#[test]
fn a_page_is_told_by_a_few_words_of_its_menu_and_loses_all_of_it() {
    let menu = "Garden news\nHome\nAbout us\nPrivacy policy\nContact us\nVideo guides\nReader photos\nOur podcasts\nBook reviews\nTravel tips\nHealth tips\nPlant shop\nSpecial offers\n\
        Gift ideas\nLocal events\nPress photos\nHouse tours\nJobs with us\n";
    let article = "The old orchard above the village had not been pruned for thirty years when Marta Lindqvist bought it, and most of \
        her neighbours thought that she would cut it down and build a house there instead.\n\
        She did not. In the first winter she took the dead wood out of a hundred and twelve trees, alone, and in the second she \
        asked the school whether its pupils would like to learn how a graft is made.\n\
        They came every Friday afternoon, she said, and by the spring each of them had a tree that carried their name on a small \
        tin plate, and a notebook in which they wrote down when it flowered.\n\
        Last autumn the orchard gave four tons of apples, of nine kinds that no nursery in the county sells any more, and the \
        cider that was pressed from them was sold within a week.\n";
    let text = format!("{menu}{article}{menu}");
    let by_phrase = gone(&text).into_iter().filter(|(_, rule)| rule == "site_menu").count();
    assert_eq!(by_phrase, 8, "the other entries of its menus are told by the model");
    let (page, _) = strip(&text);
    let left: Vec<&str> = page.kept().map(|block| block.text()).collect();
    assert_eq!(left, article.lines().collect::<Vec<_>>());
    let (twice, _) = strip(&format!("{menu}{article}{article}{menu}"));
    let kept_as = |block: Block<'_>| block.removal().and_then(|removal| removal.partner).map(|partner| partner.block);
    let copies: Vec<_> = twice.blocks().filter_map(|block| Some((block.number(), kept_as(block)?))).collect();
    assert_eq!(copies, [(22, 18), (23, 19), (24, 20), (25, 21)]);
    assert_eq!(twice.text(), article.trim_end());
    let (clean, _) = strip(article);
    assert_eq!(clean.kept().count(), 4);
    // A table of contents may look like that menu: its words must speak for chrome too.
    let contents = "Gardens\nKitchens\nBalconies\nGreenhouses\nTools\nSeeds\nPonds\nOrchards\nHedges\nLawns\nRoses\nCompost\nFences\nSheds\n";
    assert_eq!(gone(&format!("{contents}{article}{contents}")), []);
}

#[test]
fn four_words_of_a_menu_make_a_page_that_is_judged() {
    let article = "The old orchard above the village had not been pruned for thirty years when Marta Lindqvist bought it, and most of \
        her neighbours thought that she would cut it down.\n\
        They came every Friday afternoon, she said, and by the spring each of them had a tree that carried their name on a small \
        tin plate.\n";
    let words = ["Home", "About us", "Blog", "Careers"];
    let page = |menu: &[&str]| format!("{}\n{article}", menu.join("\n"));
    let menu: Vec<String> = gone(&page(&words)).into_iter().map(|(text, _)| text).collect();
    assert_eq!(menu, words);
    assert_eq!(gone(&page(&["Home", "Blog", "One", "Two"])), [], "two words are none");
}

#[test]
fn what_stands_between_fences_of_markdown_is_code_and_a_text_full_of_it_stays_whole() {
    let part = |number| {
        format!("## Command {number}\n```\nls {number}\ncd {number}\n```\nIt is short.\nRead more\nIt is old.\n")
    };
    let manual: String = (1..=8).map(part).collect();
    // Below a menu, so that it is the fences that keep it whole.
    let manual = format!("Home\nAbout us\nContact\nPrivacy policy\nLog in\nShare on Facebook\n{manual}");
    assert_eq!(gone(&manual), []);
    assert!(gone(&manual.replace("```", "***")).len() > 6, "without fences it is a page");
}
