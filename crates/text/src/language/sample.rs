//! A bounded sample of a document's blocks: enough to tell its language, whatever its length.

/// How much of a document is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Bytes taken in all, about.
    pub budget: usize,
    /// Shorter blocks are passed over while longer ones fill the budget. In bytes.
    pub short: usize,
    /// Long blocks are taken in pieces of so many bytes.
    pub piece: usize,
}

impl Default for Sample {
    fn default() -> Self {
        Self { budget: 768, short: 80, piece: 128 }
    }
}

/// Calls `part` with parts of `blocks`, in order, spread evenly over the document: all of it where it fits the budget, else
/// pieces of the long blocks. The choice depends on the blocks alone.
pub fn sample<'a>(blocks: impl Iterator<Item = &'a str> + Clone, sample: Sample, mut part: impl FnMut(&'a str)) {
    let (mut total, mut long) = (0, 0);
    for block in blocks.clone() {
        total += block.len();
        long += if block.len() >= sample.short { block.len() } else { 0 };
    }
    if total <= sample.budget {
        blocks.for_each(part);
        return;
    }
    let (least, total) = if long >= sample.budget { (sample.short, long) } else { (0, total) };
    // A piece is due every `stride` bytes; it is taken from the beginning of its block unless the block is long.
    let stride = (total * sample.piece).div_ceil(sample.budget);
    let (mut offset, mut due) = (0, 0);
    for block in blocks.filter(|block| block.len() >= least) {
        let mut rest = block;
        let end = offset + block.len();
        while due < end && !rest.is_empty() {
            let passed = if block.len() > 2 * sample.piece { (due + rest.len()).saturating_sub(end) } else { 0 };
            let (piece, after) = cut(cut(rest, passed).1, sample.piece);
            part(piece);
            rest = if block.len() > 2 * sample.piece { after } else { "" };
            due += stride;
        }
        due = due.max(offset + 1);
        offset = end;
    }
}

/// Cuts `text` after about `length` bytes: at the next white space if one is near, else between two characters.
fn cut(text: &str, length: usize) -> (&str, &str) {
    if length == 0 || length >= text.len() {
        return text.split_at(length.min(text.len()));
    }
    let start = text.ceil_char_boundary(length);
    let near = text.get(start..text.ceil_char_boundary(start + 24)).unwrap_or_default();
    text.split_at(near.find(char::is_whitespace).map_or(start, |space| start + space))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(blocks: &[String]) -> Vec<&str> {
        let mut parts = Vec::new();
        sample(blocks.iter().map(String::as_str), Sample::default(), |part| parts.push(part));
        parts
    }

    #[test]
    fn a_small_document_is_read_whole() {
        let blocks: Vec<String> = (0..10).map(|number| format!("block {number}")).collect();
        assert_eq!(sampled(&blocks), blocks);
    }

    #[test]
    fn a_large_document_is_sampled_to_its_end_within_the_budget() {
        let blocks: Vec<String> = (0..5000).map(|number| format!("{number} {}", "word ".repeat(30))).collect();
        let parts = sampled(&blocks);
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        assert!((450..=1000).contains(&bytes), "{bytes}");
        assert!(parts.last().unwrap().starts_with('4'));
    }

    #[test]
    fn one_endless_line_is_taken_in_pieces_cut_between_words() {
        let line = ["bateau ".repeat(100_000)];
        let parts = sampled(&line);
        assert_eq!(parts.len(), 6);
        assert!(parts.iter().all(|part| part.trim().split(' ').all(|word| word == "bateau")), "{parts:?}");
        let line = ["é".repeat(100_000)];
        assert!(sampled(&line).iter().all(|part| part.len() == 128));
        assert_eq!(sampled(&line).len(), 6);
    }

    #[test]
    fn short_blocks_are_passed_over_while_long_ones_suffice() {
        let mut blocks = vec!["Share".to_owned(); 300];
        blocks.extend((0..60).map(|_| "A long paragraph of real text ".repeat(8)));
        assert!(sampled(&blocks).iter().all(|part| part.starts_with("A long")));
    }
}
