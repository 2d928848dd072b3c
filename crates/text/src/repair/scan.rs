//! One pass over a line that tells which repairs it could need. Most lines need none, and that must cost next to nothing.

use std::sync::LazyLock;

use super::{compose, controls, glue, mojibake, spaces};

/// What a line could need: a set of the constants below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs(u16);

impl Needs {
    /// A character that is not in NFC, or only there in the right company.
    pub const COMPOSE: Self = Self(1);
    /// An odd space, an invisible character, or white space at the end.
    pub const SPACES: Self = Self(2);
    /// A control character or something like it.
    pub const CONTROLS: Self = Self(4);
    /// An ampersand.
    pub const ENTITIES: Self = Self(8);
    /// Characters in a row that misread UTF-8 is made of.
    pub const MOJIBAKE: Self = Self(16);
    /// Two spaces in a row.
    pub const GAPS: Self = Self(32);
    /// The end of a sentence and the start of another without a space between.
    pub const GLUED: Self = Self(64);

    /// Whether something in `other` is needed.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What `text` could need. Never misses a need; may name one that turns out to be none.
///
/// ```
/// use tamis_text::repair::scan::{Needs, scan};
/// assert_eq!(scan("Ce qu’il a dit à l’été."), Needs::default());
/// assert!(scan("cafÃ©").any(Needs::MOJIBAKE));
/// ```
#[must_use]
pub fn scan(text: &str) -> Needs {
    let bytes = text.as_bytes();
    let classes = &**CLASSES;
    let mut needs = if text.ends_with(char::is_whitespace) { Needs::SPACES.0 } else { 0 };
    let mut before = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] < 0x80
            && before & (BLANK | END) == 0
            && let Some(chunk) = bytes.get(at..at + CHUNK + 1)
            && plain(chunk)
        {
            at += CHUNK;
            before = 0;
            continue;
        }
        let end = (at + CHUNK).min(bytes.len());
        while at < end {
            let lead = bytes[at];
            let byte = |offset: usize| u32::from(bytes.get(at + offset).copied().unwrap_or_default() & 0x3f);
            let (code, length) = match lead {
                0..0x80 => (u32::from(lead), 1),
                0x80..0xe0 => (u32::from(lead & 0x1f) << 6 | byte(1), 2),
                0xe0..0xf0 => (u32::from(lead & 0xf) << 12 | byte(1) << 6 | byte(2), 3),
                _ => (u32::from(lead & 7) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3), 4),
            };
            let found = classes.get(code as usize).copied().unwrap_or_else(|| char::from_u32(code).map_or(0, class));
            if found != 0 {
                needs |= found & OWN | company(before, found);
            }
            before = if found & CONTINUATION != 0 && before & LONG_LEAD != 0 { found | EXPECTED } else { found };
            at += length;
        }
    }
    Needs(needs)
}

/// What a character needs because of the one before it.
fn company(before: u16, class: u16) -> u16 {
    let when = |yes: bool, need: Needs| if yes { need.0 } else { 0 };
    when(class & CONTINUATION != 0 && before & (LEAD | EXPECTED) != 0, Needs::MOJIBAKE)
        | when(class & before & MARK != 0, Needs::COMPOSE)
        | when(class & before & BLANK != 0, Needs::GAPS)
        | when(class & START != 0 && before & END != 0, Needs::GLUED)
}

const CHUNK: usize = 32;

/// The bits of a character's class that are needs by themselves.
const OWN: u16 = Needs::COMPOSE.0 | Needs::SPACES.0 | Needs::CONTROLS.0 | Needs::ENTITIES.0;
/// Read as a byte, it would start a character of two bytes.
const LEAD: u16 = 1 << 8;
/// Read as a byte, it would start a character of three or four bytes.
const LONG_LEAD: u16 = 1 << 9;
/// Read as a byte, it would continue a character.
const CONTINUATION: u16 = 1 << 10;
/// The character before was a long lead, this one continues it, and the next one would too.
const EXPECTED: u16 = 1 << 11;
/// A combining mark that is well where it is, unless another stands before it in the wrong order.
const MARK: u16 = 1 << 12;
/// A plain space.
const BLANK: u16 = 1 << 13;
/// It may end a sentence.
const END: u16 = 1 << 14;
/// It may start one.
const START: u16 = 1 << 15;

/// Classes of the Basic Multilingual Plane.
static CLASSES: LazyLock<Box<[u16]>> =
    LazyLock::new(|| (0..0x10000).map(|code| char::from_u32(code).map_or(0, class)).collect());

fn class(character: char) -> u16 {
    let bit = |yes: bool, bit: u16| if yes { bit } else { 0 };
    let (lead, long_lead, continuation) = mojibake::parts(character);
    let unruly = !compose::inert(character);
    let mark = unruly && compose::settled(character);
    bit(unruly && !mark, Needs::COMPOSE.0)
        | bit(mark, MARK)
        | bit(spaces::suspect(character), Needs::SPACES.0)
        | bit(controls::suspect(character), Needs::CONTROLS.0)
        | bit(character == '&', Needs::ENTITIES.0)
        | bit(character == ' ', BLANK)
        | bit(glue::ends(character), END)
        | bit(glue::starts(character), START)
        | bit(lead, LEAD)
        | bit(long_lead, LONG_LEAD)
        | bit(continuation, CONTINUATION)
}

/// Whether all bytes but the last are printable ASCII other than the ampersand, no two spaces stand in a row, and no mark that
/// ends a sentence stands before what may be a capital.
fn plain(chunk: &[u8]) -> bool {
    let mut odd = false;
    for (byte, next) in chunk.iter().zip(chunk.iter().skip(1)) {
        let glued =
            ((*byte == b'.') | (*byte == b'!') | (*byte == b'?')) & ((next.wrapping_sub(b'A') < 26) | (*next >= 0x80));
        odd |= (byte.wrapping_sub(0x20) >= 0x5f) | (*byte == b'&') | ((*byte == b' ') & (*next == b' ')) | glued;
    }
    !odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_is_seen_wherever_it_stands() {
        let cases = [
            ("a\u{301}", Needs::COMPOSE),
            ("\u{a0}", Needs::SPACES),
            ("\u{1}", Needs::CONTROLS),
            ("&", Needs::ENTITIES),
            ("Ã©", Needs::MOJIBAKE),
            ("â€™", Needs::MOJIBAKE),
            ("  ", Needs::GAPS),
            ("\u{e0061}", Needs::SPACES),
            (".A", Needs::GLUED),
            ("?É", Needs::GLUED),
            ("…Д", Needs::GLUED),
        ];
        for (spot, need) in cases {
            for pad in 0..70 {
                let text = format!("{}{spot}{}", "x".repeat(pad), "y".repeat(70 - pad));
                assert_eq!(scan(&text), need, "{text:?}");
            }
        }
    }

    #[test]
    fn healthy_text_needs_nothing() {
        for text in ["Größe “ÜBER” São Paulo", "Привет, мир", "中文句子。", "हिन्दी में लिखा", "한국어 문장", "tab\tstays"]
        {
            assert!(!scan(text).any(Needs::SPACES.or(Needs::CONTROLS).or(Needs::MOJIBAKE).or(Needs::GAPS)), "{text}");
        }
    }
}
