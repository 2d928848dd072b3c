//! As much of Markdown as the tests of the book need: fenced blocks, links, headings, tables.

use std::collections::{BTreeMap, BTreeSet};

/// A fenced block.
pub struct Fence {
    /// The line of its opening mark, from 1.
    pub line: usize,
    /// What stands behind the mark: `toml`.
    pub info: String,
    /// Its lines.
    pub body: String,
}

/// The fenced blocks of a page, in order.
pub fn fences(page: &str) -> Vec<Fence> {
    lines(page).0
}

/// The lines outside of fenced blocks, each with its number.
fn prose(page: &str) -> Vec<(usize, &str)> {
    lines(page).1
}

/// The fenced blocks of a page, and the lines outside of them.
fn lines(page: &str) -> (Vec<Fence>, Vec<(usize, &str)>) {
    let mut blocks: Vec<Fence> = Vec::new();
    let mut prose = Vec::new();
    // How long the mark is that closes the block.
    let mut open = None;
    for (line, text) in (1..).zip(page.lines()) {
        let info = text.trim_start().trim_start_matches('`');
        let mark = text.trim_start().len() - info.len();
        match open {
            None if mark >= 3 => {
                blocks.push(Fence { line, info: info.trim().to_owned(), body: String::new() });
                open = Some(mark);
            }
            None => prose.push((line, text)),
            Some(length) if mark >= length && info.trim().is_empty() => open = None,
            Some(_) => {
                let body = &mut blocks.last_mut().expect("a block is open").body;
                body.push_str(text);
                body.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    (blocks, prose)
}

/// The targets of a page's links, each with its line.
pub fn links(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, text) in prose(page) {
        // What stands between backquotes is no link, but a link's text may hold some.
        let parts: Vec<&str> = text.split('`').collect();
        let text: String = (0..).zip(parts).map(|(at, part)| if at % 2 == 0 { part } else { "code" }).collect();
        for behind in text.split("](").skip(1) {
            let target = behind.split(')').next().unwrap_or_default();
            found.push((line, target.trim().to_owned()));
        }
    }
    found
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
pub fn headings(page: &str) -> BTreeSet<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (_, text) in prose(page) {
        let Some(heading) = text.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()) else { continue };
        let kept = heading.to_lowercase().replace(" _", " ").replace("_ ", " ");
        let kept = kept.trim_matches('_').chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
        let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let time = times.entry(slug.clone()).or_default();
        found.insert(if *time == 0 { slug } else { format!("{slug}-{time}") });
        *time += 1;
    }
    found
}

/// The rows of a page's tables under the heading that stands above each; their heads are left out.
pub fn tables(page: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut found: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    let mut heading = String::new();
    let mut is_table = false;
    for (_, text) in prose(page) {
        if text.starts_with('#') {
            heading = text.trim_start_matches('#').trim().to_owned();
        }
        if text.starts_with("| ---") {
            found.push((heading.clone(), Vec::new()));
            is_table = true;
        } else if is_table && text.starts_with('|') {
            let cells = text.trim_matches('|').replace("\\|", "\u{0}");
            let row = cells.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect();
            found.last_mut().expect("a table is open").1.push(row);
        } else {
            is_table = false;
        }
    }
    found
}
