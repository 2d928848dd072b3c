//! What goes from a text that is no scraped page: lines that only a site writes, at its ends.
//!
//! Between the paragraphs of a clean text a phrase says next to nothing: an article about cookie banners quotes them, somebody in a
//! novel says "read more", and many sentences begin as notices do. So sentences stay; of the rest go whole phrases before the first
//! paragraph and after the last, and inside only what a rule calls unmistakable there.

use super::Verdict;
use super::evidence::{Evidence, is_stopped};
use super::model::PAGE;
use super::shape::{self, ShapeRule};

/// Blocks from either end of a text within which a line may stand at its end.
const REACH: usize = 30;
/// Words up to which what ends with a full stop is something that somebody says: labels have none, and notices are longer.
const SAID: usize = 2;

/// Words of a notice of rights at most.
const NOTICE: usize = 20;

/// Decides on every block that nothing was decided on yet, and forgets the phrases that say nothing here.
pub(super) fn decide(texts: &[&str], evidence: &mut [Evidence], verdicts: &mut [Verdict]) {
    let running = |block: &Evidence| block.prose || block.found_in_sentence();
    let (first, last) = (evidence.iter().position(running), evidence.iter().rposition(running));
    let head = first.unwrap_or(evidence.len()).min(REACH);
    let tail = last.map_or(0, |last| last + 1).max(evidence.len().saturating_sub(REACH));
    for (at, ((block, text), verdict)) in evidence.iter_mut().zip(texts).zip(verdicts.iter_mut()).enumerate() {
        let Some(hit) = block.hit else { continue };
        let said = block.words <= SAID && is_stopped(text.trim_end());
        // A sentence that bears the sign is a notice, and behind a text no part of it.
        let notice = at >= tail && text.contains('©') && block.words <= NOTICE;
        if block.found_in_sentence() && !notice || said || !(at < head || at >= tail || hit.inside) {
            block.acquit();
        } else if (hit.whole || hit.inside || block.is_fact() || notice)
            && block.removed_anywhere()
            && matches!(verdict, Verdict::Kept)
        {
            *verdict = Verdict::Phrase(hit.rule);
        }
    }
    if evidence.len() < PAGE {
        shape::after_the_end(evidence, verdicts, last);
    }
    let gone = |verdict: &Verdict| matches!(verdict, Verdict::Phrase(_) | Verdict::Shape(..));
    // What a site writes beside such a line stands farther out: the line itself is nearest to the text.
    let above = verdicts.iter().take(head).rposition(gone).unwrap_or(0);
    let below = verdicts.iter().skip(tail).position(gone).map_or(evidence.len(), |at| tail + at);
    for (at, (block, verdict)) in evidence.iter().zip(verdicts.iter_mut()).enumerate() {
        let company = block.symbols || block.day_alone || block.hit.is_some_and(|hit| hit.whole);
        if (at < above || at > below) && company && matches!(verdict, Verdict::Kept) {
            let rule = if block.day_alone { ShapeRule::DateLine } else { ShapeRule::BesideChrome };
            *verdict = block.hit.map_or(Verdict::Shape(rule, 1.0, 1.0), |hit| Verdict::Phrase(hit.rule));
        }
    }
}
