//! Names of the Gregorian months: full, inflected and abbreviated, in lower case.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The number of the month that `word` (in lower case) names in any of the languages known.
pub(crate) fn month(word: &str) -> Option<u32> {
    static NAMES: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let numbered = MONTHS.iter().zip(1..);
        numbered.flat_map(|(names, number)| names.split_whitespace().map(move |name| (name, number))).collect()
    });
    NAMES.get(word).copied()
}

/// The month after `tháng` when it is written in words: `chín`, `mười hai`. Moves `at` on where it has two words.
pub(super) fn vietnamese(words: &[&str], at: &mut usize) -> Option<u32> {
    const ONES: [&str; 10] = ["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    if words.first() == Some(&"giêng") {
        return Some(1);
    }
    let first = ONES.iter().position(|name| words.first() == Some(name))? as u32 + 1;
    match words.get(1) {
        Some(&"một") if first == 10 => {
            *at += 1;
            Some(11)
        }
        Some(&"hai") if first == 10 => {
            *at += 1;
            Some(12)
        }
        _ => Some(first),
    }
}

/// One line a month. No name stands for two months, but for Croatian `listopada` (see the caller).
const MONTHS: [&str; 12] = [
    "january jan january's janvier janv januar jän jänner enero ene janeiro gennaio gen januari styczeń stycznia sty январь \
     января янв січень січня січ ocak oca يناير جانفي ژانویه ژانويه जनवरी जन leden ledna tammikuuta tammikuu ιανουαρίου \
     ιανουάριος ιαν ianuarie ian január januára януари gener",
    "february feb février fevrier févr fév fevr februar febr febrero fevereiro fev febbraio februari luty lutego lut февраль \
     февраля фев февр лютий лютого лют şubat şub فبراير شباط فيفري فوریه فوريه फरवरी फ़रवरी únor února helmikuuta φεβρουαρίου \
     φεβρουάριος φεβ februarie február февруари",
    "march mar mars märz mrz maerz marzo março marco maart mrt marzec marca март марта мар березень березня бер mart مارس آذار \
     मार्च maret březen března maaliskuuta μαρτίου μάρτιος μαρ martie március",
    "april apr avril avr abril abr aprile kwiecień kwietnia kwi апрель апреля апр квітень квітня кві квіт nisan nis أبريل إبريل \
     ابريل نيسان أفريل آوریل آوريل अप्रैल duben dubna huhtikuuta απριλίου απρίλιος απρ aprilie április април",
    "may mai mayo maio maggio mag mei maj maja май мая травень травня тра трав mayıs مايو أيار ماي مه مهٔ मई květen května \
     toukokuuta μαΐου μάιος mái május",
    "june jun juin juni junio junho giugno giu czerwiec czerwca cze июнь июня июн червень червня чер черв haziran haz يونيو \
     حزيران جوان ژوئن जून červen června kesäkuuta ιουνίου ιούνιος ιουν iunie június юни",
    "july jul juillet juil juli julio julho luglio lug lipiec lipca lip июль июля июл липень липня лип temmuz tem يوليو تموز \
     جويلية ژوئیه ژوئيه जुलाई červenec července heinäkuuta ιουλίου ιούλιος ιουλ iulie július юли",
    "august aug août aout agosto ago augustus sierpień sierpnia sie август августа авг серпень серпня сер серп ağustos ağu \
     أغسطس آب أوت اوت اوت اگوست अगस्त agustus agu srpen srpna elokuuta αυγούστου αύγουστος αυγ augusti augusztus",
    "september sep sept septembre septiembre setiembre setembro settembre set wrzesień września wrz сентябрь сентября сен сент \
     вересень вересня вер верес eylül eyl سبتمبر أيلول شتنبر سپتامبر सितंबर सितम्बर září syyskuuta σεπτεμβρίου σεπτέμβριος \
     σεπ septembrie szeptember септември",
    "october oct octobre oktober okt octubre outubro out ottobre ott październik października paź październ октябрь октября окт \
     жовтень жовтня жов жовт ekim eki أكتوبر اكتوبر اکتبر अक्टूबर अक्तूबर říjen října lokakuuta οκτωβρίου \
     οκτώβριος οκτ octombrie október октомври",
    "november nov novembre noviembre novembro listopad listopada lis ноябрь ноября ноя нояб листопад листопада лис kasım kas \
     نوفمبر نونبر نوامبر नवंबर नवम्बर listopadu marraskuuta νοεμβρίου νοέμβριος νοε noiembrie ноември",
    "december dec décembre decembre déc dezember dez diciembre dic dezembro dicembre grudzień grudnia gru декабрь декабря дек \
     грудень грудня гру груд aralık ara ديسمبر دجنبر دسامبر दिसंबर दिसम्बर desember des prosinec prosince joulukuuta δεκεμβρίου \
     δεκέμβριος δεκ decembrie декември",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_months() {
        let mut seen = HashMap::new();
        for (names, number) in MONTHS.iter().zip(1..) {
            for name in names.split_whitespace() {
                let other = seen.insert(name, number);
                assert!(other.is_none_or(|other| other == number), "{name} is {other:?} and {number}");
            }
        }
    }
}
