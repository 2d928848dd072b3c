//! `boilerplate`: removes what a site writes around an article, and takes title, author, dates and credits from it.
//!
//! First of all: is the text a scraped page (`scraped.rs`)? On a page a model decides, which sees all of it (`model/`), together
//! with phrases of a pack and cuts (what is glued to a block's edge). On every other text only whole phrases at its ends go
//! (`plain.rs`). What is left of a page may hold a passage twice: its copies go (`copies.rs`).
//! Global, because what a site repeats is known once all documents are read (`repeats.rs`); with that, each document is judged
//! by itself. Local with `repeats = false`.

use std::collections::HashSet;

use regex::RegexSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patterns::patterns;
use super::{
    Configure, Configured, Decision, GlobalStage, LocalStage, Model, Removes, Round, RuleInfo, Signal, Stage,
    StageError, StageInfo, Surroundings, Weighed,
};
use crate::document::{Block, Document, Mark, Reason, Rule, StageIndex};
use crate::text::hash;

mod bytes;
mod copies;
mod credit;
mod cuts;
mod dates;
mod evidence;
mod facts;
mod folding;
pub mod mined;
pub mod model;
mod names;
mod pack;
mod phrases;
mod plain;
mod repeated;
mod repeats;
mod rules;
mod scraped;
mod seen;
mod shape;
mod size;
#[cfg(test)]
mod tests;

use cuts::Cuts;
use evidence::Evidence;
use model::Bar;
pub use model::Mode;
pub use pack::Effect;
use pack::Pack;
use phrases::Phrases;
use repeats::Repeats;
use scraped::Signs;
use seen::{Seen, blocks_at, is_listing};
use shape::ShapeRule;

/// Removes site chrome (menus, share bars, comment forms, advertisements, other stories) from plain text, and of what a web page
/// has twice, for wide and for small screens, the copies. Takes title, author, dates, credit and section from what it recognises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Boilerplate {
    /// Phrase packs: embedded names (`news`), or paths of `pack.toml` files relative to the config.
    pub packs: Vec<String>,
    /// Regular expressions; a block that one of them finds anywhere in its text stays as it is, whatever the rules say.
    pub keep: Vec<String>,
    /// Regular expressions; a block that one of them finds anywhere in its text goes, unless `keep` holds it.
    pub remove: Vec<String>,
    /// What weighs more: that no chrome stays (`precise`), that nothing of the article goes (`keep-more`), or both alike
    /// (`balanced`). Sets how high a block must score on its page to stay.
    pub mode: Mode,
    /// Score from 0 to 1 below which the model takes a block for chrome, the same on each page, in place of the one that
    /// `mode` finds for each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Counts blocks over the corpus, digits folded, and takes for chrome what a good part of a site's documents have. A site is the
    /// host of `url`, or without one the source's folder.
    pub repeats: bool,
    /// Fills title, author, published, updated, credit and section from the text where the input's fields left them empty.
    pub metadata: bool,
}

impl Default for Boilerplate {
    fn default() -> Self {
        Self {
            packs: vec!["news".to_owned()],
            keep: Vec::new(),
            remove: Vec::new(),
            mode: Mode::default(),
            threshold: None,
            repeats: true,
            metadata: true,
        }
    }
}

/// The stage as it runs.
struct Stripper {
    phrases: Phrases,
    cuts: Cuts,
    keep: RegexSet,
    remove: RegexSet,
    metadata: bool,
    model: &'static model::Model,
    bar: Bar,
    /// Hash of each phrase rule's name: the model weighs it as it weighs words.
    rule_words: Vec<u32>,
    /// Whether each phrase rule tells a scraped page.
    telling: Vec<bool>,
    /// Number of phrase rules: cuts are numbered behind them.
    first_cut: u16,
    /// Shape rules are numbered behind the cuts.
    first_shape: u16,
}

impl Configure for Boilerplate {
    const INFO: StageInfo = StageInfo {
        does: "removes site chrome in many languages, what a site repeats and what a page has twice; takes title, author, dates and \
               credit from it into their columns",
        needs_corpus: "only to count what sites repeat (`repeats`)",
        costly: true,
        columns: &["title", "author", "published", "updated", "section", "credit"],
        signal: Some(Signal::Chrome),
        rules: rules::embedded,
        fixture: include_str!("../../../tests/stages/boilerplate.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        let (stripper, rules, mut models) = self.stripper(surroundings, model::Model::embedded())?;
        models.push(Model { name: "model of chrome".to_owned(), sha256: model::Model::digest() });
        let stage =
            if self.repeats { Stage::Global(Box::new(Informed(stripper))) } else { Stage::Local(Box::new(stripper)) };
        let asks = (!self.remove.is_empty()).then(|| (ShapeRule::UserRemove.name(), "remove"));
        let asked = asks.into_iter().collect();
        let removes = Removes::BLOCKS;
        Ok(Configured { asked, models, removes, edits: true, counts_copies: true, ..Configured::new(stage, rules) })
    }
}

impl Boilerplate {
    /// The stage with this model, its rules, and the packs.
    fn stripper(
        &self,
        surroundings: &Surroundings<'_>,
        model: &'static model::Model,
    ) -> Result<(Stripper, Vec<RuleInfo>, Vec<Model>), StageError> {
        let bar = self.bar()?;
        let (packs, models) = load(&self.packs, surroundings)?;
        let rules: Vec<_> = packs.iter().flat_map(|pack| &pack.rule).collect();
        let cuts: Vec<_> = packs.iter().flat_map(|pack| &pack.cut).collect();
        let told = rules::of(&packs);
        let mut seen = HashSet::new();
        if let Some(twice) = told.iter().find(|rule| !seen.insert(&rule.name)) {
            return Err(StageError::new("packs", format!("the rule `{}` stands twice", twice.name))
                .hint("give each rule of your packs an id of its own"));
        }
        let wrong = |message: String| StageError::new("packs", message);
        let stripper = Stripper {
            phrases: Phrases::new(&rules).map_err(wrong)?,
            cuts: Cuts::new(&cuts).map_err(wrong)?,
            keep: patterns("keep", &self.keep)?,
            remove: patterns("remove", &self.remove)?,
            metadata: self.metadata,
            model,
            bar,
            rule_words: rules.iter().map(|rule| model::word(&rule.id)).collect(),
            telling: rules.iter().map(|rule| rule.telling).collect(),
            first_cut: rules.len() as u16,
            first_shape: (rules.len() + cuts.len()) as u16,
        };
        Ok((stripper, told, models))
    }

    /// How the score is found below which a block goes.
    fn bar(&self) -> Result<Bar, StageError> {
        match self.threshold {
            None => Ok(Bar::of_mode(self.mode)),
            Some(share) if (0.0..=1.0).contains(&share) => Ok(Bar::Fixed((share * 255.0) as u8)),
            Some(share) => Err(StageError::new("threshold", format!("{share} is no score"))
                .hint("scores go from 0 (chrome) to 1 (article); leave it out, and each page finds its own")),
        }
    }
}

/// Reads the packs, embedded or by path, and names each with the digest of its bytes.
fn load(names: &[String], surroundings: &Surroundings<'_>) -> Result<(Vec<Pack>, Vec<Model>), StageError> {
    let (mut packs, mut models) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        let field = format!("packs[{at}]");
        let embedded = pack::EMBEDDED.iter().find(|pack| pack.name == name);
        let text = match embedded {
            Some(embedded) => embedded.text(),
            None => std::fs::read_to_string(surroundings.folder.join(name)).map_err(|error| {
                StageError::new(&field, format!("cannot read the phrase pack `{name}`: {error}"))
                    .hint("write the name of an embedded pack (`news`) or the path of a pack relative to the config")
            })?,
        };
        let pack = embedded.map_or_else(|| Pack::parse(&text), pack::Embedded::pack);
        let pack =
            pack.map_err(|error| StageError::new(&field, format!("the phrase pack `{name}` cannot be read: {error}")))?;
        models.push(Model {
            name: format!("{} {}", pack.name, pack.version),
            sha256: hash::hex(&hash::sha256(text.as_bytes())),
        });
        packs.push(pack);
    }
    Ok((packs, models))
}

/// A text of more blocks is no article and no page, and of what is measured of each block there would be more than of its text: only
/// what the user asks for goes.
const MOST_BLOCKS: usize = 1 << 17;

/// What is decided on one block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Verdict {
    /// Nothing speaks against it.
    #[default]
    Kept,
    /// A phrase rule found it.
    Phrase(u16),
    /// A shape rule found it: the measured value and its threshold.
    Shape(ShapeRule, f64, f64),
    /// It stands in a passage of `words` words that stands on the page before, `least` being enough: the same as the block `first`.
    Copy { first: usize, words: usize, least: usize },
    /// The user wants it kept.
    Held,
}

/// The stage where it is told what a site repeats.
struct Informed(Stripper);

impl GlobalStage for Informed {
    fn round(&self, _number: usize) -> Round<'_> {
        Round::Group(&Repeats)
    }

    /// Counting blocks depends on no option.
    fn options_of(&self, _number: usize) -> Option<String> {
        Some(String::new())
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        repeats::leave_shares(document, decisions);
        self.0.apply(document, mark);
    }

    fn local(&self) -> Option<&dyn LocalStage> {
        Some(&self.0)
    }
}

impl LocalStage for Stripper {
    fn apply(&self, document: &mut Document, mark: Mark) {
        if document.kept_count() > MOST_BLOCKS {
            let (at, verdicts): (Vec<usize>, Vec<Verdict>) =
                document.kept().filter_map(|block| Some((block.index(), self.asked(block.text())?))).unzip();
            return self.carry_out(document, &at, &verdicts, mark);
        }
        let Seen { at, texts, mut evidence, order } = self.see(document, Block::is_kept);
        let mut verdicts: Vec<Verdict> = texts.iter().map(|text| self.asked(text).unwrap_or_default()).collect();
        if is_listing(&texts, &evidence) {
            return self.carry_out(document, &at, &verdicts, mark);
        }
        let named =
            |at: usize| texts.get(at).is_some_and(|text| !evidence::is_stopped(text) && self.model.names_chrome(text));
        repeated::repeated_on_site(&texts, &evidence, &mut verdicts, named);
        let scores = self.is_page(&texts, &evidence).then(|| self.scores(document, &at, &evidence));
        if let Some(scores) = &scores {
            let named: Vec<bool> = (0..texts.len()).map(named).collect();
            let judged = shape::Judged { named: &named, scores: &scores.blocks, bar: self.bar.of(scores) };
            shape::decide(&texts, &mut evidence, &mut verdicts, judged);
            copies::repeated_on_page(&texts, &evidence, &mut verdicts);
        } else {
            plain::decide(&texts, &mut evidence, &mut verdicts);
        }
        if self.metadata {
            let blocks: Vec<(&str, bool)> =
                blocks_at(document, &at).map(|block| (block.text(), block.blank_before())).collect();
            let scores = scores.as_ref().map(|scores| scores.blocks.as_slice());
            let url = document.facts().url.as_deref();
            let gathered = facts::gather(&blocks, &evidence, scores, url, order);
            for line in &gathered.lines {
                if let (Some(verdict @ Verdict::Kept), Some(block)) = (verdicts.get_mut(*line), evidence.get(*line)) {
                    *verdict = Verdict::Shape(ShapeRule::FactLine, block.words as f64, facts::FACT_LINE as f64);
                }
            }
            let mut facts = document.facts().clone();
            gathered.fill(&mut facts);
            if facts != *document.facts() {
                *document.facts_mut() = facts;
            }
        }
        self.carry_out(document, &at, &verdicts, mark);
    }

    fn evidence(&self, document: &Document, index: StageIndex) -> Vec<Weighed> {
        if document.blocks().len() > MOST_BLOCKS {
            return Vec::new();
        }
        let here = |block: Block<'_>| block.removal().is_none_or(|removal| removal.stage >= index);
        let Seen { at, evidence, .. } = self.see(document, here);
        let scores = self.scores(document, &at, &evidence);
        let weigh = |(row, block): (usize, Block<'_>)| {
            let removal = block.removal().filter(|removal| removal.stage == index)?;
            let rule = removal.rule.0.checked_sub(self.first_shape)?;
            let by_model = ShapeRule::ALL.get(usize::from(rule)).is_some_and(|rule| rule.is_of_model());
            by_model.then(|| Weighed { block: block.number(), pieces: self.model.pieces(&scores, row) })
        };
        blocks_at(document, &at).enumerate().filter_map(weigh).collect()
    }

    fn taken_for(&self, document: &Document, index: StageIndex) -> Option<String> {
        if document.blocks().len() > MOST_BLOCKS {
            return Some(format!("a text of more than {MOST_BLOCKS} lines: nothing in it is chrome"));
        }
        let here = |block: Block<'_>| block.removal().is_none_or(|removal| removal.stage >= index);
        let Seen { texts, evidence, .. } = self.see(document, here);
        if texts.is_empty() {
            return None;
        }
        if is_listing(&texts, &evidence) {
            return Some("a listing of code: nothing in it is chrome".to_owned());
        }
        Some(self.signs(&texts, &evidence).to_string())
    }
}

impl Stripper {
    /// What the user asks for a block, if anything.
    fn asked(&self, text: &str) -> Option<Verdict> {
        if self.keep.is_match(text) {
            Some(Verdict::Held)
        } else if self.remove.is_match(text) {
            Some(Verdict::Shape(ShapeRule::UserRemove, 1.0, 1.0))
        } else {
            None
        }
    }

    /// Whether these blocks are those of a scraped page. Words are weighed only where that can make a difference.
    fn is_page(&self, texts: &[&str], evidence: &[Evidence]) -> bool {
        self.signs(texts, evidence).tell_a_page()
    }

    fn signs(&self, texts: &[&str], evidence: &[Evidence]) -> Signs {
        let mut signs = Signs::of(texts, evidence, &self.telling);
        if signs.may_tell_a_page() {
            signs.count_named(|at| texts.get(at).is_some_and(|text| self.model.names_chrome(text)));
        }
        signs
    }

    /// What the model makes of these blocks.
    fn scores(&self, document: &Document, at: &[usize], evidence: &[Evidence]) -> model::Scores {
        let spaced = blocks_at(document, at).map(|block| (block.text(), block.blank_before()));
        self.model.scores(spaced, evidence, &self.rule_words)
    }
}

impl Stripper {
    /// Sets the verdicts, and cuts what is glued to the edges of the blocks that stay.
    fn carry_out(&self, document: &mut Document, at: &[usize], verdicts: &[Verdict], mark: Mark) {
        let position = |at: usize| document.block(at).map(|block| document.position_of(block));
        let removed = at.iter().zip(verdicts).filter_map(|(place, verdict)| {
            let reason = match *verdict {
                Verdict::Held | Verdict::Kept => return None,
                Verdict::Phrase(rule) => Reason::new(Rule(rule)),
                Verdict::Shape(rule, value, threshold) => {
                    Reason::new(Rule(self.first_shape + rule as u16)).measured(value, threshold)
                }
                Verdict::Copy { first, words, least } => {
                    let rule = Rule(self.first_shape + ShapeRule::RepeatedOnPage as u16);
                    let first = at.get(first).and_then(|first| position(*first));
                    Reason::new(rule).measured(words as f64, least as f64).in_favour_of(first)
                }
            };
            Some((*place, reason))
        });
        let removed: Vec<(usize, Reason)> = removed.collect();
        mark.remove_blocks(document, removed);
        let mut credit = None;
        let mut verdicts = at.iter().zip(verdicts);
        mark.edit(document, |editor| {
            let index = editor.block().index();
            let Some((_, Verdict::Kept)) = verdicts.find(|(place, _)| **place == index) else { return };
            let cut = |text: &str| self.cuts.find(text).filter(|cut| cut.range.len() < text.len());
            while let Some(cut) = cut(editor.text()) {
                editor.replace(Rule(self.first_cut + cut.rule as u16), cut.range, "", 1);
                credit = credit.take().or(cut.fact.map(|(_, value)| value));
            }
        });
        if self.metadata && document.facts().credit.is_none() && credit.is_some() {
            document.facts_mut().credit = credit;
        }
    }
}
