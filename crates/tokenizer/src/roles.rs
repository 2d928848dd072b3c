//! The file beside a `tokenizer.json` that names its first and its last token.

use std::path::Path;

use serde_json::Value;
use tamis_text::hash;

use super::ROLES_FILE;

/// What [`ROLES_FILE`] says.
pub struct Roles {
    config: Value,
    /// Of the file, in hexadecimal.
    pub sha256: String,
}

impl Roles {
    /// Reads the file beside `path`, if there is one that can be read.
    pub fn beside(path: &Path) -> Option<Self> {
        let bytes = std::fs::read(path.with_file_name(ROLES_FILE)).ok()?;
        let config = serde_json::from_slice(&bytes).ok()?;
        Some(Self { config, sha256: hash::hex(&hash::sha256(&bytes)) })
    }

    /// The token that has this role.
    pub fn token(&self, role: &str) -> Option<&str> {
        let token = self.config.get(role)?;
        token.as_str().or_else(|| token.get("content")?.as_str())
    }
}
