//! Texts in no language at all: tables of figures, lists of addresses, source code.
//!
//! Each sign is on the side of a language: one paragraph of prose in eight is enough for one.

use crate::repair::shape;

/// How surely a text, given in blocks, is in no language, from 0 to 1; None where it may be in one.
///
/// ```
/// use tamis_text::language::absent;
/// let table = ["2019  14.2  1,204  88 %", "2020  13.9  1,377  91 %", "2021  15.0  1,402  93 %"];
/// assert!(absent(table.into_iter()).is_some());
/// assert!(absent(["Prices rose by 14.2 % to 1,204 in 2019."].into_iter()).is_none());
/// ```
#[must_use]
pub fn absent<'a>(blocks: impl Iterator<Item = &'a str> + Clone) -> Option<f32> {
    let total: usize = blocks.clone().map(str::len).sum();
    let mut prose = 0;
    for block in blocks.clone() {
        prose += if is_prose(block) { block.len() } else { 0 };
        if prose * PROSE_SHARE > total {
            return None;
        }
    }
    figures(blocks.clone()).or_else(|| code(blocks))
}

/// One byte of prose in so many makes a text one of some language.
const PROSE_SHARE: usize = 8;
/// So many words in a row are prose.
const PROSE_WORDS: usize = 6;
/// So many letters of a script without spaces are.
const PROSE_LETTERS: usize = 10;
/// Of figures, so many characters must stand there where there are letters beside them.
const FIGURES: usize = 40;
/// Where there are none.
const BARE_FIGURES: usize = 8;
/// Fewer lines of code may be an example.
const CODE_LINES: usize = 5;

/// Whether the line holds a row of words, and is no comment of a program.
fn is_prose(line: &str) -> bool {
    if is_comment(line) {
        return false;
    }
    // A script without spaces has no words to count.
    if line.chars().take(64).filter(|c| c.is_alphabetic() && shape::ideographic(*c)).count() >= PROSE_LETTERS {
        return true;
    }
    let mut row = 0;
    for token in line.split_whitespace() {
        match word(token) {
            Some(beyond)
                if beyond >= PROSE_LETTERS && !token.contains(|c: char| c.is_lowercase() || c.is_uppercase()) =>
            {
                return true;
            }
            Some(_) => row += 1,
            None => row = 0,
        }
        if row == PROSE_WORDS {
            return true;
        }
    }
    false
}

/// How many letters beyond ASCII the token has, if it is a word.
fn word(token: &str) -> Option<usize> {
    let body = token.trim_matches(|c: char| !c.is_alphanumeric() && !shape::mark(c));
    let (mut letters, mut beyond) = (0, 0);
    for character in body.chars() {
        match character {
            '\'' | '’' | '-' | '‑' => {}
            _ if character.is_alphabetic() || shape::mark(character) => {
                letters += 1;
                beyond += usize::from(!character.is_ascii());
            }
            // East Asian punctuation stands between words without a space.
            _ if beyond > 0 && !character.is_ascii() => {}
            _ => return None,
        }
    }
    (letters > 0).then_some(beyond)
}

/// The text is figures and signs, with hardly a word among them.
fn figures<'a>(blocks: impl Iterator<Item = &'a str>) -> Option<f32> {
    let (mut all, mut letters, mut words) = (0, 0, 0);
    for token in blocks.flat_map(str::split_whitespace) {
        all += token.chars().count();
        letters += token.chars().filter(|c| c.is_alphabetic()).count();
        // An address is no word, but words may be joined by marks.
        if token.contains(['/', '@', '_', '=', '\\']) {
            continue;
        }
        for part in token.split(['.', ',', ':', ';', '!', '?', '|', '&']) {
            if let Some(beyond) = word(part).filter(|beyond| *beyond > 0 || part.len() > 2) {
                words += beyond.max(part.chars().count());
            }
        }
    }
    let enough = if letters == 0 { BARE_FIGURES } else { FIGURES };
    (all >= enough && words * PROSE_SHARE < all).then(|| 1.0 - words as f32 / all as f32)
}

/// The text is source code: most of its lines, and none of them a sentence.
fn code<'a>(blocks: impl Iterator<Item = &'a str>) -> Option<f32> {
    let (mut lines, mut code, mut comments) = (0, 0, 0);
    for line in blocks {
        lines += 1;
        let comment = is_comment(line);
        comments += usize::from(comment);
        code += usize::from(!comment && is_code(line));
    }
    let beyond_doubt = code >= CODE_LINES && (code + comments) * 10 >= lines * 7 && code * 2 >= lines;
    beyond_doubt.then(|| (code + comments) as f32 / lines as f32)
}

fn is_comment(line: &str) -> bool {
    let body = line.trim_start();
    let starts = ["//", "/*", "#", "--", ";;", "<!--", "*/", "\"\"\""].iter().any(|mark| body.starts_with(mark));
    starts || (body.len() < line.len() && (body.starts_with("* ") || body == "*"))
}

fn is_code(line: &str) -> bool {
    let body = line.trim();
    if shape::code(line) || is_call(body) || is_declaration(body) || (body.starts_with('<') && body.ends_with('>')) {
        return true;
    }
    let first = body.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let closed = body.ends_with([':', '{', '(', ')', ';', ',', ']', '"']);
    (KEYWORDS.contains(&first) && (closed || body.len() == first.len()))
        || SQL.iter().any(|start| body.starts_with(start))
}

/// `name.of_it(arguments)`.
fn is_call(body: &str) -> bool {
    let Some((name, _)) = body.split_once('(') else { return false };
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:$@".contains(&byte));
    named && body.ends_with([')', ';', ',', '{'])
}

/// `margin-left: 4px;`, as in style sheets.
fn is_declaration(body: &str) -> bool {
    let Some((name, _)) = body.strip_suffix(';').and_then(|body| body.split_once(':')) else { return false };
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Words that begin statements.
const KEYWORDS: [&str; 48] = [
    "async",
    "await",
    "begin",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "def",
    "default",
    "do",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "export",
    "finally",
    "fn",
    "for",
    "func",
    "function",
    "if",
    "impl",
    "import",
    "interface",
    "let",
    "match",
    "module",
    "namespace",
    "package",
    "pass",
    "private",
    "protected",
    "public",
    "raise",
    "return",
    "static",
    "struct",
    "switch",
    "throw",
    "try",
    "type",
    "use",
    "var",
    "while",
    "yield",
];

/// What clauses of SQL start with.
const SQL: [&str; 14] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "FROM ",
    "WHERE ",
    "JOIN ",
    "LEFT JOIN ",
    "INNER JOIN ",
    "GROUP BY ",
    "ORDER BY ",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_absent(text: &str) -> bool {
        absent(text.lines().filter(|line| !line.trim().is_empty())).is_some()
    }

    #[test]
    fn figures_addresses_and_rules_are_no_language() {
        for text in [
            "1 2 3 4 5 6 7 8 9 10",
            "01:12:44  7.2  118\n01:13:02  7.1  121\n01:13:20  6.9  119\nAvg  7.07  119.3",
            "https://example.org/a/b?c=1\nhttps://example.org/d/e?f=2\nmailto:office@example.org\n",
            "+-----+------+\n| 1 | 2.5 |\n| 3 | 4.75 |\n+-----+------+\n| 10 | 20.0 |",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3 O-O",
        ] {
            assert!(is_absent(text), "{text}");
        }
    }

    #[test]
    fn source_code_is_no_language() {
        let python = "import os\n\n# Counts the lamps of each pier and says so.\ndef count(piers):\n    total = 0\n    for pier in piers:\n        total += len(pier.lamps)\n    return total\n\nclass Pier:\n    def __init__(self, lamps):\n        self.lamps = lamps\n\nprint(count([Pier([1, 2])]))";
        let rust = "use std::fs;\n\nfn main() {\n    let text = fs::read_to_string(\"a.txt\").unwrap();\n    for line in text.lines() {\n        println!(\"{line}\");\n    }\n}";
        let css = "body {\n  margin: 0;\n  color: #333;\n}\n.note {\n  font-size: 12px;\n  padding-left: 4px;\n}";
        let sql = "CREATE TABLE lamp (\n  id integer primary key,\n  pier text);\nINSERT INTO lamp VALUES (1, 'north');\nSELECT pier, count(id)\nFROM lamp\nWHERE id > 3\nGROUP BY pier;";
        for text in [python, rust, css, sql] {
            assert!(is_absent(text), "{text}");
        }
    }

    #[test]
    fn texts_with_words_are_in_a_language() {
        for text in [
            "Year Sales Profit Staff\nNorth 120 34 12\nSouth 98 21 9\nWest 77 15 8",
            "Ein Programm beginnt mit dieser Zeile und endet mit der letzten.\n\nimport os\nx = os.getcwd()\nprint(x)\ny = len(x)\nprint(y)\nexit()",
            "Le score était de 3 à 1 (25-22, 20-25, 25-18, 25-19).",
            "12 : 45",
            "Meier.Huber.Schmidt, Weber:Lang, Dr.Kurz, St.Veit, Wien, Graz, Linz",
            "- Brot\n- Milch\n- Eier\n- Butter\n- Salz\n- Mehl\n- Zucker\n- Hefe",
            "東京 12 大阪 34 名古屋 56 札幌 78 福岡 90 神戸 11 京都 22 横浜 33",
            "Then he said; and she said;\nand they both said; nothing;\nand the sea said; nothing;\nnothing; nothing;\nand nothing;\nand so on;",
            "สภาเทศบาลเมืองมีมติเมื่อวันอังคาร",
            "# Titel\n\n* eins\n* zwei\n* drei\n* vier\n* fünf\n* sechs",
        ] {
            assert!(!is_absent(text), "{text}");
        }
    }
}
