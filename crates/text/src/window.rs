//! Which of 64 bytes are of a kind, a bit each: one look at vectors in place of one at each byte.

use std::ops::Range;

use wide::u8x64;

/// Up to 64 bytes of a text.
pub struct Window {
    /// Behind the 64 bytes come the next ones, or zeros.
    bytes: [u8; Window::BYTES + 16],
    vector: u8x64,
}

impl Window {
    /// The most that it holds.
    pub const BYTES: usize = 64;

    /// The beginning of `bytes`; zeros follow where they are fewer.
    #[inline]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.first_chunk().copied().unwrap_or_else(|| {
            let mut padded = [0; Self::BYTES + 16];
            padded[..bytes.len()].copy_from_slice(bytes);
            padded
        });
        let (first, _) = bytes.as_chunks::<{ Self::BYTES }>();
        Self { bytes, vector: u8x64::new(first[0]) }
    }

    /// The sixteen bytes from `at` on, the first one lowest.
    #[inline]
    #[must_use]
    pub fn sixteen(&self, at: usize) -> u128 {
        self.bytes.get(at..at + 16).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u128::from_le_bytes(*bytes))
    }

    /// Bytes of characters beyond ASCII.
    #[inline]
    #[must_use]
    pub fn beyond_ascii(&self) -> u64 {
        self.vector.to_bitmask()
    }

    /// Letters and digits of ASCII.
    #[inline]
    #[must_use]
    pub fn alphanumeric(&self) -> u64 {
        self.between(b'0', b'9') | self.letters()
    }

    /// Letters of ASCII.
    #[inline]
    #[must_use]
    pub fn letters(&self) -> u64 {
        let small = self.vector | u8x64::splat(b' ');
        between(small, b'a', b'z')
    }

    /// Those that are `byte`.
    #[inline]
    #[must_use]
    pub fn is(&self, byte: u8) -> u64 {
        self.vector.simd_eq(u8x64::splat(byte)).to_bitmask()
    }

    /// Those from `first` to `last`.
    #[inline]
    #[must_use]
    pub fn between(&self, first: u8, last: u8) -> u64 {
        between(self.vector, first, last)
    }
}

/// Where bits of `mask` are set one beside the other, from the lowest on.
#[inline]
pub fn runs(mut mask: u64) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let start = mask.trailing_zeros();
        let left = mask.checked_shr(start)?;
        let run = start as usize..(start + (!left).trailing_zeros()) as usize;
        // The sum clears the lowest run and sets what was not set.
        mask &= mask.wrapping_add(1 << start);
        Some(run)
    })
}

#[inline]
fn between(bytes: u8x64, first: u8, last: u8) -> u64 {
    let above = bytes - u8x64::splat(first);
    above.min(u8x64::splat(last - first)).simd_eq(above).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_tell_kinds_of_bytes() {
        let bytes: Vec<u8> = (0..=255).collect();
        for (chunk, from) in bytes.chunks(60).zip((0..).step_by(60)) {
            let window = Window::of(chunk);
            let expected = |holds: fn(&u8) -> bool| {
                chunk.iter().zip(0..).fold(0, |bits, (byte, at)| bits | u64::from(holds(byte)) << at)
            };
            assert_eq!(window.beyond_ascii(), expected(|byte| !byte.is_ascii()), "from {from}");
            assert_eq!(window.letters(), expected(u8::is_ascii_alphabetic), "from {from}");
            assert_eq!(window.alphanumeric(), expected(u8::is_ascii_alphanumeric), "from {from}");
            assert_eq!(window.between(b'0', b'9'), expected(u8::is_ascii_digit), "from {from}");
            assert_eq!(window.is(b'a'), expected(|byte| *byte == b'a'), "from {from}");
        }
        let window = Window::of(&bytes);
        assert_eq!(window.sixteen(62).to_le_bytes().as_slice(), &bytes[62..78]);
        assert_eq!(Window::of(&bytes[..63]).sixteen(62), 62);
    }

    #[test]
    fn runs_are_found_to_both_ends() {
        let found = |mask: u64| runs(mask).map(|run| (run.start, run.end)).collect::<Vec<_>>();
        assert_eq!(found(0), []);
        assert_eq!(found(u64::MAX), [(0, 64)]);
        assert_eq!(found(1 << 63 | 0b1101), [(0, 1), (2, 4), (63, 64)]);
    }
}
