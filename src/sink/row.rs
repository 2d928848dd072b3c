//! One row of `data/`: what is left of a kept document.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::{Block, Cluster, Document, Facts, Language, StageIndex, Tokens};
use crate::text::{hash, words};

/// A kept document as the dataset shows it: the columns of `data/`, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The document's id.
    pub id: String,
    /// The kept blocks.
    pub text: String,
    /// Path of the input file, relative to the config's folder.
    pub source: Arc<str>,
    /// 0-based record in the file.
    pub record: u64,
    /// The columns from the input's fields and from what was cut.
    pub facts: Facts,
    /// The document's language, if a stage told it.
    pub language: Option<Language>,
    /// Unicode scalar values of `text`.
    pub chars: u32,
    /// Words of `text` by UAX 29.
    pub words: u32,
    /// Tokens of `text`, if a stage counted them.
    pub tokens: Option<Tokens>,
    /// The near copies to which it belongs, if a stage found any.
    pub cluster: Option<Cluster>,
    /// SHA-256 of `text` in UTF-8.
    pub sha256: [u8; 32],
    /// Blocks before anything was removed.
    pub blocks_in: u32,
    /// Blocks in `text`.
    pub blocks_kept: u32,
    /// Bytes of the blocks before anything was removed.
    pub bytes_in: u64,
    /// The quality signals.
    pub quality: Quality,
    /// JSON object of what else the input carried; `None` if nothing.
    pub metadata: Option<String>,
}

/// The signals of the `quality` column. Its fields are fixed by the data version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Share of the document's bytes that `boilerplate` removed as chrome, blocks only.
    pub chrome: Option<f32>,
    /// Share of the document's bytes that `paragraph_dedup` removed as repeated.
    pub repeated: Option<f32>,
}

/// Which stages fill which quality signal.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Stages whose removed blocks count as chrome.
    pub chrome: Vec<StageIndex>,
    /// Stages whose removed blocks count as repeated.
    pub repeated: Vec<StageIndex>,
}

impl Row {
    /// The row of a kept document.
    #[must_use]
    pub fn new(document: &Document, signals: &Signals) -> Self {
        let text = document.text().into_owned();
        let metadata = (!document.metadata().is_empty()).then(|| json_object(document.metadata()));
        Self {
            chars: text.chars().count() as u32,
            words: words::count(&text) as u32,
            sha256: hash::sha256(text.as_bytes()),
            id: document.id().to_owned(),
            source: Arc::clone(document.source()),
            record: document.position().record,
            facts: document.facts().clone(),
            language: document.language().cloned(),
            tokens: document.tokens().cloned(),
            cluster: document.cluster().cloned(),
            blocks_in: document.blocks().len() as u32,
            blocks_kept: document.kept_count() as u32,
            bytes_in: document.blocks().map(Block::bytes).sum(),
            quality: signals.measure(document),
            metadata,
            text,
        }
    }
}

impl Signals {
    fn measure(&self, document: &Document) -> Quality {
        let all: u64 = document.blocks().map(Block::bytes).sum();
        let share = |stages: &[StageIndex]| {
            if stages.is_empty() || all == 0 {
                return None;
            }
            let by_stage = |block: &Block<'_>| block.removal().is_some_and(|removal| stages.contains(&removal.stage));
            Some(document.blocks().filter(by_stage).map(Block::bytes).sum::<u64>() as f32 / all as f32)
        };
        Quality { chrome: share(&self.chrome), repeated: share(&self.repeated) }
    }
}

/// A JSON object of values that are JSON texts already.
fn json_object(members: &std::collections::BTreeMap<String, String>) -> String {
    let mut object = String::from("{");
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            object.push(',');
        }
        object.push_str(&serde_json::Value::from(key.as_str()).to_string());
        object.push(':');
        object.push_str(value);
    }
    object.push('}');
    object
}
