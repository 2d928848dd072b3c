//! `document_dedup`: removes documents whose whole text stands elsewhere word for word.
//!
//! Global, because which copy is the first is only known once all documents are read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Configured, Copied, Copies, Decision, GlobalStage, Group, Note, Notes, Removes, Round, RuleInfo, Stage,
    StageError, StageInfo, Surroundings,
};
use crate::document::{Document, Mark, Reason, Rule};
use crate::text::{fold, hash};

/// Removes documents whose whole text stands elsewhere word for word; the first stays.
///
/// Two texts are the same when they are so after Unicode NFC with each run of white space folded to one space.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentDedup {}

impl Configure for DocumentDedup {
    const INFO: StageInfo = StageInfo {
        does: "removes documents whose whole text stands elsewhere; the first stays",
        needs_corpus: "yes",
        rules,
        fixture: include_str!("../../tests/stages/document_dedup.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        let (removes, copied) = (Removes::DOCUMENTS, Some(Copied::Documents));
        let stage = Stage::Global(Box::new(self.clone()));
        Ok(Configured { removes, copied, edits: false, ..Configured::new(stage, rules()) })
    }
}

fn rules() -> Vec<RuleInfo> {
    let means = "the whole text stands in an earlier document, word for word";
    vec![RuleInfo::document("repeated_document", means).saying("a copy of {copy}; {n documents} have this text")]
}

/// The only rule. Its value is the number of documents with this text.
const REPEATED_DOCUMENT: Rule = Rule(0);

impl GlobalStage for DocumentDedup {
    fn round(&self, _number: usize) -> Round<'_> {
        Round::Group(self)
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        for decision in decisions {
            let copies = decision.value as f64;
            let reason = Reason::new(REPEATED_DOCUMENT).measured(copies, 2.0).in_favour_of(decision.partner);
            mark.remove_document(document, reason);
        }
    }
}

impl Group for DocumentDedup {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let mut folded = String::new();
        fold::exact(&document.text(), &mut folded);
        note(Note::new(hash::key(folded.as_bytes()), document.position()));
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        notes.each(&mut |note| {
            if note.position != copies.first.position {
                let partner = Some(copies.first.position);
                decision(Decision::new(note.position, partner, copies.notes));
            }
        });
    }
}
