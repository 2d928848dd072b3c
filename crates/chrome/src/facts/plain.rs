//! Whether words around a name or a day are those of a byline or a date line, or those of a sentence that speaks of it.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use tamis_text::characters::{is_alphabetic, is_alphanumeric, is_lowercase};
use tamis_text::date::is_month;

/// Words of `text` that begin with a small letter and that bylines and date lines do not have.
pub(super) fn plain_words(text: &str) -> usize {
    let words = text.split(|character: char| character.is_whitespace() || MARKS.contains(&character));
    words.filter(|word| begins_small(word) && !is_known(word)).count()
}

/// Whether the last word of `text` says that what follows wrote the article: `Posted on 4 March`, `Ein Kommentar`.
pub(super) fn ends_as_label(text: &str) -> bool {
    let word = text.split_whitespace().next_back().unwrap_or_default();
    let word = word.trim_matches(|character: char| !is_alphanumeric(character)).to_lowercase();
    LABELS.split('|').any(|label| label == word)
}

fn begins_small(word: &str) -> bool {
    word.chars().find(|character| is_alphabetic(*character)).is_some_and(is_lowercase)
        && !word.contains(['@', '_', '.'])
        && !word.starts_with(|character: char| character.is_ascii_digit())
}

fn is_known(word: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&str, FixedState>> =
        LazyLock::new(|| LABELS.split('|').chain(SMALL.split('|')).collect());
    let word = word.trim_matches(|character: char| !is_alphanumeric(character)).to_lowercase();
    KNOWN.contains(word.as_str()) || is_month(&word)
}

const MARKS: [char; 14] = ['|', '/', '•', '·', ',', ';', '(', ')', '[', ']', '–', '—', '>', '\u{a0}'];

/// Words for an article, and for writing and publishing it.
const LABELS: &str = "posted|published|written|updated|reported|report|reporting|story|text|texts|words|edited|article|column|opinion|\
    analysis|review|interview|comment|commentary|essay|authored|submitted|created|started|compiled|contributed|feature|\
    post|modified|ago|author|editor|reporter|correspondent|writer|veröffentlicht|geschrieben|verfasst|erstellt|\
    aktualisiert|kommentar|analyse|bericht|beitrag|artikel|gastbeitrag|reportage|kolumne|gepostet|publié|publiée|écrit|\
    rédigé|posté|propos|recueillis|mis|mise|jour|ligne|texte|entretien|modifié|publicado|publicada|escrito|texto|artículo|\
    artigo|redactado|postado|actualizado|atualizado|pubblicato|pubblicata|scritto|testo|articolo|aggiornato|geschreven|\
    geplaatst|gepubliceerd|bijgewerkt|tekst|skriven|publicerad|publicerat|uppdaterad|opublikowano|dodano|autor|\
    aktualizacja|опубликовано|обновлено|текст|автор|опубліковано|оновлено|diterbitkan|diperbarui|oleh|yayınlanma|\
    güncelleme";

/// Small words, times and zones around them.
const SMALL: &str = "this|was|originally|first|last|on|at|by|and|the|a|an|in|am|pm|a.m|p.m|h|min|mins|minute|minutes|hour|hours|day|days|\
    read|to|st|nd|rd|th|et|gmt|utc|um|uhr|von|und|mit|ein|eine|den|vom|le|la|à|par|avec|er|el|por|de|del|las|con|às|il|\
    alle|di|da|ore|do|om|op|door|met|uur|av|och|kl|og|w|o|i|g|r|года|в|и|року|о|pada|pukul|wib|saat|lúc|monday|tuesday|\
    wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|\
    jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|segunda-feira|terça-feira|\
    quarta-feira|quinta-feira|sexta-feira|segunda|terça|quarta|quinta|sexta|feira|maandag|dinsdag|woensdag|donderdag|\
    vrijdag|zaterdag|zondag|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|mandag|tirsdag|lørdag|poniedziałek|wtorek|\
    środa|czwartek|piątek|sobota|niedziela|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|понеділок|\
    вівторок|середа|четвер|п'ятниця|субота|неділя|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar|senin|selasa|rabu|\
    kamis|jumat|sabtu|minggu|thứ|ngày";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_date_lines_are_told_from_those_of_sentences() {
        for text in [
            "Published on Monday, 4 March at 10:00 am",
            "Publié le 4 mars 2024 à 10h00",
            "Veröffentlicht am 4. März um 16 Uhr",
            "viernes, 31 de mayo de",
            "Updated",
            "mis à jour le",
            "от 12 мая 2020 года",
            "",
        ] {
            assert!(plain_words(text) <= 1, "{text}: {}", plain_words(text));
        }
        for (text, least) in [
            ("hangs in the hall", 2),
            ("The old bridge was opened on", 3),
            ("must ask the residents", 3),
            ("kamen alle zusammen", 3),
        ] {
            assert!(plain_words(text) >= least - 1, "{text}: {}", plain_words(text));
        }
        assert!(ends_as_label("Ein Kommentar") && ends_as_label("Posted") && !ends_as_label("Painted"));
    }
}
