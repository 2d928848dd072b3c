//! Which field of a record fills which column, and the document that comes of it. Knows no file formats.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

pub(super) use super::raw::{Object, Str, quoted};
use super::read::Reading;
use super::title;
use super::{Cause, Column, SourceConfig};
use crate::document::{Document, Facts, Position};
use crate::text::{address, timestamp};

/// The columns that fields fill, as a tree of field names: a dotted name has a branch for each part.
pub(super) struct Fields {
    root: Node,
    /// What the config calls the text.
    pub text: String,
}

/// A field name: the columns it fills, and the fields within it that do.
#[derive(Default)]
pub(super) struct Node {
    columns: Vec<Column>,
    /// Columns that it fills where nothing with a better right does.
    usual: Vec<Column>,
    children: Vec<(String, Node)>,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    /// A number, a boolean, an array or an object, as JSON text.
    Json(Cow<'a, str>),
}

/// A document in the making.
#[derive(Default)]
pub(super) struct Draft<'a> {
    id: Option<String>,
    text: Option<Value<'a>>,
    facts: Facts,
    metadata: BTreeMap<String, String>,
    /// Fields with a usual name of a column, in their order: what comes of them is known when all fields are.
    usual: Vec<(Vec<Column>, String, Value<'a>)>,
}

impl Column {
    /// What else the input may call it.
    pub(super) fn usual_name(self) -> Option<&'static str> {
        USUAL_NAMES.iter().find(|(column, _)| *column == self).map(|(_, name)| *name)
    }
}

const COLUMNS: [Column; 10] = [
    Column::Id,
    Column::Text,
    Column::Title,
    Column::Author,
    Column::Published,
    Column::Updated,
    Column::Url,
    Column::Site,
    Column::Section,
    Column::Credit,
];

/// What else articles call the columns: static site generators, and most published collections.
const USUAL_NAMES: [(Column, &str); 3] =
    [(Column::Published, "date"), (Column::Updated, "lastmod"), (Column::Author, "authors")];

/// Where an object keeps what it stands for: a person's name, and dates and numbers as MongoDB exports them.
const WHOLE_VALUES: [&str; 3] = ["name", "$date", "$numberLong"];

/// What the two parts of a person's name are called where they stand apart.
const PARTS_OF_NAMES: [(&str, &str); 4] =
    [("given", "family"), ("givenName", "familyName"), ("first_name", "last_name"), ("firstName", "lastName")];

/// Values within values are looked at so deep for a plain text: a list of objects with a name that is an object.
const MOST_DEPTH: usize = 6;

impl Fields {
    /// The mapping of the config: what it does not name is filled by the field of the same name, else by the usual one.
    pub(super) fn new(config: &SourceConfig) -> Self {
        let mut root = Node::default();
        for column in COLUMNS {
            let Some(path) = config.fields.get(&column) else {
                root.child(column.name()).columns.push(column);
                if let Some(name) = column.usual_name() {
                    root.child(name).usual.push(column);
                }
                continue;
            };
            root.child(path).columns.push(column);
            if path.contains('.') {
                path.split('.').fold(&mut root, Node::child).columns.push(column);
            }
        }
        let text = config.fields.get(&Column::Text).map_or("text", String::as_str);
        Self { root, text: text.to_owned() }
    }

    /// What the field `name` of a record fills, if anything.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.root.get(name)
    }
}

impl Node {
    /// True for the field that holds the text and nothing else.
    pub(super) fn is_text(&self) -> bool {
        self.columns == [Column::Text] && self.children.is_empty()
    }

    /// True if the field fills this column.
    pub(super) fn fills(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// True if some field within this one fills the column.
    pub(super) fn leads_to(&self, column: Column) -> bool {
        self.children.iter().any(|(_, child)| child.fills(column) || child.leads_to(column))
    }

    fn get(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|(child, _)| child == name).map(|(_, node)| node)
    }

    fn child(&mut self, name: &str) -> &mut Self {
        let at = self.children.iter().position(|(child, _)| child == name).unwrap_or(self.children.len());
        if at == self.children.len() {
            self.children.push((name.to_owned(), Self::default()));
        }
        &mut self.children[at].1
    }
}

impl<'a> Value<'a> {
    /// The value that JSON text stands for.
    ///
    /// # Errors
    /// A string with an escape that stands for no character.
    pub(super) fn from_json(json: &'a str) -> Result<Self, serde_json::Error> {
        Ok(match json.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str::<Str<'a>>(json)?.0),
            Some(b'n') => Self::Null,
            _ => Self::Json(Cow::Borrowed(json)),
        })
    }

    /// The value as JSON text; None for null, which says no more than a missing field.
    pub(super) fn into_json(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(quoted(&text)),
            Self::Json(json) => Some(json.into_owned()),
        }
    }

    /// The value as plain text: arrays joined with `; `, objects by their name or the one value they wrap.
    fn plain(&self) -> Option<String> {
        self.plain_within(MOST_DEPTH)
    }

    /// As [`Value::plain`], through so many arrays and objects: what is nested deeper is no text of a column, and foreign
    /// input must not decide how deep we go.
    fn plain_within(&self, depth: usize) -> Option<String> {
        let text = match self {
            Self::Null => return None,
            Self::Text(text) => text.trim().to_owned(),
            Self::Json(json) => match json.as_bytes().first()? {
                b'[' | b'{' if depth == 0 => return None,
                b'[' => {
                    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
                    let plain = |item: &&RawValue| Value::from_json(item.get()).ok()?.plain_within(depth - 1);
                    let items: Option<Vec<String>> = items.iter().map(plain).collect();
                    items?.join("; ")
                }
                b'{' => {
                    let Object(fields) = serde_json::from_str(json).ok()?;
                    let part = |wanted: &str| {
                        let (_, value) = fields.iter().find(|(key, _)| key == wanted)?;
                        Value::from_json(value.get()).ok()?.plain_within(depth - 1)
                    };
                    let whole = || WHOLE_VALUES.iter().find_map(|key| part(key));
                    let parts = |(given, family): &(&str, &str)| Some(part(given)? + " " + &part(family)?);
                    whole().or_else(|| PARTS_OF_NAMES.iter().find_map(parts))?
                }
                _ => json.clone().into_owned(),
            },
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// How many bytes the value has.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Text(text) | Self::Json(text) => text.len() as u64,
        }
    }

    /// The kind of value in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "a string",
            Self::Json(json) => match json.as_bytes().first() {
                Some(b'[') => "an array",
                Some(b'{') => "an object",
                Some(b't' | b'f') => "a boolean",
                _ => "a number",
            },
        }
    }
}

impl<'a> Draft<'a> {
    /// Takes in the field `name`, which fills what `node` says; what fills no column goes to the metadata.
    pub(super) fn put(&mut self, node: Option<&Node>, name: &str, value: Value<'a>) {
        let rest = match node {
            None => value.into_json(),
            Some(node) if !node.usual.is_empty() && node.columns.is_empty() => {
                self.usual.push((node.usual.clone(), name.to_owned(), value));
                return;
            }
            Some(node) => self.fill(node, value),
        };
        if let Some(json) = rest {
            self.metadata.insert(name.to_owned(), json);
        }
    }

    /// Takes in a field that fills no column, as JSON text.
    pub(super) fn put_json(&mut self, name: String, json: &str) {
        if json != "null" {
            self.metadata.insert(name, json.to_owned());
        }
    }

    /// Takes in the text.
    pub(super) fn put_text(&mut self, value: Value<'a>) {
        self.text = Some(value);
    }

    /// Notes the encoding that the record was decoded from, unless the record itself has such a field.
    pub(super) fn note_encoding(&mut self, encoding: &str) {
        if encoding != "UTF-8" {
            self.metadata.entry("encoding".to_owned()).or_insert_with(|| quoted(encoding));
        }
    }

    /// The document, or why there is none. `text_field` is what the config calls the text.
    pub(super) fn finish(
        mut self,
        position: Position,
        reading: &Reading<'_>,
        text_field: &str,
    ) -> Result<Document, (Cause, String)> {
        let source = &reading.file.name;
        self.fill_by_usual_names();
        let text = match self.text {
            Some(Value::Text(text)) => text,
            Some(Value::Null) => return Err((Cause::Empty, format!("the field `{text_field}` is null"))),
            Some(other) => {
                let detail = format!("the field `{text_field}` is {}, not a string", other.kind());
                return Err((Cause::WrongType, detail));
            }
            None => return Err((Cause::MissingText, format!("there is no field `{text_field}`"))),
        };
        let text = match &self.facts.title {
            Some(title) if reading.config.title_in_text => title::put_before(text, title),
            _ => text,
        };
        let id = self.id.unwrap_or_else(|| format!("{source}#{}", position.record));
        let mut document = Document::new(position, id, Arc::clone(source), &text);
        if document.blocks().len() == 0 {
            let what = if text.is_empty() { "empty" } else { "only white space" };
            return Err((Cause::Empty, format!("the text is {what}")));
        }
        let mut facts = self.facts;
        facts.site = facts.site.or_else(|| address::host(facts.url.as_deref()?));
        *document.facts_mut() = facts;
        *document.metadata_mut() = self.metadata;
        Ok(document)
    }

    /// Fills the columns that are still empty from fields with usual names.
    fn fill_by_usual_names(&mut self) {
        for (columns, name, value) in std::mem::take(&mut self.usual) {
            let mut used = false;
            for column in columns {
                used |= !self.is_filled(column) && self.fill_column(column, &value);
            }
            if let Some(json) = value.into_json().filter(|_| !used) {
                self.metadata.insert(name, json);
            }
        }
    }

    fn is_filled(&self, column: Column) -> bool {
        match column {
            Column::Published => self.facts.published.is_some(),
            Column::Updated => self.facts.updated.is_some(),
            Column::Author => self.facts.author.is_some(),
            _ => false,
        }
    }

    /// Fills the columns of `node` and gives back, as JSON, what was of no use to any.
    fn fill(&mut self, node: &Node, value: Value<'a>) -> Option<String> {
        let mut used = false;
        for &column in &node.columns {
            if column == Column::Text {
                self.text = Some(value.clone());
                used = true;
            } else {
                used |= self.fill_column(column, &value);
            }
        }
        if used {
            return None;
        }
        match &value {
            Value::Json(json) if !node.children.is_empty() && json.starts_with('{') => self.fill_within(node, json),
            _ => value.into_json(),
        }
    }

    /// Fills columns from the fields of an object and gives back the object without those.
    fn fill_within(&mut self, node: &Node, json: &str) -> Option<String> {
        let Ok(Object(fields)) = serde_json::from_str(json) else { return Some(json.to_owned()) };
        let mut rest = String::new();
        for (key, raw) in fields {
            let left = match (node.get(&key), Value::from_json(raw.get())) {
                (Some(child), Ok(value)) => self.fill(child, value.into_owned()),
                _ => Some(raw.get().to_owned()),
            };
            if let Some(left) = left {
                rest.push(if rest.is_empty() { '{' } else { ',' });
                rest.push_str(&quoted(&key));
                rest.push(':');
                rest.push_str(&left);
            }
        }
        (!rest.is_empty()).then(|| rest + "}")
    }

    /// Fills one column other than the text; false if the value does not suit it, which leaves what is there.
    fn fill_column(&mut self, column: Column, value: &Value<'_>) -> bool {
        let facts = &mut self.facts;
        let slot = match column {
            Column::Id => {
                let suits = !matches!(value.kind(), "an array" | "an object");
                return replace(&mut self.id, value.plain().filter(|_| suits));
            }
            Column::Published | Column::Updated => {
                let slot = if column == Column::Published { &mut facts.published } else { &mut facts.updated };
                return replace(slot, value.plain().and_then(|text| timestamp::day(&text)));
            }
            Column::Text => return false,
            Column::Title => &mut facts.title,
            Column::Author => &mut facts.author,
            Column::Url => &mut facts.url,
            Column::Site => &mut facts.site,
            Column::Section => &mut facts.section,
            Column::Credit => &mut facts.credit,
        };
        replace(slot, value.plain())
    }
}

/// Puts a value in place if there is one; says whether there was.
fn replace<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let is_some = value.is_some();
    if is_some {
        *slot = value;
    }
    is_some
}

impl Value<'_> {
    fn into_owned<'b>(self) -> Value<'b> {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Json(json) => Value::Json(Cow::Owned(json.into_owned())),
        }
    }
}
