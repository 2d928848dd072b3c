//! Names of people at the start of a text.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::labels::{self, Beginnings};
use crate::credit;
use tamis_text::characters::{is_alphabetic, is_alphanumeric, is_lowercase, is_uppercase};
use tamis_text::date::is_ideograph;

/// Names read from the start of a text, and the text after them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names<'a> {
    pub names: Vec<&'a str>,
    pub rest: &'a str,
}

/// The names that `text` begins with: words that begin with a capital, separated by commas and words for *and*.
///
/// Reading stops at a day, a digit, a mark such as `|`, or a word that no name has.
pub(super) fn read(text: &str) -> Option<Names<'_>> {
    let mut names: Vec<&str> = Vec::new();
    let (mut rest, mut ahead, mut and) = (text, text.trim_start(), false);
    loop {
        let (name, behind) = one(ahead);
        // `Jane Smith, Transport Correspondent`: what a post follows at once is no second name.
        let post = |behind: &str| labels::is_post(behind.split_whitespace().next().unwrap_or_default());
        let Some(name) = name.filter(|name| names.is_empty() || !labels::is_post(name) && !post(behind)) else { break };
        if names.is_empty() || !is_no_second(names.first().unwrap_or(&""), name, and) {
            names.push(name);
        }
        rest = behind;
        let Some(next) = joined(rest).filter(|_| names.len() < 6) else { break };
        (ahead, and) = next;
    }
    (!names.is_empty()).then(|| Names { names, rest: rest.trim_start() })
}

/// Whether what stands after the name `first` and a comma is no author: `Joe Smoe, Sr., and Tara Doe, MD`, `Ada Quill, Reuters`.
fn is_no_second(first: &str, name: &str, and: bool) -> bool {
    let one_word = !name.contains(' ') && !name.chars().any(is_ideograph);
    let house = || name.split(' ').any(|word| HOUSES.contains(&word)) || credit::is_agency(name);
    first.contains(' ') && (one_word && !and || house())
}

/// Whether `text` begins with a name, or even several.
pub(super) enum Beginning<'a> {
    No,
    /// With one and no other, and what stands after it: the rest that [`read`] gives.
    One(&'a str),
    Several,
}

/// What `text` begins with, found out faster than by reading all names.
pub(super) fn beginning(text: &str) -> Beginning<'_> {
    match one(text.trim_start()) {
        (None, _) => Beginning::No,
        (Some(_), rest) if joined(rest).is_none() => Beginning::One(rest.trim_start()),
        _ => Beginning::Several,
    }
}

/// The user's name that `text` begins with: one word of letters, digits, points and lines, and the text after it.
pub(super) fn handle(text: &str) -> Option<Names<'_>> {
    let text = text.trim_start_matches('@');
    let own = |character: char| is_alphanumeric(character) || ['_', '.', '-'].contains(&character);
    let (name, rest) = text.split_at_checked(text.find(|character| !own(character)).unwrap_or(text.len()))?;
    let name = name.trim_end_matches('.');
    let ends = rest.trim_start().chars().next().is_none_or(|next| !is_lowercase(next));
    let is_name = (3..=24).contains(&name.chars().count()) && name.chars().any(is_alphabetic) && ends;
    is_name.then(|| Names { names: vec![name], rest: rest.trim_start() })
}

/// What stands after a comma, an ampersand or a word for *and*, and whether there is such a word.
fn joined(text: &str) -> Option<(&str, bool)> {
    let text = text.trim_start();
    let comma = text.strip_prefix([',', '，', '、', ';', '&', '/']).map(str::trim_start);
    let after = comma.unwrap_or(text);
    let and = AND.iter().find_map(|word| after.strip_prefix(word)?.strip_prefix(' '));
    and.map(|rest| (rest, true)).or(comma.map(|rest| (rest, false)))
}

/// The name that `text` begins with, and what follows it.
fn one(text: &str) -> (Option<&str>, &str) {
    if text.chars().next().is_some_and(is_ideograph) {
        return ideographs(text);
    }
    let mut end = 0;
    let mut capitals = 0;
    let mut words = 0;
    let mut at = 0;
    while let Some(word) = word_at(text, at) {
        let bare = word.trim_end_matches([',', ';', ':']);
        let kind = kind(bare);
        let ends = kind == Word::Other || words >= 5 || capitals > 0 && labels::is_post(bare);
        if ends || is_month_or_day(bare.trim_end_matches('.')) {
            break;
        }
        words += 1;
        at += word.len();
        if kind == Word::Capital {
            capitals += 1;
            end = at - (word.len() - bare.len());
        }
        if bare.len() < word.len() {
            break;
        }
        at += text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\u{a0}']).len());
    }
    let name = text
        .get(..end)
        .map(str::trim)
        .filter(|name| capitals > 0 && name.chars().count() <= 48 && name.chars().nth(1).is_some())
        .map(|name| name.trim_end_matches('.'))
        .filter(|name| words > 1 && name.contains(' ') || !is_no_name(name));
    (name, text.get(end..).unwrap_or_default())
}

/// Two to eight ideographs, and the word for a reporter after them left out.
fn ideographs(text: &str) -> (Option<&str>, &str) {
    let own = |character: char| is_ideograph(character) && !"年月日の은는이가".contains(character);
    let end = text.find(|character: char| !own(character)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let name = ["記者", "记者", "기자"].iter().find_map(|post| name.strip_suffix(post)).unwrap_or(name);
    let rest = rest.trim_start().strip_prefix("기자").unwrap_or(rest);
    let count = name.chars().count();
    ((2..=8).contains(&count).then_some(name), rest)
}

fn word_at(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    let stops = |character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '|' | '•' | '·' | '(' | ')' | '（' | '）' | '<' | '>' | '[' | ']' | '/' | '–' | '—' | '●'
            )
    };
    rest.get(..rest.find(stops).unwrap_or(rest.len())).filter(|word| !word.is_empty())
}

/// Whether it is one of the words that begin a day.
fn is_month_or_day(word: &str) -> bool {
    static WORDS: LazyLock<Beginnings> = LazyLock::new(|| Beginnings::new::<2>(MONTHS_AND_DAYS));
    word.len() <= 9 && WORDS.like::<2>(word).any(|day| word.eq_ignore_ascii_case(day))
}

/// Whether one word with a capital begins sentences or days and is nobody's name: `The`, `La`, `Sa.`.
fn is_no_name(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str, FixedState>> = LazyLock::new(|| NO_NAMES.split('|').collect());
    WORDS.contains(word.to_lowercase().as_str())
}

#[derive(PartialEq, Eq)]
enum Word {
    Capital,
    Particle,
    Other,
}

fn kind(word: &str) -> Word {
    if word.is_ascii() {
        return ascii_kind(word);
    }
    let plain = word.chars().all(|character| {
        is_alphabetic(character)
            || matches!(character, '\'' | '’' | '.' | '-' | '‑' | '"' | '“' | '”' | '\u{94d}' | '\u{200c}')
            || is_sign(character)
    });
    let first = word.chars().find(|character| is_alphabetic(*character));
    match first {
        _ if !plain || word.starts_with('-') => Word::Other,
        None => Word::Other,
        Some(_) if PARTICLES.contains(&word) => Word::Particle,
        Some(first) if is_uppercase(first) && !ends_sentence(word) => Word::Capital,
        Some(first) if !is_lowercase(first) && !is_uppercase(first) => Word::Capital,
        Some(_) => Word::Other,
    }
}

/// Whether the word's full stop is a sentence's: a name has one only after an initial or a title (`Ph.D.`).
fn ends_sentence(word: &str) -> bool {
    word.strip_suffix('.').is_some_and(|word| !word.contains('.') && word.chars().nth(3).is_some())
}

/// The same for a word of ASCII characters.
fn ascii_kind(word: &str) -> Word {
    let bytes = word.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'.' | b'-' | b'"');
    let first = bytes.iter().find(|byte| byte.is_ascii_alphabetic());
    match first {
        Some(first) if bytes[0] != b'-' && bytes.iter().all(plain) => match first.is_ascii_uppercase() {
            true if !ends_sentence(word) => Word::Capital,
            false if PARTICLES.contains(&word) => Word::Particle,
            _ => Word::Other,
        },
        _ => Word::Other,
    }
}

/// Vowel signs of Indic and Arabic scripts.
fn is_sign(character: char) -> bool {
    matches!(character, '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{64b}'..='\u{652}')
}

/// Words between two names.
const AND: [&str; 18] =
    ["and", "et", "und", "y", "e", "en", "i", "и", "і", "och", "dan", "ve", "va", "và", "و", "with", "mit", "&"];

/// Small words inside names.
const PARTICLES: [&str; 24] = [
    "de", "da", "di", "del", "della", "do", "dos", "van", "von", "der", "den", "la", "le", "el", "al", "bin", "ibn",
    "zu", "ter", "y", "du", "ten", "af", "dela",
];

/// Words with a capital that begin a day and end a name.
const MONTHS_AND_DAYS: &str = "january|february|march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|monday|\
    tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun|updated|published|posted|am|on";

/// Words in the names of papers, agencies and their staff.
const HOUSES: &[&str] = &[
    "News",
    "Press",
    "Times",
    "Post",
    "Staff",
    "Magazine",
    "Journal",
    "Media",
    "Network",
    "Agency",
    "Agencies",
    "Herald",
    "Tribune",
    "Gazette",
    "Online",
    "TV",
    "Radio",
    "Zeitung",
    "Presse",
    "Agentur",
    "Redaktion",
    "Rédaction",
    "Redacción",
    "Redazione",
    "Redação",
    "Redactie",
];

/// Single words that begin with a capital and are no names: articles, pronouns, words that begin sentences, days of the week in short.
const NO_NAMES: &str = "the|a|an|this|that|these|those|it|he|she|we|they|you|i|my|our|his|her|their|in|on|at|for|from|with|and|but|or|if|when|how|\
    why|what|who|where|as|to|of|by|no|not|all|new|more|after|before|since|under|over|about|version|update|today|yesterday|page|part|chapter|\
    la|le|les|l|un|une|des|du|de|au|aux|ce|cette|ces|il|elle|on|en|dans|sur|pour|par|et|mais|el|los|las|una|unos|unas|lo|al|con|para|por|y|\
    pero|der|die|das|den|dem|ein|eine|einen|einem|im|am|zum|zur|und|aber|mit|von|vor|nach|seit|wir|sie|er|es|ich|gli|i|uno|nel|della|\
    di|da|per|con|ma|o|os|um|uma|no|na|nos|nas|do|dos|das|em|het|een|van|op|voor|met|maar|ett|och|med|det|att|på|som|w|z|na|do|po|\
    в|на|и|с|по|не|как|что|это|за|у|к|о|из|а|но|і|та|що|це|bu|bir|ve|ini|itu|dan|di|yang|\
    mo|mi|so|sa|fr|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|sab|seg|ter|qua|qui|sex|ma|wo|vr|za|zo|\
    mån|tis|ons|tor|fre|lör|sön|pon|wt|śr|czw|pt|sob|niedz|пн|вт|ср|чт|пт|сб|вс|нд";

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (String, &str) {
        read(text).map_or_else(|| (String::new(), text), |read| (read.names.join("; "), read.rest))
    }

    #[test]
    fn names_end_where_something_else_begins() {
        assert_eq!(
            names("Jane Smith and John Doe, political editor"),
            ("Jane Smith; John Doe".into(), ", political editor")
        );
        assert_eq!(
            names("Priya Nandakumar, Transport Correspondent"),
            ("Priya Nandakumar".into(), ", Transport Correspondent")
        );
        assert_eq!(names("Ludwig van der Rohe | Berlin"), ("Ludwig van der Rohe".into(), "| Berlin"));
        assert_eq!(names("Amanda Tan November 19, 2023").0, "Amanda Tan");
        assert_eq!(names("Daniel Bader last updated 4 April 17"), ("Daniel Bader".into(), "last updated 4 April 17"));
        assert_eq!(names("李雷"), ("李雷".into(), ""));
        assert_eq!(names("松村太郎2019年04月13日").0, "松村太郎");
        assert_eq!(names("Анна Петренко"), ("Анна Петренко".into(), ""));
        assert_eq!(names("Sam Stein Senior Politics Editor, The Post").0, "Sam Stein");
        assert_eq!(names("Jo Lark, Jr., and Tess Moor, PhD"), ("Jo Lark; Tess Moor".into(), ""));
        assert_eq!(names("Jo Lark, M.D., Tess Moor, Ph.D."), ("Jo Lark; Tess Moor".into(), ""));
        assert_eq!(names("Anna Winter, Harbour News"), ("Anna Winter".into(), ""));
        assert_eq!(names("Anna Winter, Getty Images und Max Muster").0, "Anna Winter; Max Muster");
        assert_eq!(names("Tess Moor, Reuters | Lannec"), ("Tess Moor".into(), "| Lannec"));
        assert_eq!(names("Madonna and Cher").0, "Madonna; Cher");
        assert_eq!(handle("j_smith · 31. Oktober").map(|read| read.names), Some(vec!["j_smith"]));
        assert_eq!(handle("the river stood a house"), None);
        for other in [
            "the river stood a house.",
            "allen Seiten kamen sie",
            "",
            "12 May 2020",
            "fin",
            "The old bridge was opened",
            "La rédaction",
            "Sa., 4. Januar 2020",
            "Version 3 of it",
            "Von allen Seiten",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
