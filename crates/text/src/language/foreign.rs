//! Detection by a fastText model: lid.176, GlotLID, OpenLID and others whose labels are languages.

use std::collections::BTreeSet;

use super::{Detected, Label, Sample, UNDECIDED, sample, script};
use crate::fasttext::Model;

/// A detector that a fastText model makes.
pub struct Foreign {
    model: Model,
    /// What each label of the model means; where that is no language, `und`.
    labels: Vec<Label>,
}

/// More than the embedded detector needs: these models have no notion of being sure early.
const SAMPLE: Sample = Sample { budget: 2048, short: 80, piece: 256 };

impl Foreign {
    /// Makes a detector of `model`.
    ///
    /// # Errors
    /// If most of its labels name no language; gives one that does not.
    pub fn new(model: Model) -> Result<Self, String> {
        let read: Vec<Option<Label>> = model.labels().iter().map(|label| Label::read(label)).collect();
        let unread: Vec<usize> = (0..read.len()).filter(|number| read[*number].is_none()).collect();
        if let Some(first) = unread.first().filter(|_| unread.len() * 2 > read.len()) {
            return Err(model.labels()[*first].clone());
        }
        let nothing = || Label { code: UNDECIDED.to_owned(), script: None };
        let labels = read.into_iter().map(|label| label.unwrap_or_else(nothing)).collect();
        Ok(Self { model, labels })
    }

    /// The codes that it can answer, sorted.
    #[must_use]
    pub fn codes(&self) -> BTreeSet<&str> {
        self.labels.iter().map(|label| label.code.as_str()).collect()
    }

    /// Tells the language of `text`, taken as it stands: these models know capitals, digits and addresses.
    #[must_use]
    pub fn detect(&self, text: &str) -> Detected<'_> {
        self.detect_blocks(std::iter::once(text))
    }

    /// Tells the language of a text given in blocks, from a bounded sample of them.
    #[must_use]
    pub fn detect_blocks<'a>(&self, blocks: impl Iterator<Item = &'a str> + Clone) -> Detected<'_> {
        let mut parts = Vec::new();
        sample(blocks, SAMPLE, |part| parts.push(part));
        let (prevailing, letters) = script::prevailing(parts.iter().copied());
        if letters == 0 {
            return Detected::undecided(prevailing, letters);
        }
        let Some((best, score)) = self.model.best(parts.iter().copied()) else {
            return Detected::undecided(prevailing, letters);
        };
        let Label { code, script } = &self.labels[best];
        Detected { code, script: script.as_deref().unwrap_or(prevailing), score, letters }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(name: &str) -> Result<Foreign, String> {
        let bytes = std::fs::read(format!("{}/tests/fasttext/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        Foreign::new(Model::read(bytes.as_slice(), bytes.len() as u64).unwrap())
    }

    #[test]
    fn labels_become_codes_and_scripts() {
        let foreign = foreign("softmax.bin").unwrap();
        assert_eq!(foreign.codes().into_iter().collect::<Vec<_>>(), ["de", "en", "fr", "zh"]);
        let told = foreign.detect("市议会 周一 晚上 经过 长时间 辩论 通过 了 新 预算");
        assert_eq!((told.code, told.script), ("zh", "Hans"));
        let told = foreign.detect_blocks(["Le musée près", "du fleuve ouvre lundi soir."].into_iter());
        assert_eq!((told.code, told.script), ("fr", "Latn"));
        assert!(told.score > 0.5, "{told:?}");
    }

    #[test]
    fn text_without_letters_is_undecided() {
        assert_eq!(foreign("tree.bin").unwrap().detect("12:45 — 33 %"), Detected::undecided("Zyyy", 0));
    }

    #[test]
    fn a_model_of_other_things_is_refused_with_a_label() {
        assert_eq!(foreign("softmax-words.bin").err().unwrap(), "__label__hq");
    }
}
