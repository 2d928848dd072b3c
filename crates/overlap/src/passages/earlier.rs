//! How far the texts around one anchor agree.

use super::{Anchor, Reach};

/// The text around an anchor, as far as passages reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    bytes: Vec<u8>,
    /// The anchor within them.
    anchor: Anchor,
}

/// What two texts have in common around an anchor, in bytes before its start and behind its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// Before the anchor's first byte.
    pub before: usize,
    /// From the anchor's first byte on: the anchor, and what follows it.
    pub behind: usize,
}

impl Surroundings {
    /// Those of an anchor of `text`.
    #[must_use]
    pub fn of(text: &str, anchor: Anchor, reach: Reach) -> Self {
        let steps = reach.window.saturating_sub(1);
        let before = text.get(..anchor.start).unwrap_or_default();
        let behind = text.get(anchor.end..).unwrap_or_default();
        let from = before.char_indices().rev().take(steps).last().map_or(anchor.start, |(at, _)| at);
        let to = behind.char_indices().nth(steps).map_or(text.len(), |(at, _)| anchor.end + at);
        let bytes = text.as_bytes().get(from..to).unwrap_or_default().to_vec();
        Self { bytes, anchor: Anchor { start: anchor.start - from, end: anchor.end - from } }
    }

    /// As bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + 8);
        out.extend_from_slice(&(self.anchor.start as u32).to_le_bytes());
        out.extend_from_slice(&(self.anchor.end as u32).to_le_bytes());
        out.extend_from_slice(&self.bytes);
        out
    }

    /// What [`Surroundings::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (start, rest) = bytes.split_first_chunk()?;
        let (end, bytes) = rest.split_first_chunk()?;
        let anchor = Anchor { start: u32::from_le_bytes(*start) as usize, end: u32::from_le_bytes(*end) as usize };
        (anchor.start <= anchor.end && anchor.end <= bytes.len()).then(|| Self { bytes: bytes.to_vec(), anchor })
    }

    /// What both have in common, in whole characters, and how many characters that is.
    fn shared(&self, other: &Self) -> (Shared, usize) {
        let (before, behind) = self.bytes.split_at(self.anchor.start);
        let (other_before, other_behind) = other.bytes.split_at(other.anchor.start);
        let same = |a: &mut dyn Iterator<Item = (&u8, &u8)>| a.take_while(|(a, b)| a == b).count();
        let mut left = same(&mut before.iter().rev().zip(other_before.iter().rev()));
        let mut right = same(&mut behind.iter().zip(other_behind));
        while left > 0 && !is_start(self.bytes.get(self.anchor.start - left)) {
            left -= 1;
        }
        while right > 0 && !is_start(behind.get(right)) {
            right -= 1;
        }
        let range = self.bytes.get(self.anchor.start - left..self.anchor.start + right).unwrap_or_default();
        (Shared { before: left, behind: right }, range.iter().filter(|byte| is_start(Some(byte))).count())
    }
}

/// Whether a character begins at this byte; the end of a text is a start too.
fn is_start(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| byte & 0xc0 != 0x80)
}

/// What was met of one anchor, in the order of the corpus. `P` says where.
#[derive(Debug)]
pub struct Earlier<P> {
    min_chars: usize,
    met: Vec<(P, Surroundings)>,
}

/// So many different surroundings of one anchor are remembered: the first ones. An anchor that has more is a phrase, and where a
/// passage around it repeats, that has other anchors.
const MOST_MET: usize = 64;

impl<P: Copy> Earlier<P> {
    /// Before the first.
    #[must_use]
    pub fn new(min_chars: usize) -> Self {
        Self { min_chars, met: Vec::new() }
    }

    /// Meets the next: hands over what it has in common with earlier ones, where that is long enough, and where they stand.
    pub fn meet(&mut self, place: P, next: Surroundings, mut found: impl FnMut(P, Shared)) {
        let mut told: Vec<Shared> = Vec::new();
        for (earlier, surroundings) in &self.met {
            let (shared, chars) = next.shared(surroundings);
            let is_new = !told.iter().any(|other| other.before >= shared.before && other.behind >= shared.behind);
            if chars >= self.min_chars && is_new {
                told.push(shared);
                found(*earlier, shared);
            }
        }
        let behind = next.bytes.len() - next.anchor.start;
        let is_known = told.iter().any(|shared| shared.before == next.anchor.start && shared.behind == behind);
        if !is_known && self.met.len() < MOST_MET {
            self.met.push((place, next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach { anchor: 4, window: 9 };

    fn around(text: &str) -> Surroundings {
        let start = text.find("QQQQ").unwrap();
        Surroundings::of(text, Anchor { start, end: start + 4 }, REACH)
    }

    fn met(texts: &[&str]) -> Vec<(usize, usize, String)> {
        let mut earlier = Earlier::new(8);
        let mut out = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let start = text.find("QQQQ").unwrap();
            earlier.meet(number, around(text), |of, shared| {
                out.push((number, of, text.get(start - shared.before..start + shared.behind).unwrap().to_owned()));
            });
        }
        out
    }

    #[test]
    fn each_later_one_is_told_what_it_shares_with_the_first_that_has_it() {
        let found = met(&["abcdQQQQxyz", "..bcdQQQQx..", "__cdQQQQ__", "..cdQQQQxyz!", "..bcdQQQQx.."]);
        let told: Vec<(usize, usize, &str)> = found.iter().map(|(a, b, text)| (*a, *b, text.as_str())).collect();
        assert_eq!(told, [(1, 0, "bcdQQQQx"), (3, 0, "cdQQQQxyz"), (4, 0, "bcdQQQQx"), (4, 1, "..bcdQQQQx..")]);
    }

    #[test]
    fn a_passage_never_begins_or_ends_inside_a_character() {
        // `é` and `è` have their first byte in common, `日` and `既` their last ones differ.
        assert_eq!(met(&["éabcQQQQdeé", "ñabcQQQQdeè"]), [(1, 0, "abcQQQQde".to_owned())]);
        assert_eq!(met(&["日日日日QQQQ日", "既日日日QQQQ既日日"]), []);
        assert_eq!(met(&["日日日日日QQQQ日", "既日日日日QQQQ既"]), [(1, 0, "日日日日QQQQ".to_owned())]);
    }

    #[test]
    fn surroundings_reach_as_far_as_a_passage_may_and_survive_as_bytes() {
        let far = around("0123456789éQQQQ日abcdefghijk");
        assert_eq!(String::from_utf8(far.bytes.clone()).unwrap(), "3456789éQQQQ日abcdefg");
        assert_eq!(Surroundings::from_bytes(&far.to_bytes()), Some(far));
        assert_eq!(Surroundings::from_bytes(&[1, 0, 0, 0, 9, 0, 0, 0, 7]), None);
    }
}
