//! The languages that the detector tells: ISO 639-1 code where one exists, ISO 639-3 code, English name.

use super::UNDECIDED;

/// Every language that can be told, by code: (ISO 639-1 where it exists else 639-3, ISO 639-3, English name).
pub const CODES: &[(&str, &str, &str)] = &[
    ("af", "afr", "Afrikaans"),
    ("am", "amh", "Amharic"),
    ("ar", "ara", "Arabic"),
    ("az", "aze", "Azerbaijani"),
    ("be", "bel", "Belarusian"),
    ("bg", "bul", "Bulgarian"),
    ("bn", "ben", "Bengali"),
    ("ca", "cat", "Catalan"),
    ("cs", "ces", "Czech"),
    ("cy", "cym", "Welsh"),
    ("da", "dan", "Danish"),
    ("de", "deu", "German"),
    ("el", "ell", "Greek"),
    ("en", "eng", "English"),
    ("eo", "epo", "Esperanto"),
    ("es", "spa", "Spanish"),
    ("et", "est", "Estonian"),
    ("fa", "pes", "Persian"),
    ("fi", "fin", "Finnish"),
    ("fr", "fra", "French"),
    ("gu", "guj", "Gujarati"),
    ("he", "heb", "Hebrew"),
    ("hi", "hin", "Hindi"),
    ("hr", "hrv", "Croatian"),
    ("hu", "hun", "Hungarian"),
    ("hy", "hye", "Armenian"),
    ("id", "ind", "Indonesian"),
    ("it", "ita", "Italian"),
    ("ja", "jpn", "Japanese"),
    ("jv", "jav", "Javanese"),
    ("ka", "kat", "Georgian"),
    ("km", "khm", "Khmer"),
    ("kn", "kan", "Kannada"),
    ("ko", "kor", "Korean"),
    ("la", "lat", "Latin"),
    ("lt", "lit", "Lithuanian"),
    ("lv", "lav", "Latvian"),
    ("mk", "mkd", "Macedonian"),
    ("ml", "mal", "Malayalam"),
    ("mr", "mar", "Marathi"),
    ("my", "mya", "Burmese"),
    ("nb", "nob", "Norwegian Bokmål"),
    ("ne", "nep", "Nepali"),
    ("nl", "nld", "Dutch"),
    ("or", "ori", "Odia"),
    ("pa", "pan", "Punjabi"),
    ("pl", "pol", "Polish"),
    ("pt", "por", "Portuguese"),
    ("ro", "ron", "Romanian"),
    ("ru", "rus", "Russian"),
    ("si", "sin", "Sinhala"),
    ("sk", "slk", "Slovak"),
    ("sl", "slv", "Slovene"),
    ("sn", "sna", "Shona"),
    ("sr", "srp", "Serbian"),
    ("sv", "swe", "Swedish"),
    ("ta", "tam", "Tamil"),
    ("te", "tel", "Telugu"),
    ("th", "tha", "Thai"),
    ("tk", "tuk", "Turkmen"),
    ("tl", "tgl", "Tagalog"),
    ("tr", "tur", "Turkish"),
    ("uk", "ukr", "Ukrainian"),
    ("ur", "urd", "Urdu"),
    ("uz", "uzb", "Uzbek"),
    ("vi", "vie", "Vietnamese"),
    ("yi", "yid", "Yiddish"),
    ("ak", "aka", "Akan"),
    ("zh", "cmn", "Chinese"),
    ("zu", "zul", "Zulu"),
];

/// The code of CODES for an ISO 639-3 code; `und` for one that is not there.
pub(super) fn shorten(long: &str) -> &'static str {
    CODES.iter().find(|(_, known, _)| *known == long).map_or(UNDECIDED, |(code, ..)| code)
}

/// The code as detections have it, if `code` is one of them or [`UNDECIDED`].
#[must_use]
pub fn find(code: &str) -> Option<&'static str> {
    let undecided = (code == UNDECIDED).then_some(UNDECIDED);
    undecided.or_else(|| CODES.iter().map(|(known, ..)| *known).find(|known| *known == code))
}

/// The English name of the language with this code.
#[must_use]
pub fn name(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, ..)| *known == code).map(|(_, _, name)| *name)
}

/// The code that someone who wrote `wrong` most likely meant: by another kind of code (`fra`, `fra_Latn`, `fr-FR`, `__label__fr`),
/// by the language's English name, or by a name that is nearly that.
///
/// ```
/// use tamis::text::language::nearest;
/// assert_eq!(nearest("fra_Latn"), Some("fr"));
/// assert_eq!(nearest("Frensh"), Some("fr"));
/// ```
#[must_use]
pub fn nearest(wrong: &str) -> Option<&'static str> {
    let wrong = wrong.trim().to_lowercase();
    let label = wrong.strip_prefix("__label__").unwrap_or(&wrong);
    let head = label.split(['_', '-']).next().unwrap_or(label);
    let by_code = CODES.iter().find(|(short, long, _)| *short == head || *long == head);
    let by_macrolanguage = || MACROLANGUAGES.iter().find(|(other, _)| *other == head).map(|(_, code)| *code);
    let by_name = || {
        let distances = CODES.iter().map(|(code, _, name)| (strsim::osa_distance(&name.to_lowercase(), label), *code));
        distances.filter(|(distance, _)| *distance <= label.len() / 3).min().map(|(_, code)| code)
    };
    by_code.map(|(code, ..)| *code).or_else(by_macrolanguage).or_else(by_name)
}

/// Other codes in use for languages of the list.
const MACROLANGUAGES: [(&str, &str); 14] = [
    ("no", "nb"),
    ("nor", "nb"),
    ("zho", "zh"),
    ("yue", "zh"),
    ("wuu", "zh"),
    ("fas", "fa"),
    ("arb", "ar"),
    ("azj", "az"),
    ("lvs", "lv"),
    ("npi", "ne"),
    ("ory", "or"),
    ("iw", "he"),
    ("in", "id"),
    ("fil", "tl"),
];

/// True for two languages that are often confused or mutually readable, so that a paragraph of one in a document of the
/// other is no sign of anything.
///
/// ```
/// assert!(tamis::text::language::are_close("nb", "da"));
/// assert!(!tamis::text::language::are_close("fr", "en"));
/// ```
#[must_use]
pub fn are_close(one: &str, other: &str) -> bool {
    one == other || CLOSE.iter().any(|group| group.contains(&one) && group.contains(&other))
}

const CLOSE: [&[&str]; 9] = [
    &["nb", "nn", "da", "sv"],
    &["bs", "hr", "sr", "sl", "mk", "bg"],
    &["cs", "sk"],
    &["id", "ms", "jv", "su"],
    &["es", "pt", "gl", "ca", "ast"],
    &["ru", "uk", "be"],
    &["hi", "mr", "ne"],
    &["tr", "az", "tk"],
    &["xh", "zu", "st", "tn", "ts"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_of_the_detector_has_a_code() {
        for language in whatlang::Lang::all() {
            assert_ne!(shorten(language.code()), UNDECIDED, "{language}");
        }
    }

    #[test]
    fn what_people_write_instead_of_a_code_is_understood() {
        for (wrong, meant) in
            [("no", "nb"), ("pt-BR", "pt"), ("eng", "en"), ("__label__de", "de"), ("german", "de"), ("zho_Hans", "zh")]
        {
            assert_eq!(nearest(wrong), Some(meant), "{wrong}");
        }
        assert_eq!(nearest("qqq"), None);
    }
}
