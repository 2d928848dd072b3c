//! Days from dates and times as the fields of articles carry them: ISO 8601, e-mail and web headers, Unix time, and what
//! people write, in numbers or in words of any language that prose is read in.
//!
//! A date with a zone is the day as written, not the day in UTC: that is what the article says. Forms that people read in
//! two ways (`04/09/2023`) and dates without a day are none.

use crate::date::{find_day, month};
use crate::day::Day;

/// The day that `text` names, if it names one that exists.
///
/// ```
/// use tamis_text::timestamp::day;
/// for text in ["2023-09-04", "20230904T235900-0700", "Mon, 04 Sep 2023 08:00:00 GMT", "1693814400", "2023-W36-1"] {
///     assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some("2023-09-04"), "{text}");
/// }
/// assert_eq!(day("2023-02-29"), None);
/// ```
#[must_use]
pub fn day(text: &str) -> Option<Day> {
    let text = text.trim();
    // Longer text is prose.
    if text.chars().count() > MOST_CHARACTERS {
        return None;
    }
    if !text.is_ascii() {
        return with_signs(text).or_else(|| in_words(text)).or_else(|| as_on_pages(text));
    }
    let known = iso(text).or_else(|| compact(text)).or_else(|| epoch(text)).or_else(|| in_words(text));
    known.or_else(|| day_first_or_told(text)).or_else(|| as_on_pages(text))
}

/// A date has at most so many characters, time and weekday included.
const MOST_CHARACTERS: usize = 80;

/// Beside a date that is found as in prose there may be so many words, such as `Published on` or a weekday: with more, the
/// field is about something else.
const MOST_WORDS: usize = 4;

/// `31.05.2024`, which is the day first everywhere, and `31/05/2024`, `05/31/2024`, `31-05-2024` where one number is no
/// month; alone or before a time.
fn day_first_or_told(text: &str) -> Option<Day> {
    let (date, time) = text.split_once([' ', 'T', ',']).unwrap_or((text, ""));
    let time = time.trim();
    let time = time.strip_suffix("Uhr").map_or(time, str::trim_end);
    if !time.is_empty() && !is_time(time) {
        return None;
    }
    let separator = date.chars().find(|c| !c.is_ascii_digit()).filter(|c| ['/', '.', '-'].contains(c))?;
    let (first, rest) = date.split_once(separator)?;
    let (second, year) = rest.split_once(separator)?;
    if year.len() != 4 {
        return None;
    }
    let number = |part: &str| part.parse::<u8>().ok();
    match (number(first)?, number(second)?) {
        (first, 1..=12) if first > 12 || separator == '.' => {}
        (first, second) if first == second => {}
        (1..=12, 13..) => return calendar_day(year, first, second),
        _ => return None,
    }
    calendar_day(year, second, first)
}

/// `2024年5月31日`, `2024년 5월 31일`, digits of any width, alone or before a weekday or a time.
fn with_signs(text: &str) -> Option<Day> {
    let plain: String = text.chars().map(|c| fullwidth_digit(c).unwrap_or(c)).filter(|c| !c.is_whitespace()).collect();
    let (year, rest) = plain.split_once(['年', '년'])?;
    let (month, rest) = rest.split_once(['月', '월'])?;
    let (day, _) = rest.split_once(['日', '号', '일'])?;
    if year.len() != 4 { None } else { calendar_day(year, month, day) }
}

fn fullwidth_digit(c: char) -> Option<char> {
    let digit = u32::from(c).checked_sub(u32::from('０')).filter(|digit| *digit < 10)?;
    char::from_digit(digit, 10)
}

/// The one day that is found as in prose, where hardly anything else stands beside it.
fn as_on_pages(text: &str) -> Option<Day> {
    let (range, day) = find_day(text)?;
    let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_numeric);
    let words = [before, after].iter().flat_map(|part| part.split_whitespace()).filter(is_word).count();
    let parts = |c: char| c.is_whitespace() || "([{,;:|>\"'“«（：".contains(c);
    let glued = before.chars().next_back().is_some_and(|c| !parts(c))
        || after.starts_with(|c: char| c.is_ascii_alphanumeric() || ['-', '/', ':'].contains(&c));
    let other = find_day(after).is_some_and(|(_, other)| other != day);
    (words <= MOST_WORDS && !glued && !other).then_some(day)
}

/// `2023-09-04`, `2023/9/4`, `2023.09.04`, `2023-247`, `2023-W36-1`, each alone or before a time.
fn iso(text: &str) -> Option<Day> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(end) => (text.get(..end)?, text.get(end + 1..)?),
        None => (text, ""),
    };
    if !time.is_empty() && !is_time(time) {
        return None;
    }
    let separator = date.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = date.split(separator);
    let (year, second, third, rest) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    if year.len() != 4 || rest.is_some() || !['-', '/', '.'].contains(&separator) {
        return None;
    }
    match third {
        Some(third) => match second.strip_prefix(['W', 'w']) {
            Some(week) => week_day(year, week, third),
            None => calendar_day(year, second, third),
        },
        None if second.len() == 3 => ordinal_day(year, second),
        None => None,
    }
}

/// `20230904`, `20230904T1015Z`, `20230904101500`.
fn compact(text: &str) -> Option<Day> {
    let (date, time) = text.split_at_checked(8)?;
    let plain = time.is_empty() || (time.len() == 6 && is_digits(time) && time < "240000");
    if !is_digits(date) || !(plain || time.strip_prefix(['T', 't', ' ']).is_some_and(is_time)) {
        return None;
    }
    calendar_day(date.get(..4)?, date.get(4..6)?, date.get(6..)?)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their number of digits. Fewer than nine
/// digits (before 1973) are none: they are years, numbers, anything.
fn epoch(text: &str) -> Option<Day> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let number: i64 = whole.parse().ok().filter(|_| is_digits(digits))?;
    let per_second = match digits.len() {
        9..=11 => 1,
        12..=14 => 1_000,
        15..=17 => 1_000_000,
        18..=19 => 1_000_000_000,
        _ => return None,
    };
    i32::try_from(number.div_euclid(per_second * 86_400)).ok().map(Day)
}

/// Dates that spell the month: RFC 2822, RFC 850, asctime, `4 September 2023`, `September 4th, 2023 at 9:15`.
fn in_words(text: &str) -> Option<Day> {
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text.split([' ', ',', '-', '\t']).filter(|word| !word.is_empty()) {
        let number = word.strip_suffix("st").or_else(|| word.strip_suffix("nd")).or_else(|| word.strip_suffix("rd"));
        let number = number.or_else(|| word.strip_suffix("th")).unwrap_or(word).trim_end_matches('.');
        if is_digits(number) {
            match number.len() {
                1 | 2 if day.is_none() => day = Some(number.parse().ok()?),
                2 if year.is_none() => year = Some(century(number.parse().ok()?)),
                4 if year.is_none() => year = Some(number.parse().ok()?),
                // After the year come times and zones.
                _ if year.is_some() => break,
                _ => return None,
            }
        } else if let Some(found) = named_month(number) {
            if month.replace(found).is_some() {
                return None;
            }
        } else if !is_aside(word) {
            return None;
        }
    }
    Day::new(year?, month?, day?)
}

/// Two-digit years as RFC 2822 (section 4.3) reads them.
fn century(year: i16) -> i16 {
    if year < 50 { 2000 + year } else { 1900 + year }
}

fn calendar_day(year: &str, month: &str, day: &str) -> Option<Day> {
    let short = |part: &&str| is_digits(part) && part.len() <= 2;
    Day::new(
        year.parse().ok().filter(|_| is_digits(year))?,
        Some(month).filter(short)?.parse().ok()?,
        Some(day).filter(short)?.parse().ok()?,
    )
}

fn ordinal_day(year: &str, day: &str) -> Option<Day> {
    let (year, day): (i16, i32) = (year.parse().ok()?, day.parse().ok().filter(|_| is_digits(day))?);
    let first = Day::new(year, 1, 1)?;
    let last = Day::new(year, 12, 31)?;
    Some(Day(first.0 + day - 1)).filter(|found| (first..=last).contains(found))
}

fn week_day(year: &str, week: &str, day: &str) -> Option<Day> {
    let (year, week): (i16, i32) = (year.parse().ok()?, week.parse().ok().filter(|_| week.len() == 2)?);
    let day: i32 = day.parse().ok().filter(|day| (1..=7).contains(day))?;
    // Week 1 is the week with 4 January; 1970-01-01 was a Thursday.
    let monday = |year: i16| Day::new(year, 1, 4).map(|fourth| fourth.0 - (fourth.0 + 3).rem_euclid(7));
    let found = monday(year)? + 7 * (week - 1) + day - 1;
    (week >= 1 && found < monday(year.checked_add(1)?)?).then_some(Day(found))
}

/// A time of day with an optional fraction and zone, loosely: it starts with a digit and holds nothing that no time has.
fn is_time(text: &str) -> bool {
    let (clock, zone) =
        text.split_at(text.find(|c: char| !(c.is_ascii_digit() || ":.,".contains(c))).unwrap_or(text.len()));
    let hour = clock.get(..2).unwrap_or(clock).trim_end_matches(':');
    let zone = zone.trim_start();
    let zone = zone.strip_prefix("AM").or_else(|| zone.strip_prefix("PM")).unwrap_or(zone).trim_start();
    let zone = zone.split_once('[').map_or(zone, |(zone, _)| zone);
    hour.parse::<u8>().is_ok_and(|hour| hour <= 24)
        && (zone.len() <= 5 && zone.bytes().all(|byte| byte.is_ascii_alphabetic())
            || zone.trim_start_matches("UTC").strip_prefix(['+', '-']).is_some_and(is_offset))
}

fn is_offset(text: &str) -> bool {
    !text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
}

/// A word beside a date that says nothing about the day: the weekday, the time, the zone.
fn is_aside(word: &str) -> bool {
    let lower = word.trim_end_matches('.').to_ascii_lowercase();
    let weekday = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .iter()
        .any(|day| lower.len() >= 3 && day.starts_with(lower.as_str()));
    let zone = word.len() <= 5 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let aside = zone || weekday || ["at", "on", "of", "the", "am", "pm"].contains(&lower.as_str());
    aside || word.contains(':') || word.strip_prefix(['+', '(']).is_some()
}

fn named_month(word: &str) -> Option<i8> {
    month(&word.to_lowercase()).map(|number| number as i8)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<String> {
        day(text).map(|day| day.to_string())
    }

    #[test]
    fn one_day_in_all_its_forms() {
        for text in [
            "2023-09-04",
            " 2023-09-04\n",
            "2023/09/04",
            "2023-9-4",
            "2023.09.04",
            "2023-247",
            "2023-W36-1",
            "2023-09-04T10:15",
            "2023-09-04t10:15:30z",
            "2023-09-04T10:15:30.123456Z",
            "2023-09-04T23:59:59+02:00",
            "2023-09-04T00:00:00-07:00[America/Los_Angeles]",
            "2023-09-04 10:15:30",
            "2023-09-04 10:15:30 UTC",
            "2023-09-04 10:15:30 +0000",
            "2023-09-04 10:15:30+00",
            "2023-09-04 9:15 PM",
            "20230904",
            "20230904T101530Z",
            "20230904101530",
            "Mon, 04 Sep 2023 10:15:30 +0200",
            "Mon, 4 Sep 2023 10:15:30 GMT",
            "4 Sep 23 10:15 EST",
            "Monday, 04-Sep-23 10:15:30 GMT",
            "Mon Sep  4 10:15:30 2023",
            "Mon Sep 04 10:15:30 +0000 2023",
            "4 September 2023",
            "September 4, 2023",
            "Sept. 4th, 2023 at 9:15 am",
            "1693785600",
            "1693785600.5",
            "1693785600000",
            "1693785600000000",
            "1693785600000000000",
        ] {
            assert_eq!(named(text).as_deref(), Some("2023-09-04"), "{text}");
        }
    }

    #[test]
    fn a_field_is_read_as_a_page_is() {
        for text in [
            "4.9.2023",
            "04.09.2023, 14:30 Uhr",
            "04.09.2023 14:30",
            "Montag, 4. September 2023",
            "le 4 septembre 2023",
            "Publié le 4 septembre 2023 à 10h30",
            "4 сентября 2023 г., 12:00",
            "4 de septiembre de 2023",
            "2023年9月4日",
            "２０２３年９月４日（月）",
            "2023年09月04日 10:00",
            "2023년 9월 4일",
            "2023. 9. 4.",
            "٤ سبتمبر ٢٠٢٣",
            "ngày 4 tháng 9 năm 2023",
        ] {
            assert_eq!(named(text).as_deref(), Some("2023-09-04"), "{text}");
        }
        for (text, day) in [
            ("25/04/2023", "2023-04-25"),
            ("04/25/2023 10:15 PM", "2023-04-25"),
            ("25-04-1987", "1987-04-25"),
            ("05/05/1931", "1931-05-05"),
            ("5 août 1951", "1951-08-05"),
            ("1951年8月5日", "1951-08-05"),
        ] {
            assert_eq!(named(text).as_deref(), Some(day), "{text}");
        }
    }

    #[test]
    fn no_day_is_guessed() {
        for text in [
            "",
            "2023",
            "2023-09",
            "September 2023",
            "2023-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-366",
            "2023-W53-1",
            "2023-W36-8",
            "20230230",
            "30 February 2023",
            "04/09/2023",
            "12345678",
            "yesterday",
            "2023-09-04T25:00",
            "2023-09-04-05",
            "4 Sep",
            "04-09-2023",
            "04/09/2023 10:15",
            "31/02/2023",
            "令和5年9月4日",
            "2023年9月",
            "Issue 4, September 2023",
            "4 September 2023 to 9 September 2023",
            "what the council said of 4 September 2023 in its report",
            "1.2.3",
            "99999999999999999999",
            "−2023-09-04",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn leap_days_and_long_years_count() {
        assert_eq!(named("2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(named("2024-366").as_deref(), Some("2024-12-31"));
        assert_eq!(named("2020-W53-7").as_deref(), Some("2021-01-03"));
        assert_eq!(named("-86400000").as_deref(), None);
        assert_eq!(named("-864000000").as_deref(), Some("1942-08-16"));
    }
}
