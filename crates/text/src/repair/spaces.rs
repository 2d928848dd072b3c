//! Odd spaces and characters without width.

use super::{Change, shape};

/// Whether `character` could be changed by [`changes`].
#[must_use]
pub fn suspect(character: char) -> bool {
    !matches!(action(character), Action::Keep)
}

/// The odd spaces of `text` as plain ones, and the invisible characters without meaning as nothing.
///
/// No-break, thin, em, figure and other spaces become a plain space. The ideographic space goes at the edges of a line
/// and stays between East Asian characters. Soft hyphens (but one that ends the line: whoever joins lines needs it), byte order
/// marks and zero-width spaces go; joiners and non-joiners stay beside letters of scripts that are shaped by them and
/// between emoji; marks of direction stay where text runs both ways. White space at the end of the line goes.
///
/// ```
/// use tamis_text::repair::{changed, spaces};
/// let text = "«\u{a0}Été\u{202f}» co\u{ad}op\u{200b} ";
/// assert_eq!(changed(text, &spaces::changes(text)), "« Été » coop");
/// ```
#[must_use]
pub fn changes(text: &str) -> Vec<Change> {
    let gone = |c: char| c.is_whitespace() || matches!(action(c), Action::Space | Action::Drop | Action::Ideographic);
    let body = text.trim_end_matches(|c| gone(c) && c != SOFT_HYPHEN);
    let mut changes: Vec<Change> = Vec::new();
    let mut both_ways = None;
    let mut before = None;
    let mut leading = true;
    for (at, character) in body.char_indices() {
        leading &= gone(character);
        let end = at + character.len_utf8();
        let next = || text.get(end..).and_then(|rest| rest.chars().next());
        let beside = |wanted: fn(char) -> bool| before.is_some_and(wanted) || next().is_some_and(wanted);
        let replacement = match action(character) {
            Action::Keep => None,
            Action::Space => (!(character == '\u{202f}' && beside(mongolian))).then_some(" "),
            Action::Ideographic if leading => Some(""),
            Action::Ideographic => (!beside(|c| shape::ideographic(c) || c == '\u{3000}')).then_some(" "),
            Action::Drop => (character != SOFT_HYPHEN || end < body.len()).then_some(""),
            Action::Filler => (!beside(hangul)).then_some(""),
            Action::WordBreak => (!beside(unspaced)).then_some(""),
            Action::Joiner => {
                let needed = before != Some(character)
                    && (beside(shaped)
                        || (character == '\u{200d}' && before.is_some_and(emoji) && next().is_some_and(emoji)));
                (!needed).then_some("")
            }
            Action::Grapheme => (!before.is_some_and(|c| c.is_alphabetic() || shape::mark(c))).then_some(""),
            Action::Direction => (!*both_ways.get_or_insert_with(|| runs_both_ways(text))).then_some(""),
            Action::Tag => {
                (!before.is_some_and(|c| c == '\u{1f3f4}' || ('\u{e0020}'..='\u{e007f}').contains(&c))).then_some("")
            }
        };
        match replacement {
            None => before = Some(character),
            Some(replacement) => push(&mut changes, at..end, replacement),
        }
    }
    if body.len() < text.len() {
        push(&mut changes, body.len()..text.len(), "");
    }
    changes
}

/// The soft hyphen that ends `text`, once no line is to be joined to it.
#[must_use]
pub fn last_soft_hyphen(text: &str) -> Option<Change> {
    text.ends_with(SOFT_HYPHEN).then(|| {
        let body = text.trim_end_matches(|c: char| c == SOFT_HYPHEN || c.is_whitespace());
        Change::new(body.len()..text.len(), "")
    })
}

const SOFT_HYPHEN: char = '\u{ad}';

enum Action {
    Keep,
    Space,
    Ideographic,
    Drop,
    Filler,
    WordBreak,
    Joiner,
    Grapheme,
    Direction,
    Tag,
}

fn action(character: char) -> Action {
    match character {
        '\0'..'\u{a0}' => Action::Keep,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{2800}' => Action::Space,
        '\u{3000}' => Action::Ideographic,
        SOFT_HYPHEN | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' => Action::Drop,
        '\u{3164}' | '\u{ffa0}' => Action::Filler,
        '\u{200b}' => Action::WordBreak,
        '\u{180e}' | '\u{200c}' | '\u{200d}' => Action::Joiner,
        '\u{34f}' => Action::Grapheme,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Action::Direction,
        '\u{e0000}'..='\u{e007f}' => Action::Tag,
        _ => Action::Keep,
    }
}

fn push(changes: &mut Vec<Change>, range: std::ops::Range<usize>, replacement: &'static str) {
    match changes
        .last_mut()
        .filter(|last| last.range.end == range.start && last.replacement.is_empty() && replacement.is_empty())
    {
        Some(last) => last.range.end = range.end,
        None => changes.push(Change::new(range, replacement)),
    }
}

/// Scripts whose letters change with a joiner or non-joiner beside them: Arabic and its kin, the Indic scripts, Mongolian.
fn shaped(character: char) -> bool {
    matches!(character, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1700}'..='\u{18af}'
        | '\u{1900}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{10fff}' | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
        || matches!(character, '\u{1cd0}'..='\u{1cff}')
}

/// Scripts that set no space between words, where a zero-width space marks the place: Thai, Lao, Tibetan, Burmese, Khmer and kin.
fn unspaced(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{1aaf}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}')
}

fn mongolian(character: char) -> bool {
    matches!(character, '\u{1800}'..='\u{18af}')
}

fn hangul(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{ffa1}'..='\u{ffdc}')
        && character != '\u{3164}'
}

fn emoji(character: char) -> bool {
    matches!(character, '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}')
}

/// Whether letters that run from right to left stand beside letters or digits that run the other way.
fn runs_both_ways(text: &str) -> bool {
    let right_to_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    let strong = |c: &char| c.is_alphanumeric();
    text.chars().filter(strong).any(right_to_left) && text.chars().filter(strong).any(|c| !right_to_left(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::changed;

    fn cleaned(text: &str) -> String {
        changed(text, &changes(text))
    }

    #[test]
    fn scripts_keep_the_joiners_they_need() {
        for kept in [
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "ភាសា\u{200b}ខ្មែរ",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
        ] {
            assert_eq!(cleaned(kept), kept);
        }
        assert_eq!(cleaned("Auf\u{200c}lage a\u{200d}b می\u{200c}\u{200c}خ"), "Auflage ab می\u{200c}خ");
    }

    #[test]
    fn marks_of_direction_stay_where_text_runs_both_ways() {
        assert_eq!(cleaned("\u{200e}plain\u{202c} \u{2068}text\u{2069}"), "plain text");
        assert_eq!(cleaned("שפת C++\u{200e} היא"), "שפת C++\u{200e} היא");
        assert_eq!(cleaned("\u{200f}שלום"), "שלום");
    }

    #[test]
    fn ideographic_spaces_go_at_the_edges_only() {
        assert_eq!(cleaned("\u{3000}\u{3000}東京\u{3000}太郎\u{3000}"), "東京\u{3000}太郎");
        assert_eq!(cleaned("a\u{3000}b"), "a b");
    }

    #[test]
    fn a_soft_hyphen_at_the_line_end_waits_for_the_next_line() {
        assert_eq!(cleaned("Zeit\u{ad}schrif\u{ad} "), "Zeitschrif\u{ad}");
        assert_eq!(changed("Zeit\u{ad}", last_soft_hyphen("Zeit\u{ad}").as_slice()), "Zeit");
    }
}
