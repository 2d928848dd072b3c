//! Letters: to which group of languages a letter belongs, and its lower-case form. One table look-up a character.

use std::sync::LazyLock;

use unicode_script::{Script, UnicodeScript};

/// What a character is to the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No letter: it ends a word.
    Gap,
    /// A mark that belongs to no script of its own, such as a combining accent: passed over.
    Mark,
    /// A letter of a group of scripts that several languages share. See [`Group`].
    Letter(Group),
    /// A letter of any other script.
    Other(Script),
}

/// Scripts that several known languages are written in, each with its own languages to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Group {
    /// Latin letters.
    Latin = 0,
    /// Cyrillic letters.
    Cyrillic,
    /// Arabic letters.
    Arabic,
    /// Devanagari.
    Devanagari,
    /// Chinese characters.
    Han,
    /// Hebrew letters.
    Hebrew,
    /// Bengali letters.
    Bengali,
    /// Ethiopic syllables.
    Ethiopic,
    /// Burmese letters.
    Myanmar,
    /// Tibetan letters.
    Tibetan,
}

impl Group {
    /// All groups, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Latin,
        Self::Cyrillic,
        Self::Arabic,
        Self::Devanagari,
        Self::Han,
        Self::Hebrew,
        Self::Bengali,
        Self::Ethiopic,
        Self::Myanmar,
        Self::Tibetan,
    ];

    /// The script that the group writes.
    pub fn script(self) -> Script {
        match self {
            Self::Latin => Script::Latin,
            Self::Cyrillic => Script::Cyrillic,
            Self::Arabic => Script::Arabic,
            Self::Devanagari => Script::Devanagari,
            Self::Han => Script::Han,
            Self::Hebrew => Script::Hebrew,
            Self::Bengali => Script::Bengali,
            Self::Ethiopic => Script::Ethiopic,
            Self::Myanmar => Script::Myanmar,
            Self::Tibetan => Script::Tibetan,
        }
    }

    /// The group of a script, if several known languages share it.
    pub fn of(script: Script) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.script() == script)
    }
}

/// Characters below this are looked up in the table.
const TABLED: usize = 0x3000;

struct Entry {
    kind: Kind,
    lower: u16,
}

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |code: u32| {
        let character = char::from_u32(code).unwrap_or(' ');
        Entry { kind: slow_kind(character), lower: lowered(character) as u16 }
    };
    (0..TABLED as u32).map(entry).collect()
});

/// The letters of the table, held so that each look-up is one access.
pub struct Alphabet(&'static [Entry]);

impl Alphabet {
    /// The table, made on first use.
    pub fn get() -> Self {
        Self(&TABLE)
    }

    /// What `character` is, and its lower-case form.
    #[inline(always)]
    pub fn look_up(&self, character: char) -> (Kind, u32) {
        match self.0.get(character as usize) {
            Some(entry) => (entry.kind, u32::from(entry.lower)),
            None => (high_kind(character), character as u32),
        }
    }
}

fn lowered(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) if (single as usize) < TABLED => single,
        _ if character == 'İ' => 'i',
        _ => character,
    }
}

fn high_kind(character: char) -> Kind {
    match character {
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => Kind::Letter(Group::Han),
        '\u{3041}'..='\u{3096}' => Kind::Other(Script::Hiragana),
        '\u{30a1}'..='\u{30fa}' => Kind::Other(Script::Katakana),
        '\u{ac00}'..='\u{d7a3}' => Kind::Other(Script::Hangul),
        '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff20}' => Kind::Gap,
        _ => slow_kind(character),
    }
}

fn slow_kind(character: char) -> Kind {
    match character {
        '\u{640}' => return Kind::Mark,
        'ª' | 'º' => return Kind::Gap,
        _ => {}
    }
    let script = character.script();
    match script {
        Script::Inherited if !matches!(character, '\u{200c}' | '\u{200d}') => Kind::Mark,
        Script::Common | Script::Inherited | Script::Unknown => Kind::Gap,
        _ if character.is_numeric() || !writes(script, character) => Kind::Gap,
        _ => Group::of(script).map_or(Kind::Other(script), Kind::Letter),
    }
}

/// True for letters, and for the vowel signs and tone marks that stand within a word.
fn writes(script: Script, character: char) -> bool {
    let signs = matches!(script, Script::Arabic | Script::Latin | Script::Cyrillic | Script::Greek);
    character.is_alphabetic() || (!signs && !PUNCTUATION.contains(&character))
}

/// Punctuation that belongs to one script.
const PUNCTUATION: [char; 30] = [
    '\u{55a}', '\u{55b}', '\u{55c}', '\u{55d}', '\u{55e}', '\u{55f}', '\u{589}', '\u{58a}', '\u{5be}', '\u{5c0}',
    '\u{5c3}', '\u{5f3}', '\u{5f4}', '\u{970}', '\u{e4f}', '\u{e5a}', '\u{e5b}', '\u{f0b}', '\u{f0d}', '\u{f0e}',
    '\u{104a}', '\u{104b}', '\u{1361}', '\u{1362}', '\u{1363}', '\u{1364}', '\u{1365}', '\u{1366}', '\u{17d4}',
    '\u{17d5}',
];
