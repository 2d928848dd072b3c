//! What is wrong with the sources of a config, said at its place.

use crate::config::{ConfigError, Located};
use crate::source::{self, SourceError};

pub(super) fn source_error(located: &Located, error: SourceError) -> ConfigError {
    located.places.error(&format!("source[{}].{}", error.index, error.field), error.message, error.hint)
}

pub(super) fn unmatched(located: &Located, path: &source::Unmatched) -> ConfigError {
    let hint = "paths are relative to the config's folder".to_owned();
    let place = format!("source[{}].paths[{}]", path.source, path.path);
    located.places.error(&place, path.detail.clone(), Some(hint))
}
