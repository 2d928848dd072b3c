//! Front matter of Markdown files: what stands between two `---` lines (a simple YAML) or two `+++` lines (TOML).
//!
//! The YAML is what front matter uses of it: keys with scalars, lists and one level of nesting. Where a line fits none of
//! these, the whole is taken for text that starts with a rule, and nothing is cut.

use std::borrow::Cow;

use super::Column;
use super::fields::{Draft, Fields, Value, quoted};
use super::read::Reading;

/// Puts the front matter of a Markdown file into the draft and gives back what follows it.
pub(super) fn front_matter<'t>(reading: &Reading<'_>, text: &'t str, draft: &mut Draft<'t>) -> &'t str {
    let Some((entries, rest)) = parse(text) else { return text };
    let fields = Fields::with_usual_names(reading.config, USUAL_NAMES);
    for (key, value) in entries {
        // The text of a Markdown file is the file, whatever its front matter calls `text`.
        let node = fields.get(&key).filter(|node| !node.fills(Column::Text) && !node.leads_to(Column::Text));
        draft.put(node, &key, value);
    }
    rest
}

/// What static site generators call the columns.
const USUAL_NAMES: &[(Column, &str)] =
    &[(Column::Published, "date"), (Column::Updated, "lastmod"), (Column::Author, "authors")];

/// Front matter ends within so many lines.
const MOST_LINES: usize = 1000;

type Entries = Vec<(String, Value<'static>)>;

/// Reads front matter; None if it is none of the language.
type Language = fn(&str) -> Option<Entries>;

/// The entries of the front matter and the text after it; None if the text has none.
fn parse(text: &str) -> Option<(Entries, &str)> {
    let (first, inside) = text.split_once('\n')?;
    let (ends, read): (&[&str], Language) = match first.trim_end() {
        "---" => (&["---", "..."], yaml),
        "+++" => (&["+++"], toml),
        _ => return None,
    };
    let mut length = 0;
    for line in inside.split_inclusive('\n').take(MOST_LINES) {
        if ends.contains(&line.trim_end()) {
            let (matter, rest) = inside.split_at_checked(length)?;
            return Some((read(matter)?, rest.get(line.len()..)?));
        }
        length += line.len();
    }
    None
}

fn toml(matter: &str) -> Option<Entries> {
    let table: ::toml::Table = matter.parse().ok()?;
    Some(table.into_iter().map(|(key, value)| (key, from_toml(&value))).collect())
}

fn from_toml(value: &::toml::Value) -> Value<'static> {
    let json = match value {
        ::toml::Value::String(text) => return Value::Text(Cow::Owned(text.clone())),
        ::toml::Value::Datetime(when) => return Value::Text(Cow::Owned(when.to_string())),
        ::toml::Value::Integer(number) => number.to_string(),
        ::toml::Value::Float(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => number.to_string(),
            None => return Value::Text(Cow::Owned(number.to_string())),
        },
        ::toml::Value::Boolean(truth) => truth.to_string(),
        ::toml::Value::Array(items) => array(items.iter().map(from_toml)),
        ::toml::Value::Table(table) => object(table.iter().map(|(key, value)| (key.as_str(), from_toml(value)))),
    };
    Value::Json(Cow::Owned(json))
}

fn yaml(matter: &str) -> Option<Entries> {
    let mut lines = matter.lines().peekable();
    let mut entries = Vec::new();
    while let Some(line) = lines.next() {
        if is_aside(line) {
            continue;
        }
        let (key, value) = entry(line)?;
        let is_block = matches!(value.as_bytes(), [b'|' | b'>'] | [b'|' | b'>', b'-' | b'+']);
        let mut within = Vec::new();
        // A list may stand as far left as its key.
        while let Some(next) = lines.next_if(|next| {
            next.starts_with([' ', '\t']) || (is_block && next.is_empty()) || (value.is_empty() && is_item(next))
        }) {
            if is_block || !is_aside(next) {
                within.push(next.trim());
            }
        }
        let value = match within.as_slice() {
            [] => scalar(value),
            lines if is_block => Value::Text(Cow::Owned(folded(lines, value))),
            lines if !value.is_empty() => scalar(&format!("{value} {}", lines.join(" "))),
            lines if lines.iter().all(|line| is_item(line)) => {
                let items = lines.iter().map(|line| scalar(line.trim_start_matches('-').trim()));
                Value::Json(Cow::Owned(array(items)))
            }
            lines => match lines.iter().map(|line| entry(line)).collect::<Option<Vec<_>>>() {
                Some(entries) => Value::Json(Cow::Owned(object(entries.into_iter().map(|(k, v)| (k, scalar(v)))))),
                None => Value::Text(Cow::Owned(lines.join("\n"))),
            },
        };
        entries.push((key.to_owned(), value));
    }
    Some(entries)
}

fn is_aside(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

fn is_item(line: &str) -> bool {
    line == "-" || line.starts_with("- ")
}

/// A line `key: value`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let bare = key.trim_matches(['"', '\'']);
    let is_key = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    let is_entry =
        is_key && !bare.starts_with(['-', ' ']) && (value.is_empty() || value.starts_with([' ', '\t', '\r']));
    is_entry.then(|| (bare.trim(), value.trim()))
}

fn scalar(text: &str) -> Value<'static> {
    let owned = |text: &str| Value::Text(Cow::Owned(text.to_owned()));
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return serde_json::from_str(text).map_or_else(|_| owned(inner), |text: String| Value::Text(Cow::Owned(text)));
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return owned(&inner.replace("''", "'"));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let items = parts(inner).into_iter().filter(|item| !item.is_empty()).map(scalar);
        return Value::Json(Cow::Owned(array(items)));
    }
    let plain = text.split(" #").next().unwrap_or_default().trim();
    match plain {
        "" | "~" | "null" => Value::Null,
        "true" | "false" => Value::Json(Cow::Owned(plain.to_owned())),
        _ if serde_json::from_str::<serde_json::Number>(plain).is_ok() => Value::Json(Cow::Owned(plain.to_owned())),
        _ => owned(plain),
    }
}

/// A block scalar: its lines joined as `style` (`|` or `>`) says.
fn folded(lines: &[&str], style: &str) -> String {
    let text = lines.join(if style.starts_with('|') { "\n" } else { " " });
    text.trim_end().to_owned()
}

/// The parts of a list between commas that stand in no quotes.
fn parts(text: &str) -> Vec<&str> {
    let mut quote = None;
    let split = text.split(|c| {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        c == ',' && quote.is_none()
    });
    split.map(str::trim).collect()
}

fn array(items: impl Iterator<Item = Value<'static>>) -> String {
    let items: Vec<String> = items.map(json).collect();
    format!("[{}]", items.join(","))
}

fn object<'k>(entries: impl Iterator<Item = (&'k str, Value<'static>)>) -> String {
    let entries: Vec<String> = entries.map(|(key, value)| format!("{}:{}", quoted(key), json(value))).collect();
    format!("{{{}}}", entries.join(","))
}

fn json(value: Value<'static>) -> String {
    value.into_json().unwrap_or_else(|| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<(Vec<String>, &str)> {
        let (entries, rest) = parse(text)?;
        Some((entries.into_iter().map(|(key, value)| format!("{key}={}", json(value))).collect(), rest))
    }

    #[test]
    fn yaml_front_matter_is_read() {
        let text = "---\ntitle: \"A: b\"  \n# aside\ndate: 2023-09-04 # day\nn: 3\ndraft: false\nnothing:\ntags: [a, 'b, c', 1]\nauthors:\n- Ana\n  - Bo\nseo:\n  title: x\nlong: >\n  one\n  two\n\nlead: first\n  second\n---\n# Text\n";
        let (entries, rest) = shown(text).unwrap();
        assert_eq!(rest, "# Text\n");
        assert_eq!(
            entries,
            [
                r#"title="A: b""#,
                r#"date="2023-09-04""#,
                "n=3",
                "draft=false",
                "nothing=null",
                r#"tags=["a","b, c",1]"#,
                r#"authors=["Ana","Bo"]"#,
                r#"seo={"title":"x"}"#,
                r#"long="one two""#,
                r#"lead="first second""#,
            ]
        );
    }

    #[test]
    fn toml_front_matter_is_read() {
        let (entries, rest) =
            shown("+++\r\ntitle = \"x\"\r\ndate = 2023-09-04T10:00:00Z\r\ntags = [\"a\"]\r\n+++\r\nText").unwrap();
        assert_eq!(rest, "Text");
        assert_eq!(entries, [r#"date="2023-09-04T10:00:00Z""#, r#"tags=["a"]"#, r#"title="x""#]);
    }

    #[test]
    fn a_rule_before_prose_is_text() {
        for text in [
            "---\nA sentence, nothing else.\n---\nMore.\n",
            "---\nkey: value\nnever closed\n",
            "text",
            "---",
            "+++\nx\n+++\n",
        ] {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }
}
