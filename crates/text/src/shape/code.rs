//! Whether a line by itself is program code, a command or markup, by signs that prose of no language has.

use crate::prose;
use crate::repair::shape::markup;

/// What stands in a line besides words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs {
    /// Marks that code is dense in.
    marks: usize,
    /// Brackets right after a name, as in `open(`.
    calls: usize,
    /// Bytes that are no white space.
    visible: usize,
    /// Bars, tabs, and gaps of three spaces or more.
    pub(super) bars: usize,
    pub(super) tabs: usize,
    pub(super) gaps: usize,
    /// A bar stands at the beginning.
    pub(super) edge: bool,
}

/// The marks that code is dense in.
const MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let dense = b"{}[]<>=$_\\|*^~+&#;";
    let mut at = 0;
    while at < dense.len() {
        marks[dense[at] as usize] = true;
        at += 1;
    }
    marks
};

impl Signs {
    /// Counts in one pass over `line`, which has no white space at its ends.
    pub(super) fn of(line: &str) -> Self {
        let mut signs = Self { edge: line.starts_with('|'), ..Self::default() };
        let (mut last, mut spaces) = (b' ', 0);
        for byte in line.bytes() {
            signs.marks += usize::from(MARKS[usize::from(byte)]);
            match byte {
                b' ' => {
                    spaces += 1;
                    signs.gaps += usize::from(spaces == 3);
                    last = byte;
                    continue;
                }
                b'(' => signs.calls += usize::from(last.is_ascii_alphanumeric() || last == b'_'),
                b'|' => signs.bars += 1,
                b'\t' => signs.tabs += 1,
                _ => {}
            }
            signs.visible += usize::from(byte != b'\t');
            (last, spaces) = (byte, 0);
        }
        signs
    }

    /// One in so many visible bytes, or more, is a sign of code.
    fn one_in(&self, bytes: usize) -> bool {
        (self.marks + self.calls) * bytes >= self.visible
    }
}

/// Whether `line`, without white space at its ends, is code.
pub(super) fn is_code(line: &str, signs: &Signs) -> bool {
    if comment(line) {
        return true;
    }
    let found = begins_so(line)
        || signs.marks + signs.calls > 0
            && (ends_so(line, signs)
                || opens_block(line, signs)
                || assignment(line)
                || signs.one_in(8) && OPERATORS.iter().any(|operator| line.contains(operator))
                || line.starts_with('<') && line.ends_with('>') && markup(line))
        || member(line)
        || options(line);
    // A sentence that quotes a little code is a sentence.
    found && (signs.one_in(12) || prose::words(line) == 0)
}

const OPERATORS: [&str; 14] = ["==", "!=", "->", "=>", "&&", "||", "+=", ":=", "::", "()", "</", "/>", " = ", "${"];

/// A comment or a directive, which may hold a sentence.
fn comment(line: &str) -> bool {
    const BEGINNINGS: [&str; 10] =
        ["// ", "/*", "<!--", "#!/", "#include", "#define", "#ifdef", "#ifndef", "#endif", "#pragma"];
    line.starts_with(['/', '<', '#']) && BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
}

/// The prompt of a shell, or a line that takes in a library.
fn begins_so(line: &str) -> bool {
    if !line.starts_with(['>', '$', 'i', 'f', 'u', 'p']) {
        return false;
    }
    let prompt =
        line.strip_prefix("$ ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '.'));
    prompt || line.starts_with(">>> ") || imports(line)
}

/// `import os`, `from a import b`, `use a::b;`, `package a.b;`, and no sentence that begins with one of these words.
fn imports(line: &str) -> bool {
    let words = |text: &str| text.split_whitespace().count();
    if let Some(rest) = line.strip_prefix("import ") {
        let body = rest.trim_end_matches(['.', ' ']);
        return words(rest) == 1
            || body.contains(['.', '{', '*', '"', '\'']) && words(rest) < 8 && !body.contains(". ");
    }
    if let Some((from, _)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
        return words(from) == 1;
    }
    let named = ["use ", "using ", "package "].iter().find_map(|word| line.strip_prefix(word));
    named.is_some_and(|name| name.ends_with(';') && words(name) < 4)
}

/// Ends as a statement or a block does.
fn ends_so(line: &str, signs: &Signs) -> bool {
    match line.as_bytes() {
        [.., b'{' | b'}' | b'\\'] => line.is_ascii() || signs.one_in(12),
        [.., b'}', b';' | b','] => true,
        [.., b';'] => {
            let joined = ["=", "()", "::", "->", "<<"].iter().any(|joint| line.contains(joint));
            joined
                || signs.calls > 0 && line.ends_with(");") && line.contains(['.', '_', '"', '\'', '['])
                || KEYWORDS.contains(&first(line))
        }
        _ => false,
    }
}

/// Words that begin statements and seldom a clause that ends with a semicolon.
const KEYWORDS: [&str; 16] = [
    "return", "break", "continue", "var", "let", "const", "int", "char", "float", "double", "void", "public",
    "private", "static", "throw", "goto",
];

fn first(line: &str) -> &str {
    line.split([' ', ';']).next().unwrap_or_default()
}

/// `for x in range(3):`, `class A(B):`, `if a > b:`.
fn opens_block(line: &str, signs: &Signs) -> bool {
    const OPENERS: [&str; 10] = ["def", "class", "if", "elif", "for", "while", "with", "except", "switch", "case"];
    line.ends_with(':') && OPENERS.contains(&first(line)) && (signs.calls > 0 || signs.one_in(16))
}

/// `name = value`, without a sentence around it.
fn assignment(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim_end_matches(['+', '-', '|', ':', '*', '/', '&', '!', '<', '>', '=']).trim();
    let named = !name.is_empty() && name.split_whitespace().count() < 3 && name.is_ascii();
    named && !value.trim().is_empty() && !line.ends_with(['.', '!', '?', '…'])
}

/// `"name": value` of JSON, `name: value;` of a style sheet.
fn member(line: &str) -> bool {
    if let Some((_, value)) = line.strip_prefix('"').and_then(|line| line.split_once("\":")) {
        let value = value.trim_start();
        let begins = |c: char| c.is_ascii_digit() || "\"{[-".contains(c);
        let word = ["true", "false", "null"].contains(&value.trim_end_matches(','));
        return value.is_empty() || word || value.starts_with(begins) && !value.ends_with(['.', '!', '?']);
    }
    let declared = line.strip_suffix(';').and_then(|line| line.split_once(':'));
    declared.is_some_and(|(name, value)| {
        let property = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        !name.is_empty() && name.bytes().all(property) && value.split_whitespace().count() < 4 && value.is_ascii()
    })
}

/// A command with options: `tar -xzf archive.tar.gz`, `cargo build --release`.
fn options(line: &str) -> bool {
    let command = first(line);
    let named = command.len() > 1
        && command.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte));
    if !named || !line.contains(" -") || line.ends_with(['.', '!', '?', ',']) {
        return false;
    }
    let file = line.split(' ').skip(1).any(|word| word.contains(['/', '.', '_']));
    let letters = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-=".contains(&byte))
    };
    line.split(' ').skip(1).any(|word| match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(name), _) => name.len() > 1 && letters(name) && !name.ends_with('-'),
        (None, Some(name)) => letters(name) && !name.ends_with('-') && (name.len() == 1 || name.len() < 5 && file),
        _ => false,
    })
}
