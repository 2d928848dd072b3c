//! Days written in natural language: `lundi 4 septembre 2023`, `Sept. 4, 2023`, `04.09.2023`, `2023年9月4日`, `٤ سبتمبر ٢٠٢٣`.
//!
//! Exactness over recall: a wrong date is worse than none. Only whole days of 1990 to 2100 count; `05/04/2023` is a day only
//! when the order of its numbers is known; relative forms (`yesterday`) and other calendars are left alone, and two-digit years
//! but in `04.09.23`.

use std::ops::Range;

pub use crate::characters::is_ideograph;
use crate::characters::{is_alphabetic, is_lowercase, is_uppercase};
use crate::day::Day;

mod months;
mod years;

pub(super) use months::month;

/// In which order a day and a month written in numbers stand, where the numbers themselves do not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NumericOrder {
    /// Not known: `05/04/2023` is no day, `25/04/2023` and `04/25/2023` are.
    #[default]
    Unknown,
    /// `05/04/2023` is the 5th of April.
    DayFirst,
    /// `05/04/2023` is the 4th of May.
    MonthFirst,
}

/// The first day that `text` names, and where.
///
/// ```
/// use tamis_text::date::find_day;
/// let (range, day) = find_day("Mis à jour lundi 4 septembre 2023 – 22h14").expect("there is one");
/// assert_eq!((range, day.to_string().as_str()), (18..34, "2023-09-04"));
/// assert_eq!(find_day("05/04/2023"), None);
/// ```
#[must_use]
pub fn find_day(text: &str) -> Option<(Range<usize>, Day)> {
    find_day_in_order(text, NumericOrder::Unknown)
}

/// As [`find_day`], where the order of day and month in numbers is known from elsewhere.
#[must_use]
pub fn find_day_in_order(text: &str, order: NumericOrder) -> Option<(Range<usize>, Day)> {
    if !years::may_be_in(text) {
        return None;
    }
    let tokens = tokens(text);
    (0..tokens.len()).find_map(|start| day_at(tokens.get(start..)?, start > 0 && joins(&tokens, start), order))
}

/// Whether `word`, in lower case, names a month in any of the languages known.
#[must_use]
pub fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// Which order the numbers of the first telling date in `text` stand in: `25/04/2023` tells, `05/04/2023` does not.
#[must_use]
pub fn numeric_order(text: &str) -> NumericOrder {
    let tokens = tokens(text);
    for window in tokens.windows(5) {
        let [a, Token { kind: Kind::Mark(left @ ('/' | '-')), .. }, b, Token { kind: Kind::Mark(right), .. }, year] =
            window
        else {
            continue;
        };
        let (Some(first), Some(second), Some(_)) = (a.small(), b.small(), year.year()) else { continue };
        match (first, second) {
            _ if left != right => {}
            (13..=31, 1..=12) => return NumericOrder::DayFirst,
            (1..=12, 13..=31) => return NumericOrder::MonthFirst,
            _ => {}
        }
    }
    NumericOrder::Unknown
}

/// A number, a word or one mark of punctuation; white space parts them and is gone.
#[derive(Debug)]
struct Token {
    kind: Kind,
    range: Range<usize>,
    /// White space stood before it.
    spaced: bool,
}

#[derive(Debug)]
enum Kind {
    /// Value and how many digits it was written with.
    Number(u32, usize),
    /// In lower case.
    Word(String),
    Mark(char),
}

impl Token {
    /// A number of one or two digits.
    fn small(&self) -> Option<u32> {
        match self.kind {
            Kind::Number(value, 1 | 2) => Some(value),
            _ => None,
        }
    }

    /// A year in the range that this module accepts.
    fn year(&self) -> Option<i16> {
        match self.kind {
            Kind::Number(value @ 1990..=2100, 4) => i16::try_from(value).ok(),
            _ => None,
        }
    }

    fn month(&self) -> Option<u32> {
        match &self.kind {
            Kind::Word(word) => month(word),
            _ => None,
        }
    }

    fn is_word(&self, words: &[&str]) -> bool {
        matches!(&self.kind, Kind::Word(word) if words.contains(&word.as_str()))
    }

    fn is_mark(&self, marks: &[char]) -> bool {
        matches!(&self.kind, Kind::Mark(mark) if marks.contains(mark))
    }
}

/// Cuts `text` into tokens. A number ends where its script's digits end, so `5th` is a number and a word.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut spaced = true;
    // A capital after a small letter begins a word: `EditorialNovember 22, 2018`.
    let mut small = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if character.is_whitespace() || matches!(character, '\u{200e}' | '\u{200f}' | '\u{feff}') {
            spaced = true;
            continue;
        }
        let last = tokens.last_mut().filter(|_| !spaced);
        match (digit(character), last) {
            (Some(digit), Some(Token { kind: Kind::Number(value, digits), range, .. })) => {
                *value = value.saturating_mul(10).saturating_add(digit);
                *digits += 1;
                range.end = end;
            }
            (None, Some(Token { kind: Kind::Word(word), range, .. }))
                if in_word(character) && !is_ideograph(character) && !(small && is_uppercase(character)) =>
            {
                word.extend(character.to_lowercase());
                range.end = end;
            }
            (digit, _) => {
                let kind = match digit {
                    Some(digit) => Kind::Number(digit, 1),
                    None if in_word(character) => Kind::Word(character.to_lowercase().collect()),
                    None => Kind::Mark(character),
                };
                tokens.push(Token { kind, range: at..end, spaced });
            }
        }
        spaced = false;
        small = is_lowercase(character);
    }
    years_before_clocks(&mut tokens);
    tokens
}

/// Takes the hour off a year that it is glued to: `December 15, 20163:33 PM`.
fn years_before_clocks(tokens: &mut [Token]) {
    for at in 0..tokens.len().saturating_sub(1) {
        let clock = tokens.get(at + 1).is_some_and(|next| next.is_mark(&[':']) && !next.spaced);
        let Some(Token { kind: Kind::Number(value, digits @ (5 | 6)), range, .. }) =
            tokens.get_mut(at).filter(|_| clock)
        else {
            continue;
        };
        let hour = if *digits == 5 { 10 } else { 100 };
        // Only ASCII digits are one byte each.
        if (1990..=2100).contains(&(*value / hour)) && *value % hour < 24 && range.len() == *digits {
            range.end -= *digits - 4;
            (*value, *digits) = (*value / hour, 4);
        }
    }
}

/// Value of a decimal digit of the scripts that dates are written in.
fn digit(character: char) -> Option<u32> {
    let code = character as u32;
    let start = match code {
        0x30..=0x39 => 0x30,
        0x660..=0x669 => 0x660,
        0x6f0..=0x6f9 => 0x6f0,
        0x966..=0x96f => 0x966,
        0x9e6..=0x9ef => 0x9e6,
        0xff10..=0xff19 => 0xff10,
        _ => return None,
    };
    Some(code - start)
}

/// Letters, and the signs that Indic and Arabic scripts write on them.
fn in_word(character: char) -> bool {
    is_alphabetic(character)
        || matches!(character, '\u{300}'..='\u{36f}' | '\u{93c}' | '\u{94d}' | '\u{64b}'..='\u{652}' | '\u{200c}')
}

/// Whether the token at `start` is glued to a number or to a mark between numbers, so that no date starts there.
fn joins(tokens: &[Token], start: usize) -> bool {
    let (Some(token), Some(before)) = (tokens.get(start), start.checked_sub(1).and_then(|at| tokens.get(at))) else {
        return false;
    };
    if token.spaced || !matches!(token.kind, Kind::Number(..)) {
        return false;
    }
    match before.kind {
        Kind::Number(..) => true,
        Kind::Word(_) => false,
        Kind::Mark(mark) => {
            let number_before =
                start >= 2 && matches!(tokens.get(start - 2), Some(Token { kind: Kind::Number(..), .. }));
            matches!(mark, '.' | '/' | '-' | ':' | ',' | '\\' | '_' | '=') && number_before && !before.spaced
                || matches!(mark, '_' | '=' | '\\' | '$' | '€' | '£')
        }
    }
}

/// A day that starts at the first of `tokens`. `glued`: the token hangs on what stands before it.
fn day_at(tokens: &[Token], glued: bool, order: NumericOrder) -> Option<(Range<usize>, Day)> {
    let first = tokens.first()?;
    let (year, month, day, length) = match first.kind {
        Kind::Number(..) if glued => return None,
        Kind::Number(_, 4) => year_first(tokens)?,
        Kind::Number(_, 1 | 2) => numeric(tokens, order).or_else(|| day_first(tokens))?,
        Kind::Word(_) => month_first(tokens)?,
        _ => return None,
    };
    let last = tokens.get(length - 1)?;
    // A number glued on after (`2023-09-045`, `12.10.2023.4`) says that it was no date.
    let number_at =
        |at: usize| tokens.get(at).is_some_and(|token| matches!(token.kind, Kind::Number(..)) && !token.spaced);
    let mark = tokens.get(length).is_some_and(|token| token.is_mark(&['.', '/']) && !token.spaced);
    if number_at(length) || mark && number_at(length + 1) {
        return None;
    }
    let day = Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)?;
    Some((first.range.start..last.range.end, day))
}

/// `2023-09-04`, `2023/9/4`, `2023. 9. 4`, `2023年9月4日`, `2023년 9월 4일`, `2023 September 4`. Gives year, month, day, tokens.
fn year_first(tokens: &[Token]) -> Option<(i16, u32, u32, usize)> {
    let year = tokens.first()?.year()?;
    let (a, b) = (tokens.get(1)?, tokens.get(2)?);
    if let Some(month) = a.month() {
        let day = b.small().filter(|_| tokens.get(3).is_none_or(|next| next.year().is_none()))?;
        return Some((year, month, day, 3));
    }
    if a.is_mark(&[',', '.']) && b.month().is_some() {
        return Some((year, b.month()?, tokens.get(3)?.small()?, 4));
    }
    let (month, c, day) = (b.small()?, tokens.get(3)?, tokens.get(4)?.small()?);
    let same = |marks: &[char]| a.is_mark(marks) && c.is_mark(marks);
    let east_asian = |year: &str, month: &str| a.is_word(&[year]) && c.is_word(&[month]);
    if east_asian("年", "月") || east_asian("년", "월") {
        let named = tokens.get(5).is_some_and(|token| token.is_word(&["日", "号", "號", "일"]));
        return Some((year, month, day, if named { 6 } else { 5 }));
    }
    (same(&['-']) || same(&['/']) || same(&['.'])).then_some((year, month, day, 5))
}

/// `04.09.2023`, `4/9/2023`, `25-04-2023`. With dots the day is first everywhere; else the numbers or `order` must tell.
fn numeric(tokens: &[Token], order: NumericOrder) -> Option<(i16, u32, u32, usize)> {
    let (first, mark, second, again) =
        (tokens.first()?.small()?, tokens.get(1)?, tokens.get(2)?.small()?, tokens.get(3)?);
    let same = |marks: &[char]| mark.is_mark(marks) && again.is_mark(marks);
    let year = tokens.get(4)?.year().or_else(|| short_year(tokens).filter(|_| same(&['.'])))?;
    if same(&['.']) {
        // `5.12.2019` in the English of the US is written with a slash, seldom as `12.25.2019`.
        let (month, day) = if second > 12 && first <= 12 { (first, second) } else { (second, first) };
        return Some((year, month, day, 5));
    }
    if !same(&['/']) && !same(&['-']) {
        return None;
    }
    let day_first = match (first, second, order) {
        _ if first == second => true,
        (13.., ..=12, _) => true,
        (..=12, 13.., _) => false,
        (_, _, NumericOrder::DayFirst) => true,
        (_, _, NumericOrder::MonthFirst) => false,
        (_, _, NumericOrder::Unknown) => return None,
    };
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    Some((year, month, day, 5))
}

/// The year of `04.09.23`: three numbers of two digits with points and nothing glued to them, as no version is written.
fn short_year(tokens: &[Token]) -> Option<i16> {
    let two = |at: usize| match tokens.get(at)?.kind {
        Kind::Number(value, 2) if at == 0 || !tokens.get(at)?.spaced => Some(value),
        _ => None,
    };
    let ends = tokens.get(5).is_none_or(|next| next.spaced || next.is_mark(&[',', ')', '|', ';', '–']));
    let (_, _, year) = (two(0)?, two(2)?, two(4)?);
    i16::try_from(2000 + year).ok().filter(|_| ends && year < 40)
}

/// `4 septembre 2023`, `4. September 2023`, `4th of September, 2023`, `4 de septiembre de 2023`, `4 tháng 9 năm 2023`, `04-Sep-2023`.
fn day_first(tokens: &[Token]) -> Option<(i16, u32, u32, usize)> {
    const ORDINALS: [&str; 14] = ["st", "nd", "rd", "th", "er", "e", "º", "ª", "o", "a", "го", "е", "ה", "م"];
    const OF: [&str; 6] = ["of", "de", "d", "di", "da", "den"];
    let day = tokens.first()?.small()?;
    let mut at = 1;
    let mut dotted = false;
    if let Some(token) = tokens.get(at)
        && (token.is_word(&ORDINALS) && !token.spaced || token.is_mark(&['.', '-', 'º', 'ª', '°', '/']))
    {
        dotted = token.is_mark(&['.']);
        at += 1;
    }
    if tokens.get(at).is_some_and(|token| token.is_word(&OF)) {
        at += 1;
        if tokens.get(at).is_some_and(|token| token.is_mark(&['\'', '’'])) {
            at += 1;
        }
    }
    let name = tokens.get(at)?;
    let month = if name.is_word(&["tháng"]) {
        at += 1;
        let number = tokens.get(at)?;
        number.small().or_else(|| {
            months::vietnamese(&tokens.get(at..)?.iter().filter_map(word).take(2).collect::<Vec<_>>(), &mut at)
        })?
    } else {
        name.month()?
    };
    // `4. listopada` is October in Croatian; in Polish November is written without the dot.
    if dotted && name.is_word(&["listopada"]) {
        return None;
    }
    at += 1;
    let (year, length) = year_after(tokens, at)?;
    Some((year, month, day, length))
}

/// `September 4, 2023`, `Sept. 4th 2023`, `septiembre 4 de 2023`.
fn month_first(tokens: &[Token]) -> Option<(i16, u32, u32, usize)> {
    let month = tokens.first()?.month()?;
    let mut at = 1;
    while tokens.get(at).is_some_and(|token| token.is_mark(&['.', '-', '/']) || token.is_word(&["the"])) {
        at += 1;
    }
    let day = tokens.get(at).filter(|_| at <= 2)?.small()?;
    at += 1;
    if tokens.get(at).is_some_and(|token| token.is_word(&["st", "nd", "rd", "th"]) && !token.spaced) {
        at += 1;
    }
    // `June 5.2019` and `May 12:2001` are no dates; a comma, a space or a dash must part day and year.
    let (year, length) = year_after(tokens, at)?;
    Some((year, month, day, length))
}

/// The year that follows a day and a month, past what may stand between: `,`, `de`, `del`, `năm`, a second name of the month.
fn year_after(tokens: &[Token], mut at: usize) -> Option<(i16, usize)> {
    const BETWEEN: [&str; 7] = ["de", "del", "do", "dal", "năm", "عام", "سنة"];
    // `أيلول / سبتمبر 2023`: both names of the month.
    if tokens.get(at).is_some_and(|token| token.is_mark(&['/']))
        && tokens.get(at + 1).is_some_and(|token| token.month().is_some())
    {
        at += 2;
    }
    for _ in 0..2 {
        let next = tokens.get(at)?;
        if next.is_mark(&[',', '.', '-', '/', '،', '\'']) || next.is_word(&BETWEEN) {
            at += 1;
        }
    }
    let year = tokens.get(at)?.year()?;
    Some((year, at + 1))
}

fn word(token: &Token) -> Option<&str> {
    match &token.kind {
        Kind::Word(word) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> String {
        find_day(text).map_or_else(|| "none".to_owned(), |(_, day)| day.to_string())
    }

    #[test]
    fn the_fourth_of_september_is_read_in_twenty_languages() {
        let written = [
            "Monday, September 4, 2023 at 10:14 p.m.",
            "4th of September, 2023",
            "Sept. 4, 2023",
            "04-Sep-2023",
            "Mis à jour lundi 4 septembre 2023 – 22h14",
            "Montag, 4. September 2023, 16:00 Uhr",
            "lunes, 4 de septiembre de 2023",
            "4 de set. de 2023",
            "4 settembre 2023",
            "maandag 4 september 2023",
            "4 września 2023 r.",
            "4 сентября 2023 г., 12:00",
            "4 вересня 2023 року",
            "4 Eylül 2023 Pazartesi",
            "الاثنين ٤ سبتمبر ٢٠٢٣",
            "٤ أيلول/سبتمبر ٢٠٢٣",
            "۴ سپتامبر ۲۰۲۳",
            "4 सितंबर 2023",
            "Senin, 4 September 2023",
            "ngày 4 tháng 9 năm 2023",
            "4 Tháng Chín, 2023",
            "2023年9月4日 10:00",
            "2023年09月04日星期一",
            "2023년 9월 4일",
            "2023. 9. 4. 오후",
            "4 sept. 2023",
            "2023-09-04T22:14:00Z",
            "2023/09/04",
            "04.09.2023",
            "04.09.23, 12:30 Uhr",
            "EditorialSeptember 4, 2023",
            "September 4, 20239:15 PM ET",
        ];
        for text in written {
            assert_eq!(day(text), "2023-09-04", "{text}");
        }
    }

    #[test]
    fn numbers_that_do_not_tell_day_from_month_are_no_day() {
        assert_eq!(day("05/04/2023"), "none");
        assert_eq!(day("25/04/2023"), "2023-04-25");
        assert_eq!(day("04/25/2023"), "2023-04-25");
        assert_eq!(day("05/05/2023"), "2023-05-05");
        let told = |order| find_day_in_order("05/04/2023", order).map(|(_, day)| day.to_string());
        assert_eq!(told(NumericOrder::DayFirst).as_deref(), Some("2023-04-05"));
        assert_eq!(told(NumericOrder::MonthFirst).as_deref(), Some("2023-05-04"));
        assert_eq!(numeric_order("1/2/2020, then 13/2/2020"), NumericOrder::DayFirst);
    }

    #[test]
    fn what_only_looks_like_a_day_is_left_alone() {
        let others = [
            "version 1.12.2023.4",
            "192.10.2001.3",
            "September 2023",
            "2023-09",
            "4 September",
            "31.02.2023",
            "۴ شهریور ۱۴۰۲",
            "1402/06/13",
            "4 September 1823",
            "page 4 of 2023",
            "4. listopada 2023",
            "2023-09-045",
            "yesterday at 4",
            "Room 12, 2023 people",
            "٤ ربيع الأول ١٤٤٥",
            "April 20-25",
            "$4.09.2023",
            "1.09.23",
            "04.09.23.1",
            "04/09/23",
        ];
        for text in others {
            assert_eq!(day(text), "none", "{text}");
        }
    }
}
