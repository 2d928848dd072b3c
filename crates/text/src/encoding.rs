//! Bytes to text: which encoding they are in, and what could not be decoded.
//!
//! The order of trust: a byte order mark; the label the config gives; where NUL bytes stand (UTF-16, UTF-32); valid UTF-8;
//! UTF-8 with bad bytes, which are read as what they may be or become U+FFFD (`damaged.rs`); and last a legacy encoding by the
//! detector of web browsers, with a second look at Latin letters (`latin.rs`).

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

pub use damaged::{Damage, is_damaged_utf8};
pub use utf32::order as utf32;

pub mod binary;
mod damaged;
mod latin;
mod utf32;

/// Text that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark; borrowed where the bytes were valid UTF-8.
    pub text: Cow<'a, str>,
    /// The encoding's WHATWG name (`UTF-8`, `UTF-16LE`, `windows-1252`), or `UTF-32LE`, `UTF-32BE`.
    pub encoding: &'static str,
    /// The bytes that are none of the encoding, if there are any.
    pub bad: Option<Damage>,
}

/// Decodes `bytes`: by byte order mark, else as `label` says, else by detection.
///
/// ```
/// use tamis_text::encoding::decode;
/// let decoded = decode(b"d\xe9j\xe0 vu, la fa\xe7ade \xe9t\xe9", None);
/// assert_eq!((decoded.text.as_ref(), decoded.encoding), ("déjà vu, la façade été", "windows-1252"));
/// ```
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], label: Option<&'static Encoding>) -> Decoded<'a> {
    decode_among(bytes, label, || None)
}

/// As [`decode`], for a part of something larger: where detection finds a legacy encoding, that of the whole as `guess`
/// tells it is taken instead, since more text tells more.
#[must_use]
pub fn decode_among<'a>(
    bytes: &'a [u8],
    label: Option<&'static Encoding>,
    guess: impl FnOnce() -> Option<&'static Encoding>,
) -> Decoded<'a> {
    let wide = utf32(bytes);
    if let Some(order) = wide.filter(|_| label.is_none() || matches!(bytes, [0xff, 0xfe, ..] | [0, 0, 0xfe, 0xff, ..]))
    {
        let (text, bad) = utf32::decode(bytes, order);
        return Decoded { text: Cow::Owned(text), encoding: order.name(), bad: bad.map(replaced) };
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return if encoding == UTF_8 { utf8(bytes, mark) } else { with(encoding, bytes, mark) };
    }
    if let Some(encoding) = label {
        return with(encoding, bytes, 0);
    }
    if let Some(encoding) = utf16_by_nulls(bytes) {
        return with(encoding, bytes, 0);
    }
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return match is_iso_2022_jp(bytes) {
            true => with(ISO_2022_JP, bytes, 0),
            false => Decoded { text: Cow::Borrowed(text), encoding: UTF_8.name(), bad: None },
        };
    }
    if is_damaged_utf8(bytes) {
        return utf8(bytes, 0);
    }
    with(guess().unwrap_or_else(|| detect([bytes])), bytes, 0)
}

/// The encoding that a WHATWG label names, if it is one that text can be decoded from.
#[must_use]
pub fn by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// UTF-16 by its byte order mark or, without one, by where its NUL bytes stand. Looks at the first 4 KiB.
#[must_use]
pub fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) => Some(encoding).filter(|&encoding| encoding == UTF_16LE || encoding == UTF_16BE),
        None => utf16_by_nulls(bytes),
    }
}

/// The likeliest legacy encoding of text that is no UTF-8, judged by all `samples` together.
#[must_use]
pub fn detect<'a>(samples: impl IntoIterator<Item = &'a [u8]>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut room = DETECTED_BYTES;
    let mut head = Vec::new();
    for sample in samples {
        // What counts are the bytes that are no ASCII; the detector is slow, so it starts where they start.
        let first = sample.iter().position(|byte| !byte.is_ascii()).unwrap_or(sample.len()).saturating_sub(64);
        let part = sample.get(first..sample.len().min(first + room)).unwrap_or_default();
        room -= part.len();
        detector.feed(part, false);
        detector.feed(b"\n", false);
        let taken = part.len().min(REFINED_BYTES.saturating_sub(head.len()));
        head.extend(part.iter().take(taken).chain(b"\n"));
        if room == 0 {
            break;
        }
    }
    detector.feed(b"", true);
    latin::refine(detector.guess(None, Utf8Detection::Deny), &head)
}

/// How many bytes the detector is given at most.
const DETECTED_BYTES: usize = 256 << 10;

/// How many bytes are looked at again for Latin letters.
const REFINED_BYTES: usize = 16 << 10;

/// How many bytes are searched for NUL bytes.
const NUL_SAMPLE: usize = 4096;

/// Bytes that became U+FFFD, given where the first stands and how many there are.
fn replaced((first, count): (usize, usize)) -> Damage {
    Damage { first, replaced: count, reread: 0 }
}

/// Decodes UTF-8 that may hold bytes which are none, all but its byte order mark.
fn utf8(bytes: &[u8], mark: usize) -> Decoded<'_> {
    let rest = bytes.get(mark..).unwrap_or_default();
    if let Ok(text) = simdutf8::basic::from_utf8(rest) {
        return Decoded { text: Cow::Borrowed(text), encoding: UTF_8.name(), bad: None };
    }
    let (text, damage) = damaged::decode(rest, |lines| detect(lines.iter().copied()));
    let bad = damage.map(|damage| Damage { first: damage.first + mark, ..damage });
    Decoded { text: Cow::Owned(text), encoding: UTF_8.name(), bad }
}

/// Decodes all but the byte order mark of `bytes` and counts what cannot be decoded.
fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], mark: usize) -> Decoded<'a> {
    let rest = bytes.get(mark..).unwrap_or_default();
    let name = encoding.name();
    if encoding == UTF_8
        && let Ok(text) = simdutf8::basic::from_utf8(rest)
    {
        return Decoded { text: Cow::Borrowed(text), encoding: name, bad: None };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(rest.len() + rest.len() / 2 + 16);
    let mut bad: Option<(usize, usize)> = None;
    let mut done = 0;
    loop {
        let (result, read) =
            decoder.decode_to_string_without_replacement(rest.get(done..).unwrap_or_default(), &mut text, true);
        done += read;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => text.reserve(rest.len() - done + 64),
            DecoderResult::Malformed(length, after) => {
                let first = mark + done.saturating_sub(usize::from(length) + usize::from(after));
                let (start, count) = bad.unwrap_or((first, 0));
                bad = Some((start, count + usize::from(length)));
                text.reserve(rest.len() - done + 64);
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    Decoded { text: Cow::Owned(text), encoding: name, bad: bad.map(replaced) }
}

/// UTF-16 without a byte order mark, by its ASCII characters: each is a NUL byte after (little-endian) or before another.
///
/// Text with stray NUL bytes is left alone: one pair in twenty must be such a character, or two and the bytes be no
/// UTF-8. In Chinese the other order's pairs are common too (U+4E00 is "one"); line ends and spaces then tell.
fn utf16_by_nulls(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..NUL_SAMPLE).unwrap_or(bytes);
    memchr::memchr(0, sample)?;
    let (pairs, []) = sample.as_chunks::<2>() else { return None };
    let count = |null: usize, is_character: fn(u8) -> bool| {
        pairs.iter().filter(|pair| pair[null] == 0 && is_character(pair[1 - null])).count()
    };
    let ascii = |byte: u8| byte != 0 && byte.is_ascii();
    let space = |byte: u8| matches!(byte, b'\n' | b'\r' | b' ');
    let little = (count(1, space), count(1, ascii));
    let big = (count(0, space), count(0, ascii));
    let (encoding, (spaces, characters), (other_spaces, others)) = match little > big {
        true => (UTF_16LE, little, big),
        false => (UTF_16BE, big, little),
    };
    let one_sided = others == 0 || (spaces > 0 && other_spaces == 0);
    let many = characters * 20 >= pairs.len();
    let telling = one_sided && characters >= 2 && (many || simdutf8::basic::from_utf8(sample).is_err());
    telling.then_some(encoding)
}

/// ISO-2022-JP is seven-bit, hence valid UTF-8; its escape sequences give it away.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(0x1b, bytes);
    escapes.any(|at| matches!(bytes.get(at + 1..at + 3), Some(b"$B" | b"$@"))) && bytes.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str =
        "Le conseil a voté à l’unanimité l’arrêté qui protège la forêt ; les élus ont déjà prévu la suite.";
    const RUSSIAN: &str =
        "Городской совет единогласно принял постановление об охране леса и уже готовит следующий шаг.";
    const JAPANESE: &str = "市議会は森林を守る条例を全会一致で可決し、次の手続きの準備をすでに始めている。";
    const KOREAN: &str = "시의회는 숲을 보호하는 조례를 만장일치로 통과시켰고 이미 다음 절차를 준비하고 있다.";
    const CHINESE: &str = "市议会一致通过了保护森林的条例，并且已经开始准备下一步的工作。";
    const TAIWANESE: &str = "市議會一致通過了保護森林的條例，並且已經開始準備下一步的工作。";

    fn encoded(text: &str, label: &str) -> Vec<u8> {
        let (bytes, _, unmappable) = by_label(label).unwrap().encode(text);
        assert!(!unmappable, "{label} has all characters of the sample");
        bytes.into_owned()
    }

    fn utf16_bytes(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn legacy_encodings_are_detected_and_named() {
        for (text, label, name) in [
            (FRENCH, "windows-1252", "windows-1252"),
            (RUSSIAN, "windows-1251", "windows-1251"),
            (RUSSIAN, "koi8-r", "KOI8-U"),
            (JAPANESE, "shift_jis", "Shift_JIS"),
            (JAPANESE, "euc-jp", "EUC-JP"),
            (JAPANESE, "iso-2022-jp", "ISO-2022-JP"),
            (KOREAN, "euc-kr", "EUC-KR"),
            (CHINESE, "gbk", "GBK"),
            (TAIWANESE, "big5", "Big5"),
        ] {
            let bytes = encoded(text, label);
            let decoded = decode(&bytes, None);
            assert_eq!((decoded.text.as_ref(), decoded.encoding, decoded.bad), (text, name, None));
        }
    }

    #[test]
    fn utf16_is_decoded_with_and_without_a_mark() {
        for text in [FRENCH, RUSSIAN, "short\n", "第一行。\n第二行。\n第三行。\n"] {
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{text}");
                let little = utf16_bytes(&marked, u16::to_le_bytes);
                let big = utf16_bytes(&marked, u16::to_be_bytes);
                assert_eq!(decode(&little, None).text, text);
                assert_eq!(decode(&little, None).encoding, "UTF-16LE");
                assert_eq!(decode(&big, None).text, text);
                assert_eq!(decode(&big, None).encoding, "UTF-16BE");
            }
        }
    }

    #[test]
    fn utf32_is_decoded_with_and_without_a_mark() {
        for text in [FRENCH, RUSSIAN, "kurz\n", "第一行。\n第二行 😀。\n"] {
            for mark in ["", "\u{feff}"] {
                let units = format!("{mark}{text}").chars().map(u32::from).collect::<Vec<_>>();
                let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
                let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
                assert_eq!((decode(&little, None).text.as_ref(), decode(&little, None).encoding), (text, "UTF-32LE"));
                assert_eq!((decode(&big, None).text.as_ref(), decode(&big, None).encoding), (text, "UTF-32BE"));
            }
        }
        let cut = b"\xff\xfe\0\0a\0\0\0\0\xd8\0\0b\0\0\0c\0";
        assert_eq!(decode(cut, None).text, "a\u{fffd}b\u{fffd}");
        assert_eq!(decode(cut, None).bad, Some(replaced((8, 6))));
    }

    #[test]
    fn stray_nul_bytes_make_no_utf16() {
        for text in ["a\0b", "one\0\0two", "\0", "a\0"] {
            assert_eq!(decode(text.as_bytes(), None).encoding, "UTF-8", "{text:?}");
        }
    }

    #[test]
    fn a_utf8_mark_is_stripped() {
        assert_eq!(decode(b"\xef\xbb\xbfa", None).text, "a");
    }

    #[test]
    fn a_few_bad_bytes_leave_utf8_as_it_is_and_are_counted() {
        let mut bytes = FRENCH.as_bytes().to_vec();
        bytes.splice(3..3, [0xff, 0xfe, 0xff]);
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.encoding, "UTF-8");
        assert_eq!(decoded.bad, Some(replaced((3, 3))));
        assert_eq!(decoded.text.replace('\u{fffd}', ""), FRENCH);
    }

    #[test]
    fn utf8_cut_within_its_last_character_stays_utf8() {
        let bytes = "Déjà vu".as_bytes();
        let decoded = decode(&bytes[..5], None);
        assert_eq!((decoded.text.as_ref(), decoded.bad), ("Déj\u{fffd}", Some(replaced((4, 1)))));
    }

    #[test]
    fn a_label_overrides_detection_but_no_mark() {
        let greek = by_label("windows-1253");
        assert_eq!(decode(b"\xe1", greek).text, "α");
        assert_eq!(decode("\u{feff}α".as_bytes(), greek).text, "α");
        let latin = decode("é".as_bytes(), by_label("latin1"));
        assert_eq!((latin.text.as_ref(), latin.encoding), ("Ã©", "windows-1252"));
    }

    #[test]
    fn what_the_label_cannot_decode_is_counted() {
        let decoded = decode(b"ab\xffc\xc3", by_label("utf-8"));
        assert_eq!((decoded.text.as_ref(), decoded.bad), ("ab\u{fffd}c\u{fffd}", Some(replaced((2, 2)))));
        let lone_surrogate = [0x61, 0x00, 0x00, 0xd8, 0x62, 0x00];
        assert_eq!(decode(&lone_surrogate, by_label("utf-16le")).bad, Some(replaced((2, 2))));
    }

    #[test]
    fn labels_that_decode_nothing_are_none() {
        assert_eq!(by_label("utf8").map(Encoding::name), Some("UTF-8"));
        assert_eq!(by_label("utf-9"), None);
        assert_eq!(by_label("iso-2022-kr"), None);
    }
}
