//! What goes from a text that is no scraped page: lines that only a site writes, at its ends.
//!
//! Between the paragraphs of a clean text a phrase says next to nothing: an article about cookie banners quotes them, somebody in a
//! novel says "read more", and many sentences begin as notices do. So sentences stay; of the rest go whole phrases before the first
//! paragraph and after the last, and inside only what a rule calls unmistakable there.

use super::Verdict;
use super::evidence::{Evidence, is_stopped};
use super::model::PAGE;
use super::pack::Effect;
use super::shape::{self, ShapeRule};

/// Blocks from either end of a text within which a line may stand at its end.
const REACH: usize = 30;
/// Words up to which what ends with a full stop is something that somebody says: labels have none, and notices are longer.
const SAID: usize = 2;

/// Blocks after the first paragraph within which a byline, a date or a credit may stand: below a standfirst and a caption.
const FACTS: usize = 12;
/// Words of a notice of rights at most.
const NOTICE: usize = 20;

/// Decides on every block that nothing was decided on yet, and forgets the phrases that say nothing here.
pub(super) fn decide(texts: &[&str], evidence: &mut [Evidence], verdicts: &mut [Verdict]) {
    let (first, last) = (evidence.iter().position(|block| block.prose), evidence.iter().rposition(|block| block.prose));
    let head = first.unwrap_or(evidence.len()).min(REACH);
    let tail = last.map_or(0, |last| last + 1).max(evidence.len().saturating_sub(REACH));
    let outside = |at: usize| at < head || at >= tail;
    for (at, ((block, text), verdict)) in evidence.iter().zip(texts).zip(verdicts.iter_mut()).enumerate() {
        let Some(hit) = block.hit.filter(|_| block.removed_anywhere()) else { continue };
        let notice = at >= tail && is_notice(text.trim(), block);
        let fact = block.is_fact();
        let there = outside(at) || hit.inside || fact && at < head + FACTS;
        let sure = (hit.whole || hit.inside || fact) && !block.found_in_sentence() && !is_said(text, block) || notice;
        if sure && there && matches!(verdict, Verdict::Kept) {
            *verdict = Verdict::Phrase(hit.rule);
        }
    }
    if evidence.len() < PAGE {
        shape::after_the_end(evidence, verdicts, last);
    }
    for at in (0..head).rev().chain(tail..evidence.len()) {
        keep_company(texts, evidence, verdicts, at);
    }
    for at in (0..evidence.len()).filter(|at| outside(*at)) {
        keep_company(texts, evidence, verdicts, at);
    }
    behind_facts(texts, evidence, verdicts);
    for (block, verdict) in evidence.iter_mut().zip(verdicts) {
        if block.hit.is_some() && matches!(verdict, Verdict::Kept) {
            block.acquit();
        }
    }
}

/// Removes what stands beside a line that goes, on the side away from the text: a notice that is a sentence, a day, a word of a menu;
/// and a word or two between two such lines.
fn keep_company(texts: &[&str], evidence: &[Evidence], verdicts: &mut [Verdict], at: usize) {
    let gone = |at: Option<usize>| {
        at.and_then(|at| verdicts.get(at))
            .is_some_and(|verdict| matches!(verdict, Verdict::Phrase(_) | Verdict::Shape(..)))
    };
    let (Some(block), Some(text), Some(Verdict::Kept)) = (evidence.get(at), texts.get(at), verdicts.get(at)) else {
        return;
    };
    let (before, after) = (gone(at.checked_sub(1)), gone(at.checked_add(1)));
    let farther_out = if at * 2 < evidence.len() { after } else { before };
    let fragment = block.words <= 2 && !block.ends_sentence;
    let verdict = match block.hit {
        Some(hit) if (before || after) && block.removed_anywhere() && !is_said(text, block) => {
            Verdict::Phrase(hit.rule)
        }
        Some(hit) if farther_out && hit.whole => Verdict::Phrase(hit.rule),
        None if block.day_alone && (before || after) => Verdict::Shape(ShapeRule::DateLine, 1.0, 1.0),
        None if block.symbols && farther_out || fragment && before && after => {
            Verdict::Shape(ShapeRule::BesideChrome, block.words as f64, 2.0)
        }
        _ => return,
    };
    if let Some(slot) = verdicts.get_mut(at) {
        *slot = verdict;
    }
}

/// Removes the rest of a credit (the name of the site after it) and the number of a picture after a date.
fn behind_facts(texts: &[&str], evidence: &[Evidence], verdicts: &mut [Verdict]) {
    for at in 1..evidence.len() {
        let (Some(fact), Some(Verdict::Phrase(_)), Some(block), Some(text)) =
            (evidence.get(at - 1), verdicts.get(at - 1), evidence.get(at), texts.get(at))
        else {
            continue;
        };
        let credit = fact.hit.is_some_and(|hit| hit.effect == Effect::Credit);
        let number = fact.is_fact() && !text.contains(char::is_alphabetic);
        let fragment =
            block.words <= 2 && !block.ends_sentence && block.hit.is_none_or(|hit| hit.effect == Effect::Edge);
        if let Some(verdict @ Verdict::Kept) = verdicts.get_mut(at).filter(|_| fragment && (credit || number)) {
            *verdict = Verdict::Shape(ShapeRule::BesideChrome, block.words as f64, 2.0);
        }
    }
}

/// Whether somebody says it: "Next."
fn is_said(text: &str, block: &Evidence) -> bool {
    block.words <= SAID && is_stopped(text.trim_end())
}

/// Whether a sentence after a text has the form of a notice: the sign of rights at its beginning, or brackets around all of it.
fn is_notice(text: &str, block: &Evidence) -> bool {
    let signed = text.split_once('©').is_some_and(|(before, _)| before.split_whitespace().nth(1).is_none());
    signed && block.words <= NOTICE || text.starts_with(['(', '（', '[']) && text.ends_with([')', '）', ']'])
}
