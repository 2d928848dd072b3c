//! What the training script sees: the features as the judge itself makes them.

use super::page::Page;
use super::{Model, buckets, features, measure};
use crate::evidence::Evidence;
use crate::facts;
use crate::pack::{EMBEDDED, Embedded, Pack};
use crate::phrases::Phrases;
use crate::scraped::{self, Signs};

/// Makes features of pages.
pub struct Features {
    phrases: Phrases,
    /// For each phrase rule the hash of its name, and whether it tells a page.
    rules: Vec<u32>,
    telling: Vec<bool>,
}

/// The features of one page's blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Their names.
    pub names: Vec<&'static str>,
    /// One after the other, a byte a block.
    pub values: Vec<u8>,
}

impl Features {
    /// With the embedded phrase packs.
    ///
    /// # Errors
    /// What is wrong with a pack.
    pub fn new() -> Result<Self, String> {
        let packs: Vec<Pack> = EMBEDDED.iter().map(Embedded::pack).collect::<Result<_, _>>()?;
        let rules: Vec<_> = packs.iter().flat_map(|pack| &pack.rule).collect();
        let telling = rules.iter().map(|rule| rule.telling).collect();
        let hashes = rules.iter().map(|rule| measure::word(&rule.id)).collect();
        Ok(Self { phrases: Phrases::new(&rules)?, rules: hashes, telling })
    }

    /// The buckets of the words of each block.
    #[must_use]
    pub fn words(&self, blocks: &[(&str, bool)]) -> Vec<Vec<u32>> {
        let evidence = self.evidence(blocks);
        let page = Page::new(blocks.iter().copied(), &evidence, &self.rules, &[]);
        let of = |(block, evidence): (&super::page::Seen, &Evidence)| {
            let rule = evidence.hit.and_then(|hit| self.rules.get(usize::from(hit.rule)).copied());
            buckets::buckets(&block.measures, &page.tokens, rule).collect()
        };
        page.blocks.iter().zip(&evidence).map(of).collect()
    }

    /// The features with these weights of words.
    #[must_use]
    pub fn look(&self, blocks: &[(&str, bool)], weights: &[i8]) -> Columns {
        let evidence = self.evidence(blocks);
        let page = Page::new(blocks.iter().copied(), &evidence, &self.rules, weights);
        let matrix = features::features(&page);
        Columns { names: matrix.names, values: matrix.values }
    }

    /// What tells a scraped page, by name.
    #[must_use]
    pub fn signs(&self, blocks: &[(&str, bool)]) -> Vec<(&'static str, i32)> {
        let texts: Vec<&str> = blocks.iter().map(|(text, _)| *text).collect();
        let mut signs = Signs::of(&texts, &self.evidence(blocks), &self.telling);
        signs.count_named(|at| blocks.get(at).is_some_and(|(text, _)| Model::embedded().names_chrome(text)));
        scraped::TRAITS.into_iter().zip(signs.traits).collect()
    }

    fn evidence(&self, blocks: &[(&str, bool)]) -> Vec<Evidence> {
        let texts: Vec<&str> = blocks.iter().map(|(text, _)| *text).collect();
        let order = facts::order(&texts, None);
        let mut folded = String::new();
        let of = |text: &&str| Evidence::of(text, &self.phrases, order, &mut folded);
        texts.iter().map(of).collect()
    }
}
