//! In which order a page writes day and month in numbers: `05/04/2023`.

use tamis_text::characters::is_alphanumeric;
use tamis_text::date::{NumericOrder, numeric_order};
use tamis_text::language::detect_blocks;

/// The order that the page itself tells: by another date on it, by its time zone, by its language, by its address.
///
/// English alone tells nothing, since its writers use both orders; then the order stays unknown.
pub fn order(texts: &[&str], url: Option<&str>) -> NumericOrder {
    let dated = || texts.iter().filter(|text| text.len() <= 160 && has_numeric_date(text));
    if dated().next().is_none() {
        return NumericOrder::Unknown;
    }
    let told = |order| dated().filter(|text| numeric_order(text) == order).count();
    match (told(NumericOrder::DayFirst), told(NumericOrder::MonthFirst)) {
        (0, 0) => {}
        (_, 0) => return NumericOrder::DayFirst,
        (0, _) => return NumericOrder::MonthFirst,
        _ => return NumericOrder::Unknown,
    }
    match detect_blocks(texts.iter().copied()).code {
        "en" => {}
        // Where the year usually comes first, both orders are foreign.
        "zh" | "ja" | "ko" | "hu" | "lt" | "mn" | "und" => return NumericOrder::Unknown,
        _ => return NumericOrder::DayFirst,
    }
    let zone = |zones: &[&str]| {
        dated().any(|text| text.split(|character: char| !is_alphanumeric(character)).any(|word| zones.contains(&word)))
    };
    if zone(&["EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"]) {
        return NumericOrder::MonthFirst;
    }
    let host =
        url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or_default());
    let country = host.and_then(|host| host.rsplit('.').next()).unwrap_or_default();
    let day_first =
        ["uk", "ie", "au", "nz", "in", "za", "de", "fr", "eu", "ch", "at", "it", "es", "nl", "be"].contains(&country);
    if day_first || zone(&["BST", "GMT", "CET", "CEST", "IST", "AEST", "AEDT"]) {
        return NumericOrder::DayFirst;
    }
    NumericOrder::Unknown
}

/// `12/10/2023`, `12-10-2023`.
fn has_numeric_date(text: &str) -> bool {
    let year =
        |near: &[u8]| matches!(near, [b'0'..=b'9', b'/' | b'-', b'1' | b'2', b'0' | b'9', b'0'..=b'9', b'0'..=b'9']);
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'/', b'-', bytes).any(|at| at > 0 && bytes.get(at - 1..at + 5).is_some_and(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_numbers_is_told_by_the_page() {
        let french = "Le conseil municipal a voté hier soir le budget de la ville pour l’année prochaine, et les travaux commenceront.";
        let english = "The town council voted last night on the budget of the town for the coming year, and the works will begin soon.";
        let unclear = "Publié le 10/04/2024";
        assert_eq!(order(&[french, unclear], None), NumericOrder::DayFirst);
        assert_eq!(order(&[english, "Published 10/04/2024"], None), NumericOrder::Unknown);
        assert_eq!(order(&[english, "Published 10/04/2024", "28/03/2024"], None), NumericOrder::DayFirst);
        assert_eq!(order(&[english, "Published 10/04/2024, 5:00 PM EDT"], None), NumericOrder::MonthFirst);
        assert_eq!(
            order(&[english, "Published 10/04/2024"], Some("https://www.example.co.uk/x")),
            NumericOrder::DayFirst
        );
        assert_eq!(order(&[english, "10/24/2024", "24/10/2024", "10/04/2024"], None), NumericOrder::Unknown);
    }
}
