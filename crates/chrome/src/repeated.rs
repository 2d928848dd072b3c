//! What a site repeats: which of the blocks that many of its documents have are its chrome.
//!
//! Repetition alone says little. The questions of an interview series, the ingredients of a recipe site, the rows of its tables
//! and a refrain are repeated too. So a block goes if a phrase finds it too, or where a site's frame stands: in the run of
//! repeated blocks at the very beginning or end of a document. Words that speak for chrome count there, and between such blocks.

use super::Verdict;
use super::evidence::Evidence;
use super::shape::{SENTENCE, ShapeRule, headline};

/// Share of a site's documents from which on a block is common; for sentences, which an agency may have written, and for what
/// is a part of the site's frame by that alone.
const COMMON: f64 = 0.15;
const COMMON_SENTENCE: f64 = 0.25;
const VERY_COMMON: f64 = 0.5;
/// Words of a block that is no heading.
const NO_HEADING: usize = 6;
/// Numbers that make a block the row of a table.
const ROW: usize = 2;

/// Removes the chrome among the common blocks. `sounds_like_chrome` tells a block, by its place, whose words speak for chrome.
pub(super) fn repeated_on_site(
    texts: &[&str],
    evidence: &[Evidence],
    verdicts: &mut [Verdict],
    sounds_like_chrome: impl Fn(usize) -> bool,
) {
    let Some(limits) = limits(evidence) else { return };
    if is_version(evidence, &limits) {
        return;
    }
    let title = headline(texts, evidence);
    let frame = Frame::of(evidence, &limits);
    for (at, (block, limit)) in evidence.iter().zip(&limits).enumerate() {
        let (Some(share), Some(limit), Some(verdict @ Verdict::Kept)) =
            (block.share_of_site.map(f64::from), limit, verdicts.get_mut(at))
        else {
            continue;
        };
        // A phrase that says so is the better reason.
        if Some(at) == title || block.removed_anywhere() {
            continue;
        }
        let text = texts.get(at).copied().unwrap_or_default();
        let is_chrome = if block.is_chrome_elsewhere() {
            block.words >= NO_HEADING || frame.is_loose(at, share)
        } else if !is_row(text, block) && sounds_like_chrome(at) {
            frame.holds(at) || frame.is_between(at)
        } else {
            frame.holds(at) && !could_be_content(text, block, share)
        };
        if is_chrome {
            let share = (share * 1000.0).floor() / 1000.0;
            *verdict = Verdict::Shape(ShapeRule::RepeatedOnSite, share, *limit);
        }
    }
}

/// The limit that each block's share of the site reaches, if it does; nothing if no block's does.
fn limits(evidence: &[Evidence]) -> Option<Vec<Option<f64>>> {
    let reached = |block: &Evidence| {
        let limit = if block.ends_sentence && block.words >= SENTENCE { COMMON_SENTENCE } else { COMMON };
        block.share_of_site.filter(|share| f64::from(*share) >= limit).map(|_| limit)
    };
    let limits: Vec<Option<f64>> = evidence.iter().map(reached).collect();
    limits.iter().any(Option::is_some).then_some(limits)
}

/// Whether more of the paragraphs stand elsewhere on the site than not: the document is a copy or a version of others, and they
/// are no chrome.
fn is_version(evidence: &[Evidence], limits: &[Option<f64>]) -> bool {
    let prose = |repeated: bool| -> usize {
        let blocks = evidence.iter().zip(limits).filter(|(block, limit)| block.prose && limit.is_some() == repeated);
        blocks.map(|(block, _)| block.chars).sum()
    };
    prose(true) > prose(false)
}

/// Whether a block in the site's frame may be a part of the article that others have too: a question, a row of a table, and what
/// less than half of the site's documents have, if it is a sentence (the last step of a recipe) or as short as an ingredient.
fn could_be_content(text: &str, block: &Evidence, share: f64) -> bool {
    let is_question = text.trim_end_matches(['"', '”', '»', '*', ' ']).ends_with(['?', '？', '؟', ';']);
    is_question || is_row(text, block) || share < VERY_COMMON && (block.ends_sentence || block.words < NO_HEADING)
}

/// Whether the block is the row of a table: numbers beside a name.
fn is_row(text: &str, block: &Evidence) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count();
    numbers >= ROW && block.words <= SENTENCE && !block.ends_sentence
}

/// Where a site's frame stands around a document.
struct Frame {
    /// For each block: nothing speaks for its being the article's own.
    common: Vec<bool>,
    /// The first and last paragraph of the article's own.
    article: Option<(usize, usize)>,
    /// Blocks before `top` and from `bottom` on are common.
    top: usize,
    bottom: usize,
}

impl Frame {
    fn of(evidence: &[Evidence], limits: &[Option<f64>]) -> Self {
        let is_common = |(block, limit): (&Evidence, &Option<f64>)| {
            limit.is_some() || block.removed_anywhere() || block.symbols || block.day_alone
        };
        let common: Vec<bool> = evidence.iter().zip(limits).map(is_common).collect();
        let own = |(block, limit): (&Evidence, &Option<f64>)| block.prose && limit.is_none();
        let mut own = evidence.iter().zip(limits).map(own);
        let first = own.clone().position(|own| own);
        let article = first.zip(own.rposition(|own| own));
        let top = common.iter().take_while(|common| **common).count();
        let bottom = common.len() - common.iter().rev().take_while(|common| **common).count();
        Self { common, article, top, bottom }
    }

    /// Whether the block stands in the run of common blocks at the document's beginning or end, and the document has more.
    fn holds(&self, at: usize) -> bool {
        self.article.is_some() && (at < self.top || at >= self.bottom)
    }

    /// Whether both neighbours are common, or missing.
    fn is_between(&self, at: usize) -> bool {
        let gone = |at: Option<usize>| at.and_then(|at| self.common.get(at)).is_none_or(|common| *common);
        self.article.is_some() && gone(at.checked_sub(1)) && gone(Some(at + 1))
    }

    /// Whether a heading at this place would have no text below it: in the frame, between common blocks, or outside of the article
    /// and very common.
    fn is_loose(&self, at: usize, share: f64) -> bool {
        let outside = self.article.is_some_and(|(first, last)| at < first || at > last);
        self.holds(at) || self.is_between(at) || outside && share >= VERY_COMMON
    }
}
