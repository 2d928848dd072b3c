//! `split`: puts each document into a split (train, validation, test) by a stable hash.
//!
//! Local: the split depends on the document's key, the salt and the shares alone, so documents that are added later
//! move no document that was there before, unless they join its cluster and become the ones that it is named after.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Configure, Configured, Fact, LocalStage, Stage, StageError, StageInfo, Surroundings};
use crate::document::{Document, Facts, Mark};
use crate::text::hash::draw;

/// Puts each document into a split by a stable hash, so that documents added later move none that were there before.
///
/// Every key but `by` and `salt` names a split. Its value is a share of the documents (`train = 0.9`) or an exact range
/// of the hash (`train = [0.0, 0.9]`). Shares must add up to 1 and are laid out in alphabetical order of the names;
/// ranges must cover 0 to 1 without gap or overlap. Hugging Face expects the names `train`, `validation` and `test`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// What stays together: documents with the same key fall into the same split.
    pub by: By,
    /// Changes the hash: another salt gives another, equally stable, split.
    pub salt: String,
    /// The splits by name.
    pub splits: BTreeMap<String, Share>,
}

/// What stays together in one split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Each document for itself, by its id.
    #[default]
    Document,
    /// All near copies of one cluster, by the cluster's id. A document in none stands for itself.
    Cluster,
    /// All documents of one file, by the file's path.
    Source,
    /// All documents of one host, by that of `url` without `www.`, else by `site`. One without either stands for itself.
    Host,
    /// All documents of one day, by `published`. One without stands for itself.
    Published,
}

/// How much of the documents a split receives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// A part of all documents, from 0 to 1.
    Fraction(f64),
    /// The documents whose hash, from 0 to 1, is at least the first number and less than the second.
    Range(f64, f64),
}

impl Configure for Split {
    const INFO: StageInfo = StageInfo {
        does: "assigns splits by a stable hash, so that new articles move no old ones",
        gives: &[Fact::Split],
        sample: "{ train = 0.9, validation = 0.05, test = 0.05 }",
        fixture: include_str!("../../tests/stages/split.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        let stage =
            Stage::Local(Box::new(Assign { by: self.by, salt: self.salt.clone(), upper_bounds: self.bounds()? }));
        let needs: &[Fact] = if self.by == By::Cluster { &[Fact::Cluster] } else { &[] };
        Ok(Configured { needs, ..Configured::harmless(stage) })
    }
}

/// The stage: splits by the upper end of their range, in ascending order.
struct Assign {
    by: By,
    salt: String,
    upper_bounds: Vec<(f64, String)>,
}

impl LocalStage for Assign {
    fn apply(&self, document: &mut Document, _mark: Mark) {
        let key = match self.by {
            By::Document => None,
            // The plan refuses `cluster` where no stage finds any.
            By::Cluster => document.cluster().map(|cluster| Cow::from(&cluster.id)),
            By::Source => Some(Cow::from(&**document.source())),
            By::Host => host(document.facts()).map(Cow::from),
            By::Published => document.facts().published.map(|day| Cow::from(day.to_string())),
        };
        let drawn = draw(&self.salt, "split", key.as_deref().unwrap_or(document.id()));
        let split = self.upper_bounds.iter().find(|(upper, _)| drawn < *upper);
        if let Some((_, name)) = split {
            document.set_split(name.clone());
        }
    }
}

/// The host of an article's address in lower case, without `www.` and port; else the name of its site.
fn host(facts: &Facts) -> Option<String> {
    let of_url = |url: &String| {
        let (_, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?.split(':').next()?.to_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        (!host.is_empty()).then(|| host.to_owned())
    };
    facts.url.as_ref().and_then(of_url).or_else(|| facts.site.as_ref().map(|site| site.trim().to_lowercase()))
}

/// How far the shares may miss 1 in all: thirds written with six digits are meant to add up.
const TOLERANCE: f64 = 1e-5;

/// The keys of the stage's table that name no split.
const OPTIONS: [&str; 2] = ["by", "salt"];

impl Split {
    /// The upper end of each split's range with its name, ascending, the last being 1.
    fn bounds(&self) -> Result<Vec<(f64, String)>, StageError> {
        self.check_names()?;
        let mut ranges = Vec::new();
        let mut sum = 0.0;
        for (name, share) in &self.splits {
            match *share {
                Share::Fraction(part) if part > 0.0 && part <= 1.0 => {
                    ranges.push((sum, sum + part, name.clone()));
                    sum += part;
                }
                Share::Range(low, high) if 0.0 <= low && low < high && high <= 1.0 => {
                    ranges.push((low, high, name.clone()));
                }
                Share::Fraction(part) => {
                    return Err(StageError::new(name, format!("a share of {part} is not more than 0 and at most 1")));
                }
                Share::Range(low, high) => {
                    return Err(StageError::new(name, format!("[{low}, {high}] is no range within 0 and 1"))
                        .hint("write the lower end first, as in `train = [0.0, 0.9]`"));
                }
            }
        }
        let fractions = self.splits.values().filter(|share| matches!(share, Share::Fraction(_))).count();
        if fractions == self.splits.len() {
            check_sum(sum)?;
        } else if fractions == 0 {
            ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
            check_cover(&ranges)?;
        } else {
            return Err(StageError::new("", "some splits have a share and others a range")
                .hint("give all of them shares that add up to 1, or all of them ranges that cover 0 to 1"));
        }
        let mut bounds: Vec<(f64, String)> = ranges.into_iter().map(|(_, upper, name)| (upper, name)).collect();
        if let Some(last) = bounds.last_mut() {
            last.0 = 1.0;
        }
        Ok(bounds)
    }

    fn check_names(&self) -> Result<(), StageError> {
        if self.splits.is_empty() {
            return Err(StageError::new("", "no split is named")
                .hint("for example `split = { train = 0.9, validation = 0.05, test = 0.05 }`"));
        }
        let mut folded = BTreeMap::new();
        for name in self.splits.keys() {
            let parts_are_words = name.split('.').all(|part| {
                !part.is_empty() && part.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
            });
            if !parts_are_words {
                return Err(StageError::new(name, format!("`{name}` cannot name a split")).hint(
                    "use letters a to z, digits, `_`, and `.` between them: the name becomes part of file names",
                ));
            }
            if let Some(other) = folded.insert(name.to_ascii_lowercase(), name) {
                return Err(StageError::new(name, format!("`{other}` and `{name}` differ in case alone"))
                    .hint("their files would overwrite each other on some systems"));
            }
        }
        Ok(())
    }
}

fn check_sum(sum: f64) -> Result<(), StageError> {
    let rest = 1.0 - sum;
    let hint = "shares must add up to 1; to leave documents out, use another stage";
    if rest > TOLERANCE {
        return Err(StageError::new(
            "",
            format!("the shares add up to {sum:.6}: {rest:.6} of the documents are in no split"),
        )
        .hint(hint));
    }
    if rest < -TOLERANCE {
        return Err(StageError::new("", format!("the shares add up to {sum:.6}, which is more than 1")).hint(hint));
    }
    Ok(())
}

/// Checks that `ranges`, sorted by their lower end, cover 0 to 1 without gap or overlap.
fn check_cover(ranges: &[(f64, f64, String)]) -> Result<(), StageError> {
    let mut covered = 0.0;
    for (low, high, name) in ranges {
        if *low > covered {
            return Err(StageError::new(name, format!("no split covers {covered} to {low}"))
                .hint("ranges must cover 0 to 1: each begins where another ends"));
        }
        if *low < covered {
            return Err(StageError::new(name, format!("the range overlaps another one from {low} to {covered}"))
                .hint("each range begins where another ends"));
        }
        covered = *high;
    }
    if covered < 1.0 {
        return Err(StageError::new("", format!("no split covers {covered} to 1")).hint("ranges must cover 0 to 1"));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SplitVisitor)
    }
}

struct SplitVisitor;

impl<'de> Visitor<'de> for SplitVisitor {
    type Value = Split;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of splits, such as { train = 0.9, test = 0.1 }")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Split, A::Error> {
        let mut split = Split::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "by" => split.by = map.next_value()?,
                "salt" => split.salt = map.next_value()?,
                _ => {
                    let share = map.next_value().map_err(|error| {
                        let near = OPTIONS.iter().find(|option| strsim::damerau_levenshtein(option, &key) <= 1);
                        let meant = near.map(|option| format!("; did you mean `{option}`?")).unwrap_or_default();
                        A::Error::custom(format!("`{key}` is read as the name of a split: {error}{meant}"))
                    })?;
                    split.splits.insert(key, share);
                }
            }
        }
        Ok(split)
    }
}

impl Serialize for Split {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.splits.len() + OPTIONS.len()))?;
        map.serialize_entry("by", &self.by)?;
        map.serialize_entry("salt", &self.salt)?;
        for (name, share) in &self.splits {
            map.serialize_entry(name, share)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShareVisitor)
    }
}

struct ShareVisitor;

impl<'de> Visitor<'de> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a share such as 0.9, or a range such as [0.0, 0.9]")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Share, E> {
        Ok(Share::Fraction(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Share, E> {
        Ok(Share::Fraction(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Share, E> {
        Ok(Share::Fraction(value as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Share, A::Error> {
        let low = sequence.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let high = sequence.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        if sequence.next_element::<f64>()?.is_some() {
            return Err(A::Error::invalid_length(3, &self));
        }
        Ok(Share::Range(low, high))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fraction(part) => part.serialize(serializer),
            Self::Range(low, high) => [low, high].serialize(serializer),
        }
    }
}

impl JsonSchema for Split {
    fn schema_name() -> Cow<'static, str> {
        "Split".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut by = generator.subschema_for::<By>();
        by.insert("default".into(), "document".into());
        by.insert(
            "description".into(),
            "What stays together: documents with the same key fall into the same split.".into(),
        );
        json_schema!({
            "description": "Puts each document into a split by a stable hash, so that documents added later move none \
                that were there before. Every key but `by` and `salt` names a split; shares add up to 1.",
            "type": "object",
            "properties": {
                "by": by,
                "salt": {
                    "description": "Changes the hash: another salt gives another, equally stable, split.",
                    "type": "string",
                    "default": "",
                },
            },
            "additionalProperties": {
                "description": "A split: its share of the documents (`0.9`), or a range of the hash (`[0.0, 0.9]`).",
                "type": ["number", "array"],
                "minimum": 0,
                "maximum": 1,
                "items": { "type": "number", "minimum": 0, "maximum": 1 },
                "minItems": 2,
                "maxItems": 2,
            },
            "propertyNames": {
                "description": "Letters, digits, `_`, and `.` between them: the name becomes part of file names.",
                "pattern": r"^\w+(\.\w+)*$"
            },
            "minProperties": 1,
        })
    }
}

#[cfg(test)]
mod tests;
