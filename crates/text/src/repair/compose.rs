//! Unicode NFC, as changes: only the spots that are not in that form already.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::Change;

/// Whether `character` stands as it is in NFC and parts what comes before it from what follows.
#[must_use]
pub fn inert(character: char) -> bool {
    character < '\u{300}' || (canonical_combining_class(character) == 0 && settled(character))
}

/// Whether `character` never composes with what stands before it, though marks may have to change places.
#[must_use]
pub fn settled(character: char) -> bool {
    is_nfc_quick(std::iter::once(character)) == IsNormalized::Yes
}

/// The spots that NFC changes.
///
/// ```
/// use tamis_text::repair::{changed, compose};
/// let text = "cafe\u{301} noir";
/// assert_eq!(changed(text, &compose::changes(text)), "café noir");
/// assert!(compose::changes("café").is_empty());
/// ```
#[must_use]
pub fn changes(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut start = 0;
    let mut suspect = false;
    for (at, character) in text.char_indices() {
        if inert(character) {
            if suspect {
                compose(text, start, at, &mut changes);
            }
            suspect = false;
            start = at;
        } else {
            suspect = true;
        }
    }
    if suspect {
        compose(text, start, text.len(), &mut changes);
    }
    changes
}

fn compose(text: &str, start: usize, end: usize, changes: &mut Vec<Change>) {
    let Some(spot) = text.get(start..end) else { return };
    let composed: String = spot.nfc().collect();
    if composed != spot {
        changes.push(Change::new(start..end, composed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::changed;

    #[test]
    fn the_changes_make_what_nfc_makes() {
        for text in [
            "Vie\u{323}\u{302}t",
            "\u{1100}\u{1161}\u{11a8}",
            "\u{212b}\u{1e9b}\u{323}",
            "\u{301}a",
            "क\u{93c}",
            "か\u{3099}",
        ] {
            assert_eq!(changed(text, &changes(text)), text.nfc().collect::<String>());
        }
    }

    #[test]
    fn only_the_damaged_spot_is_named() {
        assert_eq!(changes("un cafe\u{301} noir"), [Change::new(6..9, "é")]);
    }
}
