//! `tamis.lock`: what a build depended on and what came of it, to be committed beside the config and checked by `--locked`.
//!
//! One file for all configs of a folder, a table each, so that it merges by line. Where there are many inputs, their list stands in a
//! file beside it ([`listing`]). Configs that are gone lose their table with the next build.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{Drift, ErrorKind, RunError};
use super::inputs::Inputs;
use crate::plan::Plan;
use crate::sink::DATA_VERSION;
use crate::sink::counts::RuleCounts;
use crate::sink::manifest::{FileDigest, Manifest};
use crate::stage::Model;
use crate::storage;

mod listing;

/// The lock's file name.
pub const FILE_NAME: &str = "tamis.lock";

/// Which lock a build writes or checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locking {
    /// The lock file.
    pub path: PathBuf,
    /// File name of the config, by which its table is found.
    pub config: String,
    /// Whether the lock is checked and left as it is, or written.
    pub check: bool,
}

/// The whole lock file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Lock {
    version: u32,
    #[serde(default)]
    config: BTreeMap<String, Locked>,
}

/// What one config was built of and into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Locked {
    data_version: String,
    /// Digest of the whole dataset.
    digest: String,
    /// The resolved config, by dotted key, each value as JSON.
    options: BTreeMap<String, String>,
    inputs: BTreeMap<String, String>,
    models: BTreeMap<String, String>,
    /// By stage and rule.
    counts: BTreeMap<String, BTreeMap<String, RuleCounts>>,
    outputs: BTreeMap<String, String>,
}

/// Layout of the lock file.
const VERSION: u32 = 2;

/// Checks what a build is about to depend on: version, options, models, inputs, in this order.
///
/// # Errors
/// Names the first thing that differs from the lock.
pub fn check_inputs(locking: &Locking, plan: &Plan, inputs: &Inputs) -> Result<(), RunError> {
    if !locking.check {
        return Ok(());
    }
    let locked = read_locked(locking)?;
    let now = before(plan, inputs);
    if now.data_version != locked.data_version {
        return Err(drift(locking, Drift::DataVersion { locked: locked.data_version, now: now.data_version }));
    }
    let differs = first_difference("option", &locked.options, &now.options)
        .or_else(|| first_difference("model", &locked.models, &now.models))
        .or_else(|| listing::difference(&locking.path, &locking.config, &locked.inputs, &inputs.digests));
    differs.map_or(Ok(()), |what| Err(drift(locking, what)))
}

/// Checks what a build came to: the counts of each stage, then each file.
///
/// # Errors
/// Names the first thing that differs from the lock.
pub fn check_outputs(locking: &Locking, manifest: &Manifest) -> Result<(), RunError> {
    if !locking.check {
        return Ok(());
    }
    let (locked, now) = (read_locked(locking)?, after(manifest));
    for stage in &manifest.stages {
        let counts = |lock: &Locked| -> BTreeMap<String, String> {
            let rules = lock.counts.get(&stage.name).into_iter().flatten();
            rules.map(|(rule, counts)| (rule.clone(), spell(counts))).collect()
        };
        if let Some(what) = first_difference(&format!("stage `{}`: rule", stage.name), &counts(&locked), &counts(&now))
        {
            return Err(drift(locking, what));
        }
    }
    let differs = first_difference("output", &locked.outputs, &now.outputs);
    differs.map_or(Ok(()), |what| Err(drift(locking, what)))
}

/// Writes the config's table, and leaves those of others.
///
/// # Errors
/// If the disk refuses.
pub fn write(locking: &Locking, manifest: &Manifest) -> Result<(), RunError> {
    if locking.check {
        return Ok(());
    }
    // Two builds of configs of one folder take turns, so that each finds what the other wrote. Where folders cannot be locked,
    // the later wins.
    let folder = storage::folder_of(&locking.path);
    let turn = storage::open(folder).map_err(RunError::io("open", folder))?;
    let _ = turn.lock();
    // A lock that cannot be read is written anew: nothing in it can be of use.
    let mut lock = read(&locking.path).unwrap_or_default().unwrap_or_default();
    lock.version = VERSION;
    let (living, gone): (BTreeMap<_, _>, _) =
        std::mem::take(&mut lock.config).into_iter().partition(|(config, _)| folder.join(config).exists());
    gone.keys().try_for_each(|config| listing::remove(&locking.path, config))?;
    lock.config = living;
    lock.config.insert(locking.config.clone(), after(manifest));
    listing::write(&locking.path, &locking.config, &manifest.inputs)?;
    let toml = toml::to_string(&lock).expect("a lock holds only what TOML can hold");
    let text =
        format!("# Written by `tamis build`, checked by `tamis build --locked`. Commit it beside the config.\n{toml}");
    storage::replace(&locking.path, folder, text.as_bytes()).map_err(RunError::io("write", &locking.path))
}

fn read(path: &Path) -> Result<Option<Lock>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    toml::from_str(&text).map(Some).map_err(|error| error.message().to_owned())
}

fn read_locked(locking: &Locking) -> Result<Locked, RunError> {
    let lock = read(&locking.path).map_err(|detail| drift(locking, Drift::Unreadable(detail)))?;
    let lock = lock.ok_or_else(|| drift(locking, Drift::NoLock))?;
    if lock.version != VERSION {
        return Err(drift(locking, Drift::Layout { locked: lock.version, known: VERSION }));
    }
    let table = lock.config.get(&locking.config).cloned();
    table.ok_or_else(|| drift(locking, Drift::NoTable { config: locking.config.clone() }))
}

fn before(plan: &Plan, inputs: &Inputs) -> Locked {
    depends(&plan.manifest_config(), &inputs.digests, &plan.models())
}

fn after(manifest: &Manifest) -> Locked {
    let counts = manifest.stages.iter().map(|stage| (stage.name.clone(), stage.rules.clone()));
    Locked {
        digest: manifest.digest.clone(),
        counts: counts.filter(|(_, rules)| !rules.is_empty()).collect(),
        outputs: digests(&manifest.files),
        ..depends(&manifest.config, &manifest.inputs, &manifest.models)
    }
}

fn depends(config: &Value, inputs: &[FileDigest], models: &[Model]) -> Locked {
    let mut options = BTreeMap::new();
    flatten(config, String::new(), &mut options);
    Locked {
        data_version: DATA_VERSION.to_owned(),
        options,
        inputs: listing::named(inputs),
        models: models.iter().map(|model| (model.name.clone(), model.sha256.clone())).collect(),
        ..Locked::default()
    }
}

fn digests(files: &[FileDigest]) -> BTreeMap<String, String> {
    files.iter().map(|file| (file.path.clone(), format!("{} {}", file.bytes, file.sha256))).collect()
}

/// Every leaf of the config by its dotted key, lists and tables without entries included.
fn flatten(value: &Value, path: String, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(table) if !table.is_empty() => {
            for (key, value) in table {
                flatten(value, if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, out);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (index, value) in list.iter().enumerate() {
                flatten(value, format!("{path}[{index}]"), out);
            }
        }
        leaf => {
            out.insert(path, leaf.to_string());
        }
    }
}

fn first_difference(what: &str, locked: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Option<Drift> {
    let mut names: Vec<&String> = locked.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().find(|name| locked.get(*name) != now.get(*name)).map(|name| Drift::Thing {
        kind: what.to_owned(),
        name: name.clone(),
        locked: locked.get(name).cloned(),
        now: now.get(name).cloned(),
    })
}

fn spell(counts: &RuleCounts) -> String {
    let RuleCounts { documents, blocks, bytes, edits } = counts;
    format!("{documents} documents, {blocks} blocks, {bytes} bytes, {edits} edits")
}

fn drift(locking: &Locking, drift: Drift) -> RunError {
    ErrorKind::Drift { lock: locking.path.clone(), drift }.into()
}
