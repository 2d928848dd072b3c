//! The config: the TOML file as written, its schema, its errors, and what `--set` changes in it.
//!
//! [`load()`] parses the text, applies the overrides, compares the result with the JSON Schema made from these very
//! structs, and gathers all mistakes with their places. It opens no files and knows no stage by name: whether files,
//! models and stages fit together is the plan's question.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{sink::OutputConfig, source::SourceConfig, stage::StageConfig};

mod cure;
mod error;
mod guards;
mod load;
mod overrides;
mod path;
mod phrasing;
mod places;
mod reference;
mod schema;
mod shape;
mod syntax;
mod test;
mod validate;

pub use error::{ConfigError, ConfigErrors, Excerpt, Place};
pub use guards::GuardsConfig;
pub use load::{Located, load};
pub use phrasing::nearest;
pub use places::Places;
pub use reference::{StageOption, reference, stage_facts, stage_options, stage_options_page, stage_table};
pub use schema::schema;
pub use test::{ExpectedRemoval, TestConfig, Texts};

/// A tamis config: what to read, which stages to run in which order, and where the dataset goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the dataset is called, and what its card says about it.
    pub dataset: DatasetConfig,
    /// Where articles are read from. Sources are read in the order in which they stand here.
    #[schemars(length(min = 1))]
    pub source: Vec<SourceConfig>,
    /// What is done to the articles, in this order. A stage may stand twice.
    #[serde(default)]
    pub stage: Vec<StageConfig>,
    /// Where the dataset goes and how its files are cut.
    pub output: OutputConfig,
    /// What may be lost before a build stops with exit code 6 (3 for `max_rejected`), with nothing changed at the output's
    /// place. Without a guard, a stage or a source that loses more than half of its bytes gives a warning.
    #[serde(default, skip_serializing_if = "GuardsConfig::is_empty")]
    pub guards: GuardsConfig,
    /// What the stages shall do with texts that stand here. `tamis check` runs the tests and ends with exit code 2 if one
    /// fails; `tamis check --tests` runs them alone and needs no input files. They change nothing of the dataset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<TestConfig>,
}

impl Config {
    /// The config as a manifest and a lock record it: every default filled in, and only what the dataset depends on. Guards
    /// and tests are left out, and so is the output's folder, since nothing in a dataset depends on where it lies; nor does
    /// it depend on the order in which a source lists its paths.
    #[must_use]
    pub fn recorded(&self) -> serde_json::Value {
        let mut config = serde_json::to_value(self.deciding()).expect("a config holds only what JSON can hold");
        if let Some(output) = config.get_mut("output").and_then(serde_json::Value::as_object_mut) {
            output.remove("dir");
        }
        config
    }

    /// The same as TOML that becomes a config with a `dir` under `[output]`.
    #[must_use]
    pub fn recorded_toml(&self) -> String {
        let mut config = toml::Table::try_from(self.deciding()).expect("a config holds only what TOML can hold");
        if let Some(output) = config.get_mut("output").and_then(toml::Value::as_table_mut) {
            output.remove("dir");
        }
        toml::to_string_pretty(&config).expect("a table can be written")
    }

    /// What of it the dataset depends on.
    fn deciding(&self) -> Self {
        let mut config = Self { guards: GuardsConfig::default(), test: Vec::new(), ..self.clone() };
        for source in &mut config.source {
            source.max_removed = None;
            source.paths.sort();
        }
        config
    }
}

/// The `[dataset]` table: what the dataset is called, and what its card says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// Short name, in the letters that Hugging Face allows: ASCII letters, digits, `-`, `_` and `.`, first and last a
    /// letter or digit, at most 96 characters.
    #[schemars(length(max = 96), regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"))]
    pub name: String,
    /// Version of the dataset, in letters, digits, `.`, `-`, `_` and `+`; `1.0.0` or `2026-11` say.
    #[serde(default = "version")]
    #[schemars(length(max = 96), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._+-]*$"))]
    pub version: String,
    /// Licence as Hugging Face names it, in lower case: `cc-by-4.0`, `mit`, `odc-by`, `other`.
    #[serde(default = "license")]
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9.-]*$"))]
    pub license: String,
    /// Title of the dataset card. Unset: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the dataset is, in a sentence or a few paragraphs of Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Address of a page about the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://\S+$"))]
    pub homepage: Option<String>,
    /// Languages of the dataset as ISO 639 codes (`fr`, `mos`). Empty: those that the `language` stage found.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[a-z]{2,3}$")))]
    pub languages: Vec<String>,
    /// Tags by which the dataset can be found.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// The config with every default filled in, as TOML that [`load()`]s to the same config.
///
/// ```
/// use tamis::config::{load, resolved, starter};
/// let config = load(starter(), "tamis.toml", &[]).expect("the starter config is right").config;
/// let again = load(&resolved(&config), "resolved.toml", &[]).expect("so is the resolved one").config;
/// assert_eq!(config, again);
/// ```
#[must_use]
pub fn resolved(config: &Config) -> String {
    toml::to_string_pretty(config).expect("a config holds only what TOML can hold")
}

/// The commented config that `tamis init` writes. Its first line names the schema as `tamis.schema.json` beside it.
#[must_use]
pub fn starter() -> &'static str {
    include_str!("starter.toml")
}

fn version() -> String {
    "0.0.0".to_owned()
}

fn license() -> String {
    "other".to_owned()
}
