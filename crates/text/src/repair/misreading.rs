//! The single-byte encodings in which UTF-8 is misread, and which readings of their bytes are plausible.

use std::sync::LazyLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

use super::shape;

/// A single-byte encoding in which UTF-8 is often misread, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misreading {
    /// Western European, Latin-1 included.
    Windows1252,
    /// Cyrillic.
    Windows1251,
    /// Central European.
    Windows1250,
    /// Mac OS Roman.
    Macintosh,
}

impl Misreading {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Windows1252, Self::Windows1251, Self::Windows1250, Self::Macintosh];

    /// The byte that reads as `character`, among those that are no ASCII. In Windows-1252, also the control character of Latin-1.
    #[must_use]
    pub fn byte(self, character: char) -> Option<u8> {
        TABLES[self as usize].get(character as usize).copied().filter(|byte| *byte != 0)
    }

    /// What `byte` reads as.
    #[must_use]
    pub fn character(self, byte: u8) -> Option<char> {
        let encoding: &Encoding = match self {
            Self::Windows1252 => WINDOWS_1252,
            Self::Windows1251 => WINDOWS_1251,
            Self::Windows1250 => WINDOWS_1250,
            Self::Macintosh => MACINTOSH,
        };
        encoding.decode_without_bom_handling(&[byte]).0.chars().next()
    }

    /// First bytes of UTF-8 that are looked for: all in Windows-1252, where they are accented letters that few words combine with symbols;
    /// elsewhere those of Latin, Greek, Cyrillic and punctuation (in Mac OS Roman also Hebrew and Arabic), since the others are
    /// common letters or signs there.
    #[must_use]
    pub fn leads(self, byte: u8) -> bool {
        match self {
            Self::Windows1252 => matches!(byte, 0xc2..=0xf4),
            Self::Windows1251 => matches!(byte, 0xc2..=0xc5 | 0xce..=0xd1 | 0xe2 | 0xf0),
            Self::Windows1250 => matches!(byte, 0xc2..=0xc5 | 0xd0 | 0xd1 | 0xe2),
            Self::Macintosh => matches!(byte, 0xc2..=0xc5 | 0xce..=0xd1 | 0xd7..=0xd9 | 0xe1 | 0xe2),
        }
    }
}

/// Latin letters, punctuation, symbols.
pub const LATIN: u32 = 1;
/// Emoji and letters for mathematics.
pub const EMOJI: u32 = 2;

/// The kind of a plausible reading, one bit each for [`LATIN`], [`EMOJI`] and every other script in wide use.
#[must_use]
pub fn kind(reading: char) -> Option<u32> {
    let kind = match reading {
        '\u{80}'..='\u{17f}'
        | '\u{18f}'
        | '\u{1a0}'
        | '\u{1a1}'
        | '\u{1af}'
        | '\u{1b0}'
        | '\u{1cd}'..='\u{1dc}'
        | '\u{1e6}'
        | '\u{1e7}'
        | '\u{218}'..='\u{21b}'
        | '\u{259}' => LATIN,
        '\u{192}' | '\u{2c6}' | '\u{2dc}' | '\u{300}'..='\u{33f}' | '\u{1e00}'..='\u{1eff}' | '\u{2bb}'..='\u{2bc}' => {
            LATIN
        }
        '\u{2010}'..='\u{2027}' | '\u{202a}'..='\u{203e}' | '\u{2044}' | '\u{2060}' | '\u{2000}'..='\u{200f}' => LATIN,
        '\u{2070}'..='\u{209c}'
        | '\u{20a0}'..='\u{20bf}'
        | '\u{2100}'..='\u{23ff}'
        | '\u{2460}'..='\u{24ff}'
        | '\u{2500}'..='\u{27ff}'
        | '\u{2b00}'..='\u{2bff}' => LATIN,
        '\u{fe0e}' | '\u{fe0f}' | '\u{feff}' | '\u{fffd}' | '\u{fb00}'..='\u{fb06}' => LATIN,
        '\u{1f000}'..='\u{1faff}' | '\u{1d400}'..='\u{1d7ff}' => EMOJI,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => 1 << 2,
        '\u{400}'..='\u{45f}' | '\u{490}'..='\u{4ff}' => 1 << 3,
        '\u{531}'..='\u{58a}' => 1 << 4,
        '\u{591}'..='\u{5f4}' => 1 << 5,
        '\u{600}'..='\u{6ff}' => 1 << 6,
        '\u{900}'..='\u{97f}' => 1 << 7,
        '\u{980}'..='\u{9ff}' => 1 << 8,
        '\u{a00}'..='\u{a7f}' => 1 << 9,
        '\u{a80}'..='\u{aff}' => 1 << 10,
        '\u{b00}'..='\u{b7f}' => 1 << 11,
        '\u{b80}'..='\u{bff}' => 1 << 12,
        '\u{c00}'..='\u{c7f}' => 1 << 13,
        '\u{c80}'..='\u{cff}' => 1 << 14,
        '\u{d00}'..='\u{d7f}' => 1 << 15,
        '\u{d80}'..='\u{dff}' => 1 << 16,
        '\u{e00}'..='\u{e7f}' => 1 << 17,
        '\u{e80}'..='\u{eff}' => 1 << 18,
        '\u{f00}'..='\u{fff}' => 1 << 19,
        '\u{1000}'..='\u{109f}' => 1 << 20,
        '\u{10a0}'..='\u{10ff}' => 1 << 21,
        '\u{1200}'..='\u{137f}' => 1 << 22,
        '\u{1780}'..='\u{17ff}' => 1 << 23,
        '\u{ac00}'..='\u{d7a3}' => 1 << 24,
        _ if shape::ideographic(reading) || reading == '\u{3000}' => 1 << 25,
        _ => return None,
    };
    Some(kind)
}

/// The bytes of each encoding's characters, by code point; 0 where there is none.
static TABLES: LazyLock<[Box<[u8]>; 4]> = LazyLock::new(|| Misreading::ALL.map(table));

fn table(misreading: Misreading) -> Box<[u8]> {
    let mut bytes = vec![0; 0x2600].into_boxed_slice();
    if misreading == Misreading::Windows1252 {
        (0x80..=0x9f).for_each(|byte| bytes[usize::from(byte)] = byte);
    }
    for byte in 0x80..=0xff {
        let character = misreading.character(byte);
        if let Some(slot) = character.and_then(|character| bytes.get_mut(character as usize)) {
            *slot = byte;
        }
    }
    bytes
}
