//! What a page has twice: once for wide and once for small screens, on the slides of a carousel, folded away and unfolded.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::Verdict;
use super::evidence::Evidence;
use super::model::PAGE;
use super::shape::SENTENCE;

/// Blocks from which a page surely has all that stood around its article, and what it has twice is the work of its layout.
const WHOLE: usize = 100;
/// Blocks and words of a passage that no writer puts on a shorter page twice: a paragraph or two come again as a quotation or by
/// mistake. On the 1,200 wcxb pages F1 rises by 0.004 by such passages, by 0.006 with all sentences of whole pages; articles win
/// 0.003, forums 0.026, shops 0.017; recall falls by 0.004, on news by 0.001.
const BLOCKS: usize = 3;
const PASSAGE: usize = 20;
/// Blocks of chrome that tell a page with its menus from a text that says some things twice.
const CHROME: usize = 10;
/// Times that a page has a passage at most: what stands there more often belongs to the entries of a list, and each is meant.
const MOST: usize = 4;

/// Removes from what is left of a page the passages that stand there before. Each has a block as long as a sentence, by which it is
/// found; songs, whose verses come again, have none. A text that lost little else is no page but a manual or a lesson, which says
/// some things twice.
pub(super) fn repeated_on_page(texts: &[&str], evidence: &[Evidence], verdicts: &mut [Verdict]) {
    let chrome = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Phrase(_) | Verdict::Shape(..)));
    if texts.len() < PAGE || chrome.count() < CHROME {
        return;
    }
    let all = verdicts.iter().zip(texts).zip(evidence).enumerate();
    let left: Vec<Left> = all
        .filter(|(_, ((verdict, _), _))| matches!(verdict, Verdict::Kept))
        .map(|(at, ((_, text), block))| Left { at, text, words: if block.code { 0 } else { block.words } })
        .collect();
    let mut places: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    for (place, block) in left.iter().enumerate().filter(|(_, block)| block.words >= SENTENCE) {
        places.entry(block.text).or_default().push(place);
    }
    let (blocks, least) = if texts.len() < WHOLE { (BLOCKS, PASSAGE) } else { (1, SENTENCE) };
    // One past the last copy: what stands before it is decided.
    let mut end = 0;
    for (place, block) in left.iter().enumerate() {
        let same = places.get(block.text).filter(|same| place >= end && same.len() <= MOST);
        let earlier = same.into_iter().flatten().copied().take_while(|earlier| *earlier < place);
        let found = earlier.map(|earlier| (passage(&left, earlier, end..place), earlier));
        let Some((copy, earlier)) = found.max_by_key(|(copy, _)| copy.len()) else { continue };
        let copied = left.get(copy.clone()).unwrap_or_default();
        let words = copied.iter().map(|block| block.words).sum();
        if words < least || copied.len() < blocks {
            continue;
        }
        end = copy.end;
        let firsts = left.get(copy.start - (place - earlier)..).unwrap_or_default();
        for (copied, first) in copied.iter().zip(firsts) {
            // What the first is a copy of itself stays.
            let first = if let Verdict::Copy { first, .. } = verdicts[first.at] { first } else { first.at };
            verdicts[copied.at] = Verdict::Copy { first, words, least };
        }
    }
}

/// A block that is left.
struct Left<'a> {
    /// Its number among all.
    at: usize,
    text: &'a str,
    /// None where it is code.
    words: usize,
}

/// The passage around the block at the end of `open` that stands around its equal at `earlier` too. It begins in `open`.
fn passage(left: &[Left<'_>], earlier: usize, open: Range<usize>) -> Range<usize> {
    let same = |(a, b): &(&Left<'_>, &Left<'_>)| a.text == b.text;
    let place = open.end;
    let before = left.get(..earlier).unwrap_or_default().iter().rev();
    let above = left.get(open.start.max(earlier + 1)..place).unwrap_or_default().iter().rev();
    let start = place - before.zip(above).take_while(same).count();
    let behind = left.get(earlier..start).unwrap_or_default().iter();
    let below = left.get(place..).unwrap_or_default().iter();
    start..place + behind.zip(below).take_while(same).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a page of these lines, others below them and a menu at its end.
    fn left<'a>(lines: &[&'a str]) -> Vec<&'a str> {
        left_of(lines, 30, 10)
    }

    fn left_of<'a>(lines: &[&'a str], others: usize, menu: usize) -> Vec<&'a str> {
        let others = (0..others)
            .map(|number| format!("And now for something completely new, number {number} of all that is here."));
        let others: Vec<String> = others.chain((0..menu).map(|number| format!("menu {number}"))).collect();
        let texts: Vec<&str> = lines.iter().copied().chain(others.iter().map(String::as_str)).collect();
        let evidence = |text: &&str| Evidence {
            words: text.split_whitespace().count(),
            code: text.contains("{}"),
            ..Evidence::default()
        };
        let verdict = |text: &&str| match *text {
            text if text.starts_with("menu") => Verdict::Phrase(0),
            text if text.contains("held") => Verdict::Held,
            _ => Verdict::Kept,
        };
        let mut verdicts: Vec<Verdict> = texts.iter().map(verdict).collect();
        repeated_on_page(&texts, &texts.iter().map(evidence).collect::<Vec<_>>(), &mut verdicts);
        let stays = |(_, verdict): &(&&str, &Verdict)| !matches!(verdict, Verdict::Copy { .. });
        assert!(texts.iter().zip(&verdicts).skip(lines.len()).all(|pair| stays(&pair)));
        for (text, verdict) in texts.iter().zip(&verdicts) {
            if let Verdict::Copy { first, .. } = verdict {
                assert!(
                    texts[*first] == *text && matches!(verdicts[*first], Verdict::Kept),
                    "{text} is no copy of {first}"
                );
            }
        }
        lines.iter().zip(&verdicts).filter(|pair| stays(pair)).map(|(line, _)| *line).collect()
    }

    const FIRST: [&str; 4] = [
        "Colours",
        "The lamp comes in red, in green and in the blue of the old harbour.",
        "Size",
        "It is as tall as a small child and weighs no more than a bag of apples.",
    ];

    #[test]
    fn a_passage_stays_once_with_its_headings() {
        assert_eq!(
            left(&[&FIRST[..], &["Reviews"], &FIRST, &["Red"]].concat()),
            [&FIRST[..], &["Reviews", "Red"]].concat()
        );
        assert_eq!(left(&[FIRST; 4].concat()), FIRST);
        let later = [&FIRST[..], &["Reviews"], &FIRST[2..], &["Red"]].concat();
        assert_eq!(left(&later), later, "two blocks are too few");
        assert_eq!(left(&[&later[..], &FIRST].concat()), later);
    }

    #[test]
    fn a_block_alone_and_the_entries_of_a_list_stay() {
        let alone = [FIRST[1], "A shop by the sea", FIRST[3], "Red", FIRST[1], "Green", FIRST[3]];
        assert_eq!(left(&alone), alone);
        assert_eq!(left_of(&alone, 90, 10), [&alone[..4], &alone[5..6]].concat(), "on a whole page they go");
        assert_eq!(left(&[FIRST; 5].concat()), [FIRST; 5].concat());
    }

    #[test]
    fn what_the_user_holds_code_verses_and_texts_that_are_no_page_stay() {
        let held = FIRST.map(|line| format!("{line} This line is held by the user."));
        let held = held.each_ref().map(String::as_str);
        assert_eq!(left(&[held; 2].concat()), [held; 2].concat());
        let code = FIRST.map(|line| format!("{line} {{}}"));
        let code = code.each_ref().map(String::as_str);
        assert_eq!(left(&[code; 2].concat()), [code; 2].concat());
        let song = [
            "And I will walk five hundred miles for you",
            "And I will run",
            "And I will fly above the sea and the land",
        ];
        assert_eq!(left(&[song; 2].concat()), [song; 2].concat());
        assert_eq!(left_of(&[FIRST; 2].concat(), 10, 10), [FIRST; 2].concat(), "too short for a page");
        assert_eq!(left_of(&[FIRST; 2].concat(), 30, 9), [FIRST; 2].concat(), "hardly a menu");
    }
}
