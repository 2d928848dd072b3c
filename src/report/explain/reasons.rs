//! The sentences: what a rule says of itself, with what is known of the case, and how to keep what it took.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::{Table, Value};

use super::Why;
use super::cure::{Removal, cure, options_of};
use crate::document::Rule;
use crate::plan::Plan;
use crate::sink::dataset::{Dataset, Removed};
use crate::sink::ledger::ORPHANED;
use crate::stage::{Case, Found, RuleInfo, Stage, StageConfig, Surroundings, Takes};

/// The stages of a pipeline, as far as they are needed to say why they did what.
#[derive(Default)]
pub struct Reasons<'a> {
    stages: Vec<Known<'a>>,
}

/// A stage, its rules by their full names and numbers, and its options.
struct Known<'a> {
    name: String,
    kind: &'static str,
    rules: Vec<RuleInfo>,
    stage: Made<'a>,
    options: Table,
}

/// The stage itself, where it could be made.
enum Made<'a> {
    Planned(&'a Stage),
    Again(Stage),
    NotAtAll,
}

impl<'a> Reasons<'a> {
    /// Those of a plan.
    #[must_use]
    pub fn of_plan(plan: &'a Plan) -> Self {
        let stages = plan.config.stage.iter().zip(&plan.stages).map(|(config, planned)| Known {
            name: planned.name.clone(),
            kind: config.name(),
            rules: planned.rules.clone(),
            stage: Made::Planned(&planned.stage),
            options: options_of(config),
        });
        Self { stages: stages.collect() }
    }

    /// Those of a dataset's stages that are named in `acted`, made again by the config that the dataset's manifest has. A stage that
    /// needs files of the config's folder has its rules alone.
    #[must_use]
    pub fn of_dataset(dataset: &Dataset, acted: &BTreeSet<&str>) -> Self {
        let mut stages: Vec<Known<'_>> = Vec::new();
        for table in dataset.manifest.config["stage"].as_array().into_iter().flatten() {
            let Ok(config) = StageConfig::deserialize(table) else { continue };
            let kind = config.name();
            let same = stages.iter().filter(|stage| stage.kind == kind).count();
            let name = if same == 0 { kind.to_owned() } else { format!("{kind}#{}", same + 1) };
            let is_wanted = acted.contains(name.as_str());
            let made = is_wanted.then(|| config.configure(&Surroundings { folder: &dataset.folder }).ok()).flatten();
            let (rules, stage) = match made {
                Some(made) => (made.rules, Made::Again(made.stage)),
                None if is_wanted => ((config.info().rules)(), Made::NotAtAll),
                None => (Vec::new(), Made::NotAtAll),
            };
            let full = |rule: RuleInfo| RuleInfo { name: format!("{kind}.{}", rule.name).into(), ..rule };
            let rules = rules.into_iter().chain([RuleInfo::nothing_left()]).map(full).collect();
            stages.push(Known { name, kind, rules, stage, options: options_of(&config) });
        }
        Self { stages }
    }

    /// Why a change was made that the ledger tells of, to the block or document that read like this `before`.
    #[must_use]
    pub fn of_row(&self, row: &Removed, before: Option<&str>) -> Why {
        let text = before;
        // The value of an edit counts its places.
        let value = row.value.filter(|_| !row.edited);
        let partner = row.partner_id.clone().map(|id| (id, row.partner_block));
        self.why(&row.id, &row.stage, &row.rule, Figures { value, threshold: row.threshold, partner, text })
    }

    /// Why `rule` of `stage` acted on the document called `id`.
    #[must_use]
    pub fn why(&self, id: &str, stage: &str, rule: &str, figures: Figures<'_>) -> Why {
        let Figures { value, threshold, partner, text } = figures;
        let bare = rule.strip_suffix(ORPHANED).unwrap_or(rule);
        let copy = partner.as_ref().map(|(partner, block)| {
            let document = if partner == id { "this document" } else { partner };
            let gone = if bare == rule { "" } else { ", which a later stage removed" };
            block.map_or_else(|| format!("{document}{gone}"), |block| format!("block {block} of {document}{gone}"))
        });
        let known = self.stages.iter().find(|known| known.name == stage);
        let told = known.and_then(|known| {
            let number = known.rules.iter().position(|known| known.name == bare)?;
            let info = known.rules.get(number)?;
            let text = text.filter(|_| !info.is_sensitive);
            let found = text.and_then(|text| known.found(Rule(number as u16), text));
            let option = info.option.and_then(|option| known.options.get(option)).map(in_words);
            let said = found.as_ref().map(|found| found.said.as_str()).filter(|said| !said.is_empty());
            let case = Case { value, threshold, copy: copy.as_deref(), found: said, option: option.as_deref() };
            let removal = Removal { text, found: found.as_ref(), value, threshold };
            let keep = info.option.and_then(|option| cure(known.kind, &known.options, option, removal));
            let advice = match info.option {
                None if info.takes != Takes::Text && number + 1 == known.rules.len() => {
                    Some("keep a block of it".to_owned())
                }
                None if info.takes != Takes::Text => Some(format!("no option does; without `{}` it stays", known.name)),
                _ => None,
            };
            Some((info.sentence(&case), keep, advice))
        });
        let (sentence, keep, advice) = told.unwrap_or_default();
        let (partner, partner_block) = partner.map_or((None, None), |(id, block)| (Some(id), block));
        let (stage, rule) = (stage.to_owned(), rule.to_owned());
        Why { stage, rule, sentence, keep, advice, value, threshold, partner, partner_block }
    }
}

/// What is known of a change.
#[derive(Debug, Clone, Default)]
pub struct Figures<'a> {
    /// The measured value.
    pub value: Option<f64>,
    /// The limit it was held against.
    pub threshold: Option<f64>,
    /// Of a copy, the document and the block that was kept.
    pub partner: Option<(String, Option<u32>)>,
    /// The text of the block or document as it was before, where that is known.
    pub text: Option<&'a str>,
}

impl Known<'_> {
    fn found(&self, rule: Rule, text: &str) -> Option<Found> {
        match &self.stage {
            Made::Planned(stage) => stage.local()?.found(rule, text),
            Made::Again(stage) => stage.local()?.found(rule, text),
            Made::NotAtAll => None,
        }
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
