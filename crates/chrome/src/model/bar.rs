//! The score below which a block goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Scores;

/// What weighs more: that no chrome stays, or that nothing of the article goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Removes what is more likely chrome than article.
    Precise,
    /// Weighs both alike.
    #[default]
    Balanced,
    /// Removes only what is almost surely chrome.
    KeepMore,
}

/// How the bar of a page is found.
#[derive(Debug, Clone, Copy)]
pub enum Bar {
    /// The same on each page.
    Fixed(u8),
    /// Half of what the harmonic mean of precision and recall is expected to be on the page at best, times this many
    /// hundredths. Where the model is sure of a page, a block must look more like the article than not; where it is not,
    /// keeping too much costs less than keeping too little. (Half of the best mean is the bar that reaches it: Ye, Chai, Lee
    /// and Chieu, Optimizing F-measures: a tale of two approaches, 2012.)
    Expected(u32),
}

/// Blocks from which a text is a page. The model learnt from whole pages, so it is believed less on what is shorter: mostly
/// articles with a few stray lines.
pub(crate) const PAGE: usize = 32;

impl Bar {
    /// What a mode asks for.
    #[must_use]
    pub fn of_mode(mode: Mode) -> Self {
        Self::Expected(match mode {
            Mode::Precise => 125,
            Mode::Balanced => 95,
            Mode::KeepMore => 60,
        })
    }

    /// The bar of this page: blocks with a lower score go.
    pub(crate) fn of(self, scores: &Scores) -> u8 {
        let hundredths = match self {
            Self::Fixed(bar) => return bar,
            Self::Expected(hundredths) if scores.blocks.len() < PAGE => hundredths / 2,
            Self::Expected(hundredths) => hundredths,
        };
        // Words by score: the best cut is one between two scores.
        let mut words = [0u64; 256];
        for (score, count) in scores.blocks.iter().zip(&scores.words) {
            words[usize::from(*score)] += u64::from(*count);
        }
        let all: u64 = words.iter().zip(0u64..).map(|(count, score)| count * score).sum();
        let (mut found, mut kept, mut best) = (0, 0, 0);
        for score in (0..=255).rev() {
            let count = words[score];
            found += count * score as u64;
            kept += count * 255;
            // Twice what is found, of what is kept and what there is: in 255ths.
            best = best.max(2 * 255 * found / (kept + all).max(1));
        }
        (best * u64::from(hundredths) / 200).min(255) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Matrix;
    use super::super::network::Context;
    use super::*;

    fn scores(blocks: &[(u8, u32)]) -> Scores {
        let (blocks, words) = blocks.iter().copied().unzip();
        Scores { blocks, words, matrix: Matrix::default(), context: Context::default() }
    }

    #[test]
    fn a_sure_page_asks_for_more_than_an_unsure_one() {
        let bar = Bar::Expected(100);
        assert_eq!(bar.of(&scores(&[(255, 100), (0, 100)].repeat(PAGE))), 127);
        // All of it may be the article: keeping all gives 2 * 0.25 / (1 + 0.25) = 0.4.
        assert_eq!(bar.of(&scores(&[(64, 100)].repeat(PAGE))), 51);
        // A few lines are no page.
        assert_eq!(bar.of(&scores(&[(255, 100), (0, 100)])), 63);
        assert_eq!(bar.of(&scores(&[])), 0);
        assert_eq!(Bar::Fixed(9).of(&scores(&[(255, 100)])), 9);
    }

    #[test]
    fn each_mode_keeps_what_the_stricter_one_keeps() {
        let page = scores(&[(255, 100), (130, 20), (100, 20), (30, 50)]);
        let [precise, balanced, keep_more] =
            [Mode::Precise, Mode::Balanced, Mode::KeepMore].map(|mode| Bar::of_mode(mode).of(&page));
        assert!(precise > balanced && balanced > keep_more, "{precise} {balanced} {keep_more}");
    }
}
