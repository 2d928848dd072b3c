//! Whether a block speaks of the same matter as the page: the words that it shares with other blocks.

use super::matrix::{Matrix, share, step};
use super::page::Page;

/// Blocks within which a word that comes again ties two passages together.
const REACH: u32 = 10;

/// Columns on shared words, all running text being taken as the matter.
pub(crate) fn features(page: &Page, matrix: &mut Matrix) {
    let words = page.spread.len();
    let mut prose = vec![0u32; words];
    for block in page.blocks.iter().filter(|block| block.prose) {
        page.words(block).for_each(|word| prose[word] += 1);
    }
    let mut last = vec![None::<u32>; words];
    let mut before = Vec::with_capacity(page.blocks.len());
    for (at, block) in (0u32..).zip(&page.blocks) {
        let (mut near, mut all) = (0, 0);
        for word in page.words(block) {
            near += u32::from(last[word].is_some_and(|last| at - last <= REACH));
            all += 1;
            last[word] = Some(at);
        }
        before.push(share(near, all));
    }
    last.fill(None);
    let mut behind = Vec::with_capacity(page.blocks.len());
    for (at, block) in page.blocks.iter().enumerate().rev() {
        let at = at as u32;
        let (mut near, mut all) = (0, 0);
        for word in page.words(block) {
            near += u32::from(last[word].is_some_and(|last| last - at <= REACH));
            all += 1;
            last[word] = Some(at);
        }
        behind.push(share(near, all));
    }
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

/// How much the words of a block that stand elsewhere too stand in the article rather than in chrome, by the `scores` of the
/// blocks (0 chrome, 255 article). Rare words say more.
pub(crate) fn scored(page: &Page, scores: &[u8], matrix: &mut Matrix) {
    let mut article = vec![0u32; page.spread.len()];
    for (block, score) in page.blocks.iter().zip(scores) {
        page.words(block).for_each(|word| article[word] += u32::from(*score));
    }
    let mut columns = [const { Vec::new() }; 3];
    for (block, score) in page.blocks.iter().zip(scores) {
        let (mut within, mut without, mut all, mut lean) = (0u32, 0u32, 0u32, 0u32);
        for word in page.words(block) {
            let others = page.spread[word] - 1;
            let rare = 64 / (others + 2);
            all += rare;
            if others == 0 {
                continue;
            }
            let mass = article[word] - u32::from(*score);
            within += if mass >= 128 { rare } else { 0 };
            without += if others * 255 - mass >= 128 { rare } else { 0 };
            lean += rare * mass / others;
        }
        columns[0].push(share(within, all));
        columns[1].push(share(without, all));
        columns[2].push((lean / all.max(1)) as u8);
    }
    let [within, without, lean] = columns;
    matrix.add("shared_with_article", within.into_iter());
    matrix.add("shared_with_chrome", without.into_iter());
    matrix.add("shared_lean", lean.into_iter());
}

/// The words that each block shares with the last and the next few blocks that `scores` take for the article.
pub(crate) fn article_near(page: &Page, scores: &[u8], matrix: &mut Matrix) {
    let rows = page.blocks.len();
    let before = near_in_order(page, scores, 0..rows);
    let mut behind = near_in_order(page, scores, (0..rows).rev());
    behind.reverse();
    matrix.add("tied_to_article_before", before.into_iter());
    matrix.add("tied_to_article_behind", behind.into_iter());
}

fn near_in_order(page: &Page, scores: &[u8], order: impl Iterator<Item = usize>) -> Vec<u8> {
    // Blocks of the article, counted from one.
    let mut last = vec![0u32; page.spread.len()];
    let mut count = 0;
    let mut near = Vec::with_capacity(page.blocks.len());
    for at in order {
        let (Some(block), Some(score)) = (page.blocks.get(at), scores.get(at)) else { continue };
        let article = *score >= 128;
        count += u32::from(article);
        let (mut tied, mut all) = (0, 0);
        for word in page.words(block) {
            all += 1;
            tied += u32::from(last[word] != 0 && count - last[word] <= 4);
            if article {
                last[word] = count;
            }
        }
        near.push(share(tied, all));
    }
    near
}
