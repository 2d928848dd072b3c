//! What is said of the fields that records have instead of those that are wanted.

use std::borrow::Cow;

/// Says which fields a record has instead of the text, and which of them may be it.
pub(super) fn hint<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let likely = LIKELY_TEXT.iter().find(|likely| names.contains(likely));
    let advice = likely.map_or_else(String::new, |likely| format!("; set `fields = {{ text = \"{likely}\" }}`?"));
    listed(&names) + &advice
}

/// Says which fields there are.
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return "; there are no fields at all".to_owned();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", brief(name))).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!("; there are {}{more}", shown.join(", "))
}

/// A name that is shown; foreign names may be of any length.
fn brief(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(name.get(..end).unwrap_or(name).to_owned() + "…"),
        None => Cow::Borrowed(name),
    }
}

/// Which of `names` may be meant by `wanted`: one that is spelled nearly so, or what the text is usually called.
pub(super) fn nearest(names: &[&str], wanted: &str, is_text: bool) -> Option<String> {
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &wanted.to_lowercase());
    let near = names.iter().copied().filter(|name| likeness(name) > 0.85);
    let near = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let usual = LIKELY_TEXT.iter().find(|likely| is_text && names.contains(likely)).copied();
    near.or(usual).map(|name| brief(name).into_owned())
}

/// What the text is called in published article collections.
const LIKELY_TEXT: [&str; 13] = [
    "text",
    "content",
    "body",
    "article",
    "raw_content",
    "maintext",
    "article_text",
    "articleBody",
    "plain_text",
    "markdown",
    "document",
    "story",
    "Text",
];
