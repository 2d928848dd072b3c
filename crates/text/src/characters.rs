//! What a character is, by one look into a table. The standard library answers the same, but searches compressed tables for
//! each character beyond ASCII.

use std::sync::LazyLock;

/// What a character is, in bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Class(u8);

const ALPHABETIC: u8 = 1;
const NUMERIC: u8 = 1 << 1;
const UPPERCASE: u8 = 1 << 2;
const LOWERCASE: u8 = 1 << 3;
/// Its lower case is another character, or several.
const LOWERED: u8 = 1 << 4;
const WHITESPACE: u8 = 1 << 5;
const IDEOGRAPH: u8 = 1 << 6;

/// The classes of the characters of the Basic Multilingual Plane, which nearly all text is written in.
static CLASSES: LazyLock<Box<[Class; 0x1_0000]>> = LazyLock::new(|| {
    let mut classes = Box::new([Class(0); 0x1_0000]);
    for (class, code) in classes.iter_mut().zip(0..) {
        *class = char::from_u32(code).map_or(Class(0), Class::search);
    }
    classes
});

/// The table, for a loop over many characters.
#[derive(Clone, Copy)]
pub struct Classes(&'static [Class; 0x1_0000]);

impl Classes {
    /// The table.
    #[must_use]
    pub fn get() -> Self {
        Self(&CLASSES)
    }

    /// The class of `character`.
    #[inline]
    #[must_use]
    pub fn of(self, character: char) -> Class {
        self.0.get(character as usize).copied().unwrap_or_else(|| Class::search(character))
    }
}

impl Class {
    /// The class of `character`.
    #[inline]
    #[must_use]
    pub fn of(character: char) -> Self {
        Classes::get().of(character)
    }

    #[cold]
    fn search(character: char) -> Self {
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        Self(
            bit(character.is_alphabetic(), ALPHABETIC)
                | bit(character.is_numeric(), NUMERIC)
                | bit(character.is_uppercase(), UPPERCASE)
                | bit(character.is_lowercase(), LOWERCASE)
                | bit(!character.to_lowercase().eq([character]), LOWERED)
                | bit(character.is_whitespace(), WHITESPACE)
                | bit(is_ideograph(character), IDEOGRAPH),
        )
    }

    /// What at least one of the two is.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// As [`char::is_alphanumeric`].
    #[inline]
    #[must_use]
    pub fn is_alphanumeric(self) -> bool {
        self.0 & (ALPHABETIC | NUMERIC) != 0
    }

    /// As [`char::is_numeric`].
    #[inline]
    #[must_use]
    pub fn is_numeric(self) -> bool {
        self.0 & NUMERIC != 0
    }

    /// As [`lower`], where this is the class of `character`.
    #[inline]
    #[must_use]
    pub fn lower(self, character: char) -> char {
        match self.0 & LOWERED {
            0 => character,
            _ if character.is_ascii() => character.to_ascii_lowercase(),
            _ => character.to_lowercase().next().unwrap_or(character),
        }
    }

    /// As [`char::is_uppercase`].
    #[inline]
    #[must_use]
    pub fn is_uppercase(self) -> bool {
        self.0 & UPPERCASE != 0
    }

    /// As [`char::is_lowercase`].
    #[inline]
    #[must_use]
    pub fn is_lowercase(self) -> bool {
        self.0 & LOWERCASE != 0
    }

    /// As [`char::is_whitespace`].
    #[inline]
    #[must_use]
    pub fn is_whitespace(self) -> bool {
        self.0 & WHITESPACE != 0
    }

    /// As [`is_ideograph`].
    #[inline]
    #[must_use]
    pub fn is_ideograph(self) -> bool {
        self.0 & IDEOGRAPH != 0
    }
}

/// Chinese characters, kana and Hangul: no space parts words such as `月` from what follows, so each stands as a word.
#[must_use]
pub fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// As [`char::is_alphanumeric`].
#[inline]
#[must_use]
pub fn is_alphanumeric(character: char) -> bool {
    Class::of(character).is_alphanumeric()
}

/// As [`char::is_alphabetic`].
#[inline]
#[must_use]
pub fn is_alphabetic(character: char) -> bool {
    Class::of(character).0 & ALPHABETIC != 0
}

/// As [`char::is_numeric`].
#[inline]
#[must_use]
pub fn is_numeric(character: char) -> bool {
    Class::of(character).is_numeric()
}

/// As [`char::is_uppercase`].
#[inline]
#[must_use]
pub fn is_uppercase(character: char) -> bool {
    Class::of(character).is_uppercase()
}

/// As [`char::is_lowercase`].
#[inline]
#[must_use]
pub fn is_lowercase(character: char) -> bool {
    Class::of(character).is_lowercase()
}

/// The first character of [`char::to_lowercase`], which has more than one for `İ` alone.
#[inline]
#[must_use]
pub fn lower(character: char) -> char {
    Class::of(character).lower(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_standard_library_says() {
        for character in '\0'..=char::MAX {
            assert_eq!(is_alphanumeric(character), character.is_alphanumeric(), "{character:?}");
            assert_eq!(is_alphabetic(character), character.is_alphabetic(), "{character:?}");
            assert_eq!(is_numeric(character), character.is_numeric(), "{character:?}");
            assert_eq!(is_uppercase(character), character.is_uppercase(), "{character:?}");
            assert_eq!(is_lowercase(character), character.is_lowercase(), "{character:?}");
            assert_eq!(Class::of(character).is_whitespace(), character.is_whitespace(), "{character:?}");
            assert_eq!(Class::of(character).is_ideograph(), is_ideograph(character), "{character:?}");
            assert_eq!(Some(lower(character)), character.to_lowercase().next(), "{character:?}");
            assert_eq!(character.to_lowercase().count() > 1, character == 'İ', "{character:?}");
        }
    }
}
