//! The judge of a text: the phrases and cuts of some packs, and the model.

use tamis_text::date::NumericOrder;

use crate::cuts::{Cuts, Found};
use crate::evidence::{Evidence, is_stopped};
use crate::facts::{self, Gathered};
use crate::model::{self, Bar, Model, Scores};
use crate::pack::Pack;
use crate::phrases::Phrases;
use crate::scraped::Signs;
use crate::shape::{self, ShapeRule};
use crate::{copies, plain, repeated};

/// Judges texts. It is made once and serves all threads.
pub struct Judge {
    phrases: Phrases,
    cuts: Cuts,
    model: &'static Model,
    bar: Bar,
    /// Hash of each phrase rule's name: the model weighs it as it weighs words.
    rule_words: Vec<u32>,
    /// Whether each phrase rule tells a scraped page.
    telling: Vec<bool>,
}

/// A block of a text.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// Its text.
    pub text: &'a str,
    /// Whether a blank line stands before it.
    pub blank_before: bool,
    /// Share of the site's documents that have it, where it is known to be no chance.
    pub share_of_site: Option<f32>,
}

/// A text that was looked at: its blocks, and what is measured of each.
pub struct Seen<'a> {
    pub(crate) texts: Vec<&'a str>,
    /// Whether a blank line stands before each.
    spaced: Vec<bool>,
    pub(crate) evidence: Vec<Evidence>,
    /// The order of day and month in numbers.
    pub(crate) order: NumericOrder,
}

/// What a text is.
pub enum Kind {
    /// A listing of code: nothing in it is chrome, and it tells no facts.
    Listing,
    /// A text that is no scraped page.
    Plain,
    /// A scraped page, with what the model makes of its blocks.
    Page(Scores),
}

/// What is decided on one block.
#[derive(Debug, Clone, Copy, Default)]
pub enum Verdict {
    /// Nothing speaks against it.
    #[default]
    Kept,
    /// A phrase rule found it: its number among those of all packs.
    Phrase(u16),
    /// A shape rule found it: the measured value and its threshold.
    Shape(ShapeRule, f64, f64),
    /// It stands in a passage that stands in the text before.
    Copy {
        /// Place of the block of which it is a copy.
        first: usize,
        /// Words of the passage.
        words: usize,
        /// Words that are enough.
        least: usize,
    },
    /// The user wants it kept.
    Held,
}

impl Judge {
    /// With these packs.
    ///
    /// # Errors
    /// Names the rule of a pack that cannot be used, and what is wrong with it.
    pub fn new(packs: &[Pack], model: &'static Model, bar: Bar) -> Result<Self, String> {
        let rules: Vec<_> = packs.iter().flat_map(|pack| &pack.rule).collect();
        let cuts: Vec<_> = packs.iter().flat_map(|pack| &pack.cut).collect();
        Ok(Self {
            phrases: Phrases::new(&rules)?,
            cuts: Cuts::new(&cuts)?,
            model,
            bar,
            rule_words: rules.iter().map(|rule| model::word(&rule.id)).collect(),
            telling: rules.iter().map(|rule| rule.telling).collect(),
        })
    }

    /// Looks at the blocks of a text. `url`: its address, where that is known.
    pub fn see<'a>(&self, blocks: impl Iterator<Item = Block<'a>> + Clone, url: Option<&str>) -> Seen<'a> {
        let texts: Vec<&str> = blocks.clone().map(|block| block.text).collect();
        let order = facts::order(&texts, url);
        let mut folded = String::new();
        let measured = |block: Block<'_>| Evidence {
            share_of_site: block.share_of_site,
            ..Evidence::of(block.text, &self.phrases, order, &mut folded)
        };
        let spaced = blocks.clone().map(|block| block.blank_before).collect();
        let evidence = blocks.map(measured).collect();
        Seen { texts, spaced, evidence, order }
    }

    /// Decides on each block whose verdict is still [`Verdict::Kept`], and says what the text is.
    pub fn decide(&self, seen: &mut Seen<'_>, verdicts: &mut [Verdict]) -> Kind {
        if seen.is_listing() {
            return Kind::Listing;
        }
        let Seen { texts, evidence, .. } = &*seen;
        let named = |at: usize| texts.get(at).is_some_and(|text| !is_stopped(text) && self.model.names_chrome(text));
        repeated::repeated_on_site(texts, evidence, verdicts, named);
        if !self.signs(seen).tell_a_page() {
            plain::decide(&seen.texts, &mut seen.evidence, verdicts);
            return Kind::Plain;
        }
        let scores = self.scores(seen);
        let named: Vec<bool> = (0..texts.len()).map(named).collect();
        let judged = shape::Judged { named: &named, scores: &scores.blocks, bar: self.bar.of(&scores) };
        shape::decide(&seen.texts, &mut seen.evidence, verdicts, judged);
        copies::repeated_on_page(&seen.texts, &seen.evidence, verdicts);
        Kind::Page(scores)
    }

    /// Takes the facts from a text on which [`Judge::decide`] decided. Blocks that say nothing else get a verdict.
    pub fn gather(&self, seen: &Seen<'_>, kind: &Kind, url: Option<&str>, verdicts: &mut [Verdict]) -> Gathered {
        let scores = match kind {
            Kind::Listing => return Gathered::default(),
            Kind::Plain => None,
            Kind::Page(scores) => Some(scores.blocks.as_slice()),
        };
        let blocks: Vec<(&str, bool)> = seen.blocks().collect();
        let gathered = facts::gather(&blocks, &seen.evidence, scores, url, seen.order);
        for line in &gathered.lines {
            if let (Some(verdict @ Verdict::Kept), Some(block)) = (verdicts.get_mut(*line), seen.evidence.get(*line)) {
                *verdict = Verdict::Shape(ShapeRule::FactLine, block.words as f64, facts::FACT_LINE as f64);
            }
        }
        gathered
    }

    /// The first cut that a block needs which stays.
    #[must_use]
    pub fn cut(&self, text: &str) -> Option<Found> {
        self.cuts.find(text)
    }

    /// What the model makes of the blocks.
    #[must_use]
    pub fn scores(&self, seen: &Seen<'_>) -> Scores {
        self.model.scores(seen.blocks(), &seen.evidence, &self.rule_words)
    }

    /// The pieces of evidence on the block at this place and what each adds to its score, from -1 to 1, the weightiest first: below
    /// zero it speaks for chrome. Those that change nothing are left out.
    #[must_use]
    pub fn pieces(&self, scores: &Scores, at: usize) -> Vec<(&'static str, f64)> {
        self.model.pieces(scores, at)
    }

    /// What tells whether the text is a scraped page. Words are weighed only where that can make a difference.
    #[must_use]
    pub fn signs(&self, seen: &Seen<'_>) -> Signs {
        let mut signs = Signs::of(&seen.texts, &seen.evidence, &self.telling);
        if signs.may_tell_a_page() {
            signs.count_named(|at| seen.texts.get(at).is_some_and(|text| self.model.names_chrome(text)));
        }
        signs
    }
}

impl<'a> Seen<'a> {
    /// The texts of the blocks.
    #[must_use]
    pub fn texts(&self) -> &[&'a str] {
        &self.texts
    }

    /// The blocks, each with whether a blank line stands before it.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (&'a str, bool)> {
        self.texts.iter().copied().zip(self.spaced.iter().copied())
    }

    /// Whether a third of the lines look like code or stand between two fences of Markdown: a listing is no article, and nothing of
    /// it is chrome.
    #[must_use]
    pub fn is_listing(&self) -> bool {
        let texts = self.texts.iter().enumerate();
        let fences: Vec<usize> = texts.filter(|(_, text)| text.starts_with("```")).map(|(at, _)| at).collect();
        let (fenced, _) = fences.as_chunks();
        let between = fenced.iter().filter_map(|[open, close]| self.evidence.get(open + 1..*close)).flatten();
        let code = self.evidence.iter().filter(|line| line.code).count() + between.filter(|line| !line.code).count();
        code >= 8 && code * 3 >= self.evidence.len()
    }
}
