//! `manifest.json`: what a dataset is made of and what happened on the way, with a digest for each part.

use std::collections::BTreeMap;

use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};

use super::DATA_VERSION;
use super::columns::Names;
use super::counts::{Amount, Counts, Output, RuleCounts};
use super::gutted::Loss;
use super::ledger::ORPHANED;
use crate::document::StageIndex;
use crate::stage::Model;
use crate::text::hash;

/// The manifest's file name.
pub const FILE_NAME: &str = "manifest.json";

/// Version of the manifest's own layout.
pub const FORMAT: u32 = 1;

/// All that `manifest.json` says. Holds no time, no host and no absolute path.
///
/// The file has one more key, the last: `seal`, the SHA-256 of all its bytes before the comma in front of that key. So a
/// flipped byte shows in the manifest too, of which no other digest speaks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Manifest {
    /// Layout of this file: [`FORMAT`].
    pub format: u32,
    /// Version of the rules by which the bytes came about: [`DATA_VERSION`].
    pub data_version: String,
    /// Digest of all that the output depends on: data version, config, inputs, models.
    pub plan: String,
    /// Digest of all files listed under `files`.
    pub digest: String,
    /// The config with every default filled in, without the output's folder.
    pub config: serde_json::Value,
    /// Names of the hash functions behind ids and keys.
    pub hashes: BTreeMap<String, String>,
    /// Every input file.
    pub inputs: Vec<FileDigest>,
    /// Every model, vocabulary and word list.
    pub models: Vec<Model>,
    /// The accounting.
    pub counts: Totals,
    /// Of the documents that lost most of their running prose, those that lost most.
    #[serde(default)]
    pub gutted: Vec<Loss>,
    /// What each stage's rules did, in the order of the pipeline; only rules that acted. What was removed in favour of a copy that is
    /// gone as well stands under the rule's name with [`ORPHANED`] after it.
    pub stages: Vec<StageReport>,
    /// Every other file of the dataset but `run.json`.
    pub files: Vec<FileDigest>,
}

/// A file by name, size and content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileDigest {
    /// Path with `/`: of an input relative to the config's folder, of an output relative to the dataset's.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The accounting of a build: `input = kept + removed + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Everything that was read or refused.
    pub input: Amount,
    /// What is in the dataset.
    pub kept: Amount,
    /// What stages removed.
    pub removed: Amount,
    /// What could not be read.
    pub rejected: Amount,
    /// The dataset as its columns show it.
    pub output: Output,
    /// By split.
    pub splits: BTreeMap<String, Output>,
    /// By language; `""` where no stage told it.
    pub languages: BTreeMap<String, Output>,
    /// Rows of `ledger/rejected.parquet` by cause.
    pub causes: BTreeMap<String, u64>,
    /// Texts that stand nowhere in the dataset: copies of them were removed, and a later stage removed the one that was kept.
    pub orphans: u64,
    /// The same by the stage that removed the copy which was kept.
    #[serde(default)]
    pub orphans_by: BTreeMap<String, u64>,
    /// Documents that lost more than 60 % of their running prose, block by block and not as copies.
    #[serde(default)]
    pub gutted: u64,
    /// Documents that got `~2`, `~3`, ... after their id.
    pub repeated_ids: u64,
}

/// What one stage did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageReport {
    /// The stage's name as the ledger has it.
    pub name: String,
    /// By the rule's full name.
    pub rules: BTreeMap<String, RuleCounts>,
}

impl Manifest {
    /// The digest over all output files: SHA-256 of a line `sha256  path` for each, sorted by path.
    #[must_use]
    pub fn digest_of(files: &[FileDigest]) -> String {
        let mut lines: Vec<String> = files.iter().map(|file| format!("{}  {}\n", file.sha256, file.path)).collect();
        lines.sort_by(|a, b| a.get(66..).cmp(&b.get(66..)));
        hash::hex(&hash::sha256(lines.concat().as_bytes()))
    }

    /// The digest of what the output depends on.
    #[must_use]
    pub fn plan_of(config: &serde_json::Value, inputs: &[FileDigest], models: &[Model]) -> String {
        Self::plan_of_text(DATA_VERSION, &config.to_string(), inputs, models)
    }

    /// The digest of what the output depends on, the config given as compact JSON.
    #[must_use]
    pub fn plan_of_text(data_version: &str, config: &str, inputs: &[FileDigest], models: &[Model]) -> String {
        let [version, inputs, models] =
            [serde_json::json!(data_version), serde_json::json!(inputs), serde_json::json!(models)];
        hash::hex(&hash::sha256(format!("[{version},{config},{inputs},{models}]").as_bytes()))
    }

    /// Whether `json` is a manifest whose every byte is as it was written.
    #[must_use]
    pub fn is_sealed(json: &str) -> bool {
        let parts = json.rsplit_once(SEAL);
        parts.is_some_and(|(before, after)| after == format!("{}\"\n}}\n", hash::hex(&hash::sha256(before.as_bytes()))))
    }

    /// The manifest as pretty JSON with a line feed at the end.
    ///
    /// # Errors
    /// Never for a manifest made by a build; serde's signature asks for it.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        Ok(json)
    }
}

/// What stands between the manifest's other keys and the value of its seal.
const SEAL: &str = ",\n  \"seal\": \"";

/// A manifest as it is written.
#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    data_version: &'a str,
    plan: &'a str,
    digest: &'a str,
    config: &'a serde_json::Value,
    hashes: &'a BTreeMap<String, String>,
    inputs: &'a [FileDigest],
    models: &'a [Model],
    counts: &'a Totals,
    gutted: &'a [Loss],
    stages: &'a [StageReport],
    files: &'a [FileDigest],
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
}

impl Manifest {
    fn written(&self, seal: Option<String>) -> Written<'_> {
        // Taken apart in full, so that no field can be forgotten.
        let Self { format, data_version, plan, digest, config, hashes, inputs, models, counts, gutted, stages, files } =
            self;
        let format = *format;
        Written {
            format,
            data_version,
            plan,
            digest,
            config,
            hashes,
            inputs,
            models,
            counts,
            gutted,
            stages,
            files,
            seal,
        }
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = serde_json::to_string_pretty(&self.written(None)).map_err(S::Error::custom)?;
        let before = json.strip_suffix("\n}").unwrap_or(&json);
        self.written(Some(hash::hex(&hash::sha256(before.as_bytes())))).serialize(serializer)
    }
}

impl Totals {
    /// The accounting part of `counts`.
    #[must_use]
    pub fn new(counts: &Counts, names: &Names) -> Self {
        let counts = counts.clone();
        let orphans_by = counts.orphans.iter().map(|(stage, texts)| (names.stage(*stage).to_owned(), *texts));
        Self {
            input: counts.input,
            kept: counts.kept,
            removed: counts.removed,
            rejected: counts.rejected,
            output: counts.output,
            splits: counts.splits,
            languages: counts.languages,
            causes: counts.causes,
            orphans: counts.orphans.values().sum(),
            orphans_by: orphans_by.collect(),
            gutted: counts.gutted.documents,
            repeated_ids: counts.repeated_ids,
        }
    }
}

/// What each stage's rules did, by name.
#[must_use]
pub fn stage_reports(counts: &Counts, names: &Names) -> Vec<StageReport> {
    let report = |(index, name): (usize, &String)| {
        let stage = StageIndex(index as u16);
        let acted = counts.stages.get(&stage).into_iter().flatten();
        let mut rules = BTreeMap::new();
        for (rule, all) in acted {
            let name = names.rule(stage, *rule);
            let orphaned = counts.orphaned.get(&stage).and_then(|rules| rules.get(rule)).copied().unwrap_or_default();
            let others = all.without(orphaned);
            let named = [(name.to_owned(), others), (format!("{name}{ORPHANED}"), orphaned)];
            rules.extend(named.into_iter().filter(|(_, counts)| *counts != RuleCounts::default()));
        }
        StageReport { name: name.clone(), rules }
    };
    names.stages.iter().enumerate().map(report).collect()
}
