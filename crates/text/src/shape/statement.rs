//! Statements of SQL that go over several lines: told by how they begin, where they end, and what they hold.

use super::Kind;
use crate::prose;
use crate::repair::unwrap::Line;

/// Whether a statement may begin here: by its first words alone.
pub(super) fn begins(line: &str) -> bool {
    let line = prompted(line);
    if !line.starts_with(['A', 'C', 'D', 'E', 'I', 'S', 'U', 'W', 'a', 'c', 'd', 'i', 's', 'u', 'w']) {
        return false;
    }
    let mut words = line.split([' ', '(']).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    // A sentence begins with one capital letter, a heading has nothing but capitals: these are told by what follows.
    if !(first.bytes().all(|byte| byte.is_ascii_uppercase()) || first.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return false;
    }
    let is = |word: &str, names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    if is(first, &["select", "update", "with"]) {
        return true;
    }
    let second = words.find(|word| !is(word, &["or", "replace", "temp", "temporary", "unique"])).unwrap_or_default();
    is(first, &["insert"]) && is(second, &["into"])
        || is(first, &["delete"]) && is(second, &["from"])
        || is(first, &["explain"]) && is(second, &["select", "analyze"])
        || is(first, &["create", "alter", "drop"]) && is(second, &OBJECTS)
}

const OBJECTS: [&str; 10] =
    ["table", "index", "view", "database", "function", "procedure", "trigger", "schema", "sequence", "type"];

/// Words with which a statement goes on in the next line.
const CLAUSES: [&str; 27] = [
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "JOIN",
    "LEFT",
    "RIGHT",
    "INNER",
    "OUTER",
    "CROSS",
    "ON",
    "ORDER",
    "GROUP",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
    "VALUES",
    "SET",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CASE",
    "RETURNING",
    "PRIMARY",
    "CONSTRAINT",
];

/// Statements are no longer than so many lines.
const LONGEST: usize = 60;

/// Marks the lines of all statements in a group of lines without blank ones between.
pub(super) fn mark(group: &[Line<'_>], kinds: &mut [Kind]) {
    let mut from = 0;
    while let Some(line) = group.get(from) {
        let length = if begins(line.text.trim()) { length(group.get(from..).unwrap_or_default()) } else { 0 };
        kinds.iter_mut().skip(from).take(length).for_each(|kind| *kind = Kind::Code);
        from += length.max(1);
    }
}

/// Lines of the statement that begins `lines`; 0 if it is none.
fn length(lines: &[Line<'_>]) -> usize {
    let (mut length, mut closed) = (0_usize, false);
    for line in lines.iter().take(LONGEST) {
        let before = length.checked_sub(1).and_then(|last| lines.get(last));
        if before.is_some_and(|before| !goes_on(before.text, line.text)) {
            break;
        }
        length += 1;
        closed = line.text.trim_end().ends_with(';');
        if closed {
            break;
        }
    }
    let statement = lines.get(..length).unwrap_or_default();
    if is_statement(statement, closed) { length } else { 0 }
}

fn goes_on(before: &str, line: &str) -> bool {
    let (before, trimmed) = (before.trim_end(), line.trim());
    let word = trimmed.split([' ', '(']).next().unwrap_or_default();
    let clause = CLAUSES.iter().any(|clause| word.eq_ignore_ascii_case(clause));
    // In the midst of a list, or within brackets.
    let listed = before.ends_with([',', '(']) || trimmed.starts_with(['(', ')', ',']);
    let set_in = line.starts_with([' ', '\t']);
    let short = prose::words(trimmed) == 0;
    clause && short || listed || set_in && short
}

/// Whether these lines hold what statements have and sentences and headings have not.
fn is_statement(lines: &[Line<'_>], closed: bool) -> bool {
    let text: Vec<&str> = lines.iter().map(|line| line.text.trim()).collect();
    let text = text.join(" ");
    let text = prompted(&text);
    let has = |name: &str| text.split([' ', '(', ')', ',']).any(|word| word.eq_ignore_ascii_case(name));
    let first = text.split(' ').next().unwrap_or_default();
    let shouted = first.bytes().all(|byte| byte.is_ascii_uppercase());
    let signs = text.contains(['=', '*', '_', '(', ';', '`']) || dotted(text);
    let fits = match first.to_ascii_lowercase().as_str() {
        "select" => has("from"),
        "update" => has("set"),
        "with" => has("as") && has("select"),
        _ => true,
    };
    fits && signs && (closed || shouted) && !text.ends_with(['.', '!', '?'])
}

/// Whether a full stop joins two names: `people.name`.
fn dotted(text: &str) -> bool {
    let joined = |three: &[u8]| matches!(three, [a, b'.', b] if a.is_ascii_alphanumeric() && b.is_ascii_alphabetic());
    text.as_bytes().windows(3).any(joined)
}

/// The line without the prompt of a database's shell.
fn prompted(line: &str) -> &str {
    let prompts = ["mysql> ", "SQL> ", "sqlite> ", "postgres=# ", "postgres=> ", "MariaDB> "];
    prompts.iter().find_map(|prompt| line.strip_prefix(prompt)).unwrap_or(line)
}
