//! `paragraph_dedup`: removes paragraphs that stand elsewhere word for word.
//!
//! Global with `scope = "corpus"`, because which copy is the first is only known once all documents are read; local with
//! `scope = "document"`. The key is the SHA-256 of the folded text, so what counts as the same is exact and named.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Configured, Copies, Decision, GlobalStage, LocalStage, Note, Scope, Stage, StageError, Surroundings,
    decide_all,
};
use crate::document::{Document, Mark, Position, Reason, Rule};
use crate::text::{fold, hash};

/// Removes paragraphs that stand elsewhere word for word, by SHA-256 of the normalised paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParagraphDedup {
    /// Where copies count: `corpus` compares all documents, `document` only the paragraphs of one.
    pub scope: Scope,
    /// Shorter paragraphs are never removed here. In characters (Unicode scalar values) of the folded text.
    pub min_chars: u32,
    /// Which copy stays: the `first` in the order of source, path, record and block, or `none`.
    pub keep: Keep,
    /// Removes only what stands in at least this many documents. 1 also removes repeats within one document.
    #[schemars(range(min = 1))]
    pub min_documents: u32,
    /// What counts as the same: `exact` (Unicode NFC, white space folded) or `ccnet` (CCNet's form: also lower case,
    /// digits folded, Unicode punctuation dropped).
    pub key: Key,
}

/// Which of several copies stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The copy at the least position.
    #[default]
    First,
    /// No copy at all, as CCNet does.
    None,
}

/// The normal form under which two paragraphs count as the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Unicode NFC, white space runs one space, trimmed.
    #[default]
    Exact,
    /// CCNet's form.
    Ccnet,
}

impl Default for ParagraphDedup {
    fn default() -> Self {
        Self { scope: Scope::Corpus, min_chars: 40, keep: Keep::First, min_documents: 1, key: Key::Exact }
    }
}

impl Configure for ParagraphDedup {
    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if self.scope == Scope::Document && self.min_documents > 1 {
            return Err(StageError::new(
                "min_documents",
                "more than one document can never be met within one document",
            )
            .hint("drop `min_documents`, or set `scope = \"corpus\"`"));
        }
        let stage = match self.scope {
            Scope::Corpus => Stage::Global(Box::new(self.clone())),
            Scope::Document => Stage::Local(Box::new(self.clone())),
        };
        Ok(Configured::new(stage, &["repeated_paragraph"]))
    }
}

/// The only rule. Its value is the number of documents with the paragraph, its threshold `min_documents`.
const REPEATED_PARAGRAPH: Rule = Rule(0);

impl ParagraphDedup {
    /// The keys of the kept blocks that are long enough to be compared.
    fn keys(&self, document: &Document, mut each: impl FnMut([u8; 16], Position)) {
        let mut folded = String::new();
        for block in document.kept() {
            match self.key {
                Key::Exact => fold::exact(&block.text, &mut folded),
                Key::Ccnet => fold::ccnet(&block.text, &mut folded),
            }
            let long_enough = folded.len() >= self.min_chars as usize
                && folded.chars().nth((self.min_chars as usize).saturating_sub(1)).is_some();
            if long_enough {
                each(hash::key(folded.as_bytes()), document.position_of(block));
            }
        }
    }
}

impl GlobalStage for ParagraphDedup {
    fn observe(&self, document: &Document, note: &mut dyn FnMut(Note)) {
        self.keys(document, |key, position| note(Note { key, position, value: 0 }));
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Iterator<Item = Note>, decision: &mut dyn FnMut(Decision)) {
        let Copies { first, documents, .. } = *copies;
        if documents < u64::from(self.min_documents) || copies.notes < 2 {
            return;
        }
        for note in notes.skip(1) {
            decision(Decision { position: note.position, partner: Some(first.position), value: documents });
        }
        if self.keep == Keep::None {
            decision(Decision { position: first.position, partner: None, value: documents });
        }
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        let mut blocks = document.blocks.iter_mut();
        for decision in decisions {
            let Some(block) = blocks.find(|block| block.number == decision.position.block) else { return };
            let partner = decision.partner.filter(|_| self.keep == Keep::First);
            let reason = Reason::new(REPEATED_PARAGRAPH)
                .measured(decision.value as f64, f64::from(self.min_documents))
                .in_favour_of(partner);
            mark.remove_block(block, reason);
        }
    }
}

impl LocalStage for ParagraphDedup {
    fn apply(&self, document: &mut Document, mark: Mark) {
        let mut notes = Vec::new();
        self.keys(document, |key, position| notes.push(Note { key, position, value: 0 }));
        let distinct: HashSet<[u8; 16]> = notes.iter().map(|note| note.key).collect();
        if distinct.len() == notes.len() {
            return;
        }
        notes.sort_unstable();
        let mut decisions = Vec::new();
        decide_all(self, &notes, &mut |decision| decisions.push(decision));
        decisions.sort_unstable();
        GlobalStage::apply(self, document, &decisions, mark);
    }
}
