//! What the corpus knows of a block: how many documents of the same site carry it, digits folded.
//!
//! The round of `boilerplate` that looks at the corpus; it leaves its counts with the blocks. On what they
//! mean the stage itself decides (`repeated.rs` of the crate `chrome`). A site is the host of the document's `url`, or where there is none
//! the folder of its source.

use super::MOST_BLOCKS;
use super::site::site;
use crate::chrome::fold;
use crate::document::Document;
use crate::stage::{Copies, Decision, Group, Note, Notes};
use crate::text::hash;

/// Counts blocks by site.
pub(super) struct Repeats;

/// Marks the note, and the decision, of a whole document: how many its site has.
const SITE: u64 = 1 << 63;
/// Fewer documents of one site with the same block are chance, or a quotation of an agency.
const LEAST: u64 = 5;
/// Blocks of more bytes are paragraphs, which `paragraph_dedup` compares.
const LONGEST: usize = 400;

impl Group for Repeats {
    fn observe(&self, document: &Document, _told: &[Decision], note: &mut dyn FnMut(Note)) {
        let mut key = site(document);
        note(Note { value: SITE, ..Note::new(hash::key(key.as_bytes()), document.position()) });
        if document.kept_count() > MOST_BLOCKS {
            return;
        }
        key.push('\n');
        let mut folded = String::new();
        let prefix = key.len();
        for block in document.kept().filter(|block| block.text().len() <= LONGEST) {
            fold(block.text(), &mut folded);
            if folded.is_empty() {
                continue;
            }
            key.truncate(prefix);
            key.push_str(&folded);
            note(Note::new(hash::key(key.as_bytes()), document.position_of(block)));
        }
    }

    fn decide(&self, copies: &Copies, notes: &mut dyn Notes, decision: &mut dyn FnMut(Decision)) {
        let site = copies.first.value;
        if copies.documents >= LEAST {
            let value = site | rounded(copies.documents);
            notes.each(&mut |note| decision(Decision::new(note.position, None, value)));
        }
    }
}

/// Leaves with each block the share of the documents of its site that have it.
pub(super) fn leave_shares(document: &mut Document, decisions: &[Decision]) {
    let Some(site) = decisions.iter().find(|decision| decision.value & SITE != 0) else { return };
    let documents = (site.value & !SITE) as f64;
    let blocks = decisions.iter().filter(|decision| decision.value & SITE == 0);
    let share = |value: u64| (value as f64 / documents).min(1.0) as f32;
    document.set_shares_of_site(blocks.map(|decision| (decision.position.block, share(decision.value))));
}

/// The number, but only its upper four binary digits: so a site that grows by an article seldom changes what is known of its
/// other documents, and what was done with them need not be done again.
fn rounded(count: u64) -> u64 {
    let below = (u64::BITS - count.leading_zeros()).saturating_sub(4);
    count >> below << below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Block, Position};
    use crate::stage::decide_all;

    /// The share left with each block of each document, as the corpus of these texts makes it.
    fn shares(texts: &[(&str, &str)]) -> Vec<Vec<Option<f32>>> {
        let mut documents: Vec<Document> = (0..)
            .zip(texts)
            .map(|(record, (source, text))| {
                let position = Position { file: 0, record, block: 0 };
                Document::new(position, record.to_string(), (*source).into(), text)
            })
            .collect();
        let mut notes = Vec::new();
        documents.iter().for_each(|document| Repeats.observe(document, &[], &mut |note| notes.push(note)));
        notes.sort_unstable();
        let mut decisions = Vec::new();
        decide_all(&Repeats, &notes, &mut |decision| decisions.push(decision));
        decisions.sort_unstable();
        for document in &mut documents {
            let own: Vec<Decision> =
                decisions.iter().filter(|one| one.position.document() == document.position()).cloned().collect();
            leave_shares(document, &own);
        }
        documents.iter().map(|document| document.blocks().map(Block::share_of_site).collect()).collect()
    }

    #[test]
    fn a_block_is_counted_by_site_with_its_digits_folded() {
        let text =
            |number: u32| format!("Story of the day {}\nPage {number} of 9", "abcdefghij".repeat(number as usize));
        let texts: Vec<String> = (1..=10).map(text).collect();
        let mut corpus: Vec<(&str, &str)> = texts.iter().map(|text| ("post/a.txt", text.as_str())).collect();
        corpus.push(("mail/a.txt", "Page 1 of 9"));
        let shares = shares(&corpus);
        assert!(shares.iter().take(10).all(|shares| *shares == [None, Some(1.0)]), "{shares:?}");
        assert_eq!(shares[10], [None], "one document of another site has it");
    }

    #[test]
    fn few_copies_are_chance() {
        let corpus =
            ["Shared line", "Shared line", "Shared line", "Shared line", "Alone"].map(|text| ("a/b.txt", text));
        assert!(shares(&corpus).into_iter().flatten().all(|share| share.is_none()));
    }

    #[test]
    fn counts_are_rounded_down_by_an_eighth_at_most() {
        assert_eq!([5, 15, 17, 100, 1000].map(rounded), [5, 15, 16, 96, 960]);
    }
}
