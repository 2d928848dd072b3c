//! One document in two datasets: what it came to in each, its text with the words that differ marked, and why lines are gone.

use std::collections::BTreeSet;

use super::super::explain::of_dataset::explain_ids;
use super::super::explain::text::{Look, marked_lines};
use super::super::explain::{Explanation, Line};
use super::words::compared;
use crate::sink::dataset::{Dataset, DatasetError};

/// What changed in the document with this id; `None` if neither dataset knows it.
///
/// # Errors
/// If a Parquet file cannot be read.
pub fn document(a: &Dataset, b: &Dataset, id: &str, look: Look) -> Result<Option<String>, DatasetError> {
    let ids = BTreeSet::from([id.to_owned()]);
    let of = |dataset: &Dataset| Ok::<_, DatasetError>(explain_ids(dataset, &ids)?.documents.into_iter().next());
    let (first, second) = (of(a)?, of(b)?);
    if first.is_none() && second.is_none() {
        return Ok(None);
    }
    let said = |side: &Option<Explanation>| match side {
        Some(explanation) => explanation.verdict.sentence(),
        None => "not there".to_owned(),
    };
    let mut out = format!("{id}\n  a  {}\n  b  {}\n\n", said(&first), said(&second));
    let texts = [&first, &second].map(|side| side.as_ref().map(text_of).unwrap_or_default());
    if texts[0] == texts[1] {
        out.push_str("the text is the same\n");
    } else {
        out.push_str(&marked_lines(&compared(&texts[0], &texts[1]), look));
    }
    let gone = |of: &Option<Explanation>, from: &Option<Explanation>| -> Vec<String> {
        let stood: BTreeSet<String> =
            of.iter().flat_map(|side| &side.lines).filter(|line| line.removal.is_none()).map(Line::text).collect();
        let lines = from.iter().flat_map(|side| &side.lines).filter(|line| stood.contains(&line.text()));
        let why = |line: &Line| {
            let why = line.removal.as_ref()?;
            Some(format!("  block {}: {}: {}\n", line.block, why.rule, why.sentence))
        };
        lines.filter_map(why).collect()
    };
    for (title, lines) in [("gone in b", gone(&first, &second)), ("gone in a", gone(&second, &first))] {
        if !lines.is_empty() {
            out.push_str(&format!("\n{title}\n{}", lines.concat()));
        }
    }
    Ok(Some(out))
}

/// The text of a kept document; nothing of one that was removed.
fn text_of(explanation: &Explanation) -> String {
    if explanation.verdict.removal.is_some() {
        return String::new();
    }
    let kept = explanation.lines.iter().filter(|line| line.removal.is_none());
    kept.map(|line| line.text() + "\n").collect()
}
