//! Looks at the first records of a source's files before anything runs: do they have the fields by which the source is read?
//!
//! A wrong name in `fields` would otherwise cost the whole source, record by record. The names of CSV and Parquet are
//! certain; a field of JSON or of front matter may just be rare, so several records are looked at.

use std::collections::BTreeSet;
use std::fs::File;

use arrow::datatypes::{DataType, FieldRef};

use super::buffer::{Buffer, Line};
use super::charset::Charset;
use super::fields::{Object, Value};
use super::likely::{listed, nearest};
use super::read::Reading;
use super::whole::{self, Loaded};
use super::{Column, Compression, FileKind, InputFile, Slice, SourceConfig, csv, markdown, parquet};

/// A field that the config names, or the text, which no record that was looked at has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Index of the `[[source]]` in the config.
    pub source: u32,
    /// The column that it should fill.
    pub column: Column,
    /// What is missing and what is there: a lower-case fragment.
    pub message: String,
    /// The field that may be meant.
    pub meant: Option<String>,
    /// Whether no record can have it; else it may be rare.
    pub is_certain: bool,
}

/// So many files of a source are looked into at most, until each field was seen.
const MOST_FILES: usize = 64;

/// So many records of a file are looked at, while they have no more bytes than [`MOST_BYTES`] in all files together.
const MOST_RECORDS: usize = 100;
const MOST_BYTES: u64 = 16 << 20;

/// The fields that source number `source` lacks, of which these are the files.
#[must_use]
pub fn lacking(config: &SourceConfig, source: u32, files: &[&InputFile]) -> Vec<Lacking> {
    let mut wanted: Vec<(Column, &str)> = config.fields.iter().map(|(column, path)| (*column, path.as_str())).collect();
    if !config.fields.contains_key(&Column::Text) {
        wanted.push((Column::Text, "text"));
    }
    // Beside pages, a table without the text may be there by chance; where the config names the text, it is meant.
    let is_table = config.fields.contains_key(&Column::Text)
        || files.iter().all(|file| !matches!(file.kind, FileKind::Text | FileKind::Markdown));
    let with_fields: Vec<&&InputFile> = files.iter().filter(|file| file.kind != FileKind::Text).collect();
    let mut look = Look { config, wanted, names: BTreeSet::new(), bytes: 0 };
    let mut seen_text = false;
    let (mut seen, mut is_schema) = (false, with_fields.len() <= MOST_FILES);
    for file in with_fields.iter().take(MOST_FILES) {
        if look.wanted.is_empty() || look.bytes > MOST_BYTES {
            break;
        }
        let Some(kind) = look.look_at_file(file) else { continue };
        seen = true;
        seen_text |= kind != FileKind::Markdown;
        is_schema &= !matches!(kind, FileKind::Jsonl | FileKind::Markdown);
    }
    let names: Vec<&str> = look.names.iter().map(String::as_str).collect();
    let lacks = |(column, path): &(Column, &str)| {
        let is_text = *column == Column::Text;
        let counts = if is_text { seen_text } else { seen };
        counts.then(|| Lacking {
            source,
            column: *column,
            message: format!("no field `{path}`{}", listed(&names)),
            meant: nearest(&names, path, is_text),
            is_certain: if is_text { is_table } else { is_schema },
        })
    };
    look.wanted.iter().filter_map(lacks).collect()
}

/// The names of the fields that the first records of a file have.
pub(super) fn names(config: &SourceConfig, file: &InputFile) -> BTreeSet<String> {
    // Nothing is called so, so the look does not end early.
    let mut look = Look { config, wanted: vec![(Column::Text, "")], names: BTreeSet::new(), bytes: 0 };
    let _ = look.look_at_file(file);
    look.names
}

/// What was seen so far.
struct Look<'a> {
    config: &'a SourceConfig,
    /// The fields that no record had.
    wanted: Vec<(Column, &'a str)>,
    /// The names that were seen instead.
    names: BTreeSet<String>,
    bytes: u64,
}

impl Look<'_> {
    /// Looks at the first records of a file; None if there are none that can be read.
    fn look_at_file(&mut self, file: &InputFile) -> Option<FileKind> {
        let reading = Reading::new(self.config, file);
        match file.kind {
            FileKind::Text => return None,
            FileKind::Markdown => {
                let Ok(Loaded::Whole(bytes, None)) = whole::load(file, reading.limit) else { return None };
                self.bytes += bytes.len() as u64;
                let text = crate::text::encoding::decode(&bytes, reading.label).text;
                for (key, value) in markdown::entries(&text)? {
                    self.see(&key, |rest| reaches(&value, rest));
                }
            }
            FileKind::Jsonl => self.look_at_lines(&reading)?,
            FileKind::Csv | FileKind::Tsv => {
                for name in csv::names(&reading)? {
                    self.see(&name, |_| false);
                }
            }
            FileKind::Parquet => {
                for field in parquet_fields(file)? {
                    self.see(field.name(), |rest| holds(field.data_type(), rest));
                }
            }
        }
        Some(file.kind)
    }

    fn look_at_lines(&mut self, reading: &Reading<'_>) -> Option<()> {
        let slice = Slice { start: 0, end: reading.file.bytes, first_record: 0, next_record: None, digest: [0; 16] };
        let mut buffer = Buffer::open(reading.file, &slice, reading.label).ok()?;
        let charset = Charset::new(reading.file, reading.label);
        let mut seen = None;
        for _ in 0..MOST_RECORDS {
            if self.wanted.is_empty() || self.bytes > MOST_BYTES {
                break;
            }
            let (length, with_end) = match buffer.next_line(reading.limit) {
                None => break,
                Some(Line::Whole { length, with_end }) => (length, with_end),
                Some(Line::TooLarge { bytes }) => {
                    self.bytes += bytes;
                    continue;
                }
            };
            let decoded = charset.decode(buffer.window().get(..length).unwrap_or_default(), &buffer);
            if let Ok(Object(fields)) = serde_json::from_str(&decoded.text) {
                seen = Some(());
                for (name, raw) in fields {
                    self.see(&name, |rest| reaches_json(raw.get(), rest));
                }
            }
            self.bytes += with_end as u64;
            buffer.consume(with_end);
        }
        seen
    }

    /// Takes in a field; `reaches` says whether a field within it is there.
    fn see(&mut self, name: &str, reaches: impl Fn(&str) -> bool) {
        self.wanted.retain(|(_, path)| {
            let within = path.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            *path != name && !within.is_some_and(&reaches)
        });
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }
}

/// Whether a JSON value has the field that the dotted `path` leads to.
fn reaches_json(json: &str, path: &str) -> bool {
    let (mut json, mut path) = (json, path);
    loop {
        let Ok(Object(fields)) = serde_json::from_str(json) else { return false };
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some((_, value)) = fields.iter().find(|(key, _)| key == name) else { return false };
        if rest.is_empty() {
            return true;
        }
        (json, path) = (value.get(), rest);
    }
}

fn reaches(value: &Value<'_>, path: &str) -> bool {
    matches!(value, Value::Json(json) if reaches_json(json, path))
}

/// Whether a Parquet column has the field that the dotted `path` leads to. The keys of maps are not known beforehand.
fn holds(kind: &DataType, path: &str) -> bool {
    let (mut kind, mut path) = (kind, path);
    loop {
        let fields = match kind {
            DataType::Struct(fields) => fields,
            DataType::Map(..) => return true,
            _ => return false,
        };
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(field) = fields.iter().find(|field| field.name() == name) else { return false };
        if rest.is_empty() {
            return true;
        }
        (kind, path) = (field.data_type(), rest);
    }
}

fn parquet_fields(file: &InputFile) -> Option<Vec<FieldRef>> {
    if file.compression != Compression::None {
        return None;
    }
    parquet::columns(&File::open(&file.path).ok()?).ok()
}
