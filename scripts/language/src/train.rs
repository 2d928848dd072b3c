//! Chooses the features, learns their weights, and turns them into small integers.

use std::collections::HashMap;

use crate::alphabet::Group;
use crate::corpus::{Class, Words};
use crate::grams::{self, Gram};
use crate::sampler::Random;

/// Languages of a sparse feature.
pub const FEW: usize = 3;

/// The weights of one group of languages.
pub struct Weights {
    pub group: Group,
    pub codes: Vec<String>,
    pub bias: Vec<f32>,
    /// Row of a dense feature.
    pub dense_rows: HashMap<u64, u32>,
    pub dense: Vec<f32>,
    /// Slot of a sparse feature.
    pub sparse_slots: HashMap<u64, u32>,
    pub sparse: Vec<[(u8, f32); FEW]>,
}

#[derive(Clone, Copy)]
pub struct Sizes {
    pub dense: usize,
    pub sparse: usize,
}

struct Example {
    dense: Vec<u32>,
    sparse: Vec<u32>,
}

/// Words of a class that stand for it when features are counted.
fn each_word(class: &Class, limit: usize, mut word: impl FnMut(&[u32], f32)) {
    for (source, share) in &class.sources {
        let count = source.len().min(limit);
        let share = *share as f32 / count as f32;
        for index in 0..count {
            word(source.get(index), share);
        }
    }
}

/// Shares of features by class: (feature, class, share of the class's words that have it).
fn counted(classes: &[&Class], limit: usize, wanted: impl Fn(Gram) -> [Option<u64>; 2]) -> Vec<(u64, u8, f32)> {
    let mut all: Vec<(u64, u8, f32)> = Vec::new();
    for (number, class) in classes.iter().enumerate() {
        let mut keys: Vec<(u64, f32)> = Vec::new();
        each_word(class, limit, |word, share| {
            grams::each(class.group, word, |gram| keys.extend(wanted(gram).into_iter().flatten().map(|key| (key, share))));
        });
        keys.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for same in keys.chunk_by(|one, other| one.0 == other.0) {
            if same.len() >= 2 {
                all.push((same[0].0, number as u8, same.iter().map(|(_, share)| share).sum()));
            }
        }
    }
    all.sort_unstable_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
    all
}

fn prepare(classes: &[&Class], sizes: Sizes, limit: usize) -> Weights {
    let width = classes.len();
    let of_dense = |gram| match gram {
        Gram::Dense(long, short) if long == short => [Some(long), None],
        Gram::Dense(long, short) => [Some(long), Some(short)],
        Gram::Sparse(_) => [None, None],
    };
    let of_sparse = |gram| match gram {
        Gram::Sparse(key) => [Some(key), None],
        Gram::Dense(..) => [None, None],
    };
    let counts = counted(classes, limit, of_dense);
    let mut rows: Vec<(f32, &[(u64, u8, f32)])> =
        counts.chunk_by(|one, other| one.0 == other.0).map(|same| (same.iter().map(|(_, _, share)| share).sum(), same)).collect();
    rows.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1[0].0.cmp(&other.1[0].0)));
    eprintln!("  {} dense features seen, {} kept, last share {:.2e}", rows.len(), rows.len().min(sizes.dense), rows.get(sizes.dense.min(rows.len()) - 1).map_or(0.0, |row| row.0));
    rows.truncate(sizes.dense);
    let mut dense = vec![0.0f32; rows.len() * width];
    let mut dense_rows = HashMap::new();
    for (number, (_, same)) in rows.iter().enumerate() {
        dense_rows.insert(same[0].0, number as u32);
        let floor = 2e-6f32;
        let mut row: Vec<f32> = vec![floor.ln(); width];
        for (_, class, share) in *same {
            row[*class as usize] = (share + floor).ln();
        }
        let mean = row.iter().sum::<f32>() / width as f32;
        for (class, value) in row.iter().enumerate() {
            dense[number * width + class] = 0.2 * (value - mean);
        }
    }
    let counts = counted(classes, limit, of_sparse);
    let mut kept: Vec<(f32, u64, [(u8, f32); FEW])> = Vec::new();
    for same in counts.chunk_by(|one, other| one.0 == other.0) {
        let total: f32 = same.iter().map(|(_, _, share)| share).sum();
        let mut best: Vec<(u8, f32)> = same.iter().map(|(_, class, share)| (*class, *share)).collect();
        best.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let gain: f32 = best.iter().take(FEW).map(|(_, share)| share * (share * width as f32 / total).ln().max(0.0)).sum();
        let mut few = [(0u8, 0.0f32); FEW];
        for (place, (class, _)) in few.iter_mut().zip(&best) {
            *place = (*class, 0.0);
        }
        // Unused places repeat the first class, with no weight of their own.
        for place in best.len()..FEW {
            few[place] = (best[0].0, 0.0);
        }
        kept.push((gain, same[0].0, few));
    }
    kept.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    eprintln!("  {} sparse features seen, {} kept, last gain {:.2e}", kept.len(), kept.len().min(sizes.sparse), kept.get(sizes.sparse.min(kept.len()) - 1).map_or(0.0, |row| row.0));
    kept.truncate(sizes.sparse);
    let sparse_slots = kept.iter().enumerate().map(|(slot, (_, key, _))| (*key, slot as u32)).collect();
    Weights {
        group: classes[0].group,
        codes: classes.iter().map(|class| class.code.clone()).collect(),
        bias: vec![0.0; width],
        dense_rows,
        dense,
        sparse_slots,
        sparse: kept.into_iter().map(|(_, _, few)| few).collect(),
    }
}

impl Weights {
    fn look_up(&self, word: &[u32], example: &mut Example) {
        grams::each(self.group, word, |gram| match gram {
            Gram::Dense(long, short) => {
                example.dense.extend(self.dense_rows.get(&long).or_else(|| self.dense_rows.get(&short)));
            }
            Gram::Sparse(key) => example.sparse.extend(self.sparse_slots.get(&key)),
        });
    }

    fn scores(&self, example: &Example, scores: &mut [f32]) {
        let width = self.codes.len();
        scores.copy_from_slice(&self.bias);
        for row in &example.dense {
            let start = *row as usize * width;
            for (score, weight) in scores.iter_mut().zip(&self.dense[start..start + width]) {
                *score += weight;
            }
        }
        for slot in &example.sparse {
            for (class, weight) in self.sparse[*slot as usize] {
                scores[class as usize] += weight;
            }
        }
    }

    /// The scores of a text given in words.
    pub fn judge<'a>(&self, words: impl Iterator<Item = &'a [u32]>) -> Vec<f32> {
        let mut example = Example { dense: Vec::new(), sparse: Vec::new() };
        words.for_each(|word| self.look_up(word, &mut example));
        let mut scores = vec![0.0; self.codes.len()];
        self.scores(&example, &mut scores);
        scores
    }
}

/// Draws a text of `length` words from a source; of one or two words only long ones, as a person would ask about.
fn draw<'a>(source: &'a Words, length: usize, random: &mut Random, mut word: impl FnMut(&'a [u32])) {
    if source.running && length > 2 {
        let start = random.below(source.len() as u64) as usize;
        (start..source.len().min(start + length)).for_each(|index| word(source.get(index)));
        return;
    }
    for _ in 0..length {
        let mut tries = 0;
        loop {
            let drawn = source.get(random.below(source.len() as u64) as usize);
            tries += 1;
            if length > 2 || drawn.len() >= 4 || tries > 20 {
                word(drawn);
                break;
            }
        }
    }
}

pub struct Plan {
    pub sizes: Sizes,
    pub examples: usize,
    pub rate: f32,
    pub limit: usize,
}

pub fn train(classes: &[&Class], plan: &Plan) -> Weights {
    let mut weights = prepare(classes, plan.sizes, plan.limit);
    let width = classes.len();
    let mut random = Random(20_261_121 + classes[0].group as u64);
    let mut dense_squares = vec![1e-4f32; weights.dense.len()];
    let mut sparse_squares = vec![[1e-4f32; FEW]; weights.sparse.len()];
    let mut bias_squares = vec![1.0f32; width];
    let mut cumulative: Vec<f64> = Vec::new();
    for class in classes {
        cumulative.push(cumulative.last().copied().unwrap_or(0.0) + class.weight);
    }
    let total = *cumulative.last().expect("a class");
    let mut example = Example { dense: Vec::new(), sparse: Vec::new() };
    let mut scores = vec![0.0f32; width];
    let (mut right, mut seen, mut loss) = (0u32, 0u32, 0.0f64);
    for step in 0..plan.examples {
        let at = random.below(1 << 40) as f64 / (1u64 << 40) as f64 * total;
        let truth = cumulative.partition_point(|end| *end <= at).min(width - 1);
        let class = classes[truth];
        let mut at = random.below(1 << 40) as f64 / (1u64 << 40) as f64;
        let chosen = class.sources.iter().find(|(_, share)| {
            at -= share;
            at < 0.0
        });
        let (source, _) = chosen.unwrap_or(&class.sources[0]);
        let length = match random.below(20) {
            0..=6 => 1,
            7..=11 => 2,
            12..=15 => 3 + random.below(4) as usize,
            _ => 7 + random.below(14) as usize,
        };
        example.dense.clear();
        example.sparse.clear();
        draw(source, length, &mut random, |word| weights.look_up(word, &mut example));
        weights.scores(&example, &mut scores);
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let best = scores.iter().position(|score| *score == most).expect("a best");
        let sum: f32 = scores.iter_mut().map(|score| {
            *score = (*score - most).exp();
            *score
        }).sum();
        scores.iter_mut().for_each(|score| *score /= sum);
        seen += 1;
        right += u32::from(best == truth);
        loss -= f64::from(scores[truth].max(1e-9).ln());
        if scores[truth] < 0.995 {
            let rate = plan.rate * (1.0 - 0.9 * step as f32 / plan.examples as f32);
            scores[truth] -= 1.0;
            let gradient = &scores;
            for class in 0..width {
                bias_squares[class] += gradient[class] * gradient[class];
                weights.bias[class] -= 0.1 * rate * gradient[class] / bias_squares[class].sqrt();
            }
            for row in &example.dense {
                let start = *row as usize * width;
                let own = &mut weights.dense[start..start + width];
                let squares = &mut dense_squares[start..start + width];
                for ((weight, square), gradient) in own.iter_mut().zip(squares).zip(gradient) {
                    *square += gradient * gradient;
                    *weight -= rate * gradient / square.sqrt();
                }
            }
            for slot in &example.sparse {
                let slot = *slot as usize;
                for place in 0..FEW {
                    let (class, weight) = &mut weights.sparse[slot][place];
                    let gradient = gradient[*class as usize];
                    sparse_squares[slot][place] += gradient * gradient;
                    *weight -= rate * gradient / sparse_squares[slot][place].sqrt();
                }
            }
        }
        if (step + 1) % (plan.examples / 8).max(1) == 0 {
            eprintln!("  {:>9} examples: {:.4} right, loss {:.4}", step + 1, f64::from(right) / f64::from(seen), loss / f64::from(seen));
            (right, seen, loss) = (0, 0, 0.0);
        }
    }
    weights
}
