//! The config's JSON Schema, made from the structs that the config is read into.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value, json};

use super::Config;

/// JSON Schema (draft 2020-12) of a config, for editors and for [`super::load()`].
///
/// Every table refuses unknown keys; descriptions are the structs' rustdoc, defaults their `Default`.
///
/// ```
/// let schema = tamis::config::schema();
/// assert_eq!(schema["properties"]["output"]["$ref"], "#/$defs/OutputConfig");
/// ```
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(as_toml_has_it));
    let mut schema = settings.into_generator().into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), json!("tamis config"));
    schema.into()
}

/// Schemars describes Rust's types; a TOML file has no null, and its numbers have the ranges of those types.
fn as_toml_has_it(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    drop_null(object);
    bound_integers(object);
    shorten_floats(object);
}

/// An optional value is a key that may be left out.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default") == Some(&Value::Null) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(branches)) = object.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// The largest value of each integer type, where a field sets none itself.
fn bound_integers(object: &mut Map<String, Value>) {
    let largest = match object.get("format").and_then(Value::as_str) {
        Some("uint8") => json!(u8::MAX),
        Some("uint16") => json!(u16::MAX),
        Some("uint32") => json!(u32::MAX),
        Some("int32") => json!(i32::MAX),
        // TOML's own range.
        Some("uint" | "uint64" | "int64") => json!(i64::MAX),
        _ => return,
    };
    object.entry("maximum").or_insert(largest);
}

/// A default of 0.65 in single precision is 0.65, not 0.6499999761581421.
fn shorten_floats(object: &mut Map<String, Value>) {
    if object.get("format").and_then(Value::as_str) != Some("float") {
        return;
    }
    for key in ["default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        let Some(value) = object.get_mut(key) else { continue };
        let single = value.as_f64().map(|number| number as f32);
        if let Some(short) = single.and_then(|number| number.to_string().parse::<f64>().ok()) {
            *value = json!(short);
        }
    }
}
