//! What a site repeats: blocks counted over a corpus of made-up articles, by a real build.

use std::fmt::Write;
use std::fs;

use tempfile::TempDir;

use crate::support::stdout;

const CONFIG: &str = "[dataset]\nname = \"sites\"\n[[source]]\npaths = [\"in\"]\nfields = { id = \"id\", url = \"url\" }\n\
    [[stage]]\nnormalize = {}\n[[stage]]\nboilerplate = {}\n[output]\ndir = \"out\"\n";

const FOOTER: &str = "The Harbour Post is printed by the Harbour Press, 12 Quay Street";
const QUOTATION: &str = "“We will not leave the island before the last sheep is on board,” the captain told the wire service on Monday evening.";
const HEADING: &str = "What we know";

const SYLLABLES: [&str; 6] = ["ba", "ke", "lo", "mi", "nu", "ra"];

/// Thirty articles on each of two hosts. On one of them a footer stands below every third article; on both, a heading stands in
/// every other article and a quotation of an agency in every fifth. Records stand in this order or the other way round.
fn corpus(backwards: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let mut records = Vec::new();
    for (host, number) in ["post", "mail"].iter().flat_map(|host| (0..30).map(move |number| (host, number))) {
        // Digits are folded, so articles differ by words.
        let name = [SYLLABLES[number / 6], SYLLABLES[number % 6]].concat();
        let mut text = format!(
            "The {name} of {host} sails\nThe ferry {name} left the port of {host} before dawn with forty people and their sheep on board."
        );
        if number % 2 == 0 {
            let _ = write!(text, "\n{HEADING}");
        }
        if number % 5 == 0 {
            let _ = write!(text, "\n{QUOTATION}");
        }
        let _ = write!(
            text,
            "\nNobody on the {name} was hurt, the harbour master of {host} said after he had counted everyone twice."
        );
        if *host == "post" && number % 3 == 0 {
            let _ = write!(text, "\nPage {} of 40 | {FOOTER}", number + 1);
        }
        let id = format!("{host}-{number}");
        let url = format!("https://www.{host}.example/{number}");
        records.push(serde_json::json!({"id": id, "url": url, "text": text}).to_string());
    }
    if backwards {
        records.reverse();
    }
    fs::write(folder.path().join("in/articles.jsonl"), records.join("\n")).unwrap();
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-q"]);
    folder
}

fn explained(folder: &TempDir, id: &str) -> String {
    stdout(folder.path(), &["explain", "out", "--id", id])
}

#[test]
fn a_footer_on_a_third_of_a_site_goes_and_a_shared_quotation_and_a_heading_stay() {
    let folder = corpus(false);
    for number in 0..30 {
        let article = explained(&folder, &format!("post-{number}"));
        let gone = article.lines().filter(|line| line.contains("boilerplate.repeated_on_site")).count();
        assert_eq!(gone, usize::from(number % 3 == 0), "{article}");
    }
    let article = explained(&folder, "post-0");
    assert!(article.contains("5 of 6 blocks kept"), "heading and quotation stay: {article}");
    assert!(article.contains("33.3 % of the site's documents have it; 15 % are enough"), "{article}");
}

#[test]
fn the_order_of_the_documents_changes_no_decision() {
    let (forwards, backwards) = (corpus(false), corpus(true));
    // The record that an article is differs, and nothing else.
    let told = |folder: &TempDir, id: &str| {
        let told = explained(folder, id);
        told.lines().filter(|line| !line.starts_with("  source")).map(str::to_owned).collect::<Vec<_>>()
    };
    for id in ["post-0", "post-15", "mail-0"] {
        assert_eq!(told(&forwards, id), told(&backwards, id));
    }
}

#[test]
fn without_repeats_a_document_is_judged_by_itself() {
    let folder = corpus(false);
    stdout(folder.path(), &["build", "tamis.toml", "-q", "--set", "stage.boilerplate.repeats=false"]);
    let article = explained(&folder, "post-0");
    assert!(article.contains("6 of 6 blocks kept"), "{article}");
}

#[test]
fn explain_tells_what_a_text_was_taken_for() {
    let folder = corpus(false);
    let article = stdout(folder.path(), &["explain", "tamis.toml", "in/articles.jsonl", "--record", "0"]);
    assert!(article.contains("  taken for no scraped page: fewer than"), "{article}");
}

/// Builds with this stage before `boilerplate`; all documents are of one site, the folder.
fn build_without_addresses(folder: &TempDir, dedup: &str) {
    let config = CONFIG
        .replace(", url = \"url\"", "")
        .replace("[[stage]]\nboilerplate", &format!("{dedup}[[stage]]\nboilerplate"));
    fs::write(folder.path().join("tamis.toml"), config).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-q"]);
}

/// Copies and versions of one article are no chrome, whether a stage removes copies first or none does.
#[test]
fn an_article_that_stands_many_times_stays() {
    const STORY: &str = "The ferry left the port before dawn with forty people and their sheep on board, and nobody knew why.\n\
        Nobody was hurt, the harbour master said after he had counted everyone twice and the sheep three times.\n\
        It will sail again tomorrow";
    for dedup in ["", "[[stage]]\ndocument_dedup = {}\n", "[[stage]]\nparagraph_dedup = {}\n"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let versions = (0..12).map(|number| {
            let news =
                if number < 6 { String::new() } else { format!("Version {} tells more\n", SYLLABLES[number - 6]) };
            serde_json::json!({"id": number.to_string(), "text": format!("{news}{STORY}")}).to_string()
        });
        fs::write(folder.path().join("in/articles.jsonl"), versions.collect::<Vec<_>>().join("\n")).unwrap();
        build_without_addresses(&folder, dedup);
        let first = explained(&folder, "0");
        assert!(first.contains("3 of 3 blocks kept"), "{dedup}{first}");
    }
}

/// Only documents that stay count: removed copies of one article make what stands below it no chrome in another.
#[test]
fn copies_of_a_document_that_are_removed_first_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let story = |name: &str, below: &str| {
        format!(
            "The ferry {name} left the port before dawn with forty people and their sheep on board, nobody knew why.\n\
             Nobody on the {name} was hurt, the harbour master said after he had counted everyone twice and the sheep thrice.{below}"
        )
    };
    let mut texts = vec![story("Alba", &format!("\n{FOOTER}"))];
    texts.extend(std::iter::repeat_n(story("Bora", &format!("\n{FOOTER}")), 8));
    texts.extend(SYLLABLES.map(|name| story(name, "")));
    let records = (0..)
        .zip(texts)
        .map(|(number, text): (u32, _)| serde_json::json!({"id": number.to_string(), "text": text}).to_string());
    fs::write(folder.path().join("in/articles.jsonl"), records.collect::<Vec<_>>().join("\n")).unwrap();
    for (dedup, kept) in [("", "2 of 3 blocks kept"), ("[[stage]]\ndocument_dedup = {}\n", "3 of 3 blocks kept")] {
        build_without_addresses(&folder, dedup);
        let other = explained(&folder, "0");
        assert!(other.contains(kept), "{dedup}{other}");
    }
}

/// Builds twelve documents of one host, made by `text` from a name of their own, and explains the fourth.
fn site(text: impl Fn(&str) -> String) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let names = SYLLABLES.iter().flat_map(|first| ["na", "to"].map(|second| format!("{first}{second}")));
    let records = (0..).zip(names).map(|(number, name): (u32, _)| {
        let url = format!("https://www.post.example/{number}");
        serde_json::json!({"id": number.to_string(), "url": url, "text": text(&name)}).to_string()
    });
    fs::write(folder.path().join("in/articles.jsonl"), records.collect::<Vec<_>>().join("\n")).unwrap();
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    stdout(folder.path(), &["build", "tamis.toml", "-q"]);
    explained(&folder, "3")
}

fn repeated(explained: &str) -> usize {
    explained.matches("boilerplate.repeated_on_site").count()
}

const BAR: &str = "Share on Facebook\nShare on Twitter\n";

#[test]
fn the_questions_of_a_series_stay_and_the_sites_frame_goes() {
    let article = site(|name| {
        format!(
            "{BAR}Ten questions for {name} of the island band\nWhat was the first record you ever bought?\n\
             A single by the {name} brothers, in the shop beside the harbour that is a bakery now.\n\
             Which song would you like to have written?\nThe {name} waltz.\nLast book you could not put down\nThe log of the {name}.\n\
             Where will you be in ten years’ time?\n{FOOTER}"
        )
    });
    assert_eq!(repeated(&article), 1, "{article}");
    assert!(article.contains("8 of 11 blocks kept"), "share bar and footer go: {article}");
}

#[test]
fn what_recipes_share_stays() {
    let article = site(|name| {
        format!(
            "{name} cake\nThis cake of {name} was made on the island long before anybody there had an oven of their own.\n\
             Ingredients\n200 g flour\n3 eggs\n1 tsp baking powder\nPreheat the oven to 180 °C.\nMix the {name} with the flour.\n\
             Bake for 40 minutes until golden.\nServe warm.\n{FOOTER}"
        )
    });
    for line in ["200 g flour", "3 eggs", "1 tsp baking powder", "Preheat the oven to 180 °C.", "Ingredients"] {
        let at = article.lines().position(|shown| shown.ends_with(line)).unwrap();
        assert!(!article.lines().nth(at + 1).unwrap_or_default().contains("- boilerplate"), "{line}: {article}");
    }
    assert!(repeated(&article) >= 1, "{article}");
}

#[test]
fn rows_and_refrains_stay() {
    let article = site(|name| {
        format!(
            "The {name} of the island won again on Sunday, this time by four goals to one on a wet pitch, and leads the table.\n\
             Harbour 34 25 6 3\nQuay 34 20 8 6\nMole 34 12 9 13"
        )
    });
    assert!(article.contains("4 of 4 blocks kept") && !article.contains("title "), "{article}");
    let article = site(|name| {
        format!(
            "The ship {name} went down to the sea on the first of the cold days of autumn, with all of her men below.\n\
             Haul away, haul away\nAnd nobody saw the {name} again, though the lamps were burning on every hill around the bay.\n\
             Haul away, haul away\nSo the widows of {name} went down to the quay and sang until the boats came back without them."
        )
    });
    assert_eq!(repeated(&article), 0, "{article}");
}
