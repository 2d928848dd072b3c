//! Checks a dataset against its manifest: every file's digest, and the accounting from the Parquet files themselves.

use std::collections::BTreeSet;
use std::path::Path;

use super::LedgerDetail;
use super::dataset::{Dataset, DatasetError, read, removed_rows, text, whole};
use super::manifest::{FILE_NAME, Manifest};
use crate::storage;
use crate::text::hash;

/// Files that belong to a dataset but stand in no digest.
const UNLISTED: [&str; 2] = [FILE_NAME, "run.json"];

/// All damage that is found, a sentence each; empty if the dataset is what its manifest says.
#[must_use]
pub fn verify(dataset: &Dataset) -> Vec<String> {
    let mut damage = check_files(dataset);
    if damage.is_empty() {
        match check_rows(dataset) {
            Ok(found) => damage.extend(found),
            Err(error) => damage.push(error.to_string()),
        }
    }
    damage
}

/// Every listed file has its digest, and nothing else lies beside them.
fn check_files(dataset: &Dataset) -> Vec<String> {
    let manifest = &dataset.manifest;
    let mut damage = Vec::new();
    for file in &manifest.files {
        match storage::digest(&dataset.folder.join(&file.path)) {
            Err(error) => damage.push(format!("{}: {error}", file.path)),
            Ok((bytes, _)) if bytes != file.bytes => {
                damage.push(format!("{}: has {bytes} bytes where {} were written", file.path, file.bytes));
            }
            Ok((_, digest)) if hash::hex(&digest) != file.sha256 => {
                damage.push(format!("{}: its content changed (SHA-256 differs)", file.path));
            }
            Ok(_) => {}
        }
    }
    if Manifest::digest_of(&manifest.files) != manifest.digest {
        damage.push(format!("{FILE_NAME}: its digest is not that of the files it lists"));
    }
    let counts = &manifest.counts;
    let mut sum = counts.kept;
    sum += counts.removed;
    sum += counts.rejected;
    if sum != counts.input {
        damage.push(format!("{FILE_NAME}: kept, removed and rejected do not add up to the input"));
    }
    let listed: BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).chain(UNLISTED).collect();
    for name in names_below(&dataset.folder) {
        if !listed.contains(name.as_str()) {
            damage.push(format!("{name}: does not belong to the dataset"));
        }
    }
    damage
}

/// Rows, blocks and bytes of the Parquet files add up to what the manifest counts, and every text has its digest.
fn check_rows(dataset: &Dataset) -> Result<Vec<String>, DatasetError> {
    let counts = &dataset.manifest.counts;
    let mut damage = Vec::new();
    let (mut rows, mut bytes, mut blocks_in, mut blocks_kept) = (0, 0, 0, 0);
    for path in dataset.tables("data/") {
        let name = path.strip_prefix(&dataset.folder).unwrap_or(&path).display().to_string();
        for batch in read(&path, &["id", "text", "sha256", "blocks_in", "blocks_kept"], None)? {
            for row in 0..batch.num_rows() {
                let text = text(&batch, "text", row).unwrap_or_default();
                if !has_digest(&batch, row, text) {
                    damage.push(format!("{name}: row {rows}: `sha256` is not that of its `text`"));
                }
                rows += 1;
                bytes += text.len() as u64;
                blocks_in += whole(&batch, "blocks_in", row).unwrap_or_default();
                blocks_kept += whole(&batch, "blocks_kept", row).unwrap_or_default();
            }
        }
    }
    let mut compare = |what: &str, found: u64, counted: u64| {
        if found != counted {
            damage.push(format!("{what}: the files have {found}, the manifest counts {counted}"));
        }
    };
    compare("documents in data/", rows, counts.output.documents);
    compare("documents kept", rows, counts.kept.documents);
    compare("bytes of text in data/", bytes, counts.output.bytes);
    compare("blocks kept", blocks_kept, counts.kept.blocks);
    if dataset.manifest.config["output"]["ledger"] != serde_json::json!(LedgerDetail::Counts) {
        let (mut documents, mut removed_bytes) = (0, 0);
        for path in dataset.tables("ledger/removed") {
            for batch in read(&path, &["block", "kind", "bytes", "stage", "rule"], None)? {
                for row in removed_rows(&batch).iter().filter(|row| !row.edited) {
                    documents += u64::from(row.block.is_none());
                    removed_bytes += row.bytes;
                }
            }
        }
        compare("documents in ledger/removed", documents, counts.removed.documents);
        compare("bytes in ledger/removed", removed_bytes, counts.removed.bytes);
        compare(
            "bytes of kept and removed blocks",
            counts.kept.bytes + removed_bytes + counts.rejected.bytes,
            counts.input.bytes,
        );
    }
    compare("blocks of kept documents", blocks_in.min(counts.input.blocks), blocks_in);
    let rejected: u64 =
        dataset.tables("ledger/rejected").iter().map(|path| count_rows(path)).sum::<Result<u64, _>>()?;
    compare("rows in ledger/rejected", rejected, counts.causes.values().sum());
    Ok(damage)
}

fn count_rows(path: &Path) -> Result<u64, DatasetError> {
    Ok(read(path, &["bytes"], None)?.iter().map(|batch| batch.num_rows() as u64).sum())
}

fn has_digest(batch: &arrow::array::RecordBatch, row: usize, text: &str) -> bool {
    use arrow::array::AsArray;
    let column = batch.column_by_name("sha256").and_then(|column| column.as_fixed_size_binary_opt());
    column.is_some_and(|digests| digests.value(row) == hash::sha256(text.as_bytes()))
}

/// All files below a folder, by their path with `/`.
fn names_below(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| !entry.file_type().is_dir());
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.path().strip_prefix(folder).ok().map(|path| path.display().to_string()))
        .collect();
    names.sort();
    names
}
