//! Whether a text may name a day at all: each day has a year, and a year is soon seen.

/// Whether `text` has digits beyond ASCII, or four to six digits in a row that begin as a year does, or two after a point.
pub(super) fn may_be_in(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'0'..=b'9' | 0xd9 | 0xdb | 0xe0 | 0xef)) {
        let (before, from) = rest.split_at(at);
        let digits = from.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let year = matches!(from, [b'1', b'9', ..] | [b'2', b'0' | b'1', ..]) && (4..=6).contains(&digits);
        let short = digits == 2 && before.ends_with(b".");
        // The digits beyond ASCII that `digit` knows.
        let foreign = matches!(
            from,
            [0xd9, 0xa0..=0xa9, ..]
                | [0xdb, 0xb0..=0xb9, ..]
                | [0xe0, 0xa5 | 0xa7, 0xa6..=0xaf, ..]
                | [0xef, 0xbc, 0x90..=0x99, ..]
        );
        if year || short || foreign {
            return true;
        }
        rest = from.get(digits.max(1)..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_year_is_seen_and_other_numbers_are_not() {
        for text in ["2023", "September 4, 20239:15 PM", "04.09.23", "٢٠٢٣", "۲۰۲۳", "२०२३", "２０２３年", "in 1999!"]
        {
            assert!(may_be_in(text), "{text}");
        }
        for text in ["", "4 September", "1823", "1234567", "20230904", "3.5", "1.234", "新闻，今天", "21"] {
            assert!(!may_be_in(text), "{text}");
        }
    }
}
