//! What a line looks like: code, markup, list item, sentence. Cheap signs, each on the side of leaving text alone.

use std::ops::Range;

/// A line that starts with a bullet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bullet {
    /// Bytes of the bullet itself; what comes before is indentation.
    pub mark: Range<usize>,
    /// Where the item's text starts.
    pub body: usize,
}

/// The bullet that starts `text`, if what follows is one item: letters or digits, and not the same bullet again.
///
/// ```
/// use tamis_text::repair::shape::bullet;
/// assert_eq!(bullet("  • Bread").map(|bullet| (bullet.mark, bullet.body)), Some((2..5, 6)));
/// assert_eq!(bullet("• News • Sport"), None);
/// ```
#[must_use]
pub fn bullet(text: &str) -> Option<Bullet> {
    let item = text.trim_start();
    let start = text.len() - item.len();
    let mark = item.chars().next().filter(|c| BULLETS.contains(c))?;
    let rest = item.get(mark.len_utf8()..)?;
    let body = rest.trim_start();
    let apart = body.len() < rest.len() || (mark == '•' && rest.starts_with(char::is_alphanumeric));
    (apart && body.contains(char::is_alphanumeric) && !body.contains(mark))
        .then(|| Bullet { mark: start..start + mark.len_utf8(), body: text.len() - body.len() })
}

/// Round, square and arrow bullets, and those of the Symbol and Wingdings fonts, which stand in the area for private use.
const BULLETS: [char; 21] = [
    '•', '‣', '⁃', '∙', '●', '○', '◦', '▪', '▫', '■', '·', '►', '▸', '➢', '➤', '❖', '\u{f0b7}', '\u{f0a7}', '\u{f0d8}',
    '\u{f076}', '\u{f0a8}',
];

/// Whether the line starts as an item of a plain-text list does: `- `, `* `, `1. `, `2) `, `(a) `, a bullet.
#[must_use]
pub fn list_item(text: &str) -> bool {
    let text = text.trim_start();
    if let Some(rest) =
        text.strip_prefix(['-', '*', '+', '–', '#', '>', '|', ':', '§', '•', '●', '·', '▪', '‣', '◦', '○', '■'])
    {
        return text.starts_with(['#', '>', '|', '§']) || rest.starts_with([' ', '\t']);
    }
    let label = text.trim_start_matches(['(', '[']);
    let name_bytes = label.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, rest) = label.split_at(name_bytes);
    let numbered = name_bytes <= 3 && name.bytes().all(|byte| byte.is_ascii_digit());
    let lettered = name_bytes == 1 || (name_bytes <= 4 && name.bytes().all(|byte| b"ivxlIVXL".contains(&byte)));
    let opened = label.len() < text.len();
    let closed = rest.starts_with([')', ']']) || (!opened && rest.starts_with('.'));
    name_bytes > 0
        && (numbered || lettered)
        && closed
        && rest.get(1..).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// Whether the line holds an HTML or XML tag or comment.
#[must_use]
pub fn markup(text: &str) -> bool {
    let Some(head) = text.rfind('>').and_then(|end| text.get(..end)) else { return false };
    let tag = |c: char| c.is_ascii_alphabetic() || c == '/' || c == '!';
    head.match_indices('<').any(|(at, _)| head.get(at + 1..).is_some_and(|rest| rest.starts_with(tag)))
}

/// Whether the line looks like program code, a command or data rather than prose.
#[must_use]
pub fn code(text: &str) -> bool {
    let line = text.trim();
    let (mut marks, mut joints) = (0, 0);
    for byte in line.bytes() {
        marks += usize::from(SIGNS[usize::from(byte)] == 2);
        joints += usize::from(SIGNS[usize::from(byte)] != 0);
    }
    let first = line.as_bytes().first().copied().unwrap_or_default();
    let statement = line.ends_with([';', '}', '{', '\\', ')', ']', ',', ':']);
    if b"/#$idrm`~>".contains(&first)
        && STARTS.iter().any(|start| line.starts_with(start))
        && (statement || !line.ends_with('.'))
    {
        return true;
    }
    if (line.starts_with("from ") && line.contains(" import ")) || (line.starts_with("use ") && line.ends_with(';')) {
        return true;
    }
    if joints == 0 {
        return false;
    }
    if line.ends_with(['{', '}', '\\']) || [");", "):", "};", "],", "')", "\")"].iter().any(|end| line.ends_with(end)) {
        return true;
    }
    let dense = |share: usize| marks * share > line.len().min(400);
    (dense(12) && OPERATORS.iter().any(|operator| line.contains(operator)))
        || (marks > 2 && dense(8) && words(line, 40) < 40)
        || (marks > 0 && assignment(line))
}

/// What lines of code start with and sentences hardly do.
const STARTS: [&str; 12] =
    ["//", "/*", "#include", "#!", "$ ", "import ", "def ", "return ", "my $", "```", "~~~", ">>> "];

const OPERATORS: [&str; 11] = ["==", "!=", "->", "=>", "&&", "||", "+=", ":=", "::", "();", "()."];

/// 2 for the marks that code is dense in, 1 for others that its operators hold.
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let dense = b"{}[]=<>#$_\\|*^@~+";
    let others = b"&:();";
    let mut at = 0;
    while at < dense.len() {
        signs[dense[at] as usize] = 2;
        at += 1;
    }
    at = 0;
    while at < others.len() {
        signs[others[at] as usize] = 1;
        at += 1;
    }
    signs
};

/// `name = value`, without a sentence around it.
fn assignment(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim_end().trim_end_matches(['+', '-', '|', ':']);
    !value.is_empty() && !name.trim().contains(' ') && !line.ends_with(['.', '!', '?', '…'])
}

/// Whether the line is set as a row of a table: bars, tabs inside, or a rule of dashes.
#[must_use]
pub fn table_row(text: &str) -> bool {
    let line = text.trim();
    line.contains('\t')
        || line.bytes().filter(|byte| *byte == b'|').count() > 1
        || !line.contains(char::is_alphanumeric)
}

/// Whether the line ends as a sentence does, closing quotes and brackets apart.
#[must_use]
pub fn sentence_end(text: &str) -> bool {
    let closing = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '”' | '’' | '»' | '«' | '“' | ')' | ']' | '」' | '』' | '）' | '*' | '_')
    };
    text.trim_end_matches(closing)
        .ends_with(['.', '!', '?', '…', ':', '。', '！', '？', '：', '।', '۔', '؟', '።', '։', '၊', '။', '។', '᠃', '॥'])
}

/// Words separated by white space, up to `limit`.
#[must_use]
pub fn words(text: &str, limit: usize) -> usize {
    text.as_bytes().split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).take(limit).count()
}

/// Columns that the text takes in a terminal or an editor: two for an East Asian character, none for a mark.
#[must_use]
pub fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let column = |c: char| match c {
        '\0'..'\u{300}' => 1,
        '\u{1100}'..='\u{115f}' | '\u{ac00}'..='\u{d7a3}' | '\u{1f300}'..='\u{1faff}' => 2,
        _ if ideographic(c) => 2,
        '\u{200b}'..='\u{200f}' => 0,
        _ => usize::from(!mark(c)),
    };
    text.chars().map(column).sum()
}

/// Whether `character` belongs to a script that sets no space between words and fills a square: Han, kana, their punctuation.
#[must_use]
pub fn ideographic(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{2fdf}' | '\u{2ff0}'..='\u{2fff}' | '\u{3001}'..='\u{312f}' | '\u{3190}'..='\u{31ff}' | '\u{3200}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether `character` is a combining mark.
#[must_use]
pub fn mark(character: char) -> bool {
    character >= '\u{300}' && unicode_normalization::char::is_combining_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_items_are_told_from_sentences() {
        for item in ["- a", "* b", "  12. c", "(a) d", "3) e", "# f", "iv. g", "> h", "[1] i"] {
            assert!(list_item(item), "{item}");
        }
        for prose in ["Mr. Smith", "2023. was", "a word", "-5 degrees", "*bold* text", "Well) then"] {
            assert!(!list_item(prose), "{prose}");
        }
    }

    #[test]
    fn code_is_told_from_prose() {
        for line in [
            "for i in range(3):",
            "x = 1  # one",
            "return a + b;",
            "foo(bar);",
            "if (a &amp;&amp; b) {",
            "$ cargo build",
            "name: Vec<u8> = x.into();",
        ] {
            assert!(code(line), "{line}");
        }
        for line in [
            "He said: (and this is true) no.",
            "from the beginning it was clear that",
            "1. Erstens;",
            "E = mc² is known to all of us.",
            "a & b; c",
            "use of force is not allowed",
        ] {
            assert!(!code(line), "{line}");
        }
    }
}
