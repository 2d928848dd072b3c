//! Whether a block is a date line, and which day it gives.

use super::evidence::behind;
use tamis_text::characters::is_alphanumeric;
use tamis_text::date::{NumericOrder, find_day_in_order};
use tamis_text::day::Day;

/// The day of a block that holds a day, a time of day and a weekday and nothing else.
///
/// `digits`: how many it has, of any script.
pub(super) fn alone(text: &str, digits: usize, order: NumericOrder) -> Option<Day> {
    // A day and a year have five digits at least.
    if digits < 5 {
        return None;
    }
    let (range, day) = find_day_in_order(text, order)?;
    let rest = letters(text.get(..range.start)?) + letters(text.get(range.end..)?);
    (rest <= LONGEST_REST).then_some(day)
}

/// The day after a phrase of `phrase` letters, where little else stands in the block.
///
/// A short phrase such as `le` or `am` also begins headlines, so nothing but a time of day may follow it.
pub(super) fn labelled(text: &str, phrase: usize, order: NumericOrder) -> Option<Day> {
    let rest = behind(text, phrase);
    let (range, day) = find_day_in_order(rest, order)?;
    let others = letters(rest.get(..range.start)?) + letters(rest.get(range.end..)?);
    // A second day in the block would be another one's: the last change beside the first publication.
    let one_day = find_day_in_order(rest.get(range.end..)?, order).is_none();
    (others <= if phrase <= 4 { LONGEST_REST } else { LONGEST_REST_BEHIND_LABEL } && one_day).then_some(day)
}

/// Letters of a weekday, a time of day and a time zone.
const LONGEST_REST: usize = 20;
/// Also of a place or an hour written out.
const LONGEST_REST_BEHIND_LABEL: usize = 34;

fn letters(text: &str) -> usize {
    text.chars().filter(|character| is_alphanumeric(*character)).count()
}
