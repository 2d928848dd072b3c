//! Writes the weights as the small integers that the detector reads (`crates/text/src/language/weights.rs`).

use std::collections::HashMap;

use crate::train::{FEW, Weights};

/// Steps of one unit of evidence.
const UNIT: f32 = 20.0;
const ZERO: f32 = 128.0;

/// Rounds a weight to a whole number of steps.
fn step(weight: f32) -> f32 {
    (weight * UNIT).round().clamp(-127.0, 127.0)
}

/// Rounds all weights to what will be written, so that a check measures what is shipped.
pub fn round(weights: &mut Weights) {
    let width = weights.codes.len();
    for row in weights.dense.chunks_exact_mut(width) {
        let (least, most) = row.iter().fold((f32::MAX, f32::MIN), |(least, most), weight| (least.min(*weight), most.max(*weight)));
        // A row may be shifted as a whole: only differences count.
        let shift = (least + most) / 2.0;
        row.iter_mut().for_each(|weight| *weight = step(*weight - shift) / UNIT);
    }
    for (_, weight) in weights.sparse.iter_mut().flatten() {
        *weight = step(*weight) / UNIT;
    }
    weights.bias.iter_mut().for_each(|bias| *bias = (*bias * UNIT).round() / UNIT);
}

pub fn pack(all: &[Weights]) -> Vec<u8> {
    let (mut header, mut body) = (String::new(), Vec::new());
    for weights in all {
        let classes = weights.codes.len();
        let width = if classes > 32 { classes.div_ceil(32) * 32 } else { 32 };
        let rows = weights.dense.len() / classes;
        let buckets = (rows * 5 / 8).next_power_of_two();
        let mut index = vec![[0u32; 4]; buckets];
        let mut order: Vec<(u32, u64)> = weights.dense_rows.iter().map(|(key, row)| (*row, *key)).collect();
        order.sort_unstable();
        let mut homeless = 0;
        for (row, key) in order {
            let bucket = &mut index[(key >> 40) as usize & (buckets - 1)];
            let tag = (key & 0xffff) as u32;
            let known = bucket.iter().any(|entry| *entry != 0 && entry >> 16 == tag);
            match bucket.iter_mut().find(|entry| **entry == 0) {
                Some(entry) if !known => *entry = tag << 16 | (row + 1),
                _ => homeless += 1,
            }
        }
        // Lines are six eighths full on average; what finds its line full is dropped, the least useful first.
        let lines = (weights.sparse.len().max(8) * 10 / 8 / 8).next_power_of_two();
        let mut table: Vec<Vec<(u16, [u8; 2 * FEW])>> = vec![Vec::new(); lines];
        let mut order: Vec<(u32, u64)> = weights.sparse_slots.iter().map(|(key, slot)| (*slot, *key)).collect();
        order.sort_unstable();
        let mut dropped = 0;
        for (slot, key) in order {
            let mut pairs = [0u8; 2 * FEW];
            let mut by_class: HashMap<u8, f32> = HashMap::new();
            for (class, weight) in weights.sparse[slot as usize] {
                *by_class.entry(class).or_default() += weight;
            }
            for (place, (class, weight)) in weights.sparse[slot as usize].iter().enumerate() {
                pairs[2 * place] = *class;
                pairs[2 * place + 1] = (step(*weight) as i8) as u8;
            }
            if by_class.values().all(|weight| weight.abs() < 0.15) {
                continue;
            }
            let tag = (key & 0xffff).max(1) as u16;
            let line = &mut table[(key >> 40) as usize & (lines - 1)];
            if line.len() == 8 || line.iter().any(|(known, _)| *known == tag) {
                dropped += 1;
                continue;
            }
            line.push((tag, pairs));
        }
        let kept: usize = table.iter().map(Vec::len).sum();
        eprintln!("{:?}: {rows} rows of {width} ({homeless} dropped), {kept} sparse in {lines} lines, {dropped} dropped", weights.group);
        let codes: Vec<&str> = weights.codes.iter().map(|code| if code.is_empty() { "-" } else { code }).collect();
        header.push_str(&format!("{:?} {width} {} {buckets} {lines}\n{}\n", weights.group, rows + 1, codes.join(" ")));
        body.extend(weights.bias.iter().flat_map(|bias| ((bias * UNIT).round() as i16).to_le_bytes()));
        body.extend(index.iter().flatten().flat_map(|entry| entry.to_le_bytes()));
        body.extend(std::iter::repeat_n(ZERO as u8, width));
        for row in weights.dense.chunks_exact(classes) {
            body.extend(row.iter().map(|weight| (step(*weight) + ZERO) as u8));
            body.extend(std::iter::repeat_n(ZERO as u8, width - classes));
        }
        for line in table {
            let tag = |place: usize| line.get(place).map_or(0, |(tag, _)| *tag);
            body.extend((0..8).flat_map(|place| tag(place).to_le_bytes()));
            body.extend((0..8).flat_map(|place| line.get(place).map_or([0; 2 * FEW], |(_, pairs)| *pairs)));
        }
        body.extend([0; 64]);
    }
    header.push('\n');
    let mut all = header.into_bytes();
    all.extend(body);
    all
}
