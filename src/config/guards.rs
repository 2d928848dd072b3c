//! `[guards]`: what may be lost before a build stops.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::share::{Allowance, Share};

/// The `[guards]` table: when one of these limits is passed, the build stops before anything at the output's place is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GuardsConfig {
    /// By stage (`boilerplate`; `"boilerplate#2"` where it stands a second time): the largest share, 0 to 1, of the bytes
    /// that reach the stage which it may remove.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_removed: BTreeMap<String, Share>,
    /// How many records may be refused because they cannot be read: a whole number, or a share from 0.0 to 1.0 of all that
    /// were read or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rejected: Option<Allowance>,
    /// How many documents may lose more than 60 % of their running prose (words in sentences of twelve words or more) to stages
    /// that remove blocks: a whole number, or a share from 0.0 to 1.0 of all that were read. Copies of what stays are no loss, and
    /// documents that a filter removes as a whole do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_gutted: Option<Allowance>,
    /// The dataset must have at least this many documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_documents: Option<u64>,
}

impl GuardsConfig {
    /// Whether no guard is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
