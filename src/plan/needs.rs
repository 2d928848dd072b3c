//! How errors speak of what one stage needs of another.

use crate::stage::{self, Fact};

/// What is needed.
pub(super) fn phrase(fact: Fact) -> &'static str {
    match fact {
        Fact::Language => "the language",
        Fact::Tokens => "the tokens",
        Fact::Cluster => "the near-duplicate `cluster`",
        Fact::Split => "the split",
    }
}

/// Which stage gives it.
pub(super) fn hint_for(fact: Fact) -> Option<String> {
    stage::giver(fact).map(|stage| format!("put a `{stage}` stage before it"))
}
