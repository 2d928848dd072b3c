//! Small values in files: with a digest behind them, so that a damaged one is none.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text::hash;

/// Bytes of the digest.
const DIGEST: usize = 16;

/// The bytes of a value.
#[must_use]
pub fn seal(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = postcard::to_allocvec(value).expect("plain data always serialises to memory");
    let digest = hash::key(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// The value that [`seal`] wrote, unless a byte of it changed or it was of another shape.
#[must_use]
pub fn unseal<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, digest) = bytes.split_at(bytes.len().checked_sub(DIGEST)?);
    if hash::key(value) != *digest {
        return None;
    }
    postcard::take_from_bytes(value).ok().filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_unless_a_byte_of_it_changed() {
        let value = vec![(7u64, "seven".to_owned()), (0, String::new())];
        let whole = seal(&value);
        assert_eq!(unseal(&whole), Some(value));
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            assert_eq!(unseal::<Vec<(u64, String)>>(&damaged), None, "byte {at}");
            assert_eq!(unseal::<Vec<(u64, String)>>(&whole[..at]), None, "cut to {at}");
        }
        assert_eq!(unseal::<u64>(&seal(&(1u64, 2u64))), None, "another shape");
        assert_eq!(unseal::<u64>(&[0; 64]), None);
    }
}
