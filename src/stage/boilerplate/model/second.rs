//! Features of the second look: what the first look made of the blocks around, and where the article begins and ends by it.

use super::first::stretch;
use super::matrix::{Matrix, Sums, share, step};
use super::page::Page;
use super::topic;

/// Appends the columns that follow from the `scores` of the first look (0 chrome, 255 article).
pub(crate) fn features(page: &Page, scores: &[u8], matrix: &mut Matrix) {
    let rows = page.blocks.len();
    matrix.add("score", scores.iter().copied());
    let beside = |at: usize, by: isize| at.checked_add_signed(by).and_then(|at| scores.get(at)).copied();
    const NEAR: [(&str, isize); 8] = [
        ("score_-4", -4),
        ("score_-3", -3),
        ("score_-2", -2),
        ("score_-1", -1),
        ("score_+1", 1),
        ("score_+2", 2),
        ("score_+3", 3),
        ("score_+4", 4),
    ];
    for (name, by) in NEAR {
        matrix.add(name, (0..rows).map(|at| beside(at, by).unwrap_or(0)));
    }
    let sums = Sums::of(scores.iter().map(|score| i64::from(*score)));
    let chars = Sums::of(page.blocks.iter().map(|block| i64::from(block.measures.chars)));
    let mass = |(block, score): (&super::page::Seen, &u8)| i64::from(block.measures.chars) * i64::from(*score);
    let masses = Sums::of(page.blocks.iter().zip(scores).map(mass));
    const WIDE: [([&str; 4], usize); 3] = [
        (["score_left_5", "score_right_5", "mass_left_5", "mass_right_5"], 5),
        (["score_left_12", "score_right_12", "mass_left_12", "mass_right_12"], 12),
        (["score_left_30", "score_right_30", "mass_left_30", "mass_right_30"], 30),
    ];
    for (names, length) in WIDE {
        matrix.add(names[0], (0..rows).map(|at| sums.left(at, length, 0) as u8));
        matrix.add(names[1], (0..rows).map(|at| sums.right(at, length, 0) as u8));
        let part = |from: usize, to: usize| (masses.between(from, to) / chars.between(from, to).max(1)) as u8;
        matrix.add(names[2], (0..rows).map(|at| part(at.saturating_sub(length), at)));
        matrix.add(names[3], (0..rows).map(|at| part(at + 1, at + 1 + length)));
    }
    let all = masses.between(0, rows) / 255;
    matrix.add("mass_before", (0..rows).map(|at| share((masses.between(0, at) / 255) as u32, all as u32)));
    matrix.add("mass_before_chars", (0..rows).map(|at| step((masses.between(0, at) / 255) as u32)));
    matrix.add("mass_behind_chars", (0..rows).map(|at| step((masses.between(at + 1, rows) / 255) as u32)));
    let gains = |bar: i64| -> Vec<i64> {
        let gain = |(block, score): (&super::page::Seen, &u8)| {
            (i64::from(*score) - bar) * i64::from(block.measures.chars.clamp(20, 500))
        };
        page.blocks.iter().zip(scores).map(gain).collect()
    };
    stretch(&gains(128), matrix, ["in_core", "before_core", "behind_core"]);
    stretch(&gains(60), matrix, ["in_reach", "before_reach", "behind_reach"]);
    since_article(scores, matrix);
    pieces(page, scores, matrix);
    topic::scored(page, scores, matrix);
    topic::article_near(page, scores, matrix);
    matrix.add_for_all("page_score", (sums.between(0, rows) / rows.max(1) as i64) as u8);
    matrix.add_for_all("page_mass", (masses.between(0, rows) / chars.between(0, rows).max(1)) as u8);
    matrix.add_for_all("page_mass_chars", step(all as u32));
    matrix.add_for_all("page_most", scores.iter().copied().max().unwrap_or_default());
    let sure = scores.iter().filter(|score| **score < 16 || **score > 239).count();
    matrix.add_for_all("page_sure", share(sure as u32, rows as u32));
}

/// How many blocks ago, and how far ahead, the first look saw the article.
fn since_article(scores: &[u8], matrix: &mut Matrix) {
    let distance = |scores: &mut dyn Iterator<Item = &u8>| -> Vec<u8> {
        let mut since = u32::MAX;
        let walk = |score: &u8| {
            let now = step(since);
            since = if *score >= 128 { 0 } else { since.saturating_add(1) };
            now
        };
        scores.map(walk).collect()
    };
    let since = distance(&mut scores.iter());
    let mut until = distance(&mut scores.iter().rev());
    until.reverse();
    matrix.add("since_article", since.into_iter());
    matrix.add("until_article", until.into_iter());
}

/// Blocks without article in a row that end a piece of it.
const GAP: usize = 3;

/// The first look's article falls into pieces; a list of other stories is a small piece behind a gap. How much of the article
/// the piece is in which, or behind which, each block stands, how much of it comes before that piece, and how wide the gap is.
fn pieces(page: &Page, scores: &[u8], matrix: &mut Matrix) {
    let rows = scores.len();
    let mut number = vec![0usize; rows];
    // Of each piece: its characters, and the blocks of the gap before it.
    let mut found: Vec<(u32, u32)> = vec![(0, 0)];
    let mut gap = 0u32;
    for (at, (block, score)) in page.blocks.iter().zip(scores).enumerate() {
        if *score >= 128 {
            if gap as usize >= GAP || at == 0 {
                found.push((0, gap));
            }
            gap = 0;
            if let Some((chars, _)) = found.last_mut() {
                *chars += block.measures.chars;
            }
        } else {
            gap += 1;
        }
        number[at] = found.len() - 1;
    }
    let all: u32 = found.iter().map(|(chars, _)| chars).sum();
    let most = found.iter().map(|(chars, _)| *chars).max().unwrap_or_default();
    let mut before = Vec::with_capacity(found.len());
    let mut sum = 0;
    for (chars, _) in &found {
        before.push(share(sum, all));
        sum += chars;
    }
    let of = |value: &dyn Fn(usize) -> u8| number.iter().map(|piece| value(*piece)).collect::<Vec<_>>();
    matrix.add("piece", of(&|piece| share(found[piece].0, most)).into_iter());
    matrix.add("piece_chars", of(&|piece| step(found[piece].0)).into_iter());
    matrix.add("piece_gap", of(&|piece| step(found[piece].1)).into_iter());
    matrix.add("piece_before", of(&|piece| before[piece]).into_iter());
    matrix.add("next_piece", of(&|piece| found.get(piece + 1).map_or(0, |next| share(next.0, most))).into_iter());
    matrix.add_for_all("page_pieces", step(found.len() as u32));
}
