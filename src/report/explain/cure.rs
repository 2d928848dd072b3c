//! How to keep what a rule took: the stage's entry in the config with one option changed, as TOML that works when it is pasted.

use serde::Deserialize;
use toml::{Table, Value};

use crate::stage::{Found, STAGES, StageConfig};

/// What is known of the removal that is to be undone.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// The text of the block or document as it was before, where that is known.
    pub text: Option<&'a str>,
    /// What the stage found in it.
    pub found: Option<&'a Found>,
    /// The measured value.
    pub value: Option<f64>,
    /// The limit it was held against.
    pub threshold: Option<f64>,
}

/// The entry of the stage `kind`, which has these options, with `option` so that the text stays; `None` where that cannot be told.
#[must_use]
pub fn cure(kind: &str, options: &Table, option: &str, removal: Removal<'_>) -> Option<String> {
    let current = options.get(option).cloned();
    let mut options = shortened(kind, options);
    let new = kept(current, removal)?;
    options.insert(option.to_owned(), new);
    // Whatever was made up here must be what a config can say.
    StageConfig::deserialize(Table::from_iter([(kind.to_owned(), Value::Table(options.clone()))])).ok()?;
    Some(format!("{kind} = {}", inline(&Value::Table(options))))
}

/// The value of the option under which the text stays.
fn kept(current: Option<Value>, removal: Removal<'_>) -> Option<Value> {
    match current {
        Some(Value::Boolean(on)) => Some(Value::Boolean(!on)),
        Some(Value::Integer(_)) => Some(Value::Integer(removal.value? as i64)),
        Some(Value::Float(_)) => {
            let (value, limit) = (removal.value?, removal.threshold?);
            // Rounded to the side on which the text stays.
            let rounded = if value < limit { (value * 1e3).floor() } else { (value * 1e3).floor() + 1.0 };
            // No share is more than all.
            (limit > 1.0 || rounded <= 1e3).then_some(Value::Float(rounded / 1e3))
        }
        list => {
            let mut list = if let Some(Value::Array(list)) = list { list } else { Vec::new() };
            let found = removal.found.and_then(|found| found.name.clone());
            list.push(Value::String(match found {
                Some(name) => name,
                None => pattern(removal.text?)?,
            }));
            Some(Value::Array(list))
        }
    }
}

/// Characters of a text that a pattern takes up, if it is longer.
const LONG: usize = 60;

/// A regular expression that finds this text.
fn pattern(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    let Some((end, _)) = text.char_indices().nth(LONG) else { return Some(format!("^{}$", escaped(text))) };
    let start = text.get(..end)?;
    let whole_words = start.rsplit_once(' ').map_or(start, |(words, _)| words);
    Some(format!("^{}", escaped(whole_words)))
}

/// The text as an expression that finds it. Only what must be escaped is, since people read it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\.+*?()|[]{}^$".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// The options without those that are what they are anyway: as they are where the config names the fewest.
fn shortened(kind: &str, options: &Table) -> Table {
    let sample = STAGES.iter().find(|(name, _)| *name == kind).map_or("{}", |(_, info)| info.sample);
    let sample: Table = format!("{kind} = {sample}").parse().unwrap_or_default();
    let usual = StageConfig::deserialize(sample.clone()).ok().map(|config| options_of(&config)).unwrap_or_default();
    let needed = |key: &str| sample.get(kind).is_some_and(|sample| sample.get(key).is_some());
    let differs = |(key, value): &(&String, &Value)| needed(key) || usual.get(*key) != Some(*value);
    options.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A stage's options, all that have a value.
#[must_use]
pub fn options_of(config: &StageConfig) -> Table {
    let table = Table::try_from(config).ok().and_then(|table| table.into_iter().next());
    match table {
        Some((_, Value::Table(options))) => options,
        _ => Table::new(),
    }
}

/// A value in one line of TOML.
fn inline(value: &Value) -> String {
    let list = |values: Vec<String>, [open, close]: [&str; 2]| match values.is_empty() {
        true => open.trim_end().to_owned() + close.trim_start(),
        false => format!("{open}{}{close}", values.join(", ")),
    };
    match value {
        Value::Table(table) => {
            let entries = table.iter().map(|(key, value)| format!("{} = {}", name(key), inline(value)));
            list(entries.collect(), ["{ ", " }"])
        }
        Value::Array(values) => list(values.iter().map(inline).collect(), ["[", "]"]),
        // A pattern is best read without a second layer of backslashes.
        Value::String(text) if text.starts_with('^') && !text.contains('\'') && !text.contains(char::is_control) => {
            format!("'{text}'")
        }
        Value::String(text) => basic(text),
        // Options of single precision have more digits than were written.
        Value::Float(number) => {
            let digits = format!("{number:.6}");
            let digits = digits.trim_end_matches('0');
            if digits.ends_with('.') { format!("{digits}0") } else { digits.to_owned() }
        }
        other => other.to_string(),
    }
}

fn name(key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { key.to_owned() } else { basic(key) }
}

/// A basic string of TOML, in one line whatever it holds.
fn basic(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            character if character.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => out.push(character),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_by(kind: &str, options: &str, option: &str, removal: Removal<'_>) -> Option<String> {
        let config = StageConfig::deserialize(format!("{kind} = {options}").parse::<Table>().unwrap()).unwrap();
        cure(kind, &options_of(&config), option, removal)
    }

    const NOTHING: Removal<'_> = Removal { text: None, found: None, value: None, threshold: None };

    #[test]
    fn what_the_config_sets_stays_and_what_is_usual_is_left_out() {
        let text = Removal { text: Some("It's (very) short."), ..NOTHING };
        assert_eq!(
            kept_by("boilerplate", "{ keep = ['a'], repeats = false, metadata = true }", "keep", text).as_deref(),
            Some(r#"boilerplate = { keep = ["a", "^It's \\(very\\) short\\.$"], repeats = false }"#)
        );
        let few = Removal { value: Some(5.0), threshold: Some(12.0), ..NOTHING };
        assert_eq!(
            kept_by("tokenize", "{ tokenizer = 'gpt2', min_tokens = 12, ids = true }", "min_tokens", few).as_deref(),
            Some("tokenize = { ids = true, min_tokens = 5, tokenizer = \"gpt2\" }")
        );
    }

    #[test]
    fn a_limit_is_moved_to_the_side_on_which_the_text_stays() {
        let low = Removal { value: Some(0.4567), threshold: Some(0.5), ..NOTHING };
        assert_eq!(kept_by("language", "{}", "min_score", low).as_deref(), Some("language = { min_score = 0.456 }"));
        let near = |value| Removal { value: Some(value), threshold: Some(0.8), ..NOTHING };
        let kept = kept_by("near_dedup", "{}", "threshold", near(0.9123));
        assert_eq!(kept.as_deref(), Some("near_dedup = { threshold = 0.913 }"));
        assert_eq!(kept_by("near_dedup", "{}", "threshold", near(1.0)), None, "nothing is more than the same");
        let german = Found { said: "German".to_owned(), name: Some("de".to_owned()) };
        let found = Removal { found: Some(&german), ..NOTHING };
        let kept = kept_by("language", "{ keep = ['fr'], min_score = 0.7 }", "keep", found);
        assert_eq!(kept.as_deref(), Some("language = { keep = [\"fr\", \"de\"], min_score = 0.7 }"));
    }

    #[test]
    fn what_no_config_can_say_is_not_said() {
        assert_eq!(
            kept_by("tokenize", "{ tokenizer = 'gpt2' }", "tokenizer", Removal { text: Some("a"), ..NOTHING }),
            None
        );
        assert_eq!(kept_by("boilerplate", "{}", "keep", NOTHING), None);
        let long = "word ".repeat(40);
        let kept = kept_by("paragraph_dedup", "{}", "keep", Removal { text: Some(&long), ..NOTHING }).unwrap();
        assert!(kept.starts_with("paragraph_dedup = { keep = ['^word word ") && kept.len() < 110, "{kept}");
    }
}
