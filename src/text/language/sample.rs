//! A bounded sample of a document's blocks: enough to tell its language, whatever its length.

/// How much of a document is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Bytes taken in all, about.
    pub budget: usize,
    /// Shorter blocks are passed over while longer ones fill the budget. In bytes.
    pub short: usize,
    /// Least number of bytes taken from one block that is cut.
    pub piece: usize,
}

impl Default for Sample {
    fn default() -> Self {
        Self { budget: 4096, short: 80, piece: 256 }
    }
}

/// Calls `part` with parts of `blocks`, in order, spread evenly over the document: all of it where it fits the budget, else
/// the beginnings of long blocks. The choice depends on the blocks alone.
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
    // Each block earns its share of the budget; what it earns is spent once it buys a piece worth reading.
    let mut earned = 0u64;
    for block in blocks.filter(|block| block.len() >= least) {
        earned += block.len() as u64 * sample.budget as u64;
        let affordable = (earned / total as u64) as usize;
        if affordable >= block.len().min(sample.piece) {
            let taken = beginning(block, affordable);
            earned -= taken.len() as u64 * total as u64;
            part(taken);
        }
    }
}

/// The first `length` bytes of `text`, up to the last white space among them, or else the last character.
fn beginning(text: &str, length: usize) -> &str {
    if length >= text.len() {
        return text;
    }
    let start = text.get(..text.floor_char_boundary(length)).unwrap_or(text);
    match start.rfind(char::is_whitespace) {
        Some(end) if end * 2 > start.len() => start.get(..end).unwrap_or(start),
        _ => start,
    }
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
        assert!((3500..=4200).contains(&bytes), "{bytes}");
        assert!(parts.last().unwrap().starts_with("49") || parts.last().unwrap().starts_with("48"));
    }

    #[test]
    fn one_endless_line_is_cut_between_words() {
        let parts = sampled(&["mot à mot ".repeat(100_000)]).len();
        assert_eq!(parts, 1);
        let line = ["é".repeat(100_000)];
        assert_eq!(sampled(&line)[0].len(), 4096);
    }

    #[test]
    fn short_blocks_are_passed_over_while_long_ones_suffice() {
        let mut blocks = vec!["Share".to_owned(); 300];
        blocks.extend((0..60).map(|_| "A long paragraph of real text ".repeat(8)));
        assert!(sampled(&blocks).iter().all(|part| part.starts_with("A long")));
    }
}
