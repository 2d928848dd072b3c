//! Explanations for a terminal, or for a pipe: `-` marks what went, `~` what was changed, reasons stand below their line.

use std::collections::BTreeSet;

use super::wrap::{columns, wrapped};
use super::{Explained, Explanation, Line, Piece, Verdict, Why};

/// How a text is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Columns of a line; `None` for lines as long as they are.
    pub width: Option<usize>,
    /// Whether to write colours.
    pub colour: bool,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Title,
    Gone,
    Out,
    In,
    Rule,
    Keep,
}

/// The explanations as text.
#[must_use]
pub fn text(explained: &Explained, look: Look) -> String {
    let mut page = Page { out: String::new(), look, kept: BTreeSet::new(), told: BTreeSet::new() };
    for note in &explained.notes {
        page.paragraph("", 2, &[(Style::Gone, note.clone())]);
    }
    for (number, document) in explained.documents.iter().enumerate() {
        page.told.clear();
        if number > 0 || !explained.notes.is_empty() {
            page.line("");
        }
        page.document(document);
    }
    for rejected in &explained.rejected {
        page.line("");
        page.paragraph("", 2, &[(Style::Plain, format!("not read: {rejected}"))]);
    }
    for partner in &explained.partners {
        page.line("");
        page.paragraph("the kept copy: ", 2, &[(Style::Title, partner.id.clone())]);
        partner.lines.iter().for_each(|line| page.block(line));
        page.verdict(&partner.verdict);
    }
    page.out
}

/// A text in pieces, line by line; lines without a change are left out but for one beside each that has some.
#[must_use]
pub fn marked_lines(pieces: &[Piece], look: Look) -> String {
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces {
        let (Piece::Same(text) | Piece::Out(text) | Piece::In(text)) = piece;
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            let part = part.to_owned();
            if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
                line.push(match piece {
                    Piece::Same(_) => Piece::Same(part),
                    Piece::Out(_) => Piece::Out(part),
                    Piece::In(_) => Piece::In(part),
                });
            }
        }
    }
    let changed =
        |at: usize| lines.get(at).is_some_and(|line| line.iter().any(|piece| !matches!(piece, Piece::Same(_))));
    let mut page = Page { out: String::new(), look, kept: BTreeSet::new(), told: BTreeSet::new() };
    let mut is_passing = false;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let is_near = changed(at) || changed(at + 1) || at.checked_sub(1).is_some_and(changed);
        if is_near {
            let pieces: Vec<(Style, String)> = line.iter().map(|piece| styled(piece, Style::Plain)).collect();
            page.paragraph("  ", 2, &pieces);
        } else if !is_passing {
            page.line("  …");
        }
        is_passing = !is_near;
    }
    page.out
}

/// Columns of the margin, where the numbers of the blocks and the signs stand.
const MARGIN: usize = 8;
/// Columns of the names of facts.
const NAMES: usize = 12;

struct Page {
    out: String,
    look: Look,
    /// The entries that keep something, as they were shown: each is shown once.
    kept: BTreeSet<String>,
    /// The rules of edits that were explained.
    told: BTreeSet<String>,
}

impl Page {
    fn document(&mut self, document: &Explanation) {
        self.paragraph("", 2, &[(Style::Title, document.id.clone())]);
        if document.id != format!("{}#{}", document.source, document.record) {
            self.fact("source", &format!("{}, record {}", document.source, document.record));
        }
        document.facts.iter().for_each(|fact| self.fact(fact.name, &fact.value));
        self.line("");
        document.lines.iter().for_each(|line| self.block(line));
        self.line("");
        self.verdict(&document.verdict);
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.paragraph(&format!("  {name:<width$}", width = NAMES - 2), NAMES, &[(Style::Plain, visible(value))]);
    }

    fn block(&mut self, line: &Line) {
        if line.blank_before {
            self.line("");
        }
        let (sign, style) = match (&line.removal, line.edits.is_empty()) {
            (Some(_), _) => ('-', Style::Gone),
            (None, false) => ('~', Style::Plain),
            (None, true) => (' ', Style::Plain),
        };
        let pieces: Vec<(Style, String)> = line.pieces.iter().map(|piece| styled(piece, style)).collect();
        self.paragraph(&format!("{:>5} {sign} ", line.block), MARGIN, &pieces);
        for edit in &line.edits {
            let places = if edit.places > 1 { format!(" ({} places)", edit.places) } else { String::new() };
            let out = edit.unmarked.iter().map(|text| format!("; it took out {}", quoted(text))).collect::<String>();
            // What an edit of its kind is was said at the first one.
            let mut why = edit.why.clone();
            if !self.told.insert(why.rule.clone()) {
                why.sentence.clear();
            }
            self.reason(&why, &format!("{places}{out}"));
        }
        if let Some(why) = &line.removal {
            self.reason(why, "");
        }
    }

    fn reason(&mut self, why: &Why, more: &str) {
        let stage = if why.stage.contains('#') { format!("{} ", why.stage) } else { String::new() };
        let rule = (Style::Rule, format!("{stage}{}", why.rule));
        let sentence = if why.sentence.is_empty() { String::new() } else { format!(": {}", why.sentence) };
        self.paragraph(&" ".repeat(MARGIN), MARGIN + 2, &[rule, (Style::Plain, format!("{sentence}{more}"))]);
        self.keep(why, MARGIN);
    }

    /// How to keep it. Set in one line whatever the width, so that it can be copied as it is.
    fn keep(&mut self, why: &Why, indent: usize) {
        let keep = why.keep.as_ref().or(why.advice.as_ref());
        let Some(keep) = keep.filter(|keep| self.kept.insert((*keep).clone())) else { return };
        let styled = self.coloured(Style::Keep, keep);
        self.line(&format!("{}keep it: {styled}", " ".repeat(indent)));
    }

    fn verdict(&mut self, verdict: &Verdict) {
        self.paragraph("", 2, &[(Style::Title, verdict.sentence())]);
        if let Some(why) = &verdict.removal {
            self.keep(why, 0);
        }
    }

    /// Pieces behind `first`, later lines set in by `indent` columns.
    fn paragraph(&mut self, first: &str, indent: usize, pieces: &[(Style, String)]) {
        let Some(width) = self.look.width else {
            let line: String = pieces.iter().map(|(style, text)| self.coloured(*style, text)).collect();
            return self.line(&format!("{first}{line}"));
        };
        let room = width.saturating_sub(indent.max(columns(first))).max(LEAST);
        for (number, line) in wrapped(pieces, room).into_iter().enumerate() {
            let margin = if number == 0 { first.to_owned() } else { " ".repeat(indent) };
            let line: String = line.iter().map(|(style, text)| self.coloured(*style, text)).collect();
            self.line(&format!("{margin}{line}"));
        }
    }

    fn coloured(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => "",
            Style::Title => "1",
            Style::Gone => "2",
            Style::Out => "31;9",
            Style::In => "32",
            Style::Rule => "33",
            Style::Keep => "36",
        };
        if !self.look.colour || code.is_empty() || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
}

/// A line has room for so many columns at least, however narrow the terminal is.
const LEAST: usize = 20;

/// A piece with its marks, which say without colour what it is.
fn styled(piece: &Piece, style: Style) -> (Style, String) {
    match piece {
        Piece::Same(text) => (style, visible(text)),
        Piece::Out(text) => (Style::Out, format!("[-{}-]", shown(text))),
        Piece::In(text) => (Style::In, format!("{{+{}+}}", shown(text))),
    }
}

/// A text without characters that would move the cursor or colour the terminal.
fn visible(text: &str) -> String {
    let each = |character: char| match character {
        '\t' => " ".to_owned(),
        '\n' => "⏎".to_owned(),
        character if character.is_control() => character.escape_unicode().to_string(),
        character => character.to_string(),
    };
    text.chars().map(each).collect()
}

/// The same, and white space that is no plain space can be told from it.
fn shown(text: &str) -> String {
    let each = |character: char| match character {
        ' ' => " ".to_owned(),
        '\n' => "⏎".to_owned(),
        character if character.is_whitespace() || columns(character.encode_utf8(&mut [0; 4])) == 0 => {
            character.escape_unicode().to_string()
        }
        character => visible(character.encode_utf8(&mut [0; 4])),
    };
    text.chars().map(each).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

#[cfg(test)]
mod tests {
    use super::super::Edit;
    use super::*;

    fn explained() -> Explained {
        let why = |rule: &str, sentence: &str, keep: Option<&str>| Why {
            stage: rule.split('.').next().unwrap_or_default().to_owned(),
            rule: rule.to_owned(),
            sentence: sentence.to_owned(),
            keep: keep.map(str::to_owned),
            ..Why::default()
        };
        let same = |text: &str| vec![Piece::Same(text.to_owned())];
        let document = Explanation {
            id: "a.txt#0".to_owned(),
            source: "a.txt".to_owned(),
            facts: vec![super::super::Fact { name: "title", value: "Un titre".to_owned() }],
            lines: vec![
                Line { pieces: same("Un titre qui est trop long pour la ligne"), ..Line::default() },
                Line {
                    block: 1,
                    blank_before: true,
                    pieces: same("Encore"),
                    removal: Some(why("stage.menu", "a word of a menu", Some("stage = { keep = ['^Encore$'] }"))),
                    ..Line::default()
                },
                Line {
                    block: 2,
                    pieces: vec![Piece::Same("Fin".to_owned()), Piece::Out("\u{a0}spot".to_owned())],
                    edits: vec![Edit { why: why("stage.slot", "a slot", None), places: 2, unmarked: Vec::new() }],
                    ..Line::default()
                },
            ],
            verdict: Verdict { blocks: 3, blocks_kept: 2, share_kept: 0.875, tokens: Some(1200), ..Verdict::default() },
            ..Explanation::default()
        };
        Explained { documents: vec![document], ..Explained::default() }
    }

    #[test]
    fn each_line_says_what_happened_to_it() {
        let expected = "a.txt#0\n  title     Un titre\n\n    0   Un titre qui est trop long pour la ligne\n\n    1 - Encore\n        \
                        stage.menu: a word of a menu\n        keep it: stage = { keep = ['^Encore$'] }\n    \
                        2 ~ Fin[-\\u{a0}spot-]\n        stage.slot: a slot (2 places)\n\n\
                        kept: 1,200 tokens, 2 of 3 blocks kept, 88 % of the text\n";
        assert_eq!(text(&explained(), Look::default()), expected);
    }

    #[test]
    fn lines_hang_below_their_text_and_what_is_to_be_pasted_is_not_broken() {
        let narrow = text(&explained(), Look { width: Some(34), colour: false });
        assert!(narrow.contains("\n    0   Un titre qui est trop long\n        pour la ligne\n"), "{narrow}");
        assert!(narrow.contains("\n        keep it: stage = { keep = ['^Encore$'] }\n"), "{narrow}");
    }

    #[test]
    fn colours_are_written_where_they_are_asked_for() {
        let look = Look { width: None, colour: true };
        assert!(text(&explained(), look).contains("    1 - \u{1b}[2mEncore\u{1b}[0m\n"));
        assert!(!text(&explained(), Look::default()).contains('\u{1b}'));
    }
}
