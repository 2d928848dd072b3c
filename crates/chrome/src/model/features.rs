//! The features: each block by itself, its place, the blocks around it, the words it shares with the page.

use std::collections::HashMap;

use super::matrix::{Matrix, Sums, around, share, step};
use super::page::{Page, Seen};
use super::topic;

/// Columns of all blocks of `page`.
pub(crate) fn features(page: &Page) -> Matrix {
    let mut matrix = Matrix::new(page.blocks.len());
    own(page, &mut matrix);
    place(page, &mut matrix);
    around_it(page, &mut matrix);
    segments(page, &mut matrix);
    topic::features(page, &mut matrix);
    whole(page, &mut matrix);
    matrix
}

/// What each block is by itself.
fn own(page: &Page, matrix: &mut Matrix) {
    let mut each = |name, value: &dyn Fn(&Seen) -> u8| matrix.add(name, page.blocks.iter().map(value));
    each("chars", &|block| step(block.measures.chars));
    each("words", &|block| step(block.measures.words));
    each("letters", &|block| share(block.measures.letters, block.measures.chars));
    each("uppers", &|block| share(block.measures.uppers, block.measures.letters));
    each("digits", &|block| share(block.measures.digits, block.measures.chars));
    each("numbers", &|block| step(block.measures.numbers));
    each("stops", &|block| step(block.measures.stops));
    each("words_a_stop", &|block| step(block.measures.words / block.measures.stops.max(1)));
    each("commas", &|block| step(block.measures.commas));
    each("colons", &|block| step(block.measures.colons));
    each("quotes", &|block| step(block.measures.quotes));
    each("brackets", &|block| step(block.measures.brackets));
    each("marks", &|block| step(block.measures.marks));
    each("signs", &|block| share(block.measures.signs, block.measures.chars));
    each("capitals", &|block| share(block.measures.capitals, block.measures.words));
    each("word_length", &|block| step(block.measures.letters * 8 / block.measures.words.max(1)));
    each("longest", &|block| step(block.measures.longest));
    each("short_words", &|block| share(block.measures.short_words, block.measures.words));
    each("first", &|block| block.measures.first as u8);
    each("last", &|block| block.measures.last as u8);
    each("address", &|block| u8::from(block.measures.address));
    each("kind", &|block| u8::from(block.code) * 2 + u8::from(block.day));
    each("effect", &|block| block.effect);
    each("ends", &|block| u8::from(block.ends));
    each("word_sum", &|block| around(block.weighed.sum / 8));
    each("word_mean", &|block| around(block.weighed.mean() / 8));
    each("word_most", &|block| block.weighed.most as u8);
    each("word_least", &|block| around(block.weighed.least));
    each("blank_before", &|block| u8::from(block.blank_before));
    let behind = page.blocks.iter().skip(1).map(|block| u8::from(block.blank_before));
    matrix.add("blank_after", behind.chain([2]).take(matrix.rows));
    let mut copies: HashMap<u32, u32> = HashMap::new();
    for block in &page.blocks {
        *copies.entry(block.measures.hash).or_default() += 1;
    }
    let count = |block: &Seen| copies.get(&block.measures.hash).map_or(0, |count| step(count - 1));
    matrix.add("copies", page.blocks.iter().map(count));
}

/// Where each block stands.
fn place(page: &Page, matrix: &mut Matrix) {
    let rows = page.blocks.len();
    let chars = Sums::of(page.blocks.iter().map(|block| i64::from(block.measures.chars)));
    let prose = Sums::of(page.blocks.iter().map(prose_chars));
    let (all, all_prose) = (chars.between(0, rows) as u32, prose.between(0, rows) as u32);
    matrix.add("from_start", (0..rows).map(|at| step(at as u32)));
    matrix.add("from_end", (0..rows).map(|at| step((rows - 1 - at) as u32)));
    matrix.add("place", (0..rows).map(|at| share(at as u32, rows as u32)));
    matrix.add("place_in_chars", (0..rows).map(|at| share(chars.between(0, at) as u32, all)));
    matrix.add("prose_before", (0..rows).map(|at| share(prose.between(0, at) as u32, all_prose)));
    matrix.add("prose_before_chars", (0..rows).map(|at| step(prose.between(0, at) as u32)));
    matrix.add("prose_behind_chars", (0..rows).map(|at| step(prose.between(at + 1, rows) as u32)));
    let mut since = vec![u32::MAX; rows];
    let mut until = vec![u32::MAX; rows];
    let mut seen = None;
    for (at, block) in page.blocks.iter().enumerate() {
        since[at] = seen.map_or(u32::MAX, |seen| (at - seen) as u32);
        seen = if block.prose { Some(at) } else { seen };
    }
    seen = None;
    for (at, block) in page.blocks.iter().enumerate().rev() {
        until[at] = seen.map_or(u32::MAX, |seen| (seen - at) as u32);
        seen = if block.prose { Some(at) } else { seen };
    }
    matrix.add("since_prose", since.iter().map(|blocks| step(*blocks)));
    matrix.add("until_prose", until.iter().map(|blocks| step(*blocks)));
    let gap = since.iter().zip(&until).map(|(since, until)| step(since.saturating_add(*until)));
    matrix.add("prose_gap", gap);
    // What a rule said ends an article, and how much was written since.
    let (mut ends, mut chars_since) = (0u32, 0u32);
    let mut columns = [Vec::new(), Vec::new()];
    for block in &page.blocks {
        columns[0].push(step(ends));
        columns[1].push(if ends == 0 { 255 } else { step(chars_since) });
        chars_since += prose_chars(block) as u32;
        // Lists in the head of a page end nothing.
        if block.ends && prose.between(0, columns[0].len()) >= 300 {
            ends += 1;
            chars_since = 0;
        }
    }
    let [ended, since_end] = columns;
    matrix.add("ends_before", ended.into_iter());
    matrix.add("prose_since_end", since_end.into_iter());
}

fn prose_chars(block: &Seen) -> i64 {
    if block.prose { i64::from(block.measures.chars) } else { 0 }
}

/// The neighbours of each block, one by one and in windows.
fn around_it(page: &Page, matrix: &mut Matrix) {
    let rows = page.blocks.len();
    let blocks = &page.blocks;
    let beside = |at: usize, by: isize| at.checked_add_signed(by).and_then(|at| blocks.get(at));
    const CHARS: [&str; 6] = ["chars_-3", "chars_-2", "chars_-1", "chars_+1", "chars_+2", "chars_+3"];
    for (name, by) in CHARS.into_iter().zip([-3, -2, -1, 1, 2, 3]) {
        matrix.add(name, (0..rows).map(|at| beside(at, by).map_or(0, |block| step(block.measures.chars))));
    }
    const NEAR: [[&str; 4]; 4] = [
        ["stops_-2", "last_-2", "effect_-2", "word_mean_-2"],
        ["stops_-1", "last_-1", "effect_-1", "word_mean_-1"],
        ["stops_+1", "last_+1", "effect_+1", "word_mean_+1"],
        ["stops_+2", "last_+2", "effect_+2", "word_mean_+2"],
    ];
    for ([stops, last, effect, words], by) in NEAR.into_iter().zip([-2, -1, 1, 2]) {
        matrix.add(stops, (0..rows).map(|at| beside(at, by).map_or(0, |block| step(block.measures.stops))));
        matrix.add(last, (0..rows).map(|at| beside(at, by).map_or(0, |block| block.measures.last as u8)));
        matrix.add(effect, (0..rows).map(|at| beside(at, by).map_or(0, |block| block.effect)));
        matrix.add(words, (0..rows).map(|at| beside(at, by).map_or(128, |block| around(block.weighed.mean() / 8))));
    }
    let chars = Sums::of(blocks.iter().map(|block| i64::from(block.measures.chars)));
    let prose = Sums::of(blocks.iter().map(|block| 255 * i64::from(block.prose)));
    let hits = Sums::of(blocks.iter().map(|block| 255 * i64::from(block.effect != 0)));
    let words = Sums::of(blocks.iter().map(|block| i64::from(block.weighed.mean().clamp(-1000, 1000))));
    let days = Sums::of(blocks.iter().map(|block| 255 * i64::from(block.is_dated())));
    for ([left, right], length) in [(["days_left_5", "days_right_5"], 5), (["days_left_15", "days_right_15"], 15)] {
        matrix.add(left, (0..rows).map(|at| days.left(at, length, 0) as u8));
        matrix.add(right, (0..rows).map(|at| days.right(at, length, 0) as u8));
    }
    const WIDE: [[[&str; 4]; 2]; 3] = [
        [
            ["chars_left_4", "prose_left_4", "hits_left_4", "words_left_4"],
            ["chars_right_4", "prose_right_4", "hits_right_4", "words_right_4"],
        ],
        [
            ["chars_left_10", "prose_left_10", "hits_left_10", "words_left_10"],
            ["chars_right_10", "prose_right_10", "hits_right_10", "words_right_10"],
        ],
        [
            ["chars_left_25", "prose_left_25", "hits_left_25", "words_left_25"],
            ["chars_right_25", "prose_right_25", "hits_right_25", "words_right_25"],
        ],
    ];
    for ([left, right], length) in WIDE.into_iter().zip([4, 10, 25]) {
        matrix.add(left[0], (0..rows).map(|at| step(chars.left(at, length, 0) as u32)));
        matrix.add(left[1], (0..rows).map(|at| prose.left(at, length, 0) as u8));
        matrix.add(left[2], (0..rows).map(|at| hits.left(at, length, 255) as u8));
        matrix.add(left[3], (0..rows).map(|at| around(words.left(at, length, 0) as i32 / 8)));
        matrix.add(right[0], (0..rows).map(|at| step(chars.right(at, length, 0) as u32)));
        matrix.add(right[1], (0..rows).map(|at| prose.right(at, length, 0) as u8));
        matrix.add(right[2], (0..rows).map(|at| hits.right(at, length, 255) as u8));
        matrix.add(right[3], (0..rows).map(|at| around(words.right(at, length, 0) as i32 / 8)));
    }
    alike(page, matrix);
}

/// Blocks that look alike come in lists: how many around each block begin and end as it does and are about as long.
fn alike(page: &Page, matrix: &mut Matrix) {
    let rows = page.blocks.len();
    let shape = |block: &Seen| {
        let measures = &block.measures;
        u32::from(step(measures.chars) / 4) << 16 | (measures.first as u32) << 8 | measures.last as u32
    };
    let shapes: Vec<u32> = page.blocks.iter().map(shape).collect();
    let count = |at: usize| {
        let near = shapes.get(at.saturating_sub(12)..(at + 13).min(rows)).unwrap_or_default();
        (near.iter().filter(|shape| **shape == shapes[at]).count() - 1) as u8
    };
    matrix.add("alike", (0..rows).map(count));
    // Short blocks in a row, and the place in the row.
    let mut run = vec![(0u32, 0u32); rows];
    let mut start = 0;
    for at in 0..=rows {
        let short = page.blocks.get(at).is_some_and(|block| !block.prose && block.measures.chars < 60);
        if !short {
            for (place, run) in run.get_mut(start..at).unwrap_or_default().iter_mut().enumerate() {
                *run = ((at - start) as u32, place as u32);
            }
            start = at + 1;
        }
    }
    matrix.add("run", run.iter().map(|(length, _)| step(*length)));
    matrix.add("place_in_run", run.iter().map(|(_, place)| step(*place)));
}

/// The stretch of the page that holds most running text, and where each block stands to it.
fn segments(page: &Page, matrix: &mut Matrix) {
    let gains = page.blocks.iter().map(|block| match (block.prose, block.effect) {
        (true, _) => i64::from(block.measures.chars.min(600)),
        (_, 0) => -40,
        _ => -80,
    });
    let gains: Vec<i64> = gains.collect();
    let (first, end) = best(&gains);
    let rows = gains.len();
    matrix.add("in_stretch", (0..rows).map(|at| u8::from(at >= first) + u8::from(at >= end)));
    matrix.add("before_stretch", (0..rows).map(|at| step((at + 1).saturating_sub(first).min(at + 1) as u32)));
    matrix.add(
        "behind_stretch",
        (0..rows).map(|at| if at < end { step((end - at) as u32) / 2 } else { 128 + step((at - end) as u32) / 2 }),
    );
}

/// The range of blocks with the greatest sum.
fn best(gains: &[i64]) -> (usize, usize) {
    let (mut sum, mut start, mut most, mut range) = (0, 0, 0, (0, 0));
    for (at, gain) in gains.iter().enumerate() {
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        sum += gain;
        if sum > most {
            (most, range) = (sum, (start, at + 1));
        }
    }
    range
}

/// What the page is as a whole.
fn whole(page: &Page, matrix: &mut Matrix) {
    let blocks = &page.blocks;
    let rows = blocks.len() as u32;
    let count = |test: &dyn Fn(&&Seen) -> bool| blocks.iter().filter(test).count() as u32;
    let sum = |value: &dyn Fn(&Seen) -> u32| blocks.iter().map(value).sum::<u32>();
    let chars = sum(&|block| block.measures.chars);
    let letters = sum(&|block| block.measures.letters);
    let prose = sum(&|block| prose_chars(block) as u32);
    let words: i64 = blocks.iter().map(|block| i64::from(block.weighed.mean().clamp(-1000, 1000))).sum();
    let hits = count(&|block| block.effect != 0);
    matrix.add_for_all("page_blocks", step(rows));
    matrix.add_for_all("page_chars", step(chars));
    matrix.add_for_all("page_prose", share(prose, chars));
    matrix.add_for_all("page_prose_blocks", step(count(&|block| block.prose)));
    matrix.add_for_all("page_hits", share(hits, rows));
    matrix.add_for_all("page_hits_count", step(hits));
    matrix.add_for_all("page_chrome_hits", step(count(&|block| !matches!(block.effect, 0 | 2 | 3))));
    matrix.add_for_all("page_wide", share(sum(&|block| block.measures.wide), letters));
    matrix.add_for_all("page_stops", share(count(&|block| block.measures.stops > 0), rows));
    matrix.add_for_all("page_code", share(count(&|block| block.code), rows));
    matrix.add_for_all("page_words", around((words / i64::from(rows.max(1)) / 8) as i32));
    let mut sizes: Vec<u32> = blocks.iter().map(|block| block.measures.chars).collect();
    let middle = sizes.len() / 2;
    let median = if sizes.is_empty() { 0 } else { *sizes.select_nth_unstable(middle).1 };
    matrix.add_for_all("page_median", step(median));
}
