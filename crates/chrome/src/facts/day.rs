//! Which days on a page are those of its publication and of its last change.

use std::ops::Range;

use super::address::Address;
use super::byline::from_title;
use super::labels::{Label, label};
use super::page::{Line, Page};
use super::plain::plain_words;
use super::weights::{Features, Trait, Weights, bucket};
use tamis_text::characters::is_alphanumeric;
use tamis_text::date::{NumericOrder, find_day_in_order};
use tamis_text::day::Day;

/// A day somewhere on a page.
pub(super) struct Mention {
    pub line: usize,
    pub range: Range<usize>,
    pub day: Day,
    pub label: Option<Label>,
}

/// Lines from the top among which days are looked for.
const LINES: usize = 800;

/// All days on the short lines of a page.
pub(super) fn mentions(page: &Page<'_>, order: NumericOrder) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for (at, line) in page.lines.iter().enumerate().take(LINES) {
        if line.digits < 5 || line.chars > 240 {
            continue;
        }
        let (mut from, first) = (0, mentions.len());
        while let Some((range, day)) = line.text.get(from..).and_then(|rest| find_day_in_order(rest, order)) {
            let range = from + range.start..from + range.end;
            let before = line.text.get(from..range.start).unwrap_or_default();
            let mut own = label(before);
            let bare = !before.contains(is_alphanumeric);
            if own.is_none() && bare && from == 0 {
                let above = at.checked_sub(1).and_then(|at| page.lines.get(at));
                own = above.filter(|above| above.words <= 4 && above.digits == 0).and_then(|above| label(above.text));
            }
            from = range.end;
            mentions.push(Mention { line: at, range, day, label: own });
        }
        if first < mentions.len() && in_sentence(line, mentions.get(first..).unwrap_or_default()) {
            mentions.truncate(first);
        }
    }
    mentions
}

/// Whether the days of a line are those of which a sentence speaks: a deadline, a hearing, a law. A word for publication takes away
/// that doubt where hardly a word stands besides.
fn in_sentence(line: &Line<'_>, days: &[Mention]) -> bool {
    let (mut from, mut plain) = (0, 0);
    for day in days {
        plain += plain_words(line.text.get(from..day.range.start).unwrap_or_default());
        from = day.range.end;
    }
    plain += plain_words(line.text.get(from..).unwrap_or_default());
    let labelled = days.iter().any(|day| matches!(day.label, Some(Label::Published | Label::Updated)));
    let least = match (labelled, line.ends_sentence) {
        (_, true) => 1,
        (true, false) => 8,
        (false, false) => 4,
    };
    plain >= least
        || !labelled && days.first().is_some_and(|day| is_caption(line.text.get(..day.range.start).unwrap_or_default()))
}

/// Whether some words and a preposition lead up to a day: `The mayor at the harbour on 2 May 2023`.
fn is_caption(before: &str) -> bool {
    const ON: [&str; 14] = ["on", "in", "am", "le", "el", "em", "il", "op", "den", "w", "в", "pada", "by", "until"];
    let mut words = before.split_whitespace();
    let on = words.next_back().is_some_and(|word| ON.contains(&word));
    on && words.count() >= 4 && plain_words(before) > 0
}

/// What is measured of each mention, for the day of publication.
pub(super) fn features<'w>(
    page: &Page<'_>,
    mentions: &[Mention],
    title: Option<usize>,
    address: &Address,
    weights: &'w Weights,
) -> Vec<Features<'w>> {
    let mut days: Vec<Day> = mentions.iter().map(|mention| mention.day).collect();
    days.sort_unstable();
    days.dedup();
    let behind_title = |mention: &&Mention| title.is_none_or(|title| mention.line >= title);
    mentions
        .iter()
        .enumerate()
        .map(|(number, mention)| {
            let mut features = Features::new(weights);
            let Some(line) = page.lines.get(mention.line) else { return features };
            let at = mention.line;
            features.set(Trait::Label, mention.label.map_or(0, |label| label as u8));
            let before = line.text.get(..mention.range.start).unwrap_or_default();
            let behind = line.text.get(mention.range.end..).unwrap_or_default();
            let letters = |text: &str| text.chars().filter(|character| is_alphanumeric(*character)).count();
            features.set(Trait::Before, bucket(letters(before), &[1, 5, 12, 25, 60]));
            features.set(Trait::Rest, bucket(letters(behind), &[1, 5, 12, 25, 60]));
            features.set(Trait::FromTitle, from_title(at, title));
            let place = page.place(at);
            features.set(Trait::Place, place.min(7));
            features.set(Trait::PlaceWithin, place.saturating_sub(7));
            features.set(Trait::FromTop, bucket(at, &[1, 4, 10, 30, 100, 300]));
            let same = mentions.iter().filter(|other| other.day == mention.day).count();
            features.set(Trait::Copies, bucket(same, &[2, 3]));
            features.set(Trait::Days, bucket(days.len(), &[2, 3, 5, 9, 17]));
            let age = days.binary_search(&mention.day).unwrap_or_default();
            let latest = age + 1 == days.len();
            features.set(
                Trait::Order,
                match (age, latest) {
                    (0, true) => 0,
                    (0, false) => 1,
                    (_, true) => 2,
                    _ => 3,
                },
            );
            let rank = mentions.iter().take(number).filter(behind_title).count();
            features.set(Trait::Rank, if behind_title(&mention) { bucket(rank, &[1, 2, 3, 5]) } else { 5 });
            features.set(Trait::Address, address.agrees(mention.day));
            features.set(Trait::Time, u8::from(has_time(behind)) + 2 * u8::from(has_time(before)));
            features.set(Trait::IsByline, u8::from(super::byline::is_byline(line.text)));
            let next_prose = page.lines.iter().skip(at + 1).take(15).position(|line| line.prose);
            features.set(Trait::NextProse, next_prose.map_or(0, |distance| 1 + bucket(distance, &[1, 2, 3, 5, 10])));
            features.set(Trait::Prose, u8::from(line.prose) + 2 * u8::from(line.ends_sentence));
            // Days on the lines around it, as lists of stories have them.
            let around = mentions
                .iter()
                .filter(|other| other.line != at && other.day != mention.day && other.line.abs_diff(at) <= 6)
                .count();
            features.set(Trait::DayAhead, bucket(around, &[1, 2, 4]));
            features
        })
        .collect()
}

/// A time of day soon: `, 16:00`, ` at 9:15 am`.
fn has_time(text: &str) -> bool {
    let near: Vec<char> = text.chars().take(24).collect();
    near.windows(4).any(|near| matches!(near, [a, b, c, d] if a.is_ascii_digit() && matches!(b, ':' | '.' | 'h') && c.is_ascii_digit() && d.is_ascii_digit()))
}
