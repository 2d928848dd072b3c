//! Tells the language of each JSON line's `text`: answers as JSON lines on stdout, the speed on stderr.
//!
//! `zstd -dc udhr.jsonl.zst | cargo run --release --example tell_language > answers.jsonl`

use std::io::{BufRead, Write};
use std::time::Instant;

use tamis::text::language;

#[allow(clippy::print_stderr, reason = "an example is a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut records: Vec<(String, String)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        records.push((field("id"), field("text")));
    }
    let _ = language::detect("The weights are unpacked before the clock starts.");
    let start = Instant::now();
    let answers: Vec<language::Detected> = records.iter().map(|(_, text)| language::detect(text)).collect();
    let seconds = start.elapsed().as_secs_f64();
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
