//! The form under which blocks are compared with phrases.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Folds a block for matching: NFC, lower case, white space one space, each run of digits one `0`, apostrophes straight,
/// no space before a colon; everything but letters, digits and © is trimmed from both ends. `out` is cleared first.
pub(super) fn fold(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        fold_ascii(text, out);
    } else if !text.chars().any(may_compose) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        fold_characters(text.chars(), out);
    } else {
        fold_characters(text.nfc(), out);
    }
    let kept = out.trim_end_matches(decoration).len();
    out.truncate(kept);
}

/// As `fold_characters`, for the texts that need no tables.
fn fold_ascii(text: &str, out: &mut String) {
    let mut gap = false;
    let mut last = b' ';
    for byte in text.bytes() {
        if byte <= b' ' && (byte == b' ' || byte.is_ascii_whitespace() || byte == 0x0b) {
            gap = !out.is_empty();
            continue;
        }
        let digit = byte.is_ascii_digit();
        if out.is_empty() && !byte.is_ascii_alphanumeric() || digit && last == b'0' && !gap {
            continue;
        }
        if gap && !matches!(byte, b':' | b'?' | b'!' | b';') {
            out.push(' ');
        }
        gap = false;
        last = if digit { b'0' } else { byte };
        out.push(char::from(last.to_ascii_lowercase()));
    }
}

/// As `fold`, without the trimming at the end.
pub(super) fn fold_characters(characters: impl Iterator<Item = char>, out: &mut String) {
    let mut gap = false;
    let mut last = ' ';
    for character in characters {
        let character = match character {
            '\u{2019}' | '\u{2018}' | '\u{2bc}' => '\'',
            'İ' => 'i',
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{ad}' => continue,
            _ => character,
        };
        if character.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if out.is_empty() && decoration(character) {
            continue;
        }
        let numeric = is_number(character);
        if numeric && last == '0' && !gap {
            continue;
        }
        if gap && !matches!(character, ':' | '?' | '!' | ';' | '…') {
            out.push(' ');
        }
        gap = false;
        last = if numeric { '0' } else { character };
        if numeric {
            out.push('0');
        } else if character.is_ascii() {
            out.push(character.to_ascii_lowercase());
        } else if caseless(character) {
            out.push(character);
        } else {
            out.extend(character.to_lowercase());
        }
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

/// Letters of the commonest scripts without upper and lower case.
fn caseless(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// `char::is_numeric`, with the commonest letters passed quickly.
fn is_number(character: char) -> bool {
    match character {
        '\0'..='\u{7f}' => character.is_ascii_digit(),
        '\u{370}'..='\u{65f}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => character.is_numeric(),
    }
}

/// What is trimmed from the ends of a block.
fn decoration(character: char) -> bool {
    !character.is_alphanumeric() && character != '©'
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
