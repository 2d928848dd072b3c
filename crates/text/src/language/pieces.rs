//! The words of a text that say something about its language: no addresses, no handles, nothing with digits.

use unicode_script::Script;

use super::alphabet::{Alphabet, Group, Kind};
use super::grams::LONGEST;

/// A piece of text that has a vote.
pub enum Piece<'a> {
    /// A word of letters of one group, in lower case, cut at [`LONGEST`] letters; and its whole length.
    Word(Group, &'a [u32], u32),
    /// A letter of another script.
    Letter(Script),
}

/// Calls `piece` with each word of `text` that has a vote, and with each letter of other scripts.
#[inline(always)]
pub fn each(text: &str, mut piece: impl FnMut(Piece<'_>)) {
    each_until(text, |found| {
        piece(found);
        false
    });
}

/// As [`each`], until `enough` says so.
#[inline(always)]
pub fn each_until(text: &str, mut enough: impl FnMut(Piece<'_>) -> bool) {
    let alphabet = Alphabet::get();
    let mut word = [0u32; LONGEST];
    for token in text.split_ascii_whitespace() {
        let Some(kind) = vote(token) else { continue };
        let mut length = 0;
        if kind == Vote::Plain {
            // Nothing but ASCII: a letter's lower-case form is one bit away.
            for byte in token.bytes().chain([b' ']) {
                if byte.is_ascii_alphabetic() {
                    if let Some(place) = word.get_mut(length) {
                        *place = u32::from(byte | 0x20);
                    }
                    length += 1;
                } else if length > 0 {
                    if enough(Piece::Word(Group::Latin, &word[..LONGEST.min(length)], length as u32)) {
                        return;
                    }
                    length = 0;
                }
            }
            continue;
        }
        let mut group = Group::Latin;
        for character in token.chars() {
            let (kind, lower) = alphabet.look_up(character);
            let own = match kind {
                Kind::Letter(own) => Some(own),
                Kind::Mark => continue,
                Kind::Gap | Kind::Other(_) => None,
            };
            // Chinese runs on without spaces: a long run is as many words.
            let full = group == Group::Han && length == LONGEST;
            if length > 0 && (own != Some(group) || full) {
                length = unpointed(group, &mut word, length);
                if enough(Piece::Word(group, &word[..LONGEST.min(length)], length as u32)) {
                    return;
                }
                length = 0;
            }
            match (own, kind) {
                (Some(own), _) => {
                    group = own;
                    if let Some(place) = word.get_mut(length) {
                        *place = lower;
                    }
                    length += 1;
                }
                (None, Kind::Other(script)) if enough(Piece::Letter(script)) => return,
                _ => {}
            }
        }
        length = unpointed(group, &mut word, length);
        if length > 0 && enough(Piece::Word(group, &word[..LONGEST.min(length)], length as u32)) {
            return;
        }
    }
}

/// Takes the vowel points out of a Hebrew word unless all of them are those of Yiddish, which are part of its letters; gives
/// the length that is left. Hebrew is told without points, as it is nearly always written.
#[inline(always)]
fn unpointed(group: Group, word: &mut [u32; LONGEST], length: usize) -> usize {
    let point = |letter: u32| matches!(letter, 0x591..=0x5bd | 0x5bf | 0x5c1 | 0x5c2 | 0x5c4 | 0x5c5 | 0x5c7);
    let held = word.len().min(length);
    if group != Group::Hebrew || !word.iter().take(held).any(|letter| point(*letter)) {
        return length;
    }
    let mut before = 0;
    let yiddish = word.iter().take(held).all(|letter| {
        let letter = *letter;
        let base = before;
        before = if point(letter) { before } else { letter };
        match letter {
            0x5b7 => matches!(base, 0x5d0 | 0x5d9 | 0x5f2),
            0x5b8 => base == 0x5d0,
            0x5b4 => base == 0x5d9,
            0x5bc => matches!(base, 0x5d1 | 0x5d5 | 0x5db | 0x5e4 | 0x5ea),
            0x5bf => matches!(base, 0x5d1 | 0x5db | 0x5e4),
            0x5c2 => base == 0x5e9,
            _ => !point(letter),
        }
    });
    if yiddish {
        return length;
    }
    let (whole, mut kept) = (*word, 0);
    for letter in whole.iter().take(held).filter(|letter| !point(**letter)) {
        word[kept] = *letter;
        kept += 1;
    }
    kept
}

/// What a token that has a vote is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    /// ASCII alone.
    Plain,
    /// Other letters too.
    Mixed,
}

/// No vote for a number, an address, a handle or a hash tag, or what holds no letter at all. A run that is mostly letters
/// beyond ASCII may hold a number: some languages put no spaces between words.
#[inline(always)]
fn vote(token: &str) -> Option<Vote> {
    let (mut found, mut beyond) = (0, 0);
    for byte in token.bytes() {
        found |= TRAITS[usize::from(byte)];
        beyond += usize::from(byte >= 0x80);
    }
    let has = |trait_: u8| found & trait_ != 0;
    let silent = !has(LETTER)
        || (has(ODD) && beyond * 2 < token.len())
        || (has(COLON) && token.contains("//"))
        || (has(DOT) && is_host(token));
    (!silent).then_some(if beyond == 0 { Vote::Plain } else { Vote::Mixed })
}

const LETTER: u8 = 1;
const ODD: u8 = 2;
const COLON: u8 = 4;
const DOT: u8 = 8;

/// What each byte may mean for its token.
static TRAITS: [u8; 256] = {
    let mut traits = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        traits[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => LETTER,
            b'0'..=b'9' | b'@' | b'#' | b'_' | b'\\' => ODD,
            b'/' | b':' => COLON,
            b'.' => DOT,
            _ => 0,
        };
        byte += 1;
    }
    traits
};

/// True for `example.com`, `www.example.org/a/b` and the like.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|character: char| character.is_ascii_punctuation());
    let host = word.split(['/', ':', '?']).next().unwrap_or(word);
    let Some((name, domain)) = host.rsplit_once('.') else { return false };
    let labelled =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    name.starts_with("www.")
        || (name.split('.').all(labelled) && labelled(domain) && host.len() < word.len())
        || (name.is_ascii() && DOMAINS.contains(&domain))
}

/// Top-level domains that end an address even where no path follows it, and no word of a language after a missing space.
const DOMAINS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "info", "eu", "uk", "fr", "de", "es", "it", "nl", "pl", "ru", "cn", "jp", "br",
    "ch", "html", "php", "js", "py", "txt",
];
