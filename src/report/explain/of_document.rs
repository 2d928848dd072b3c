//! What is to be said of a document that just went through the stages.

use std::collections::BTreeMap;

use super::marks::{Mark, before, marked};
use super::reasons::{Figures, Reasons};
use super::{Edit, Explanation, Fact, Line, Verdict, Why};
use crate::document::{Block, Change, Day, Document, Part, Position};
use crate::plan::Plan;
use crate::sink::counts::split_of;
use crate::sink::ledger::ORPHANED;
use crate::sink::remains::{Remains, Spared};
use crate::stage::figure;

/// Explains a document; `remains` tells what became of the documents that hold kept copies.
#[must_use]
pub fn of_document(
    document: &Document,
    plan: &Plan,
    reasons: &Reasons<'_>,
    remains: &BTreeMap<Position, Remains>,
) -> Explanation {
    let telling = Telling { document, plan, reasons, remains };
    let lines: Vec<Line> = document.blocks().map(|block| telling.line(block)).collect();
    let kept: u64 = document.kept().map(|block| block.text().len() as u64).sum();
    let all = kept + document.blocks().filter(|block| !block.is_kept()).map(Block::bytes).sum::<u64>();
    let removal = document.removal().map(|removal| telling.why(&removal, &document.text()));
    let language = document.language().map(|language| language_in_words(&language.code, language.score));
    Explanation {
        id: document.id().to_owned(),
        source: document.source().to_string(),
        record: document.position().record,
        facts: facts(document),
        verdict: Verdict {
            blocks: lines.len(),
            blocks_kept: if removal.is_none() { document.kept_count() } else { 0 },
            share_kept: if removal.is_some() || all == 0 { 0.0 } else { kept as f64 / all as f64 },
            tokens: document.tokens().map(|tokens| u64::from(tokens.count)),
            split: removal.is_none().then(|| split_of(document).to_owned()),
            cluster: None,
            language,
            removal,
        },
        lines,
    }
}

/// A language's name with the score by which it was told.
#[must_use]
pub fn language_in_words(code: &str, score: f32) -> String {
    format!(
        "{} ({})",
        crate::text::language::name(code).unwrap_or(code),
        figure((f64::from(score) * 1e2).round() / 1e2)
    )
}

fn facts(document: &Document) -> Vec<Fact> {
    let facts = document.facts();
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let known = [
        ("title", facts.title.clone()),
        ("author", facts.author.clone()),
        ("published", day(facts.published)),
        ("updated", day(facts.updated)),
        ("url", facts.url.clone()),
        ("site", facts.site.clone()),
        ("section", facts.section.clone()),
        ("credit", facts.credit.clone()),
    ];
    known.into_iter().filter_map(|(name, value)| Some(Fact { name, value: value? })).collect()
}

struct Telling<'a> {
    document: &'a Document,
    plan: &'a Plan,
    reasons: &'a Reasons<'a>,
    remains: &'a BTreeMap<Position, Remains>,
}

impl Telling<'_> {
    fn line(&self, block: Block<'_>) -> Line {
        let changes: Vec<Change<'_>> = block.edits().collect();
        let marks: Vec<Mark> = changes.iter().filter_map(mark).collect();
        let (pieces, unmarked) = marked(block.text(), &marks);
        let mut edits: Vec<Edit> = Vec::new();
        for (number, change) in changes.iter().enumerate() {
            let Part::Range { original, .. } = change.part else { continue };
            let first = changes.iter().position(|other| other.stage == change.stage).unwrap_or(number);
            let why = self.why(&Change { value: None, ..*change }, &before(block.text(), &marks, first));
            let at = match edits.iter().position(|edit| edit.why.rule == why.rule && edit.why.stage == why.stage) {
                Some(at) => at,
                None => {
                    edits.push(Edit { why, places: 0, unmarked: Vec::new() });
                    edits.len() - 1
                }
            };
            let Some(edit) = edits.get_mut(at) else { continue };
            edit.places += change.value.map_or(1, |places| places as u64);
            edit.unmarked.extend(unmarked.contains(&number).then(|| original.to_owned()));
        }
        Line {
            block: block.number(),
            blank_before: block.blank_before(),
            pieces,
            removal: block.removal().map(|removal| self.why(&removal, block.text())),
            edits,
        }
    }

    fn why(&self, change: &Change<'_>, text: &str) -> Why {
        let names = self.plan.stage(change.stage);
        let rule = names.rules.get(usize::from(change.rule.0)).map_or("unknown", |rule| &*rule.name);
        let block = match change.part {
            Part::Block(block) | Part::Range { block, .. } => Some(block),
            Part::Document => None,
        };
        let partner = change.partner.and_then(|partner| Some((partner, self.remains.get(&partner.document())?)));
        let gone = partner.is_some_and(|(partner, remains)| {
            let own = partner.document() == self.document.position();
            remains.gone_by(Spared::new(block, partner, own)).is_some()
        });
        let outside = || {
            let number = change.partner?.number_outside()?;
            Some((names.outside.get(usize::try_from(number).ok()?)?.clone(), None))
        };
        let partner =
            partner.map(|(partner, remains)| (remains.id.clone(), block.map(|_| partner.block))).or_else(outside);
        let rule = if gone { format!("{rule}{ORPHANED}") } else { rule.to_owned() };
        let figures = Figures { value: change.value, threshold: change.threshold, partner, text: Some(text) };
        self.reasons.why(self.document.id(), &names.name, &rule, figures)
    }
}

fn mark(change: &Change<'_>) -> Option<Mark> {
    let Part::Range { start, original, replacement, .. } = change.part else { return None };
    Some(Mark { start: start as usize, original: original.to_owned(), replacement: Some(replacement.to_owned()) })
}
