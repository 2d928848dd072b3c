//! Whether a block speaks of the same matter as the page: the words that it shares with other blocks.

use super::matrix::{Matrix, share, step};
use super::page::Page;

/// Blocks within which a word that comes again ties two passages together.
const REACH: usize = 10;

/// Columns on shared words, all running text being taken as the matter.
pub(crate) fn features(page: &Page, matrix: &mut Matrix) {
    let words = page.spread.len();
    let mut prose = vec![0u32; words];
    for block in page.blocks.iter().filter(|block| block.prose) {
        page.words(block).for_each(|word| prose[word] += 1);
    }
    let before = ties(page, 0..page.blocks.len());
    let mut behind = ties(page, (0..page.blocks.len()).rev());
    behind.reverse();
    matrix.add("ties_before", before.into_iter());
    matrix.add("ties_behind", behind.into_iter());
    let mut columns = [const { Vec::new() }; 5];
    let themes = (page.blocks.iter().filter(|block| block.prose).count() as u32 / 8).max(2);
    for block in &page.blocks {
        let own = u32::from(block.prose);
        let (mut shared, mut alone, mut all, mut common, mut theme) = (0, 0, 0, 0, 0);
        for word in page.words(block) {
            all += 1;
            theme += u32::from(prose[word] >= themes + own);
            shared += u32::from(prose[word] > own);
            alone += u32::from(page.spread[word] == 1);
            common += page.spread[word].min(50);
        }
        columns[0].push(share(shared, all));
        columns[1].push(step(shared));
        columns[2].push(share(alone, all));
        columns[3].push(step(common * 4 / all.max(1)));
        columns[4].push(share(theme, all));
    }
    let [shared, count, alone, common, theme] = columns;
    matrix.add("shared", shared.into_iter());
    matrix.add("shared_count", count.into_iter());
    matrix.add("alone", alone.into_iter());
    matrix.add("common", common.into_iter());
    matrix.add("theme", theme.into_iter());
}

/// For each block, in this order, the share of its words that stand in one of the few blocks that came before.
fn ties(page: &Page, order: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut last = vec![None::<usize>; page.spread.len()];
    let tie = |at: usize| {
        let (mut near, mut all) = (0, 0);
        for word in page.words(&page.blocks[at]) {
            near += u32::from(last[word].is_some_and(|last| at.abs_diff(last) <= REACH));
            all += 1;
            last[word] = Some(at);
        }
        share(near, all)
    };
    order.map(tie).collect()
}
