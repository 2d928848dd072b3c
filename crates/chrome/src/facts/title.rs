//! Which line of a page is its title.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use foldhash::fast::FixedState;

use super::address::{Address, Likeness};
use super::page::{Line, Page};
use super::weights::{Features, Trait, Weights, bucket, row};
use crate::bytes::Bytes;
use tamis_text::characters::{is_alphanumeric, is_lowercase};

/// Lines from the top among which the title is looked for.
pub(super) const LINES: usize = 600;
/// Candidates that are compared with all other lines, which costs more.
pub(super) const SHORT_LIST: usize = 8;

/// What is known of the lines from elsewhere: a line holds a day, a line holds a name after a word such as `By`, and how much a line
/// looks like the article to the model, where it judges the page.
pub(super) struct Marks<'a> {
    pub days: &'a [bool],
    pub bylines: &'a [bool],
    pub scores: Option<&'a [u8]>,
    /// What the packs know of each line.
    pub hits: &'a [Known],
}

/// What the phrases of the packs know of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Known {
    #[default]
    Nothing,
    /// It is chrome wherever it stands.
    Chrome,
    /// At the edge of a page it is chrome.
    Edge,
    /// It is a word of menus, or of headings.
    Hint,
    /// It is a byline, a date line, a credit: never a title.
    Fact,
}

/// What stands before the candidates on their way from the top.
#[derive(Default)]
struct Above {
    /// Lines of four words and more that are no prose and that no phrase knows.
    long: usize,
    /// Short lines right before.
    short: usize,
}

/// A line that may be the title, and what is known of it.
#[derive(Clone)]
pub(super) struct Candidate<'w> {
    pub line: usize,
    pub features: Features<'w>,
}

/// Whether a line is the row of a table: two numbers, and no more words than numbers.
fn is_row(text: &str) -> bool {
    let is = |digit: bool| {
        text.split(char::is_whitespace).filter(move |word| word.starts_with(|c: char| c.is_ascii_digit()) == digit)
    };
    let numbers = is(true).count();
    numbers >= 2 && is(false).filter(|word| word.chars().any(char::is_alphabetic)).count() <= numbers
}

/// The lines that may be the title, in order, with what is known of them without reading them.
pub(super) fn candidates<'w>(
    page: &Page<'_>,
    marks: &Marks<'_>,
    address: &Address,
    weights: &'w Weights,
) -> Vec<Candidate<'w>> {
    let mut seen: HashSet<u64, FixedState> = HashSet::default();
    let mut candidates = Vec::with_capacity(page.lines.len().min(LINES));
    let mut alike = Vec::new();
    let none = Features::new(weights);
    let article = marks.scores.map(|scores| (scores, first_of_article(page, scores)));
    let mut above = Above::default();
    let known = |at: Option<usize>| at.and_then(|at| marks.hits.get(at)).copied().unwrap_or_default();
    for (at, line) in page.lines.iter().enumerate().take(LINES) {
        let (long, short) = (above.long, above.short);
        let hit = known(Some(at));
        above.short = if line.words <= 3 { short + 1 } else { 0 };
        above.long += usize::from(line.words >= 4 && !line.prose && hit == Known::Nothing);
        if line.chars > 260 || line.key == 0 || line.text.len() > 800 || hit == Known::Fact || is_row(line.text) {
            continue;
        }
        let mut features = none;
        features.set(Trait::End, end(line.text));
        place(page, at, line, marks, &mut features);
        features.set(Trait::Hit, hit as u8);
        features.set(Trait::HitBefore, at.checked_sub(1).map_or(5, |before| known(Some(before)) as u8));
        features.set(Trait::HitBehind, known(Some(at + 1)) as u8);
        features.set(Trait::RankLong, bucket(long, &[1, 2, 3, 5, 8, 13, 21]));
        features.set(Trait::ShortRun, bucket(short, &[1, 2, 4, 8, 16, 32]));
        if let Some((scores, first)) = article {
            let score = scores.get(at).copied().unwrap_or_default();
            features.set(Trait::Score, 1 + bucket(score.into(), &[5, 26, 64, 102, 153, 191, 230, 250]));
            // Lines before it, and one or five after it.
            features.set(
                Trait::FromArticle,
                1 + bucket((at + 32).saturating_sub(first), &[12, 24, 28, 30, 31, 32, 33, 37]),
            );
        }
        let copies = page.copies(at);
        features.set(Trait::Copies, bucket(copies, &[2, 3, 4]));
        features.set(Trait::Repeats, u8::from(copies > 1 && !seen.insert(line.key)));
        if let Some(likeness) = address.likeness(line.text) {
            compare(likeness, &mut features);
            alike.push(likeness.whole + likeness.best + likeness.covered);
        }
        candidates.push(Candidate { line: at, features });
    }
    mark_likest(&mut candidates, &alike);
    candidates
}

/// The first line of ten words or more that the model takes for the article; one past the last where there is none.
fn first_of_article(page: &Page<'_>, scores: &[u8]) -> usize {
    let is_article = |(line, score): (&Line<'_>, &u8)| line.words >= 10 && *score >= 128;
    page.lines.iter().zip(scores).position(is_article).unwrap_or(page.lines.len())
}

/// Says which lines are most like the address: 1 for the first of them, 2 for the others.
fn mark_likest(candidates: &mut [Candidate<'_>], likeness: &[usize]) {
    let most = likeness.iter().max().copied().filter(|most| *most > 0);
    let mut first = true;
    for (candidate, own) in candidates.iter_mut().zip(likeness) {
        if Some(*own) == most {
            candidate.features.set(Trait::Likest, if first { 1 } else { 2 });
            first = false;
        }
    }
}

/// Reads the lines of those of `candidates` that may come within `margin` of the best, and gives these alone, in order: no other is
/// the title or makes it less sure, and none would crowd one of these from the short list.
pub(super) fn read<'w>(
    page: &Page<'_>,
    candidates: &[Candidate<'w>],
    weights: &Weights,
    margin: i32,
) -> Vec<Candidate<'w>> {
    // What the line and its words may add, and what being held by other lines may add or take.
    let sum = |traits: &[Trait]| -> i32 { traits.iter().map(|what| gain(weights, *what)).sum() };
    let (by_line, by_words, by_others) = (sum(&LINE), sum(&WORDS), sum(&[Trait::HeldBy]));
    let loss = loss(weights, Trait::HeldBy);
    let scores = candidates.iter().map(|candidate| candidate.features.score);
    let mut order: BinaryHeap<(i32, Reverse<usize>)> = scores.zip((0..).map(Reverse)).collect();
    let mut read = Vec::new();
    let mut best = i32::MIN;
    // Whether a candidate that may reach `score` may still matter.
    let matters = |score: i32, best: i32| score + by_others + margin >= best.saturating_sub(loss);
    while let Some((_, Reverse(at))) = order.pop().filter(|(score, _)| matters(score + by_line + by_words, best)) {
        let Some(candidate) = candidates.get(at) else { continue };
        let mut candidate = candidate.clone();
        read_line(page, &mut candidate);
        if matters(candidate.features.score + by_words, best) {
            share_words(page, &mut candidate);
            best = best.max(candidate.features.score);
            read.push(candidate);
        }
    }
    read.retain(|candidate| matters(candidate.features.score, best));
    read.sort_unstable_by_key(|candidate| candidate.line);
    read
}

/// The most that a trait may add to what its first value gives.
fn gain(weights: &Weights, what: Trait) -> i32 {
    let row = row(weights, what);
    row.iter().map(|weight| i32::from(*weight) - i32::from(row[0])).max().unwrap_or_default()
}

/// The most that a trait may take from it.
fn loss(weights: &Weights, what: Trait) -> i32 {
    let row = row(weights, what);
    row.iter().map(|weight| i32::from(row[0]) - i32::from(*weight)).max().unwrap_or_default()
}

/// What is known of a candidate once its line is read, and what once its words are compared.
const LINE: [Trait; 6] = [Trait::Trail, Trait::Bar, Trait::Letters, Trait::Item, Trait::Commas, Trait::Signs];
const WORDS: [Trait; 4] = [Trait::Shared, Trait::SharedShare, Trait::SharedTwiceShare, Trait::SharedNext];

/// Adds what the line itself says.
pub(super) fn read_line(page: &Page<'_>, candidate: &mut Candidate<'_>) {
    let Some(line) = page.lines.get(candidate.line) else { return };
    let features = &mut candidate.features;
    let text = line.text;
    let bytes = Bytes::of(text);
    let has = |kind: Bytes, what: &str| bytes.have(kind) && text.contains(what);
    let trail =
        has(Bytes::WIDE, "›") || has(Bytes::WIDE, "»") || has(Bytes::GREATER, " > ") || has(Bytes::SLASH, " / ");
    features.set(Trait::Trail, u8::from(trail));
    features.set(Trait::Bar, u8::from(has(Bytes::BAR, " | ")));
    features.set(Trait::Letters, letters(line));
    features.set(Trait::Item, u8::from(is_item(text)));
    let commas = bytes.have(Bytes::COMMA) && text.bytes().filter(|byte| *byte == b',').count() >= 2;
    features.set(Trait::Commas, u8::from(commas));
    let signs = bytes.have(Bytes::AT) || has(Bytes::WIDE, "©") || has(Bytes::COLON, "://");
    features.set(Trait::Signs, u8::from(signs));
}

/// Adds which words of the line the body shares.
pub(super) fn share_words(page: &Page<'_>, candidate: &mut Candidate<'_>) {
    let features = &mut candidate.features;
    let (own, shared, shared_twice) = page.shared(candidate.line);
    features.set(Trait::Shared, bucket(shared, &[1, 2, 3, 4, 5]));
    features.set(Trait::SharedShare, share(shared, own));
    features.set(Trait::SharedTwiceShare, share(shared_twice, own));
    features.set(Trait::SharedNext, share(page.shared_behind(candidate.line), own));
}

/// Adds what costs more to the `most` best of `candidates`: how many other lines hold the same words. Those that cannot come
/// within `margin` of the best by that are left out.
pub(super) fn refine(page: &Page<'_>, candidates: &mut [Candidate<'_>], most: usize, weights: &Weights, margin: i32) {
    let gain = gain(weights, Trait::HeldBy);
    let mut order: Vec<(Reverse<i32>, usize)> =
        candidates.iter().map(|candidate| Reverse(candidate.features.score)).zip(0..).collect();
    order.sort_unstable();
    let mut best = i32::MIN;
    for (Reverse(before), at) in order.into_iter().take(most) {
        let Some(candidate) = candidates.get_mut(at) else { continue };
        let Some(own) = page.lines.get(candidate.line) else { continue };
        if (before + gain).saturating_add(margin) < best {
            return;
        }
        if own.words >= 2 || own.chars >= 6 {
            // A long needle takes long to prepare: the beginning is looked for, and what follows compared.
            let own = own.text.as_bytes();
            let finder = memchr::memmem::Finder::new(own.get(..24).unwrap_or(own));
            let holds =
                |text: &[u8]| finder.find_iter(text).any(|at| text.get(at..).is_some_and(|text| text.starts_with(own)));
            let holding = page
                .lines
                .iter()
                .filter(|line| line.text.len() > own.len() && line.text.len() < 800 && holds(line.text.as_bytes()));
            candidate.features.set(Trait::HeldBy, 1 + bucket(holding.take(3).count(), &[1, 2, 3]));
        }
        best = best.max(candidate.features.score);
    }
}

/// Adds what the line measures, where it stands, and what stands around it.
fn place(page: &Page<'_>, at: usize, line: &Line<'_>, marks: &Marks<'_>, features: &mut Features<'_>) {
    let mut set = |what: Trait, value: u8| features.set(what, value);
    set(Trait::Words, bucket(line.words, &[2, 3, 4, 6, 9, 14, 21]));
    let place = page.place(at);
    set(Trait::Place, place.min(7));
    set(Trait::PlaceWithin, place.saturating_sub(7));
    let next_prose = page.lines.iter().skip(at + 1).take(15).position(|line| line.prose);
    set(Trait::NextProse, next_prose.map_or(0, |distance| 1 + bucket(distance, &[1, 2, 3, 5, 10])));
    let prose: usize = page.lines.iter().skip(at + 1).take(15).filter(|line| line.prose).map(|line| line.chars).sum();
    set(Trait::ProseAfter, bucket(prose, &[1, 200, 500, 1000, 2000, 4000]));
    set(Trait::FromTop, bucket(at, &[1, 4, 10, 30, 100, 300]));
    set(Trait::Prose, u8::from(line.prose));
    let ahead = |marks: &[bool]| marks.iter().skip(at + 1).take(4).position(|mark| *mark).map_or(0, |at| at as u8 + 1);
    set(Trait::DayAhead, ahead(marks.days));
    set(Trait::BylineAhead, ahead(marks.bylines));
    let behind = |marks: &[bool], most: usize| {
        (1..=most).find(|back| at.checked_sub(*back).is_some_and(|at| marks.get(at) == Some(&true)))
    };
    set(Trait::DayBehind, behind(marks.days, 2).unwrap_or_default() as u8);
    set(Trait::BylineBehind, behind(marks.bylines, 1).unwrap_or_default() as u8);
    let marked = |marks: &[bool]| u8::from(marks.get(at) == Some(&true));
    set(Trait::IsDated, marked(marks.days));
    set(Trait::IsByline, marked(marks.bylines));
    let blank_behind = page.lines.get(at + 1).is_none_or(|next| next.blank_before);
    set(Trait::Blank, u8::from(line.blank_before || at == 0) * 2 + u8::from(blank_behind));
    let words = |at: Option<usize>| at.and_then(|at| page.lines.get(at)).map(|line| line.words);
    set(Trait::Before, words(at.checked_sub(1)).map_or(0, |words| 1 + bucket(words, &[3, 6])));
    set(Trait::Behind, words(Some(at + 1)).map_or(0, |words| 1 + bucket(words, &[3, 6, 13])));
}

/// Adds how like the line is to the address.
fn compare(likeness: Likeness, features: &mut Features<'_>) {
    let mut set = |what: Trait, value: u8| features.set(what, 1 + value);
    set(Trait::Address, bucket(likeness.whole, &[1, 30, 50, 70, 90]));
    let last = if likeness.long { Trait::LastLong } else { Trait::LastShort };
    set(last, bucket(likeness.last, &[1, 20, 40, 60, 80, 100]));
    let covered = if likeness.long { Trait::CoveredLong } else { Trait::CoveredShort };
    set(covered, bucket(likeness.covered, &[1, 30, 50, 70, 90, 100]));
    set(Trait::Best, bucket(likeness.best, &[1, 20, 40, 60, 80, 100]));
}

/// What the line ends with.
fn end(text: &str) -> u8 {
    match text.chars().next_back() {
        Some('.' | '。') if text.ends_with("...") => 5,
        Some('.' | '。') => 1,
        Some('?' | '？' | '؟') => 2,
        Some('!' | '！') => 3,
        Some(':' | '：') => 4,
        Some('…') => 5,
        _ => 0,
    }
}

/// 0 for no words, 1 for none shared, then by thirds to 5 for all.
fn share(shared: usize, own: usize) -> u8 {
    match own {
        0 => 0,
        _ if shared == own => 5,
        _ => 1 + bucket(shared * 3, &[1, own, 2 * own]),
    }
}

/// 1 all capitals, 2 begins with a small letter, 3 each word begins with a capital.
fn letters(line: &Line<'_>) -> u8 {
    let text = line.text;
    let first = text.chars().next().unwrap_or(' ');
    if !line.small && line.capital {
        return 1;
    }
    if is_lowercase(first) {
        return 2;
    }
    let mut long = text.split_whitespace().filter(|word| word.chars().nth(3).is_some());
    let capital = |word: &str| {
        word.chars().find(|character| is_alphanumeric(*character)).is_none_or(|first| !is_lowercase(first))
    };
    u8::from(line.small && text.split_whitespace().nth(2).is_some() && long.all(capital)) * 3
}

/// `1. `, `- `, `• ` before the text.
fn is_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered = rest.len() < text.len() && (rest.starts_with(". ") || rest.starts_with(") "));
    numbered || ["- ", "• ", "* ", "– "].iter().any(|mark| text.starts_with(mark))
}
