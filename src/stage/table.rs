//! The one table of stages: the name a config uses, and the struct behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Configure, Configured, StageError, Surroundings};

/// Declares the stages. Each line makes the name known to the config, the schema, the reference pages and the plan.
macro_rules! stages {
    ($($name:ident: $config:ident in $module:ident,)+) => {
        $(use super::$module::$config;)+

        /// The names of all stages, in the order in which a pipeline usually has them.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// One `[[stage]]` of the config: the stage's name as the key, its options as the value.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[allow(non_camel_case_types, reason = "the variants are the stages' names as the config writes them")]
        #[allow(missing_docs, reason = "each variant is documented by its config struct")]
        pub enum StageConfig {
            $($name($config),)+
        }

        impl StageConfig {
            /// The stage's name.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)+
                }
            }

            /// Makes the stage.
            ///
            /// # Errors
            /// As [`Configure::configure`].
            pub fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
                match self {
                    $(Self::$name(config) => config.configure(surroundings),)+
                }
            }
        }
    };
}

stages! {
    normalize: Normalize in normalize,
    document_dedup: DocumentDedup in document_dedup,
    boilerplate: Boilerplate in boilerplate,
    language: Language in language,
    classifier: Classifier in classifier,
    paragraph_dedup: ParagraphDedup in paragraph_dedup,
    tokenize: Tokenize in tokenize,
    split: Split in split,
}
