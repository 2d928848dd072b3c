//! Writes the candidates of development pages for `scripts/facts/fit.py`: `TAMIS_PAGES` (JSON lines with `id`, `text`, `url`)
//! to `TAMIS_CANDIDATES`.

use std::io::{BufRead, Write};

use super::*;

#[test]
#[ignore = "writes the training data of the weights; scripts/facts/fit.py runs it"]
fn write_candidates() {
    let path = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("set {name}"));
    let pages = std::fs::File::open(path("TAMIS_PAGES")).expect("the pages");
    let mut out =
        std::io::BufWriter::new(std::fs::File::create(path("TAMIS_CANDIDATES")).expect("a place for candidates"));
    for line in std::io::BufReader::new(pages).lines() {
        let page: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let text = page["text"].as_str().expect("a text");
        let mut lines = Vec::new();
        let mut blank = true;
        for line in text.split('\n') {
            match line.trim() {
                "" => blank = true,
                line => lines.push((line, std::mem::replace(&mut blank, false))),
            }
        }
        for url in [None, page["url"].as_str()] {
            write(&lines, url, &page["id"], &mut out);
        }
    }
}

fn write(lines: &[(&str, bool)], url: Option<&str>, id: &serde_json::Value, out: &mut impl Write) {
    let texts: Vec<&str> = lines.iter().map(|(text, _)| *text).collect();
    let page = Page::new(lines, lines.iter().map(|_| None));
    let address = url.map(Address::new).unwrap_or_default();
    let mentions = day::mentions(&page, order(&texts, url));
    let dated: Vec<bool> = (0..page.lines.len()).map(|at| mentions.iter().any(|mention| mention.line == at)).collect();
    let bylines: Vec<bool> = page.lines.iter().map(|line| byline::is_byline(line.text)).collect();
    let behind: Vec<Option<&str>> = page.lines.iter().map(|line| labels::behind_byline(line.text)).collect();
    let mut row = |task: &str, line: usize, value: &str, features: &weights::Features<'_>| {
        let row = serde_json::json!([id, url.is_some(), task, line, value, features.values()]);
        writeln!(out, "{row}").expect("a line written");
    };
    let marks = title::Marks { days: &dated, bylines: &bylines };
    let mut titles = title::candidates(&page, &marks, &address, &fitted::TITLE);
    for candidate in &mut titles {
        title::read_line(&page, candidate);
        title::share_words(&page, candidate);
    }
    title::refine(&page, &mut titles, 40, &fitted::TITLE, i32::MAX);
    for candidate in &titles {
        row("title", candidate.line, page.lines[candidate.line].text, &candidate.features);
    }
    let title = best_title(&page, &dated, &behind, &address).line;
    let marks = byline::Marks { days: &dated, behind: &behind, mentions: &mentions };
    let mut authors = byline::candidates(&page, &marks, title, &fitted::AUTHOR);
    byline::refine(&page, &mut authors, 40);
    for candidate in authors {
        row("author", candidate.line, &candidate.names, &candidate.features);
    }
    for (mention, features) in mentions.iter().zip(day::features(&page, &mentions, title, &address, &fitted::PUBLISHED))
    {
        row("published", mention.line, &mention.day.to_string(), &features);
    }
}
