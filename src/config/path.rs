//! A place in the tree of a config, as `stage[1].paragraph_dedup.min_chars` and in words.

use std::fmt;

/// The keys and indices that lead from the top of a config to one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// The value under `key`.
    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// The item at `index`, from 0.
    pub(super) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// The last key on the way, items aside.
    pub(super) fn last_key(&self) -> &str {
        let keys = self.0.iter().rev().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.into_iter().next().unwrap_or_default()
    }

    /// The value itself in words: `` `min_chars` ``, `stage 2`, `` item 1 of `paths` ``.
    pub(super) fn subject(&self) -> String {
        match self.0.as_slice() {
            [] => "the config".to_owned(),
            [Step::Key(list), Step::Index(index)] => format!("{list} {}", index + 1),
            [.., Step::Key(list), Step::Index(index)] => format!("item {} of `{list}`", index + 1),
            [.., Step::Index(index)] => format!("item {}", index + 1),
            [.., Step::Key(key)] => format!("`{key}`"),
        }
    }

    /// The value as a container, in words: `` in `[output]` ``, `` in stage 2 `paragraph_dedup` ``, `at the top level`.
    pub(super) fn inside(&self) -> String {
        let rest = |steps: &[Step]| Self(steps.to_vec()).to_string();
        match self.0.as_slice() {
            [] => "at the top level".to_owned(),
            [Step::Key(list), Step::Index(index)] => format!("in {list} {}", index + 1),
            [Step::Key(list), Step::Index(index), steps @ ..] => format!("in {list} {} `{}`", index + 1, rest(steps)),
            steps => format!("in `[{}]`", rest(steps)),
        }
    }

    fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Key(key) => {
                    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    formatter.write_str(if number > 0 { "." } else { "" })?;
                    match !key.is_empty() && key.chars().all(bare) {
                        true => formatter.write_str(key)?,
                        false => write!(formatter, "{key:?}")?,
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_itself_and_what_it_is_in() {
        let top = Path::default();
        let stage = top.key("stage").index(1);
        let option = stage.key("paragraph_dedup").key("min_chars");
        assert_eq!(option.to_string(), "stage[1].paragraph_dedup.min_chars");
        assert_eq!(option.subject(), "`min_chars`");
        assert_eq!(stage.key("paragraph_dedup").inside(), "in stage 2 `paragraph_dedup`");
        assert_eq!(stage.subject(), "stage 2");
        assert_eq!(top.key("output").inside(), "in `[output]`");
        assert_eq!(top.key("source").index(0).key("paths").index(2).subject(), "item 3 of `paths`");
        assert_eq!(top.key("a key").key("x").to_string(), "\"a key\".x");
    }
}
