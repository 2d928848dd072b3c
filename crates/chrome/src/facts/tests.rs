//! What is left out for speed changes no fact: over pages written here, and over the shared ones where they are.

use super::*;

/// Texts of whole pages, each with its address.
fn pages() -> Vec<(String, Option<String>)> {
    let body = "The town council voted last night on the budget of the town for the coming year, and the works will begin soon.\n";
    let head = "Home\nNews\nSport\n\nTown council votes on the budget\n\nBy Jane Smith\n12 May 2020\n\n";
    let list = "Most read\nTown council votes on the budget\nRiver floods the old town\nTown council";
    let chinese =
        "新闻\n\n市议会通过预算\n\n市议会昨晚通过了明年的预算，工程即将开始。居民表示欢迎，市议会说预算够用。\n市议会";
    let pages = [
        format!("{head}{}{list}", body.repeat(3)),
        format!("{list}\n{body}{head}"),
        format!("{head}{head}"),
        body.to_owned(),
        chinese.to_owned(),
        String::new(),
    ];
    let address = "https://example.org/news/2020/05/town-council-votes-on-budget";
    let mut pages: Vec<_> = pages.into_iter().map(|text| (text, Some(address.to_owned()))).collect();
    for name in ["trafilatura", "multilingual-small", "postlight"] {
        let path = format!("{}/../../../shared/data/boilerplate/{name}.pages.jsonl.zst", env!("CARGO_MANIFEST_DIR"));
        let Ok(bytes) = std::fs::read(&path) else {
            println!("without {path}");
            continue;
        };
        let records = zstd::decode_all(bytes.as_slice()).expect("a whole file");
        for record in records.split(|byte| *byte == b'\n').filter(|record| !record.is_empty()).step_by(3) {
            let record: serde_json::Value = serde_json::from_slice(record).expect("JSON");
            let text = record["text"].as_str().expect("a text").to_owned();
            pages.push((text, record["url"].as_str().map(str::to_owned)));
        }
    }
    pages
}

#[test]
fn lines_that_are_not_read_are_no_titles_and_make_none_less_sure() {
    let mut left_out = 0;
    for (text, url) in pages() {
        let lines: Vec<(&str, bool)> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| (line, false)).collect();
        let page = Page::new(&lines, lines.iter().map(|_| None));
        for address in [Address::default(), url.as_deref().map(Address::new).unwrap_or_default()] {
            let dated: Vec<bool> = page.lines.iter().map(|line| line.digits >= 6).collect();
            let behind: Vec<_> = page.lines.iter().map(|line| labels::behind_byline(line.text)).collect();
            let bylines: Vec<bool> = page.lines.iter().map(|line| byline::is_byline(line.text)).collect();
            // Any scores, or none.
            let scores: Vec<u8> = page.lines.iter().map(|line| (line.text.len() * 37) as u8).collect();
            let scores = (!address.is_empty()).then_some(scores.as_slice());
            let hits = vec![title::Known::Nothing; page.lines.len()];
            let marks = title::Marks { days: &dated, bylines: &bylines, scores, hits: &hits };
            let (weights, margin) = title_weights(&address);
            let candidates = title::candidates(&page, &marks, &address, weights);
            let mut all = candidates.clone();
            for candidate in &mut all {
                title::read_line(&page, candidate);
                title::share_words(&page, candidate);
            }
            title::refine(&page, &mut all, title::SHORT_LIST, weights, i32::MAX);
            let mut expected = decide(&page, &all, margin);
            let is_page = scores.is_some() || !address.is_empty();
            expected.sure &= expected.line.is_some_and(|line| may_be_title(&page, line, is_page));
            assert_eq!(best_title(&page, &dated, &behind, &hits, scores, &address), expected, "{text}");
            left_out += all.len() - title::read(&page, &candidates, weights, margin).len();
        }
    }
    assert!(left_out > 20, "some lines are left out: {left_out}");
}

#[test]
fn a_headline_gains_where_the_model_sees_the_article_below_it() {
    let paragraph =
        "The council voted last night on the budget for the coming year, and the works will begin in the spring.";
    let first = ["River floods the old town", paragraph, paragraph];
    let second = ["Bridge opens after two years", paragraph, paragraph];
    let lines: Vec<(&str, bool)> = first.into_iter().chain(second).map(|line| (line, true)).collect();
    let page = Page::new(&lines, lines.iter().map(|_| None));
    // How far the second headline is ahead of the first.
    let ahead = |scores: Option<&[u8]>| {
        let marks = title::Marks { days: &[false; 6], bylines: &[false; 6], scores, hits: &[] };
        let candidates = title::candidates(&page, &marks, &Address::default(), &fitted::TITLE_ALONE);
        candidates[3].features.score - candidates[0].features.score
    };
    let (above, below) = ([120, 255, 255, 2, 2, 2], [2, 2, 2, 120, 255, 255]);
    assert!(ahead(Some(&above)) < ahead(None) && ahead(None) < ahead(Some(&below)));
}

#[test]
fn what_a_line_begins_with_is_what_reading_its_names_finds() {
    use super::names::{Beginning, beginning, read};
    for (text, _) in pages() {
        for line in text.lines().map(str::trim) {
            let names = read(line);
            match beginning(line) {
                Beginning::No => assert_eq!(names, None, "{line}"),
                Beginning::One(rest) => {
                    assert_eq!(names.map(|names| (names.names.len(), names.rest)), Some((1, rest)), "{line}");
                }
                Beginning::Several => assert!(names.is_some(), "{line}"),
            }
        }
    }
}
