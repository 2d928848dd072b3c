//! Shape and position rules: what the blocks around a block, and its place on the page, say about it.

use super::Verdict;
use super::evidence::Evidence;
use super::pack::Effect;
use super::phrases::Hit;
use super::sequence;
use crate::text::date::is_ideograph;

/// Rules that are no phrases. The order is that of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShapeRule {
    /// One of the config's `remove` expressions.
    UserRemove,
    /// A block before the article's first paragraph. Measured: its points in the sequence.
    BeforeArticle,
    /// A block between two parts of the article.
    InsideArticle,
    /// A block after the article's last paragraph.
    AfterArticle,
    /// A short piece of chrome that touches other chrome: a counter, a lone symbol, a word of a menu.
    BesideChrome,
    /// A day that stands alone beside other chrome.
    DateLine,
    /// A place in the head of the article, behind its byline or its date.
    PlaceLine,
}

impl ShapeRule {
    pub const ALL: [Self; 7] = [
        Self::UserRemove,
        Self::BeforeArticle,
        Self::InsideArticle,
        Self::AfterArticle,
        Self::BesideChrome,
        Self::DateLine,
        Self::PlaceLine,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::UserRemove => "user_remove",
            Self::BeforeArticle => "before_article",
            Self::InsideArticle => "inside_article",
            Self::AfterArticle => "after_article",
            Self::BesideChrome => "beside_chrome",
            Self::DateLine => "date_line",
            Self::PlaceLine => "place_line",
        }
    }
}

/// Decides on every block that nothing was decided on yet. Gives the headline's index, if there is one.
pub(super) fn decide(texts: &[&str], evidence: &[Evidence], verdicts: &mut [Verdict]) -> Option<usize> {
    let prose = |at: &usize| evidence.get(*at).is_some_and(|evidence| evidence.prose);
    let first = (0..evidence.len()).find(prose);
    let last = (0..evidence.len()).rev().find(prose);
    let title = headline(texts, evidence, first);
    let open: Vec<bool> = verdicts.iter().map(|verdict| matches!(verdict, Verdict::Kept)).collect();
    for ((verdict, evidence), open) in verdicts.iter_mut().zip(evidence).zip(&open) {
        if let Some(hit) = evidence.hit.filter(|_| *open && evidence.removed_anywhere()) {
            *verdict = Verdict::Phrase(hit.rule);
        }
    }
    let chrome = evidence.iter().filter(|evidence| evidence.removed_anywhere()).count();
    if chrome == 0 {
        return title;
    }
    let span = first.zip(last);
    let head = head_end(evidence, first);
    let outside = |at: usize| span.is_some_and(|(first, last)| at < first.max(head) || at > last);
    for (at, evidence) in evidence.iter().enumerate() {
        let edge =
            |hit: &Hit| hit.effect == Effect::Edge && outside(at) || hit.ends && last.is_some_and(|last| at > last);
        let edge = evidence.hit.filter(edge);
        if let (Some(hit), Some(verdict @ Verdict::Kept)) = (edge, verdicts.get_mut(at)) {
            *verdict = Verdict::Phrase(hit.rule);
        }
    }
    after_the_end(evidence, verdicts, last);
    if is_page(evidence) {
        page(evidence, verdicts, title);
    }
    beside_chrome(texts, evidence, verdicts, title, outside);
    title
}

/// Removes the short lines behind the head of a list of other stories, of comments or the like, behind the last paragraph.
fn after_the_end(evidence: &[Evidence], verdicts: &mut [Verdict], last: Option<usize>) {
    let Some(last) = last else { return };
    let mut ended = false;
    for (verdict, evidence) in verdicts.iter_mut().zip(evidence).skip(last + 1) {
        ended |= evidence.hit.is_some_and(|hit| hit.ends) && matches!(verdict, Verdict::Phrase(_));
        if ended && matches!(verdict, Verdict::Kept) && !evidence.ends_sentence && !evidence.code {
            *verdict = Verdict::Shape(ShapeRule::AfterArticle, evidence.words as f64, 0.0);
        }
    }
}

/// One past the last byline, date or credit near the top: a standfirst may stand before them, and is a paragraph.
fn head_end(evidence: &[Evidence], first: Option<usize>) -> usize {
    let near = first.map_or(0, |first| first + 12);
    let mut facts =
        evidence.iter().take(near).enumerate().filter(|(_, evidence)| evidence.is_fact() && evidence.hit.is_some());
    facts.next_back().map_or(0, |(at, _)| at + 2)
}

/// Whether the text is a page with its chrome left in, rather than an article with a few stray lines.
fn is_page(evidence: &[Evidence]) -> bool {
    let hits = evidence.iter().filter(|evidence| evidence.hit.is_some()).count();
    let chrome = evidence.iter().filter(|evidence| evidence.removed_anywhere()).count();
    chrome >= 2 && hits >= 8 && hits * 20 >= evidence.len()
}

/// The sequence decision over a whole page.
fn page(evidence: &[Evidence], verdicts: &mut [Verdict], title: Option<usize>) {
    let mut points: Vec<i32> = evidence.iter().map(sequence::points).collect();
    if let Some(title) = title.and_then(|title| points.get_mut(title)) {
        *title = (*title).max(4);
    }
    let mut body = 0;
    let mut ended = false;
    for (points, evidence) in points.iter_mut().zip(evidence) {
        if ended {
            *points -= 3;
        }
        if evidence.prose {
            body += evidence.chars;
        }
        ended |= body >= 600 && evidence.hit.is_some_and(|hit| hit.ends);
    }
    let labels = sequence::label(&points);
    let first = labels.iter().position(|label| *label);
    let last = labels.iter().rposition(|label| *label);
    let Some((first, last)) = first.zip(last) else { return };
    let proven = proven(&labels, evidence);
    for (at, ((label, verdict), points)) in labels.iter().zip(verdicts.iter_mut()).zip(&points).enumerate() {
        if *label || !matches!(verdict, Verdict::Kept) || Some(at) == title {
            continue;
        }
        let rule = if at < first {
            ShapeRule::BeforeArticle
        } else if at > last {
            ShapeRule::AfterArticle
        } else if proven.get(at).copied().unwrap_or_default() {
            ShapeRule::InsideArticle
        } else {
            continue;
        };
        *verdict = Verdict::Shape(rule, f64::from(*points), 0.0);
    }
}

/// For each block of chrome, whether at least one in `BLOCKS_A_HIT` of the run that it stands in was found by a phrase.
///
/// A list or a table inside an article is a run of short lines too; a menu or a form also has words that only sites write.
fn proven(labels: &[bool], evidence: &[Evidence]) -> Vec<bool> {
    let mut proven = Vec::with_capacity(labels.len());
    for run in labels.chunk_by(|a, b| a == b) {
        let blocks = evidence.iter().skip(proven.len()).take(run.len());
        let hits = blocks.filter(|evidence| evidence.hit.is_some()).count();
        proven.extend(std::iter::repeat_n(hits * BLOCKS_A_HIT >= run.len(), run.len()));
    }
    proven
}

/// Measured on the development pages: 4 leaves menus in, 12 takes out lists of articles.
const BLOCKS_A_HIT: usize = 8;

/// Removes small pieces at the head and tail that touch what was removed.
fn beside_chrome(
    texts: &[&str],
    evidence: &[Evidence],
    verdicts: &mut [Verdict],
    title: Option<usize>,
    outside: impl Fn(usize) -> bool,
) {
    for _ in 0..4 {
        let mut changed = false;
        for at in 0..texts.len() {
            let (Some(text), Some(block)) = (texts.get(at), evidence.get(at)) else { continue };
            if !matches!(verdicts.get(at), Some(Verdict::Kept)) || !outside(at) || title == Some(at) {
                continue;
            }
            let gone = |at: Option<usize>| {
                at.and_then(|at| verdicts.get(at))
                    .is_some_and(|verdict| matches!(verdict, Verdict::Phrase(_) | Verdict::Shape(..)))
            };
            let before = gone(at.checked_sub(1));
            let after = gone(Some(at + 1));
            let hint = block.hit.is_some_and(|hit| hit.effect == Effect::Hint);
            let fragment = block.words <= 2 && !block.ends_sentence;
            let behind_title = title.is_some_and(|title| title < at);
            let after_fact = at.checked_sub(1).and_then(|at| evidence.get(at)).is_some_and(Evidence::is_fact);
            let verdict = if block.day_alone && (before || after) {
                Verdict::Shape(ShapeRule::DateLine, 1.0, 1.0)
            } else if (hint || block.symbols) && (before || after) || fragment && before && (after || behind_title) {
                Verdict::Shape(ShapeRule::BesideChrome, block.words as f64, 2.0)
            } else if before && after_fact && is_place(text) {
                Verdict::Shape(ShapeRule::PlaceLine, block.words as f64, 8.0)
            } else {
                continue;
            };
            if let Some(slot) = verdicts.get_mut(at) {
                *slot = verdict;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

/// `Washington DC, États-Unis d’Amérique (USA)`: names with a comma between them and no sentence.
fn is_place(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| {
        let word = word.rsplit(['’', '\'']).next().unwrap_or(word);
        word.trim_start_matches('(').chars().next().is_some_and(char::is_uppercase)
    };
    text.contains(',') && words.len() <= 8 && !text.ends_with('.') && words.iter().all(capital)
}

/// The headline: what stands right above the byline or the date, else the block before the first paragraph that speaks of
/// the same matter as the article.
fn headline(texts: &[&str], evidence: &[Evidence], first: Option<usize>) -> Option<usize> {
    let first = first?;
    let could_be = |block: &Evidence| block.hit.is_none() && !block.day_alone && block.words >= 3 && block.chars <= 220;
    let dated = |at: &usize| evidence.get(*at).is_some_and(|block| block.hit.is_some() && block.is_fact());
    if let Some(fact) = (1..first).find(dated) {
        // A standfirst may stand between: a headline seldom ends as a sentence does.
        let above = [fact.checked_sub(1), fact.checked_sub(2)].into_iter().flatten();
        let title = |at: &usize| evidence.get(*at).is_some_and(|block| could_be(block) && !block.ends_sentence);
        if let Some(title) = above.take_while(|at| evidence.get(*at).is_some_and(&could_be)).find(title) {
            return Some(title);
        }
    }
    let paragraphs = texts.iter().zip(evidence).skip(first).filter(|(_, evidence)| evidence.prose).take(4);
    let mut body: Vec<u64> = paragraphs.flat_map(|(text, _)| words(text)).collect();
    body.sort_unstable();
    let mut best: Option<(i64, usize)> = None;
    for at in first.saturating_sub(30)..first {
        let (Some(text), Some(block)) = (texts.get(at), evidence.get(at)) else { continue };
        if block.hit.is_some() || block.day_alone || block.words < 3 || block.chars > 220 {
            continue;
        }
        let mut own = words(text);
        own.sort_unstable();
        own.dedup();
        let shared = own.iter().filter(|word| body.binary_search(word).is_ok()).count();
        if own.len() < 2 || shared * 5 < own.len() * 2 {
            continue;
        }
        // A word shared with the article counts as much as twenty blocks of distance to its first paragraph.
        let score = 20 * shared as i64 - (first - at) as i64;
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, at));
        }
    }
    best.map(|(_, at)| at)
}

/// Hashes of the words of `text` that carry its matter: from four letters on, or pairs of characters in scripts without spaces.
fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| word.len() >= 4) {
        if word.chars().any(is_ideograph) {
            let pairs = word.chars().zip(word.chars().skip(1));
            words.extend(pairs.map(|(a, b)| u64::from(a) << 32 | u64::from(b)));
        } else if word.chars().nth(3).is_some() {
            words.push(
                word.chars()
                    .flat_map(char::to_lowercase)
                    .fold(FNV, |hash, character| (hash ^ u64::from(character)).wrapping_mul(FNV_PRIME)),
            );
        }
    }
    words
}

/// Fowler, Noll and Vo's offset and prime for 64 bits; a collision only counts a word as shared.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
