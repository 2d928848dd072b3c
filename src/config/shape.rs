//! A JSON Schema as a tree that can be matched on: what may stand where in a config.
//!
//! Covers the part of JSON Schema that schemars makes of our structs. What else a schema says is gathered in
//! [`Reading::unknown`], which a test holds empty: no rule that editors see may be one that the loader misses.

use regex::Regex;
use serde_json::{Map, Value};

/// What may stand at one place of a config.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A table of known keys. With `others`, further keys may stand there too.
    Table { fields: Vec<Field>, others: Option<Box<Others>>, least: usize },
    /// A table with exactly one key, which decides what stands under it.
    Tagged(Vec<Field>),
    /// A list.
    List { items: Box<Shape>, least: usize, most: usize },
    /// One of these texts, each with what it means.
    Choice(Vec<(String, String)>),
    /// Text.
    Text { pattern: Option<Regex>, least: usize, most: usize },
    /// A whole number.
    Integer(Range),
    /// A number.
    Number(Range),
    /// `true` or `false`.
    Boolean,
    /// Any one of several.
    Either(Vec<Shape>),
    /// Anything at all.
    Anything,
}

/// A key of a table, or a tag.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// The field's own documentation.
    pub(super) about: String,
    /// The documentation of what stands under it.
    pub(super) about_type: String,
    pub(super) required: bool,
    pub(super) default: Option<Value>,
    pub(super) shape: Shape,
}

/// What keys that a table does not know may be.
#[derive(Debug, Clone)]
pub(super) struct Others {
    /// What each may be called.
    pub(super) names: Option<Regex>,
    /// The documentation of their names.
    pub(super) about_names: String,
    /// The documentation of what stands under them.
    pub(super) about: String,
    pub(super) shape: Shape,
}

/// The bounds of a number. Each is the number itself and whether the number itself is out of bounds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    pub(super) least: Option<(f64, bool)>,
    pub(super) most: Option<(f64, bool)>,
}

/// A schema that was read.
pub(super) struct Reading {
    pub(super) shape: Shape,
    /// Keywords that stand in the schema and are not understood here, with the object that holds them.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test holds it empty"))]
    pub(super) unknown: Vec<String>,
}

/// Reads a whole schema, with its `$defs`.
pub(super) fn read(schema: &Value) -> Reading {
    let mut reader = Reader { root: schema, unknown: Vec::new() };
    let shape = reader.shape(schema);
    Reading { shape, unknown: reader.unknown }
}

impl Shape {
    /// The field called `name` of a table, or the tag of that name.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// The fields of a table, or the tags of a tagged one; none for anything else.
    pub(super) fn fields(&self) -> &[Field] {
        match self {
            Self::Table { fields, .. } | Self::Tagged(fields) => fields,
            _ => &[],
        }
    }
}

impl Field {
    /// The documentation that says what the value may be: of its type where that has some, else the field's own.
    pub(super) fn constraint(&self) -> &str {
        if self.about_type.is_empty() { &self.about } else { &self.about_type }
    }
}

impl Range {
    /// Whether `number` is within the bounds; what is no number never is.
    pub(super) fn contains(self, number: f64) -> bool {
        let above = self.least.is_none_or(|(least, open)| if open { number > least } else { number >= least });
        let below = self.most.is_none_or(|(most, open)| if open { number < most } else { number <= most });
        above && below && number.is_finite()
    }
}

/// Keywords that say nothing about what is allowed.
const REMARKS: &[&str] = &["$schema", "$defs", "title", "description", "default", "examples", "format", "deprecated"];

struct Reader<'a> {
    root: &'a Value,
    unknown: Vec<String>,
}

impl<'a> Reader<'a> {
    fn shape(&mut self, schema: &'a Value) -> Shape {
        let Some(object) = schema.as_object() else { return Shape::Anything };
        if object.contains_key("$ref") {
            self.understands(object, &["$ref"]);
            return match self.target(object) {
                Some(target) => self.shape(target),
                None => Shape::Anything,
            };
        }
        if let Some(branches) = object.get("oneOf").or_else(|| object.get("anyOf")).and_then(Value::as_array) {
            self.understands(object, &["oneOf", "anyOf"]);
            return self.branches(branches);
        }
        if let Some(choices) = choices(object) {
            self.understands(object, &["type", "const", "enum"]);
            return Shape::Choice(choices);
        }
        let kinds: Vec<&str> = match object.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let keywords: Vec<&str> = kinds.iter().flat_map(|kind| keywords(kind)).copied().chain(["type"]).collect();
        self.understands(object, &keywords);
        let mut shapes: Vec<Shape> = kinds.iter().map(|kind| self.of_kind(object, kind)).collect();
        match (shapes.pop(), shapes.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => Shape::Either(shapes.into_iter().chain([last]).collect()),
            (None, _) => Shape::Anything,
        }
    }

    fn of_kind(&mut self, object: &'a Map<String, Value>, kind: &str) -> Shape {
        let at_least = |key: &str| count(object, key).unwrap_or(0);
        let at_most = |key: &str| count(object, key).unwrap_or(usize::MAX);
        match kind {
            "object" => self.table(object),
            "array" => {
                let items = object.get("items").map_or(Shape::Anything, |items| self.shape(items));
                Shape::List { items: Box::new(items), least: at_least("minItems"), most: at_most("maxItems") }
            }
            "string" => {
                let pattern = self.pattern(object);
                Shape::Text { pattern, least: at_least("minLength"), most: at_most("maxLength") }
            }
            "integer" => Shape::Integer(range(object)),
            "number" => Shape::Number(range(object)),
            "boolean" => Shape::Boolean,
            _ => Shape::Anything,
        }
    }

    fn table(&mut self, object: &'a Map<String, Value>) -> Shape {
        let required: Vec<&str> =
            object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = object.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten().map(|(name, schema)| Field {
            name: name.clone(),
            about: describe(schema),
            about_type: schema.as_object().and_then(|object| self.target(object)).map_or_else(String::new, describe),
            required: required.contains(&name.as_str()),
            default: schema.get("default").cloned(),
            shape: self.shape(schema),
        });
        let mut fields: Vec<Field> = fields.collect();
        // Required fields first and in the order of the struct; the schema's own order is alphabetical.
        let rank = |field: &Field| required.iter().position(|name| *name == field.name).unwrap_or(required.len());
        fields.sort_by_key(rank);
        let names = object.get("propertyNames");
        let others = |schema: Option<&'a Value>, reader: &mut Self| {
            Some(Box::new(Others {
                names: names.and_then(Value::as_object).and_then(|names| reader.pattern(names)),
                about_names: names.map_or_else(String::new, describe),
                about: schema.map_or_else(String::new, describe),
                shape: schema.map_or(Shape::Anything, |schema| reader.shape(schema)),
            }))
        };
        let others = match object.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            schema => others(schema, self),
        };
        Shape::Table { fields, others, least: count(object, "minProperties").unwrap_or(0) }
    }

    /// Several branches: all texts, all tables of one required key each, or a mixture.
    fn branches(&mut self, branches: &'a [Value]) -> Shape {
        let texts: Option<Vec<_>> = branches.iter().map(|branch| branch.as_object().and_then(choices)).collect();
        if let Some(texts) = texts {
            return Shape::Choice(texts.into_iter().flatten().collect());
        }
        let shapes: Vec<Shape> = branches.iter().map(|branch| self.shape(branch)).collect();
        let tag = |shape: &Shape| match shape {
            Shape::Table { fields, others: None, .. } => match fields.as_slice() {
                [only] if only.required => Some(only.clone()),
                _ => None,
            },
            _ => None,
        };
        match shapes.iter().map(tag).collect() {
            Some(tags) => Shape::Tagged(tags),
            None => Shape::Either(shapes),
        }
    }

    fn pattern(&mut self, object: &Map<String, Value>) -> Option<Regex> {
        let pattern = object.get("pattern")?.as_str()?;
        let compiled = Regex::new(pattern);
        if let Err(error) = &compiled {
            self.unknown.push(format!("pattern {pattern}: {error}"));
        }
        compiled.ok()
    }

    fn target(&self, object: &Map<String, Value>) -> Option<&'a Value> {
        let pointer = object.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    fn understands(&mut self, object: &Map<String, Value>, keywords: &[&str]) {
        let strange = object.keys().filter(|key| !keywords.contains(&key.as_str()) && !REMARKS.contains(&key.as_str()));
        self.unknown.extend(strange.map(|key| format!("{key} in {}", Value::Object(object.clone()))));
    }
}

/// The keywords that are understood for each type.
fn keywords(kind: &str) -> &'static [&'static str] {
    match kind {
        "object" => &["properties", "required", "additionalProperties", "propertyNames", "minProperties"],
        "array" => &["items", "minItems", "maxItems"],
        "string" => &["pattern", "minLength", "maxLength"],
        "integer" | "number" => &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
        _ => &[],
    }
}

fn range(object: &Map<String, Value>) -> Range {
    let bound = |closed: &str, open: &str| {
        let number = |key: &str| object.get(key).and_then(Value::as_f64);
        number(open).map(|bound| (bound, true)).or_else(|| number(closed).map(|bound| (bound, false)))
    };
    Range { least: bound("minimum", "exclusiveMinimum"), most: bound("maximum", "exclusiveMaximum") }
}

/// The texts that an `enum` or `const` of texts allows, each with what it means.
fn choices(object: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let about = object.get("description").and_then(Value::as_str).unwrap_or_default();
    if let Some(only) = object.get("const") {
        return Some(vec![(only.as_str()?.to_owned(), about.to_owned())]);
    }
    let values = object.get("enum")?.as_array()?;
    values.iter().map(|value| Some((value.as_str()?.to_owned(), String::new()))).collect()
}

fn count(object: &Map<String, Value>, key: &str) -> Option<usize> {
    object.get(key)?.as_u64()?.try_into().ok()
}

fn describe(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}
