//! UTF-8 that holds bytes which are none: told from text of another encoding, and read with as little loss as can be.
//!
//! What is no UTF-8 is, in this order: a character that was written as two surrogates (CESU-8); a line of another encoding
//! among lines of UTF-8; single bytes of Windows-1252 (or what the language around them is written in) where its character
//! fits between its neighbours; or damage, which becomes U+FFFD.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::latin;

/// What of a text was no UTF-8, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where the first of them stands.
    pub first: usize,
    /// How many became U+FFFD.
    pub replaced: usize,
    /// How many were read in another way.
    pub reread: usize,
}

/// True if `bytes` are UTF-8 that was damaged, or pasted together with other text, rather than text of another encoding.
///
/// Legacy text hardly ever forms a valid multi-byte sequence in single-byte encodings, and in double-byte ones in about a
/// fifth of its characters, so more valid sequences than bad ones, or a cut in the last character, tell. A run of bytes
/// beyond ASCII that is a curly quote, an emoji or an accented letter as a whole tells much more: it outweighs any number of
/// stray bytes, though no run of three and more bytes that are no UTF-8 at all, as words of other scripts are.
#[must_use]
pub fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let found = Evidence::of(bytes);
    found.valid > found.bad
        || (found.valid > 0 && found.bad == 1 && found.cut)
        || (found.telling > 1 && found.telling > found.dense)
}

/// What speaks for UTF-8 and against it.
#[derive(Default)]
struct Evidence {
    /// Valid sequences of several bytes; a pair of surrogates is one.
    valid: usize,
    /// Sequences that are none.
    bad: usize,
    /// The last sequence is bad.
    cut: bool,
    /// Points for runs that hardly come about by chance.
    telling: usize,
    /// Runs of three bytes and more without a valid sequence.
    dense: usize,
}

impl Evidence {
    fn of(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let mut before = None;
        for run in bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
            found.cut = false;
            if run.first().is_some_and(u8::is_ascii) {
                before = run.last().copied();
                continue;
            }
            let valid = found.valid;
            for piece in pieces(run) {
                found.cut = matches!(piece, Piece::Bad(_));
                match piece {
                    Piece::Text(text) => found.valid += text.chars().count(),
                    Piece::Pair(_) => found.valid += 1,
                    Piece::Bad(_) => found.bad += 1,
                }
            }
            found.dense += usize::from(found.valid == valid && run.len() > 2);
            found.telling += points(run, before);
        }
        found
    }
}

/// How much a run of bytes beyond ASCII speaks for UTF-8: 2 for curly quotes, dashes and emoji, 1 for a common letter that is
/// not after a capital (`AMANHÃ”` has such bytes in Windows-1252).
fn points(run: &[u8], before: Option<u8>) -> usize {
    let Ok(text) = std::str::from_utf8(run) else { return 0 };
    let sure = |c: char| matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203a}' | '€' | '™' | '\u{1f300}'..='\u{1faff}');
    if text.chars().all(|c| sure(c) || matches!(c, '\u{a0}' | '\u{fe0f}')) && text.contains(sure) {
        return 2;
    }
    let common = text.chars().all(|c| sure(c) || matches!(c, '\u{a0}'..='\u{17f}'));
    usize::from(common && !before.is_some_and(|byte| byte.is_ascii_uppercase()))
}

/// A stretch of bytes.
enum Piece<'a> {
    /// Valid UTF-8.
    Text(&'a str),
    /// A character written as two surrogates of three bytes each.
    Pair(char),
    /// A sequence that is none.
    Bad(&'a [u8]),
}

/// How many bytes the pair of surrogates takes.
const PAIR: usize = 6;

fn pieces(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let chunk = rest.utf8_chunks().next()?;
        let text = chunk.valid();
        if !text.is_empty() {
            rest = rest.get(text.len()..).unwrap_or_default();
            return Some(Piece::Text(text));
        }
        let (length, pair) = match *rest {
            [0xed, a @ 0xa0..=0xaf, b @ 0x80..=0xbf, 0xed, c @ 0xb0..=0xbf, d @ 0x80..=0xbf, ..] => {
                let half = |high: u8, low: u8| u32::from(high & 0xf) << 6 | u32::from(low & 0x3f);
                (PAIR, char::from_u32(0x10000 + (half(a, b) << 10) + half(c, d)))
            }
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => (3, None),
            _ => (chunk.invalid().len(), None),
        };
        let (bad, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(pair.map_or(Piece::Bad(bad), Piece::Pair))
    })
}

/// Reads damaged UTF-8. `detect` tells the encoding of lines that are in none of it.
pub fn decode(bytes: &[u8], detect: impl Fn(&[&[u8]]) -> &'static Encoding) -> (String, Option<Damage>) {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let foreign = |line: &[u8]| {
        let found = Evidence::of(line);
        found.valid == 0 && found.dense > 0
    };
    let strangers: Vec<&[u8]> = lines.iter().copied().filter(|line| foreign(line)).collect();
    let encoding = (!strangers.is_empty()).then(|| detect(&strangers));
    let text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut reader = Reader { text, at: 0, damage: None, stray: stray_encoding(&lines) };
    for line in lines {
        let read = encoding.filter(|_| foreign(line)).and_then(|encoding| as_text(encoding, line));
        match read {
            Some(text) => {
                reader.text.push_str(&text);
                let beyond = line.iter().filter(|byte| !byte.is_ascii()).count();
                let first = line.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
                reader.note(reader.at + first, 0, beyond);
                reader.at += line.len();
            }
            None => reader.line(line),
        }
    }
    (reader.text, reader.damage)
}

/// The encoding of single bytes that are no UTF-8, by the lines in which they stand, without what is UTF-8 beyond ASCII.
fn stray_encoding(lines: &[&[u8]]) -> &'static Encoding {
    let mut sample = Vec::new();
    for line in lines.iter().filter(|line| std::str::from_utf8(line).is_err()) {
        for piece in pieces(line) {
            match piece {
                Piece::Text(text) => sample.extend(text.bytes().filter(u8::is_ascii)),
                Piece::Bad(bad) => sample.extend(bad),
                Piece::Pair(_) => {}
            }
        }
        if sample.len() > SAMPLE {
            break;
        }
    }
    let strays = sample.iter().filter(|byte| !byte.is_ascii()).count();
    if strays < FEW_STRAYS { WINDOWS_1252 } else { latin::refine(WINDOWS_1252, &sample) }
}

/// So many bytes tell in which encoding stray ones are.
const SAMPLE: usize = 4096;
/// Fewer stray bytes tell nothing.
const FEW_STRAYS: usize = 3;

/// The line in this encoding, if it then looks like text: letters, and few signs.
fn as_text(encoding: &'static Encoding, line: &[u8]) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(line)?;
    let (mut letters, mut signs) = (0, 0);
    for character in text.chars().filter(|character| !character.is_ascii()) {
        letters += usize::from(character.is_alphabetic());
        signs += usize::from(!character.is_alphabetic());
    }
    (letters > signs * 4).then(|| text.into_owned())
}

/// Text in the making.
struct Reader {
    text: String,
    /// How many bytes were read.
    at: usize,
    damage: Option<Damage>,
    /// What stray bytes are in.
    stray: &'static Encoding,
}

/// So many letters of Windows-1252 in a row are none: they are a word of another script.
const MOST_LETTERS: usize = 4;

impl Reader {
    fn line(&mut self, line: &[u8]) {
        let mut rest = line;
        let mut pieces = pieces(line).peekable();
        while let Some(piece) = pieces.next() {
            let length = match piece {
                Piece::Text(text) => {
                    self.text.push_str(text);
                    text.len()
                }
                Piece::Pair(character) => {
                    self.text.push(character);
                    self.note(self.at, 0, PAIR);
                    PAIR
                }
                Piece::Bad(first) => {
                    let mut row = vec![first];
                    while let Some(Piece::Bad(next)) = pieces.next_if(|next| matches!(next, Piece::Bad(_))) {
                        row.push(next);
                    }
                    let length = row.iter().map(|bad| bad.len()).sum();
                    self.bad(&row, rest.get(length..).unwrap_or_default());
                    // Counted by the row itself.
                    rest = rest.get(length..).unwrap_or_default();
                    continue;
                }
            };
            self.at += length;
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    /// Reads bad sequences in a row, which `rest` follows.
    fn bad(&mut self, row: &[&[u8]], rest: &[u8]) {
        let bytes = || row.iter().copied().flatten();
        let letters = bytes().filter(|byte| **byte >= 0xc0).count();
        let damage = letters >= MOST_LETTERS || bytes().any(|byte| *byte == 0xff);
        for (number, bad) in row.iter().enumerate() {
            let follower = row.get(number + 1).and_then(|next| next.first());
            let after = match follower {
                Some(byte) => read_byte(self.stray, *byte),
                None => rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()),
            };
            let before = self.text.chars().next_back().filter(|c| *c != '\n');
            match stray(self.stray, before, bad, after).filter(|_| !damage) {
                Some(read) => {
                    self.text.push_str(&read);
                    self.note(self.at, 0, bad.len());
                }
                None => {
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    self.note(self.at, bad.len(), 0);
                }
            }
            self.at += bad.len();
        }
    }

    fn note(&mut self, first: usize, replaced: usize, reread: usize) {
        let damage = self.damage.get_or_insert(Damage { first, replaced: 0, reread: 0 });
        damage.replaced += replaced;
        damage.reread += reread;
    }
}

/// What `byte` is in an encoding of single bytes.
fn read_byte(encoding: &'static Encoding, byte: u8) -> Option<char> {
    let read = encoding.decode_without_bom_handling(&[byte]).0.chars().next();
    read.filter(|read| !read.is_control() && *read != char::REPLACEMENT_CHARACTER)
}

/// A bad sequence in the encoding of stray bytes, where that fits between its neighbours.
fn stray(encoding: &'static Encoding, before: Option<char>, bad: &[u8], after: Option<char>) -> Option<String> {
    match *bad {
        [byte] => read_byte(encoding, byte).filter(|read| fits(before, *read, after)).map(String::from),
        // A letter and a mark that closes the word look like a character that was cut; `â€` is one that was.
        [letter @ (0xe0..=0xe1 | 0xe3..=0xef | 0xf1..=0xf4), mark @ (0x85 | 0x92 | 0x94 | 0xa0 | 0xbb)] => {
            let (letter, mark) = (read_byte(encoding, letter)?, read_byte(encoding, mark)?);
            let sound = before.is_some_and(|c| c.is_ascii_lowercase()) && fits(Some(letter), mark, after);
            sound.then(|| String::from_iter([letter, mark]))
        }
        _ => None,
    }
}

/// Whether a character may stand between these two.
fn fits(before: Option<char>, read: char, after: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
    let opens = blank(before) || matches!(before, Some('(' | '[' | '-' | '–' | '—' | '“' | '‘' | '’' | '\''));
    match read {
        'ÿ' => false,
        'ð' | 'þ' | 'œ' | 'š' | 'ž' => small(after),
        'à' | 'á' | 'å' | 'è' | 'é' | 'í' | 'ò' | 'ó' | 'ú' if !word(before) && !word(after) => true,
        _ if read.is_lowercase() && read.is_alphabetic() => letter(before) || letter(after),
        _ if read.is_alphabetic() => !small(before) && letter(after) || before.is_some_and(char::is_uppercase),
        '’' => word(before),
        '‘' | '“' | '„' => opens && !blank(after),
        '”' => !blank(before) && !word(after),
        '–' | '—' => blank(before) == blank(after),
        '…' => !blank(before) || !blank(after),
        '«' => opens,
        '»' => !word(after),
        '\u{a0}' => {
            matches!(after, Some(':' | ';' | '!' | '?' | '»' | '%' | '€'))
                || before == Some('«')
                || (word(before) && word(after))
        }
        '°' => digit(before) || matches!(before, Some('n' | 'N')),
        '€' | '£' => digit(before) || digit(after) || (blank(before) != blank(after)),
        '¿' | '¡' => opens && letter(after),
        '•' | '§' | '©' => blank(before) && !small(after),
        '®' | '™' | '²' | '³' => word(before) && !word(after),
        '½' | '¼' | '¾' | 'º' | 'ª' => digit(before),
        '·' => letter(before) && letter(after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1251;

    fn read(bytes: &[u8]) -> (String, Option<(usize, usize, usize)>) {
        let (text, damage) = decode(bytes, |_| WINDOWS_1251);
        (text, damage.map(|damage| (damage.first, damage.replaced, damage.reread)))
    }

    #[test]
    fn one_curly_quote_outweighs_a_sentence_of_another_encoding() {
        let mut bytes = "The mayor’s answer came late, and nobody liked it. ".as_bytes().to_vec();
        bytes.extend(b"Il a pr\xe9f\xe9r\xe9 la for\xeat \xe0 la mer, a-t-il ajout\xe9\xa0; \x93voil\xe0\x94.");
        assert!(is_damaged_utf8(&bytes));
        let (text, damage) = read(&bytes);
        assert!(text.ends_with("Il a préféré la forêt à la mer, a-t-il ajouté\u{a0}; “voilà”."), "{text}");
        assert_eq!(damage, Some((60, 0, 10)));
    }

    #[test]
    fn characters_written_as_surrogates_are_read() {
        let bytes = b"It didn\xe2\x80\x99t rain \xed\xa0\xbd\xed\xb8\x80 \xed\xa0\xbd\xed\xb8\x80\xed\xa0\xbd\xed\xb8\x80 today \xed\xa0\xbd.";
        assert!(is_damaged_utf8(bytes));
        assert_eq!(read(bytes), ("It didn’t rain 😀 😀😀 today \u{fffd}.".to_owned(), Some((17, 3, 18))));
    }

    #[test]
    fn lines_of_another_script_are_read_in_their_encoding() {
        let russian = WINDOWS_1251.encode("Совет решил починить мост через реку").0.into_owned();
        let bytes = ["L’été fut chaud.\n".as_bytes(), &russian, "\nLa fin de l’été.\n".as_bytes()].concat();
        let (text, damage) = read(&bytes);
        assert_eq!(text, "L’été fut chaud.\nСовет решил починить мост через реку\nLa fin de l’été.\n");
        assert_eq!(damage.map(|damage| (damage.1, damage.2)), Some((0, 31)));
    }

    #[test]
    fn stray_bytes_are_in_the_encoding_of_their_language() {
        let polish =
            encoding_rs::WINDOWS_1250.encode("Świeże mięso drożeje, mówią rolnicy, a woźny śpi").0.into_owned();
        let bytes = ["Wójt gminy mówi „nie”. Będzie spór. ".as_bytes(), &polish].concat();
        assert_eq!(
            read(&bytes).0,
            "Wójt gminy mówi „nie”. Będzie spór. Świeże mięso drożeje, mówią rolnicy, a woźny śpi"
        );
        let italian = b"L\xe2\x80\x99ha detto \xe2\x80\x9cs\xc3\xac\xe2\x80\x9d, perci\xf2\x85";
        assert_eq!(read(italian).0, "L’ha detto “sì”, perciò…");
    }

    #[test]
    fn cut_characters_are_no_letters_of_windows_1252() {
        for (bytes, text) in [
            (&b"caf\xc3 et th\xc3\xa9"[..], "caf\u{fffd} et thé"),
            (b"didn\xe2\x80t \xe2\x80\x99", "didn\u{fffd}t ’"),
            (b"l\xe2\x80\x99\xff fin", "l’\u{fffd} fin"),
            (b"caf\xa9 \xe2\x80\x99", "caf\u{fffd} ’"),
            (b"\xc0\xaf \xe2\x80\x99", "\u{fffd}\u{fffd} ’"),
        ] {
            assert_eq!(read(bytes).0, text);
        }
    }

    #[test]
    fn legacy_text_with_a_chance_sequence_is_no_utf8() {
        for bytes in [
            &b"SELE\xc7\xc3O DE AMANH\xc3\x94 E J\xc1"[..],
            b"\xab Voil\xe0\xa0\xbb, a-t-il ajout\xe9\xa0; l'\xe9t\xe9",
            b"\xcd\xb3, \xf6\xe5 \xed\xe5 \xf2\xe0\xea, \xf1\xea\xe0\xe7\xe0\xe2 \xe2\xb3\xed",
        ] {
            assert!(!is_damaged_utf8(bytes), "{bytes:?}");
        }
    }
}
