//! The config's JSON Schema.

use serde_json::Value;

/// JSON Schema (draft 2020-12) of [`super::Config`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(super::Config).into()
}
