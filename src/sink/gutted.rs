//! Documents that lost most of their running prose: counted, and those that lost most named.
//!
//! What counts is what stages took out block by block and not as a copy of something that stays: a filter that removes whole
//! documents is no loss by oversight, and a text that stands elsewhere is not lost.

use std::cmp::Reverse;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::document::{Block, Document, StageIndex};
use crate::text::prose;

/// So many documents are named.
pub const NAMED: usize = 5;

/// How many documents there are, and which of them lost most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gutted {
    /// Documents that lost more than 60 % of their running prose.
    pub documents: u64,
    /// Of these at most [`NAMED`], those that lost most words first, at equal loss in the order of the corpus.
    most: Vec<(Rank, Loss)>,
}

/// Words lost, then the place in the corpus: index of the source, name of the file, record. A total order, so that it makes no
/// difference in which order parts of a build are added up.
type Rank = (Reverse<u64>, u32, String, u64);

/// A document that lost most of its running prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Its id.
    pub id: String,
    /// Words of running prose that it had: words in sentences of twelve words or more.
    pub words: u64,
    /// How many of them it lost.
    pub lost: u64,
}

impl Gutted {
    /// Counts `document`, which went through all stages, if it lost more than 60 % of its running prose. `source` is the index of
    /// its `[[source]]`; `copying` tells the stages that remove copies.
    pub fn add(&mut self, source: u32, document: &Document, copying: impl Fn(StageIndex) -> bool) {
        let Some(loss) = loss(document, copying) else { return };
        self.documents += 1;
        let rank = (Reverse(loss.lost), source, document.source().to_string(), document.position().record);
        self.most.push((rank, loss));
        self.settle();
    }

    /// Those that lost most, in order.
    #[must_use]
    pub fn named(&self) -> Vec<Loss> {
        self.most.iter().map(|(_, loss)| loss.clone()).collect()
    }

    fn settle(&mut self) {
        self.most.sort_by(|a, b| a.0.cmp(&b.0));
        self.most.truncate(NAMED);
    }
}

impl AddAssign<&Self> for Gutted {
    fn add_assign(&mut self, other: &Self) {
        self.documents += other.documents;
        self.most.extend(other.most.iter().cloned());
        self.settle();
    }
}

/// What `document` lost of its running prose, if that is more than 60 %.
fn loss(document: &Document, copying: impl Fn(StageIndex) -> bool) -> Option<Loss> {
    // Of a document that a filter removed, blocks are still in; one of which no block was left lost them one by one.
    if !document.is_kept() && document.kept_count() > 0 {
        return None;
    }
    let is_lost = |block: &Block<'_>| {
        block.removal().is_some_and(|removal| removal.kept_copy().is_none() && !copying(removal.stage))
    };
    let lost: u64 = document.blocks().filter(is_lost).map(|block| prose::words(block.text())).sum();
    // Most documents lose no prose, and of most others so much is left that a few blocks show it.
    let mut left = 0;
    for block in document.blocks().filter(|block| !is_lost(block)) {
        if lost * 2 <= left * 3 {
            return None;
        }
        left += prose::words(block.text());
    }
    (lost * 2 > left * 3).then(|| Loss { id: document.id().to_owned(), words: lost + left, lost })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Mark, Position, Reason, Rule};

    const SENTENCE: &str = "The council of the island voted on Monday to repair the old bridge over the river.";

    /// A document of ten sentences, of which the stage removes so many with a reason.
    fn document(record: u64, removed: usize, reason: Reason) -> Document {
        let position = Position { file: 1, record, block: 0 };
        let text = [SENTENCE; 10].join("\n\n");
        let mut document = Document::new(position, format!("a#{record}"), "a".into(), &text);
        Mark::new(StageIndex(2)).remove_blocks(&mut document, (0..removed).map(|index| (index, reason)));
        document
    }

    const CHROME: Reason = Reason::new(Rule(0));

    fn counted(document: &Document) -> u64 {
        let mut gutted = Gutted::default();
        gutted.add(0, document, |stage| stage == StageIndex(9));
        gutted.documents
    }

    #[test]
    fn more_than_sixty_percent_of_the_prose_is_most_of_it() {
        assert_eq!([0, 6, 7, 10].map(|removed| counted(&document(0, removed, CHROME))), [0, 0, 1, 1]);
    }

    #[test]
    fn what_was_removed_as_a_copy_is_not_lost() {
        let copy = CHROME.in_favour_of(Some(Position { file: 2, record: 0, block: 0 }));
        assert_eq!(counted(&document(0, 9, copy)), 0);
        let mut mixed = document(0, 3, CHROME);
        Mark::new(StageIndex(3)).remove_blocks(&mut mixed, (3..10).map(|index| (index, copy)));
        assert_eq!(counted(&mixed), 0, "three tenths were lost, the others stand elsewhere");
        let mut none_stays = document(0, 0, CHROME);
        Mark::new(StageIndex(9)).remove_blocks(&mut none_stays, (0..10).map(|index| (index, CHROME)));
        assert_eq!(counted(&none_stays), 0, "a stage that removes copies and keeps none was asked for that");
    }

    #[test]
    fn a_filtered_document_does_not_count_and_one_of_which_nothing_is_left_does() {
        let mut filtered = document(0, 8, CHROME);
        Mark::new(StageIndex(4)).remove_document(&mut filtered, CHROME);
        assert_eq!(counted(&filtered), 0);
        let mut empty = document(0, 10, CHROME);
        Mark::new(StageIndex(2)).remove_document(&mut empty, CHROME);
        assert_eq!(counted(&empty), 1);
    }

    #[test]
    fn those_are_named_that_lost_most_whatever_is_added_first() {
        let of = |records: &[u64]| {
            let mut gutted = Gutted::default();
            records.iter().for_each(|record| {
                gutted.add(0, &document(*record, 7 + *record as usize % 4, CHROME), |_| false);
            });
            gutted
        };
        let all: Vec<u64> = (0..12).collect();
        let expected = of(&all);
        for cut in [1, 5, 11] {
            let (first, second) = all.split_at(cut);
            let (mut forwards, mut backwards) = (of(first), of(second));
            backwards += &forwards;
            forwards += &of(second);
            assert_eq!((&forwards, &backwards), (&expected, &expected));
        }
        let ids: Vec<String> = expected.named().into_iter().map(|loss| loss.id).collect();
        assert_eq!(ids, ["a#3", "a#7", "a#11", "a#2", "a#6"]);
        assert_eq!(expected.documents, 12);
    }
}
