//! Control characters and other code points that are no text: what a terminal, a word processor or an icon font left.

use super::{Change, shape};

/// Whether `character` could be taken out by [`changes`].
#[must_use]
pub fn suspect(character: char) -> bool {
    match character {
        '\t' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fff9}'..='\u{fffc}' | '\u{fdd0}'..='\u{fdef}' => true,
        _ => private(character) || (character as u32) & 0xfffe == 0xfffe,
    }
}

/// The control characters, noncharacters, object placeholders and stray icons of `text`.
///
/// Tabs stay, a vertical tab (the soft line end of word processors) becomes a space, a terminal's colour codes go whole,
/// and of characters struck over each other one stays. Characters for private use go where they stand alone, one or two
/// with no letter and no East Asian character beside them, as icons do; in words they may be rare letters, and at the start of a line bullets.
///
/// ```
/// use tamis_text::repair::{changed, controls};
/// let text = "nul\0l \u{1b}[1mbold\u{1b}[0m \u{f09a}";
/// assert_eq!(changed(text, &controls::changes(text)), "null bold ");
/// ```
#[must_use]
pub fn changes(text: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut before = None;
    let mut done = 0;
    let bullet = shape::bullet(text).map(|bullet| bullet.mark.start);
    for (at, character) in text.char_indices() {
        if at < done {
            continue;
        }
        let Some(rest) = text.get(at..) else { break };
        let mut end = at + character.len_utf8();
        let previous = before.replace(character);
        if !suspect(character) {
            continue;
        }
        let mut start = at;
        let mut replacement = "";
        match character {
            '\u{1b}' => end = at + escape(rest),
            '\u{b}' => replacement = " ",
            '\u{8}' => {
                let struck = previous.filter(|struck| !suspect(*struck) && overstruck(*struck, rest));
                start -= struck.map_or(0, char::len_utf8);
            }
            _ if private(character) => {
                let run = rest.chars().take_while(|c| private(*c));
                let (count, bytes) = run.fold((0, 0), |(count, bytes), c| (count + 1, bytes + c.len_utf8()));
                end = at + bytes;
                done = end;
                let after = text.get(end..).and_then(|rest| rest.chars().next());
                let lettered = [previous, after]
                    .into_iter()
                    .flatten()
                    .any(|c| c.is_alphanumeric() || shape::mark(c) || shape::ideographic(c));
                if count > 2 || lettered || bullet == Some(at) {
                    continue;
                }
            }
            _ => {}
        }
        done = end;
        match changes
            .last_mut()
            .filter(|last| last.range.end >= start && last.replacement.is_empty() && replacement.is_empty())
        {
            Some(last) => last.range.end = end,
            None => changes.push(Change::new(start..end, replacement)),
        }
    }
    changes
}

fn private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Bytes of the terminal's control sequence at the start of `rest` (ECMA-48: ESC [ parameters, a final letter), or of
/// the escape character alone.
fn escape(rest: &str) -> usize {
    let Some(body) = rest.strip_prefix("\u{1b}[") else { return 1 };
    let parameters = body.bytes().take_while(|byte| (0x20..0x40).contains(byte)).count();
    match body.as_bytes().get(parameters) {
        Some(0x40..0x7f) => 2 + parameters + 1,
        _ => 1,
    }
}

/// Bold is a letter struck twice, underlining a low line under it: `N\bN`, `_\bN`.
fn overstruck(struck: char, rest: &str) -> bool {
    let next = rest.chars().nth(1);
    next == Some(struck) || (struck == '_' && next.is_some_and(|next| next != ' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::changed;

    fn cleaned(text: &str) -> String {
        changed(text, &changes(text))
    }

    #[test]
    fn tabs_stay_and_controls_go() {
        assert_eq!(cleaned("a\tb\u{1}\u{2}c\u{90}\u{fffe}\u{fffc}d\u{b}e"), "a\tbcd e");
        assert_eq!(changes("a\u{1}\u{2}b").len(), 1);
    }

    #[test]
    fn a_manual_page_loses_its_overstrikes() {
        assert_eq!(cleaned("N\u{8}NA\u{8}AM\u{8}M _\u{8}x"), "NAM x");
        assert_eq!(cleaned("\u{8}a\u{8}b"), "ab");
    }

    #[test]
    fn icons_go_and_letters_for_private_use_stay() {
        assert_eq!(cleaned("\u{f09a} Share \u{e001}\u{e002}"), " Share ");
        for kept in ["q\u{f153} est", "\u{e0a1}\u{e0a2}\u{e0a3}", "香\u{e6b2}", "離作「\u{e864}、鳥」", "\u{f0b7} item"]
        {
            assert_eq!(cleaned(kept), kept);
        }
    }
}
