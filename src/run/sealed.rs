//! Small values in files, each followed by a digest: a damaged value is not read.

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

    /// A receipt as it lies in a work folder. A release reads no work folder of another one, so what changes here needs no version.
    #[test]
    fn the_bytes_are_those_of_the_sample() {
        let value = ("finish".to_owned(), 300u64, Some(-1i32), vec![true, false], 0.5f64);
        let sample = "0666696e697368 ac02 01 01 020100 000000000000e03f b0ec53dc7b20961fb245126982a4fd4f";
        assert_eq!(hash::hex(&seal(&value)), sample.replace(' ', ""));
    }

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
