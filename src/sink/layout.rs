//! Which columns `data/` has and what they are called: all of them under their own names, unless the config says otherwise.
//!
//! A file tells itself what its columns were called before (`tamis.columns`), so that it is read back by their own names.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;

use super::OutputConfig;
use super::columns::{DATA, data_batch};
use super::row::Row;

/// The key of a Parquet file's metadata under which renamed columns stand, as a JSON object: the name in the file, and the own one.
pub const RENAMED_KEY: &str = "tamis.columns";

/// Columns of `data/` as a dataset has them.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The schema of the files.
    pub schema: SchemaRef,
    /// Which of all columns these are.
    columns: Vec<usize>,
    /// The own name of each column that has another, by the name in the files.
    renamed: BTreeMap<String, String>,
}

impl Layout {
    /// The layout that the config asks for.
    #[must_use]
    pub fn new(output: &OutputConfig) -> Self {
        let is_wanted = |name: &str| output.columns.is_empty() || output.columns.iter().any(|wanted| wanted == name);
        let fields = DATA.fields().iter().enumerate().filter(|(_, field)| is_wanted(field.name()));
        let (columns, fields): (Vec<usize>, Vec<_>) = fields
            .map(|(index, field)| match output.rename.get(field.name()) {
                Some(name) => (index, Arc::new(field.as_ref().clone().with_name(name))),
                None => (index, Arc::clone(field)),
            })
            .unzip();
        let renamed = output.rename.iter().map(|(own, name)| (name.clone(), own.clone())).collect();
        Self { schema: Arc::new(Schema::new(fields)), columns, renamed }
    }

    /// The layout that a manifest tells of its dataset.
    ///
    /// # Errors
    /// If these are no columns and names.
    pub fn recorded(output: &serde_json::Value) -> Result<Self, serde_json::Error> {
        let mut output = output.clone();
        if let Some(output) = output.as_object_mut() {
            output.insert("dir".to_owned(), "".into());
        }
        serde_json::from_value(output).map(|output| Self::new(&output))
    }

    /// Rows as a batch of the files.
    ///
    /// # Errors
    /// Only if the arrays disagree with the schema, which is a defect.
    pub fn batch(&self, rows: &[Row]) -> Result<RecordBatch, ArrowError> {
        let all = data_batch(rows)?;
        let columns = self.columns.iter().map(|index| Arc::clone(all.column(*index))).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    /// The own name of the column that the files call so.
    #[must_use]
    pub fn own_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.renamed.get(name).map_or(name, String::as_str)
    }

    /// The own names of its columns, in order.
    #[must_use]
    pub fn own_names(&self) -> Vec<&'static str> {
        self.columns.iter().filter_map(|index| DATA.fields().get(*index)).map(|field| field.name().as_str()).collect()
    }

    /// The own name of each column that has another, by the name in the files.
    #[must_use]
    pub fn renamed(&self) -> &BTreeMap<String, String> {
        &self.renamed
    }

    /// The entry of a file's metadata that tells the own names; none where all columns have theirs.
    #[must_use]
    pub fn key_value(&self) -> Option<(String, String)> {
        let json = || serde_json::json!(self.renamed).to_string();
        (!self.renamed.is_empty()).then(|| (RENAMED_KEY.to_owned(), json()))
    }
}

/// The batch with the own names of its columns. `renamed` has them by the names in the file.
///
/// # Errors
/// Never: the arrays stay as they are.
pub fn with_own_names(batch: &RecordBatch, renamed: &BTreeMap<String, String>) -> Result<RecordBatch, ArrowError> {
    let fields = batch.schema_ref().fields().iter().map(|field| match renamed.get(field.name()) {
        Some(own) => Arc::new(field.as_ref().clone().with_name(own)),
        None => Arc::clone(field),
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec())
}

/// What is wrong with the options about columns: the field at fault, a message and a hint.
#[must_use]
pub fn check(output: &OutputConfig) -> Vec<(String, String, String)> {
    let known: Vec<&str> = DATA.fields().iter().map(|field| field.name().as_str()).collect();
    let mut wrong = Vec::new();
    let no_column =
        |name: &str| (format!("there is no column `{name}`"), format!("the columns are {}", known.join(", ")));
    for (index, name) in output.columns.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let (message, hint) = no_column(name);
            wrong.push((format!("columns[{index}]"), message, hint));
        }
    }
    if !output.columns.is_empty() && !output.columns.iter().any(|name| name == ID) {
        let message = format!("`columns` lacks `{ID}`");
        wrong.push(("columns".to_owned(), message, format!("add `{ID}`: the ledger names documents by it")));
    }
    let names = known
        .iter()
        .filter(|name| output.columns.is_empty() || output.columns.iter().any(|own| own.as_str() == **name));
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for own in names {
        let name = output.rename.get(*own).map_or(*own, String::as_str);
        if let Some(other) = taken.insert(name, *own) {
            let renamed = if output.rename.contains_key(*own) { *own } else { other };
            let message = format!("`{other}` and `{own}` would both be called `{name}`");
            wrong.push((format!("rename.{renamed}"), message, "give one of them another name".to_owned()));
        }
    }
    for own in output.rename.keys() {
        if !known.contains(&own.as_str()) {
            let (message, hint) = no_column(own);
            wrong.push((format!("rename.{own}"), message, hint));
        } else if !output.columns.is_empty() && !output.columns.contains(own) {
            let hint = "add it to `columns`, or leave it as it is called".to_owned();
            wrong.push((format!("rename.{own}"), format!("`columns` leaves out `{own}`"), hint));
        }
    }
    wrong
}

/// The column by which the ledger names documents.
const ID: &str = "id";
