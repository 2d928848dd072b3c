//! What is told of two texts that are near, in one number.

use super::super::Decision;
use crate::document::Position;

/// A text that is near the one it is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Where the other stands in the order of preference.
    pub priority: u32,
    /// Both fill in one form letter, with the same facts.
    pub same_facts: bool,
    /// The other is a part, and not near as a whole.
    pub is_part: bool,
    /// The similarity, in billionths.
    pub billionths: u32,
}

/// One in billionths, which leaves two bits of 32.
const ONE: f64 = 1e9;

impl Edge {
    /// An edge of this similarity, from 0 to 1.
    pub fn new(priority: u32, similarity: f64) -> Self {
        Self {
            priority,
            same_facts: false,
            is_part: false,
            billionths: (similarity.clamp(0.0, 1.0) * ONE).round() as u32,
        }
    }

    /// The similarity, from 0 to 1.
    pub fn similarity(self) -> f64 {
        f64::from(self.billionths) / ONE
    }

    /// As a number.
    pub fn number(self) -> u64 {
        let marks = u32::from(self.same_facts) << 31 | u32::from(self.is_part) << 30;
        u64::from(self.priority) << 32 | u64::from(marks | self.billionths)
    }

    /// From its number.
    pub fn of(number: u64) -> Self {
        let low = number as u32;
        Self {
            priority: (number >> 32) as u32,
            same_facts: low >> 31 == 1,
            is_part: low >> 30 & 1 == 1,
            billionths: low & ((1 << 30) - 1),
        }
    }
}

/// Bytes of a position.
pub const POSITION_BYTES: usize = 20;

/// A position as bytes.
pub fn position_bytes(position: Position) -> [u8; POSITION_BYTES] {
    let mut bytes = [0; POSITION_BYTES];
    let (file, rest) = bytes.split_at_mut(8);
    let (record, block) = rest.split_at_mut(8);
    file.copy_from_slice(&position.file.to_be_bytes());
    record.copy_from_slice(&position.record.to_be_bytes());
    block.copy_from_slice(&position.block.to_be_bytes());
    bytes
}

/// Takes a position off the front of `bytes`.
pub fn take_position(bytes: &mut &[u8]) -> Option<Position> {
    Some(Position { file: take_number(bytes)?, record: take_number(bytes)?, block: take_short(bytes)? })
}

/// Takes a number off the front of `bytes`.
pub fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_be_bytes(*number))
}

/// Takes a number of four bytes off the front of `bytes`.
pub fn take_short(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_be_bytes(*number))
}

/// What the rounds tell of one text, `told` being sorted by position.
pub fn by_text(told: &[Decision]) -> impl Iterator<Item = &[Decision]> {
    told.chunk_by(|a, b| a.position == b.position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_positions_survive_their_bytes() {
        for (same_facts, is_part) in [(true, false), (false, true), (true, true)] {
            for similarity in [0.0, 0.8, 1.0] {
                let edge = Edge { same_facts, is_part, ..Edge::new(u32::MAX - 7, similarity) };
                assert_eq!(Edge::of(edge.number()), edge);
                assert!((edge.similarity() - similarity).abs() < 1e-9);
            }
        }
        let position = Position { file: u64::MAX - 3, record: 1 << 40, block: 7 };
        let bytes = position_bytes(position);
        assert_eq!(take_position(&mut bytes.as_slice()), Some(position));
        assert_eq!(take_position(&mut &bytes[1..]), None);
    }
}
