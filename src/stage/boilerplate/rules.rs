//! The stage's rules for people: those of its packs, by what the packs say of them, and its own.

use super::Boilerplate;
use crate::chrome::ShapeRule;
use crate::chrome::pack::{self, Pack};
use crate::stage::RuleInfo;

/// The rules of the stage with these packs, in the order of their numbers: phrases, cuts, shapes.
pub(super) fn of(packs: &[Pack]) -> Vec<RuleInfo> {
    let phrases = packs.iter().flat_map(|pack| {
        pack.rule.iter().map(|rule| {
            let means = format!("{}: a phrase of the pack `{}`", rule.is, pack.name);
            let says = format!("{}: {{found}} of pack {}", literal(&rule.is), literal(&pack.name));
            RuleInfo::block(rule.id.clone(), means).kept_by("keep").saying(says).such_as(rule.example())
        })
    });
    let cuts = packs.iter().flat_map(|pack| {
        pack.cut.iter().map(|cut| {
            let means = format!("{}: a pattern of the pack `{}`", cut.is, pack.name);
            let example = cut.must_match.first().map(|[before, _]| before.clone());
            RuleInfo::text(cut.id.clone(), means).kept_by("keep").such_as(example)
        })
    });
    let shapes = ShapeRule::ALL.iter().map(|rule| {
        let info = RuleInfo::block(rule.name(), means(*rule)).kept_by("keep");
        match says(*rule) {
            Some(says) => info.saying(says),
            None => info,
        }
    });
    phrases.chain(cuts).chain(shapes).collect()
}

/// The rules with the packs that are used where the config names none.
pub(super) fn embedded() -> Vec<RuleInfo> {
    // A pack that cannot be read is refused when the stage is made; a test reads those that are built in.
    let names = Boilerplate::default().packs;
    let packs = pack::EMBEDDED.iter().filter(|embedded| names.iter().any(|name| name == embedded.name));
    of(&packs.filter_map(|embedded| embedded.pack().ok()).collect::<Vec<_>>())
}

/// A pack's words without what a template would take for its own.
fn literal(words: &str) -> String {
    words.replace(['[', ']', '{', '}'], "")
}

const fn says(rule: ShapeRule) -> Option<&'static str> {
    Some(match rule {
        ShapeRule::UserRemove => "the expression {found} of the config's `remove` finds it",
        ShapeRule::RepeatedOnSite => "{value%} of the site's documents have it; {limit%} are enough",
        ShapeRule::BeforeArticle => "chrome before the article by the model: {value} where this page's bar is {limit}",
        ShapeRule::InsideArticle => "chrome inside the article by the model: {value} where this page's bar is {limit}",
        ShapeRule::AfterArticle => "chrome after the article by the model: {value} where this page's bar is {limit}",
        ShapeRule::NoArticle => {
            "chrome on a page without an article by the model: {value} where this page's bar is {limit}"
        }
        ShapeRule::RepeatedOnPage => "a copy of {copy}, in a passage of {n words} that the page has twice",
        ShapeRule::AfterTheEnd
        | ShapeRule::BesideChrome
        | ShapeRule::DateLine
        | ShapeRule::PlaceLine
        | ShapeRule::FactLine => return None,
    })
}

const fn means(rule: ShapeRule) -> &'static str {
    match rule {
        ShapeRule::UserRemove => "one of the config's `remove` expressions finds it",
        ShapeRule::RepeatedOnSite => "a good part of the site's documents have the same block, digits aside",
        ShapeRule::BeforeArticle => {
            "the model takes it for chrome, before the article begins: its score is below the page's bar"
        }
        ShapeRule::InsideArticle => {
            "the model takes it for chrome set into the article: its score is below the page's bar"
        }
        ShapeRule::AfterArticle => {
            "the model takes it for chrome after the article has ended: its score is below the page's bar"
        }
        ShapeRule::NoArticle => {
            "the model takes it for chrome on a page that has no article: its score is below the page's bar"
        }
        ShapeRule::AfterTheEnd => {
            "it follows a phrase after which the article is over, on a page too short for the model"
        }
        ShapeRule::BesideChrome => {
            "a short piece of chrome beside other chrome: a counter, a lone symbol, a word of a menu"
        }
        ShapeRule::DateLine => "a day that stands alone beside other chrome",
        ShapeRule::PlaceLine => "a place in the head of the article, after its byline or its date",
        ShapeRule::RepeatedOnPage => "the page has the passage twice, as pages do for wide and for small screens",
        ShapeRule::FactLine => {
            "the author, a day or (where `[output] title = \"column\"`) the title stands in its column, and it says nothing else"
        }
    }
}
