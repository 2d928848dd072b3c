//! Rust source text as its tokens, without comments and without what only tests compile: what decides, and nothing else.

/// The tokens of `source`, one a line. Two texts that differ in comments, blank space or test modules alone give the same.
pub fn deciding(source: &str) -> String {
    without_tests(tokens(source)).join("\n")
}

/// Cuts a source into words, signs and literals; comments and blank space go.
fn tokens(source: &str) -> Vec<&str> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest[0] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if rest.starts_with(b"//") => {
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'/' if rest.starts_with(b"/*") => {
                at += block_comment(rest);
                continue;
            }
            b'"' => quoted(rest, b'"'),
            b'\'' => character(rest),
            byte if is_word(byte) => word_or_literal(rest),
            _ => 1,
        };
        tokens.push(source.get(at..at + length).unwrap_or_default());
        at += length;
    }
    tokens
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (2, 1);
    while at < rest.len() && depth > 0 {
        if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
        } else if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    at
}

/// A literal between two `quote`s, with escapes.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character, or the name of a lifetime.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return quoted(rest, b'\'');
    }
    // One character of up to four bytes, then the closing quote; else it is a lifetime.
    let width = match rest.get(1) {
        Some(0..0x80) | None => 1,
        Some(0x80..0xe0) => 2,
        Some(0xe0..0xf0) => 3,
        Some(_) => 4,
    };
    if rest.get(1 + width) == Some(&b'\'') {
        return width + 2;
    }
    1 + rest[1..].iter().take_while(|byte| is_word(**byte)).count()
}

/// A word or a number, or a literal with something before its quote: `r"…"`, `br#"…"#`, `b'…'`, `c"…"`.
fn word_or_literal(rest: &[u8]) -> usize {
    let word = rest.iter().take_while(|byte| is_word(**byte)).count();
    let after = &rest[word..];
    match &rest[..word] {
        b"r" | b"br" | b"cr" => {
            let signs = after.iter().take_while(|byte| **byte == b'#').count();
            if after.get(signs) != Some(&b'"') {
                return word;
            }
            let end: Vec<u8> = [b"\"".as_slice(), &vec![b'#'; signs]].concat();
            let body = &after[signs + 1..];
            let length = body.windows(end.len()).position(|window| window == end).unwrap_or(body.len());
            (word + signs + 1 + length + end.len()).min(rest.len())
        }
        b"b" | b"c" if after.first() == Some(&b'"') => word + quoted(after, b'"'),
        b"b" if after.first() == Some(&b'\'') => word + quoted(after, b'\''),
        _ => word,
    }
}

/// Leaves out each item behind `#[cfg(test)]`.
fn without_tests(tokens: Vec<&str>) -> Vec<&str> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].starts_with(&TEST) {
            at += TEST.len() + item(&tokens[at + TEST.len()..]);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Tokens of the item at the beginning: up to its `;`, or to the end of its braces.
fn item(tokens: &[&str]) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}
