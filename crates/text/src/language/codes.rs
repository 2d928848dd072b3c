//! The languages that the detector tells: ISO 639-1 code where one exists, ISO 639-3 code, English name.

use super::UNDECIDED;

/// Every language that can be told, by code: (ISO 639-1 where it exists else 639-3, ISO 639-3, English name).
pub const CODES: &[(&str, &str, &str)] = &[
    ("ab", "abk", "Abkhaz"),
    ("af", "afr", "Afrikaans"),
    ("ak", "aka", "Akan"),
    ("am", "amh", "Amharic"),
    ("ar", "ara", "Arabic"),
    ("as", "asm", "Assamese"),
    ("ast", "ast", "Asturian"),
    ("az", "aze", "Azerbaijani"),
    ("ba", "bak", "Bashkir"),
    ("be", "bel", "Belarusian"),
    ("bg", "bul", "Bulgarian"),
    ("bho", "bho", "Bhojpuri"),
    ("bn", "ben", "Bengali"),
    ("bo", "bod", "Tibetan"),
    ("br", "bre", "Breton"),
    ("bs", "bos", "Bosnian"),
    ("ca", "cat", "Catalan"),
    ("ce", "che", "Chechen"),
    ("ceb", "ceb", "Cebuano"),
    ("chr", "chr", "Cherokee"),
    ("ckb", "ckb", "Central Kurdish"),
    ("cs", "ces", "Czech"),
    ("cv", "chv", "Chuvash"),
    ("cy", "cym", "Welsh"),
    ("da", "dan", "Danish"),
    ("de", "deu", "German"),
    ("dsb", "dsb", "Lower Sorbian"),
    ("dv", "div", "Dhivehi"),
    ("dz", "dzo", "Dzongkha"),
    ("ee", "ewe", "Ewe"),
    ("el", "ell", "Greek"),
    ("en", "eng", "English"),
    ("eo", "epo", "Esperanto"),
    ("es", "spa", "Spanish"),
    ("et", "est", "Estonian"),
    ("eu", "eus", "Basque"),
    ("fa", "fas", "Persian"),
    ("ff", "ful", "Fula"),
    ("fi", "fin", "Finnish"),
    ("fo", "fao", "Faroese"),
    ("fr", "fra", "French"),
    ("fy", "fry", "Western Frisian"),
    ("ga", "gle", "Irish"),
    ("gd", "gla", "Scottish Gaelic"),
    ("gl", "glg", "Galician"),
    ("gu", "guj", "Gujarati"),
    ("ha", "hau", "Hausa"),
    ("haw", "haw", "Hawaiian"),
    ("he", "heb", "Hebrew"),
    ("hi", "hin", "Hindi"),
    ("hr", "hrv", "Croatian"),
    ("hsb", "hsb", "Upper Sorbian"),
    ("ht", "hat", "Haitian Creole"),
    ("hu", "hun", "Hungarian"),
    ("hy", "hye", "Armenian"),
    ("id", "ind", "Indonesian"),
    ("ig", "ibo", "Igbo"),
    ("ii", "iii", "Sichuan Yi"),
    ("is", "isl", "Icelandic"),
    ("it", "ita", "Italian"),
    ("ja", "jpn", "Japanese"),
    ("jv", "jav", "Javanese"),
    ("ka", "kat", "Georgian"),
    ("kab", "kab", "Kabyle"),
    ("kk", "kaz", "Kazakh"),
    ("km", "khm", "Khmer"),
    ("kn", "kan", "Kannada"),
    ("ko", "kor", "Korean"),
    ("kok", "kok", "Konkani"),
    ("ku", "kur", "Kurdish (Kurmanji)"),
    ("ky", "kir", "Kyrgyz"),
    ("la", "lat", "Latin"),
    ("lb", "ltz", "Luxembourgish"),
    ("lg", "lug", "Ganda"),
    ("ln", "lin", "Lingala"),
    ("lo", "lao", "Lao"),
    ("lt", "lit", "Lithuanian"),
    ("lv", "lav", "Latvian"),
    ("mai", "mai", "Maithili"),
    ("mg", "mlg", "Malagasy"),
    ("mi", "mri", "Māori"),
    ("mk", "mkd", "Macedonian"),
    ("ml", "mal", "Malayalam"),
    ("mn", "mon", "Mongolian"),
    ("mr", "mar", "Marathi"),
    ("ms", "msa", "Malay"),
    ("mt", "mlt", "Maltese"),
    ("my", "mya", "Burmese"),
    ("nb", "nob", "Norwegian Bokmål"),
    ("ne", "nep", "Nepali"),
    ("nl", "nld", "Dutch"),
    ("nn", "nno", "Norwegian Nynorsk"),
    ("nso", "nso", "Northern Sotho"),
    ("ny", "nya", "Chichewa"),
    ("oc", "oci", "Occitan"),
    ("om", "orm", "Oromo"),
    ("or", "ori", "Odia"),
    ("os", "oss", "Ossetian"),
    ("pa", "pan", "Punjabi"),
    ("pl", "pol", "Polish"),
    ("pnb", "pnb", "Western Punjabi"),
    ("ps", "pus", "Pashto"),
    ("pt", "por", "Portuguese"),
    ("qu", "que", "Quechua"),
    ("rm", "roh", "Romansh"),
    ("rn", "run", "Rundi"),
    ("ro", "ron", "Romanian"),
    ("ru", "rus", "Russian"),
    ("rw", "kin", "Kinyarwanda"),
    ("sa", "san", "Sanskrit"),
    ("sah", "sah", "Yakut"),
    ("sc", "srd", "Sardinian"),
    ("sd", "snd", "Sindhi"),
    ("shn", "shn", "Shan"),
    ("si", "sin", "Sinhala"),
    ("sk", "slk", "Slovak"),
    ("sl", "slv", "Slovene"),
    ("sm", "smo", "Samoan"),
    ("sn", "sna", "Shona"),
    ("so", "som", "Somali"),
    ("sq", "sqi", "Albanian"),
    ("sr", "srp", "Serbian"),
    ("st", "sot", "Southern Sotho"),
    ("su", "sun", "Sundanese"),
    ("sv", "swe", "Swedish"),
    ("sw", "swa", "Swahili"),
    ("ta", "tam", "Tamil"),
    ("te", "tel", "Telugu"),
    ("tg", "tgk", "Tajik"),
    ("th", "tha", "Thai"),
    ("ti", "tir", "Tigrinya"),
    ("tk", "tuk", "Turkmen"),
    ("tl", "tgl", "Tagalog"),
    ("tn", "tsn", "Tswana"),
    ("to", "ton", "Tongan"),
    ("tr", "tur", "Turkish"),
    ("ts", "tso", "Tsonga"),
    ("tt", "tat", "Tatar"),
    ("ug", "uig", "Uyghur"),
    ("uk", "ukr", "Ukrainian"),
    ("ur", "urd", "Urdu"),
    ("uz", "uzb", "Uzbek"),
    ("vi", "vie", "Vietnamese"),
    ("wo", "wol", "Wolof"),
    ("xh", "xho", "Xhosa"),
    ("yi", "yid", "Yiddish"),
    ("yo", "yor", "Yoruba"),
    ("zh", "zho", "Chinese"),
    ("zu", "zul", "Zulu"),
];

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
/// use tamis_text::language::nearest;
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
const MACROLANGUAGES: [(&str, &str); 24] = [
    ("no", "nb"),
    ("nor", "nb"),
    ("cmn", "zh"),
    ("yue", "zh"),
    ("wuu", "zh"),
    ("pes", "fa"),
    ("prs", "fa"),
    ("arb", "ar"),
    ("azj", "az"),
    ("lvs", "lv"),
    ("ekk", "et"),
    ("als", "sq"),
    ("npi", "ne"),
    ("ory", "or"),
    ("swh", "sw"),
    ("zsm", "ms"),
    ("khk", "mn"),
    ("uzn", "uz"),
    ("kmr", "ku"),
    ("gaz", "om"),
    ("iw", "he"),
    ("in", "id"),
    ("ji", "yi"),
    ("fil", "tl"),
];

/// True for two languages that are often confused or mutually readable, so that a paragraph of one in a document of the
/// other is no sign of anything.
///
/// ```
/// assert!(tamis_text::language::are_close("nb", "da"));
/// assert!(!tamis_text::language::are_close("fr", "en"));
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
    fn the_codes_stand_in_order_each_once() {
        assert!(CODES.is_sorted_by(|one, next| one.0 < next.0));
        assert!(CODES.len() >= 100);
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
