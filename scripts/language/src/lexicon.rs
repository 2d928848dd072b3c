//! Adds to packed weights what is known of single words: those that part two neighbours, from a list of our own (`words.tsv`).
//!
//! A line of the list: a language, its rivals joined by `+`, a weight in steps, words. Each word speaks for the language by that
//! weight and, a third as much, against the rivals.

use crate::alphabet::Group;
use crate::grams::{self, Gram};
use crate::pieces::{self, Piece};

/// Bytes of a line of sparse features: eight tags, eight times three (language, weight) pairs.
const LINE: usize = 64;

pub fn add(packed: &mut [u8], list: &str) {
    let end = packed.windows(2).position(|pair| pair == b"\n\n").expect("a header");
    let header = String::from_utf8(packed[..end].to_vec()).expect("text");
    let mut rows = header.lines();
    let numbers: Vec<usize> = rows.next().expect("Latin is first").split(' ').skip(1).map(|number| number.parse().expect("a number")).collect();
    let codes: Vec<&str> = rows.next().expect("its languages").split(' ').collect();
    let [width, dense, index, lines] = numbers.try_into().expect("four sizes");
    let start = end + 2 + 2 * codes.len() + 16 * index + width * dense;
    let table = &mut packed[start..start + LINE * lines];
    let (mut changed, mut evicted) = (0, 0);
    for row in list.lines() {
        let [code, rivals, weight, texts] = row.split('\t').collect::<Vec<_>>().try_into().expect("four columns");
        let weight: i32 = weight.parse().expect("a number");
        let own = |code: &str| codes.iter().position(|known| *known == code).expect("a language") as u8;
        let mut changes = vec![(own(code), weight)];
        changes.extend(rivals.split('+').map(|rival| (own(rival), -weight / 3)));
        pieces::each(texts, |piece| {
            let Piece::Word(Group::Latin, word, 4..) = piece else { return };
            let mut whole = 0;
            grams::each(Group::Latin, word, |gram| {
                if let Gram::Sparse(key) = gram {
                    whole = key;
                }
            });
            let line = (whole >> 40) as usize & (lines - 1);
            evicted += u32::from(change(&mut table[LINE * line..LINE * (line + 1)], (whole & 0xffff).max(1) as u16, &changes));
            changed += 1;
        });
    }
    eprintln!("{changed} words known, {evicted} features gave way");
}

/// Changes a feature's weights; makes room for it where it has none. True if another feature had to go.
fn change(line: &mut [u8], tag: u16, changes: &[(u8, i32)]) -> bool {
    let (tags, pairs) = line.split_at_mut(16);
    let tag_at = |tags: &[u8], place: usize| u16::from_le_bytes([tags[2 * place], tags[2 * place + 1]]);
    let known = (0..8).find(|place| tag_at(tags, *place) == tag);
    let empty = (0..8).find(|place| tag_at(tags, *place) == 0);
    let strength = |place: &usize| (0..3).map(|pair| i32::from(pairs[6 * place + 2 * pair + 1] as i8).abs()).max();
    let weakest = (0..8).min_by_key(strength).expect("eight places");
    let place = known.or(empty).unwrap_or(weakest);
    let pairs = &mut pairs[6 * place..6 * place + 6];
    if known.is_none() {
        tags[2 * place..2 * place + 2].copy_from_slice(&tag.to_le_bytes());
        pairs.fill(0);
    }
    for (language, weight) in changes {
        let value = |pair: usize| i32::from(pairs[2 * pair + 1] as i8);
        let own = (0..3).find(|pair| pairs[2 * pair] == *language && value(*pair) != 0);
        let pair = own.unwrap_or_else(|| (0..3).min_by_key(|pair| value(*pair).abs()).expect("three pairs"));
        let before = if own.is_some() { value(pair) } else { 0 };
        pairs[2 * pair] = *language;
        pairs[2 * pair + 1] = ((before + weight).clamp(-127, 127) as i8) as u8;
    }
    known.is_none() && empty.is_none()
}
