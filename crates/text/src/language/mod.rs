//! Which language a text is in: a code, the prevailing script, and a score. Knows no documents and no stages.
//!
//! Text is cleaned first ([`pieces`]): lower case, without addresses and digits. Then the script decides, and where a script
//! is written by several languages, their letters do.

mod absent;
mod alphabet;
mod codes;
mod foreign;
mod grams;
mod judge;
mod labels;
mod pieces;
mod sample;
mod script;
mod weights;

pub use absent::absent;
pub use codes::{CODES, are_close, find, name, nearest};
pub use foreign::Foreign;
pub use labels::Label;
pub use sample::{Sample, sample};
pub use script::script;
pub use weights::digest;

use judge::{Judge, Reading};

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

/// The code of a text that is in no language at all: figures, source code.
pub const NO_LANGUAGE: &str = "zxx";

/// Tells the language of `text`.
///
/// ```
/// use tamis_text::language::detect;
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
    sample(blocks, Sample::default(), |part| judge.read(part, Reading::Whole));
    judge.decide()
}

/// Tells the language of one paragraph at less cost: reading ends once one language leads by far, so that what stands first
/// decides where a paragraph is in two.
///
/// ```
/// use tamis_text::language::glance;
/// assert_eq!(glance("Der Stadtrat hat am Montag beschlossen, die alte Brücke zu erneuern.").code, "de");
/// ```
#[must_use]
pub fn glance(paragraph: &str) -> Detected<'static> {
    let mut judge = Judge::new();
    judge.read(paragraph, Reading::UntilSure);
    judge.decide()
}

#[cfg(test)]
mod tests;
