//! One article line by line: what stays, what went and why, what was changed, and how to keep it.
//!
//! Here stands what is to be said; [`text`] and [`html`] say it, and it is JSON as it is. It comes from documents that just went through
//! the stages ([`of_document`]) or from a finished dataset ([`of_dataset`]); [`reasons`] makes the sentences of what the stages say.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stage::Weighed;

mod cure;
pub mod html;
mod marks;
pub mod of_dataset;
pub mod of_document;
pub mod reasons;
pub mod select;
pub mod text;
pub(super) mod wrap;

/// What is to be said of some documents.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Explained {
    /// How it is known: by which build, or which stages saw less than a build shows them.
    pub notes: Vec<String>,
    /// The documents, in the order of the file.
    pub documents: Vec<Explanation>,
    /// What could not be read of the file, a line each.
    pub rejected: Vec<String>,
    /// The documents that hold the copies which were kept.
    pub partners: Vec<Explanation>,
}

/// What is to be said of one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Explanation {
    /// The document's id.
    pub id: String,
    /// Path of its input file.
    pub source: String,
    /// Its record in the file.
    pub record: u64,
    /// What is known of it, in order.
    pub facts: Vec<Fact>,
    /// Its blocks in order.
    pub lines: Vec<Line>,
    /// What it came to.
    pub verdict: Verdict,
}

/// Something that is known of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The column, or what else names it.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// What a document came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// Why the whole document was removed, if it was.
    pub removal: Option<Why>,
    /// Its language, with the score.
    pub language: Option<String>,
    /// Its tokens.
    pub tokens: Option<u64>,
    /// Its split.
    pub split: Option<String>,
    /// The cluster of near copies that it stands for or belongs to.
    pub cluster: Option<String>,
    /// Its blocks.
    pub blocks: usize,
    /// Those that stay.
    pub blocks_kept: usize,
    /// What share of its bytes stays, from 0 to 1.
    pub share_kept: f64,
}

/// One block.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Line {
    /// Its number in the record.
    pub block: u32,
    /// A blank line stands before it.
    pub blank_before: bool,
    /// Its text in pieces: as it stays, or as it stood when it was removed, with what edits took out and put in.
    pub pieces: Vec<Piece>,
    /// Why it was removed.
    pub removal: Option<Why>,
    /// What was changed inside it, each rule once.
    pub edits: Vec<Edit>,
}

/// A piece of a block's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// It stood there and stands there.
    Same(String),
    /// An edit took it out.
    Out(String),
    /// An edit put it in.
    In(String),
}

/// What one rule changed inside a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// The rule, and why.
    pub why: Why,
    /// At how many places.
    pub places: u64,
    /// What it took out where the line does not show it.
    pub unmarked: Vec<String>,
}

/// Why something was removed or changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Why {
    /// The stage's name.
    pub stage: String,
    /// The rule's full name, as the ledger has it.
    pub rule: String,
    /// The reason, in a sentence without its full stop.
    pub sentence: String,
    /// The entry of a `[[stage]]` table that keeps it, ready to be put in the place of the one that stands there.
    pub keep: Option<String>,
    /// What else keeps it, where no option does.
    pub advice: Option<String>,
    /// The measured value.
    pub value: Option<f64>,
    /// The limit it was held against.
    pub threshold: Option<f64>,
    /// The document of the copy that was kept.
    pub partner: Option<String>,
    /// The block of that document, where the copy is one.
    pub partner_block: Option<u32>,
}

impl Explanation {
    /// Says of the lines that a stage removed what weighed most against them.
    pub fn add_evidence(&mut self, weighed: Vec<Weighed>) {
        let mut by_block: BTreeMap<u32, Vec<&'static str>> = BTreeMap::new();
        for Weighed { block, pieces } in weighed {
            let against = pieces.into_iter().filter(|(_, weight)| *weight < 0.0);
            by_block.insert(block, against.map(|(name, _)| name).take(EVIDENCE).collect());
        }
        for line in &mut self.lines {
            let (Some(why), Some(against)) = (&mut line.removal, by_block.get(&line.block)) else { continue };
            why.sentence.push_str(&match against.as_slice() {
                [] => String::new(),
                [one] => format!("; {one} speaks against it"),
                [first @ .., last] => format!("; {} and {last} speak against it", first.join(", ")),
            });
        }
    }

    /// Takes over what is told better of the same document by its article: what edits put in, where blank lines stood, and what is known
    /// of a document that was removed. A line that reads otherwise stays as it is.
    pub fn add_detail(&mut self, told: Self) {
        let mut lines: BTreeMap<u32, Line> = told.lines.into_iter().map(|line| (line.block, line)).collect();
        for line in &mut self.lines {
            let Some(better) = lines.remove(&line.block).filter(|better| better.text() == line.text()) else {
                continue;
            };
            line.blank_before = better.blank_before;
            let knows = |edit: &Edit| better.edits.iter().any(|better| better.why.rule == edit.why.rule);
            if line.edits.iter().all(knows) {
                line.pieces = better.pieces;
                line.edits.iter_mut().for_each(|edit| edit.unmarked.clear());
            }
        }
        if self.verdict.removal.is_some() {
            self.facts = told.facts;
            self.verdict.language = self.verdict.language.take().or(told.verdict.language);
            self.verdict.tokens = self.verdict.tokens.or(told.verdict.tokens);
        }
    }

    /// Ids of the documents that hold the kept copies, in the order of the lines, each once; with the blocks that are meant.
    #[must_use]
    pub fn partners(&self) -> Vec<(String, Vec<u32>)> {
        let mut partners: Vec<(String, Vec<u32>)> = Vec::new();
        let removals = self.lines.iter().filter_map(|line| line.removal.as_ref());
        for why in removals.chain(&self.verdict.removal) {
            let Some(id) = why.partner.as_ref().filter(|id| **id != self.id) else { continue };
            match partners.iter_mut().find(|(known, _)| known == id) {
                Some((_, blocks)) => blocks.extend(why.partner_block),
                None => partners.push((id.clone(), why.partner_block.into_iter().collect())),
            }
        }
        partners
    }
}

impl Line {
    /// The text as it stays, or as it stood when it was removed.
    #[must_use]
    pub fn text(&self) -> String {
        let now = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Same(text) | Piece::In(text) => Some(text.as_str()),
            Piece::Out(_) => None,
        });
        now.collect()
    }
}

impl Verdict {
    /// In one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(why) = &self.removal {
            return format!("removed by {}: {}", why.rule, why.sentence);
        }
        let tokens = self.tokens.map(|tokens| format!("{} tokens", super::summary::count(tokens)));
        let split = self.split.as_ref().map(|split| format!("split {split}"));
        let cluster = self.cluster.as_ref().map(|cluster| format!("cluster {cluster}"));
        let blocks = format!("{} of {} blocks kept", self.blocks_kept, self.blocks);
        let share = format!("{:.0} % of the text", self.share_kept * 100.0);
        let told = [self.language.clone(), tokens, split, cluster, Some(blocks), Some(share)];
        format!("kept: {}", told.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// Kinds of evidence that are named.
const EVIDENCE: usize = 3;
