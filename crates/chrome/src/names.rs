//! Whether a text reads as the names of authors.

use tamis_text::characters::{is_alphabetic, is_lowercase, is_numeric, is_uppercase};
use tamis_text::date::is_ideograph;

/// The names in `text`, joined with `; `, if it reads as names and nothing else.
///
/// What follows a name after `|`, `•`, a dash with spaces or a comma with a post (`political editor`) is left out.
pub(super) fn names(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|character: char| !is_alphabetic(character)).trim_end();
    let text = text.split(['|', '•', '·', '(', '（', '<', '[', '@', '\t']).next()?;
    let text = [" – ", " — ", " - ", " on ", " am ", " le ", " el ", " il "]
        .iter()
        .fold(text, |text, mark| text.split(mark).next().unwrap_or(text));
    let mut names = Vec::new();
    for part in text.split([',', '、', ';', '&', '，']).flat_map(|part| {
        AND.iter().fold(vec![part], |parts, and| parts.into_iter().flat_map(|part| part.split(and)).collect())
    }) {
        let part = part.trim().trim_end_matches(['.', ':']).trim();
        if part.is_empty() {
            continue;
        }
        if is_name(part) {
            names.push(part);
        } else if names.is_empty() {
            return None;
        } else {
            break;
        }
    }
    (!names.is_empty() && names.len() <= 6).then(|| names.join("; "))
}

/// Words between two names.
const AND: [&str; 10] = [" and ", " et ", " und ", " y ", " e ", " en ", " i ", " и ", " och ", " dan "];

/// One name: two to five words that begin with a capital where the script has them, or two to eight ideographs.
fn is_name(text: &str) -> bool {
    let characters = text.chars().count();
    if characters > 48
        || text.contains(|character: char| {
            is_numeric(character) || ['!', '?', '"', '“', '«', '/', ':'].contains(&character)
        })
    {
        return false;
    }
    let ideographs = text.chars().filter(|character| is_ideograph(*character)).count();
    if ideographs * 2 > characters {
        return (2..=8).contains(&characters);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &str| {
        let first = word.chars().find(|character| is_alphabetic(*character));
        first.is_some_and(|first| is_uppercase(first) || !is_lowercase(first))
    };
    let capitals = words.iter().filter(|word| capital(word)).count();
    let particles = words.iter().filter(|word| PARTICLES.contains(word)).count();
    (2..=5).contains(&words.len())
        && capitals >= 2
        && capitals + particles == words.len()
        && words.first().is_some_and(|word| capital(word))
}

/// Small words inside names.
const PARTICLES: [&str; 20] = [
    "de", "da", "di", "del", "della", "do", "dos", "van", "von", "der", "den", "la", "le", "el", "al", "bin", "ibn",
    "zu", "ter", "y",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_only_begins_like_them() {
        assert_eq!(names(" : Aditi Ray Chowdhury").as_deref(), Some("Aditi Ray Chowdhury"));
        assert_eq!(names("Jane Smith and John Doe, political editor").as_deref(), Some("Jane Smith; John Doe"));
        assert_eq!(names("Ludwig van der Rohe | Berlin").as_deref(), Some("Ludwig van der Rohe"));
        assert_eq!(names("：李雷").as_deref(), Some("李雷"));
        for other in ["the river stood a house.", "exemple", "allen Seiten kamen sie", "", "12 May 2020", "fin"] {
            assert_eq!(names(other), None, "{other}");
        }
    }
}
