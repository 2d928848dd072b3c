//! Whether words after a label such as `Photo:` are a credit, and what of them is its value.
//!
//! A wrong credit is worse than none: names, agencies and the few words around them are a credit, a sentence is not.

use tamis_text::characters::{is_alphabetic, is_alphanumeric, is_lowercase, is_numeric};
use tamis_text::date::is_ideograph;

/// The credit in what stands after a label, or in a block that names an agency; nothing where it reads as anything else.
pub(super) fn value(text: &str) -> Option<String> {
    let sign = text.contains('©');
    let text = text.trim_start_matches(|character: char| !is_alphanumeric(character) && character != '@');
    // Behind a bar a footer begins, unless an agency does.
    let end = text
        .char_indices()
        .find(|(at, character)| BARS.contains(character) && !names_agency(text.get(*at..).unwrap_or_default()));
    let text = end.and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    let text = text.trim_end_matches(|character: char| {
        character.is_whitespace() || matches!(character, '.' | ',' | ')' | ']' | '）' | '|' | '-' | '–' | '/' | '。')
    });
    // `© Harbour Echo 2024` is the notice of a site, and no picture's.
    let notice = sign && text.split(|character: char| !is_numeric(character)).any(is_year) && !names_agency(text);
    let named = words(text).map(bare).any(|word| !has(SMALL, &word));
    (named && !notice && reads_as_credit(text)).then(|| text.to_owned())
}

/// Whether one of the words, or two beside each other, is an agency's name.
pub(super) fn names_agency(text: &str) -> bool {
    let words: Vec<String> = words(text).map(bare).collect();
    let two = words.windows(2).any(|two| is_agency(&two.join(" ")));
    two || words.iter().any(|word| is_agency(word))
        || text.chars().any(is_ideograph)
            && AGENCIES.split('|').any(|name| name.chars().any(is_ideograph) && text.contains(name))
}

/// Whether this is the name of an agency or of a source of pictures, whatever its case.
pub(super) fn is_agency(name: &str) -> bool {
    let lower = name.to_lowercase();
    has(AGENCIES, lower.strip_prefix("the ").unwrap_or(&lower))
}

/// Whether a text before an agency in brackets speaks of an agency: `he works for the agency (AFP)`.
pub(super) fn speaks_of_agency(before: &str) -> bool {
    let last: Vec<String> = before.split_whitespace().rev().take(3).map(str::to_lowercase).collect();
    last.iter().any(|word| BEARERS.iter().any(|stem| word.contains(stem)))
}

/// Whether there are names, agencies, small words between them, and hardly a word besides.
pub(super) fn reads_as_credit(text: &str) -> bool {
    let characters = text.chars().count();
    if !(2..=LONGEST).contains(&characters)
        || text.ends_with(['!', '?', '！', '？', '；', '…', ':', '：'])
        || !text.chars().any(is_alphabetic)
    {
        return false;
    }
    let (mut all, mut plain, mut ideographs) = (0, 0, 0);
    for word in words(text) {
        all += 1;
        ideographs += word.chars().filter(|character| is_ideograph(*character)).count();
        let first = word.chars().find(|character| is_alphabetic(*character));
        // Part of an address, of a handle or of a file's name.
        let marked = word.contains(['.', '@', '_']) || word.chars().any(is_numeric);
        let lower = bare(word);
        plain += usize::from(first.is_some_and(is_lowercase) && !marked && !has(SMALL, &lower) && !is_agency(&lower));
    }
    let alone = all == 1 && has(LONE, &bare(text));
    (plain == 0 || alone) && all <= MOST_WORDS && ideographs <= MOST_IDEOGRAPHS
}

/// Whether `word` is one of `words`, which bars part.
fn has(words: &str, word: &str) -> bool {
    words.split('|').any(|own| own == word)
}

/// A year of our time in digits.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| {
        character.is_whitespace() || matches!(character, '/' | ',' | ';' | '|' | '&' | '+' | '(' | ')' | '、' | '／')
    })
    .filter(|word| word.contains(is_alphanumeric))
}

/// In lower case, without the marks around it.
fn bare(word: &str) -> String {
    word.trim_matches(|character: char| !is_alphanumeric(character)).to_lowercase()
}

const BARS: [char; 4] = ['|', '•', '·', '\t'];
/// Characters, words and ideographs of the longest credit.
const LONGEST: usize = 80;
const MOST_WORDS: usize = 10;
const MOST_IDEOGRAPHS: usize = 16;

/// Agencies and sources of pictures, in lower case.
const AGENCIES: &str = "ap|afp|afp/getty|epa|efe|epa-efe|reuters|thomson reuters|associated press|agence france-presse|getty|getty images|\
    gettyimages|dpa|dpa-infocom|ansa|tass|тасс|итар-тасс|xinhua|shutterstock|istock|istockphoto|alamy|imago|imago images|\
    keystone|keystone-sda|belga|anp|pap|čtk|ctk|tasr|lusa|lapresse|yonhap|yonhap news|kyodo|kyodo news|jiji|ani|pti|ians|\
    aap|pa|pa media|press association|apa|sda|ats|tt|ntb|ritzau|scanpix|lehtikuva|mti|anadolu|anadolu agency|dha|iha|\
    bloomberg|unsplash|pixabay|pexels|flickr|wikimedia|wikimedia commons|wikipedia|риа новости|уніан|укринформ|укрінформ|\
    antara|bernama|ttxvn|isna|irna|sputnik|zuma|sipa|nurphoto|magnum|wireimage|adobestock|adobe stock|depositphotos|\
    picture alliance|ddp|abaca|maxppp|hans lucas|upi|canadian press|europa press|新华社|新華社|共同|共同通信|时事通信|時事通信|中新社|연합뉴스|뉴시스|\
    뉴스1";

/// Small words in credits.
const SMALL: &str = "by|via|for|of|from|the|and|und|et|y|e|i|och|en|de|da|di|du|del|della|do|dos|van|von|der|den|la|le|el|al|ter|zu|bin|\
    ibn|photo|photos|foto|bild|image|images|picture|pictures|stock|courtesy|handout|archiv|archives|archive|file|pool|\
    alliance|и";

/// Words that are a credit by themselves.
const LONE: &str = "privat|private|privé|privato|privado|supplied|handout|archiv|archive|archives|archivo|archivio|arquivo|archief|arkiv|\
    file|pool|redaktion|dr|zvg|contributed|submitted|cortesía|архив";

/// Stems of words for an agency or a paper, in lower case.
const BEARERS: [&str; 12] = [
    "agen",
    "nachrichten",
    "zeitung",
    "newspaper",
    "paper",
    "journal",
    "агент",
    "وكالة",
    "خبرگزاری",
    "通讯社",
    "通信社",
    "통신",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_agencies_are_credits_and_sentences_are_none() {
        for (text, expected) in [
            (" John Doe / Getty Images", "John Doe / Getty Images"),
            ("：新华社", "新华社"),
            ("keystone-sda.ch", "keystone-sda.ch"),
            ("dpa", "dpa"),
            ("privat", "privat"),
            ("Marijan Quill/dpa.", "Marijan Quill/dpa"),
            ("Ludwig van der Meer", "Ludwig van der Meer"),
            ("Ada Quill | AFP", "Ada Quill | AFP"),
            ("© Altbote | Impressum | Datenschutz", "Altbote"),
            ("courtesy of Ada Quill", "courtesy of Ada Quill"),
            ("Анна Петренко / РИА Новости", "Анна Петренко / РИА Новости"),
            ("@adaquill", "@adaquill"),
            ("山田花子", "山田花子"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "nobody had one",
            "of an age",
            "file photo",
            "lesen konnte sie nicht",
            "forbidden",
            "© Altbote 2024 | Impressum | AGB",
            "©2023 The Harbour Echo",
            "We bought the tickets from Getty",
            "la gare en hiver",
            "was there?",
            "12",
            "",
            "市议会经过十一年的争论后于星期二批准修建新的防潮堤",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn an_agency_is_named_by_one_word_or_two() {
        for text in ["archives AFP", "Ada Quill/Getty Images", "the Associated Press", "新华社记者", "dpa"] {
            assert!(names_agency(text), "{text}");
        }
        assert!(!names_agency("Club 2, Harrow 1") && !names_agency("getting images"));
        assert!(speaks_of_agency("He works for the agency") && !speaks_of_agency("The harbour of Vladivostok"));
    }
}
