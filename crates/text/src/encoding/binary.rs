//! Bytes that are no text: what they are by their first bytes, or that they are noise.

/// What `bytes` are by a signature, in words that follow "it is": `a PDF file`.
///
/// ```
/// use tamis_text::encoding::binary::signature;
/// assert_eq!(signature(b"%PDF-1.7 ..."), Some("a PDF file"));
/// assert_eq!(signature(b"PDF files are common."), None);
/// ```
#[must_use]
pub fn signature(bytes: &[u8]) -> Option<&'static str> {
    let found = SIGNATURES.iter().find(|(at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    let (at, magic, kind) = found?;
    // These are letters or may stand within text, so there must be bytes beside them that are none.
    let letters = *at == 257 || matches!(*magic, b"MZ" | b"BM" | b"ID3");
    (!letters || bytes.get(..257).unwrap_or(bytes).contains(&0)).then_some(*kind)
}

/// Where a signature stands, its bytes, and what has it.
const SIGNATURES: [(usize, &[u8], &str); 45] = [
    (257, b"ustar", "a tar archive"),
    (0, b"PK\x03\x04", "a zip file (or a document packed as one: docx, odt, epub)"),
    (0, b"PK\x05\x06", "an empty zip file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"!<arch>\n", "an ar archive"),
    (0, b"MSCF\0", "a cabinet archive"),
    (0, b"\x04\x22\x4d\x18", "an LZ4 file"),
    (0, b"\x1f\x9d", "a file packed by compress"),
    (0, b"%PDF-", "a PDF file"),
    (0, b"%!PS-Adobe", "a PostScript file"),
    (0, b"\xd0\xcf\x11\xe0", "an old Microsoft Office file"),
    (0, b"AT&TFORM", "a DjVu file"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (8, b"WEBPVP8", "a WebP picture"),
    (8, b"WAVEfmt", "a WAV sound"),
    (8, b"AVI LIST", "an AVI film"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftyp", "an MP4 film"),
    (0, b"OggS\0", "an Ogg file"),
    (0, b"fLaC\0", "a FLAC sound"),
    (0, b"ID3", "an MP3 sound"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM film"),
    (0, b"wOFF", "a WOFF font"),
    (0, b"wOF2", "a WOFF font"),
    (0, b"\0\x01\0\0\0", "a TrueType font"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"MZ", "a Windows program"),
    (0, b"\xca\xfe\xba\xbe", "a Java class or a macOS program"),
    (0, b"\xcf\xfa\xed\xfe", "a macOS program"),
    (0, b"\0asm", "a WebAssembly module"),
    (0, b"SQLite format 3\0", "a SQLite database"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"ARROW1\0", "an Arrow file"),
    (0, b"\x89HDF\r\n", "an HDF5 file"),
    (0, b"\x93NUMPY", "a NumPy array"),
];

/// Whether `bytes` are noise: not text of any encoding, going by the control characters in them. NUL bytes at the end pad a
/// file and do not count; a file of nothing else is noise.
///
/// In random or compressed bytes one in ten is such a character, in text hardly any. Text in UTF-8 may hold as many as a tenth.
#[must_use]
pub fn is_noise(bytes: &[u8]) -> bool {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let body = bytes.get(..end).unwrap_or_default();
    if body.is_empty() {
        return !bytes.is_empty();
    }
    let controls = || body.iter().filter(|byte| CONTROLS[usize::from(**byte)]).count();
    match simdutf8::basic::from_utf8(body) {
        Ok(_) => memchr::memchr(0, body).is_some() && controls() > 3 && controls() * 10 >= body.len(),
        Err(_) => {
            let controls = controls();
            controls > 2 && controls * 100 >= body.len() * 3
        }
    }
}

/// Control characters, but for white space and what terminals and word processors leave: backspace, escape, substitute.
static CONTROLS: [bool; 256] = {
    let mut controls = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        controls[byte] = !matches!(byte as u8, 8..=13 | 0x1a | 0x1b);
        byte += 1;
    }
    controls[0x7f] = true;
    controls
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without any order, the same each time.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn random_bytes_are_noise() {
        for length in [80, 500, 4096, 100_000] {
            assert!(is_noise(&noise(length)), "{length}");
        }
        assert!(is_noise(&[0; 512]));
    }

    #[test]
    fn text_in_any_encoding_is_none() {
        let texts: [&[u8]; 7] = [
            b"",
            "Il pleut. 日本語のテキスト 😀".as_bytes(),
            b"caf\xe9 cr\xe8me \x1b[1mfort\x1b[0m\x0c",
            b"\x8aG\x8b\xfe\x82\xcd\x8f\x43\x97\x9d\x82\xb7\x82\xe9",
            b"one\0\0two, and no more of it",
            b"padded to a block\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"log \x01\x02 caf\xe9 and a long line that goes on for a while, as lines of a log do",
        ];
        for text in texts {
            assert!(!is_noise(text), "{text:?}");
        }
    }

    #[test]
    fn signatures_are_no_words() {
        for text in
            ["MZ is a licence plate of Mainz.", "BMW builds cars.", "GIF is a format.", "ID3 tags", "PAR1 is none"]
        {
            assert_eq!(signature(text.as_bytes()), None, "{text}");
        }
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.txt");
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(signature(&tar), Some("a tar archive"));
    }
}
