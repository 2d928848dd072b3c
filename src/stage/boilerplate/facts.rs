//! The article's facts, from the blocks that hold them.

use super::Verdict;
use super::evidence::Evidence;
use super::pack::Effect;
use crate::document::{Day, Facts};

/// What the text itself says about the article.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    title: Option<String>,
    author: Option<String>,
    published: Option<Day>,
    updated: Option<Day>,
    credit: Option<String>,
    section: Option<String>,
}

/// Takes each fact from the first block that holds it.
pub(super) fn gather(texts: &[&str], evidence: &[Evidence], verdicts: &[Verdict], title: Option<usize>) -> Gathered {
    let mut gathered = Gathered {
        title: title.and_then(|at| texts.get(at)).map(|title| title.trim().to_owned()),
        ..Gathered::default()
    };
    let first = evidence.iter().position(|evidence| evidence.prose);
    for (at, (block, verdict)) in evidence.iter().zip(verdicts).enumerate() {
        if matches!(verdict, Verdict::Held) {
            continue;
        }
        let effect = block.hit.map(|hit| hit.effect);
        match effect {
            Some(Effect::Author) => gathered.author = gathered.author.take().or_else(|| block.value.clone()),
            Some(Effect::Credit) => gathered.credit = gathered.credit.take().or_else(|| block.value.clone()),
            Some(Effect::Section) => gathered.section = gathered.section.take().or_else(|| block.value.clone()),
            Some(Effect::Published) => gathered.published = gathered.published.or(block.day),
            Some(Effect::Updated) => gathered.updated = gathered.updated.or(block.day),
            _ => {}
        }
        let between = title.zip(first).is_some_and(|(title, first)| at > title && at < first);
        if block.day_alone && between {
            gathered.published = gathered.published.or(block.day);
        }
    }
    gathered
}

impl Gathered {
    /// Fills the columns that are still empty.
    pub fn fill(self, facts: &mut Facts) {
        facts.title = facts.title.take().or(self.title);
        facts.author = facts.author.take().or(self.author);
        facts.published = facts.published.or(self.published);
        facts.updated = facts.updated.or(self.updated);
        facts.credit = facts.credit.take().or(self.credit);
        facts.section = facts.section.take().or(self.section);
    }
}
