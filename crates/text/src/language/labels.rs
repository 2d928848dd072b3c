//! What the labels of other detectors mean: `__label__fr`, `__label__fra_Latn`, `zho_Hans`, `cmn_Hani`, `pt-BR`.

use super::UNDECIDED;
use super::codes::CODES;

/// A language as a label names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// ISO 639-1 where a code exists, else ISO 639-3; `und` if the label says that it is not known, `zxx` that there is none.
    pub code: String,
    /// ISO 15924, where the label says it.
    pub script: Option<String>,
}

impl Label {
    /// Reads a label, with or without `__label__`: a code of two or three letters, then perhaps a script or a country. The
    /// one language that stands for a macrolanguage in writing (Mandarin, Standard Arabic, Western Persian) has its code.
    ///
    /// ```
    /// use tamis_text::language::Label;
    /// let label = Label::read("__label__cmn_Hans").ok_or("it is one")?;
    /// assert_eq!((label.code.as_str(), label.script.as_deref()), ("zh", Some("Hans")));
    /// assert_eq!(Label::read("__label__spam"), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn read(label: &str) -> Option<Self> {
        let label = label.strip_prefix("__label__").unwrap_or(label);
        let mut parts = label.split(['_', '-']);
        let head = parts.next().unwrap_or_default();
        let script = parts.find(|part| is_script(part));
        // A bare `als` is Wikipedia's Alemannic; with a script it is ISO 639-3's Tosk Albanian.
        let code = if head == "als" && script.is_none() { "gsw" } else { code(head)? };
        Some(Self { code: code.to_owned(), script: script.map(str::to_owned) })
    }
}

/// The code as the columns have it. Any three small letters may be one of the 7,000 of ISO 639-3.
fn code(head: &str) -> Option<&str> {
    let small = head.bytes().all(|byte| byte.is_ascii_lowercase());
    if !small || !(2..=3).contains(&head.len()) {
        return None;
    }
    let other = OTHERS.iter().find(|(other, _)| *other == head).map(|(_, code)| *code);
    let of_list = || CODES.iter().find(|(short, long, _)| *short == head || *long == head).map(|(short, ..)| *short);
    let of_rest = || REST.iter().find(|(short, long)| *short == head || *long == head).map(|(short, _)| *short);
    other.or_else(of_list).or_else(of_rest).or((head.len() == 3).then_some(head))
}

fn is_script(part: &str) -> bool {
    let mut bytes = part.bytes();
    part.len() == 4
        && bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && bytes.all(|byte| byte.is_ascii_lowercase())
}

/// Codes that are written for another: languages that stand for their macrolanguage, and codes no longer in use.
const OTHERS: [(&str, &str); 43] = [
    ("als", "sq"),
    ("arb", "ar"),
    ("ayr", "ay"),
    ("azj", "az"),
    ("bh", "bho"),
    ("cmn", "zh"),
    ("ekk", "et"),
    ("fil", "tl"),
    ("fuv", "ff"),
    ("gaz", "om"),
    ("gom", "kok"),
    ("gug", "gn"),
    ("in", "id"),
    ("iw", "he"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("khk", "mn"),
    ("kmr", "ku"),
    ("knc", "kr"),
    ("knn", "kok"),
    ("lvs", "lv"),
    ("mo", "ro"),
    ("mol", "ro"),
    ("no", "nb"),
    ("nor", "nb"),
    ("npi", "ne"),
    ("ory", "or"),
    ("pbt", "ps"),
    ("pbu", "ps"),
    ("pes", "fa"),
    ("plt", "mg"),
    ("prs", "fa"),
    ("quy", "qu"),
    ("quz", "qu"),
    ("sh", "hbs"),
    ("swh", "sw"),
    ("uzn", "uz"),
    ("ydd", "yi"),
    ("zlm", "ms"),
    ("zsm", "ms"),
    ("mis", UNDECIDED),
    ("mul", UNDECIDED),
    (UNDECIDED, UNDECIDED),
];

/// The two-letter codes of languages that the embedded detector does not tell: (ISO 639-1, ISO 639-3).
const REST: [(&str, &str); 48] = [
    ("aa", "aar"),
    ("ae", "ave"),
    ("an", "arg"),
    ("av", "ava"),
    ("ay", "aym"),
    ("bi", "bis"),
    ("bm", "bam"),
    ("ch", "cha"),
    ("co", "cos"),
    ("cr", "cre"),
    ("cu", "chu"),
    ("fj", "fij"),
    ("gn", "grn"),
    ("gv", "glv"),
    ("ho", "hmo"),
    ("hz", "her"),
    ("ia", "ina"),
    ("ie", "ile"),
    ("ik", "ipk"),
    ("io", "ido"),
    ("iu", "iku"),
    ("kg", "kon"),
    ("ki", "kik"),
    ("kj", "kua"),
    ("kl", "kal"),
    ("kr", "kau"),
    ("ks", "kas"),
    ("kv", "kom"),
    ("kw", "cor"),
    ("li", "lim"),
    ("lu", "lub"),
    ("mh", "mah"),
    ("na", "nau"),
    ("nd", "nde"),
    ("ng", "ndo"),
    ("nr", "nbl"),
    ("nv", "nav"),
    ("oj", "oji"),
    ("pi", "pli"),
    ("se", "sme"),
    ("sg", "sag"),
    ("ss", "ssw"),
    ("tw", "twi"),
    ("ty", "tah"),
    ("ve", "ven"),
    ("vo", "vol"),
    ("wa", "wln"),
    ("za", "zha"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(label: &str) -> Option<(String, Option<String>)> {
        Label::read(label).map(|label| (label.code, label.script))
    }

    fn pair(code: &str, script: &str) -> Option<(String, Option<String>)> {
        Some((code.to_owned(), (!script.is_empty()).then(|| script.to_owned())))
    }

    #[test]
    fn labels_of_the_known_models_are_read() {
        for (label, code, script) in [
            ("__label__fr", "fr", ""),
            ("__label__fra_Latn", "fr", "Latn"),
            ("fra_Latn", "fr", "Latn"),
            ("zho_Hans", "zh", "Hans"),
            ("__label__cmn_Hani", "zh", "Hani"),
            ("__label__yue_Hant", "yue", "Hant"),
            ("__label__arb_Latn", "ar", "Latn"),
            ("__label__arz", "arz", ""),
            ("__label__no", "nb", ""),
            ("nno_Latn", "nn", "Latn"),
            ("__label__als", "gsw", ""),
            ("__label__als_Latn", "sq", "Latn"),
            ("__label__cos_Latn", "co", "Latn"),
            ("pt-BR", "pt", ""),
            ("zh-Hant-TW", "zh", "Hant"),
            ("__label__und_Mong", "und", "Mong"),
            ("__label__zxx_Latn", "zxx", "Latn"),
        ] {
            assert_eq!(told(label), pair(code, script), "{label}");
        }
    }

    #[test]
    fn labels_that_are_no_languages_are_none() {
        for label in ["__label__hq", "__label__spam", "__label__1", "", "__label__", "EN", "positive_review"] {
            assert_eq!(told(label), None, "{label}");
        }
    }

    #[test]
    fn each_code_means_one_language() {
        for (short, long) in REST {
            assert!(!CODES.iter().any(|(own, other, _)| *own == short || *other == long));
        }
        for (other, code) in OTHERS {
            let known = CODES.iter().any(|(own, ..)| *own == code) || REST.iter().any(|(own, _)| *own == code);
            assert!(known || code.len() == 3, "{other}");
        }
    }
}
