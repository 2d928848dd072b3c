//! A finished dataset read back: its manifest, and rows of its Parquet files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, Scalar, StringArray, UInt64Array};
use arrow::compute::kernels::cmp::eq;
use arrow::datatypes::{Float64Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicate, ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use super::layout::{Layout, RENAMED_KEY, with_own_names};
use super::manifest::{self, Manifest};

/// A dataset's folder with its manifest.
#[derive(Debug)]
pub struct Dataset {
    /// The folder.
    pub folder: PathBuf,
    /// What its manifest says.
    pub manifest: Manifest,
}

/// Why a dataset cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// There is no such folder, or it holds no dataset.
    #[error("{} is no tamis dataset: {detail}", folder.display())]
    NotADataset {
        /// The folder.
        folder: PathBuf,
        /// What is missing or wrong.
        detail: String,
    },
    /// One of its files cannot be read.
    #[error("cannot read {}: {detail}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        detail: String,
    },
}

/// A row of `ledger/removed` as it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Removed {
    /// The document's id.
    pub id: String,
    /// Path of its input file.
    pub source: String,
    /// Its record in the file.
    pub record: u64,
    /// The block; `None` for a whole document.
    pub block: Option<u32>,
    /// The stage's name.
    pub stage: String,
    /// The rule's full name.
    pub rule: String,
    /// The measured value.
    pub value: Option<f64>,
    /// Its limit.
    pub threshold: Option<f64>,
    /// The kept copy's document.
    pub partner_id: Option<String>,
    /// The kept copy's block.
    pub partner_block: Option<u32>,
    /// Whether it is an edit, not a removal.
    pub edited: bool,
    /// For an edit, the bytes it covered within the block as it then was.
    pub range: Option<(u32, u32)>,
    /// Bytes removed.
    pub bytes: u64,
    /// The text, if the ledger keeps it.
    pub text: Option<String>,
}

impl Dataset {
    /// Opens the dataset in `folder`.
    ///
    /// # Errors
    /// If there is no manifest that this version can read.
    pub fn open(folder: &Path) -> Result<Self, DatasetError> {
        let wrong = |detail: String| DatasetError::NotADataset { folder: folder.to_owned(), detail };
        let bytes = fs::read(folder.join(manifest::FILE_NAME)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if !folder.exists() => wrong("there is no such folder".to_owned()),
            io::ErrorKind::NotFound => wrong(format!("it has no {}", manifest::FILE_NAME)),
            _ => wrong(format!("its {} cannot be read: {error}", manifest::FILE_NAME)),
        })?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("its {} is damaged: {error}", manifest::FILE_NAME)))?;
        if manifest.format != manifest::FORMAT {
            let (theirs, ours) = (manifest.format, manifest::FORMAT);
            let name = manifest::FILE_NAME;
            return Err(wrong(format!("its {name} has format {theirs}; this version reads format {ours}")));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// Paths of the tables whose name within the dataset begins with `prefix`, in order.
    #[must_use]
    pub fn tables(&self, prefix: &str) -> Vec<PathBuf> {
        let is_table = |path: &&String| path.ends_with(".parquet") || path.ends_with(".jsonl");
        let names = self.manifest.files.iter().map(|file| &file.path).filter(|path| path.starts_with(prefix));
        names.filter(is_table).map(|name| self.folder.join(name)).collect()
    }

    /// Whether the data files have this column.
    #[must_use]
    pub fn has_column(&self, name: &str) -> bool {
        let columns = self.manifest.config["output"]["columns"].as_array();
        columns.is_none_or(|columns| columns.is_empty() || columns.iter().any(|column| column == name))
    }

    /// The row of `data/` with this id.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn row(&self, id: &str) -> Result<Option<RecordBatch>, DatasetError> {
        for path in self.tables("data/") {
            let batches = read(&path, &[], Some(id))?;
            if let Some(batch) = batches.into_iter().find(|batch| batch.num_rows() > 0) {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// Reads a table of a dataset, its columns by their own names: the named columns (all, if none is named), and only the rows with this id if one is given.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path, columns: &[&str], id: Option<&str>) -> Result<Vec<RecordBatch>, DatasetError> {
    batches(path, columns, id)?.collect()
}

/// Reads a table like [`read`], batch by batch, so that memory holds one of them.
///
/// # Errors
/// If the file cannot be opened; the first batch that cannot be read is an error of its own, and the last item.
pub fn batches(
    path: &Path,
    columns: &[&str],
    id: Option<&str>,
) -> Result<impl Iterator<Item = Result<RecordBatch, DatasetError>> + use<>, DatasetError> {
    chosen(path, columns, id.map(Chosen::id))
}

/// The rows of a file that are wanted: those with this text in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// The column.
    pub column: &'static str,
    /// Its text.
    pub text: &'a str,
    /// The `record`, where only one is wanted.
    pub record: Option<u64>,
}

impl<'a> Chosen<'a> {
    /// The document with this id.
    #[must_use]
    pub fn id(id: &'a str) -> Self {
        Self { column: "id", text: id, record: None }
    }

    /// The documents of an input file, or one of its records.
    #[must_use]
    pub fn source(source: &'a str, record: Option<u64>) -> Self {
        Self { column: "source", text: source, record }
    }
}

/// Reads a Parquet file like [`batches`], but for the rows that are chosen. Row groups and pages without them are passed over.
///
/// # Errors
/// As [`batches`].
pub fn chosen(
    path: &Path,
    columns: &[&str],
    chosen: Option<Chosen<'_>>,
) -> Result<impl Iterator<Item = Result<RecordBatch, DatasetError>> + use<>, DatasetError> {
    let mut reader = Some(match has_lines(path) {
        true => lines(path, columns, chosen)?,
        false => sound(path, || open(path, columns, chosen))?,
    });
    let path = path.to_owned();
    Ok(iter::from_fn(move || {
        let batches = reader.as_mut()?;
        let next = sound(&path, || batches.next().transpose().map_err(|error| error.to_string())).transpose();
        if !matches!(next, Some(Ok(_))) {
            reader = None;
        }
        next
    }))
}

/// The batches of a table on their way.
type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

fn open(path: &Path, columns: &[&str], chosen: Option<Chosen<'_>>) -> Result<Batches, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let pages = if chosen.is_some() { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
    let options = ArrowReaderOptions::new().with_page_index_policy(pages);
    let mut builder =
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(|error| error.to_string())?;
    let renamed = renamed(builder.metadata());
    let name = |own: &str| {
        let other = renamed.iter().find(|(_, name)| name.as_str() == own).map(|(name, _)| name.clone());
        other.unwrap_or_else(|| own.to_owned())
    };
    if !columns.is_empty() {
        let names: Vec<String> = columns.iter().map(|own| name(own)).collect();
        let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().map(String::as_str));
        builder = builder.with_projection(mask);
    }
    if let Some(Chosen { column, text, record }) = chosen {
        let column = &name(column);
        if !builder.schema().fields().iter().any(|field| field.name() == column) {
            return Err(format!("it has no column `{column}`"));
        }
        let groups = (0..).zip(builder.metadata().row_groups()).filter(|(_, group)| may_hold(group, column, text));
        let groups = groups.map(|(index, _)| index).collect();
        let wanted = Scalar::new(StringArray::from(vec![text.to_owned()]));
        let mask = ProjectionMask::columns(builder.parquet_schema(), [column.as_str()]);
        let is_it = move |batch: RecordBatch| -> Result<BooleanArray, ArrowError> { eq(batch.column(0), &wanted) };
        let mut filters: Vec<Box<dyn ArrowPredicate>> = vec![Box::new(ArrowPredicateFn::new(mask, is_it))];
        if let Some(record) = record {
            let wanted = Scalar::new(UInt64Array::from(vec![record]));
            let mask = ProjectionMask::columns(builder.parquet_schema(), [name("record").as_str()]);
            let is_it = move |batch: RecordBatch| -> Result<BooleanArray, ArrowError> { eq(batch.column(0), &wanted) };
            filters.push(Box::new(ArrowPredicateFn::new(mask, is_it)));
        }
        builder = builder.with_row_groups(groups).with_row_filter(RowFilter::new(filters));
    }
    let rows = batch_rows(builder.metadata());
    let batches = builder.with_batch_size(rows).build().map_err(|error| error.to_string())?;
    Ok(match renamed.is_empty() {
        true => Box::new(batches),
        false => Box::new(batches.map(move |batch| batch.and_then(|batch| with_own_names(&batch, &renamed)))),
    })
}

/// What the columns of a Parquet file are called of which the config gave them other names.
fn renamed(metadata: &ParquetMetaData) -> BTreeMap<String, String> {
    let entries = metadata.file_metadata().key_value_metadata().into_iter().flatten();
    let json = entries.filter(|entry| entry.key == RENAMED_KEY).find_map(|entry| entry.value.as_deref());
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Whether a table is of JSON lines.
fn has_lines(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

/// The rows of a data file of JSON lines. What its columns are called is told by the manifest beside it.
fn lines(path: &Path, columns: &[&str], chosen: Option<Chosen<'_>>) -> Result<Batches, DatasetError> {
    let wrong = |detail: String| DatasetError::File { path: path.to_owned(), detail };
    let folder = path.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let output = &Dataset::open(folder)?.manifest.config["output"];
    let layout = Layout::recorded(output).map_err(|error| wrong(error.to_string()))?;
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    super::lines::read(file, &layout, columns, chosen).map_err(|error| wrong(error.to_string()))
}

/// The rows of a Parquet file at these places, which are in order, with all their columns.
///
/// # Errors
/// If the file cannot be read.
pub fn rows_at(path: &Path, places: &[usize]) -> Result<Vec<RecordBatch>, DatasetError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    if has_lines(path) {
        return lines_at(path, places);
    }
    let read = || {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options);
        let builder = builder.map_err(|error| error.to_string())?;
        let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
        let each = places.iter().map(|place| *place..place + 1).filter(|range| range.end <= rows);
        let selection = RowSelection::from_consecutive_ranges(each, rows);
        let renamed = renamed(builder.metadata());
        let reader = builder.with_row_selection(selection).build().map_err(|error| error.to_string())?;
        let batches = reader.map(|batch| batch.and_then(|batch| with_own_names(&batch, &renamed)));
        batches.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
    };
    sound(path, read)
}

/// The rows of a file of JSON lines at these places.
fn lines_at(path: &Path, places: &[usize]) -> Result<Vec<RecordBatch>, DatasetError> {
    let (mut found, mut first) = (Vec::new(), 0);
    for batch in batches(path, &[], None)? {
        let batch = batch?;
        let here = places.iter().filter(|place| (first..first + batch.num_rows()).contains(*place));
        found.extend(here.map(|place| batch.slice(place - first, 1)));
        first += batch.num_rows();
    }
    Ok(found)
}

/// Whether a row group may have `text` in `column`, by the least and the greatest text of it.
fn may_hold(group: &RowGroupMetaData, column: &str, text: &str) -> bool {
    let statistics = group.columns().iter().find(|chunk| chunk.column_path().string() == column);
    let Some(Statistics::ByteArray(texts)) = statistics.and_then(|chunk| chunk.statistics()) else { return true };
    let above = texts.min_opt().is_none_or(|least| least.data() <= text.as_bytes());
    let below = texts.max_opt().is_none_or(|most| most.data() >= text.as_bytes());
    above && below
}

/// Batches have at most so many bytes of values, and at most so many rows.
const BATCH_BYTES: i64 = 8 << 20;
const BATCH_ROWS: i64 = 1024;

/// Rows of a batch: few where they are large. A batch may take in several row groups, so those with the largest rows decide.
fn batch_rows(metadata: &ParquetMetaData) -> usize {
    let groups = metadata.row_groups().iter().filter(|group| group.num_rows() > 0);
    let rows = groups.map(|group| BATCH_BYTES.saturating_mul(group.num_rows()) / group.total_byte_size().max(1));
    rows.min().unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS) as usize
}

/// What `read` gives. The reader panics on some files whose metadata contradicts itself; that too is an error of the file.
fn sound<T>(path: &Path, read: impl FnOnce() -> Result<T, String>) -> Result<T, DatasetError> {
    let result = catch_unwind(AssertUnwindSafe(read));
    let result = result.unwrap_or_else(|_| Err("its metadata contradicts itself".to_owned()));
    result.map_err(|detail| DatasetError::File { path: path.to_owned(), detail })
}

/// The text in `column` of `row`; `None` where it is null or there is no such column of text.
#[must_use]
pub fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let values = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    values.is_valid(row).then(|| values.value(row))
}

/// The whole number in `column` of `row`.
#[must_use]
pub fn whole(batch: &RecordBatch, column: &str, row: usize) -> Option<u64> {
    let values = batch.column_by_name(column)?;
    if !values.is_valid(row) {
        return None;
    }
    let narrow = values.as_primitive_opt::<UInt32Type>().map(|values| u64::from(values.value(row)));
    narrow.or_else(|| values.as_primitive_opt::<UInt64Type>().map(|values| values.value(row)))
}

/// The rows of a batch of `ledger/removed`.
#[must_use]
pub fn removed_rows(batch: &RecordBatch) -> Vec<Removed> {
    let owned = |column: &str, row: usize| text(batch, column, row).map(str::to_owned);
    let float = |column: &str, row: usize| {
        let values = batch.column_by_name(column)?.as_primitive_opt::<Float64Type>()?;
        values.is_valid(row).then(|| values.value(row))
    };
    let narrow = |column: &str, row: usize| whole(batch, column, row).map(|number| number as u32);
    let read = |row: usize| Removed {
        id: owned("id", row).unwrap_or_default(),
        source: owned("source", row).unwrap_or_default(),
        record: whole(batch, "record", row).unwrap_or_default(),
        block: narrow("block", row),
        stage: owned("stage", row).unwrap_or_default(),
        rule: owned("rule", row).unwrap_or_default(),
        value: float("value", row),
        threshold: float("threshold", row),
        partner_id: owned("partner_id", row),
        partner_block: narrow("partner_block", row),
        edited: text(batch, "kind", row) == Some("edited"),
        range: narrow("start", row).zip(narrow("end", row)),
        bytes: whole(batch, "bytes", row).unwrap_or_default(),
        text: owned("text", row),
    };
    (0..batch.num_rows()).map(read).collect()
}
