//! From text to config.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, Deserializer, Error};

use super::places::Text;
use super::{Config, ConfigError, ConfigErrors, Places, overrides, validate};

/// A config, and where each of its keys was written.
#[derive(Debug, Clone)]
pub struct Located {
    /// The config as written, with `--set` applied.
    pub config: Config,
    /// Where each key was written.
    pub places: Places,
}

/// Reads a config from `text`. `file` is its name for messages; `overrides` are the `KEY=VALUE` of `--set`.
///
/// # Errors
/// All mistakes that the file and the overrides have, in the order of their places; syntax errors alone if there are any.
pub fn load(text: &str, file: &str, overrides: &[String]) -> Result<Located, ConfigErrors> {
    let whole = Text::new(text, file, overrides);
    let (mut root, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        return Err(gather(syntax.iter().map(|error| from_toml(&whole, error)).collect()));
    }
    let mut mistakes = overrides::apply(&mut root, overrides, &whole);
    mistakes.extend(validate::validate(root.get_ref(), &whole));
    if !mistakes.is_empty() {
        return Err(gather(mistakes));
    }
    let places = Places::new(whole.clone(), root.get_ref());
    let config = deserialize(root).map_err(|error| gather(vec![from_toml(&whole, &error)]))?;
    Ok(Located { config, places })
}

fn deserialize(root: Spanned<DeTable<'_>>) -> Result<Config, Error> {
    Config::deserialize(Deserializer::from(root))
}

fn from_toml(text: &Text, error: &Error) -> ConfigError {
    text.error(error.span(), String::new(), error.message().to_owned(), None)
}

fn gather(mistakes: Vec<ConfigError>) -> ConfigErrors {
    ConfigErrors(mistakes)
}
