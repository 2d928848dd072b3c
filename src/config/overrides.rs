//! `--set KEY=VALUE`.
use toml::Spanned;
use toml::de::DeTable;

use super::ConfigError;
use super::places::Text;

pub(super) fn apply(_root: &mut Spanned<DeTable<'_>>, _overrides: &[String], _text: &Text) -> Vec<ConfigError> {
    Vec::new()
}
