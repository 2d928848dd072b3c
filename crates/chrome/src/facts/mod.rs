//! The article's facts as its page shows them: title, author, days, credit, section.
//!
//! Title, author and day are chosen among candidates by weights ([`weights`]), and left out where no candidate is sure enough:
//! a wrong fact is worse than none. Where the article lies is judged here by the shape of its lines; only the title is also
//! looked for by what the model makes of them, on pages that it judges.

use super::evidence::{self, Evidence};
use super::pack::Effect;
use super::shape::is_place;
use tamis_text::characters::is_alphanumeric;
use tamis_text::date::NumericOrder;
use tamis_text::day::Day;

mod address;
mod byline;
mod day;
#[cfg(test)]
mod dump;
mod fitted;
mod labels;
mod names;
mod order;
mod page;
mod plain;
mod spread;
#[cfg(test)]
mod tests;
mod title;
mod weights;

pub(super) use order::order;

use address::Address;
use labels::Label;
use page::Page;

/// What the text itself says about the article.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Its title.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The day of publication.
    pub published: Option<Day>,
    /// The day of the last change.
    pub updated: Option<Day>,
    /// Whom a photo or the text is credited to.
    pub credit: Option<String>,
    /// The section of the site.
    pub section: Option<String>,
    /// Lines that name the author or give a day, and say nothing else.
    pub(crate) lines: Vec<usize>,
}

/// Takes the facts from a page's blocks, each with whether a blank line stands before it. `scores`: how much each looks like the
/// article, where the model judges the page.
pub(super) fn gather(
    texts: &[(&str, bool)],
    evidence: &[Evidence],
    scores: Option<&[u8]>,
    url: Option<&str>,
    order: NumericOrder,
) -> Gathered {
    let page = Page::new(texts, evidence.iter().map(|block| block.size));
    let address = url.map(Address::new).unwrap_or_default();
    let mut mentions = day::mentions(&page, order);
    // In a text that is no page a sentence names nobody as its author, and its day is that of the story.
    let tells = |line: &page::Line<'_>| scores.is_some() || !is_said(line) && !is_span(line.text);
    mentions.retain(|mention| page.lines.get(mention.line).is_none_or(&tells));
    let mut dated = vec![false; page.lines.len()];
    for mention in &mentions {
        if let Some(dated) = dated.get_mut(mention.line) {
            *dated = true;
        }
    }
    // A title looks a few lines ahead.
    let near = page.lines.iter().take(title::LINES + 8);
    let behind: Vec<Option<&str>> =
        near.zip(evidence).map(|(line, block)| behind_byline(line, block).filter(|_| tells(line))).collect();
    let hits: Vec<title::Known> = evidence.iter().map(known).collect();
    let title = best_title(&page, &dated, &behind, &hits, scores, &address);
    let (published, updated) = best_days(&page, &mentions, title.line, &address);
    let author = best_author(&page, &dated, &behind, &mentions, title.line, evidence);
    // Below the beginning of a text that is no page, a name alone signs a letter or heads a part.
    let body = page.lines.iter().position(|line| line.prose || is_said(line)).unwrap_or(page.lines.len());
    let signs = |line: usize| page.lines.get(line).is_some_and(|line| labels::behind_byline(line.text).is_none());
    let author = author.filter(|(line, _)| scores.is_some() || *line <= body || !signs(*line));
    let lines = [author.as_ref().map(|author| author.0), published.map(|day| day.0), updated.map(|day| day.0)];
    let mut gathered = Gathered {
        title: title.text(&page),
        author: author.map(|author| author.1),
        published: published.map(|day| day.1),
        updated: updated.map(|day| day.1),
        lines: lines
            .into_iter()
            .flatten()
            .filter(|line| Some(*line) != title.line && says_no_more(&page, *line))
            .collect(),
        ..Gathered::default()
    };
    for block in evidence {
        match block.hit.map(|hit| hit.effect) {
            Some(Effect::Credit) => gathered.credit = gathered.credit.take().or_else(|| block.value.clone()),
            Some(Effect::Section) => gathered.section = gathered.section.take().or_else(|| block.value.clone()),
            _ => {}
        }
    }
    gathered
}

/// Whether two years stand on the line, and no word for a day of publication: those of a life, or of an event.
fn is_span(text: &str) -> bool {
    let numbers = text.split(|character: char| !character.is_ascii_digit());
    numbers.filter(|number| number.len() == 4).nth(1).is_some()
        && !matches!(labels::label(text), Some(Label::Published | Label::Updated))
}

/// Whether the line reads as a sentence: by signs that end one, or by a full stop after more words than a label has.
fn is_said(line: &page::Line<'_>) -> bool {
    line.text.ends_with(['!', '?', '！', '？', '。', '।', '۔', '؟'])
        || line.words >= SAID && line.text.ends_with('.') && !line.text.ends_with("..")
}

/// Words of a line with a full stop that is a sentence rather than "By Ada Quill, staff."
const SAID: usize = 4;

/// What stands on a line after a word for an author, as the packs or the readers know it.
fn behind_byline<'a>(line: &page::Line<'a>, block: &Evidence) -> Option<&'a str> {
    let phrase = block.hit.filter(|hit| hit.effect == Effect::Author && hit.letters > 0);
    let rest = phrase.map(|hit| evidence::behind(line.text, hit.letters));
    rest.map(|rest| rest.trim_start_matches(|character| !is_alphanumeric(character)))
        .or_else(|| labels::behind_byline(line.text))
}

/// Whether a title may stand on the line: not on a sentence of some length, and in a text that is no page not after the first
/// paragraph. `at`: its number.
fn may_be_title(page: &Page<'_>, at: usize, is_page: bool) -> bool {
    let Some(line) = page.lines.get(at) else { return false };
    let full_stop = line.ends_sentence && line.text.ends_with(['.', '。', '।', '۔']) && line.words > 8;
    let above = page.lines.get(..at).unwrap_or_default();
    !full_stop && (is_page || !line.prose && !above.iter().any(|line| line.prose))
}

/// `Port Lannec, Brittany` below the byline and the date that a text begins with.
fn is_place_of_facts(page: &Page<'_>, at: usize, hits: &[title::Known]) -> bool {
    let facts = hits.get(..at).is_some_and(|above| above.iter().all(|hit| *hit == title::Known::Fact));
    at > 0 && facts && page.lines.get(at).is_some_and(|line| is_place(line.text))
}

/// The likeliest title's line, and whether it is sure.
#[derive(Debug, PartialEq, Eq)]
struct Title {
    line: Option<usize>,
    sure: bool,
}

impl Title {
    /// A line that is the whole text is its title no more than its first sentence is.
    fn text(&self, page: &Page<'_>) -> Option<String> {
        if page.lines.len() < 2 {
            return None;
        }
        let line = page.lines.get(self.line.filter(|_| self.sure)?)?;
        Some(line.text.to_owned())
    }
}

/// Whether the line has hardly a word besides names, days and places, and other lines are the text.
fn says_no_more(page: &Page<'_>, at: usize) -> bool {
    let bare = |line: &page::Line<'_>| {
        line.words <= FACT_LINE && !line.prose && plain::plain_words(line.text) <= 1 && line.chars <= 100
    };
    page.lines.get(at).is_some_and(bare) && page.lines.iter().any(|line| line.words > FACT_LINE)
}

/// Words of the longest line that is a byline or a date line and nothing else.
pub(super) const FACT_LINE: usize = 14;

/// What the packs know of a block.
fn known(block: &Evidence) -> title::Known {
    match block.hit.map(|hit| hit.effect) {
        None if block.day_alone => title::Known::Fact,
        None => title::Known::Nothing,
        Some(Effect::Remove) => title::Known::Chrome,
        Some(Effect::Edge) => title::Known::Edge,
        Some(Effect::Hint) => title::Known::Hint,
        Some(_) => title::Known::Fact,
    }
}

/// `behind`: what stands on each line after a word for an author; `hits`: what the packs know of each.
fn best_title(
    page: &Page<'_>,
    dated: &[bool],
    behind: &[Option<&str>],
    hits: &[title::Known],
    scores: Option<&[u8]>,
    address: &Address,
) -> Title {
    let bylines: Vec<bool> =
        page.lines.iter().zip(behind).map(|(line, behind)| byline::names_author(line.text, *behind)).collect();
    let marks = title::Marks { days: dated, bylines: &bylines, scores, hits };
    let (weights, margin) = title_weights(address);
    let mut candidates = title::candidates(page, &marks, address, weights);
    candidates.retain(|candidate| !is_place_of_facts(page, candidate.line, hits));
    // One alone is the title, whatever its points.
    if candidates.len() > 1 {
        candidates = title::read(page, &candidates, weights, margin);
    }
    if candidates.len() > 1 {
        title::refine(page, &mut candidates, title::SHORT_LIST, weights, margin);
    }
    let mut title = decide(page, &candidates, margin);
    let is_page = scores.is_some() || !address.is_empty();
    title.sure &= title.line.is_some_and(|line| may_be_title(page, line, is_page));
    title
}

/// The weights by which a page's title is chosen, and how far the best must be ahead.
fn title_weights(address: &Address) -> (&'static weights::Weights, i32) {
    match address.is_empty() {
        true => (&fitted::TITLE_ALONE, fitted::TITLE_MARGIN_ALONE),
        false => (&fitted::TITLE, fitted::TITLE_MARGIN),
    }
}

/// The title among `candidates`, of which all is known. It is sure where no other line comes within `margin`.
fn decide(page: &Page<'_>, candidates: &[title::Candidate<'_>], margin: i32) -> Title {
    let scores: Vec<i32> = candidates.iter().map(|candidate| candidate.features.score).collect();
    let Some(best) = first_highest(&scores) else { return Title { line: None, sure: false } };
    let line = candidates.get(best).map(|candidate| candidate.line);
    let key = line.and_then(|line| page.lines.get(line)).map(|line| line.key);
    let same = |at: usize| candidates.get(at).and_then(|other| page.lines.get(other.line)).map(|line| line.key) == key;
    let others = scores.iter().enumerate().filter(|(at, _)| !same(*at)).map(|(_, score)| *score).max();
    let top = scores.get(best).copied().unwrap_or_default();
    Title { line, sure: others.is_none_or(|other| top - other >= margin) }
}

/// Lines that the packs know as chrome name nobody, whatever they look like.
fn best_author(
    page: &Page<'_>,
    dated: &[bool],
    behind: &[Option<&str>],
    mentions: &[day::Mention],
    title: Option<usize>,
    evidence: &[Evidence],
) -> Option<(usize, String)> {
    let chrome = |line: usize| {
        let effect = evidence.get(line).and_then(|block| block.hit).map(|hit| hit.effect);
        matches!(effect, Some(Effect::Remove | Effect::Edge | Effect::Hint))
    };
    let mut candidates =
        byline::candidates(page, &byline::Marks { days: dated, behind, mentions }, title, &fitted::AUTHOR);
    // Like days, names further above the title are the banner's.
    let banner = |line: usize| title.is_some_and(|title| line + 2 < title);
    candidates.retain(|candidate| !chrome(candidate.line) && (candidate.labelled || !banner(candidate.line)));
    byline::refine(page, &mut candidates, title::SHORT_LIST);
    let scores: Vec<i32> = candidates.iter().map(|candidate| candidate.features.score).collect();
    let best = first_highest(&scores)?;
    let chosen = candidates.into_iter().nth(best)?;
    let least = if chosen.labelled { fitted::AUTHOR_LEAST } else { fitted::AUTHOR_LEAST_ALONE };
    (scores.get(best).copied()? >= least).then_some((chosen.line, chosen.names))
}

/// A day, and the line that tells it.
type Told = (usize, Day);

/// The days of publication and of the last change.
fn best_days(
    page: &Page<'_>,
    mentions: &[day::Mention],
    title: Option<usize>,
    address: &Address,
) -> (Option<Told>, Option<Told>) {
    let features = day::features(page, mentions, title, address, &fitted::PUBLISHED);
    let scores: Vec<i32> = features.iter().map(|features| features.score).collect();
    let best =
        first_highest(&scores).filter(|best| scores.get(*best).is_some_and(|score| *score >= fitted::PUBLISHED_LEAST));
    // Further above the title a day without a word for it is the banner's: today, whenever the page was saved.
    let banner =
        |mention: &&day::Mention| mention.label.is_none() && title.is_some_and(|title| mention.line + 2 < title);
    let published = best.and_then(|best| mentions.get(best)).filter(|mention| !banner(mention));
    let near = published.map(|published| published.line).or(title);
    let updated = mentions.iter().filter(|mention| mention.label == Some(Label::Updated)).find(|mention| {
        near.is_some_and(|near| mention.line.abs_diff(near) <= 6)
            && published.is_none_or(|published| published.day <= mention.day)
    });
    let published = published.filter(|published| published.label != Some(Label::Updated));
    let told = |mention: &day::Mention| (mention.line, mention.day);
    (published.map(told), updated.map(told))
}

/// The first of the highest.
fn first_highest(scores: &[i32]) -> Option<usize> {
    let highest = scores.iter().max()?;
    scores.iter().position(|score| score == highest)
}
