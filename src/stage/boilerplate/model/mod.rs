//! The model of chrome: how much each block of a page looks like its article, learnt from labelled pages.
//!
//! Each block is judged by its own shape and words, its place, its neighbours, and the words it shares with the page. All
//! features are bytes, all sums whole numbers, so every machine decides alike. `scripts/boilerplate` learns the weights from
//! features that this code makes, so serving and training cannot differ.

use std::sync::LazyLock;

use super::evidence::Evidence;
use crate::text::hash;

mod bar;
mod dense;
mod features;
mod matrix;
mod measure;
mod network;
mod page;
mod topic;
pub mod training;
mod weigh;
mod words;

pub use bar::Mode;
pub(super) use bar::{Bar, PAGE, SURE_BLOCKS};
pub(super) use measure::word;

use matrix::Matrix;
use network::{Context, Network};
use page::Page;

static PACKED: &[u8] = include_bytes!("../../../../data/boilerplate/weights.zst");

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let bytes = zstd::decode_all(PACKED).expect("the embedded weights are whole");
    Model::read(&bytes).expect("the embedded weights are well formed")
});

/// What was learnt.
pub(super) struct Model {
    /// A weight a bucket of words.
    words: Vec<i8>,
    /// Networks that learnt alike but not from the same: a block's score is the mean of theirs, which is more often right.
    networks: Vec<Network>,
}

/// What the model makes of a page.
pub(super) struct Scores {
    /// How much each block looks like the article: 0 chrome, 255 article.
    pub blocks: Vec<u8>,
    /// The block's share of the page's words.
    words: Vec<u32>,
    matrix: Matrix,
    /// What the page said to each network.
    contexts: Vec<Context>,
}

impl Model {
    /// The embedded model.
    pub fn embedded() -> &'static Self {
        &MODEL
    }

    /// SHA-256 of the weights as the binary holds them, in hexadecimal.
    pub fn digest() -> String {
        hash::hex(&hash::sha256(PACKED))
    }

    /// Scores the blocks, each with whether a blank line stands before it. `rules`: the hash of each phrase rule's name. Nothing
    /// where all networks must be sure of the page and one is not.
    pub fn scores<'a>(
        &self,
        blocks: impl Iterator<Item = (&'a str, bool)>,
        evidence: &[Evidence],
        rules: &[u32],
        must_be_sure: bool,
    ) -> Option<Scores> {
        let page = Page::new(blocks, evidence, rules, &self.words);
        let matrix = features::features(&page);
        let words: Vec<u32> = page.blocks.iter().map(|block| block.measures.words).collect();
        let mut sums = vec![0; matrix.rows];
        let mut contexts = Vec::with_capacity(self.networks.len());
        for network in &self.networks {
            let (scores, context) = network.scores(&matrix);
            if must_be_sure && !bar::is_sure(&scores, &words) {
                return None;
            }
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += u32::from(score));
            contexts.push(context);
        }
        Some(Scores { blocks: sums.into_iter().map(|sum| self.mean(sum)).collect(), words, matrix, contexts })
    }

    /// The mean of the networks' scores of a block, of which this is the sum.
    fn mean(&self, sum: u32) -> u8 {
        let count = self.networks.len() as u32;
        ((sum + count / 2) / count.max(1)) as u8
    }

    /// Reads the weights: those of the words, then the networks.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (words, mut rest) = bytes.split_at_checked(words::BUCKETS)?;
        let words = words.iter().map(|byte| *byte as i8).collect();
        let mut networks = vec![Network::read(&mut rest)?];
        while !rest.is_empty() {
            networks.push(Network::read(&mut rest)?);
        }
        Some(Self { words, networks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_ask_for_features_that_there_are() {
        let page = Page::new(std::iter::empty(), &[], &[], &MODEL.words);
        let matrix = features::features(&page);
        assert!(MODEL.networks.iter().all(|network| network.features() <= matrix.names.len()));
        let mut names = matrix.names.clone();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), matrix.names.len(), "each feature has a name of its own");
    }

    #[test]
    fn a_score_is_the_mean_of_all_networks() {
        let texts = ["A headline", "The river rose by two metres in the night, the town said.", "Share"];
        let scores = |networks: &[Network]| {
            let model = Model { words: MODEL.words.clone(), networks: networks.to_vec() };
            let evidence = vec![Evidence::default(); texts.len()];
            let scores = model.scores(texts.iter().map(|text| (*text, false)), &evidence, &[], false);
            scores.expect("it need not be sure").blocks
        };
        let [first, second] = MODEL.networks.as_slice() else { panic!("there are two") };
        let (one, other) = (scores(std::slice::from_ref(first)), scores(std::slice::from_ref(second)));
        assert_ne!(one, other, "two networks do not say the same");
        let mean = |(one, other): (&u8, &u8)| (u16::from(*one) + u16::from(*other)).div_ceil(2) as u8;
        assert_eq!(scores(&MODEL.networks), one.iter().zip(&other).map(mean).collect::<Vec<_>>());
    }

    #[test]
    fn weights_that_are_cut_short_are_no_model() {
        let bytes = zstd::decode_all(PACKED).expect("the embedded weights are whole");
        assert!(Model::read(&bytes).is_some());
        assert!(Model::read(&bytes[..bytes.len() - 1]).is_none());
        assert!(Model::read(&bytes[..1000]).is_none());
    }
}
