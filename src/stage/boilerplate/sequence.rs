//! Which blocks of a page are the article: one decision over the sequence of blocks.
//!
//! Each block speaks for or against being the article, in whole points; changing between article and chrome costs points, so
//! that a short heading between two paragraphs stays and the same words in a menu go. The best labelling is found exactly
//! (Viterbi over two states). Whole numbers only: every machine decides alike.

use super::evidence::Evidence;
use super::pack::Effect;

/// What changing between article and chrome costs.
const CHANGE: i32 = 7;

/// Points of each block (positive: article), and whether the best labelling takes it as article.
pub(super) fn label(points: &[i32]) -> Vec<bool> {
    let mut came_from = Vec::with_capacity(points.len());
    let (mut article, mut chrome) = (0i32, 0i32);
    for points in points {
        let (into_article, into_chrome) = (chrome - CHANGE, article - CHANGE);
        came_from.push((article >= into_article, chrome >= into_chrome));
        (article, chrome) = (article.max(into_article) + points, chrome.max(into_chrome) - points);
    }
    let mut is_article = article >= chrome;
    let mut labels = vec![false; points.len()];
    for (label, (stayed_article, stayed_chrome)) in labels.iter_mut().zip(&came_from).rev() {
        *label = is_article;
        is_article = if is_article { *stayed_article } else { !*stayed_chrome };
    }
    labels
}

/// How much a block by itself speaks for being the article.
pub(super) fn points(evidence: &Evidence) -> i32 {
    if let Some(hit) = evidence.hit {
        return match hit.effect {
            // A line such as `Read also: …` or an advertisement's label stands between paragraphs as often as behind them.
            Effect::Remove if hit.ends => -6,
            Effect::Remove => -2,
            Effect::Hint => -5,
            Effect::Edge => -3,
            _ => -1,
        };
    }
    if evidence.day_alone || evidence.symbols {
        return -2;
    }
    if evidence.code {
        return 0;
    }
    match (evidence.prose, evidence.ends_sentence) {
        (true, _) if evidence.chars >= 240 => 9,
        (true, _) if evidence.chars >= 120 => 6,
        (true, _) => 4,
        (_, true) if evidence.words >= 4 => 2,
        _ if evidence.words <= 2 => -4,
        _ if evidence.words <= 4 => -3,
        _ if evidence.words <= 8 => -2,
        _ if evidence.words <= 16 => -1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_between_paragraphs_stays_and_a_menu_goes() {
        let page = [-4, -4, -3, -4, 9, 6, -3, 9, -4, -4, -4];
        let expected = [false, false, false, false, true, true, true, true, false, false, false];
        assert_eq!(label(&page), expected);
        assert_eq!(label(&[]), Vec::<bool>::new());
    }
}
