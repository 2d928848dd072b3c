//! The model of chrome: how much each block of a page looks like its article, learnt from labelled pages.
//!
//! Each block is judged by its own shape and words, its place, its neighbours, and the words it shares with the page. All
//! features are bytes, all sums whole numbers, so every machine decides alike. `scripts/boilerplate` learns the weights from
//! features that this code makes, so serving and training cannot differ.

use std::sync::LazyLock;

use super::evidence::Evidence;
use tamis_text::hash;

mod bar;
mod buckets;
mod dense;
mod features;
mod matrix;
mod measure;
mod network;
mod page;
mod topic;
pub mod training;
mod weigh;

pub(crate) use bar::PAGE;
pub use bar::{Bar, Mode};
pub(super) use measure::word;

use matrix::Matrix;
use network::{Context, Network};
use page::Page;

static PACKED: &[u8] = include_bytes!("../../data/weights.zst");

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let bytes = zstd::decode_all(PACKED).expect("the embedded weights are whole");
    Model::read(&bytes).expect("the embedded weights are well formed")
});

/// Sum of the weights of a block's words from which they speak for chrome.
const CHROME: i32 = -16;

/// What was learnt.
pub struct Model {
    /// A weight a bucket of words.
    words: Vec<i8>,
    network: Network,
}

/// What the model makes of a page.
pub struct Scores {
    /// How much each block looks like the article: 0 chrome, 255 article.
    pub(crate) blocks: Vec<u8>,
    /// The block's share of the page's words.
    words: Vec<u32>,
    matrix: Matrix,
    /// What the page said to the network.
    context: Context,
}

impl Model {
    /// The embedded model.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &MODEL
    }

    /// SHA-256 of the weights as the binary holds them, in hexadecimal.
    #[must_use]
    pub fn digest() -> String {
        hash::hex(&hash::sha256(PACKED))
    }

    /// Whether the words of `text` speak for chrome.
    pub(crate) fn names_chrome(&self, text: &str) -> bool {
        let mut tokens = Vec::new();
        let measures = measure::measure(text, &mut tokens);
        buckets::Weighed::of(&self.words, buckets::buckets(&measures, &tokens, None)).sum <= CHROME
    }

    /// Scores the blocks, each with whether a blank line stands before it. `rules`: the hash of each phrase rule's name.
    pub(crate) fn scores<'a>(
        &self,
        blocks: impl Iterator<Item = (&'a str, bool)>,
        evidence: &[Evidence],
        rules: &[u32],
    ) -> Scores {
        let page = Page::new(blocks, evidence, rules, &self.words);
        let matrix = features::features(&page);
        let words = page.blocks.iter().map(|block| block.measures.words).collect();
        let (blocks, context) = self.network.scores(&matrix);
        Scores { blocks, words, matrix, context }
    }

    /// Reads the weights: those of the words, then the network. Nothing, where they are damaged.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (words, mut rest) = bytes.split_at_checked(buckets::BUCKETS)?;
        let words = words.iter().map(|byte| *byte as i8).collect();
        let network = Network::read(&mut rest)?;
        rest.is_empty().then_some(Self { words, network })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_ask_for_features_that_there_are() {
        let page = Page::new(std::iter::empty(), &[], &[], &MODEL.words);
        let matrix = features::features(&page);
        assert!(MODEL.network.features() <= matrix.names.len());
        let mut names = matrix.names.clone();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), matrix.names.len(), "each feature has a name of its own");
    }

    #[test]
    fn weights_that_are_cut_short_are_no_model() {
        let bytes = zstd::decode_all(PACKED).expect("the embedded weights are whole");
        assert!(Model::read(&bytes).is_some());
        assert!(Model::read(&bytes[..bytes.len() - 1]).is_none());
        assert!(Model::read(&bytes[..1000]).is_none());
        assert!(Model::read(&[bytes, vec![0]].concat()).is_none(), "nor are those with something behind them");
    }
}
