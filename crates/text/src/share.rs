//! Shares of a whole, from 0 to 1, and allowances that are a share or a number.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A share of a whole: from 0, none of it, to 1, all of it.
///
/// ```
/// use tamis_text::share::Share;
/// let half = Share::new(0.5).expect("a half is a share");
/// assert!(half.is_exceeded(51, 100) && !half.is_exceeded(50, 100));
/// assert_eq!(Share::new(1.5), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

/// Never a NaN, so every share equals itself.
impl Eq for Share {}

/// How many are allowed: a share of all, or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// A share of all.
    Share(Share),
    /// So many.
    Count(u64),
}

impl Share {
    /// The share `number`, unless it is not from 0 to 1.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        (0.0..=1.0).contains(&number).then_some(Self(number))
    }

    /// Whether `part` is more than this share of `whole`. Nothing of nothing is not.
    #[must_use]
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        part as f64 > self.0 * whole as f64
    }
}

impl Allowance {
    /// Whether `part` of `whole` is more than is allowed.
    #[must_use]
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        match self {
            Self::Share(share) => share.is_exceeded(part, whole),
            Self::Count(count) => part > count,
        }
    }
}

impl fmt::Display for Share {
    /// In percent, with one decimal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} %", self.0 * 100.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| de::Error::custom("a share is a number from 0 to 1"))
    }
}

impl JsonSchema for Share {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

impl Serialize for Allowance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => share.serialize(serializer),
            Self::Count(count) => serializer.serialize_u64(*count),
        }
    }
}

impl<'de> Deserialize<'de> for Allowance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Allowance;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a share such as 0.01, or a whole number")
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Allowance, E> {
                let share = Share::new(number).ok_or_else(|| E::custom("a share is a number from 0 to 1"))?;
                Ok(Allowance::Share(share))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Allowance, E> {
                u64::try_from(number)
                    .map(Allowance::Count)
                    .map_err(|_| E::custom("a number of records is not negative"))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Allowance, E> {
                Ok(Allowance::Count(number))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Allowance {
    fn schema_name() -> Cow<'static, str> {
        "Allowance".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number, or a share from 0.0 to 1.0.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": i64::MAX },
                { "type": "number", "minimum": 0, "maximum": 1 }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_a_count_and_a_float_a_share() {
        let read =
            |text: &str| toml::from_str::<std::collections::BTreeMap<String, Allowance>>(text).map(|table| table["a"]);
        assert_eq!(read("a = 1"), Ok(Allowance::Count(1)));
        assert_eq!(read("a = 1.0"), Ok(Allowance::Share(Share(1.0))));
        assert!(read("a = 1.1").is_err() && read("a = -1").is_err() && read("a = nan").is_err());
    }

    #[test]
    fn nothing_of_nothing_exceeds_no_share() {
        assert!(!Share(0.0).is_exceeded(0, 0));
        assert!(Share(0.0).is_exceeded(1, 1_000_000));
        assert!(!Share(1.0).is_exceeded(7, 7));
    }
}
