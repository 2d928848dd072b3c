//! Which names on a page are its author's.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::day::Mention;
use super::labels::{behind_byline, is_post};
use super::names::{self, Beginning, Names};
use super::page::Page;
use super::plain::{ends_as_label, plain_words};
use super::weights::{Features, Trait, Weights, bucket};
use tamis_text::characters::{is_alphabetic, is_alphanumeric, is_lowercase, is_uppercase};
use tamis_text::date::is_ideograph;

/// Lines from the top among which names are looked for.
const LINES: usize = 600;

/// A name, or names, on a line.
pub(super) struct Candidate<'w> {
    pub line: usize,
    pub names: String,
    /// A word for an author stands in front of them.
    pub labelled: bool,
    pub features: Features<'w>,
}

/// How names stand on their line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `By Jane Smith`.
    Byline,
    /// `By`, and the names on the next line.
    BelowByline,
    /// `March 4, 2024 | By Jane Smith`.
    InnerByline,
    /// Names and nothing else.
    Alone,
    /// `Jane Smith, March 4, 2024`.
    First,
    /// `March 4, 2024 - Jane Smith`.
    Last,
    /// `by jsmith`, `jsmith March 4, 2024`: one word that need not begin with a capital.
    Handle,
}

/// What the other readers found on the lines: a line holds a day; what stands after a word for an author; the days.
pub(super) struct Marks<'a> {
    pub days: &'a [bool],
    pub behind: &'a [Option<&'a str>],
    pub mentions: &'a [Mention],
}

/// Whether the line holds a name after a word for an author.
pub(super) fn is_byline(text: &str) -> bool {
    names_author(text, behind_byline(text))
}

/// The same, where it is known what stands `behind` such a word.
pub(super) fn names_author(text: &str, behind: Option<&str>) -> bool {
    text.len() <= 200 && behind.is_some_and(|rest| rest.is_empty() || names::read(rest).is_some())
}

/// The names that may be the author's, in order.
pub(super) fn candidates<'w>(
    page: &Page<'_>,
    marks: &Marks<'_>,
    title: Option<usize>,
    weights: &'w Weights,
) -> Vec<Candidate<'w>> {
    let Marks { days, behind, mentions } = *marks;
    let mut found: Vec<(usize, Kind, Names<'_>)> = Vec::new();
    for (at, line) in page.lines.iter().enumerate().take(LINES) {
        if line.chars > 220 || line.key == 0 {
            continue;
        }
        if let Some(rest) = behind.get(at).copied().flatten() {
            if let Some(names) = names::read(rest) {
                if !reads_on(names.rest, line.ends_sentence) {
                    found.push((at, Kind::Byline, names));
                }
            } else if let Some(next) = page.lines.get(at + 1).filter(|_| rest.is_empty())
                && let Some(names) = names::read(next.text).filter(|names| names.rest.len() < 60)
            {
                found.push((at + 1, Kind::BelowByline, names));
            } else if let Some(names) = names::handle(rest) {
                found.push((at, Kind::Handle, names));
            }
            continue;
        }
        let day =
            mentions.get(mentions.partition_point(|mention| mention.line < at)).filter(|mention| mention.line == at);
        if let Some(day) = day
            && let Some(names) = around_day(line.text, &day.range)
        {
            found.push((at, names.0, names.1));
            continue;
        }
        if let Some(names) = inner(line.text, day.map(|day| &day.range)) {
            if !reads_on(names.rest, line.ends_sentence) {
                found.push((at, Kind::InnerByline, names));
            }
        } else if line.words <= 16 {
            let dated = days.get(at) == Some(&true) || line.digits >= 3;
            let kind = |rest: &str| match rest {
                "" => Some(Kind::Alone),
                rest if reads_on(rest, line.ends_sentence) => None,
                rest if dated || rest.starts_with(FOLLOWED) || is_post(rest) => Some(Kind::First),
                _ => None,
            };
            // Most lines that begin with a capital are no names, which is found out faster from the first word on.
            match names::beginning(line.text) {
                Beginning::No => continue,
                Beginning::One(rest) if kind(rest).is_none() => continue,
                _ => {}
            }
            let Some(names) = names::read(line.text) else { continue };
            // One word with a capital is a heading or a label oftener than a name.
            let one_word =
                names.names.first().is_some_and(|name| !name.contains(' ') && !name.chars().any(is_ideograph));
            if let Some(kind) = kind(names.rest).filter(|_| !one_word) {
                found.push((at, kind, names));
            }
        }
    }
    let alone: Vec<usize> = found.iter().filter(|(_, kind, _)| *kind == Kind::Alone).map(|(at, ..)| *at).collect();
    let mut ranks = [0u8; 7];
    let mut candidates = Vec::with_capacity(found.len());
    for (at, kind, names) in &found {
        let rank = ranks.get_mut(*kind as usize).map(|rank| {
            *rank = rank.saturating_add(1);
            *rank - 1
        });
        let mut features = Features::new(weights);
        measure(page, *at, names, days, title, &mut features);
        features.set(Trait::Rank, rank.unwrap_or_default().min(4));
        let near = alone.partition_point(|other| *other + 3 < *at)..alone.partition_point(|other| *other <= at + 3);
        let around = alone.get(near).unwrap_or_default().iter().filter(|other| *other != at).count();
        features.set(Trait::NamesAround, bucket(around, &[1, 2, 3, 5]));
        let one_word = |name: &&str| !name.contains(char::is_whitespace) && !name.contains(is_ideograph);
        let single = names.names.first().is_some_and(one_word);
        features.set(
            Trait::Kind,
            match (kind, single) {
                (Kind::Byline, true) => 7,
                (Kind::Alone | Kind::First | Kind::Last, true) => 8,
                (_, true) if *kind != Kind::Handle => 9,
                _ => *kind as u8,
            },
        );
        let labelled = matches!(kind, Kind::Byline | Kind::BelowByline);
        candidates.push(Candidate { line: *at, names: names.names.join("; "), labelled, features });
    }
    candidates
}

/// Adds what costs more to the `most` best of `candidates`: on how many lines the name stands.
pub(super) fn refine(page: &Page<'_>, candidates: &mut [Candidate<'_>], most: usize) {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let scores: Vec<i32> = candidates.iter().map(|candidate| candidate.features.score).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(scores.get(*at).copied()), *at));
    for at in order.into_iter().take(most) {
        let Some(candidate) = candidates.get_mut(at) else { continue };
        let name = candidate.names.split("; ").next().unwrap_or_default();
        let finder = memchr::memmem::Finder::new(name);
        let naming =
            page.lines.iter().filter(|line| line.text.len() < 800 && finder.find(line.text.as_bytes()).is_some());
        candidate.features.set(Trait::Copies, bucket(naming.take(6).count(), &[2, 3, 4, 6]));
    }
}

/// Signs after a name after which anything may follow.
const FOLLOWED: [char; 8] = ['|', '•', '·', '(', '@', '-', '–', ','];

/// Names right after a day and its time, where nothing else follows, or a user's name right before it.
fn around_day<'a>(text: &'a str, day: &std::ops::Range<usize>) -> Option<(Kind, Names<'a>)> {
    let behind = text.get(day.end..)?;
    let behind = behind.trim_start_matches(|character: char| !is_alphabetic(character));
    let behind = ["Uhr", "am", "pm", "AM", "PM"]
        .iter()
        .find_map(|word| behind.strip_prefix(word)?.strip_prefix(' '))
        .unwrap_or(behind);
    let behind = behind.trim_start_matches(|character: char| !is_alphabetic(character));
    let plain_before = plain_words(text.get(..day.start)?);
    let last = names::read(behind).filter(|_| plain_before < 2).filter(|names| {
        let rest = names.rest.trim_end_matches(|character: char| !is_alphanumeric(character));
        rest.is_empty() || rest.starts_with(['(', '|', ','])
    });
    if let Some(names) = last
        .filter(|names| names.names.first().is_some_and(|name| name.contains(' ') || name.chars().any(is_ideograph)))
    {
        return Some((Kind::Last, names));
    }
    let before = text.get(..day.start)?.trim_end();
    let names = names::handle(before).filter(|names| names.rest.is_empty() && before.len() < 30)?;
    names
        .names
        .first()
        .is_some_and(|name| !name.starts_with(is_uppercase) || name.contains(['_', '.']))
        .then_some((Kind::Handle, names))
}

/// Whether a sentence goes on after a name: `Frans Hals hangs in the hall.`
fn reads_on(rest: &str, ends_sentence: bool) -> bool {
    plain_words(rest) >= if ends_sentence { 2 } else { 4 }
}

/// Names after a word for an author within the line: `4 March 2024 by Jane Smith`, `Berlin | Von Max Muster`. `day`: where the line has one.
fn inner<'a>(text: &'a str, day: Option<&std::ops::Range<usize>>) -> Option<Names<'a>> {
    const WORDS: [&str; 18] = [
        " by ",
        " By ",
        "|By ",
        " von ",
        " Von ",
        " par ",
        " Par ",
        " por ",
        " Por ",
        " di ",
        " door ",
        " Door ",
        " av ",
        " Av ",
        "by: ",
        "By: ",
        "作者：",
        " BY ",
    ];
    static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let finder =
            AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA)).build(WORDS);
        finder.expect("a few short words make a small automaton")
    });
    // Most lines have none of these words, which is found out faster than where the first of them is.
    static ANY: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(WORDS);
        finder.expect("a few short words make a small automaton")
    });
    if !ANY.is_match(text) {
        return None;
    }
    // Of all matches, the one that ends first.
    let found = FINDER.find(text)?;
    let names = names::read(text.get(found.end()..)?)?;
    let before = text.get(..found.start())?;
    let bare = text.get(found.range())?;
    (names.names.first()?.contains(' ')
        && (bare.ends_with([' ', '|']) && !bare.contains(':') && leads_to_author(before, day)
            || bare.contains([':', '：'])))
    .then_some(names)
}

/// Whether what stands before a word such as `by` leaves it to name who wrote the article, and not who painted a picture: a day, a
/// mark such as `|`, a word for an article.
fn leads_to_author(before: &str, day: Option<&std::ops::Range<usize>>) -> bool {
    let before = before.trim_end();
    let day = day.filter(|day| day.end <= before.len());
    let plain = match day {
        Some(day) => {
            plain_words(before.get(..day.start).unwrap_or_default())
                + plain_words(before.get(day.end..).unwrap_or_default())
        }
        None => plain_words(before),
    };
    let marked = before.ends_with(|character: char| {
        !is_alphanumeric(character) && !matches!(character, ',' | ')' | '\'' | '’' | '"' | '”')
    });
    plain == 0 && (day.is_some() || marked || ends_as_label(before))
}

fn measure(
    page: &Page<'_>,
    at: usize,
    names: &Names<'_>,
    days: &[bool],
    title: Option<usize>,
    features: &mut Features<'_>,
) {
    let Some(line) = page.lines.get(at) else { return };
    let name = names.names.first().copied().unwrap_or_default();
    features.set(Trait::Words, bucket(name.split_whitespace().count(), &[2, 3, 4, 5]));
    features.set(Trait::FromTitle, from_title(at, title));
    let ahead = days.iter().skip(at + 1).take(3).position(|day| *day).map_or(0, |at| at as u8 + 1);
    features.set(Trait::DayAhead, ahead);
    let behind = (1..=2).find(|back| at.checked_sub(*back).is_some_and(|at| days.get(at) == Some(&true)));
    features.set(Trait::DayBehind, behind.unwrap_or_default() as u8);
    features.set(Trait::IsDated, u8::from(days.get(at) == Some(&true)));
    let place = page.place(at);
    features.set(Trait::Place, place.min(7));
    features.set(Trait::PlaceWithin, place.saturating_sub(7));
    let next_prose = page.lines.iter().skip(at + 1).take(15).position(|line| line.prose);
    features.set(Trait::NextProse, next_prose.map_or(0, |distance| 1 + bucket(distance, &[1, 2, 3, 5, 10])));
    features.set(Trait::FromTop, bucket(at, &[1, 4, 10, 30, 100, 300]));
    let in_title = title
        .and_then(|title| page.lines.get(title))
        .is_some_and(|title| name.split_whitespace().any(|word| word.len() >= 4 && title.text.contains(word)));
    features.set(Trait::InTitle, u8::from(in_title));
    features.set(Trait::Rest, bucket(names.rest.chars().count(), &[1, 8, 20, 40, 80]));
    let small = name.chars().any(is_lowercase);
    features.set(
        Trait::Letters,
        match (small, name.chars().any(is_uppercase)) {
            (true, true) => 0,
            (false, true) => 1,
            _ => 2,
        },
    );
    features.set(
        Trait::Behind,
        page.lines.get(at + 1).map_or(0, |next| match () {
            () if next.text.len() < 120 && is_post(next.text) => 1,
            () if next.prose => 2,
            () if next.words <= 2 => 3,
            () => 4,
        }),
    );
    features.set(Trait::IsByline, u8::from(is_post(name)));
    features.set(
        Trait::Blank,
        u8::from(line.blank_before) * 2 + u8::from(page.lines.get(at + 1).is_none_or(|next| next.blank_before)),
    );
}

/// Where a line stands against the title: 0 where there is none, 1 to 3 before it, 4 on it, 5 to 9 after it.
pub(super) fn from_title(at: usize, title: Option<usize>) -> u8 {
    match title {
        None => 0,
        Some(title) if at < title => 3 - bucket(title - at, &[3, 10]),
        Some(title) if at == title => 4,
        Some(title) => 5 + bucket(at - title, &[2, 4, 8, 20]),
    }
}
