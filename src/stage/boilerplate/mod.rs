//! `boilerplate`: removes what a site writes around an article, and takes title, author, dates and credits from it.
//!
//! The crate `chrome` tells chrome from the article; the stage gives it the blocks of each document and carries out its verdicts.
//! Global, because what a site repeats is known once all documents are read (`repeats.rs`); with that, each document is judged
//! by itself. Local with `repeats = false`.

use std::collections::HashSet;

use regex::RegexSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patterns::patterns;
use super::{
    Configure, Configured, Decision, Found, GlobalStage, LocalStage, Model, Removes, Round, RuleInfo, Signal, Stage,
    StageError, StageInfo, Surroundings, Weighed,
};
use crate::chrome::model::{self, Bar};
use crate::chrome::pack::{self, Pack};
use crate::chrome::{self, Gathered, Judge, Seen, ShapeRule, Verdict};
use crate::document::{Block, Document, Facts, Mark, Reason, Rule, StageIndex};
use crate::text::hash;

mod repeats;
mod rules;
pub mod site;
#[cfg(test)]
mod tests;

use repeats::Repeats;

pub use crate::chrome::model::Mode;

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
    /// Whether the title leaves the text, as `[output] title = "column"` asks; the plan sets it.
    #[serde(skip)]
    pub takes_title: bool,
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
            takes_title: false,
        }
    }
}

/// The stage as it runs.
struct Stripper {
    judge: Judge,
    keep: RegexSet,
    remove: RegexSet,
    metadata: bool,
    takes_title: bool,
    /// Number of phrase rules: cuts are numbered after them.
    first_cut: u16,
    /// Shape rules are numbered after the cuts.
    first_shape: u16,
    /// What the phrase rules are made of, for whoever asks which phrase it was.
    packs: Vec<Pack>,
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
        let request = (!self.remove.is_empty()).then(|| (ShapeRule::UserRemove.name(), "remove"));
        let requested = request.into_iter().collect();
        let removes = Removes::BLOCKS;
        Ok(Configured { requested, models, removes, edits: true, counts_copies: true, ..Configured::new(stage, rules) })
    }

    fn take_title(&mut self) -> bool {
        self.takes_title = true;
        true
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
        let told = rules::of(&packs);
        let mut seen = HashSet::new();
        if let Some(twice) = told.iter().find(|rule| !seen.insert(&rule.name)) {
            return Err(StageError::new("packs", format!("the rule `{}` stands twice", twice.name))
                .hint("give each rule of your packs an id of its own"));
        }
        let judge = Judge::new(&packs, model, bar).map_err(|message| StageError::new("packs", message))?;
        let first_cut = packs.iter().map(|pack| pack.rule.len()).sum::<usize>();
        let first_shape = first_cut + packs.iter().map(|pack| pack.cut.len()).sum::<usize>();
        let stripper = Stripper {
            judge,
            packs,
            keep: patterns("keep", &self.keep)?,
            remove: patterns("remove", &self.remove)?,
            metadata: self.metadata,
            takes_title: self.takes_title,
            first_cut: first_cut as u16,
            first_shape: first_shape as u16,
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
                document.kept().filter_map(|block| Some((block.index(), self.wish(block.text())?))).unzip();
            return self.carry_out(document, &at, &verdicts, mark);
        }
        let (at, mut seen) = self.see(document, Block::is_kept);
        let mut verdicts: Vec<Verdict> = seen.texts().iter().map(|text| self.wish(text).unwrap_or_default()).collect();
        let kind = self.judge.decide(&mut seen, &mut verdicts);
        let mut facts = document.facts().clone();
        if self.metadata {
            let gathered = self.judge.gather(&seen, &kind, facts.url.as_deref(), &mut verdicts);
            fill(gathered, &mut facts);
        }
        if let (true, Some(title)) = (self.takes_title, &facts.title) {
            take_title(title, seen.texts(), &mut verdicts);
        }
        if facts != *document.facts() {
            *document.facts_mut() = facts;
        }
        self.carry_out(document, &at, &verdicts, mark);
    }

    fn evidence(&self, document: &Document, index: StageIndex) -> Vec<Weighed> {
        if document.blocks().len() > MOST_BLOCKS {
            return Vec::new();
        }
        let here = |block: Block<'_>| block.removal().is_none_or(|removal| removal.stage >= index);
        let (at, seen) = self.see(document, here);
        let scores = self.judge.scores(&seen);
        let weigh = |(row, block): (usize, Block<'_>)| {
            let removal = block.removal().filter(|removal| removal.stage == index)?;
            let rule = removal.rule.0.checked_sub(self.first_shape)?;
            let by_model = ShapeRule::ALL.get(usize::from(rule)).is_some_and(|rule| rule.is_of_model());
            by_model.then(|| Weighed { block: block.number(), pieces: self.judge.pieces(&scores, row) })
        };
        blocks_at(document, &at).enumerate().filter_map(weigh).collect()
    }

    fn found(&self, rule: Rule, text: &str) -> Option<Found> {
        let said = if rule.0 < self.first_cut {
            let rule = self.packs.iter().flat_map(|pack| &pack.rule).nth(usize::from(rule.0))?;
            chrome::phrase_of(rule, text)?
        } else if rule.0 == self.first_shape + ShapeRule::UserRemove as u16 {
            let expression = self.remove.matches(text).iter().next()?;
            format!("`{}`", self.remove.patterns().get(expression)?)
        } else {
            return None;
        };
        Some(Found { said, name: None })
    }

    fn taken_for(&self, document: &Document, index: StageIndex) -> Option<String> {
        if document.blocks().len() > MOST_BLOCKS {
            return Some(format!("a text of more than {MOST_BLOCKS} lines: nothing in it is chrome"));
        }
        let here = |block: Block<'_>| block.removal().is_none_or(|removal| removal.stage >= index);
        let (_, seen) = self.see(document, here);
        if seen.texts().is_empty() {
            return None;
        }
        if seen.is_listing() {
            return Some("a listing of code: nothing in it is chrome".to_owned());
        }
        Some(self.judge.signs(&seen).to_string())
    }
}

impl Stripper {
    /// What the user asks for a block, if anything.
    fn wish(&self, text: &str) -> Option<Verdict> {
        if self.keep.is_match(text) {
            Some(Verdict::Held)
        } else if self.remove.is_match(text) {
            Some(Verdict::Shape(ShapeRule::UserRemove, 1.0, 1.0))
        } else {
            None
        }
    }

    /// Looks at each block for which `wanted` holds, and says where among the document's blocks they stand.
    fn see<'a>(&self, document: &'a Document, wanted: impl Fn(Block<'a>) -> bool + Clone) -> (Vec<usize>, Seen<'a>) {
        let wanted = document.blocks().filter(move |block| wanted(*block));
        let at = wanted.clone().map(Block::index).collect();
        let blocks = wanted.map(|block| chrome::Block {
            text: block.text(),
            blank_before: block.blank_before(),
            share_of_site: block.share_of_site(),
        });
        (at, self.judge.see(blocks, document.facts().url.as_deref()))
    }

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
            let cut = |text: &str| self.judge.cut(text).filter(|cut| cut.range.len() < text.len());
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

/// A title stands within so many blocks that stay.
const TITLE_WITHIN: usize = 8;

/// Removes the block that says the title again, unless nothing else stays.
fn take_title(title: &str, texts: &[&str], verdicts: &mut [Verdict]) {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (title, mut stays) = (plain(title), 0);
    let mut found = None;
    for (at, (verdict, text)) in verdicts.iter().zip(texts).enumerate() {
        if !matches!(verdict, Verdict::Kept | Verdict::Held) {
            continue;
        }
        let is_title = stays < TITLE_WITHIN && matches!(verdict, Verdict::Kept) && plain(text) == title;
        stays += 1;
        found = found.or(is_title.then_some(at));
        if found.is_some() && stays > 1 {
            break;
        }
    }
    if let (Some(at), 2..) = (found, stays) {
        verdicts[at] = Verdict::Shape(ShapeRule::FactLine, 1.0, 1.0);
    }
}

/// The blocks at these places, in order.
fn blocks_at<'a>(document: &'a Document, at: &'a [usize]) -> impl Iterator<Item = Block<'a>> {
    let mut wanted = at.iter().peekable();
    document.blocks().filter(move |block| wanted.next_if(|at| **at == block.index()).is_some())
}

/// Fills the columns that are still empty.
fn fill(gathered: Gathered, facts: &mut Facts) {
    facts.title = facts.title.take().or(gathered.title);
    facts.author = facts.author.take().or(gathered.author);
    facts.published = facts.published.or(gathered.published);
    facts.updated = facts.updated.or(gathered.updated);
    facts.credit = facts.credit.take().or(gathered.credit);
    facts.section = facts.section.take().or(gathered.section);
}

/// The stage by default with other weights than the embedded ones, for `scripts/boilerplate`.
///
/// # Errors
/// The weights are damaged.
pub fn with_weights(weights: &[u8]) -> Result<Box<dyn LocalStage>, String> {
    let model = model::Model::read(weights).ok_or("the weights are damaged")?;
    let here = Surroundings { folder: std::path::Path::new(".") };
    // A training run makes a handful of stages and ends.
    let stripper = Boilerplate::default().stripper(&here, Box::leak(Box::new(model)));
    stripper.map(|(stripper, ..)| Box::new(stripper) as Box<dyn LocalStage>).map_err(|error| error.to_string())
}
