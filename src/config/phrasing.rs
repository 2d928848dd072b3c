//! The words of the config's messages: what was wanted, what was found, which name was probably meant.

use toml::de::DeValue;

use super::shape::{Range, Shape};

/// What may stand at a place: `a whole number`, `a list of texts`.
pub(super) fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Table { .. } | Shape::Tagged(_) => "a table".to_owned(),
        Shape::List { items, .. } => match items.as_ref() {
            Shape::Table { .. } | Shape::Tagged(_) => "a list of tables".to_owned(),
            Shape::Text { .. } | Shape::Choice(_) => "a list of texts".to_owned(),
            Shape::Integer(_) | Shape::Number(_) => "a list of numbers".to_owned(),
            _ => "a list".to_owned(),
        },
        Shape::Choice(choices) => quoted(choices),
        Shape::Text { .. } => "text".to_owned(),
        Shape::Integer(_) => "a whole number".to_owned(),
        Shape::Number(_) => "a number".to_owned(),
        Shape::Boolean => "`true` or `false`".to_owned(),
        Shape::Either(shapes) => shapes.iter().map(wanted).collect::<Vec<_>>().join(" or "),
        Shape::Anything => "a value".to_owned(),
    }
}

/// What stands there: `the text "40"`, `a list`.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", text_value(text)),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(value) => format!("`{value}`"),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// A text in quotes, cut to what a message can bear.
pub(super) fn text_value(text: &str) -> String {
    const MOST: usize = 60;
    match text.chars().count() > MOST {
        true => format!("{:?}", text.chars().take(MOST).chain(['…']).collect::<String>()),
        false => format!("{text:?}"),
    }
}

/// How a number breaks the bounds: `must be at least 1`.
pub(super) fn out_of_bounds(range: Range, number: f64) -> String {
    if !number.is_finite() {
        return "must be a finite number".to_owned();
    }
    match (range.least, range.most) {
        (Some((least, true)), _) if number <= least => format!("must be greater than {least}"),
        (Some((least, false)), _) if number < least => format!("must be at least {least}"),
        (_, Some((most, true))) => format!("must be less than {most}"),
        (_, Some((most, false))) => format!("must be at most {most}"),
        _ => "is out of bounds".to_owned(),
    }
}

/// How a count breaks its bounds: `must have at least 1 item, found 0`.
pub(super) fn miscounted(count: usize, least: usize, most: usize, noun: &str) -> Option<String> {
    let (bound, limit) = match (count < least, count > most) {
        (true, _) => ("at least", least),
        (_, true) => ("at most", most),
        _ => return None,
    };
    let plural = if limit == 1 { "" } else { "s" };
    Some(format!("must have {bound} {limit} {noun}{plural}, found {count}"))
}

/// Names in backquotes, with `and` before the last.
pub(super) fn backquoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    series(names.into_iter().map(|name| format!("`{name}`")).collect(), "and")
}

/// Choices in quotes, with `or` before the last.
pub(super) fn quoted(choices: &[(String, String)]) -> String {
    series(choices.iter().map(|(name, _)| format!("{name:?}")).collect(), "or")
}

/// The first paragraph of a documentation as a hint: one line, lower-case, without the full stop at its end.
pub(super) fn as_hint(about: &str) -> Option<String> {
    let paragraph = about.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_suffix('.').unwrap_or(&line);
    let mut letters = line.chars();
    let (first, rest) = (letters.next()?, letters.as_str());
    // "ISO" stays what it is.
    let acronym = rest.chars().next().is_some_and(char::is_uppercase);
    Some(if acronym { line.to_owned() } else { first.to_lowercase().chain(rest.chars()).collect() })
}

/// The name that was probably meant by `typed`, if one is near enough.
#[must_use]
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let typed = plain(typed);
    let distance = |name: &str| {
        let name = plain(name);
        let (short, long) = if name.len() < typed.len() { (&name, &typed) } else { (&typed, &name) };
        let edits = strsim::damerau_levenshtein(short, long);
        // A third of the letters may be wrong. The beginning of a name, or a name with a tail, will do as well.
        let begins = short.len() >= 4 && long.len() <= 3 * short.len() && long.starts_with(short.as_str());
        let near = edits * 3 <= long.len() || begins;
        (near && !typed.is_empty()).then_some(edits)
    };
    let near = names.into_iter().filter_map(|name| Some((distance(name)?, name)));
    near.min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

fn series(mut names: Vec<String>, last_joint: &str) -> String {
    match (names.pop(), names.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} {last_joint} {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_suggested_only_when_it_is_near() {
        let names = ["paragraph_dedup", "document_dedup", "dir", "min_chars", "language"];
        let nearest = |typed| nearest(typed, names);
        assert_eq!(nearest("min_char"), Some("min_chars"));
        assert_eq!(nearest("minChars"), Some("min_chars"));
        assert_eq!(nearest("min-chars"), Some("min_chars"));
        assert_eq!(nearest("dri"), Some("dir"));
        assert_eq!(nearest("paragraph"), Some("paragraph_dedup"));
        assert_eq!(nearest("langauge"), Some("language"));
        assert_eq!(nearest("shuffle"), None);
        assert_eq!(nearest("éà"), None);
        assert_eq!(nearest("d"), None);
    }

    #[test]
    fn a_series_has_one_and() {
        assert_eq!(backquoted(["a"]), "`a`");
        assert_eq!(backquoted(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(backquoted([]), "");
    }
}
