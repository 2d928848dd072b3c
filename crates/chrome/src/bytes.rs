//! Which kinds of bytes a text holds: one quick pass that spares slower ones.

/// Kinds of bytes, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes(u16);

impl Bytes {
    /// Of a character beyond ASCII.
    pub const WIDE: Self = Self(1);
    pub const COMMA: Self = Self(1 << 1);
    pub const AT: Self = Self(1 << 2);
    pub const COLON: Self = Self(1 << 3);
    pub const SLASH: Self = Self(1 << 4);
    pub const BAR: Self = Self(1 << 5);
    pub const GREATER: Self = Self(1 << 6);
    /// Signs that code has and prose hardly ever: without one of these, `:` or `>` a line is no code.
    pub const CODE: Self = Self(1 << 7);
    /// White space other than space and tab.
    pub const CONTROL: Self = Self(1 << 8);

    /// Those of `text`.
    pub fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |kinds, byte| kinds | KINDS[usize::from(byte)].0))
    }

    /// Any of `kinds` is among them.
    pub fn have(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const KINDS: [Bytes; 256] = {
    let mut kinds = [Bytes(0); 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            128.. => Bytes::WIDE,
            b',' => Bytes::COMMA,
            b'@' => Bytes::AT,
            b':' => Bytes::COLON,
            b'/' => Bytes::SLASH,
            b'|' => Bytes::BAR,
            b'>' => Bytes::GREATER,
            b'\n'..=b'\r' => Bytes::CONTROL,
            b'{' | b'}' | b'(' | b']' | b'<' | b';' | b'#' | b'`' | b'=' => Bytes::CODE,
            _ => Bytes(0),
        };
        byte += 1;
    }
    kinds
};
