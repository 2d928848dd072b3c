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
/// use tamis::text::repair::shape::bullet;
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
    text.match_indices('<').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') && rest.contains('>')
    })
}

/// Whether the line looks like program code, a command or data rather than prose.
#[must_use]
pub fn code(text: &str) -> bool {
    let line = text.trim();
    let starts = [
        "//", "/*", "#include", "#!", "$ ", "import ", "from ", "def ", "return ", "sub ", "my $", "use ", "&", "```",
        "~~~", ">>> ",
    ];
    let started = starts.iter().any(|start| line.starts_with(start));
    if started
        && (!line.ends_with('.') || line.starts_with("//"))
        && !line.starts_with("from ")
        && !line.starts_with("use ")
    {
        return true;
    }
    if started && line.ends_with([';', '}']) || (line.starts_with("from ") && line.contains(" import ")) {
        return true;
    }
    if line.ends_with(['{', '}', '\\'])
        || line.ends_with(");")
        || line.ends_with("):")
        || line.ends_with("};")
        || line.ends_with("],")
    {
        return true;
    }
    let operators = ["==", "!=", "->", "=>", "&&", "||", "+=", ":=", "::", "();", "()."];
    let marks = line.bytes().filter(|byte| b"{}[]=<>#$_\\|*^@~+".contains(byte)).count();
    let words = line.split_ascii_whitespace().count();
    (operators.iter().any(|operator| line.contains(operator)) && marks * 12 > line.len().min(400))
        || (marks > 2 && marks * 8 > line.len() && words < 40)
        || assignment(line)
}

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

/// Words parted by white space, up to `limit`.
#[must_use]
pub fn words(text: &str, limit: usize) -> usize {
    text.split_whitespace().take(limit).count()
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
