//! The blocks of a document that the stage looks at, and what is measured of each.

use super::evidence::Evidence;
use super::{Stripper, facts};
use crate::document::{Block, Document};
use crate::text::date::NumericOrder;

/// The blocks of a document that the stage looks at.
pub(super) struct Seen<'a> {
    /// Their places among the document's blocks.
    pub(super) at: Vec<usize>,
    pub(super) texts: Vec<&'a str>,
    pub(super) evidence: Vec<Evidence>,
    /// The order of day and month in numbers.
    pub(super) order: NumericOrder,
}

impl Stripper {
    /// Looks at each block for which `wanted` holds.
    pub(super) fn see<'a>(&self, document: &'a Document, wanted: impl Fn(Block<'a>) -> bool) -> Seen<'a> {
        let blocks = document.blocks().filter(|block| wanted(*block));
        let (at, texts): (Vec<usize>, Vec<&str>) = blocks.map(|block| (block.index(), block.text())).unzip();
        let order = facts::order(&texts, document.facts().url.as_deref());
        let mut folded = String::new();
        let mut evidence: Vec<Evidence> =
            texts.iter().map(|text| Evidence::of(text, &self.phrases, order, &mut folded)).collect();
        for (evidence, block) in evidence.iter_mut().zip(blocks_at(document, &at)) {
            evidence.share_of_site = block.share_of_site();
        }
        Seen { at, texts, evidence, order }
    }
}

/// The blocks at these places, in order.
pub(super) fn blocks_at<'a>(document: &'a Document, at: &'a [usize]) -> impl Iterator<Item = Block<'a>> {
    let mut wanted = at.iter().peekable();
    document.blocks().filter(move |block| wanted.next_if(|at| **at == block.index()).is_some())
}

/// Whether a third of the lines look like code or stand between two fences of Markdown: a listing is no article, and nothing of it
/// is chrome.
pub(super) fn is_listing(texts: &[&str], evidence: &[Evidence]) -> bool {
    let fences: Vec<usize> =
        texts.iter().enumerate().filter(|(_, text)| text.starts_with("```")).map(|(at, _)| at).collect();
    let (fenced, _) = fences.as_chunks();
    let between = fenced.iter().filter_map(|[open, close]| evidence.get(open + 1..*close)).flatten();
    let code = evidence.iter().filter(|line| line.code).count() + between.filter(|line| !line.code).count();
    code >= 8 && code * 3 >= evidence.len()
}
