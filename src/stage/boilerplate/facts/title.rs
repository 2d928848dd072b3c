//! Which line of a page is its title.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::address::{Address, Likeness};
use super::page::{Line, Page};
use super::weights::{Features, Trait, Weights, bucket};
use crate::stage::boilerplate::bytes::Bytes;
use crate::text::characters::{is_alphanumeric, is_lowercase};

/// Lines from the top among which the title is looked for.
pub(super) const LINES: usize = 600;
/// Candidates that are compared with all other lines, which costs more.
pub(super) const SHORT_LIST: usize = 8;

/// What the other readers found on the lines: a line holds a day, a line holds a name behind a word such as `By`.
pub(super) struct Marks<'a> {
    pub days: &'a [bool],
    pub bylines: &'a [bool],
}

/// A line that may be the title, and what is known of it.
pub(super) struct Candidate {
    pub line: usize,
    pub features: Features,
}

/// The lines that may be the title, in order.
pub(super) fn candidates(page: &Page<'_>, marks: &Marks<'_>, address: &Address) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let mut candidates = Vec::new();
    let mut alike = Vec::new();
    for (at, line) in page.lines.iter().enumerate().take(LINES) {
        if line.chars > 260 || line.key == 0 || line.text.len() > 800 {
            continue;
        }
        let repeats = page.copies(at) > 1 && !seen.insert(line.key);
        let likeness = address.likeness(line.text);
        alike.push(likeness.map_or(0, |likeness| likeness.whole + likeness.best + likeness.covered));
        candidates.push(Candidate { line: at, features: features(page, at, repeats, marks, likeness) });
    }
    mark_likest(&mut candidates, &alike);
    candidates
}

/// Says which lines are most like the address: 1 for the first of them, 2 for the others.
fn mark_likest(candidates: &mut [Candidate], likeness: &[usize]) {
    let most = likeness.iter().max().copied().filter(|most| *most > 0);
    let mut first = true;
    for (candidate, own) in candidates.iter_mut().zip(likeness) {
        if Some(*own) == most {
            candidate.features.set(Trait::Likest, if first { 1 } else { 2 });
            first = false;
        }
    }
}

/// Adds which words the body shares to those of `candidates` that may be among the first [`SHORT_LIST`] under `weights`, or may
/// come next to one of them. The others are left with less than any of those can get.
pub(super) fn compare(page: &Page<'_>, candidates: &mut [Candidate], weights: &Weights) {
    let row = |what: Trait| weights.get(what as usize).into_iter().flatten().copied().map(i32::from);
    let most: i32 = WORDS.into_iter().filter_map(|what| Some(row(what).max()? - row(what).next()?)).sum();
    // What a place on the short list may cost.
    let loss = row(Trait::HeldBy).next().zip(row(Trait::HeldBy).min()).map_or(0, |(first, least)| first - least);
    let mut order: Vec<(i32, usize)> =
        candidates.iter().enumerate().map(|(at, candidate)| (candidate.features.score(weights), at)).collect();
    order.sort_unstable_by(|a, b| b.cmp(a));
    // The best so far, the best first: score and key of the line.
    let mut best: Vec<(i32, u64)> = Vec::with_capacity(SHORT_LIST + 1);
    for (before, at) in order {
        let last = best.get(SHORT_LIST - 1).map(|(score, _)| *score - loss);
        // The runner-up must say something else than the best.
        if last.is_some_and(|last| before + most < last)
            && best.iter().any(|(_, key)| best.iter().any(|(_, other)| key != other))
        {
            return;
        }
        let Some(candidate) = candidates.get_mut(at) else { continue };
        share_words(page, candidate);
        let score = candidate.features.score(weights);
        let key = page.lines.get(candidate.line).map_or(0, |line| line.key);
        best.insert(best.partition_point(|(other, _)| *other >= score), (score, key));
        best.truncate(SHORT_LIST);
    }
}

/// What depends on the words of the body.
const WORDS: [Trait; 3] = [Trait::Shared, Trait::SharedShare, Trait::SharedTwiceShare];

/// Adds which words the line shares with the body.
pub(super) fn share_words(page: &Page<'_>, candidate: &mut Candidate) {
    let features = &mut candidate.features;
    let (own, shared, shared_twice) = page.shared(candidate.line);
    features.set(Trait::Shared, bucket(shared, &[1, 2, 3, 4, 5]));
    features.set(Trait::SharedShare, share(shared, own));
    features.set(Trait::SharedTwiceShare, share(shared_twice, own));
}

/// Adds what costs more to the `most` best of `candidates`: how many other lines hold the same words. Those that cannot come
/// within `margin` of the best by that are left out.
pub(super) fn refine(page: &Page<'_>, candidates: &mut [Candidate], most: usize, weights: &Weights, margin: i32) {
    let row = || weights.get(Trait::HeldBy as usize).into_iter().flatten().copied().map(i32::from);
    let gain = row().max().zip(row().next()).map_or(0, |(most, first)| most - first);
    let mut order: Vec<(Reverse<i32>, usize)> =
        candidates.iter().map(|candidate| Reverse(candidate.features.score(weights))).zip(0..).collect();
    order.sort_unstable();
    let mut best = i32::MIN;
    for (Reverse(before), at) in order.into_iter().take(most) {
        let Some(candidate) = candidates.get_mut(at) else { continue };
        let Some(own) = page.lines.get(candidate.line) else { continue };
        if (before + gain).saturating_add(margin) < best {
            return;
        }
        if own.words >= 2 || own.chars >= 6 {
            let finder = memchr::memmem::Finder::new(own.text);
            let holding = page.lines.iter().filter(|line| {
                line.text.len() > own.text.len() && line.text.len() < 800 && finder.find(line.text.as_bytes()).is_some()
            });
            candidate.features.set(Trait::HeldBy, 1 + bucket(holding.take(3).count(), &[1, 2, 3]));
        }
        best = best.max(candidate.features.score(weights));
    }
}

fn features(page: &Page<'_>, at: usize, repeats: bool, marks: &Marks<'_>, likeness: Option<Likeness>) -> Features {
    let mut features = Features::default();
    let Some(line) = page.lines.get(at) else { return features };
    let text = line.text;
    let mut set = |what: Trait, value: u8| features.set(what, value);
    set(Trait::Words, bucket(line.words, &[2, 3, 4, 6, 9, 14, 21]));
    set(
        Trait::End,
        match text.chars().next_back() {
            Some('.' | '。') if text.ends_with("...") => 5,
            Some('.' | '。') => 1,
            Some('?' | '？' | '؟') => 2,
            Some('!' | '！') => 3,
            Some(':' | '：') => 4,
            Some('…') => 5,
            _ => 0,
        },
    );
    let place = page.place(at);
    set(Trait::Place, place.min(7));
    set(Trait::PlaceWithin, place.saturating_sub(7));
    let next_prose = page.lines.iter().skip(at + 1).take(15).position(|line| line.prose);
    set(Trait::NextProse, next_prose.map_or(0, |distance| 1 + bucket(distance, &[1, 2, 3, 5, 10])));
    set(Trait::FromTop, bucket(at, &[1, 4, 10, 30, 100, 300]));
    set(Trait::Copies, bucket(page.copies(at), &[2, 3, 4]));
    set(Trait::Repeats, u8::from(repeats));
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
    let bytes = Bytes::of(text);
    let has = |kind: Bytes, what: &str| bytes.have(kind) && text.contains(what);
    let trail =
        has(Bytes::WIDE, "›") || has(Bytes::WIDE, "»") || has(Bytes::GREATER, " > ") || has(Bytes::SLASH, " / ");
    set(Trait::Trail, u8::from(trail));
    set(Trait::Bar, u8::from(has(Bytes::BAR, " | ")));
    set(Trait::Letters, letters(line));
    set(Trait::Item, u8::from(is_item(text)));
    set(Trait::Commas, u8::from(bytes.have(Bytes::COMMA) && text.bytes().filter(|byte| *byte == b',').count() >= 2));
    set(Trait::Signs, u8::from(bytes.have(Bytes::AT) || has(Bytes::WIDE, "©") || has(Bytes::COLON, "://")));
    if let Some(likeness) = likeness {
        set(Trait::Address, 1 + bucket(likeness.whole, &[1, 30, 50, 70, 90]));
        set(
            if likeness.long { Trait::LastLong } else { Trait::LastShort },
            1 + bucket(likeness.last, &[1, 20, 40, 60, 80, 100]),
        );
        set(
            if likeness.long { Trait::CoveredLong } else { Trait::CoveredShort },
            1 + bucket(likeness.covered, &[1, 30, 50, 70, 90, 100]),
        );
        set(Trait::Best, 1 + bucket(likeness.best, &[1, 20, 40, 60, 80, 100]));
    }
    features
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
