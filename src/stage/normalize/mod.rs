//! `normalize`: repairs characters, spaces and line breaks, and records every change of the text as an edit.
//!
//! Local. Repairs of characters come first, each on its own line of text; then what needs the lines around it: bullets,
//! hard wraps, indentation. One repair can uncover the need for another, so the round is run again until nothing changes;
//! that also makes the stage idempotent. The repairs themselves are in `text::repair`.

mod facts;
mod lines;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Configure, Configured, LocalStage, Removes, RuleInfo, Stage, StageError, StageInfo, Surroundings};
use crate::document::{Block, Document, Editor, Mark, Reason, Rule};
use crate::text::repair::misreading::Misreading;
use crate::text::repair::mojibake::{self, Evidence};
use crate::text::repair::scan::{Needs, scan};
use crate::text::repair::{Change, compose, controls, entities, gaps, glue, patches, spaces};

/// Repairs characters, spaces and line breaks: mojibake, HTML entities, odd spaces, control characters, Unicode NFC, bullets,
/// sentences without a space between, hard-wrapped lines, indentation. Every change is recorded as an edit; a line that held
/// nothing but such junk is removed. Titles, authors and other facts that fields gave are repaired as the text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Normalize {
    /// Decodes well-formed HTML character references left in text (`&amp;`, `&#8217;`, `&eacute;`), twice escaped ones too.
    /// Lines of markup or code are left alone, and in a line about references those that stand for themselves.
    pub html_entities: bool,
    /// Repairs UTF-8 that was read as Windows-1252, Latin-1, Windows-1251, Windows-1250 or Mac Roman, once or twice: `Ã©` is `é` again;
    /// and punctuation of Windows-1252 that was read as control characters.
    pub mojibake: bool,
    /// Takes out control characters other than tabs, terminal colours, noncharacters, and icons from the area for private use.
    pub control_characters: bool,
    /// Makes no-break, thin, em and other spaces plain ones, takes out soft hyphens and invisible characters without
    /// meaning, white space at the end of a line, and repeated spaces inside prose.
    pub odd_spaces: bool,
    /// Brings text into Unicode NFC.
    pub nfc: bool,
    /// Puts the space back between two sentences that lost it (`the Times.A man said`), in any script that has capitals, where no
    /// address, file name, abbreviation, name or code can be meant.
    pub glued_sentences: bool,
    /// Writes bullets at the start of a line (`•`, `●`, `▪`, …) as `- `. Dashes that open speech stay.
    pub bullets: bool,
    /// Joins lines to paragraphs where the document is evidently hard-wrapped.
    pub hard_wraps: bool,
    /// Takes the indentation off paragraphs of prose. Code, verse, lists and tables keep theirs.
    pub indentation: bool,
}

impl Default for Normalize {
    fn default() -> Self {
        Self {
            html_entities: true,
            mojibake: true,
            control_characters: true,
            odd_spaces: true,
            nfc: true,
            glued_sentences: true,
            bullets: true,
            hard_wraps: true,
            indentation: true,
        }
    }
}

impl Configure for Normalize {
    const INFO: StageInfo = StageInfo {
        does: "repairs text: Unicode NFC, odd spaces, HTML entities, mojibake, glued sentences, hard-wrapped lines; each change is \
               recorded",
        rules,
        fixture: include_str!("../../../tests/stages/normalize.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        let idle = Self {
            html_entities: false,
            mojibake: false,
            control_characters: false,
            odd_spaces: false,
            nfc: false,
            glued_sentences: false,
            bullets: false,
            hard_wraps: false,
            indentation: false,
        };
        if *self == idle {
            return Err(StageError::new("", "every repair is switched off, so the stage can never act")
                .hint("switch one on, or drop the stage"));
        }
        let stage = Stage::Local(Box::new(self.clone()));
        Ok(Configured { removes: Removes::BLOCKS, ..Configured::new(stage, rules()) })
    }
}

/// The rules below, in the order of their numbers.
fn rules() -> Vec<RuleInfo> {
    let repair = |option: &'static str, means: &'static str| RuleInfo::text(option, means).kept_by(option);
    vec![
        repair(
            "html_entities",
            "an HTML character reference, such as `&amp;`, that is now the character it stands for",
        ),
        repair("mojibake", "UTF-8 that had been read in another encoding (`Ã©`), put right (`é`)"),
        repair("control_characters", "a control character, a terminal colour or an icon without meaning in text"),
        repair("odd_spaces", "a space that is no plain one, an invisible character, or more spaces than one"),
        repair("nfc", "characters in pieces (a letter, then its accent), put together after Unicode NFC"),
        repair("bullets", "a bullet at the start of a line, now written as `- `"),
        repair("hard_wraps", "a line end within a paragraph, where the document was wrapped at a fixed width"),
        repair("indentation", "spaces before a paragraph of prose"),
        RuleInfo::block("no_text", "the line held nothing but characters that were taken out"),
        repair("glued_sentences", "two sentences that had lost the space between them"),
    ]
}
const HTML_ENTITIES: Rule = Rule(0);
const MOJIBAKE: Rule = Rule(1);
const CONTROL_CHARACTERS: Rule = Rule(2);
const ODD_SPACES: Rule = Rule(3);
const NFC: Rule = Rule(4);
const BULLETS: Rule = Rule(5);
const HARD_WRAPS: Rule = Rule(6);
const INDENTATION: Rule = Rule(7);
/// Its value is the number of characters left that are no white space, its threshold the one that is needed.
const NO_TEXT: Rule = Rule(8);
const GLUED_SENTENCES: Rule = Rule(9);

/// Damage that lies deeper than this is left: each round uncovers one layer.
const ROUNDS: usize = 8;

impl LocalStage for Normalize {
    fn apply(&self, document: &mut Document, mark: Mark) {
        facts::repair(self, document);
        for _ in 0..ROUNDS {
            if !self.round(document, mark) {
                return;
            }
        }
    }
}

impl Normalize {
    /// Runs each repair once. True if anything changed.
    fn round(&self, document: &mut Document, mark: Mark) -> bool {
        let needs: Vec<Needs> = document
            .blocks()
            .map(|block| if block.is_kept() { scan(block.text()) } else { Needs::default() })
            .collect();
        let mut changed = false;
        if needs.iter().any(|needs| *needs != Needs::default()) {
            changed |=
                self.html_entities && each(document, &needs, Needs::ENTITIES, mark, HTML_ENTITIES, entities::changes);
            changed |= self.mojibake && mojibake(document, &needs, mark);
            changed |= self.control_characters
                && each(document, &needs, Needs::CONTROLS, mark, CONTROL_CHARACTERS, controls::changes);
            changed |= self.odd_spaces && each(document, &needs, Needs::SPACES, mark, ODD_SPACES, spaces::changes);
            changed |= self.odd_spaces && fold_gaps(document, &needs, mark);
            changed |= self.nfc && each(document, &needs, Needs::COMPOSE, mark, NFC, compose::changes);
            changed |= self.glued_sentences && part_sentences(document, &needs, mark);
            remove_empty(document, mark);
        }
        changed |= self.bullets && lines::bullets(document, mark);
        changed |= self.hard_wraps && lines::join(document, mark);
        changed |= self.odd_spaces && last_soft_hyphens(document, mark);
        changed |= self.indentation && lines::outdent(document, mark);
        // A line may have held nothing but the soft hyphen at its end.
        remove_empty(document, mark);
        changed
    }
}

/// Makes the changes that `find` finds in the kept blocks that could need them.
fn each(
    document: &mut Document,
    needs: &[Needs],
    need: Needs,
    mark: Mark,
    rule: Rule,
    find: impl Fn(&str) -> Vec<Change>,
) -> bool {
    if !needs.iter().any(|needs| needs.any(need)) {
        return false;
    }
    mark.edit(document, |editor| {
        if of(editor, needs).any(need) {
            let changes = find(editor.text());
            record(editor, rule, &changes);
        }
    })
}

/// What the block that is edited could need.
fn of(editor: &Editor<'_>, needs: &[Needs]) -> Needs {
    needs.get(editor.block().index()).copied().unwrap_or_default()
}

/// Makes changes that were found in the block's text, last first, so that those before keep their places.
fn record(editor: &mut Editor<'_>, rule: Rule, changes: &[Change]) {
    for patch in patches(editor.text(), changes).into_iter().rev() {
        editor.replace(rule, patch.range, &patch.replacement, patch.spots);
    }
}

/// Repairs mojibake: each misreading for which the document holds clear evidence.
fn mojibake(document: &mut Document, needs: &[Needs], mark: Mark) -> bool {
    let mut changed = false;
    if needs.iter().any(|needs| needs.any(Needs::MOJIBAKE)) {
        for misreading in mojibake::order(|misreading| evidence(document, needs, misreading, Evidence::default())) {
            changed |= read_again(document, needs, misreading, mark);
        }
    }
    changed | each(document, needs, Needs::CONTROLS, mark, MOJIBAKE, mojibake::controls)
}

/// What is `known` and what the flagged blocks hold for it that they were misread so.
fn evidence(document: &Document, needs: &[Needs], misreading: Misreading, known: Evidence) -> Evidence {
    let blocks = document.blocks().zip(needs);
    let flagged = blocks.filter(|(block, needs)| block.is_kept() && needs.any(Needs::MOJIBAKE));
    flagged.fold(known, |known, (block, _)| known.and(mojibake::evidence(block.text(), misreading)))
}

/// Takes the readings of one encoding until nothing changes: text that was misread twice is read twice.
fn read_again(document: &mut Document, needs: &[Needs], misreading: Misreading, mark: Mark) -> bool {
    let mut known = Evidence::default();
    let mut changed = false;
    for _ in 0..ROUNDS {
        known = evidence(document, needs, misreading, known);
        if known.is_empty() {
            break;
        }
        // Once there is evidence, every line is read: what alone could be healthy may stand in lines that were not flagged.
        let more = mark.edit(document, |editor| {
            let changes = mojibake::changes(editor.text(), misreading, known);
            record(editor, MOJIBAKE, &changes);
        });
        if !more {
            break;
        }
        changed = true;
    }
    changed
}

/// Parts sentences that lost the space between them.
fn part_sentences(document: &mut Document, needs: &[Needs], mark: Mark) -> bool {
    if !document.blocks().zip(needs).any(|(block, needs)| block.is_kept() && needs.any(Needs::GLUED)) {
        return false;
    }
    let technical = document.kept().any(|block| glue::is_technical(block.text()));
    let subject = if technical { glue::Subject::Technical } else { glue::Subject::Plain };
    each(document, needs, Needs::GLUED, mark, GLUED_SENTENCES, |text| glue::changes(text, subject))
}

/// Folds the repeated spaces of prose. What is a column shows in the lines around, so all are looked at before any changes.
fn fold_gaps(document: &mut Document, needs: &[Needs], mark: Mark) -> bool {
    // Gaps also come up where an odd space or a reference became a plain space.
    let wanted = Needs::GAPS.or(Needs::SPACES).or(Needs::ENTITIES);
    if !needs.iter().any(|needs| needs.any(wanted)) {
        return false;
    }
    let mut found = Vec::new();
    let mut above: Option<lines::KeptLine<'_>> = None;
    let mut kept = lines::kept(document).peekable();
    while let Some(line) = kept.next() {
        if needs.get(line.block.index()).is_some_and(|needs| needs.any(wanted)) {
            let above = above.filter(|_| !line.after_blank).map(|line| line.block.text());
            let below = kept.peek().filter(|line| !line.after_blank).map(|line| line.block.text());
            let changes = gaps::changes(line.block.text(), above, below);
            if !changes.is_empty() {
                found.push((line.block.index(), changes));
            }
        }
        above = Some(line);
    }
    drop(kept);
    if found.is_empty() {
        return false;
    }
    let mut found = found.into_iter().peekable();
    mark.edit(document, |editor| {
        if let Some((_, changes)) = found.next_if(|(index, _)| *index == editor.block().index()) {
            record(editor, ODD_SPACES, &changes);
        }
    })
}

/// Takes out the soft hyphens that end a line, once it is known that no line is joined there.
fn last_soft_hyphens(document: &mut Document, mark: Mark) -> bool {
    mark.edit(document, |editor| {
        if let Some(change) = spaces::last_soft_hyphen(editor.text()) {
            record(editor, ODD_SPACES, &[change]);
        }
    })
}

/// Removes the blocks of which nothing is left.
fn remove_empty(document: &mut Document, mark: Mark) {
    let empty: Vec<usize> = document.kept().filter(|block| block.text().trim().is_empty()).map(Block::index).collect();
    let reason = Reason::new(NO_TEXT).measured(0.0, 1.0);
    mark.remove_blocks(document, empty.into_iter().map(|index| (index, reason)));
}

#[cfg(test)]
mod tests;
