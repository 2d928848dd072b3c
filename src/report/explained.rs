//! Where explanations come from: a document that just went through the stages, or the files of a finished dataset.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;

use super::explain::{Change, Explanation, Line, Why};
use crate::document::{self, Block, Document, Part, Position};
use crate::sink::columns::Names;
use crate::sink::dataset::{Removed, text};
use crate::sink::ledger::ORPHANED;
use crate::sink::remains::{Remains, Spared};

/// The columns that are shown above the text, where they are filled.
const SHOWN: [&str; 14] = [
    "source",
    "title",
    "author",
    "published",
    "updated",
    "url",
    "site",
    "section",
    "credit",
    "language",
    "language_script",
    "language_score",
    "tokens",
    "metadata",
];

impl Explanation {
    /// Explains a document; `remains_of` tells what became of the document at a position.
    #[must_use]
    pub fn of_document<'a>(
        document: &Document,
        names: &Names,
        remains_of: impl Fn(Position) -> Option<&'a Remains>,
    ) -> Self {
        let facts = document.facts();
        let day = |day: Option<document::Day>| day.map(|day| day.to_string());
        let language = document
            .language()
            .map(|language| format!("{} ({}, score {:.2})", language.code, language.script, language.score));
        let known = [
            ("source", Some(format!("{}, record {}", document.source(), document.position().record))),
            ("title", facts.title.clone()),
            ("author", facts.author.clone()),
            ("published", day(facts.published)),
            ("updated", day(facts.updated)),
            ("url", facts.url.clone()),
            ("site", facts.site.clone()),
            ("section", facts.section.clone()),
            ("credit", facts.credit.clone()),
            ("language", language),
            ("tokens", document.tokens().map(|tokens| tokens.count.to_string())),
            ("split", document.split().map(str::to_owned)),
        ];
        let why = |removal: &document::Change<'_>| why(removal, document.position(), names, &remains_of);
        let line = |block: Block<'_>| Line {
            block: Some(block.number()),
            blank_before: block.blank_before(),
            text: block.text().to_owned(),
            removal: block.removal().as_ref().map(why),
            edits: block.edits().map(|edit| change(&edit, document.position(), names, &remains_of)).collect(),
        };
        Self {
            id: document.id().to_owned(),
            facts: known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            removal: document.removal().as_ref().map(why),
            lines: document.blocks().map(line).collect(),
        }
    }

    /// Explains a document from its row (`None` if it was removed) and its ledger rows.
    ///
    /// Kept blocks are the lines of `text`; removed ones stand among them by their numbers. Where lines were joined, the
    /// numbers of the lines that a block took in are passed over, as the ledger's edit of the join tells.
    #[must_use]
    pub fn of_dataset(id: &str, row: Option<&RecordBatch>, ledger: &[Removed]) -> Self {
        let facts = row.map_or(Vec::new(), |batch| {
            let value = |name: &'static str| {
                let column = batch.column_by_name(name)?;
                let text = array_value_to_string(column, 0).ok().filter(|_| column.is_valid(0))?;
                Some((name, text))
            };
            SHOWN.into_iter().filter_map(value).collect()
        });
        let whole_document = ledger.iter().find(|row| row.block.is_none());
        let removed: BTreeMap<u32, &Removed> =
            ledger.iter().filter(|row| !row.edited).filter_map(|row| Some((row.block?, row))).collect();
        let mut edits: BTreeMap<u32, Vec<&Removed>> = BTreeMap::new();
        for row in ledger.iter().filter(|row| row.edited) {
            edits.entry(row.block.unwrap_or_default()).or_default().push(row);
        }
        let kept_text = row.map_or_else(
            || whole_document.and_then(|row| row.text.clone()).unwrap_or_default(),
            |batch| text(batch, "text", 0).unwrap_or_default().to_owned(),
        );
        let lines = interleave(&kept_text, &removed, &edits);
        Self { id: id.to_owned(), facts, removal: whole_document.map(why_of_row), lines }
    }

    /// Ids of the documents that hold the kept copies, each once.
    #[must_use]
    pub fn partners(ledger: &[Removed]) -> BTreeSet<String> {
        ledger.iter().filter_map(|row| row.partner_id.clone()).collect()
    }
}

/// Kept lines and removed blocks in the order of their numbers.
fn interleave(text: &str, removed: &BTreeMap<u32, &Removed>, edits: &BTreeMap<u32, Vec<&Removed>>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut removed = removed.iter().peekable();
    let mut number = 0;
    let mut blank_before = false;
    let changes = |number: u32| {
        edits.get(&number).into_iter().flatten().map(|row| Change {
            why: why_of_row(row),
            original: row.text.clone(),
            replacement: None,
        })
    };
    let joined = |number: u32| {
        let texts = edits.get(&number).into_iter().flatten().filter_map(|row| row.text.as_ref());
        texts.map(|text| text.matches('\n').count() as u32).sum::<u32>()
    };
    let removed_line = |number: u32, row: &Removed| Line {
        block: Some(number),
        blank_before: false,
        text: row.text.clone().unwrap_or_default(),
        removal: Some(why_of_row(row)),
        edits: changes(number).collect(),
    };
    for kept in text.lines() {
        if kept.is_empty() {
            blank_before = true;
            continue;
        }
        while let Some((at, row)) = removed.next_if(|(at, _)| **at <= number) {
            lines.push(removed_line(*at, row));
            number = *at + 1 + joined(*at);
        }
        lines.push(Line {
            block: Some(number),
            blank_before: std::mem::take(&mut blank_before),
            text: kept.to_owned(),
            removal: None,
            edits: changes(number).collect(),
        });
        number += 1 + joined(number);
    }
    lines.extend(removed.map(|(at, row)| removed_line(*at, row)));
    lines
}

/// Why a block of the document at `place`, or all of it, was removed, or a range within a block changed.
fn why<'a>(
    removal: &document::Change<'_>,
    place: Position,
    names: &Names,
    remains_of: &impl Fn(Position) -> Option<&'a Remains>,
) -> Why {
    let block = match removal.part {
        Part::Block(block) | Part::Range { block, .. } => Some(block),
        Part::Document => None,
    };
    let partner = removal.partner.and_then(|partner| Some((partner, remains_of(partner)?)));
    let gone = partner.is_some_and(|(partner, fate)| {
        let spared = Spared::new(block, partner, partner.document() == place);
        fate.gone_by(spared).is_some()
    });
    let outside = || Some((names.outside(removal.stage, removal.partner?)?.to_owned(), None));
    let partner = partner.map(|(partner, fate)| (fate.id.clone(), block.map(|_| partner.block))).or_else(outside);
    let stage = names.stage(removal.stage);
    let orphaned = if gone { ORPHANED } else { "" };
    Why {
        stage: stage.contains('#').then(|| stage.to_owned()),
        rule: format!("{}{orphaned}", names.rule(removal.stage, removal.rule)),
        value: removal.value,
        threshold: removal.threshold,
        partner,
        evidence: Vec::new(),
    }
}

fn change<'a>(
    edit: &document::Change<'_>,
    place: Position,
    names: &Names,
    remains_of: &impl Fn(Position) -> Option<&'a Remains>,
) -> Change {
    let why = Why { value: None, ..why(edit, place, names, remains_of) };
    let (original, replacement) = match edit.part {
        Part::Range { original, replacement, .. } => (Some(original.to_owned()), Some(replacement.to_owned())),
        _ => (None, None),
    };
    Change { why, original, replacement }
}

fn why_of_row(row: &Removed) -> Why {
    Why {
        stage: row.stage.contains('#').then(|| row.stage.clone()),
        rule: row.rule.clone(),
        value: row.value.filter(|_| !row.edited),
        threshold: row.threshold,
        partner: row.partner_id.clone().map(|id| (id, row.partner_block)),
        evidence: Vec::new(),
    }
}
