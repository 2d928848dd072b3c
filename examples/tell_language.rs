//! Tells the language of each JSON line's `text`: answers as JSON lines on stdout, the speed on stderr. With a fastText model
//! where a path is given, else with the embedded detector.
//!
//! `zstd -dc udhr.jsonl.zst | cargo run --release --example tell_language [MODEL] > answers.jsonl`

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::time::Instant;

use tamis::text::fasttext::Model;
use tamis::text::language::{self, Detected, Foreign};

/// The speed is that of the fastest of so many passes: others use the machine too.
const PASSES: usize = 9;

#[allow(clippy::print_stderr, reason = "an example is a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let foreign = std::env::args().nth(1).map(|path| open(&path)).transpose()?;
    let detect = |text| foreign.as_ref().map_or_else(|| language::detect(text), |foreign| foreign.detect(text));
    let mut records: Vec<(String, String)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        records.push((field("id"), field("text")));
    }
    let _ = detect("The weights are unpacked before the clock starts.");
    let mut answers: Vec<Detected<'_>> = Vec::new();
    let mut seconds = f64::INFINITY;
    for _ in 0..PASSES {
        let start = Instant::now();
        answers = records.iter().map(|(_, text)| detect(text)).collect();
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for ((id, _), answer) in records.iter().zip(&answers) {
        let line = serde_json::json!({"id": id, "lang": answer.code, "script": answer.script, "score": answer.score});
        writeln!(out, "{line}")?;
    }
    let bytes: usize = records.iter().map(|(_, text)| text.len()).sum();
    let count = records.len().max(1) as f64;
    eprintln!(
        "{} texts, {bytes} bytes: {:.1} MB/s, {:.2} microseconds a text",
        records.len(),
        bytes as f64 / 1e6 / seconds,
        seconds * 1e6 / count
    );
    Ok(())
}

fn open(path: &str) -> Result<Foreign, Box<dyn std::error::Error>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let model = Model::read(BufReader::new(file), length)?;
    Foreign::new(model).map_err(|label| format!("{path}: `{label}` is no language").into())
}
