//! The article's facts, from the blocks that hold them.

use super::evidence::Evidence;
use super::pack::Effect;
use super::{Verdict, names};
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
    for (block, verdict) in evidence.iter().zip(verdicts) {
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
    }
    if let Some((at, day)) = lone_day(evidence, title).filter(|_| gathered.published.is_none()) {
        gathered.published = Some(day);
        if gathered.author.is_none() {
            gathered.author = name_beside(at, texts, evidence, title);
        }
    }
    gathered
}

/// The day that stands alone in the head of the article, between headline and first paragraph, if there is one only.
///
/// Above the headline it would be today's date of the site's banner; two days would be those of two stories.
fn lone_day(evidence: &[Evidence], title: Option<usize>) -> Option<(usize, Day)> {
    let first = evidence.iter().position(|evidence| evidence.prose)?;
    let (from, to) = match title {
        Some(title) => (title, first.min(title + 12).max(title + 4)),
        None => (first.saturating_sub(6), first),
    };
    let mut days = evidence.iter().enumerate().take(to).skip(from).filter(|(_, evidence)| evidence.day_alone);
    let (at, day) = days.next().and_then(|(at, evidence)| Some((at, evidence.day?)))?;
    days.all(|(_, evidence)| evidence.day == Some(day)).then_some((at, day))
}

/// A line that is a name and nothing else, right before or behind the date line of the article.
fn name_beside(date: usize, texts: &[&str], evidence: &[Evidence], title: Option<usize>) -> Option<String> {
    [date.checked_sub(1), Some(date + 1)].into_iter().flatten().find_map(|at| {
        let plain =
            evidence.get(at).is_some_and(|evidence| evidence.hit.is_none()) && title.is_some_and(|title| title < at);
        names::names(texts.get(at).filter(|_| plain)?)
            .filter(|name| texts.get(at).is_some_and(|text| text.trim() == name))
    })
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
