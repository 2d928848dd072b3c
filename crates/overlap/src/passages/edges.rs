//! Where sentences begin and end.

use std::ops::Range;

/// The sentences of `block` that lie in `range`, as the part of the block that they are; `None` where no sentence does.
///
/// The white space behind them goes too, or where nothing follows that before them, so that one gap is left of two.
#[must_use]
pub fn whole_sentences(block: &str, range: Range<usize>) -> Option<Range<usize>> {
    let sentences = edges(block);
    let first = sentences.iter().find(|sentence| sentence.starts >= range.start)?;
    let last = sentences.iter().rev().find(|sentence| sentence.ends <= range.end)?;
    if first.starts >= last.ends {
        return None;
    }
    let behind = block.get(last.ends..).unwrap_or_default();
    if behind.trim_start().is_empty() {
        let before = block.get(..first.starts).unwrap_or_default();
        return Some(before.trim_end().len()..block.len());
    }
    Some(first.starts..block.len() - behind.trim_start().len())
}

/// A sentence of a block.
#[derive(Debug, Clone, Copy)]
struct Sentence {
    starts: usize,
    ends: usize,
}

/// The sentences of a block, which together with the white space between them are all of it.
fn edges(block: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut starts = block.len() - block.trim_start().len();
    let mut characters = block.char_indices().peekable();
    // What stands before the place in hand: the run of letters, and whether a sentence has ended.
    let (mut word, mut is_over, mut is_wide) = (Word::default(), false, false);
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        if is_end(character) {
            is_over |= character != '.' || word.may_end();
            is_wide |= is_wide_end(character);
            // A full stop belongs to its word: `e.g.`, `U.S.`
            word.dots += usize::from(character == '.');
        } else if !(is_closing(character) && (is_over || next.is_none())) {
            if !character.is_whitespace() {
                (is_over, is_wide) = (false, false);
                word.take(character);
            } else {
                word = Word::default();
            }
        }
        let Some(next) = next else { break };
        let breaks = next.is_whitespace() || is_wide && !is_end(next) && !is_closing(next);
        let is_space_edge = next.is_whitespace() && parts_by_spaces(character);
        if is_over && breaks || is_space_edge {
            let gap = block.get(end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let follows = block.get(end + gap..).and_then(|rest| rest.chars().next());
            let goes_on = follows.is_some_and(char::is_lowercase) && !is_wide;
            if let (Some(_), false) = (follows, goes_on) {
                found.push(Sentence { starts, ends: end });
                starts = end + gap;
            }
            (is_over, is_wide) = (false, false);
        }
    }
    let ends = block.trim_end().len();
    if starts < ends {
        found.push(Sentence { starts, ends });
    }
    found
}

/// The word before a full stop.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    letters: usize,
    digits: usize,
    dots: usize,
    is_upper: bool,
}

impl Word {
    fn take(&mut self, character: char) {
        self.letters += usize::from(character.is_alphabetic());
        self.digits += usize::from(character.is_numeric());
        self.is_upper = self.letters == 1 && character.is_uppercase() || self.is_upper && self.letters > 1;
    }

    /// Whether a full stop behind it may end a sentence: not behind initials and abbreviations (`A.`, `e.g.`, `Dr.`), nor behind a
    /// number of one or two digits (`3. Mai`).
    fn may_end(&self) -> bool {
        let is_short = self.letters <= if self.is_upper { 3 } else { 1 };
        let is_ordinal = self.letters == 0 && (1..=2).contains(&self.digits);
        !(self.letters > 0 && is_short && self.digits == 0) && self.dots == 0 && !is_ordinal
    }
}

fn is_end(character: char) -> bool {
    matches!(
        character,
        '.' | '!'
            | '?'
            | '…'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '።'
            | '፧'
            | '፨'
            | '՞'
            | '։'
            | '။'
            | '៕'
            | '។'
            | '꓿'
            | '᙮'
    ) || is_wide_end(character)
}

/// Ends that no space follows.
fn is_wide_end(character: char) -> bool {
    matches!(character, '。' | '！' | '？' | '｡' | '．')
}

fn is_closing(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | ')'
            | ']'
            | '}'
            | '»'
            | '”'
            | '’'
            | '“'
            | '‹'
            | '›'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '*'
            | '_'
    )
}

/// Whether a script has spaces between its sentences or clauses alone.
fn parts_by_spaces(character: char) -> bool {
    matches!(character, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(block: &str) -> Vec<&str> {
        edges(block).iter().map(|sentence| block.get(sentence.starts..sentence.ends).unwrap()).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        assert_eq!(
            sentences("He left. “Why?” she asked. No (really)!"),
            ["He left.", "“Why?” she asked.", "No (really)!"]
        );
        assert_eq!(
            sentences("Dr. Lee of the U.S. Army came on 3. Mai 1999. It was late."),
            ["Dr. Lee of the U.S. Army came on 3. Mai 1999.", "It was late."]
        );
        assert_eq!(sentences("它很大。「真的？」他问。好！"), ["它很大。", "「真的？」", "他问。", "好！"]);
        assert_eq!(sentences("यह बड़ा है। वह चला गया।"), ["यह बड़ा है।", "वह चला गया।"]);
        assert_eq!(sentences("هل رأيت؟ نعم."), ["هل رأيت؟", "نعم."]);
        assert_eq!(sentences("เขามา แล้วไป"), ["เขามา", "แล้วไป"]);
        assert_eq!(sentences("version 3.5 is out, i.e. now. it is"), ["version 3.5 is out, i.e. now. it is"]);
    }

    fn cut(block: &str, passage: &str) -> Option<String> {
        let from = block.find(passage).unwrap();
        whole_sentences(block, from..from + passage.len()).map(|range| {
            let mut rest = block.to_owned();
            rest.replace_range(range, "|");
            rest
        })
    }

    #[test]
    fn what_is_cut_are_whole_sentences_and_one_of_the_gaps_around_them() {
        let block = "One is here. Two is there. Three is gone.";
        assert_eq!(cut(block, "here. Two is there. Thr").as_deref(), Some("One is here. |Three is gone."));
        assert_eq!(cut(block, "Two is there.").as_deref(), Some("One is here. |Three is gone."));
        assert_eq!(cut(block, " Two is there. Three is gone.").as_deref(), Some("One is here.|"));
        assert_eq!(cut(block, "One is here. Two").as_deref(), Some("|Two is there. Three is gone."));
        assert_eq!(cut(block, "Three is gone.").as_deref(), Some("One is here. Two is there.|"));
        assert_eq!(cut(block, "is here. Two is"), None);
        assert_eq!(cut(block, block).as_deref(), Some("|"));
    }
}
