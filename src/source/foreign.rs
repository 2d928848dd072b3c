//! Files whose bytes are of another kind than their names say: archives, pictures and programs by the name of a text.

use encoding_rs::Encoding;

use super::open::Fault;
use super::{Cause, Compression};
use crate::text::encoding::binary;

/// Why a file with this `head` is no text, if it is none. `label` is the encoding that the config names.
pub(super) fn no_text(head: &[u8], packing: Compression, label: Option<&'static Encoding>) -> Option<Fault> {
    foreign(head, packing).or_else(|| noise(head, label))
}

/// The fault of a text file whose first bytes, unpacked where it was packed with `packing`, are known to be something else.
pub(super) fn foreign(head: &[u8], packing: Compression) -> Option<Fault> {
    let packed = PACKINGS.iter().find(|(magic, ..)| head.starts_with(magic));
    let kind = match (packed, packing) {
        (Some((_, kind, ending)), Compression::None) => format!("{kind}; end its name in {ending}"),
        (Some((_, kind, _)), _) => format!("{kind} within a {packing} file: it was packed twice; unpack it once"),
        (None, _) if head.starts_with(b"PAR1") => "a Parquet file; end its name in .parquet".to_owned(),
        (None, _) => binary::signature(head)?.to_owned(),
    };
    let detail = format!("it should be text, but by its first bytes it is {kind}");
    Some(Fault { cause: Cause::Binary, detail, bytes: 0 })
}

/// What compressed data starts with, what it is, and how names of such files end.
const PACKINGS: [(&[u8], &str, &str); 4] = [
    (b"\x1f\x8b\x08", "a gzip file", ".gz"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", ".zst"),
    (b"\xfd7zXZ\0", "an xz file", ".xz"),
    (b"BZh91AY&SY", "a bzip2 file", ".bz2"),
];

/// Why `bytes` are no text of any encoding, if they are none. `label` is the encoding that the config names.
pub(super) fn noise(bytes: &[u8], label: Option<&'static Encoding>) -> Option<Fault> {
    use crate::text::encoding::{utf16, utf32};
    let ascii = label.is_none_or(Encoding::is_ascii_compatible);
    let noise = ascii && binary::is_noise(bytes) && utf16(bytes).is_none() && utf32(bytes).is_none();
    let detail = if bytes.iter().all(|byte| *byte == 0) {
        "the bytes are all zero"
    } else {
        "the bytes are no text: many of them are control characters"
    };
    noise.then(|| Fault { cause: Cause::Binary, detail: detail.to_owned(), bytes: 0 })
}
