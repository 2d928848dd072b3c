//! Front matter of Markdown files: what stands between two `---` lines (a simple YAML) or two `+++` lines (TOML).
//!
//! The YAML is what front matter uses of it. Where it is none of that, the whole is taken for text that starts with a rule,
//! and nothing is cut.

use std::borrow::Cow;

use yaml::yaml;

use super::Column;
use super::fields::{Draft, Fields, Value, quoted};
use super::read::Reading;

mod yaml;

/// Puts the front matter of a Markdown file into the draft and gives back what follows it.
pub(super) fn front_matter<'t>(reading: &Reading<'_>, text: &'t str, draft: &mut Draft<'t>) -> &'t str {
    let Some((entries, rest)) = parse(text) else { return text };
    let fields = Fields::new(reading.config);
    for (key, value) in entries {
        // The text of a Markdown file is the file, whatever its front matter calls `text`.
        let node = fields.get(&key).filter(|node| !node.fills(Column::Text) && !node.leads_to(Column::Text));
        draft.put(node, &key, value);
    }
    rest
}

/// Front matter ends within so many lines.
const MOST_LINES: usize = 1000;

/// The entries of the front matter of a Markdown file, if it has any.
pub(super) fn entries(text: &str) -> Option<Entries> {
    parse(text).map(|(entries, _)| entries)
}

pub(super) type Entries = Vec<(String, Value<'static>)>;

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
    fn lists_of_people_and_nested_keys_are_read() {
        let text = "---\nauthors:\n  - name: Ines Valle\n    role: \"Reporter: West\"\n    links:\n      - site: a\n  # aside\n  - {name: Tom Arne, role: [x, {y: 1}]}\n  - \"Quoted: name\"\neditor:\n  name:\n    given: Ola\n    family: Berg\nlong:\n  - |\n    one\n    two\ntags: [\n  a,\n  b\n]\n---\nText";
        let (entries, rest) = shown(text).unwrap();
        assert_eq!(rest, "Text");
        assert_eq!(
            entries,
            [
                r#"authors=[{"name":"Ines Valle","role":"Reporter: West","links":[{"site":"a"}]},{"name":"Tom Arne","role":["x",{"y":1}]},"Quoted: name"]"#,
                r#"editor={"name":{"given":"Ola","family":"Berg"}}"#,
                r#"long=["one\ntwo"]"#,
                r#"tags=["a","b"]"#,
            ]
        );
    }

    #[test]
    fn what_is_nested_without_end_stays_text() {
        let deep =
            ["[", "{a: ", "- ", "- a: "].map(|open| format!("---\nx: {0}\ny:\n {0}\n---\nText", open.repeat(20_000)));
        let lines: String = (0..900).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        for text in deep.iter().map(String::as_str).chain([format!("---\n{lines}---\nText").as_str()]) {
            let (_, rest) = shown(text).unwrap();
            assert_eq!(rest, "Text");
        }
        let closed = format!("---\nx: {}{}\n---\nText", "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(shown(&closed).unwrap().1, "Text");
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
