//! Which language a text is in: a code, the prevailing script, and a score. Knows no documents and no stages.
//!
//! Text is cleaned first ([`words`]): lower case, without addresses and digits. Then the script decides, and where a script
//! is written by several languages, their letters do.

mod alphabet;
mod codes;
mod foreign;
mod grams;
mod judge;
mod labels;
mod sample;
mod script;
mod weights;
mod words;

pub use codes::{CODES, are_close, find, name, nearest};
pub use foreign::Foreign;
pub use labels::Label;
pub use sample::{Sample, sample};
pub use script::script;
pub use weights::digest;

use judge::Judge;

/// The name under which manifests record the detector.
pub const DETECTOR: &str = "tamis language 1";

/// What was found out about a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected<'a> {
    /// ISO 639-1 where a code exists, else ISO 639-3; `und` if undecided.
    pub code: &'a str,
    /// ISO 15924, as users of `fra_Latn`-like labels expect it: `Jpan` for Japanese, `Hang` for Korean, `Hans` or `Hant` for
    /// Chinese where its characters tell (else `Hani`); `Zyyy` without letters.
    pub script: &'a str,
    /// Confidence from 0 to 1.
    pub score: f32,
    /// Letters read before the answer stood.
    pub letters: u32,
}

impl<'a> Detected<'a> {
    /// The answer for a text that has no letters to go by.
    #[must_use]
    pub const fn undecided(script: &'a str, letters: u32) -> Self {
        Self { code: UNDECIDED, script, score: 0.0, letters }
    }

    /// Letters in the measure of an alphabet: a Chinese or Japanese character says as much as three letters, a Korean
    /// syllable as much as two.
    #[must_use]
    pub fn weight(&self) -> u32 {
        match self.script {
            "Jpan" | "Hans" | "Hant" | "Hani" => self.letters * 3,
            "Hang" => self.letters * 2,
            _ => self.letters,
        }
    }
}

/// The code of a text whose language is not decided.
pub const UNDECIDED: &str = "und";

/// Tells the language of `text`.
///
/// ```
/// use tamis::text::language::detect;
/// let detected = detect("LES NÉGOCIATIONS REPRENDRONT LUNDI À GENÈVE, see https://example.org/the-news");
/// assert_eq!((detected.code, detected.script), ("fr", "Latn"));
/// assert_eq!(detect("12:45 — 33 %").code, "und");
/// ```
#[must_use]
pub fn detect(text: &str) -> Detected<'static> {
    detect_blocks(std::iter::once(text))
}

/// Tells the language of a text given in blocks, from a bounded sample of them.
#[must_use]
pub fn detect_blocks<'a>(blocks: impl Iterator<Item = &'a str> + Clone) -> Detected<'static> {
    let mut judge = Judge::new();
    sample(blocks, Sample::default(), |part| judge.read(part));
    judge.decide()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_headlines_are_told_like_lower_case_ones() {
        assert_eq!(detect("DER BUNDESTAG STIMMT ÜBER DEN HAUSHALT FÜR DAS KOMMENDE JAHR AB").code, "de");
    }

    #[test]
    fn addresses_and_numbers_do_not_vote() {
        let plain = "Die Sitzung wurde am Abend vertagt.";
        let noisy = "Die Sitzung https://www.example.com/the/best/of/english/news wurde press.office@example.org am 14.03.2024 Abend vertagt.";
        assert_eq!(detect(plain), detect(noisy));
    }

    #[test]
    fn the_scripts_of_east_asia_have_the_labels_of_fineweb() {
        let told = |text| (detect(text).code, detect(text).script);
        assert_eq!(told("東京の天気は明日も晴れるでしょう。"), ("ja", "Jpan"));
        assert_eq!(told("这个国家的经济发展很快，人们对将来充满信心。"), ("zh", "Hans"));
        assert_eq!(told("這個國家的經濟發展很快，人們對將來充滿信心。"), ("zh", "Hant"));
        assert_eq!(told("서울의 날씨는 내일도 맑겠습니다."), ("ko", "Hang"));
    }

    #[test]
    fn text_without_letters_is_undecided() {
        for text in ["", "  ", "1234 5678", "— … !!!", "https://example.org/a/b"] {
            assert_eq!(detect(text), Detected::undecided("Zyyy", 0), "{text:?}");
        }
    }

    #[test]
    fn a_document_is_told_from_its_blocks() {
        let blocks =
            ["Partager", "Le Conseil municipal a voté hier soir le budget de la ville pour l’année prochaine.", "0"];
        assert_eq!(detect_blocks(blocks.into_iter()).code, "fr");
    }
}
