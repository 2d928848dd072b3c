//! UTF-32, which no browser reads and so `encoding_rs` does not either.

/// The order of a unit's four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Little,
    /// The greatest first.
    Big,
}

impl Order {
    /// The encoding's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Little => "UTF-32LE",
            Self::Big => "UTF-32BE",
        }
    }

    fn unit(self, bytes: [u8; UNIT]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// Bytes of a character.
pub const UNIT: usize = 4;

/// How many bytes are looked at where there is no mark.
const SAMPLE: usize = 4096;

/// UTF-32 by its byte order mark or, without one, by units that are all characters, two of them at least of ASCII.
#[must_use]
pub fn order(bytes: &[u8]) -> Option<Order> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => return Some(Order::Little),
        [0, 0, 0xfe, 0xff, ..] => return Some(Order::Big),
        _ => {}
    }
    memchr::memchr(0, bytes.get(..SAMPLE).unwrap_or(bytes))?;
    let (units, rest) = bytes.get(..SAMPLE).unwrap_or(bytes).as_chunks::<UNIT>();
    let fits = |order: Order| {
        let characters = units.iter().map(|unit| char::from_u32(order.unit(*unit)).filter(|c| *c != '\0'));
        let plain = characters.clone().flatten().filter(char::is_ascii).count();
        rest.is_empty() && plain > 1 && characters.into_iter().all(|character| character.is_some())
    };
    [Order::Little, Order::Big].into_iter().find(|order| fits(*order))
}

/// The text of `bytes` without its mark; where the first undecodable byte stands, and how many became U+FFFD.
#[must_use]
pub fn decode(bytes: &[u8], order: Order) -> (String, Option<(usize, usize)>) {
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut bad: Option<(usize, usize)> = None;
    for (at, unit) in (0..).step_by(UNIT).zip(bytes.chunks(UNIT)) {
        let character = unit.try_into().ok().and_then(|unit| char::from_u32(order.unit(unit)));
        if character == Some('\u{feff}') && at == 0 {
            continue;
        }
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        if character.is_none() {
            let (first, count) = bad.unwrap_or((at, 0));
            bad = Some((first, count + unit.len()));
        }
    }
    (text, bad)
}
