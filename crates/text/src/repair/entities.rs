//! HTML character references left in text.

mod subject;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Change, mojibake, shape};
use subject::Subject;

/// The named references with a semicolon of the HTML standard, but for names of two and three letters that are not in
/// HTML 4 (`&it;`, `&in;`): those stand in text by accident too often. `name=code point[,code point]`, in hexadecimal.
const NAMED: &str = include_str!("entities.txt");

static NAMES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let character = |code: &str| u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    let entry = |entry: &'static str| {
        entry.split_once('=').map(|(name, codes)| (name, codes.split(',').filter_map(character).collect()))
    };
    NAMED.split_whitespace().filter_map(entry).collect()
});

/// The well-formed references of `text`, decoded; those that were escaped twice or more are decoded to the end.
///
/// Nothing changes in a line of code or markup, nor between back quotes. In a line about references (`subject.rs`) those that
/// stand for themselves keep their last level: `type &amp;amp;` becomes `type &amp;`.
/// A reference to a line end becomes a space. Numbers from 128 to 159 mean Windows-1252, as the HTML standard says.
///
/// ```
/// use tamis_text::repair::{changed, entities};
/// let text = "Fish &amp;amp; chips&#8217; caf&eacute; &unknown; AT&T; R&amp";
/// assert_eq!(changed(text, &entities::changes(text)), "Fish & chips’ café &unknown; AT&T; R&amp");
/// ```
#[must_use]
pub fn changes(text: &str) -> Vec<Change> {
    if !text.contains('&') || shape::markup(text) {
        return Vec::new();
    }
    // Text is copied up to each semicolon; whatever reference then ends the copy is decoded in place. So the result of
    // one reference can be part of the next, and the whole is still one pass.
    let mut copy = String::with_capacity(text.len());
    let mut decoded: Vec<Decoded> = Vec::new();
    let (mut quoted, mut previous, mut end) = (false, 0, 0);
    let last_quote = text.rfind('`').unwrap_or_default();
    let subject = Subject::of(text);
    for part in text.split_inclusive(';') {
        copy.push_str(part);
        end += part.len();
        for byte in part.bytes() {
            quoted ^= byte == b'`' && previous != b'`';
            previous = byte;
        }
        if !(quoted && end <= last_quote) {
            let rest = text.get(end..).unwrap_or_default();
            while decode_last(&mut copy, &mut decoded, end, |head, name| subject.is_meant(head, name, rest)) {}
        }
    }
    // Undecoded, any text full of references would look like code.
    if !decoded.is_empty() && shape::code(&copy) {
        return Vec::new();
    }
    decoded
        .into_iter()
        .map(|spot| {
            Change::new(
                spot.original_start..spot.original_end,
                copy.get(spot.start..spot.end).unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

/// A decoded reference: where it stood in the text, and where its result stands in the copy.
struct Decoded {
    original_start: usize,
    original_end: usize,
    start: usize,
    end: usize,
}

/// Decodes the reference that ends `copy`. False if there is none, or if it is `meant`, given what stands before it and its name.
fn decode_last(
    copy: &mut String,
    decoded: &mut Vec<Decoded>,
    original_end: usize,
    meant: impl Fn(&str, &str) -> bool,
) -> bool {
    let Some(body) = copy.strip_suffix(';') else { return false };
    let name_bytes =
        body.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').take(33).count();
    let (head, name) = body.split_at(body.len() - name_bytes);
    let Some(head) = head.strip_suffix('&') else { return false };
    let Some(result) = reference(name) else { return false };
    if meant(head, name) {
        return false;
    }
    let start = head.len();
    while decoded.last().is_some_and(|last| last.start >= start) {
        decoded.pop();
    }
    let original_start = decoded.last().map_or(start, |last| last.original_end + start - last.end);
    copy.truncate(start);
    copy.push_str(&result);
    decoded.push(Decoded { original_start, original_end, start, end: copy.len() });
    true
}

/// `text` with its references decoded, for a value that stands on its own, such as a title.
#[must_use]
pub fn decoded(text: &str) -> String {
    super::changed(text, &changes(text))
}

/// What `&name;` stands for.
fn reference(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMES.get(name).map(|result| if result == "\n" { " ".to_owned() } else { result.clone() });
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    match code {
        0x0a..=0x0d | 0x2028 | 0x2029 => Some(" ".to_owned()),
        0x80..=0x9f => mojibake::windows_1252(code as u8).map(String::from),
        0..0x20 | 0x7f => (code == 9).then(|| "\t".to_owned()),
        _ => char::from_u32(code).map(String::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_decoded() {
        assert_eq!(decoded("&#233;&#xE9;&#XE9; &#146; &hellip;&NewLine;&nbsp;x"), "ééé ’ … \u{a0}x");
        assert_eq!(decoded("&#0; &#xD800; &#1114112; &#; &#x; &; &#3;"), "&#0; &#xD800; &#1114112; &#; &#x; &; &#3;");
    }

    #[test]
    fn references_inside_references_are_decoded_to_the_end() {
        assert_eq!(decoded("a &amp;amp;amp;lt; b"), "a < b");
        assert_eq!(decoded("a &&#97;mp; b &#38;eacute&#59;"), "a & b é");
        assert_eq!(changes("a &amp;nbsp; b"), [Change::new(2..12, "\u{a0}")]);
    }

    #[test]
    fn a_text_about_references_keeps_them() {
        for (escaped, kept) in [
            (
                "In HTML wird das kaufmännische Und als &amp;amp; geschrieben, das Kleiner-Zeichen als &amp;lt;.",
                "In HTML wird das kaufmännische Und als &amp; geschrieben, das Kleiner-Zeichen als &lt;.",
            ),
            ("L’entité &amp;nbsp; n&amp;#8217;est pas une espace.", "L’entité &nbsp; n’est pas une espace."),
            ("Write &lt; for a less-than sign &amp; it shows.", "Write &lt; for a less-than sign & it shows."),
            ("Амперсанд пишут как &amp;amp;, а кавычку &amp;quot;.", "Амперсанд пишут как &amp;, а кавычку &quot;."),
            ("&amp;copy; is the entity for ©", "&copy; is the entity for ©"),
            ("実体参照 &amp;gt; を使う", "実体参照 &gt; を使う"),
        ] {
            assert_eq!(decoded(escaped), kept);
            assert_eq!(decoded(kept), kept, "kept once, kept ever");
        }
    }

    #[test]
    fn a_text_that_only_names_html_is_decoded() {
        assert_eq!(decoded("HTML &amp; CSS for beginners"), "HTML & CSS for beginners");
        assert_eq!(decoded("Home &gt; HTML &gt; Tables &nbsp; | Print"), "Home > HTML > Tables \u{a0} | Print");
        assert_eq!(decoded("An HTML course, Tom &amp;amp; Ann&amp;#8217;s"), "An HTML course, Tom & Ann’s");
        assert_eq!(decoded("Caf&eacute; &amp; entities of the state"), "Café & entities of the state");
    }

    #[test]
    fn text_about_markup_is_left_alone() {
        for kept in [
            "write `&lt;p&gt;` for a paragraph",
            "as ``&lt;`` and",
            "    .replace(/&amp;/g, '&amp;')",
            "<p>Tom &amp; Jerry</p>",
            "if (a &amp;&amp; b) {",
            "a & b; c",
            "rock &it;",
        ] {
            assert_eq!(decoded(kept), kept);
        }
    }
}
