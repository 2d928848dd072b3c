//! The tables of a vocabulary: what two tokens merge into, and the tokens by their bytes. Open addressing, each behind a filter
//! for what they do not hold.

use super::NONE;

/// One bit for each of many hashes: what is in a table has its bit set, most other things do not.
///
/// The tables are too large for a core's cache and mostly asked for what they do not hold; this is small enough.
struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    fn new(count: usize) -> Self {
        let bits = (8 * count).next_power_of_two().max(64);
        Self { words: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() }
    }

    fn insert(&mut self, hash: u64) {
        let bit = hash >> self.shift;
        self.words[(bit / 64) as usize] |= 1 << (bit % 64);
    }

    fn may_hold(&self, hash: u64) -> bool {
        let bit = hash >> self.shift;
        self.words[(bit / 64) as usize] >> (bit % 64) & 1 == 1
    }
}

/// An open-addressing table of pairs: each slot holds left, right and merged id, 21 bits each.
pub(super) struct PairTable {
    filter: Filter,
    slots: Vec<u64>,
}

impl PairTable {
    pub(super) fn new(count: usize) -> Self {
        Self { filter: Filter::new(count), slots: vec![u64::MAX; (2 * count).next_power_of_two().max(2)] }
    }

    pub(super) fn insert(&mut self, left: u32, right: u32, id: u32) {
        let key = u64::from(left) << 21 | u64::from(right);
        let mask = self.slots.len() - 1;
        let hash = mix(key);
        self.filter.insert(hash);
        let mut at = hash as usize & mask;
        while self.slots[at] != u64::MAX {
            at = (at + 1) & mask;
        }
        self.slots[at] = key << 21 | u64::from(id);
    }

    pub(super) fn find(&self, left: u32, right: u32) -> u32 {
        let key = u64::from(left) << 21 | u64::from(right);
        let hash = mix(key);
        if !self.filter.may_hold(hash) {
            return NONE;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot >> 21 == key {
                return (slot & ((1 << 21) - 1)) as u32;
            }
            if slot == u64::MAX {
                return NONE;
            }
            at = (at + 1) & mask;
        }
    }
}

/// An open-addressing table of tokens: each slot holds half of the hash, which saves most comparisons, and the id.
pub(super) struct TokenTable {
    filter: Filter,
    slots: Vec<u64>,
}

impl TokenTable {
    pub(super) fn new(count: usize) -> Self {
        Self { filter: Filter::new(count), slots: vec![u64::MAX; (2 * count).next_power_of_two()] }
    }

    pub(super) fn insert(&mut self, hash: u64, id: u32) {
        self.filter.insert(hash);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != u64::MAX {
            at = (at + 1) & mask;
        }
        self.slots[at] = hash >> 32 << 32 | u64::from(id);
    }

    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if !self.filter.may_hold(hash) {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == u64::MAX {
                return None;
            }
            if slot >> 32 == hash >> 32 && is_it(slot as u32) {
                return Some(slot as u32);
            }
            at = (at + 1) & mask;
        }
    }
}

/// Spreads `value` over 64 bits: both halves of a 128-bit product, folded.
pub fn mix(value: u64) -> u64 {
    let product = u128::from(value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product >> 64) as u64 ^ product as u64
}

pub(super) fn hash(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut hash = bytes.len() as u64;
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    mix(hash ^ u64::from_le_bytes(last))
}
