//! The fixed columns of `data/`, `ledger/removed` and `ledger/rejected`, and how rows become Arrow batches.
//!
//! The schemas are part of the contract: always the same columns in the same order, null where nothing filled them.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, Date32Builder, Float32Builder, Float64Builder, ListBuilder, RecordBatch, StringBuilder, StructArray,
    UInt32Builder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::ledger::{LedgerEntry, LedgerRow, ORPHANED};
use super::row::Row;
use crate::document::{Day, Facts, Language, Position, Rejected, Rule, StageIndex};
use crate::text::hash;

/// Columns of `data/`.
pub static DATA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = vec![
        required("id", DataType::Utf8),
        required("text", DataType::Utf8),
        required("source", DataType::Utf8),
        required("record", DataType::UInt64),
        optional("title", DataType::Utf8),
        optional("author", DataType::Utf8),
        optional("published", DataType::Date32),
        optional("updated", DataType::Date32),
        optional("url", DataType::Utf8),
        optional("site", DataType::Utf8),
        optional("section", DataType::Utf8),
        optional("credit", DataType::Utf8),
        optional("language", DataType::Utf8),
        optional("language_script", DataType::Utf8),
        optional("language_score", DataType::Float32),
        required("chars", DataType::UInt32),
        required("words", DataType::UInt32),
        optional("tokens", DataType::UInt32),
        optional("token_ids", DataType::List(Arc::new(required("element", DataType::UInt32)))),
        required("sha256", DataType::Utf8),
        optional("cluster", DataType::Utf8),
        optional("cluster_size", DataType::UInt32),
        optional("similarity", DataType::Float32),
        required("blocks_in", DataType::UInt32),
        required("blocks_kept", DataType::UInt32),
        required("bytes_in", DataType::UInt64),
        required("quality", DataType::Struct(quality_fields())),
        optional("metadata", DataType::Utf8),
    ];
    Arc::new(Schema::new(fields))
});

/// Columns of `ledger/removed`.
pub static REMOVED: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = vec![
        required("id", DataType::Utf8),
        required("source", DataType::Utf8),
        required("record", DataType::UInt64),
        optional("block", DataType::UInt32),
        required("stage", DataType::Utf8),
        required("rule", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("threshold", DataType::Float64),
        optional("partner_id", DataType::Utf8),
        optional("partner_block", DataType::UInt32),
        required("kind", DataType::Utf8),
        optional("start", DataType::UInt32),
        optional("end", DataType::UInt32),
        required("bytes", DataType::UInt64),
        optional("text", DataType::Utf8),
    ];
    Arc::new(Schema::new(fields))
});

/// Columns of `ledger/rejected`.
pub static REJECTED: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = vec![
        required("source", DataType::Utf8),
        optional("record", DataType::UInt64),
        required("offset", DataType::UInt64),
        required("cause", DataType::Utf8),
        required("detail", DataType::Utf8),
        required("bytes", DataType::UInt64),
    ];
    Arc::new(Schema::new(fields))
});

/// The names behind the numbers in removals and edits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Name of each stage as the ledger shows it (`boilerplate`, `boilerplate#2`).
    pub stages: Vec<String>,
    /// Full names of each stage's rules (`boilerplate.comment_form`).
    pub rules: Vec<Vec<String>>,
    /// What each stage compares with that stands outside of the corpus, by the numbers that its removals name.
    pub outside: Vec<Arc<[String]>>,
}

impl Names {
    /// Name of a stage.
    #[must_use]
    pub fn stage(&self, stage: StageIndex) -> &str {
        self.stages.get(usize::from(stage.0)).map_or("unknown", String::as_str)
    }

    /// What a removal of a stage names, where that stands outside of the corpus.
    #[must_use]
    pub fn outside(&self, stage: StageIndex, partner: Position) -> Option<&str> {
        let number = usize::try_from(partner.number_outside()?).ok()?;
        let names = self.outside.get(usize::from(stage.0))?;
        names.get(number).map(String::as_str)
    }

    /// Full name of a stage's rule.
    #[must_use]
    pub fn rule(&self, stage: StageIndex, rule: Rule) -> &str {
        let rules = self.rules.get(usize::from(stage.0));
        rules.and_then(|rules| rules.get(usize::from(rule.0))).map_or("unknown", String::as_str)
    }
}

/// Rows of `data/` as one batch.
///
/// # Errors
/// Only if the arrays disagree with the schema, which is a defect.
pub fn data_batch(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let language = |part: fn(&Language) -> &str| strings(rows.iter().map(|row| row.language.as_ref().map(part)));
    let fact = |part: fn(&Facts) -> &Option<String>| strings(rows.iter().map(|row| part(&row.facts).as_deref()));
    let columns: Vec<ArrayRef> = vec![
        strings(rows.iter().map(|row| Some(row.id.as_str()))),
        strings(rows.iter().map(|row| Some(row.text.as_str()))),
        strings(rows.iter().map(|row| Some(&*row.source))),
        uint64(rows.iter().map(|row| Some(row.record))),
        fact(|facts| &facts.title),
        fact(|facts| &facts.author),
        days(rows.iter().map(|row| row.facts.published)),
        days(rows.iter().map(|row| row.facts.updated)),
        fact(|facts| &facts.url),
        fact(|facts| &facts.site),
        fact(|facts| &facts.section),
        fact(|facts| &facts.credit),
        language(|language| &language.code),
        language(|language| &language.script),
        float32(rows.iter().map(|row| row.language.as_ref().map(|language| language.score))),
        uint32(rows.iter().map(|row| Some(row.chars))),
        uint32(rows.iter().map(|row| Some(row.words))),
        uint32(rows.iter().map(|row| row.tokens.as_ref().map(|tokens| tokens.count))),
        token_ids(rows),
        digests(rows),
        strings(rows.iter().map(|row| row.cluster.as_ref().map(|cluster| cluster.id.as_str()))),
        uint32(rows.iter().map(|row| row.cluster.as_ref().map(|cluster| cluster.size))),
        float32(rows.iter().map(|row| row.cluster.as_ref().map(|cluster| cluster.similarity))),
        uint32(rows.iter().map(|row| Some(row.blocks_in))),
        uint32(rows.iter().map(|row| Some(row.blocks_kept))),
        uint64(rows.iter().map(|row| Some(row.bytes_in))),
        quality(rows)?,
        strings(rows.iter().map(|row| row.metadata.as_deref())),
    ];
    RecordBatch::try_new(Arc::clone(&DATA), columns)
}

/// Ledger rows as one batch.
///
/// # Errors
/// Only if the arrays disagree with the schema, which is a defect.
pub fn removed_batch(entries: &[LedgerEntry], names: &Names) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&LedgerEntry, &LedgerRow)> =
        entries.iter().flat_map(|entry| entry.rows.iter().map(move |row| (entry, row))).collect();
    let partner_block = |row: &LedgerRow| row.block.and(row.partner).map(|partner| partner.block);
    let kind = |row: &LedgerRow| if row.range.is_some() { "edited" } else { "removed" };
    let rules: Vec<Cow<'_, str>> = rows.iter().map(|(_, row)| rule(row, names)).collect();
    let columns: Vec<ArrayRef> = vec![
        strings(rows.iter().map(|(entry, _)| Some(entry.id.as_str()))),
        strings(rows.iter().map(|(entry, _)| Some(&*entry.source))),
        uint64(rows.iter().map(|(entry, _)| Some(entry.record))),
        uint32(rows.iter().map(|(_, row)| row.block)),
        strings(rows.iter().map(|(_, row)| Some(names.stage(row.stage)))),
        strings(rules.iter().map(|rule| Some(&**rule))),
        float64(rows.iter().map(|(_, row)| row.value)),
        float64(rows.iter().map(|(_, row)| row.threshold)),
        strings(rows.iter().map(|(_, row)| row.partner_id.as_deref())),
        uint32(rows.iter().map(|(_, row)| partner_block(row))),
        strings(rows.iter().map(|(_, row)| Some(kind(row)))),
        uint32(rows.iter().map(|(_, row)| row.range.map(|(start, _)| start))),
        uint32(rows.iter().map(|(_, row)| row.range.map(|(_, end)| end))),
        uint64(rows.iter().map(|(_, row)| Some(row.bytes))),
        strings(rows.iter().map(|(_, row)| row.text.as_deref())),
    ];
    RecordBatch::try_new(Arc::clone(&REMOVED), columns)
}

/// The rule's full name, and whether the kept copy is gone.
fn rule<'a>(row: &LedgerRow, names: &'a Names) -> Cow<'a, str> {
    let name = names.rule(row.stage, row.rule);
    if row.orphaned { Cow::Owned(format!("{name}{ORPHANED}")) } else { Cow::Borrowed(name) }
}

/// Refused records as one batch.
///
/// # Errors
/// Only if the arrays disagree with the schema, which is a defect.
pub fn rejected_batch(rows: &[Rejected]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        strings(rows.iter().map(|row| Some(&*row.source))),
        uint64(rows.iter().map(|row| row.record)),
        uint64(rows.iter().map(|row| Some(row.offset))),
        strings(rows.iter().map(|row| Some(row.cause.as_str()))),
        strings(rows.iter().map(|row| Some(row.detail.as_str()))),
        uint64(rows.iter().map(|row| Some(row.bytes))),
    ];
    RecordBatch::try_new(Arc::clone(&REJECTED), columns)
}

fn required(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

fn optional(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

fn quality_fields() -> Fields {
    vec![optional("chrome", DataType::Float32), optional("repeated", DataType::Float32)].into()
}

/// A builder for each plain column type, filled from an iterator of options.
macro_rules! column {
    ($name:ident, $builder:ident, $item:ty) => {
        fn $name(values: impl Iterator<Item = Option<$item>>) -> ArrayRef {
            let mut builder = $builder::with_capacity(values.size_hint().0);
            values.for_each(|value| builder.append_option(value));
            Arc::new(builder.finish())
        }
    };
}

column!(uint32, UInt32Builder, u32);
column!(uint64, UInt64Builder, u64);
column!(float32, Float32Builder, f32);
column!(float64, Float64Builder, f64);

fn strings<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}

fn days(values: impl Iterator<Item = Option<Day>>) -> ArrayRef {
    let mut builder = Date32Builder::new();
    values.for_each(|day| builder.append_option(day.map(|day| day.0)));
    Arc::new(builder.finish())
}

fn token_ids(rows: &[Row]) -> ArrayRef {
    let mut builder = ListBuilder::new(UInt32Builder::new()).with_field(required("element", DataType::UInt32));
    for row in rows {
        let ids = row.tokens.as_ref().and_then(|tokens| tokens.ids.as_deref());
        builder.values().append_slice(ids.unwrap_or_default());
        builder.append(ids.is_some());
    }
    Arc::new(builder.finish())
}

/// In hexadecimal: tools that go through JSON have no bytes.
fn digests(rows: &[Row]) -> ArrayRef {
    let mut builder = StringBuilder::with_capacity(rows.len(), rows.len() * 64);
    rows.iter().for_each(|row| builder.append_value(hash::hex(&row.sha256)));
    Arc::new(builder.finish())
}

fn quality(rows: &[Row]) -> Result<ArrayRef, ArrowError> {
    let columns =
        vec![float32(rows.iter().map(|row| row.quality.chrome)), float32(rows.iter().map(|row| row.quality.repeated))];
    Ok(Arc::new(StructArray::try_new(quality_fields(), columns, None)?))
}
