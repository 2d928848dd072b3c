//! Shape and position rules: what the blocks around a block, and its place on the page, say about it.

use super::Verdict;
use super::evidence::Evidence;
use super::model::PAGE;
use super::pack::Effect;
use super::phrases::Hit;
use tamis_text::characters::{is_alphanumeric, is_uppercase};
use tamis_text::date::is_ideograph;

/// Rules that are no phrases. The order is that of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeRule {
    /// One of the config's `remove` expressions.
    UserRemove,
    /// A good part of the site's documents have it. Measured: that part, against the limit.
    RepeatedOnSite,
    /// The model takes it for chrome, and it stands before the article's first block. Measured: its score, against the bar.
    BeforeArticle,
    /// Likewise, between two blocks of the article.
    InsideArticle,
    /// Likewise, after the article's last block.
    AfterArticle,
    /// Likewise, on a page that has no article.
    NoArticle,
    /// Behind a phrase after which the article is over, on a page too short for the model to know its parts.
    AfterTheEnd,
    /// A short piece of chrome that touches other chrome: a counter, a lone symbol, a word of a menu.
    BesideChrome,
    /// A day that stands alone beside other chrome.
    DateLine,
    /// A place in the head of the article, after its byline or its date.
    PlaceLine,
    /// The page has the passage twice. Measured: its words, against the least. Named: the block that stays.
    RepeatedOnPage,
    /// The author or a day was taken from it, and it says nothing else. Measured: its words, against the most.
    FactLine,
}

impl ShapeRule {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::UserRemove,
        Self::RepeatedOnSite,
        Self::BeforeArticle,
        Self::InsideArticle,
        Self::AfterArticle,
        Self::NoArticle,
        Self::AfterTheEnd,
        Self::BesideChrome,
        Self::DateLine,
        Self::PlaceLine,
        Self::RepeatedOnPage,
        Self::FactLine,
    ];

    /// The model decided, by the score of the block.
    pub fn is_of_model(self) -> bool {
        matches!(self, Self::BeforeArticle | Self::InsideArticle | Self::AfterArticle | Self::NoArticle)
    }

    /// Its name in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserRemove => "user_remove",
            Self::RepeatedOnSite => "repeated_on_site",
            Self::BeforeArticle => "before_article",
            Self::InsideArticle => "inside_article",
            Self::AfterArticle => "after_article",
            Self::NoArticle => "no_article",
            Self::AfterTheEnd => "after_the_end",
            Self::BesideChrome => "beside_chrome",
            Self::DateLine => "date_line",
            Self::PlaceLine => "place_line",
            Self::RepeatedOnPage => "repeated_on_page",
            Self::FactLine => "fact_line",
        }
    }
}

/// What the model says: a score a block (0 chrome, 255 article), and the score below which a block goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub scores: &'a [u8],
    pub bar: u8,
    /// Blocks whose own words name chrome.
    pub named: &'a [bool],
}

/// Decides on every block that nothing was decided on yet.
pub(super) fn decide(texts: &[&str], evidence: &mut [Evidence], verdicts: &mut [Verdict], judged: Judged<'_>) {
    acquit_sentences(evidence, judged);
    let evidence = &*evidence;
    let gone = |at: &usize| matches!(verdicts.get(*at), Some(Verdict::Shape(..)));
    let prose = |at: &usize| !gone(at) && evidence.get(*at).is_some_and(|evidence| evidence.prose);
    let first = (0..evidence.len()).find(prose);
    let last = (0..evidence.len()).rev().find(prose);
    let title = headline(texts, evidence);
    let open: Vec<bool> = verdicts.iter().map(|verdict| matches!(verdict, Verdict::Kept)).collect();
    for ((verdict, evidence), open) in verdicts.iter_mut().zip(evidence).zip(&open) {
        if let Some(hit) = evidence.hit.filter(|_| *open && evidence.removed_anywhere()) {
            *verdict = Verdict::Phrase(hit.rule);
        }
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
    if evidence.len() < PAGE {
        after_the_end(evidence, verdicts, last);
    }
    below_the_bar(evidence, verdicts, title, judged);
    beside_chrome(texts, evidence, verdicts, title, outside);
}

/// Forgets phrases of sentences that look like the article: of two that begin alike, one may be a notice and the other a line of
/// the story, and the model sees where they stand.
fn acquit_sentences(evidence: &mut [Evidence], judged: Judged<'_>) {
    let sentences = evidence.iter_mut().zip(judged.scores).filter(|(block, _)| block.found_in_sentence());
    sentences.filter(|(_, score)| **score >= judged.bar).for_each(|(block, _)| block.acquit());
}

/// Words of a sentence that may be a quotation.
pub(super) const SENTENCE: usize = 12;

/// Removes the headlines and remarks after a phrase such as "most read" that stands after the last paragraph.
pub(super) fn after_the_end(evidence: &[Evidence], verdicts: &mut [Verdict], last: Option<usize>) {
    let Some(last) = last else { return };
    let ends = |block: &Evidence| block.removed_anywhere() && block.hit.is_some_and(|hit| hit.ends);
    let Some(end) = (last + 1..evidence.len()).find(|at| evidence.get(*at).is_some_and(ends)) else { return };
    for (verdict, block) in verdicts.iter_mut().zip(evidence).skip(end + 1) {
        if matches!(verdict, Verdict::Kept) && !(block.ends_sentence && block.words >= 6) {
            *verdict = Verdict::Shape(ShapeRule::AfterTheEnd, 1.0, 1.0);
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

/// Removes what the model takes for chrome: the blocks that score below the bar.
fn below_the_bar(evidence: &[Evidence], verdicts: &mut [Verdict], title: Option<usize>, judged: Judged<'_>) {
    let stays = |score: &u8| *score >= judged.bar;
    let first = judged.scores.iter().position(stays);
    let last = judged.scores.iter().rposition(stays);
    let part = parts_of_article(evidence, judged);
    for (at, ((verdict, evidence), score)) in verdicts.iter_mut().zip(evidence).zip(judged.scores).enumerate() {
        // What is too short for a page loses no sentence on the word of the model alone.
        let sentence = evidence.ends_sentence && evidence.words >= 6 && judged.scores.len() < PAGE;
        let kept = stays(score) || sentence || part.get(at).is_some_and(|part| *part) || Some(at) == title;
        if kept || !matches!(verdict, Verdict::Kept) {
            continue;
        }
        let rule = match first.zip(last) {
            None => ShapeRule::NoArticle,
            Some((first, _)) if at < first => ShapeRule::BeforeArticle,
            Some((_, last)) if at > last => ShapeRule::AfterArticle,
            Some(_) => ShapeRule::InsideArticle,
        };
        *verdict = by_phrase_or(evidence, Verdict::Shape(rule, in_one(*score), in_one(judged.bar)));
    }
}

/// Which blocks are parts of the article although they score below the bar: runs of a few lines between blocks that do not, in
/// which neither a phrase nor chrome's own words stand. The ingredients of a recipe, the times of a live blog, the answers of an
/// interview and the rows of a table look like nothing else in their article.
fn parts_of_article(evidence: &[Evidence], judged: Judged<'_>) -> Vec<bool> {
    let below: Vec<bool> = judged.scores.iter().map(|score| *score < judged.bar).collect();
    let names_chrome = |at: usize| {
        evidence.get(at).is_some_and(|block| block.is_chrome_elsewhere())
            || judged.named.get(at).is_some_and(|named| *named)
    };
    let mut parts = vec![false; below.len()];
    let mut at = 0;
    for run in below.chunk_by(|a, b| a == b) {
        let range = at..at + run.len();
        at = range.end;
        let inside = range.start > 0 && range.end < below.len();
        if inside && run.first() == Some(&true) && run.len() <= RUN && !range.clone().any(names_chrome) {
            parts.get_mut(range).unwrap_or_default().fill(true);
        }
    }
    // A single sentence between the article and the chrome that begins beside it is the article's last one, or its first.
    let sentence = |at: usize| evidence.get(at).is_some_and(|block| block.prose || block.ends_sentence);
    let open = |at: usize| at < below.len() && !names_chrome(at);
    let after = below.iter().rposition(|below| !below).map(|last| last + 1);
    let before = below.iter().position(|below| !below).and_then(|first| first.checked_sub(1));
    let beyond =
        |at: usize, further: Option<usize>| (sentence(at) && open(at) && !further.is_some_and(open)).then_some(at);
    let alone =
        [after.and_then(|at| beyond(at, at.checked_add(1))), before.and_then(|at| beyond(at, at.checked_sub(1)))];
    for at in alone.into_iter().flatten() {
        parts[at] = true;
    }
    parts
}

/// Lines that an article has in a row at most, none of which looks like it.
const RUN: usize = 20;

/// The rule of the phrase that finds the block says more than where the block stands.
fn by_phrase_or(block: &Evidence, otherwise: Verdict) -> Verdict {
    block.hit.map_or(otherwise, |hit| Verdict::Phrase(hit.rule))
}

/// 255ths as a share of one, to three digits.
fn in_one(score: u8) -> f64 {
    f64::from(u32::from(score) * 1000 / 255) / 1000.0
}

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
                by_phrase_or(block, Verdict::Shape(ShapeRule::BesideChrome, block.words as f64, 2.0))
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
pub(super) fn is_place(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| {
        let word = word.rsplit(['’', '\'']).next().unwrap_or(word);
        word.trim_start_matches('(').chars().next().is_some_and(is_uppercase)
    };
    text.contains(',') && words.len() <= 8 && !text.ends_with('.') && words.iter().all(capital)
}

/// The headline: what stands right above the byline or the date, else the block before the first paragraph that speaks of
/// the same matter as the article.
pub(super) fn headline(texts: &[&str], evidence: &[Evidence]) -> Option<usize> {
    let first = evidence.iter().position(|evidence| evidence.prose)?;
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
    for word in text.split(|character: char| !is_alphanumeric(character)).filter(|word| word.len() >= 4) {
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
