//! The fields that the config names, against those that the sources have.

use super::{Plan, PlanError};
use crate::config::ConfigErrors;
use crate::source;

impl Plan {
    /// Looks at the first records of each source for the fields that it is read by; what may be a mistake but is none for
    /// certain.
    ///
    /// # Errors
    /// All fields that no record has: the text, and others where the records can have none.
    pub fn check_fields(&self) -> Result<Vec<String>, PlanError> {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for (index, config) in (0u32..).zip(&self.config.source) {
            let files: Vec<_> = self.discovery.files.iter().filter(|file| file.source == index).collect();
            for lacking in source::lacking(config, index, &files) {
                let column = lacking.column.name();
                let advice = lacking.meant.map(|name| format!("did you mean `fields = {{ {column} = \"{name}\" }}`?"));
                let name = format!("source {} ({})", index + 1, config.paths.join(", "));
                if lacking.is_certain {
                    let place = format!("source[{index}].fields.{column}");
                    errors.push(self.places.error(&place, format!("{name} has {}", lacking.message), advice));
                } else {
                    let advice = advice.map_or_else(String::new, |advice| format!("; {advice}"));
                    warnings.push(format!("the first records of {name} have {}{advice}", lacking.message));
                }
            }
        }
        if errors.is_empty() { Ok(warnings) } else { Err(ConfigErrors(errors).into()) }
    }
}
