//! What of a document is compared: the whole of it, or its paragraphs of running prose.

use super::{NearDedup, Prefer, Unit};
use crate::document::{Document, Position};
use crate::text::prose;
use crate::text::repair::unwrap::Line;
use crate::text::shape::{Kind, kinds};

impl NearDedup {
    /// Calls `each` for the texts of a document that are compared.
    pub(super) fn each_text(&self, document: &Document, mut each: impl FnMut(Position, &str)) {
        match self.unit {
            Unit::Document => each(document.position(), &document.text()),
            Unit::Block => {
                let lines: Vec<Line<'_>> = document
                    .blocks()
                    .map(|block| Line { text: block.text(), after_blank: block.blank_before() })
                    .collect();
                for (block, kind) in document.blocks().zip(kinds(&lines)) {
                    if block.is_kept() && kind == Kind::Text && is_paragraph(block.text()) {
                        each(document.position_of(block), block.text());
                    }
                }
            }
        }
    }

    /// Where a text stands in the order of preference: the least stays.
    pub(super) fn priority(&self, document: &Document, text: &str) -> u32 {
        match self.prefer() {
            Prefer::SourceOrder => 0,
            Prefer::Longest => !(text.chars().count() as u32),
            Prefer::Newest => document.facts().published.map_or(u32::MAX, |day| !(day.0 as u32 ^ 1 << 31)),
        }
    }
}

/// A paragraph has so many words (or, in a script without spaces, characters); what is shorter means something at its place.
pub const LEAST_WORDS: usize = 12;

/// Whether a block of text is running prose: it has a sentence, and is no entry of a list.
fn is_paragraph(text: &str) -> bool {
    !is_entry(text.trim_start()) && (has_sentence(text) || prose::words(text) > 0)
}

/// Whether a line begins as an entry of a list does: `- `, `• `, `2. `, `3) `.
fn is_entry(line: &str) -> bool {
    let unnumbered = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered = unnumbered.len() < line.len() && unnumbered.starts_with(['.', ')']);
    let rest = if numbered { unnumbered } else { line };
    let mut characters = rest.chars();
    let is_mark = characters.next().is_some_and(|first| "-*•·–+.)".contains(first));
    is_mark && characters.next().is_some_and(char::is_whitespace)
}

/// Whether a sentence ends in `text`.
fn has_sentence(text: &str) -> bool {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = match character {
            '。' | '！' | '？' | '．' | '।' | '॥' | '։' | '።' | '။' | '។' | '།' => true,
            '.' | '!' | '?' | '…' | '؟' | '۔' => {
                let next = characters.peek();
                next.is_none_or(|next| next.is_whitespace() || "\"'”’»)]".contains(*next))
            }
            _ => false,
        };
        if ends {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_lists_and_rows_are_no_paragraphs() {
        assert!(is_paragraph("The ferry left the harbour at dawn with forty people on board and came back empty."));
        assert!(is_paragraph("**The ferry** left the harbour at dawn with forty people on board and came back empty."));
        assert!(is_paragraph("他のビルド手順は全く同じです。"));
        for other in [
            "2. The ferry left the harbour at dawn. It came back empty in the evening of the same day.",
            "- The ferry left the harbour at dawn with forty people on board and came back empty.",
            "Ferry leaves harbour at dawn with forty people on board, comes back empty",
        ] {
            assert!(!is_paragraph(other), "{other}");
        }
    }
}
