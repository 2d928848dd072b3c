//! Whether a line is about character references, and which of those in it are meant rather than used.

use super::reference;

/// What a line says of references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing: they are traces of markup.
    Other,
    /// It is about HTML or XML, and holds references to marks of these: those are meant, but hardly an ampersand alone.
    Markup,
    /// It explains references.
    References,
}

impl Subject {
    /// Goes by words; they stay when references are decoded, so that what is kept once is kept ever.
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let markup = has(&MARKUP);
        if has(&SIGNS) || (has(&REFERENCES) && (markup || beside(&lower))) {
            Self::References
        } else if markup {
            Self::Markup
        } else {
            Self::Other
        }
    }

    /// Whether `&name;`, which stands between `head` and `rest`, is meant: it is a word of its own and the last level. One that is
    /// escaped once more is none yet.
    pub fn is_meant(self, head: &str, name: &str, rest: &str) -> bool {
        if self == Self::Other || (name == "amp" && escapes(rest)) {
            return false;
        }
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if letter(head.chars().next_back()) || letter(rest.chars().next()) {
            return false;
        }
        match self {
            Self::References => name != "amp" || !joins(head, rest),
            _ => MARKS.contains(&name) && !joins(head, rest),
        }
    }
}

/// Whether `rest` goes on as a reference whose ampersand was escaped.
fn escapes(rest: &str) -> bool {
    rest.split_once(';').is_some_and(|(name, _)| !name.is_empty() && name.len() < 33 && reference(name).is_some())
}

/// Whether a sign would stand between two names, or before `it`: `Tom & Ann`, `Home > HTML`.
fn joins(head: &str, rest: &str) -> bool {
    let before = head.strip_suffix(' ').and_then(|head| head.rsplit([' ', '(', '“', '"']).next()).unwrap_or_default();
    let after =
        rest.strip_prefix(' ').and_then(|rest| rest.split([' ', ')', '”', '"', ',', '.']).next()).unwrap_or_default();
    let name = |word: &str| word.starts_with(char::is_uppercase);
    !after.is_empty() && ((name(before) && name(after)) || after == "it")
}

/// Whether a word for a reference stands right before or after one: `the entity &nbsp;`.
fn beside(lower: &str) -> bool {
    REFERENCES.iter().flat_map(|word| lower.match_indices(word)).any(|(at, word)| {
        let behind = lower.get(at + word.len()..).unwrap_or_default().trim_start_matches(char::is_alphabetic);
        let marks = [' ', ':', '“', '"', '„', '«', '(', '\u{a0}'];
        behind.trim_start_matches(marks).starts_with('&') || lower.trim_start().starts_with('&')
    })
}

/// References to what markup is made of.
const MARKS: [&str; 7] = ["lt", "gt", "quot", "apos", "#38", "#60", "#62"];

const MARKUP: [&str; 4] = ["html", "xml", "sgml", "unicode"];

/// Words for references and for escaping, cut where their endings begin.
const REFERENCES: [&str; 30] = [
    "entit",
    "entid",
    "escap",
    "échapp",
    "maskier",
    "kodier",
    "encod",
    "codific",
    "reference",
    "referenz",
    "référence",
    "referencia",
    "referência",
    "riferiment",
    "verwijzing",
    "сущност",
    "экранир",
    "мнемоник",
    "сутніст",
    "екран",
    "encj",
    "varlık",
    "実体",
    "文字参照",
    "エスケープ",
    "实体",
    "實體",
    "转义",
    "轉義",
    "엔티티",
];

/// Words for the signs that must be escaped.
const SIGNS: [&str; 50] = [
    "ampersand",
    "esperluette",
    "et commercial",
    "kaufmännische",
    "und-zeichen",
    "et-zeichen",
    "e comercial",
    "e commerciale",
    "en-teken",
    "et-tecken",
    "og-tegn",
    "амперсанд",
    "амперсант",
    "アンパサンド",
    "和号",
    "앰퍼샌드",
    "less-than",
    "less than sign",
    "greater-than",
    "greater than sign",
    "kleiner-als",
    "größer-als",
    "kleiner-zeichen",
    "größer-zeichen",
    "kleinerzeichen",
    "größerzeichen",
    "inférieur",
    "supérieur à",
    "menor que",
    "mayor que",
    "maior que",
    "minore di",
    "maggiore di",
    "kleiner-dan",
    "groter-dan",
    "знак меньше",
    "знак больше",
    "знак «меньше",
    "знак «больше",
    "no-break space",
    "non-breaking space",
    "nonbreaking space",
    "insécable",
    "geschützte",
    "неразрывн",
    "espacio duro",
    "twarda spacja",
    "不换行空格",
    "小于号",
    "大于号",
];
