//! What `[output]` asks of sources, stages and columns.

use crate::config::{ConfigError, ConfigErrors, Located};
use crate::sink::{TitlePlace, layout};
use crate::stage::StageConfig;

/// Tells sources and stages where titles stand.
///
/// # Errors
/// If titles shall leave the texts and no stage knows them.
pub(super) fn place_titles(located: &mut Located) -> Result<(), ConfigErrors> {
    let config = &mut located.config;
    match config.output.title {
        None => {}
        Some(TitlePlace::Text) => config.source.iter_mut().for_each(|source| source.title_in_text = true),
        Some(TitlePlace::Column) => {
            let told = config.stage.iter_mut().map(StageConfig::take_title).filter(|takes| *takes).count();
            if told == 0 {
                let message = "`title = \"column\"`, and no stage takes titles from texts";
                let hint = "add a stage that fills `title`; `tamis stages` tells which do".to_owned();
                return Err(ConfigErrors(vec![located.places.error("output.title", message, Some(hint))]));
            }
        }
    }
    Ok(())
}

/// What is wrong with the columns that the config asks for.
pub(super) fn check(located: &Located) -> Vec<ConfigError> {
    let wrong = layout::check(&located.config.output).into_iter();
    wrong.map(|(field, message, hint)| located.places.error(&format!("output.{field}"), message, Some(hint))).collect()
}
