//! Writes the candidates of development pages for `scripts/facts/fit.py`: `TAMIS_PAGES` (JSON lines with `id`, `text`, `url`)
//! to `TAMIS_CANDIDATES`. `TAMIS_WORK` is the folder that `scripts/boilerplate/train.py` worked in: pages are judged by its models
//! that have not seen them. Without it the model that ships judges, which has seen most of them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use super::*;
use crate::model::{Bar, Mode, Model, Scores};
use crate::pack::{EMBEDDED, Embedded, Pack};
use crate::{Block, Judge, Seen};

#[test]
#[ignore = "writes the training data of the weights; scripts/facts/fit.py runs it"]
fn write_candidates() {
    let path = |name: &str| PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("set {name}")));
    let work = std::env::var_os("TAMIS_WORK").map(PathBuf::from);
    let records = |path: PathBuf| {
        let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        BufReader::new(file)
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(&line.expect("a line")).expect("JSON"))
    };
    let folds: HashMap<String, u64> = work
        .iter()
        .flat_map(|work| records(work.join("pages.jsonl")))
        .filter_map(|page| Some((page["id"].as_str()?.to_owned(), page["fold"].as_u64()?)))
        .collect();
    let models: Vec<&'static Model> = match &work {
        None => vec![Model::embedded()],
        Some(work) => (0..3)
            .map(|fold| {
                let weights = std::fs::read(work.join(format!("model-{fold}.bin"))).expect("a model");
                &*Box::leak(Box::new(Model::read(&weights).expect("whole weights")))
            })
            .collect(),
    };
    let packs: Vec<Pack> = EMBEDDED.iter().map(|pack| Embedded::pack(pack).expect("a sound pack")).collect();
    let judge = |model| Judge::new(&packs, model, Bar::of_mode(Mode::default())).expect("sound packs");
    let judges: Vec<Judge> = models.into_iter().map(judge).collect();
    let mut out = BufWriter::new(std::fs::File::create(path("TAMIS_CANDIDATES")).expect("a place for candidates"));
    for (page, number) in records(path("TAMIS_PAGES")).zip(0..) {
        let id = page["id"].as_str().expect("an id");
        // A page that no model has seen may be judged by any.
        let judge = &judges[folds.get(id).map_or(0, |fold| *fold as usize)];
        let blocks = blocks(page["text"].as_str().expect("a text"));
        for url in [None, page["url"].as_str()] {
            let seen = judge.see(blocks.iter().copied(), url);
            let scores: Option<Scores> = judge.signs(&seen).tell_a_page().then(|| judge.scores(&seen));
            let lines: Vec<(&str, bool)> = seen.blocks().collect();
            let mut rows = Rows { id, url, judged: true, out: &mut out };
            rows.write(&lines, &seen, scores.as_ref().map(|scores| scores.blocks.as_slice()));
            // Documents that the model does not judge have titles too.
            if number % 3 == 0 && scores.is_some() {
                rows.judged = false;
                rows.write(&lines, &seen, None);
            }
        }
    }
}

/// The blocks of a development page: its lines, which line feeds alone end.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blank_before = false;
    let mut blocks = Vec::new();
    for text in text.lines() {
        let is_blank = text.trim().is_empty();
        if !is_blank {
            blocks.push(Block { text, blank_before, share_of_site: None });
        }
        blank_before = is_blank;
    }
    blocks
}

/// Where the candidates of a page go.
struct Rows<'a, W> {
    id: &'a str,
    url: Option<&'a str>,
    /// As it is; else as if the model did not judge it.
    judged: bool,
    out: &'a mut W,
}

impl<W: Write> Rows<'_, W> {
    fn write(&mut self, lines: &[(&str, bool)], seen: &Seen<'_>, scores: Option<&[u8]>) {
        let page = Page::new(lines, seen.evidence.iter().map(|block| block.size));
        let address = self.url.map(Address::new).unwrap_or_default();
        let mentions = day::mentions(&page, seen.order);
        let dated: Vec<bool> =
            (0..page.lines.len()).map(|at| mentions.iter().any(|mention| mention.line == at)).collect();
        let behind: Vec<Option<&str>> =
            page.lines.iter().zip(&seen.evidence).map(|(line, block)| behind_byline(line, block)).collect();
        let bylines: Vec<bool> =
            page.lines.iter().zip(&behind).map(|(line, behind)| byline::names_author(line.text, *behind)).collect();
        let hits: Vec<title::Known> = seen.evidence.iter().map(known).collect();
        let marks = title::Marks { days: &dated, bylines: &bylines, scores, hits: &hits };
        let (weights, _) = title_weights(&address);
        let mut titles = title::candidates(&page, &marks, &address, weights);
        for candidate in &mut titles {
            title::read_line(&page, candidate);
            title::share_words(&page, candidate);
        }
        title::refine(&page, &mut titles, 40, weights, i32::MAX);
        for candidate in &titles {
            self.row("title", page.lines[candidate.line].text, candidate.line, &candidate.features);
        }
        let title = best_title(&page, &dated, &behind, &hits, scores, &address).line;
        let marks = byline::Marks { days: &dated, behind: &behind, mentions: &mentions };
        let mut authors = byline::candidates(&page, &marks, title, &fitted::AUTHOR);
        byline::refine(&page, &mut authors, 40);
        for candidate in authors {
            self.row("author", &candidate.names, candidate.line, &candidate.features);
        }
        let days = day::features(&page, &mentions, title, &address, &fitted::PUBLISHED);
        for (mention, features) in mentions.iter().zip(days) {
            self.row("published", &mention.day.to_string(), mention.line, &features);
        }
    }

    fn row(&mut self, task: &str, value: &str, line: usize, features: &weights::Features<'_>) {
        let row = serde_json::json!([self.id, self.url.is_some(), self.judged, task, value, line, features.values()]);
        writeln!(self.out, "{row}").expect("a line written");
    }
}
