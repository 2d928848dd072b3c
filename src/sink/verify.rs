//! Checks a dataset against its manifest: every file's digest, and the accounting from the Parquet files themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::dataset::Dataset;
use super::manifest::{FILE_NAME, FileDigest, Manifest};
use super::recount::Recounted;
use crate::storage;
use crate::text::hash;

/// The one file of a dataset that stands in no digest: it may differ between two builds.
const UNLISTED: &str = "run.json";

/// All damage that is found, a sentence each that begins with the file's name; empty if the dataset is what its manifest
/// says. The rows are read only where all files are as they were written.
#[must_use]
pub fn verify(dataset: &Dataset) -> Vec<String> {
    let mut damage = check_manifest(dataset);
    if Manifest::digest_of(&dataset.manifest.files) == dataset.manifest.digest {
        damage.extend(check_files(dataset));
    }
    if damage.is_empty() {
        match Recounted::of(dataset) {
            Ok(counted) => damage.extend(counted.compare(&dataset.manifest)),
            Err(error) => damage.push(error.to_string()),
        }
    }
    damage
}

/// The manifest is as it was written, and its digests are those of what it says.
fn check_manifest(dataset: &Dataset) -> Vec<String> {
    let manifest = &dataset.manifest;
    let mut damage = Vec::new();
    let json = match fs::read_to_string(dataset.folder.join(FILE_NAME)) {
        Ok(json) => json,
        Err(error) => return vec![format!("{FILE_NAME}: {error}")],
    };
    if !Manifest::is_sealed(&json) {
        damage.push(format!("{FILE_NAME}: its content changed (its `seal` is not that of what stands before it)"));
    }
    if Manifest::digest_of(&manifest.files) != manifest.digest {
        damage.push(format!("{FILE_NAME}: its `digest` is not that of the files it lists"));
    }
    let config = config_in(&json);
    let plan = Manifest::plan_of_text(&manifest.data_version, &config, &manifest.inputs, &manifest.models);
    if plan != manifest.plan {
        damage.push(format!("{FILE_NAME}: its `plan` is not the digest of its config, inputs and models"));
    }
    damage
}

/// The config as compact JSON, exactly as it stands in the manifest: a number that is read and written again may change in
/// its last digit.
fn config_in(json: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Config<'a> {
        #[serde(borrow)]
        config: &'a serde_json::value::RawValue,
    }
    let Ok(Config { config }) = serde_json::from_str(json) else { return String::new() };
    let (mut quoted, mut escaped) = (false, false);
    let mut counts = |c: char| {
        let within = quoted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        within || !c.is_ascii_whitespace()
    };
    config.get().chars().filter(|c| counts(*c)).collect()
}

/// Every listed file has its digest, and nothing else lies beside them.
fn check_files(dataset: &Dataset) -> Vec<String> {
    let files = &dataset.manifest.files;
    let check = |file: &FileDigest| match storage::digest(&dataset.folder.join(&file.path)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!("{}: is missing", file.path)),
        Err(error) => Some(format!("{}: {error}", file.path)),
        Ok((bytes, _)) if bytes != file.bytes => {
            Some(format!("{}: has {bytes} bytes where {} were written", file.path, file.bytes))
        }
        Ok((_, digest)) if hash::hex(&digest) != file.sha256 => {
            Some(format!("{}: its content changed (SHA-256 differs)", file.path))
        }
        Ok(_) => None,
    };
    let mut damage: Vec<String> = files.par_iter().filter_map(check).collect();
    let listed: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).chain([FILE_NAME, UNLISTED]).collect();
    let foreign = names_below(&dataset.folder).into_iter().filter(|name| !listed.contains(name.as_str()));
    damage.extend(foreign.map(|name| format!("{name}: does not belong to the dataset")));
    damage
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
