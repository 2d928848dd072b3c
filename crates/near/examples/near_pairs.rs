//! Finds the near copies among the texts of a file, in memory: to try thresholds on, and to measure speed.
//!
//! `near_pairs DOCS.jsonl[.zst] [--containment 0.9] [--blocks] [--templates] [--wide N]` prints what goes, as JSON lines with `id` and
//! `partner_id`, and says on stderr how long it took.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tamis_near::{Bands, Found, Gathering, Key, Measure, Shingles, anchors};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("a file of documents");
    let (mut containment, mut blocks, mut templates, mut wide, mut loose) = (None, false, false, 6, 0.8);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--containment" => containment = Some(arguments.next().unwrap().parse().unwrap()),
            "--blocks" => blocks = true,
            "--templates" => templates = true,
            "--wide" => wide = arguments.next().unwrap().parse().unwrap(),
            "--threshold" => loose = arguments.next().unwrap().parse().unwrap(),
            other => {
                println_stderr(&format!("there is no option {other}"));
                return;
            }
        }
    }
    let bytes = std::fs::read(&path).unwrap();
    let bytes = if path.ends_with(".zst") { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
    let mut texts: Vec<(String, Option<usize>, String)> = Vec::new();
    for line in std::str::from_utf8(&bytes).unwrap().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let (id, text) = (record["id"].as_str().unwrap_or("?"), record["text"].as_str().unwrap());
        if blocks {
            let blocks = text.split("\n\n").enumerate();
            texts.extend(blocks.map(|(number, block)| (id.to_owned(), Some(number), block.to_owned())));
        } else {
            texts.push((id.to_owned(), None, text.to_owned()));
        }
    }
    let size: usize = texts.iter().map(|(_, _, text)| text.len()).sum();
    let start = Instant::now();
    let mut shingles = Shingles::default();
    let mut bands = Bands::new(20, 6, wide, 1);
    let mut keys: Vec<(Key, u32)> = Vec::new();
    for (number, (_, _, text)) in texts.iter().enumerate() {
        let hashes = shingles.fill(text, 5);
        if !hashes.is_empty() {
            bands.keys(hashes, |key| keys.push((key, number as u32)));
        }
    }
    let sketched = start.elapsed();
    keys.sort_unstable();
    let mut leaders: BTreeSet<(u32, u32)> = BTreeSet::new();
    for same in keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        leaders.extend(same.iter().map(|(_, number)| (same[0].1, *number)));
    }
    let length: Vec<usize> = texts.iter().map(|(_, _, text)| text.chars().count()).collect();
    if containment.is_some() {
        let mut keys: Vec<(u64, usize, u32, u32)> = Vec::new();
        for (number, (_, _, text)) in texts.iter().enumerate() {
            let mut own = Vec::new();
            anchors(shingles.fill(text, 5), 10, |anchor| own.push(anchor));
            own.sort_unstable();
            own.dedup();
            keys.extend(
                own.iter().map(|anchor| (*anchor, usize::MAX - length[number], number as u32, own.len() as u32)),
            );
        }
        keys.sort_unstable();
        println_stderr(&format!("{} anchors", keys.len()));
        let mut shared: BTreeMap<(u32, u32), (u32, u32)> = BTreeMap::new();
        for same in keys.chunk_by(|a, b| a.0 == b.0).filter(|same| (2..1000).contains(&same.len())) {
            for (at, (_, _, short, own)) in same.iter().enumerate() {
                for (_, _, long, _) in &same[..at.min(3)] {
                    shared.entry((*long, *short)).or_insert((0, *own)).0 += 1;
                }
            }
        }
        println_stderr(&format!("{} pairs with anchors in common", shared.len()));
        for ((long, short), (count, own)) in shared {
            if f64::from(count) >= 0.25 * f64::from(own) {
                leaders.insert((long, long));
                leaders.insert((long, short));
            }
        }
    }
    let grouped = start.elapsed();
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (leader, member) in &leaders {
        members.entry(*leader).or_default().push(*member);
    }
    let mut edges: BTreeMap<u32, BTreeMap<u32, (f64, bool)>> = BTreeMap::new();
    let mut forms: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let mut compared = 0;
    let before = |a: u32, b: u32| {
        let by_length = |number: u32| if containment.is_some() { usize::MAX - length[number as usize] } else { 0 };
        (by_length(a), a) < (by_length(b), b)
    };
    for (leader, members) in &members {
        let measure = Measure { jaccard: loose, containment };
        let mut gathering = Gathering::new(measure, templates);
        let mut each = |found: Found<u32>| match found {
            Found::Near { first, second, nearness, same_facts } => {
                let (mut a, mut b) = (first, second);
                let mut within = nearness.second_within();
                if before(b, a) {
                    (a, b) = (b, a);
                    within = nearness.first_within();
                }
                if nearness.jaccard() >= loose || containment.is_some_and(|least| within >= least) {
                    let similarity = nearness.jaccard().max(if containment.is_some() { within } else { 0.0 });
                    let edge = edges.entry(a).or_default().entry(b).or_insert((similarity, false));
                    edge.1 |= same_facts;
                }
            }
            Found::FillsIn(member) => {
                forms.entry(member).or_default().insert(*leader);
            }
        };
        for member in members {
            compared += 1;
            shingles.fill(&texts[*member as usize].2, 5);
            gathering.add(*member, shingles.set(), &mut each);
        }
        gathering.finish(&mut each);
    }
    let mut order: Vec<u32> = (0..texts.len() as u32).collect();
    order.sort_by(|a, b| if before(*a, *b) { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater });
    let mut gone: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    let none = BTreeSet::new();
    for number in order {
        if gone.contains_key(&number) {
            continue;
        }
        for (other, (similarity, same_facts)) in edges.get(&number).into_iter().flatten() {
            let of = |number: &u32| forms.get(number).unwrap_or(&none);
            if !same_facts && of(&number).intersection(of(other)).next().is_some() {
                continue;
            }
            let kept = gone.entry(*other).or_insert((*similarity, number));
            if *similarity > kept.0 {
                *kept = (*similarity, number);
            }
        }
    }
    let all = start.elapsed();
    for (number, (similarity, kept)) in &gone {
        let (id, block, _) = &texts[*number as usize];
        let (partner, partner_block, _) = &texts[*kept as usize];
        let mut row = serde_json::json!({ "id": id, "partner_id": partner, "similarity": similarity });
        if let (Some(block), Some(partner_block)) = (block, partner_block) {
            row["block"] = (*block).into();
            row["partner_block"] = (*partner_block).into();
        }
        println!("{row}");
    }
    let rate = |time: std::time::Duration| size as f64 / 1e6 / time.as_secs_f64();
    println_stderr(&format!(
        "{} texts, {:.1} MB: {} gone; {compared} sets compared in {} gatherings; sketches {:.0} MB/s, all {:.0} MB/s \
         (sketches {sketched:.2?}, grouping until {grouped:.2?}, all {all:.2?})",
        texts.len(),
        size as f64 / 1e6,
        gone.len(),
        members.len(),
        rate(sketched),
        rate(all),
    ));
}

fn println_stderr(line: &str) {
    eprintln!("{line}");
}
