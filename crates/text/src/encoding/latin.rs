//! Which encoding of Latin letters text is in, told by the letters of its language.
//!
//! The detector of web browsers goes by pairs of letters, and takes Hungarian, in which only `ő` and `ű` differ from Western
//! letters, for Western. Here the language is told first, which its ASCII letters mostly suffice for; then the encoding is the
//! one in which all other letters are letters of that language.

use encoding_rs::{
    Encoding, ISO_8859_2, ISO_8859_16, MACINTOSH, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257,
};

use crate::language;

/// The encoding of `sample`: `guess`, or another in which fewer letters and signs are foreign to the language.
#[must_use]
pub fn refine(guess: &'static Encoding, sample: &[u8]) -> &'static Encoding {
    let letters = sample.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let beyond = sample.iter().filter(|byte| !byte.is_ascii()).count();
    if letters < beyond * 2 {
        return guess;
    }
    let own = misfits(guess, sample);
    let mut best = (own.unwrap_or(usize::MAX), guess);
    for candidate in CANDIDATES {
        if best.0 > 0
            && candidate != guess
            && let Some(found) = misfits(candidate, sample)
            && found < best.0
        {
            best = (found, candidate);
        }
    }
    best.1
}

/// In the order in which they are preferred. Those that are left out differ from these in few letters.
const CANDIDATES: [&Encoding; 7] =
    [WINDOWS_1252, WINDOWS_1250, ISO_8859_2, WINDOWS_1254, WINDOWS_1257, ISO_8859_16, MACINTOSH];

/// The score from which a language is told well enough.
const TOLD: f32 = 0.5;

/// How many characters of `sample` in this encoding are foreign to its language. None if its language is not known well.
fn misfits(encoding: &'static Encoding, sample: &[u8]) -> Option<usize> {
    let text = encoding.decode_without_bom_handling(sample).0;
    let told = language::detect(&text);
    let (_, own) = LETTERS.iter().find(|(code, _)| *code == told.code).filter(|_| told.score >= TOLD)?;
    let mut count = 0;
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let inside = before.is_alphabetic() && after.is_alphabetic();
        before = character;
        if character.is_ascii() {
            continue;
        }
        let fits = if character.is_alphabetic() {
            let mut small = character.to_lowercase();
            own.contains(small.next().unwrap_or(character))
        } else {
            SIGNS.contains(character) && (!inside || "’‘·–—…\u{a0}\u{ad}".contains(character))
        };
        count += usize::from(!fits);
    }
    Some(count)
}

/// Signs that any language may use.
const SIGNS: &str = "“”„‚‘’–—…«»‹›•·°€£§©®™¿¡²³½¼¾‰†‡×÷±\u{a0}\u{ad}";

/// The letters beyond ASCII of languages that are written in one of the encodings, in small letters.
const LETTERS: [(&str, &str); 34] = [
    ("af", "êëéèôöûüáîï"),
    ("ca", "àçèéíïòóúü"),
    ("cs", "áčďéěíňóřšťúůýž"),
    ("da", "æøåéü"),
    ("de", "äöüßéàè"),
    ("en", "éèêëçñöüäáàâíóôïœæøåß"),
    ("es", "áéíñóúüç"),
    ("et", "äõöüšž"),
    ("eu", "ñçü"),
    ("fi", "äöåšž"),
    ("fo", "áæðíóøúý"),
    ("fr", "àâæçèéêëîïôœùûüÿ"),
    ("fy", "âêôûúéëï"),
    ("ga", "áéíóú"),
    ("gl", "áéíñóúüç"),
    ("hr", "čćđšž"),
    ("hu", "áéíóöőúüű"),
    ("is", "áæðéíóöþúý"),
    ("it", "àèéìíòóùú"),
    ("lb", "äëéöüè"),
    ("lt", "ąčęėįšųūž"),
    ("lv", "āčēģīķļņšūž"),
    ("nb", "æøåéòôü"),
    ("nl", "éëïóöüèêçäá"),
    ("nn", "æøåéòôü"),
    ("pl", "ąćęłńóśźż"),
    ("pt", "áâãàçéêíóôõúü"),
    ("ro", "ăâîşţșț"),
    ("sk", "áäčďéíĺľňóôŕšťúýž"),
    ("sl", "čšžćđ"),
    ("bs", "čćđšž"),
    ("sq", "çë"),
    ("sv", "åäöéüà"),
    ("tr", "çğıöşüâîû"),
];

#[cfg(test)]
mod tests {
    use crate::encoding::{by_label, decode};

    const HUNGARIAN: [&str; 4] = [
        "Az őszi vásárt a főtéren tartják, ahol a termelők bemutatják az idei szőlőt és a fűszereket.",
        "Megérkezett a bőséges esőzés, a gazdák örülnek.",
        "Több száz hűtőházat zárnak be jövőre.",
        "A szülők gyűlést kértek az iskolában.",
    ];
    const POLISH: [&str; 3] = [
        "Wójt gminy zapowiedział, że łąki nad jeziorem zostaną ogrodzone jeszcze przed świętami.",
        "Świeże mięso drożeje, a rolnicy mówią o stratach.",
        "Dziś otwarto źródło wody pitnej we wsi Głębokie.",
    ];

    fn check(text: &str, label: &str) {
        let (bytes, _, unmappable) = by_label(label).unwrap().encode(text);
        assert!(!unmappable, "{label}: {text}");
        assert_eq!(decode(&bytes, None).text, text, "{label}");
    }

    #[test]
    fn hungarian_and_polish_are_told_from_western_text_in_short_pieces() {
        for label in ["windows-1250", "iso-8859-2"] {
            HUNGARIAN.iter().for_each(|text| check(text, label));
            check(&HUNGARIAN.join("\n\n"), label);
            POLISH.iter().for_each(|text| check(text, label));
        }
        check("„Előbb a tetőt javítjuk meg” – mondta a tanító…", "windows-1250");
    }

    #[test]
    fn other_languages_of_central_europe_keep_their_letters() {
        for (text, label) in [
            ("Škola otevře novou tělocvičnu, řekl ředitel, žáci se těší.", "windows-1250"),
            ("Škola otevře novou tělocvičnu, řekl ředitel, žáci se těší.", "iso-8859-2"),
            ("Škola otvorí novú telocvičňu, povedal riaditeľ, žiaci sa tešia.", "windows-1250"),
            ("Škola otvorí novú telocvičňu, povedal riaditeľ, žiaci sa tešia.", "iso-8859-2"),
            ("Vlada je odločila, da bo šola žal še letos zaprta.", "windows-1250"),
            ("Primăria a hotărât să repare podul şi să închidă strada în această vară.", "iso-8859-2"),
        ] {
            check(text, label);
        }
    }

    #[test]
    fn western_text_stays_western() {
        for (text, label) in [
            ("A prefeitura não decidiu ainda: as obras começarão amanhã, õu não?", "windows-1252"),
            ("La forêt brûle, a dû dire le maire ; dès lundi, on sûrement reconstruira.", "windows-1252"),
            ("Vallavanem ütles, et põllud on põuast kõrbenud.", "windows-1252"),
            ("El niño cayó al río. ¿Quién lo sacó? ¡Nadie!", "windows-1252"),
            ("Vinnan byrjar í vor, sagði sýslumaðurinn, og lýkur þó ekki fyrr en síðar.", "windows-1252"),
            ("Der Bürgermeister grüßt: „Schöne Grüße aus Österreich!“", "windows-1252"),
            ("Belediye başkanı yarın açılışa katılacağını söyledi, ışıklar yandı.", "windows-1254"),
            ("Savivaldybė nusprendė, kad tiltą reikės taisyti jau šią žiemą, įspėjo meras.", "windows-1257"),
        ] {
            check(text, label);
        }
    }
}
