//! Tokens of a document, and how their ids travel between segments.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Tokens of a document's kept text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Number of tokens, special ones included where the config adds them.
    pub count: u32,
    /// The ids themselves, when the config asks for them.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    pub ids: Option<Vec<u32>>,
}

/// Numbers in seven bits a byte, the low ones first, as one string of bytes: several times as fast as a sequence of numbers.
struct Packed(Vec<u8>);

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

fn write<S: Serializer>(ids: &Option<Vec<u32>>, serializer: S) -> Result<S::Ok, S::Error> {
    ids.as_deref().map(pack).serialize(serializer)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u32>>, D::Error> {
    let packed = Option::<&[u8]>::deserialize(deserializer)?;
    packed.map(|bytes| unpack(bytes).ok_or_else(|| D::Error::custom("the ids of tokens are cut"))).transpose()
}

fn pack(ids: &[u32]) -> Packed {
    let mut bytes = Vec::with_capacity(ids.len() * 3);
    for id in ids {
        let mut left = *id;
        while left >= 0x80 {
            bytes.push(left as u8 | 0x80);
            left >>= 7;
        }
        bytes.push(left as u8);
    }
    Packed(bytes)
}

fn unpack(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut ids = Vec::with_capacity(bytes.len() / 2);
    let (mut id, mut shift) = (0u32, 0u32);
    for byte in bytes {
        id |= u32::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            ids.push(id);
            (id, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were_written() {
        for ids in [None, Some(vec![]), Some(vec![0, 127, 128, 16_383, 16_384, 200_000, 2_097_152, u32::MAX])] {
            let tokens = Tokens { count: 7, ids };
            let bytes = postcard::to_stdvec(&tokens).unwrap();
            assert_eq!(postcard::from_bytes::<Tokens>(&bytes).unwrap(), tokens);
        }
    }

    #[test]
    fn ids_that_are_cut_are_an_error() {
        let Packed(bytes) = pack(&[5, 200_000]);
        assert_eq!(unpack(&bytes), Some(vec![5, 200_000]));
        assert_eq!(unpack(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpack(&[0xff; 9]), None);
    }
}
