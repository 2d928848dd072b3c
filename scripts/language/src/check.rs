//! Measures weights on the development texts.

use std::collections::BTreeMap;

use unicode_script::Script;

use crate::corpus::{Folders, held_back, lines};
use crate::train::Weights;
use crate::pieces::{self, Piece};

/// The languages that have a script of their own here.
const ALONE: [(&str, Script); 14] = [
    ("el", Script::Greek),
    ("hy", Script::Armenian),
    ("ka", Script::Georgian),
    ("ko", Script::Hangul),
    ("th", Script::Thai),
    ("gu", Script::Gujarati),
    ("pa", Script::Gurmukhi),
    ("ta", Script::Tamil),
    ("te", Script::Telugu),
    ("kn", Script::Kannada),
    ("ml", Script::Malayalam),
    ("km", Script::Khmer),
    ("ja", Script::Hiragana),
    ("ja", Script::Katakana),
];

pub struct Answer {
    pub code: String,
    pub margin: f32,
}

pub fn tell(all: &[Weights], text: &str) -> Answer {
    let mut found: Vec<Vec<Vec<u32>>> = vec![Vec::new(); 10];
    let mut letters = [0u32; 10];
    let mut alone: BTreeMap<&str, u32> = BTreeMap::new();
    pieces::each(text, |piece| match piece {
        Piece::Word(group, word, length) => {
            letters[group as usize] += length;
            found[group as usize].push(word.to_vec());
        }
        Piece::Letter(letter) => {
            let code = ALONE.iter().find(|(_, script)| *script == letter);
            *alone.entry(code.map_or("", |(code, _)| code)).or_default() += 1;
        }
    });
    let kana = alone.get("ja").copied().unwrap_or(0);
    for index in 1..10 {
        letters[index] *= if index == 4 { 4 } else { 2 };
    }
    for count in alone.values_mut() {
        *count *= 3;
    }
    let best = (0..10).max_by_key(|index| (letters[*index], 10 - *index)).expect("ten groups");
    let other = alone.iter().max_by_key(|(_, count)| **count);
    if let Some((code, count)) = other
        && (*count > letters[best] || (best == 4 && kana * 8 > letters[4]))
    {
        return Answer { code: (*code).to_owned(), margin: 99.0 };
    }
    if letters[best] == 0 {
        return Answer { code: String::new(), margin: 0.0 };
    }
    let weights = &all[best];
    let scores = weights.judge(found[best].iter().map(Vec::as_slice));
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
    let margin = order.get(1).map_or(99.0, |second| scores[order[0]] - scores[*second]);
    Answer { code: weights.codes[order[0]].clone(), margin }
}

/// Margins that separate the answers whose certainty is measured.
const PARTS: [f32; 12] = [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 40.0];

pub fn check(all: &[Weights], folders: &Folders) {
    let mut certain = [(0u32, 0u32); PARTS.len()];
    let known: Vec<&str> = all.iter().flat_map(|weights| weights.codes.iter().map(String::as_str)).chain(ALONE.iter().map(|(code, _)| *code)).collect();
    for set in ["lingua-sentences", "lingua-word-pairs", "lingua-single-words", "pud-sentences", "udhr", "clean"] {
        let (mut right, mut seen, mut silent, mut strangers, mut refused) = (0, 0, 0, 0, 0);
        let mut by: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for line in lines(&folders.develop.join(format!("{set}.tsv"))) {
            if (set == "udhr" || (folders.spoken > 0.0 && set.starts_with("lingua"))) && !held_back(&line.id) || line.id.starts_with("bible") {
                continue;
            }
            let answer = tell(all, &line.text);
            if !answer.code.is_empty() && answer.margin < 99.0 {
                let part = PARTS.iter().rposition(|least| answer.margin >= *least).unwrap_or(0);
                certain[part].0 += u32::from(answer.code == line.code);
                certain[part].1 += 1;
            }
            if !known.contains(&line.code.as_str()) && line.code != "no" {
                strangers += 1;
                refused += u32::from(answer.code.is_empty());
                continue;
            }
            seen += 1;
            let same = answer.code == line.code || (line.code == "no" && (answer.code == "nb" || answer.code == "nn"));
            right += u32::from(same);
            silent += u32::from(answer.code.is_empty());
            if !same {
                *by.entry(line.code).or_default().entry(answer.code).or_default() += 1;
            }
        }
        let strangers_refused = f64::from(refused) / f64::from(strangers.max(1));
        println!("{set}: {:.4} of {seen} ({silent} und), {strangers} strangers {strangers_refused:.3} und", f64::from(right) / f64::from(seen));
        let mut worst: Vec<(u32, String)> = by.into_iter().map(|(code, wrong)| {
            let mut wrong: Vec<(u32, String)> = wrong.into_iter().map(|(code, count)| (count, code)).collect();
            wrong.sort_by(|one, other| other.cmp(one));
            let total = wrong.iter().map(|(count, _)| count).sum();
            let names: Vec<String> = wrong.iter().take(4).map(|(count, code)| format!("{}{count}", if code.is_empty() { "?" } else { code })).collect();
            (total, format!("{code}→{}", names.join(",")))
        }).collect();
        worst.sort_by(|one, other| other.cmp(one));
        println!("   {}", worst.iter().take(14).map(|(count, text)| format!("{text}/{count}")).collect::<Vec<_>>().join("  "));
    }
    for (least, (right, seen)) in PARTS.iter().zip(certain) {
        println!("margin from {least}: {:.4} of {seen} right", f64::from(right) / f64::from(seen.max(1)));
    }
}
