//! How much running prose a text holds: sentences, as opposed to headlines, menus, lists and code.

/// Words that make a sentence one of running prose.
const SENTENCE: u64 = 12;

/// What a word counts, so that parts of words add up in whole numbers.
const WORD: u64 = 12;

/// Words of `text` that stand in sentences of twelve words or more.
///
/// A word is a run of characters without white space that has a letter or a digit. Scripts that set no spaces between words
/// have one for each two characters (Chinese, Japanese) or for each four letters (Thai, Lao, Khmer, Burmese, Tibetan). A sentence ends at a mark
/// such as `.`, `?`, `…`, `。` or `।`, with a space or nothing after it where the script sets spaces; what no mark ends is a
/// headline or an entry of a list, but in the scripts that have no such mark.
///
/// ```
/// use tamis_text::prose::words;
/// let sentence = "The ferry left the harbour at dawn with forty people on board and came back empty.";
/// assert_eq!(words(sentence), 16);
/// assert_eq!(words("The ferry left."), 0);
/// assert_eq!(words("Home News Politics World Business Sport Culture Travel Weather Games Shop Jobs Cars"), 0);
/// ```
#[must_use]
pub fn words(text: &str) -> u64 {
    let (mut total, mut sentence) = (0, Sentence::default());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if character.is_ascii_alphanumeric() => sentence.letter(character.is_ascii_digit()),
            _ if character.is_whitespace() => sentence.in_word = false,
            '.' if sentence.is_abbreviated() => {}
            '.' | '!' | '?' | '…' | '؟' | '۔' => {
                let ends = characters.peek().is_none_or(|next| next.is_whitespace() || CLOSING.contains(next));
                total += if ends { sentence.end() } else { 0 };
            }
            ':' if characters.peek().is_none() => total += sentence.end(),
            '。' | '！' | '？' | '．' | '।' | '॥' | '։' | '።' | '။' | '។' | '།' | '᠃' => {
                total += sentence.end()
            }
            _ if ideographic(character) => sentence.add(WORD / 2),
            _ if unmarked(character) && character.is_alphabetic() => {
                sentence.add(WORD / 4);
                sentence.unmarked += WORD / 4;
            }
            _ if character.is_alphanumeric() => sentence.letter(false),
            _ => {}
        }
    }
    // No mark ends the sentences of these scripts.
    if sentence.unmarked * 2 > sentence.units { total + sentence.end() } else { total }
}

/// A sentence so far.
#[derive(Default)]
struct Sentence {
    units: u64,
    /// Those of scripts that have neither spaces between words nor marks after sentences.
    unmarked: u64,
    in_word: bool,
    /// Letters and digits of the word in hand, and whether it has digits alone.
    letters: u32,
    number: bool,
}

impl Sentence {
    fn letter(&mut self, digit: bool) {
        if !self.in_word {
            self.in_word = true;
            self.letters = 0;
            self.number = true;
            self.units += WORD;
        }
        self.letters += 1;
        self.number &= digit;
    }

    fn add(&mut self, units: u64) {
        self.units += units;
        self.in_word = false;
    }

    /// Whether a full stop here stands after a single letter or a number of one or two digits: `J. Orne`, `am 3. Mai`.
    fn is_abbreviated(&self) -> bool {
        self.in_word && (self.letters == 1 || self.number && self.letters == 2)
    }

    /// The words of the sentence that ends here, if it is long enough; the next begins.
    fn end(&mut self) -> u64 {
        let words = std::mem::take(self).units / WORD;
        if words >= SENTENCE { words } else { 0 }
    }
}

/// What may stand between the mark that ends a sentence and the space after it.
const CLOSING: [char; 13] = ['"', '\'', '”', '“', '’', '»', '«', ')', ']', '」', '』', '*', '_'];

/// Han and kana.
fn ideographic(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Scripts that set neither spaces between words nor, as a rule, marks after sentences: Thai, Lao, Tibetan, Burmese, Khmer.
fn unmarked(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_many_scripts_are_prose() {
        for sentence in [
            "Le conseil a voté lundi la réparation du vieux pont, après un long hiver de tempêtes.",
            "Am 3. Mai hat der Rat der Stadt auf Antrag von J. Orne beschlossen, die alte Brücke zu sanieren.",
            "Городской совет в понедельник проголосовал за ремонт старого моста через реку после долгой зимы.",
            "صوّت مجلس المدينة يوم الاثنين على إصلاح الجسر القديم فوق النهر بعد شتاء طويل من العواصف.",
            "नगर परिषद ने सोमवार को नदी पर बने पुराने पुल की मरम्मत के लिए मतदान किया।",
            "市议会周一投票决定修复河上的旧桥,此前经历了漫长的风暴冬季。",
            "市議会は月曜日、長い嵐の冬を経て川に架かる古い橋を修復することを決めた。",
            "시의회는 월요일 긴 폭풍의 겨울이 지난 뒤 강 위의 오래된 다리를 고치기로 표결로 결정했다.",
            "สภาเทศบาลลงมติเมื่อวันจันทร์ให้ซ่อมแซมสะพานเก่าข้ามแม่น้ำหลังฤดูหนาวที่ยาวนาน",
            "“The council of the town will not repair the old bridge this year or next,” she said.",
        ] {
            assert!(words(sentence) >= 12, "{}: {sentence}", words(sentence));
        }
    }

    #[test]
    fn headlines_menus_and_short_sentences_are_none() {
        for text in [
            "",
            "Council votes to repair the old bridge over the river after a long winter of storms and floods",
            "He came. He saw. He went home. Nobody knew why. It was late. The rain had begun. They slept.",
            "首页 新闻 体育 财经 娱乐 科技 汽车 房产 教育 旅游 时尚 健康 军事 历史",
            "หน้าแรก ข่าว กีฬา",
            "— — — — — — — — — — — — — —.",
        ] {
            assert_eq!(words(text), 0, "{text}");
        }
    }

    #[test]
    fn only_the_long_sentences_of_a_text_count() {
        let long = "The ferry left the harbour at dawn with forty people on board and came back empty.";
        assert_eq!(words(&format!("Why? {long} Nobody knows. {long}")), 32);
        assert_eq!(words("On 3.5 acres at www.example.org the farm of the old man grows beans for all of us."), 17);
    }
}
