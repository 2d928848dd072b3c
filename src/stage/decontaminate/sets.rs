//! The evaluation sets that the config names: records of files, read as the sources of the corpus are.

use std::collections::BTreeMap;
use std::convert::Infallible;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Model, StageError, Surroundings};
use crate::document::{Cause, Document, Rejected};
use crate::source::{self, Column, Format, InputFile, Item, Quoting, SourceConfig};
use crate::text::hash;
use crate::text::size::ByteSize;

/// The files of an evaluation set: JSON lines, CSV, TSV or Parquet by their names, packed (.gz, .zst, .bz2, .xz) or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationSet {
    /// Files, folders and globs, relative to the config's folder.
    #[schemars(length(min = 1))]
    pub paths: Vec<String>,
    /// The field that holds the question, or whatever text is looked for. A dot reaches into nested objects.
    #[serde(default = "question")]
    pub question: String,
    /// The field that holds the answer: a text or a number. A question of few words, or one that several items have, counts as found
    /// where its answer stands soon behind it. Records without it have none.
    #[serde(default = "answer")]
    pub answer: String,
}

fn question() -> String {
    "question".to_owned()
}

fn answer() -> String {
    "answer".to_owned()
}

/// All sets, read.
pub struct Sets {
    /// Their items, set by set, file by file, in the order of the records.
    pub items: Vec<EvaluationItem>,
    /// The files with their digests.
    pub models: Vec<Model>,
}

/// A record of a set.
pub struct EvaluationItem {
    /// Its file and its record in it: `FILE#RECORD`.
    pub name: String,
    /// What is looked for.
    pub question: String,
    /// What answers it; empty where nothing does.
    pub answer: String,
}

/// Records of sets are short.
const LARGEST: ByteSize = ByteSize(64 << 20);

/// Reads the sets.
///
/// # Errors
/// A path that names nothing, a file that cannot be read, a record without the question's field, a set without any item.
pub fn read(sets: &[EvaluationSet], surroundings: &Surroundings<'_>) -> Result<Sets, StageError> {
    if sets.is_empty() {
        return Err(StageError::new("sets", "no evaluation set is given")
            .hint("write `sets = [{ paths = [\"evaluation/*.jsonl\"] }]`"));
    }
    let mut read = Sets { items: Vec::new(), models: Vec::new() };
    for (number, set) in sets.iter().enumerate() {
        let before = read.items.len();
        read_set(number, set, surroundings, &mut read)?;
        if read.items.len() == before {
            return Err(StageError::new(&format!("sets[{number}].paths"), "the files hold no item"));
        }
    }
    Ok(read)
}

fn read_set(
    number: usize,
    set: &EvaluationSet,
    surroundings: &Surroundings<'_>,
    read: &mut Sets,
) -> Result<(), StageError> {
    let field = |name: &str| format!("sets[{number}].{name}");
    let config = SourceConfig {
        paths: set.paths.clone(),
        format: Format::Auto,
        fields: BTreeMap::from([(Column::Text, set.question.clone())]),
        encoding: None,
        quoting: Quoting::Auto,
        max_record_size: LARGEST,
        max_removed: None,
        limit: None,
        title_in_text: false,
    };
    let wrong = |error: source::SourceError| StageError {
        field: field(&error.field),
        message: error.message,
        hint: error.hint,
    };
    if let Some(error) = config.check(0).into_iter().next() {
        return Err(wrong(error));
    }
    let found = source::discover(surroundings.folder, std::slice::from_ref(&config)).map_err(wrong)?;
    if let Some(unmatched) = found.unmatched.first() {
        return Err(StageError::new(&field(&format!("paths[{}]", unmatched.path)), unmatched.detail.clone())
            .hint("paths are relative to the config's folder"));
    }
    let refused = |refused: &Rejected| {
        let record = refused.record.map_or_else(String::new, |record| format!(" (record {record})"));
        StageError::new(&field("paths"), format!("`{}` cannot be read: {}{record}", refused.source, refused.detail))
    };
    if let Some(one) = found.refused.first() {
        return Err(refused(one));
    }
    let files: Vec<&InputFile> = found.files.iter().collect();
    if let Some(lacking) = source::lacking(&config, 0, &files).into_iter().next() {
        let error = StageError::new(&field("question"), lacking.message);
        return Err(match lacking.meant {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error,
        });
    }
    for file in files {
        let survey = source::survey(file, u64::MAX).map_err(|one| refused(&one))?;
        read.models.push(Model { name: file.name.to_string(), sha256: hash::hex(&survey.sha256) });
        let mut first: Option<Rejected> = None;
        for slice in &survey.readable(file) {
            let done = source::read(&config, file, slice, &mut |item| {
                match item {
                    Item::Document { document, .. } => read.items.push(of_record(file, &document, &set.answer)),
                    // A record without a question asks nothing.
                    Item::Rejected(rejected) if rejected.record.is_some() && rejected.cause == Cause::Empty => {}
                    Item::Rejected(rejected) => first = first.take().or(Some(rejected)),
                }
                Ok::<(), Infallible>(())
            });
            let Ok(()) = done;
        }
        if let Some(one) = first {
            return Err(refused(&one));
        }
    }
    Ok(())
}

fn of_record(file: &InputFile, document: &Document, answer: &str) -> EvaluationItem {
    let written = document.metadata().get(answer);
    let answer = match written.and_then(|json| serde_json::from_str(json).ok()) {
        Some(serde_json::Value::String(text)) => text,
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let name = format!("{}#{}", file.name, document.position().record);
    EvaluationItem { name, question: document.text().into_owned(), answer }
}
