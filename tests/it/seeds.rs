//! The quickstart's build of `seeds/`, held against what we know of each article and against golden counts.
//!
//! `tests/expected/seeds.toml` says for each article which lines must be gone, which sentences must stay and which facts
//! must stand in their columns. `tests/golden/` holds the counts, and what the rules do not reach yet of the chrome and the
//! facts (`seeds-chrome-left.txt`, `seeds-facts-missed.txt`); `TAMIS_REGEN=1` rewrites them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, UInt32Type, UInt64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;

#[test]
fn every_article_is_where_it_is_expected() {
    for article in &expected() {
        let place = (article.file.clone(), article.record);
        let row = build().rows.get(&place);
        if article.rejected {
            assert!(row.is_none(), "{place:?} must be rejected");
            assert!(build().rejected.contains(&article.file), "{place:?} must have a row in ledger/rejected.parquet");
        } else if let Some(partner) = &article.duplicate_of {
            assert!(row.is_none(), "{place:?} must be removed as a copy");
            assert!(build().rows.contains_key(&(partner.clone(), 0)), "{partner}, which it copies, must stay");
        } else {
            assert!(row.is_some(), "{place:?} must be kept");
        }
    }
    let articles = build().rows.len() + build().rejected.len();
    assert_eq!(articles + 1, expected().len(), "one document is removed as a copy");
}

#[test]
fn chrome_bylines_and_repeats_are_gone() {
    let mut left = String::new();
    for_each_row(|article, row| {
        for line in row.text.lines().map(fold) {
            if article.gone.contains(&line) {
                let _ = writeln!(left, "{}: {line}", article.file);
            }
        }
    });
    golden("seeds-chrome-left.txt", &left);
}

#[test]
fn every_sentence_stays_exactly_once() {
    let mut wrong = String::new();
    for_each_row(|article, row| {
        let text = fold(&row.text);
        for sentence in &article.stay {
            let count = text.matches(sentence.as_str()).count();
            if count != 1 {
                let _ = writeln!(wrong, "{}: {count} times: {sentence}", article.file);
            }
        }
    });
    assert!(wrong.is_empty(), "these sentences must stay, once:\n{wrong}");
}

#[test]
fn facts_stand_in_their_columns() {
    let mut wrong = String::new();
    for_each_row(|article, row| {
        let facts = [
            ("id", &article.id, &row.id),
            ("language", &article.language, &row.language),
            ("title", &article.title, &row.title),
            ("author", &article.author, &row.author),
            ("published", &article.published, &row.published),
            ("updated", &article.updated, &row.updated),
            ("credit", &article.credit, &row.credit),
        ];
        for (column, wanted, found) in facts {
            if wanted.is_some() && wanted != found {
                let _ = writeln!(wrong, "{}: {column} is {found:?}, not {wanted:?}", article.file);
            }
        }
    });
    golden("seeds-facts-missed.txt", &wrong);
}

#[test]
fn counts_are_the_golden_ones() {
    golden("seeds.txt", &build().counts);
}

/// Holds `found` against `tests/golden/NAME`. What the rules do not reach yet stands there too, line by line: a rule that
/// gets better or worse shows in the diff, and nothing new slips through.
fn golden(name: &str, found: &str) {
    let path = repository().join("tests/golden").join(name);
    if std::env::var_os("TAMIS_REGEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("the path has a folder")).expect("the folder can be made");
        std::fs::write(&path, found).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, golden, "if the new result is right, scripts/regen rewrites {}", path.display());
}

/// One entry of `tests/expected/seeds.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    file: String,
    #[serde(default)]
    record: u64,
    id: Option<String>,
    language: Option<String>,
    title: Option<String>,
    author: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    credit: Option<String>,
    #[serde(default)]
    gone: Vec<String>,
    #[serde(default)]
    stay: Vec<String>,
    #[serde(default)]
    rejected: bool,
    duplicate_of: Option<String>,
}

/// A row of the dataset, as far as the tests look at it.
#[derive(Debug)]
struct Row {
    id: Option<String>,
    text: String,
    language: Option<String>,
    title: Option<String>,
    author: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    credit: Option<String>,
}

/// What the build made of the seeds.
struct Build {
    /// By file name and record.
    rows: BTreeMap<(String, u64), Row>,
    /// File names.
    rejected: Vec<String>,
    counts: String,
}

/// The quickstart's build, made once for all tests.
fn build() -> &'static Build {
    static BUILD: OnceLock<Build> = OnceLock::new();
    BUILD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let dataset = folder.path().join("dataset");
        let output = Command::new(env!("CARGO_BIN_EXE_tamis"))
            .arg("build")
            .arg(repository().join("configs/quickstart.toml"))
            .arg("-o")
            .arg(&dataset)
            .arg("--work-dir")
            .arg(folder.path().join("work"))
            .output()
            .expect("the binary can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        read(&dataset)
    })
}

fn read(dataset: &Path) -> Build {
    let mut rows = BTreeMap::new();
    let mut sums: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for shard in parquet_files(&dataset.join("data"), "") {
        let split = file_name(&shard).split('-').next().unwrap_or_default().to_owned();
        for batch in batches(&shard) {
            for index in 0..batch.num_rows() {
                let row = Row {
                    id: string(&batch, "id", index),
                    text: string(&batch, "text", index).expect("the text is never null"),
                    language: string(&batch, "language", index),
                    title: string(&batch, "title", index),
                    author: string(&batch, "author", index),
                    published: day(&batch, "published", index),
                    updated: day(&batch, "updated", index),
                    credit: string(&batch, "credit", index),
                };
                let measures = ["chars", "words", "tokens"].map(|name| u64::from(number(&batch, name, index)));
                let language = format!("language {}", row.language.as_deref().unwrap_or("-"));
                for key in [format!("split {split}"), language, "total".to_owned()] {
                    let sum = sums.entry(key).or_default();
                    sum[0] += 1;
                    (1..).zip(measures).for_each(|(column, measure)| sum[column] += measure);
                }
                rows.insert(origin(&batch, index), row);
            }
        }
    }
    let (removals, rejected) = read_ledger(&dataset.join("ledger"));
    let mut counts = "# documents, characters, words and tokens kept\n".to_owned();
    for (key, [documents, chars, words, tokens]) in sums {
        let _ = writeln!(counts, "{key:24}{documents:8}{chars:8}{words:8}{tokens:8}");
    }
    counts.push_str("\n# rows and bytes in the ledger\n");
    for (key, [rows, bytes]) in removals {
        let _ = writeln!(counts, "{key:56}{rows:8}{bytes:8}");
    }
    Build { rows, rejected, counts }
}

/// Rows and bytes by rule, and the files that were rejected.
fn read_ledger(ledger: &Path) -> (BTreeMap<String, [u64; 2]>, Vec<String>) {
    let mut removals: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for shard in parquet_files(ledger, "removed-") {
        for batch in batches(&shard) {
            for index in 0..batch.num_rows() {
                let [kind, stage, rule] = ["kind", "stage", "rule"]
                    .map(|name| string(&batch, name, index).expect("a removal names its kind, stage and rule"));
                let rule = rule.rsplit('.').next().unwrap_or_default();
                let sum = removals.entry(format!("{kind} {stage}.{rule}")).or_default();
                sum[0] += 1;
                sum[1] += long(&batch, "bytes", index);
            }
        }
    }
    let mut rejected = Vec::new();
    for batch in parquet_files(ledger, "rejected").iter().flat_map(|file| batches(file)) {
        for index in 0..batch.num_rows() {
            let source = string(&batch, "source", index).expect("a rejected input has a source");
            let cause = string(&batch, "cause", index).expect("a rejected input has a cause");
            let sum = removals.entry(format!("rejected {cause}")).or_default();
            sum[0] += 1;
            sum[1] += long(&batch, "bytes", index);
            rejected.push(file_name(Path::new(&source)));
        }
    }
    (removals, rejected)
}

/// Calls `check` for each article that stays, with its row.
fn for_each_row(mut check: impl FnMut(&Article, &Row)) {
    let mut checked = 0;
    for article in &expected() {
        if let Some(row) = build().rows.get(&(article.file.clone(), article.record)) {
            check(article, row);
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} articles were found");
}

fn expected() -> Vec<Article> {
    #[derive(Deserialize)]
    struct Expected {
        article: Vec<Article>,
    }
    let text = std::fs::read_to_string(repository().join("tests/expected/seeds.toml")).expect("the list can be read");
    toml::from_str::<Expected>(&text).expect("the list is right").article
}

fn parquet_files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.retain(|file| file_name(file).starts_with(prefix) && file_name(file).ends_with(".parquet"));
    files.sort();
    files
}

fn batches(file: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(file).expect("the file can be opened");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("the file is Parquet");
    let reader = reader.build().expect("the file can be read");
    reader.map(|batch| batch.expect("the rows can be read")).collect()
}

/// File name and record that a row comes from.
fn origin(batch: &RecordBatch, index: usize) -> (String, u64) {
    let source = string(batch, "source", index).expect("the source is never null");
    (file_name(Path::new(&source)), long(batch, "record", index))
}

fn string(batch: &RecordBatch, column: &str, index: usize) -> Option<String> {
    let column = batch.column_by_name(column).expect("the column is there").as_string::<i32>();
    column.is_valid(index).then(|| column.value(index).to_owned())
}

fn day(batch: &RecordBatch, column: &str, index: usize) -> Option<String> {
    let column = batch.column_by_name(column).expect("the column is there").as_primitive::<Date32Type>();
    column.is_valid(index).then(|| tamis::document::Day(column.value(index)).to_string())
}

fn number(batch: &RecordBatch, column: &str, index: usize) -> u32 {
    batch.column_by_name(column).expect("the column is there").as_primitive::<UInt32Type>().value(index)
}

fn long(batch: &RecordBatch, column: &str, index: usize) -> u64 {
    batch.column_by_name(column).expect("the column is there").as_primitive::<UInt64Type>().value(index)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// White space runs as one space, no-break spaces included, as the list of expectations has them.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
