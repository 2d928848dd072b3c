//! Writes what the model of chrome sees of labelled pages, for `scripts/boilerplate`.
//!
//! `chrome_features words PAGES OUT` writes for each block the buckets of its words;
//! `chrome_features look PAGES OUT WEIGHTS` its features;
//! `chrome_features signs PAGES OUT` what tells whether each text is a scraped page, a JSON object a line;
//! `chrome_features strip PAGES OUT MODEL...` the text that the stage leaves, the model being that of the page's fold.
//!
//! PAGES has a JSON object with `text` a line, and `fold` if WEIGHTS holds several tables of words, one a fold. All numbers
//! are written as little-endian bytes: for `words` each block's count and buckets (u32); for `look` each block's
//! features, one byte each, block by block. OUT.names gets the features' names.

use std::io::{BufRead, BufReader, BufWriter, Write};

use tamis::chrome::model::training::Features;
use tamis::document::{Document, Mark, Position, StageIndex};
use tamis::stage::boilerplate::with_weights;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, pages, out, files @ ..] = arguments.as_slice() else { return Err("see the head of the file".into()) };
    if what == "strip" {
        return strip(pages, out, files);
    }
    let weights: Vec<i8> = match files.first() {
        Some(path) => std::fs::read(path)?.into_iter().map(|byte| byte as i8).collect(),
        None => Vec::new(),
    };
    let features = Features::new()?;
    let mut written = BufWriter::new(std::fs::File::create(out)?);
    let mut names = Vec::new();
    for line in BufReader::new(std::fs::File::open(pages)?).lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let position = Position { file: 0, record: 0, block: 0 };
        let text = record["text"].as_str().unwrap_or_default();
        let document = Document::new(position, String::new(), "".into(), text);
        let blocks: Vec<(&str, bool)> = document.blocks().map(|block| (block.text(), block.blank_before())).collect();
        if what == "signs" {
            let signs: serde_json::Map<String, serde_json::Value> =
                features.signs(&blocks).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            writeln!(written, "{}", serde_json::json!({"id": record["id"], "signs": signs}))?;
            continue;
        }
        if what == "words" {
            for buckets in features.words(&blocks) {
                written.write_all(&(buckets.len() as u32).to_le_bytes())?;
                for bucket in buckets {
                    written.write_all(&bucket.to_le_bytes())?;
                }
            }
            continue;
        }
        let fold = record["fold"].as_u64().unwrap_or_default() as usize;
        let table = weights.get(fold << 18..(fold + 1) << 18).unwrap_or_default();
        let columns = features.look(&blocks, table);
        for row in 0..blocks.len() {
            let values: Vec<u8> = columns.values.iter().skip(row).step_by(blocks.len()).copied().collect();
            written.write_all(&values)?;
        }
        names = columns.names;
    }
    std::fs::write(format!("{out}.names"), names.join("\n"))?;
    Ok(())
}

/// What the stage leaves of each page, as the scorers want it.
fn strip(pages: &str, out: &str, models: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let mut stages = Vec::new();
    for path in models {
        stages.push(with_weights(&std::fs::read(path)?)?);
    }
    let mut written = BufWriter::new(std::fs::File::create(out)?);
    for line in BufReader::new(std::fs::File::open(pages)?).lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let position = Position { file: 0, record: 0, block: 0 };
        let text = record["text"].as_str().unwrap_or_default();
        let mut document = Document::new(position, String::new(), "".into(), text);
        let fold = record["fold"].as_u64().unwrap_or_default() as usize;
        let stage = stages.get(fold % stages.len().max(1)).ok_or("no model")?;
        stage.apply(&mut document, Mark::new(StageIndex(0)));
        writeln!(written, "{}", serde_json::json!({"id": record["id"], "text": document.text()}))?;
    }
    Ok(())
}
