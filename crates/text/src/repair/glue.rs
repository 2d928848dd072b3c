//! Sentences that lost the space between them: `the Times.A man said`, `fertig!Dann`, `домой.Утром`.
//!
//! A stop between a small letter and a capital also stands in addresses, file names, abbreviations, names of products and
//! code. So what comes before must look like a word, what follows like the start of a sentence, and the whole like nothing
//! else; where the word before is a name itself (`Rocket.Chat`), only words that start sentences count (`starters.rs`).

mod starters;

use super::{Change, shape};

/// What kind of text the line stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing suggests code.
    Plain,
    /// Code or names of its parts stand in it, so only words that start sentences count.
    Technical,
}

/// Whether a line shows that its text is about programs.
#[must_use]
pub fn is_technical(text: &str) -> bool {
    text.contains(['`', '{', '_']) || text.contains("()") || shape::code(text)
}

/// The spaces that are missing in `text`.
///
/// ```
/// use tamis_text::repair::changed;
/// use tamis_text::repair::glue::{Subject, changes};
/// let text = "Il l'a dit au Soir.Un témoin l'a vu sur exemple.Com, dans Node.JS et à St.Malo.";
/// let whole = "Il l'a dit au Soir. Un témoin l'a vu sur exemple.Com, dans Node.JS et à St.Malo.";
/// assert_eq!(changed(text, &changes(text, Subject::Plain)), whole);
/// ```
#[must_use]
pub fn changes(text: &str, subject: Subject) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut before = ' ';
    let mut code = None;
    for (at, character) in text.char_indices() {
        let end = std::mem::replace(&mut before, character);
        if ends(end) && starts(character) && joins(text, at, subject) && !*code.get_or_insert_with(|| shape::code(text))
        {
            changes.push(Change::new(at..at, " "));
        }
    }
    changes
}

/// Characters that may end a sentence.
#[must_use]
pub fn ends(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '»' | '”' | '։')
}

/// Characters that may start one.
#[must_use]
pub fn starts(character: char) -> bool {
    character.is_uppercase() || matches!(character, '¿' | '¡' | '«' | '„')
}

/// Whether a space is missing before the character at `at`, which starts a sentence, after one that ends it.
fn joins(text: &str, at: usize, subject: Subject) -> bool {
    let (Some(head), Some(tail)) = (text.get(..at), text.get(at..)) else { return false };
    let Some(stop) = Stop::of(head) else { return false };
    let blank = head.char_indices().rev().find(|(_, c)| c.is_whitespace());
    let token_start = blank.map_or(0, |(space, c)| space + c.len_utf8());
    let token_end = at + tail.find(char::is_whitespace).unwrap_or(tail.len());
    let before = text.get(token_start..stop.start).unwrap_or_default();
    let Some(after) = text.get(at..token_end) else { return false };
    if !pure(before, true) || !pure(after, false) {
        return false;
    }
    let word = before
        .rsplit(|c: char| !c.is_alphanumeric() && !shape::mark(c))
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let start = after.trim_start_matches(['¿', '¡', '«', '„', '\u{a0}']);
    let next: &str = start.split(|c: char| !c.is_alphanumeric() && !shape::mark(c)).next().unwrap_or_default();
    if next.is_empty() && start.len() == after.len() {
        return false;
    }
    // After an opening mark, and after two marks, nothing else can be meant.
    let marked = start.len() < after.len();
    let follows = text.get(token_end..).unwrap_or_default();
    // A quotation mark may stand apart from the sentence it closes: `« Non. »Il`.
    let apart = before.is_empty()
        && stop.kind == Kind::Quote
        && shape::sentence_end(head.get(..token_start).unwrap_or_default());
    match if apart { Word::Small } else { Word::of(word, before) } {
        Word::Other => false,
        _ if marked => stop.opens(head, tail),
        Word::Small if stop.kind == Kind::Armenian => true,
        kind => {
            stop.closes(head) && sentence(next, start, follows) && !same(word, next) && {
                let starter = starters::is_one(next);
                match kind {
                    Word::Small if subject == Subject::Plain || stop.kind != Kind::Dot => {
                        starter || (!ending(next) && next.chars().nth(1).is_some())
                    }
                    _ => starter && !ending(next),
                }
            }
        }
    }
}

/// The marks between the two sentences.
struct Stop {
    /// Where they begin.
    start: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One full stop.
    Dot,
    /// Marks that nothing but a sentence ends with.
    Mark,
    /// A quotation mark after a word or a mark.
    Quote,
    /// The full stop of Armenian, which has no other use.
    Armenian,
}

impl Stop {
    fn of(head: &str) -> Option<Self> {
        let body = head.trim_end_matches(|c: char| ends(c) || c == ')');
        let marks = head.get(body.len()..)?;
        let kind = match marks {
            "." | ")." => Kind::Dot,
            "։" => Kind::Armenian,
            _ if marks.contains(['»', '”']) => Kind::Quote,
            // A bracket alone ends no sentence.
            _ if marks.ends_with(')') || marks.len() > 8 => return None,
            _ => Kind::Mark,
        };
        (!body.is_empty()).then_some(Self { start: body.len(), kind })
    }

    /// Whether a quotation mark at the end closes something.
    fn closes(&self, head: &str) -> bool {
        if self.kind != Kind::Quote {
            return true;
        }
        let count = |mark: char| head.matches(mark).count();
        match head.chars().next_back() {
            // In some languages they open: »Wort«.
            Some('»') => count('«') >= count('»'),
            Some('”') => count('“') + count('„') >= count('”'),
            _ => true,
        }
    }

    /// Whether the quotation mark that follows opens something.
    fn opens(&self, head: &str, tail: &str) -> bool {
        let balanced = head.matches('«').count() == head.matches('»').count();
        self.closes(head) && (!tail.starts_with('«') || balanced)
    }
}

/// Whether a part of the token holds nothing but letters and the marks of words and quotations.
fn pure(part: &str, first: bool) -> bool {
    let body = if first {
        part.trim_start_matches(['(', '[', '"', '\'', '*'])
    } else {
        part.trim_end_matches(['"', ')', ']', '*'])
    };
    let mut dotted = false;
    let sound = body.chars().all(|c| {
        dotted |= matches!(c, '.' | '!' | '?') && first;
        c.is_alphabetic()
            || shape::mark(c)
            || matches!(
                c,
                '\'' | '’'
                    | '-'
                    | '‑'
                    | '–'
                    | '—'
                    | '«'
                    | '»'
                    | '“'
                    | '”'
                    | '„'
                    | '‘'
                    | '…'
                    | '\u{ad}'
                    | '¿'
                    | '¡'
                    | '!'
                    | '?'
            )
            || (first && (c.is_ascii_digit() || c == '%' || c == '€'))
            || (!first && matches!(c, ',' | ';' | ':' | '.'))
    });
    // `a.b.C` is a path; after the start, a stop may only end the token.
    let inner = !first
        && body.trim_end_matches(['.', '!', '?', ',', ';', ':', '»', '”', '…']).contains(['.', ':', ';', '!', '?']);
    sound && !dotted && !inner
}

/// What stands before the stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// A word in small letters.
    Small,
    /// A name, an acronym, a year, or a word of two letters: it may be the first part of something.
    Name,
    /// None of these: an abbreviation, an initial, a number.
    Other,
}

impl Word {
    fn of(word: &str, before: &str) -> Self {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        if letters == 0 {
            let year = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) && before.len() == 4;
            return if year { Self::Name } else { Self::Other };
        }
        let inner = before.trim_end_matches(['«', '»', '“', '”', '"', '’', ')']);
        if word.contains(|c: char| c.is_numeric()) || !inner.ends_with(|c: char| c.is_alphabetic() || shape::mark(c)) {
            return Self::Other;
        }
        let mut characters = word.chars();
        let capital = characters.next().is_some_and(char::is_uppercase);
        let (small, large) = characters.fold((0, 0), |(small, large), c| {
            (small + usize::from(c.is_lowercase()), large + usize::from(c.is_uppercase()))
        });
        if letters < 2 || starters::is_abbreviation(word) || !voiced(word) && small > 0 {
            return Self::Other;
        }
        match (capital, small, large) {
            (false, 1, 0) => Self::Name,
            (false, _, 0) => Self::Small,
            _ if letters < 3 => Self::Other,
            (true, 1.., 0) | (true, 0, 2..) => Self::Name,
            _ => Self::Other,
        }
    }
}

/// Whether a word in an alphabet of vowels and consonants has a vowel; abbreviations often have none.
fn voiced(word: &str) -> bool {
    use unicode_normalization::UnicodeNormalization;
    let latin_or_cyrillic = word.chars().any(|c| matches!(c, 'A'..='z' | '\u{400}'..='\u{4ff}'));
    !latin_or_cyrillic || word.nfd().any(|c| "aeiouyæøœıəаеиоуыэюяіїєўAEIOUYÆØŒАЕИОУЫЭЮЯІЇЄ".contains(c))
}

/// Whether `next`, with which `start` begins, starts a sentence that goes on in `follows`.
fn sentence(next: &str, start: &str, follows: &str) -> bool {
    let mut letters = next.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.as_str();
    let small = rest.chars().all(|c| c.is_lowercase() || shape::mark(c));
    if !capital || !small {
        return false;
    }
    let goes_on = follows.trim_start().starts_with(|c: char| c.is_alphanumeric() || "«“„\"'(‘’¿¡—–-".contains(c));
    let elided = rest.is_empty() && start.get(next.len()..).is_some_and(|after| after.starts_with(['\'', '’']));
    match rest.is_empty() {
        // One letter: a word in small letters follows, or it is elided: `L’été`.
        true => elided || (start.len() == next.len() && follows.trim_start().starts_with(char::is_lowercase)),
        false => goes_on || start.len() > next.len(),
    }
}

/// The last parts of domains, which write them with a capital at times.
fn ending(next: &str) -> bool {
    [
        "Com", "Net", "Org", "Edu", "Gov", "Info", "Biz", "Co", "Io", "Ai", "Tv", "Eu", "Uk", "Ru", "Fr", "Nl", "Pl",
        "App", "Dev", "Js", "Exe", "Txt", "Pdf", "Doc", "Jpg", "Png", "Zip", "Html", "Php",
    ]
    .contains(&next)
}

/// `decimal.Decimal` is a name.
fn same(word: &str, next: &str) -> bool {
    word.to_lowercase() == next.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repair::changed;

    fn parted(text: &str) -> String {
        changed(text, &changes(text, Subject::Plain))
    }

    #[test]
    fn sentences_are_parted_in_any_cased_script() {
        for (glued, whole) in [
            ("Le port est fermé.Les pêcheurs attendent.", "Le port est fermé. Les pêcheurs attendent."),
            ("Selon le Courrier.A l’entendre, rien ne presse.", "Selon le Courrier. A l’entendre, rien ne presse."),
            ("Il pleut.L’eau monte.", "Il pleut. L’eau monte."),
            ("Ainsi va la vie.Personne n’y peut rien.", "Ainsi va la vie. Personne n’y peut rien."),
            ("Das Schiff sank.Niemand wurde verletzt.", "Das Schiff sank. Niemand wurde verletzt."),
            ("So sagt es die Neue Post.Der Rat schweigt.", "So sagt es die Neue Post. Der Rat schweigt."),
            (
                "Cerraron el puente.¿Quién lo abrirá?Nadie lo sabe.",
                "Cerraron el puente. ¿Quién lo abrirá? Nadie lo sabe.",
            ),
            ("Мост закрыли.Утром его откроют.", "Мост закрыли. Утром его откроют."),
            ("Так пишет Вестник.Он ошибается.", "Так пишет Вестник. Он ошибается."),
            ("Η γέφυρα έκλεισε.Κανείς δεν περνά.", "Η γέφυρα έκλεισε. Κανείς δεν περνά."),
            ("Most zamknięto.Nikt nie przejdzie.", "Most zamknięto. Nikt nie przejdzie."),
            (
                "The bridge is shut!Nobody crosses…Then it opened?Yes indeed.",
                "The bridge is shut! Nobody crosses… Then it opened? Yes indeed.",
            ),
            (
                "Sie rief »zwei Stunden«.Niemand kam so spät an.Die Uhr schlug.",
                "Sie rief »zwei Stunden«. Niemand kam so spät an. Die Uhr schlug.",
            ),
            ("« C’est fini. »Le maire s’en va.", "« C’est fini. » Le maire s’en va."),
            ("“It is over.”Then he left.", "“It is over.” Then he left."),
            ("The work ended in 2019.The town forgot it.", "The work ended in 2019. The town forgot it."),
            ("It was voted down by NATO.The minister left.", "It was voted down by NATO. The minister left."),
            ("Nobody saw it.The sea was calm.", "Nobody saw it. The sea was calm."),
            ("Es war spät (sehr spät).Dann kam er.", "Es war spät (sehr spät). Dann kam er."),
            ("Il a dit oui.«Non», répondit-elle.", "Il a dit oui. «Non», répondit-elle."),
        ] {
            assert_eq!(parted(glued), whole);
        }
    }

    #[test]
    fn names_addresses_and_abbreviations_stay() {
        for text in [
            "We chat on Rocket.Chat and build with Node.JS and ASP.NET all day.",
            "See www.example.Com/About.Us or info@Example.Org for more.",
            "Write to Dr.Miller, Prof.Weber and St.John at No.Five.",
            "J.R.R.Tolkien and A.Dumas wrote; the U.S.Army and Ph.D.Students read.",
            "Open the file Readme.Txt or report.Final.Doc in it.",
            "Call decimal.Decimal and time.Now() or List.Add(x) there.",
            "Version 3.Beta and chapter 12.Section are out.",
            "On 25.Jun.2019 it ended; vgl.Abb.3 and z.B.Hamburg too.",
            "Yahoo!Japan and Pop!OS are names, Fal.Con Gov and Coffee.Co too.",
            "Er rief: »Halt!« Dann »Wort« und »Er«.",
            "The fork at main/x...Topic is a range of commits, a.B.C is a path.",
            "Он живёт на ул.Ленина, тел.Номер не указан, им.Пушкина.",
            "Das gilt ab.Haus und im.Garten.",
            "Namespace::System.Management.Automation is theirs.",
            "ООО «Рога.Копыта» и сайт Пример.Рф тут",
            "l’Olwokuna n’Abavubuka",
        ] {
            assert_eq!(parted(text), text);
        }
    }

    #[test]
    fn in_technical_text_only_words_that_start_sentences_count() {
        let text = "It uses subprocess.Popen here and socketserver.Request there.The rest stays.";
        assert_eq!(
            changed(text, &changes(text, Subject::Technical)),
            "It uses subprocess.Popen here and socketserver.Request there. The rest stays."
        );
        assert!(is_technical("call `it`") && is_technical("as foo() does") && !is_technical("The end."));
    }

    #[test]
    fn parting_twice_is_parting_once() {
        for text in ["Fin.Le début.Un autre.", "Ende!Anfang?Mitte…Rest »so«Der", "a.B.C.D Te.Re.Me"] {
            let once = parted(text);
            assert_eq!(parted(&once), once);
        }
    }
}
