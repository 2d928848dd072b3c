//! What an article's address says about it: the words of its path, and the day that it holds.

use super::weights::bucket;
use tamis_text::characters::is_alphanumeric;
use tamis_text::day::Day;
use unicode_normalization::UnicodeNormalization;

/// The words of an address's path, part by part, and the date in it.
#[derive(Debug, Default)]
pub(super) struct Address {
    /// Hashes of the words, sorted, each once.
    parts: Vec<Vec<u64>>,
    /// Those of all parts.
    all: Vec<u64>,
    /// Whether one of them has a hash that comes to a place here; empty where there is no address.
    places: Vec<bool>,
    /// Year, and month and day where the path holds them.
    date: Option<(i16, i8, Option<i8>)>,
}

/// How alike a line and an address are, in hundredths (Dice's coefficient over words).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness {
    /// To all words of the path.
    pub whole: usize,
    /// To the words of its last part.
    pub last: usize,
    /// To the part that is most alike.
    pub best: usize,
    /// How many of the last part's words the line has, in hundredths.
    pub covered: usize,
    /// The last part has three words or more.
    pub long: bool,
}

impl Address {
    pub fn new(url: &str) -> Self {
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = path.split_once('/').map_or("", |(_, path)| path);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let numbers: Vec<&str> = path.split(['/', '-', '_', '.']).collect();
        let parts = path.split('/').map(|part| {
            let useful =
                |word: &&str| word.bytes().filter(u8::is_ascii_digit).nth(3).is_none() && !ENDINGS.contains(word);
            let part = unescaped(part).to_lowercase();
            distinct(
                part.split(|character: char| !character.is_alphanumeric()).filter(useful).flat_map(hashes).collect(),
            )
        });
        let parts: Vec<Vec<u64>> = parts.filter(|words| !words.is_empty()).collect();
        let all = distinct(parts.iter().flatten().copied().collect());
        let mut places = vec![false; PLACES];
        all.iter().for_each(|word| places[place(*word)] = true);
        Self { parts, all, places, date: date(&numbers) }
    }

    /// Whether the address has no words.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Nothing where the address has no words.
    pub fn likeness(&self, text: &str) -> Option<Likeness> {
        let last = self.parts.last()?;
        let long = last.len() >= 3;
        // Most lines have none of the words.
        let mut known = false;
        each_word(text, |word| known |= self.places[place(word)]);
        if !known {
            return Some(Likeness { whole: 0, last: 0, best: 0, covered: 0, long });
        }
        let own = distinct(hashes(text));
        let both = |part: &[u64]| part.iter().filter(|word| own.binary_search(word).is_ok()).count();
        let alike = |part: &[u64]| 200 * both(part) / (own.len() + part.len()).max(1);
        Some(Likeness {
            whole: alike(&self.all),
            last: alike(last),
            best: self.parts.iter().map(|part| alike(part)).max().unwrap_or_default(),
            covered: 100 * both(last) / last.len().max(1),
            long,
        })
    }

    /// How well `day` fits the date in the address: 0 no date, 1 another one, 2 the same month, 3 the same day.
    pub fn agrees(&self, day: Day) -> u8 {
        let Some((year, month, number)) = self.date else { return 0 };
        let close = |number: i8| Day::new(year, month, number).map_or(i32::MAX, |own| (own.0 - day.0).abs());
        match number {
            Some(number) => 1 + bucket_of_days(close(number)),
            None => 1 + u8::from(close(15) <= 16),
        }
    }
}

/// Within a day (time zones), within a month, further.
fn bucket_of_days(days: i32) -> u8 {
    2 - bucket(usize::try_from(days).unwrap_or(usize::MAX), &[2, 32])
}

const ENDINGS: [&str; 6] = ["html", "htm", "php", "aspx", "index", "www"];

/// `2023/09/04`, `2023-09-04`, `20230904`, `2023/09`.
fn date(numbers: &[&str]) -> Option<(i16, i8, Option<i8>)> {
    let digits = |text: &&str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    for (at, number) in numbers.iter().enumerate() {
        if digits(number, 8) {
            let (year, month, day) =
                (number.get(..4)?.parse().ok()?, number.get(4..6)?.parse().ok()?, number.get(6..)?.parse().ok()?);
            if (1990..=2100).contains(&year) && Day::new(year, month, day).is_some() {
                return Some((year, month, Some(day)));
            }
        }
        if !digits(number, 4) {
            continue;
        }
        let year: i16 = number.parse().ok()?;
        let small = |at: usize, most: i8| {
            let text = numbers.get(at).filter(|text| digits(text, 1) || digits(text, 2))?;
            text.parse::<i8>().ok().filter(|number| (1..=most).contains(number))
        };
        if let Some(month) = small(at + 1, 12).filter(|_| (1990..=2100).contains(&year)) {
            return Some((year, month, small(at + 2, 31)));
        }
    }
    None
}

const PLACES: usize = 1024;

fn place(word: u64) -> usize {
    (word >> 40) as usize % PLACES
}

/// Gives `found` the hashes of the words of `text` in lower case without accents, umlauts as addresses write them.
fn each_word(text: &str, mut found: impl FnMut(u64)) {
    let mut hash = SEED;
    let mut add = |character: Option<char>| match character {
        Some(character) => hash = (hash ^ u64::from(character)).wrapping_mul(0x0100_0000_01b3),
        None if hash != SEED => found(std::mem::replace(&mut hash, SEED)),
        None => {}
    };
    for character in text.chars() {
        if character.is_ascii() {
            if character != '\'' {
                add(character.is_ascii_alphanumeric().then(|| character.to_ascii_lowercase()));
            }
            continue;
        }
        for character in character.to_lowercase() {
            match character {
                'ä' => "ae".chars().for_each(|character| add(Some(character))),
                'ö' => "oe".chars().for_each(|character| add(Some(character))),
                'ü' => "ue".chars().for_each(|character| add(Some(character))),
                'ß' => "ss".chars().for_each(|character| add(Some(character))),
                '’' => {}
                // Chinese characters have no accents.
                '\u{4e00}'..='\u{9fff}' => add(Some(character)),
                _ if is_alphanumeric(character) => {
                    let plain = std::iter::once(character).nfd().filter(|character| is_alphanumeric(*character));
                    plain.for_each(|character| add(Some(character)));
                }
                _ => add(None),
            }
        }
    }
    add(None);
}

fn hashes(text: &str) -> Vec<u64> {
    let mut hashes = Vec::new();
    each_word(text, |word| hashes.push(word));
    hashes
}

/// Sorted, each once.
fn distinct(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Fowler, Noll and Vo's offset.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Percent signs resolved; what is no UTF-8 then stays as it is.
fn unescaped(part: &str) -> String {
    if !part.contains('%') {
        return part.to_owned();
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        match (first, behind) {
            (b'%', [high, low, more @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push((hex(high).unwrap_or_default() * 16 + hex(low).unwrap_or_default()) as u8);
                rest = more;
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_compared_with_headlines_part_by_part() {
        let address = Address::new("https://example.org/politik/2024/03/bruecke-bleibt-gesperrt-12345678.html?x=1#top");
        let likeness = address.likeness("Brücke bleibt gesperrt").expect("it has words");
        assert_eq!((likeness.last, likeness.long), (100, true));
        assert_eq!(address.likeness("Wetter").map(|likeness| likeness.best), Some(0));
        assert_eq!(Address::new("https://example.org/").likeness("Example"), None);
        assert_eq!(unescaped("caf%C3%A9-%zz"), "café-%zz");
    }

    #[test]
    fn the_day_in_a_path_agrees_or_not() {
        let day = |day: i8| Day::new(2024, 3, day).expect("a day");
        let agrees = |url: &str, number: i8| Address::new(url).agrees(day(number));
        assert_eq!(agrees("https://example.org/2024/03/12/x", 12), 3);
        assert_eq!(agrees("https://example.org/2024/03/12/x", 20), 2);
        assert_eq!(agrees("https://example.org/2023-01-02-x", 12), 1);
        assert_eq!(agrees("https://example.org/a-20240312-b", 12), 3);
        assert_eq!(agrees("https://example.org/2024/03/x", 12), 2);
        assert_eq!(agrees("https://example.org/x", 12), 0);
    }
}
