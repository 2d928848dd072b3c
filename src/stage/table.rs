//! The one table of stages: the name a config uses, and the struct that holds its options.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Configure, Configured, Fact, StageError, StageInfo, Surroundings};

/// Declares the stages. Each line makes the name known to the config, the schema, the reference pages and the plan.
macro_rules! stages {
    ($($name:ident: $config:ident in $module:ident,)+) => {
        $(use super::$module::$config;)+

        /// The names of all stages, in the order in which a pipeline usually has them.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// All stages, in the same order, with what each says of itself.
        pub const STAGES: &[(&str, StageInfo)] = &[$((stringify!($name), $config::INFO)),+];

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

            /// What the stage says of itself.
            #[must_use]
            pub fn info(&self) -> StageInfo {
                match self {
                    $(Self::$name(_) => $config::INFO,)+
                }
            }

            /// As [`Configure::take_title`].
            pub fn take_title(&mut self) -> bool {
                match self {
                    $(Self::$name(config) => config.take_title(),)+
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
    decontaminate: Decontaminate in decontaminate,
    paragraph_dedup: ParagraphDedup in paragraph_dedup,
    near_dedup: NearDedup in near_dedup,
    substring_dedup: SubstringDedup in substring_dedup,
    tokenize: Tokenize in tokenize,
    split: Split in split,
}

/// The name of a stage that fills `fact`, if there is one.
#[must_use]
pub fn giver(fact: Fact) -> Option<&'static str> {
    STAGES.iter().find(|(_, info)| info.gives.contains(&fact)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::stage::Removes;

    #[test]
    fn what_a_stage_may_do_with_its_fewest_options_is_what_its_rules_say() {
        for (name, info) in STAGES {
            let table: toml::Table = format!("{name} = {}", info.sample).parse().expect(name);
            let config = StageConfig::deserialize(table).expect(name);
            assert_eq!(config.name(), *name);
            let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
            let folders = ["crates/text/tests/fasttext", "tests/stages"].map(|folder| here.join(folder));
            let Some(made) =
                folders.iter().find_map(|folder| config.configure(&Surroundings { folder: folder.as_path() }).ok())
            else {
                panic!("`{name} = {}` can be made in neither of {folders:?}", info.sample)
            };
            assert_eq!(made.rules, (info.rules)(), "{name}");
            let Removes { blocks, documents } = info.removes();
            assert!(blocks || !made.removes.blocks, "{name} removes blocks by no rule");
            assert!(documents || !made.removes.documents, "{name} removes documents by no rule");
            assert!(info.edits() || !made.edits, "{name} edits by no rule");
        }
    }

    #[test]
    fn each_stage_and_each_rule_is_explained_in_a_sentence_without_its_mark() {
        for (name, info) in STAGES {
            let rules = (info.rules)();
            let distinct: BTreeSet<_> = rules.iter().map(|rule| &rule.name).collect();
            assert_eq!(distinct.len(), rules.len(), "two rules of {name} have one name");
            let told = rules.iter().map(|rule| (&*rule.name, &*rule.means));
            for (what, sentence) in std::iter::once((*name, info.does)).chain(told) {
                let words = sentence.split_whitespace().count();
                assert!((3..60).contains(&words), "{name}, {what}: {sentence:?}");
                assert!(!sentence.ends_with('.') && !sentence.contains(['\n', '|']), "{name}, {what}: {sentence:?}");
            }
        }
    }
}
