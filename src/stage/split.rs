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
mod tests {
    use std::path::Path;

    use super::*;
    use std::collections::BTreeSet;

    use crate::document::{Cluster, Day, Position, StageIndex};

    fn parse(text: &str) -> Split {
        toml::from_str(text).unwrap()
    }

    fn refusal(text: &str) -> StageError {
        let surroundings = Surroundings { folder: Path::new(".") };
        parse(text).configure(&surroundings).err().expect("the config is refused")
    }

    fn assign(text: &str, id: &str, source: &str) -> String {
        let configured = parse(text).configure(&Surroundings { folder: Path::new(".") }).unwrap();
        let Stage::Local(stage) = configured.stage else { panic!("split is local") };
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, id.into(), source.into(), "One.");
        stage.apply(&mut document, Mark::new(StageIndex(0)));
        document.split().expect("every document is in a split").to_owned()
    }

    #[test]
    fn shares_are_kept_within_a_percent() {
        let config = "train = 0.9\nvalidation = 0.05\ntest = 0.05";
        let mut counts = BTreeMap::<String, u32>::new();
        for n in 0..10_000 {
            *counts.entry(assign(config, &format!("a.txt#{n}"), "a.txt")).or_default() += 1;
        }
        assert!(counts["train"].abs_diff(9_000) < 100, "{counts:?}");
        assert!(counts["validation"].abs_diff(500) < 100, "{counts:?}");
        assert!(counts["test"].abs_diff(500) < 100, "{counts:?}");
    }

    #[test]
    fn the_split_of_a_document_never_changes() {
        let config = "train = 0.5\ntest = 0.5";
        let splits: String = (0..16).map(|n| assign(config, &format!("a.txt#{n}"), "a.txt").remove(1)).collect();
        // From another implementation of the definition of `draw`.
        assert_eq!(splits, "rrrerereerererer");
    }

    #[test]
    fn ranges_say_exactly_what_shares_say() {
        let (shares, ranges) = ("test = 0.25\ntrain = 0.75", "train = [0.25, 1.0]\ntest = [0, 0.25]");
        for n in 0..100 {
            let id = format!("a.txt#{n}");
            assert_eq!(assign(shares, &id, "a.txt"), assign(ranges, &id, "a.txt"));
        }
    }

    #[test]
    fn a_source_stays_together_and_another_salt_moves_it() {
        let config = "by = \"source\"\ntrain = 0.5\ntest = 0.5";
        let salted = format!("salt = \"other\"\n{config}");
        let mut moved = 0;
        for n in 0..100 {
            let source = format!("{n}.txt");
            let first = assign(config, "first", &source);
            assert_eq!(first, assign(config, "second", &source));
            moved += u32::from(first != assign(&salted, "first", &source));
        }
        assert!((30..70).contains(&moved), "{moved} of 100 files moved");
    }

    #[test]
    fn what_shares_a_cluster_a_host_or_a_day_stays_together_and_what_has_none_stands_for_itself() {
        let assigned = |by: &str, number: usize, set: &dyn Fn(&mut Document)| {
            let config = parse(&format!("by = '{by}'\ntrain = 0.5\ntest = 0.5"));
            let configured = config.configure(&Surroundings { folder: Path::new(".") }).unwrap();
            let Stage::Local(stage) = configured.stage else { panic!("split is local") };
            let position = Position { file: 0, record: number as u64, block: 0 };
            let mut document = Document::new(position, format!("a#{number}"), "a".into(), "One.");
            set(&mut document);
            stage.apply(&mut document, Mark::new(StageIndex(0)));
            document.split().expect("every document is in a split").to_owned()
        };
        let cluster = |document: &mut Document| {
            let (id, size, similarity) = ("a#0".to_owned(), 2, document.position().record as f32);
            document.set_cluster(Cluster { id, size, similarity });
        };
        let host = |document: &mut Document| {
            let number = document.position().record;
            let prefix = ["https://www.", "http://", "https://Me@"][number as usize % 3];
            document.facts_mut().url = Some(format!("{prefix}Example.org:443/{number}?a=b"));
        };
        let site = |document: &mut Document| document.facts_mut().site = Some("Example.org".into());
        let day = |document: &mut Document| document.facts_mut().published = Some(Day(19_000));
        type Set<'a> = &'a dyn Fn(&mut Document);
        let sets: [(&str, Set<'_>); 4] = [("cluster", &cluster), ("host", &host), ("host", &site), ("published", &day)];
        for (by, set) in sets {
            let together: BTreeSet<String> = (0..20).map(|number| assigned(by, number, set)).collect();
            assert_eq!(together.len(), 1, "{by}");
            let alone: Vec<String> = (0..20).map(|number| assigned(by, number, &|_| {})).collect();
            let by_id: Vec<String> = (0..20).map(|number| assigned("document", number, &|_| {})).collect();
            assert_eq!(alone, by_id, "{by}");
        }
        assert_eq!(
            assigned("host", 1, &host),
            assigned("host", 1, &|document| {
                document.facts_mut().site = Some("example.org ".into());
            })
        );
    }

    #[test]
    fn clusters_need_a_stage_that_finds_them() {
        let configured =
            parse("by = \"cluster\"\ntrain = 1").configure(&Surroundings { folder: Path::new(".") }).unwrap();
        assert_eq!(configured.needs, [Fact::Cluster]);
        assert!(!configured.changes_text());
    }

    #[test]
    fn shares_that_leave_documents_out_or_count_them_twice_are_refused() {
        assert!(refusal("train = 0.9").message.contains("0.100000 of the documents are in no split"));
        assert!(refusal("train = 0.9\ntest = 0.2").message.contains("more than 1"));
        assert!(refusal("train = [0, 0.5]\ntest = [0.6, 1]").message.contains("no split covers 0.5 to 0.6"));
        assert!(refusal("train = [0, 0.5]\ntest = [0.4, 1]").message.contains("overlaps"));
        assert!(refusal("train = [0, 0.5]").message.contains("no split covers 0.5 to 1"));
        assert!(refusal("train = [0, 0.5]\ntest = 0.5").message.contains("others a range"));
        assert!(refusal("train = nan\ntest = 1").message.contains("share of NaN"));
        assert!(refusal("").message.contains("no split is named"));
        assert_eq!(refusal("train = 1\ntest = 0").field, "test");
        parse("a = 0.333333\nb = 0.333333\nc = 0.333333").bounds().expect("thirds with six digits are a whole");
    }

    #[test]
    fn names_that_no_loader_takes_are_refused() {
        for name in ["train-fr", "a/b", "a..b", ""] {
            assert_eq!(refusal(&format!("\"{name}\" = 1")).field, name);
        }
        assert!(refusal("train = 0.5\nTrain = 0.5").message.contains("differ in case"));
        parse("\"train.fr\" = 1").bounds().expect("words may be joined by dots");
    }

    #[test]
    fn a_misspelt_option_is_not_taken_for_a_split() {
        let error = toml::from_str::<Split>("bye = \"document\"\ntrain = 1").unwrap_err().to_string();
        assert!(error.contains("`bye` is read as the name of a split"), "{error}");
        assert!(error.contains("did you mean `by`?"), "{error}");
    }

    #[test]
    fn a_config_survives_being_written_and_read() {
        let split = parse("by = \"source\"\nsalt = \"x\"\ntrain = [0.1, 1.0]\ntest = [0.0, 0.1]");
        assert_eq!(parse(&toml::to_string(&split).unwrap()), split);
    }

    #[test]
    fn the_schema_names_the_options_and_takes_any_split() {
        let schema = serde_json::to_value(schemars::schema_for!(Split)).unwrap();
        assert!(schema["properties"]["by"].is_object(), "{schema}");
        assert_eq!(schema["additionalProperties"]["type"], serde_json::json!(["number", "array"]));
    }
}
