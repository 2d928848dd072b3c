//! Blocks of the store's files, packed by LZ4 where that makes them smaller: text takes about two thirds of its bytes, and packing
//! costs less than writing the rest.

use lz4_flex::block;
use twox_hash::XxHash64;

/// A block as it lies in a file. Its bytes are `length` where it is not packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Bytes of the block.
    pub length: usize,
    /// Bytes that it takes in the file.
    pub stored: usize,
    /// XXH64 of these.
    pub checksum: u64,
}

/// Packs blocks, one after the other.
#[derive(Debug, Default)]
pub struct Packer {
    buffer: Vec<u8>,
}

impl Packer {
    /// The bytes that stand for `block` in a file, and what reads them back.
    pub fn pack<'a>(&'a mut self, block: &'a [u8]) -> (Packed, &'a [u8]) {
        self.buffer.resize(block::get_maximum_output_size(block.len()), 0);
        let packed = block::compress_into(block, &mut self.buffer).ok().and_then(|stored| self.buffer.get(..stored));
        // What gets no smaller by an eighth is read as it is, without a copy.
        let bytes = packed.filter(|packed| packed.len() < block.len() - block.len() / 8).unwrap_or(block);
        (Packed { length: block.len(), stored: bytes.len(), checksum: XxHash64::oneshot(0, bytes) }, bytes)
    }
}

impl Packed {
    /// Puts the block in place of what is in `block`; false if `bytes` are not what was written.
    #[must_use]
    pub fn unpack(&self, bytes: &[u8], block: &mut Vec<u8>) -> bool {
        if bytes.len() != self.stored || XxHash64::oneshot(0, bytes) != self.checksum {
            return false;
        }
        block.clear();
        if self.stored == self.length {
            block.extend_from_slice(bytes);
            return true;
        }
        // No block of LZ4 holds more: a damaged length takes no memory.
        if self.length / MOST_RATIO > self.stored {
            return false;
        }
        block.resize(self.length, 0);
        block::decompress_into(bytes, block).is_ok_and(|length| length == self.length)
    }
}

/// LZ4 makes a block at most so many times smaller.
const MOST_RATIO: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> Vec<Vec<u8>> {
        let noise = (0..5000u64).flat_map(|number| XxHash64::oneshot(number, b"").to_le_bytes()).collect();
        vec![Vec::new(), b"a".to_vec(), "a line\n".repeat(20_000).into_bytes(), noise]
    }

    #[test]
    fn blocks_come_back_and_repeated_text_gets_smaller() {
        let mut packer = Packer::default();
        for block in blocks() {
            let (packed, bytes) = packer.pack(&block);
            let mut read = b"what was there".to_vec();
            assert!(packed.unpack(bytes, &mut read));
            assert_eq!(read, block);
            assert_eq!(packed.stored, bytes.len());
            assert_eq!(packed.stored < packed.length / 10, packed.length == 140_000, "{packed:?}");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let block = b"one two three four five six ".repeat(9);
        let mut packer = Packer::default();
        let (packed, bytes) = packer.pack(&block);
        let (bytes, mut read) = (bytes.to_vec(), Vec::new());
        assert!(packed.stored < packed.length);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(!packed.unpack(&flipped, &mut read));
            assert!(!packed.unpack(&bytes[..at], &mut read));
        }
        assert!(
            !Packed { length: usize::MAX, ..packed }.unpack(&bytes, &mut read),
            "and nothing of that size is taken"
        );
    }
}
