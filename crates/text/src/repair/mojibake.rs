//! UTF-8 that was read as a single-byte encoding: `Ã©` for `é`, `â€™` for `’`, `РїСЂРё` for `при`.
//!
//! Each run of characters whose bytes, in one of four encodings, are valid UTF-8 is a *run*; what its bytes say is the *reading*.
//! A run weighs as evidence by what it would have to be in healthy text ([`Evidence`]): a reading is taken only where the run is
//! implausible as it stands (symbols inside a word, a capital after a small letter, `â€`, a row of pairs) and the reading is plausible
//! (letters of one script, common punctuation, emoji). Runs that could be healthy (`MAÇÃ”`, `Â»`, `lá»…`) are only read once the
//! same document holds clear evidence of the same kind.

use std::ops::Range;

use super::misreading::{EMOJI, LATIN, Misreading, kind};
use super::{Change, shape};

/// What clear mojibake a document holds in one encoding: bit 0 for Latin letters, punctuation and symbols, one more bit for each other script.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence(u32);

impl Evidence {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it is of another script than Latin: such a row of characters is hardly ever anything else.
    #[must_use]
    pub fn is_of_other_script(self) -> bool {
        self.0 & !(LATIN | EMOJI) != 0
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What `text` shows clearly when it was misread so.
///
/// ```
/// use tamis_text::repair::{misreading::Misreading, mojibake::evidence};
/// assert!(!evidence("cafÃ©", Misreading::Windows1252).is_empty());
/// assert!(evidence("SÃO JOÃO “AMANHÃ”", Misreading::Windows1252).is_empty());
/// ```
#[must_use]
pub fn evidence(text: &str, misreading: Misreading) -> Evidence {
    let mut found = Evidence::default();
    runs(text, misreading, |run| found.0 |= run.clear());
    found
}

/// The readings that are to be taken in a document with this `evidence`.
///
/// ```
/// use tamis_text::repair::changed;
/// use tamis_text::repair::misreading::Misreading;
/// use tamis_text::repair::mojibake::{changes, evidence};
/// let text = "Lâ€™Ã©tÃ©Â»";
/// let evidence = evidence(text, Misreading::Windows1252);
/// assert_eq!(changed(text, &changes(text, Misreading::Windows1252, evidence)), "L’été»");
/// ```
#[must_use]
pub fn changes(text: &str, misreading: Misreading, evidence: Evidence) -> Vec<Change> {
    let mut changes = Vec::new();
    runs(text, misreading, |run| {
        let kinds = run.kinds();
        if run.is_sign_in_word() {
            return;
        }
        if kinds & !evidence.0 == 0 || run.clear() != 0 || (evidence.0 != 0 && kinds == LATIN) {
            let reading: String = run.sequences.iter().map(|sequence| sequence.reading).collect();
            changes.push(Change::new(run.range(), reading));
        }
    });
    if misreading == Misreading::Windows1252 && evidence.0 & LATIN != 0 {
        lost_no_break_spaces(text, &mut changes);
        lost_quotes(text, &mut changes);
        changes.sort_by_key(|change| change.range.start);
    }
    changes
}

/// The misreadings in the order in which they are to be taken, given the evidence for each: one that shows another script
/// comes first, since a reading by another would take parts of it to pieces.
#[must_use]
pub fn order(evidence: impl Fn(Misreading) -> Evidence) -> [Misreading; 4] {
    let mut order = Misreading::ALL;
    let first = |misreading| misreading != Misreading::Windows1252 && evidence(misreading).is_of_other_script();
    order.sort_by_cached_key(|misreading| !first(*misreading));
    order
}

/// C1 controls as the characters of Windows-1252 that their bytes stand for.
///
/// ```
/// use tamis_text::repair::{changed, mojibake};
/// assert_eq!(changed("It\u{92}s", &mojibake::controls("It\u{92}s")), "It’s");
/// ```
#[must_use]
pub fn controls(text: &str) -> Vec<Change> {
    let control = |(at, character): (usize, char)| {
        let reading = matches!(character, '\u{80}'..='\u{9f}').then(|| windows_1252(character as u8)).flatten()?;
        Some(Change::new(at..at + character.len_utf8(), String::from(reading)))
    };
    text.char_indices().filter_map(control).collect()
}

/// The character of `byte`, if Windows-1252 has one.
#[must_use]
pub fn windows_1252(byte: u8) -> Option<char> {
    Misreading::Windows1252.character(byte).filter(|character| !character.is_control())
}

/// What `character` could be in misread UTF-8: the start of a character of two bytes, of a longer one, or a later byte.
#[must_use]
pub fn parts(character: char) -> (bool, bool, bool) {
    let mut parts = (false, false, false);
    for misreading in Misreading::ALL {
        let Some(byte) = misreading.byte(character) else { continue };
        let lead = misreading.leads(byte);
        parts.0 |= lead && byte < 0xe0;
        parts.1 |= lead && byte >= 0xe0;
        parts.2 |= byte < 0xc0;
    }
    parts
}

/// One misread character.
struct Sequence {
    range: Range<usize>,
    reading: char,
    kind: u32,
    bytes: [u8; 2],
}

/// Misread characters in a row, with what stands around them.
struct Run<'a> {
    sequences: &'a [Sequence],
    text: &'a str,
    misreading: Misreading,
}

impl Run<'_> {
    fn range(&self) -> Range<usize> {
        let start = self.sequences.first().map_or(0, |first| first.range.start);
        let end = self.sequences.last().map_or(start, |last| last.range.end);
        start..end
    }

    /// The only character is a sign, with letters on both sides: nobody writes that.
    fn is_sign_in_word(&self) -> bool {
        let range = self.range();
        let [only] = self.sequences else { return false };
        let before = self.text.get(..range.start).and_then(|head| head.chars().next_back());
        let after = self.text.get(range.end..).and_then(|rest| rest.chars().next());
        let letters = before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic);
        letters && matches!(only.reading, '\u{2190}'..='\u{2bff}')
    }

    fn kinds(&self) -> u32 {
        self.sequences.iter().fold(0, |kinds, sequence| kinds | sequence.kind)
    }

    /// The kinds of which the run is clear evidence.
    fn clear(&self) -> u32 {
        let kinds = self.kinds();
        if self.is_sign_in_word() {
            return 0;
        }
        let range = self.range();
        let before = self.text.get(..range.start).and_then(|head| head.chars().next_back());
        let after = self.text.get(range.end..).and_then(|rest| rest.chars().next());
        let count = self.sequences.len();
        if kinds & EMOJI != 0 {
            return kinds;
        }
        let other_script = kinds & !(LATIN | EMOJI);
        if other_script != 0 {
            let of_script = self.sequences.iter().filter(|sequence| sequence.kind == other_script);
            let long = self.sequences.iter().any(|sequence| sequence.bytes[0] >= 0xe0);
            let needed = match self.misreading {
                _ if long => 2,
                Misreading::Windows1252 if self.sequences.iter().all(|s| matches!(s.bytes[0], 0xc2 | 0xd0 | 0xd1)) => 2,
                _ => 3,
            };
            return if other_script.is_power_of_two() && of_script.count() >= needed { kinds } else { 0 };
        }
        let clear = match (self.misreading, self.sequences) {
            // Here the first bytes are common letters or signs, so more is asked: `вЂ` and `‚Ä`, or Latin letters around.
            (Misreading::Windows1251 | Misreading::Macintosh, [first, ..]) => {
                let latin = [before, after].into_iter().flatten().any(|c| c.is_ascii_alphabetic());
                self.sequences.iter().any(|sequence| sequence.bytes == [0xe2, 0x80])
                    // `ƒ` is a letter of Ewe.
                    || (latin && first.bytes[0] < 0xe0 && first.bytes[0] != 0xc4 && first.reading.is_alphabetic())
            }
            (_, [only]) => self.clear_alone(only, before, after),
            _ => count > 1,
        };
        if clear { kinds } else { 0 }
    }

    /// Whether one character, Latin or a symbol, cannot be healthy where it stands.
    fn clear_alone(&self, only: &Sequence, before: Option<char>, after: Option<char>) -> bool {
        let misread = self.text.get(only.range.clone()).unwrap_or_default();
        let mut later = misread.chars().skip(1);
        let reading = only.reading;
        if only.bytes[0] >= 0xe0 {
            return only.bytes == [0xe2, 0x80] || (!later.all(closes_word) || after.is_some_and(char::is_alphabetic));
        }
        let Some(second) = later.next() else { return false };
        let after_small = before.is_some_and(char::is_lowercase);
        if only.bytes[0] == 0xc2 {
            let inside = after_small || before.is_some_and(|c| c.is_ascii_digit());
            let opens = !before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphanumeric);
            return inside || opens;
        }
        if after_small {
            return reading.is_lowercase() || shape::mark(reading);
        }
        let fits = !before.is_some_and(char::is_alphabetic) || !reading.is_lowercase();
        let goes_on = after.is_some_and(|c| c.is_alphabetic() && (c.is_lowercase() || reading.is_uppercase()));
        let common = matches!(
            reading,
            '\u{c0}'
                ..='\u{ff}'
                    | 'œ'
                    | 'Œ'
                    | 'š'
                    | 'Š'
                    | 'ž'
                    | 'Ž'
                    | 'č'
                    | 'Č'
                    | 'ł'
                    | 'Ł'
                    | 'ś'
                    | 'Ś'
                    | 'ş'
                    | 'Ş'
                    | 'İ'
                    | 'ż'
                    | 'Ż'
                    | 'ř'
                    | 'Ř'
        );
        let apart = !second.is_alphabetic() || only.bytes[0] == 0xc3;
        fits && goes_on && apart && (!closes_word(second) || (common && second != '’'))
    }
}

/// Marks that follow a word in healthy text, or join two.
fn closes_word(character: char) -> bool {
    matches!(
        character,
        '‘' | '’'
            | '“'
            | '”'
            | '„'
            | '‚'
            | '‹'
            | '›'
            | '«'
            | '»'
            | '…'
            | '–'
            | '—'
            | '·'
            | '•'
            | '™'
            | '®'
            | '©'
            | '°'
            | '²'
            | '³'
            | '¹'
            | '\u{a0}'
            | '\u{ad}'
            | '†'
            | '‡'
            | '§'
            | '№'
    )
}

/// Calls `each` with every run of misread characters.
fn runs(text: &str, misreading: Misreading, mut each: impl FnMut(Run<'_>)) {
    let mut run: Vec<Sequence> = Vec::new();
    let mut done = 0;
    for (at, character) in text.char_indices() {
        if at < done || character < '\u{80}' {
            continue;
        }
        let Some(byte) = misreading.byte(character).filter(|byte| misreading.leads(*byte)) else { continue };
        let Some(sequence) = text.get(at..).and_then(|rest| sequence(misreading, rest, at, byte)) else { continue };
        done = sequence.range.end;
        if run.last().is_some_and(|last| last.range.end != at) {
            each(Run { sequences: &run, text, misreading });
            run.clear();
        }
        run.push(sequence);
    }
    if !run.is_empty() {
        each(Run { sequences: &run, text, misreading });
    }
}

/// An `Ã` or `Â` whose second half, a no-break space, became a plain one or was lost at the end: `voilÃ ` is `voilà `,
/// and `100Â 000` is `100 000`.
fn lost_no_break_spaces(text: &str, changes: &mut Vec<Change>) {
    let mut before = None;
    for (at, character) in text.char_indices() {
        let previous = before.replace(character);
        let end = at + character.len_utf8();
        if !matches!(character, 'Ã' | 'Â')
            || previous.is_some_and(char::is_uppercase)
            || text.get(end..).is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '))
        {
            continue;
        }
        changes.push(Change::new(at..end, if character == 'Ã' { "à" } else { "" }));
    }
}

/// `â€` that no third byte follows: that of `”` (9D) is no character of Windows-1252, and many programs drop it.
fn lost_quotes(text: &str, changes: &mut Vec<Change>) {
    let found = text.match_indices("â€").filter(|(at, misread)| {
        let after = text.get(at + misread.len()..).and_then(|rest| rest.chars().next());
        let third = after.and_then(|c| Misreading::Windows1252.byte(c)).is_some_and(|byte| byte < 0xc0);
        !third
            && !after.is_some_and(char::is_alphanumeric)
            && text.get(..*at).is_some_and(|head| !head.is_empty() && !head.ends_with(' '))
    });
    changes.extend(found.map(|(at, misread)| Change::new(at..at + misread.len(), "”")));
}

/// The misread character at the start of `rest`, which stands at `at` and whose first byte is `lead`.
fn sequence(misreading: Misreading, rest: &str, at: usize, lead: u8) -> Option<Sequence> {
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let mut bytes = [0; 4];
    let mut end = at;
    for (slot, character) in bytes.iter_mut().zip(rest.chars()).take(length) {
        *slot = misreading.byte(character)?;
        end += character.len_utf8();
    }
    let reading = std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    // A control character is plausible as the trace of an earlier misreading only, by Latin-1 or of an undefined byte.
    if reading.is_control() && !rest.chars().nth(1).is_some_and(char::is_control) {
        return None;
    }
    Some(Sequence { range: at..end, reading, kind: kind(reading)?, bytes: [bytes[0], bytes[1]] })
}

#[cfg(test)]
mod tests;
