//! The prevailing script of a text, by its ISO 15924 code.

use std::sync::LazyLock;

use unicode_script::Script;

use super::pieces::{self, Piece};

/// The prevailing script of `text`; `Zyyy` without letters.
///
/// ```
/// assert_eq!(tamis_text::language::script("η Ελλάδα (Greece)"), "Grek");
/// ```
#[must_use]
pub fn script(text: &str) -> &'static str {
    prevailing(std::iter::once(text)).0
}

/// The prevailing script of a text given in parts, and how many letters that have a vote it has.
pub(super) fn prevailing<'a>(parts: impl Iterator<Item = &'a str>) -> (&'static str, u32) {
    let mut scripts = Scripts::default();
    for part in parts {
        pieces::each(part, |piece| match piece {
            Piece::Word(group, word, length) => {
                scripts.add(group.script(), length);
                scripts.add_forms(word);
            }
            Piece::Letter(script) => scripts.add(script, 1),
        });
    }
    (scripts.prevailing().1, scripts.letters())
}

/// Letters counted by script.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    latin: u32,
    /// Every script but Latin, in the order in which it was first met.
    others: Vec<(Script, u32)>,
    simplified: u32,
    traditional: u32,
}

impl Scripts {
    /// Counts letters of one script.
    #[inline]
    pub(super) fn add(&mut self, script: Script, letters: u32) {
        if script == Script::Latin {
            self.latin += letters;
            return;
        }
        match self.others.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += letters,
            None => self.others.push((script, letters)),
        }
    }

    /// Counts the Chinese characters that only one of the two ways of writing has.
    pub(super) fn add_forms(&mut self, word: &[u32]) {
        for letter in word {
            match FORMS.get((*letter as usize).wrapping_sub(FIRST_HAN)) {
                Some(Form::Simplified) => self.simplified += 1,
                Some(Form::Traditional) => self.traditional += 1,
                _ => {}
            }
        }
    }

    /// Letters counted in all.
    pub(super) fn letters(&self) -> u32 {
        self.latin + self.others.iter().map(|(_, count)| count).sum::<u32>()
    }

    /// The script with the greatest weight, and its name. Names and words in Latin letters stand in texts of all scripts, the
    /// reverse is rare, so a letter of another script weighs as two; a Han character, half a word or more, as four.
    pub(super) fn prevailing(&self) -> (Script, &'static str) {
        let of = |script| self.others.iter().find(|(known, _)| *known == script).map_or(0, |(_, count)| *count);
        let (han, kana) = (of(Script::Han), of(Script::Hiragana) + of(Script::Katakana));
        // Kana stand in every Japanese sentence, in a Chinese one only as an ornament.
        let (japanese, chinese) = if kana * 8 >= han { (han + kana, 0) } else { (0, han) };
        let east_asian = [
            (Script::Hiragana, "Jpan", japanese * 4),
            (Script::Han, self.chinese(), chinese * 4),
            (Script::Hangul, "Hang", of(Script::Hangul) * 4),
        ];
        let others = self.others.iter().filter(|(script, _)| !EAST_ASIAN.contains(script));
        let others = others.map(|(script, count)| (*script, script.short_name(), *count * 2));
        let mut best = (Script::Common, "Zyyy", 0);
        for (script, name, weight) in
            std::iter::once((Script::Latin, "Latn", self.latin)).chain(east_asian).chain(others)
        {
            if weight > best.2 {
                best = (script, name, weight);
            }
        }
        (best.0, best.1)
    }

    fn chinese(&self) -> &'static str {
        match (self.simplified, self.traditional) {
            (simplified, traditional) if simplified > traditional * 2 => "Hans",
            (simplified, traditional) if traditional > simplified * 2 => "Hant",
            _ => "Hani",
        }
    }
}

const EAST_ASIAN: [Script; 4] = [Script::Han, Script::Hiragana, Script::Katakana, Script::Hangul];

const FIRST_HAN: usize = 0x4e00;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Both,
    Simplified,
    Traditional,
}

/// Which way of writing has the character, from [`FIRST_HAN`] on.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let mut forms = vec![Form::Both; 0xa000 - FIRST_HAN];
    for (list, own) in [(SIMPLIFIED, Form::Simplified), (TRADITIONAL, Form::Traditional)] {
        for character in list.chars() {
            if let Some(form) = forms.get_mut((character as usize).wrapping_sub(FIRST_HAN)) {
                *form = own;
            }
        }
    }
    forms
});

/// Frequent characters that only simplified Chinese writes; each has its traditional form at the same place below.
const SIMPLIFIED: &str = "这国们来时为会说对发过还开经现动点样产业两长问间关头无将话没见让东车马钱总给从书电学实体门觉听应进种军战报员务议设计认记论证该语误请读调谈谁课变远连运达选边传价众优亿仅净减划创则刚别办动势华协单卖双历压参县号吗启围图团场块坏声处备复够夺奖妇孙宁宝审宪宽宾导层岁岛币师带帮广庆库庙废异弃张弹归录彻忆忧怀态总恋恶惊惯愿戏户执扩扫扬护担择换据损摇敌数断旧显术机杀杂权条极构枪标树梦检楼欢欧毁毕气汉汤沟泽洁测济浓涛涨温湿满灭灵灾炉炼烂热爱爷牵状独狱猎环";
/// Their traditional forms.
const TRADITIONAL: &str = "這國們來時為會說對發過還開經現動點樣產業兩長問間關頭無將話沒見讓東車馬錢總給從書電學實體門覺聽應進種軍戰報員務議設計認記論證該語誤請讀調談誰課變遠連運達選邊傳價眾優億僅淨減劃創則剛別辦動勢華協單賣雙歷壓參縣號嗎啟圍圖團場塊壞聲處備復夠奪獎婦孫寧寶審憲寬賓導層歲島幣師帶幫廣慶庫廟廢異棄張彈歸錄徹憶憂懷態總戀惡驚慣願戲戶執擴掃揚護擔擇換據損搖敵數斷舊顯術機殺雜權條極構槍標樹夢檢樓歡歐毀畢氣漢湯溝澤潔測濟濃濤漲溫濕滿滅靈災爐煉爛熱愛爺牽狀獨獄獵環";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_characters_differs_and_stands_in_one_list_only() {
        assert_eq!(SIMPLIFIED.chars().count(), TRADITIONAL.chars().count());
        for (simplified, traditional) in SIMPLIFIED.chars().zip(TRADITIONAL.chars()) {
            assert_ne!(simplified, traditional);
            assert!(!TRADITIONAL.contains(simplified), "{simplified}");
            assert!(!SIMPLIFIED.contains(traditional), "{traditional}");
        }
    }

    #[test]
    fn a_chinese_text_with_foreign_names_is_chinese() {
        assert_eq!(script("苹果公司发布iPhone新机，对手Samsung股价下跌"), "Hans");
    }

    #[test]
    fn letters_shared_by_all_scripts_do_not_decide() {
        assert_eq!(script("ª ʻ 12 ½ ☂ ー"), "Zyyy");
        assert_eq!(script("ー ラーメン"), "Jpan");
    }

    #[test]
    fn rare_scripts_have_their_names() {
        for (text, name) in
            [("አማርኛ", "Ethi"), ("ქართული", "Geor"), ("ދިވެހި", "Thaa"), ("ᏣᎳᎩ", "Cher"), ("ᠮᠣᠩᠭᠣᠯ", "Mong")]
        {
            assert_eq!(script(text), name);
        }
    }
}
