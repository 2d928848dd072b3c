//! Strips the chrome from each JSON line's `text`, in memory and on one thread: what the stage left of each document as JSON
//! lines on stdout, the speed on stderr, by part of the work, of articles of paragraphs and of texts of short lines. Two versions of
//! the stage that should decide alike are compared by the former.
//!
//! `head -20000 corpus.jsonl | cargo run --release --example strip_speed [ROUNDS [PART]] > left.jsonl`

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use tamis::document::{Block, Document, Mark, Position, StageIndex};
use tamis::stage::{LocalStage, Stage, StageConfig, Surroundings};

/// What is switched on, one thing after another.
const PARTS: [(&str, &str); 3] = [
    ("shape alone", "boilerplate = { packs = [], metadata = false }"),
    ("and phrases, cuts, model", "boilerplate = { metadata = false }"),
    ("and facts", "boilerplate = {}"),
];

#[allow(clippy::print_stderr, reason = "an example is a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds: usize = std::env::args().nth(1).map_or(Ok(3), |rounds| rounds.parse())?;
    let normalize = stage("normalize = {}")?;
    let mut documents = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let position = Position { file: 0, record: documents.len() as u64, block: 0 };
        let text = record["text"].as_str().unwrap_or_default();
        let mut document = Document::new(position, String::new(), "".into(), text);
        document.facts_mut().url = record["url"].as_str().map(str::to_owned);
        normalize.apply(&mut document, Mark::new(StageIndex(0)));
        documents.push(document);
    }
    let wanted = std::env::args().nth(2).unwrap_or_default();
    let mut parts = Vec::new();
    for (part, config) in PARTS.into_iter().filter(|(part, _)| part.contains(&wanted)) {
        parts.push((part, stage(config)?));
    }
    let (long, short): (Vec<_>, Vec<_>) = documents.into_iter().partition(|document| {
        let (bytes, blocks) = size(document);
        bytes >= LONG * blocks
    });
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let kinds = [("paragraphs", long), ("short lines", short)];
    for (kind, documents) in kinds.into_iter().filter(|(_, documents)| !documents.is_empty()) {
        let bytes: usize = documents.iter().map(|document| size(document).0).sum();
        eprintln!("{kind}: {} documents, {:.1} MB of text", documents.len(), bytes as f64 / 1e6);
        // The system counts a thread's time in steps of a few milliseconds.
        let times = (ENOUGH / bytes.max(1)).max(1);
        let mut left: Vec<Document> = Vec::new();
        for (part, strip) in &parts {
            let mut fastest = f64::INFINITY;
            for _ in 0..rounds {
                left = documents.iter().cycle().take(times * documents.len()).cloned().collect();
                let start = seconds();
                left.iter_mut().for_each(|document| strip.apply(document, Mark::new(StageIndex(1))));
                fastest = fastest.min((seconds() - start) / times as f64);
            }
            let nanoseconds = fastest * 1e9 / bytes.max(1) as f64;
            eprintln!("  {part:26}{:8.1} MB/s{nanoseconds:8.2} ns a byte", bytes as f64 / 1e6 / fastest);
        }
        for document in left.iter().take(documents.len()) {
            let block = |block: Block<'_>| {
                let rule = block.removal().map(|removal| removal.rule);
                serde_json::json!([block.number(), block.text(), rule])
            };
            let blocks: Vec<serde_json::Value> = document.blocks().map(block).collect();
            writeln!(out, "{}", serde_json::json!({ "facts": document.facts(), "blocks": blocks }))?;
        }
    }
    Ok(())
}

/// Bytes of text that are stripped in a round, or more.
const ENOUGH: usize = 20_000_000;
/// Bytes a block from which a document is one of paragraphs.
const LONG: usize = 200;

/// Bytes of text, and blocks.
fn size(document: &Document) -> (usize, usize) {
    (document.kept().map(|block| block.text().len()).sum(), document.kept_count())
}

/// Seconds that this thread was on a core, where the system tells; else those of the clock.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn stage(config: &str) -> Result<Box<dyn LocalStage>, Box<dyn std::error::Error>> {
    let config: StageConfig = toml::from_str(config)?;
    let configured = config.configure(&Surroundings { folder: Path::new(".") }).map_err(|error| error.to_string())?;
    match configured.stage {
        Stage::Local(stage) => Ok(stage),
        Stage::Global(_) => Err("a global stage".into()),
    }
}
