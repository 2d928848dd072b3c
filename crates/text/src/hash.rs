//! Named, versioned hashes. SHA-256 names documents, paragraphs, files and builds.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The name under which manifests record the hash of paragraphs, ids and splits.
pub const KEY_HASH: &str = "sha256/128";

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The first 128 bits of SHA-256: a collision among 10^10 paragraphs has probability 1.5e-19.
#[must_use]
pub fn key(bytes: &[u8]) -> [u8; 16] {
    short(&sha256(bytes))
}

/// The first 128 bits of a digest.
#[must_use]
pub fn short(digest: &[u8; 32]) -> [u8; 16] {
    let [low @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *digest;
    low
}

/// The first 64 bits of SHA-256, as a big-endian number.
#[must_use]
pub fn prefix(bytes: &[u8]) -> u64 {
    let [first @ .., _, _, _, _, _, _, _, _] = key(bytes);
    u64::from_be_bytes(first)
}

/// `bytes` in lower-case hexadecimal.
///
/// ```
/// assert_eq!(tamis_text::hash::hex(&[0x0f, 0xa0]), "0fa0");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// A draw in [0, 1) that depends on the names of its arguments alone: the chance of law 3.
///
/// The first 53 bits of SHA-256 over `seed`, `purpose` and `id`, each followed by a zero byte, over 2^53.
///
/// ```
/// use tamis_text::hash::draw;
/// assert_eq!(draw("0", "split", "a"), draw("0", "split", "a"));
/// assert_ne!(draw("0", "split", "a"), draw("1", "split", "a"));
/// ```
#[must_use]
pub fn draw(seed: &str, purpose: &str, id: &str) -> f64 {
    let mut hasher = Sha256::new();
    for part in [seed, purpose, id] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest;
    (u64::from_be_bytes(first) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_the_published_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&sha256(b"")), empty);
        assert!(empty.starts_with(&hex(&key(b""))));
    }

    #[test]
    fn draws_are_spread_evenly() {
        let below = (0..10_000).filter(|n| draw("", "test", &n.to_string()) < 0.25).count();
        assert!((2_300..2_700).contains(&below), "{below} of 10,000 draws are below a quarter");
    }
}
