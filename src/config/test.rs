//! `[[test]]`: what a config's stages shall do with a text, beside the config itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::source::Column;

/// One `[[test]]`: an article, or several, and what shall become of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestConfig {
    /// What the test shows, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The article as plain text; a list of texts is several articles, in the order of a corpus.
    pub input: Texts,
    /// Texts that must be kept: each of their lines must stand within a kept block.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub expect_kept: Texts,
    /// Texts that must be removed, as `{ text = "...", rule = "boilerplate.comment_form" }`; `rule` may be left out. With
    /// their block, with their document, or cut out of a block that stays: each is a removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect_removed: Vec<ExpectedRemoval>,
    /// The language that must be told of every article, as its code (`fr`; `und` for undecided, `zxx` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_language: Option<String>,
    /// The split that every article that is kept must be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_split: Option<String>,
    /// How many tokens every article that is kept must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_tokens: Option<u32>,
    /// What must stand in columns of every article that is kept, as `column = "value"`; days as `2024-05-31`, `text` for all
    /// that is kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect_columns: BTreeMap<Column, String>,
}

/// A text that must be removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRemoval {
    /// The text, or a part of a line; each of its lines must be removed.
    #[schemars(length(min = 1))]
    pub text: String,
    /// The rule that must remove it, by its full name (`boilerplate.comment_form`). Unset: any rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// One text, or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

impl TestConfig {
    /// Whether the test expects nothing, so that it can never fail.
    #[must_use]
    pub fn expects_nothing(&self) -> bool {
        self.expect_kept.is_empty()
            && self.expect_removed.is_empty()
            && self.expect_language.is_none()
            && self.expect_split.is_none()
            && self.expect_tokens.is_none()
            && self.expect_columns.is_empty()
    }
}

impl Texts {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [only] => serializer.serialize_str(only),
            texts => serializer.collect_seq(texts),
        }
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Texts;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Texts {
    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, or a list of texts.",
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } }
            ]
        })
    }
}
