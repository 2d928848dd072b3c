//! Normal forms under which two paragraphs count as the same. Each is named and versioned: a change raises the data version.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Our own form, `exact`: Unicode NFC, each run of white space one space, trimmed. Written into `out`, which is cleared.
///
/// ```
/// let mut out = String::new();
/// tamis_text::fold::exact("  Cafe\u{301} \u{a0} noir\t", &mut out);
/// assert_eq!(out, "Café noir");
/// ```
pub fn exact(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        squeeze(text.chars(), out);
    } else {
        squeeze(text.nfc(), out);
    }
}

/// CCNet's form (Wenzek et al. 2020, `cc_net/text_normalizer.py`): trimmed, lower case, every digit a zero, CCNet's
/// list of Unicode punctuation and the control characters dropped. ASCII punctuation and accents stay.
///
/// ```
/// let mut out = String::new();
/// tamis_text::fold::ccnet(" Le 4 Mai… «\u{a0}Été\u{a0}» ", &mut out);
/// assert_eq!(out, "le 0 mai \u{a0}été\u{a0}");
/// ```
pub fn ccnet(text: &str, out: &mut String) {
    out.clear();
    for lowered in text.trim().chars().flat_map(char::to_lowercase) {
        if CCNET_PUNCTUATION.contains(&lowered) || ccnet_control(lowered) {
            continue;
        }
        out.push(if lowered.is_numeric() && digit(lowered) { '0' } else { lowered });
    }
}

/// The punctuation that CCNet drops: 35 marks, none of them ASCII but the four at the end.
const CCNET_PUNCTUATION: [char; 35] = [
    '，', '。', '、', '„', '”', '“', '«', '»', '１', '」', '「', '《', '》', '´', '∶', '：', '？', '！', '（', '）',
    '；', '–', '—', '．', '～', '’', '…', '━', '〈', '〉', '【', '】', '％', '►', '`',
];

/// CCNet drops U+0000 to U+001F and U+007F to U+009F.
fn ccnet_control(character: char) -> bool {
    matches!(character, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

/// Decimal digits of any script (Unicode Nd), which is what Python's `\d` matches.
fn digit(character: char) -> bool {
    character.is_ascii_digit() || (character.is_numeric() && unicode_digit(character))
}

/// Non-ASCII decimal digits: each script's ten stand in a row from a fixed start.
fn unicode_digit(character: char) -> bool {
    const STARTS: [u32; 37] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
        0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
        0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0,
    ];
    let code = character as u32;
    STARTS.iter().any(|start| (*start..*start + 10).contains(&code))
}

fn squeeze(characters: impl Iterator<Item = char>, out: &mut String) {
    let mut gap = false;
    for character in characters {
        if character.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::from("left over from an earlier call");
        exact(text, &mut out);
        out
    }

    #[test]
    fn composed_and_decomposed_text_fold_alike() {
        assert_eq!(folded("Ti\u{1ebf}ng Vi\u{1ec7}t"), folded("Ti\u{65}\u{302}\u{301}ng Vie\u{323}\u{302}t"));
    }

    #[test]
    fn no_break_and_ideographic_spaces_are_white_space() {
        assert_eq!(folded("a\u{a0}\u{3000}\u{202f}b"), "a b");
        assert_eq!(folded(" \t\u{a0}"), "");
    }

    #[test]
    fn ccnet_folds_the_digits_of_every_script() {
        let mut out = String::new();
        ccnet("١٢ 34 ५६ ①", &mut out);
        assert_eq!(out, "00 00 00 ①");
    }
}
