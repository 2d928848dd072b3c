//! The form under which blocks are compared with phrases.

use std::sync::LazyLock;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use tamis_text::characters::{is_alphanumeric, is_numeric, lower};
use tamis_text::window::{Window, runs};

/// Folds a block for matching: NFC, lower case, white space one space, each run of digits one `0`, apostrophes straight,
/// no space before a colon; everything but letters, digits and © is trimmed from both ends. `out` is cleared first.
pub fn fold(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        fold_ascii(text, out);
    } else if !fold_composed(text, out) {
        out.clear();
        if is_nfc_quick(text.chars()) == IsNormalized::Yes {
            fold_characters(text.chars(), out);
        } else {
            fold_characters(text.nfc(), out);
        }
    }
    trim_end(out);
}

/// Takes from the end of a folded text what is trimmed from the ends of a block.
fn trim_end(folded: &mut String) {
    let kept = folded.trim_end_matches(decoration).len();
    folded.truncate(kept);
}

/// As `fold_characters`, but copies what stays as it is in one go. False, with `out` half done, where a character may have to be
/// composed with the one before it.
fn fold_composed(text: &str, out: &mut String) -> bool {
    let treatments: &[Treatment] = &TREATMENTS;
    let known =
        |character: char| treatments.get(character as usize).copied().unwrap_or_else(|| Treatment::of(character));
    let mut folding = Folding::default();
    // Where the characters begin that are still to be copied.
    let mut from = 0;
    // Characters for which the text must be composed, and those that would then change.
    let (mut composed, mut loose) = (false, false);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        let treatment = known(character);
        if treatment == Treatment::Copied && from < at {
            continue;
        }
        // One space between two characters that are copied is copied with them.
        if character == ' ' && from < at {
            let next = characters.clone().next().map_or(' ', |(_, next)| next);
            if known(next) == Treatment::Copied && !tight(next) {
                continue;
            }
        }
        match treatment {
            Treatment::Composed => return false,
            Treatment::Mark if !in_order(text, at, character) => return false,
            Treatment::Whole | Treatment::Mark => composed = true,
            Treatment::Loose => loose = true,
            Treatment::Copied | Treatment::Folded => {}
        }
        if treatment == Treatment::Folded {
            out.push_str(text.get(from..at).unwrap_or_default());
            folding.take(character, out);
            from = at + character.len_utf8();
        } else if from == at {
            if folding.admits(character, out) {
                folding.digit = false;
            } else {
                from = at + character.len_utf8();
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    !(composed && loose)
}

/// What happens to a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Copied,
    Folded,
    /// Copied, and whole as it is.
    Whole,
    /// Copied, if the marks on its letter stand in their order.
    Mark,
    /// Copied, but in a text that must be composed it may change.
    Loose,
    /// It may have to be composed with another one.
    Composed,
}

impl Treatment {
    fn of(character: char) -> Self {
        let (mut folding, mut out) = (Folding::default(), String::from("a"));
        folding.take(character, &mut out);
        let stays = out.strip_prefix('a').is_some_and(|out| out.chars().eq([character])) && !is_numeric(character);
        let whole = is_nfc_quick(std::iter::once(character)) == IsNormalized::Yes;
        let mark = canonical_combining_class(character) != 0;
        match (may_compose(character), stays) {
            (true, true) if whole => {
                if mark {
                    Self::Mark
                } else {
                    Self::Whole
                }
            }
            (true, _) => Self::Composed,
            (false, true) => {
                if whole && !mark {
                    Self::Copied
                } else {
                    Self::Loose
                }
            }
            (false, false) => Self::Folded,
        }
    }
}

/// Whether a mark stands after one that goes before it, or after none.
fn in_order(text: &str, at: usize, mark: char) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|before| canonical_combining_class(before) <= canonical_combining_class(mark))
}

/// The treatment of each character of the Basic Multilingual Plane.
static TREATMENTS: LazyLock<Box<[Treatment]>> = LazyLock::new(|| {
    (0..0x1_0000).map(|code| char::from_u32(code).map_or(Treatment::Composed, Treatment::of)).collect()
});

/// Whether no space is left before the character.
fn tight(character: char) -> bool {
    matches!(character, ':' | '?' | '!' | ';' | '…')
}

/// As `fold_characters`, for a text of ASCII, 64 bytes at once.
fn fold_ascii(text: &str, out: &mut String) {
    let mut rest = text.trim_start_matches(|character: char| !character.is_ascii_alphanumeric()).as_bytes();
    let mut folded = std::mem::take(out).into_bytes();
    // The last byte before the rest is a digit.
    let mut in_number = false;
    while !rest.is_empty() {
        let window = Window::of(rest);
        let bytes = rest.len().min(Window::BYTES);
        let (digit, space) = (window.between(b'0', b'9'), window.between(b'\t', b'\r') | window.is(b' '));
        // What leaves no space before it.
        let tight = space | window.is(b'!') | window.between(b':', b';') | window.is(b'?');
        let next = rest.get(Window::BYTES).map(|next| char::from(*next));
        let next = next.is_some_and(|next| next.is_whitespace() || self::tight(next));
        let gone = digit & (digit << 1 | u64::from(in_number)) | space & (tight >> 1 | u64::from(next) << 63);
        in_number = digit >> 63 == 1;
        let (begun, from) = (folded.len(), rest.get(..bytes).unwrap_or(rest));
        for kept in runs(!gone & u64::MAX >> (Window::BYTES - bytes)) {
            folded.extend_from_slice(from.get(kept).unwrap_or_default());
        }
        let new = folded.get_mut(begun..).unwrap_or_default();
        if digit | space & !window.is(b' ') == 0 {
            new.make_ascii_lowercase();
        } else {
            new.iter_mut().for_each(|byte| *byte = FOLDED[usize::from(*byte & 127)]);
        }
        rest = rest.get(bytes..).unwrap_or_default();
    }
    *out = String::from_utf8(folded).unwrap_or_default();
}

/// What becomes of each byte: letters small, digits `0`, white space one space.
const FOLDED: [u8; 128] = {
    let mut folded = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        folded[byte] = match byte as u8 {
            b'0'..=b'9' => b'0',
            b'\t'..=b'\r' | b' ' => b' ',
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    folded
};

/// As `fold`, without the trimming at the end.
fn fold_characters(characters: impl Iterator<Item = char>, out: &mut String) {
    let mut folding = Folding::default();
    characters.for_each(|character| folding.take(character, out));
}

/// A whole-block phrase in the form that blocks are folded to.
pub(super) fn folded(phrase: &str) -> String {
    let mut out = String::new();
    fold(phrase, &mut out);
    out
}

/// A phrase with an open end: folded as a block is, but what follows its last letter (`:`) stays.
pub(super) fn folded_phrase(phrase: &str) -> String {
    let mut out = String::new();
    let composed: String = phrase.nfc().collect();
    fold_characters(composed.chars(), &mut out);
    out
}

/// A phrase, or a piece of one, before which a block may go on: what stands before its first letter (`/`, `(`) stays too, since it
/// may be what tells it from the end of a word. `closed`: nothing follows it in a block, so its end is trimmed as a block's is.
pub(super) fn folded_inner(phrase: &str, closed: bool) -> String {
    let composed: String = phrase.nfc().collect();
    // Behind a letter nothing is trimmed.
    let mut out = String::from("a");
    fold_characters(composed.chars(), &mut out);
    out.remove(0);
    if closed {
        trim_end(&mut out);
    }
    out
}

/// The state between two characters.
#[derive(Default)]
struct Folding {
    /// White space was read and not written yet.
    gap: bool,
    /// The last character was a digit.
    digit: bool,
}

impl Folding {
    fn take(&mut self, character: char, out: &mut String) {
        let character = match character {
            '\u{2019}' | '\u{2018}' | '\u{2bc}' => '\'',
            'İ' => 'i',
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{ad}' => return,
            _ => character,
        };
        if character.is_whitespace() {
            self.gap = !out.is_empty();
            return;
        }
        let numeric = is_numeric(character);
        if !(numeric && self.digit && !self.gap) && self.admits(character, out) {
            self.digit = numeric;
            // `İ`, the one letter whose lower case is several characters, was replaced above.
            out.push(if numeric { '0' } else { lower(character) });
        }
    }

    /// Whether the character is not trimmed. Writes the space before it.
    fn admits(&mut self, character: char, out: &mut String) -> bool {
        if out.is_empty() && decoration(character) {
            return false;
        }
        if self.gap && !tight(character) {
            out.push(' ');
        }
        self.gap = false;
        true
    }
}

/// Whether the character may be part of a sequence that NFC composes. The common letters of most scripts are not.
fn may_compose(character: char) -> bool {
    !matches!(
        character,
        '\0'..='\u{2ff}' | '\u{370}'..='\u{652}' | '\u{656}'..='\u{8ff}' | '\u{2010}'..='\u{2027}'
            | '\u{3000}'..='\u{3098}' | '\u{309b}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}'
    )
}

/// What is trimmed from the ends of a block.
fn decoration(character: char) -> bool {
    !is_alphanumeric(character) && character != '©'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_digits_spaces_and_decoration_are_folded() {
        let folded = |text: &str| {
            let mut out = String::from("from an earlier call");
            fold(text, &mut out);
            out
        };
        assert_eq!(folded(" - Advertisement -spot_img"), "advertisement -spot_img");
        assert_eq!(folded("• 1,234 Comments »"), "0,0 comments");
        assert_eq!(folded("Publié : 11.09.2023"), "publié: 0.0.0");
        assert_eq!(folded("L\u{2019}ACTU\u{a0}!"), "l'actu");
        assert_eq!(folded("Cafe\u{301} ٣"), "café 0");
        assert_eq!(folded("© 2023 |"), "© 0");
        assert_eq!(folded(" | "), "");
    }

    proptest! {
        #[test]
        fn copying_at_once_gives_what_folding_one_by_one_gives(text in "[ aZÉé中か٣07’:!.|\u{200b}\u{a0}\u{301}İ–©K€ệก\u{e38}\u{e48}क\u{94d}\u{93c}🙂-]{0,24}") {
            let (mut quick, mut slow) = (String::from("from an earlier call"), String::new());
            fold(&text, &mut quick);
            fold_characters(text.nfc(), &mut slow);
            prop_assert_eq!(quick.as_str(), slow.trim_end_matches(decoration));
        }

        #[test]
        fn ascii_folds_as_any_text_does(text in "([a-cY7]{0,4}[ .:!'\t-]{0,2}){0,64}") {
            let (mut quick, mut slow) = (String::new(), String::new());
            fold(&text, &mut quick);
            fold_characters(text.chars(), &mut slow);
            prop_assert_eq!(quick.as_str(), slow.trim_end_matches(decoration));
        }
    }
}
