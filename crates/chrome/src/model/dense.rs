//! A dense layer of the network, and the sums that are nearly all of its work.

use std::ops::Range;

use multiversion::multiversion;
use multiversion::target::match_target;

/// Values that a layer has of each block.
pub(super) const WIDTH: usize = 48;
/// Sums that are added to at once.
const LANES: usize = 16;

/// The values of one block.
pub(super) type Values = [i16; WIDTH];
/// What a layer sums.
pub(super) type Sums = [i32; WIDTH];

/// The greatest that a value can be.
pub(super) const MOST: i64 = 1 << 15;

/// Sums of all inputs, each input with a weight of its own in each sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dense {
    pairs: Vec<Pair>,
    bias: Sums,
    /// Bits of a sum after those of a value.
    shift: u32,
}

/// The weights of two inputs: for [`LANES`] sums after each other that of the first in a sum and that of the second.
type Pair = [Lanes; WIDTH / LANES];
type Lanes = [[i16; 2]; LANES];

impl Dense {
    /// Weights (i16, for each sum those of all inputs), biases (i32) and shift (u8) of a layer of `inputs`, none of which is
    /// greater than `most`; `room` is left in each sum.
    pub fn read(bytes: &mut &[u8], inputs: usize, most: i64, room: &[i64; WIDTH]) -> Option<Self> {
        let weights = shorts(bytes, WIDTH * inputs)?;
        let bias = sums(bytes)?;
        let shift = u32::from(take::<1>(bytes)?[0]);
        let of_sum = |sum: usize| weights.get(sum * inputs..(sum + 1) * inputs).unwrap_or_default();
        // Where the number of inputs is odd, the one that is not used weighs nothing.
        let weight = |sum: usize, input: usize| of_sum(sum).get(input).copied().unwrap_or_default();
        let lanes = |pair: usize, sum: usize| [weight(sum, 2 * pair), weight(sum, 2 * pair + 1)];
        let pair = |pair: usize| -> Pair {
            std::array::from_fn(|part| std::array::from_fn(|lane| lanes(pair, part * LANES + lane)))
        };
        let layer = Self { pairs: (0..inputs.div_ceil(2)).map(pair).collect(), bias, shift };
        let fits = layer.greatest(most).iter().zip(room).all(|(sum, room)| sum + room <= i64::from(i32::MAX));
        (fits && shift < 32).then_some(layer)
    }

    /// The greatest that each sum can be with inputs up to `most`.
    pub fn greatest(&self, most: i64) -> [i64; WIDTH] {
        let mut greatest = self.bias.map(|bias| i64::from(bias.unsigned_abs()));
        for pair in &self.pairs {
            for (greatest, [first, second]) in greatest.iter_mut().zip(pair.as_flattened()) {
                *greatest += most * (i64::from(first.unsigned_abs()) + i64::from(second.unsigned_abs()));
            }
        }
        greatest
    }

    /// Inputs of a block; one that is not used where their number is odd.
    pub fn inputs(&self) -> usize {
        2 * self.pairs.len()
    }

    /// The sums of blocks, from the inputs of one block after the other.
    pub fn sums(&self, inputs: &[i16]) -> Vec<Sums> {
        let mut sums = vec![self.bias; inputs.len() / self.inputs().max(1)];
        add(&mut sums, &self.pairs, inputs);
        sums
    }

    /// The sums of one block.
    pub fn sums_of_one(&self, inputs: &[i16]) -> Sums {
        let mut sums = self.bias;
        add(std::slice::from_mut(&mut sums), &self.pairs, inputs);
        sums
    }

    /// The sums of the blocks `rows` of a page whose values are these: first come the weights of the values of the block `apart`
    /// before, then those of its own, then those of the block `apart` after. `start` is added to each.
    pub fn sums_around(&self, values: &[Values], rows: Range<usize>, apart: usize, start: &Sums) -> Vec<Sums> {
        let start: Sums = std::array::from_fn(|sum| start[sum] + self.bias[sum]);
        let mut sums = vec![start; rows.len()];
        // The blocks that have one there, and the first of those.
        let first = rows.start.max(apart);
        let last = rows.end.min(values.len().saturating_sub(apart));
        let parts =
            [(first..rows.end, first - apart), (rows.clone(), rows.start), (rows.start..last, rows.start + apart)];
        for (pairs, (blocks, from)) in self.pairs.chunks_exact(WIDTH / 2).zip(parts) {
            let (at, count) = (blocks.start - rows.start, blocks.len());
            if let (Some(sums), Some(values)) = (sums.get_mut(at..at + count), values.get(from..from + count)) {
                add(sums, pairs, values.as_flattened());
            }
        }
        sums
    }

    pub fn shifted(&self, sums: &Sums) -> Values {
        sums.map(|sum| (sum >> self.shift).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16)
    }

    /// What is below zero becomes zero.
    pub fn rectified(&self, sums: &Sums) -> Values {
        sums.map(|sum| (sum >> self.shift).clamp(0, i32::from(i16::MAX)) as i16)
    }
}

/// Adds to the sums of each block its inputs, each times its weight. Processors with wide vectors use them; whole numbers add up
/// to the same in any order.
#[multiversion(targets("x86_64+avx2"))]
fn add(sums: &mut [Sums], pairs: &[Pair], inputs: &[i16]) {
    let (inputs, _) = inputs.as_chunks::<2>();
    match_target! {
        "x86_64+avx2" => avx2::add(sums, pairs, inputs),
        _ => portable(sums, pairs, inputs),
    }
}

/// As [`add`], for any processor.
fn portable(sums: &mut [Sums], pairs: &[Pair], inputs: &[[i16; 2]]) {
    for (sums, inputs) in sums.iter_mut().zip(inputs.chunks_exact(pairs.len().max(1))) {
        for (pair, input) in pairs.iter().zip(inputs) {
            let [first, second] = input.map(i32::from);
            for (sum, weight) in sums.iter_mut().zip(pair.as_flattened()) {
                *sum += first * i32::from(weight[0]) + second * i32::from(weight[1]);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{__m256i, _mm256_add_epi32, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_setzero_si256};

    use super::{LANES, Pair, Sums, WIDTH};

    /// Blocks for which weights are read once.
    const BLOCKS: usize = 4;

    /// As [`super::add`]. The compiler finds no multiply-add of pairs in plain loops, and they take four times as long.
    #[target_feature(enable = "avx2")]
    pub fn add(sums: &mut [Sums], pairs: &[Pair], inputs: &[[i16; 2]]) {
        let size = pairs.len().max(1);
        let (sums, last) = sums.as_chunks_mut::<BLOCKS>();
        let (inputs, rest) = inputs.split_at(inputs.len().min(sums.len() * BLOCKS * size));
        for (sums, inputs) in sums.iter_mut().zip(inputs.chunks_exact(BLOCKS * size)) {
            add_to(sums, pairs, inputs);
        }
        for (sums, inputs) in last.iter_mut().zip(rest.chunks_exact(size)) {
            add_to(std::array::from_mut(sums), pairs, inputs);
        }
    }

    /// Adds to the sums of a few blocks; [`LANES`] of them at a time stay in registers.
    #[target_feature(enable = "avx2")]
    fn add_to<const COUNT: usize>(sums: &mut [Sums; COUNT], pairs: &[Pair], inputs: &[[i16; 2]]) {
        let size = pairs.len();
        let inputs: [&[[i16; 2]]; COUNT] =
            std::array::from_fn(|block| inputs.get(block * size..(block + 1) * size).unwrap_or_default());
        for part in 0..WIDTH / LANES {
            let mut added = [[_mm256_setzero_si256(); 2]; COUNT];
            for (at, pair) in pairs.iter().enumerate() {
                let weights: [__m256i; 2] = bytemuck::cast(pair[part]);
                for (added, inputs) in added.iter_mut().zip(inputs) {
                    let input = _mm256_set1_epi32(bytemuck::cast(inputs[at]));
                    for (added, weights) in added.iter_mut().zip(weights) {
                        *added = _mm256_add_epi32(*added, _mm256_madd_epi16(weights, input));
                    }
                }
            }
            for (sums, added) in sums.iter_mut().zip(added) {
                let added: [i32; LANES] = bytemuck::cast(added);
                sums.iter_mut().skip(part * LANES).zip(added).for_each(|(sum, added)| *sum += added);
            }
        }
    }
}

pub(super) fn sums(bytes: &mut &[u8]) -> Option<Sums> {
    let mut sums = [0; WIDTH];
    for sum in &mut sums {
        *sum = i32::from_le_bytes(take(bytes)?);
    }
    Some(sums)
}

pub(super) fn shorts(bytes: &mut &[u8], count: usize) -> Option<Vec<i16>> {
    (0..count).map(|_| Some(i16::from_le_bytes(take(bytes)?))).collect()
}

/// The first `N` bytes, which `bytes` then no longer has.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer of these inputs, its weights, biases and inputs any numbers that fit, and inputs for so many blocks.
    fn any(inputs: usize, blocks: usize) -> (Dense, Vec<i16>) {
        let mut state = 1u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        };
        let mut bytes: Vec<u8> = (0..WIDTH * inputs).flat_map(|_| (next() >> 8).to_le_bytes()).collect();
        bytes.extend((0..WIDTH).flat_map(|_| i32::from(next()).to_le_bytes()));
        bytes.push(3);
        let layer = Dense::read(&mut bytes.as_slice(), inputs, MOST, &[0; WIDTH]).expect("it fits");
        let values = (0..layer.inputs() * blocks).map(|_| next()).collect();
        (layer, values)
    }

    /// The sums of one block, as they are meant.
    fn expected(layer: &Dense, inputs: &[i16]) -> Sums {
        std::array::from_fn(|sum| {
            let weight = |input: usize| layer.pairs[input / 2][sum / LANES][sum % LANES][input % 2];
            let products = inputs.iter().enumerate().map(|(input, value)| i32::from(*value) * i32::from(weight(input)));
            layer.bias[sum] + products.sum::<i32>()
        })
    }

    #[test]
    fn sums_are_right_for_any_count_of_blocks_and_of_inputs() {
        for (inputs, blocks) in [(1, 1), (7, 3), (64, 4), (105, 9), (128, 16)] {
            let (layer, values) = any(inputs, blocks);
            let expected: Vec<_> = values.chunks(layer.inputs()).map(|inputs| expected(&layer, inputs)).collect();
            assert_eq!(layer.sums(&values), expected, "{inputs} inputs, {blocks} blocks");
            let mut portably = vec![layer.bias; blocks];
            portable(&mut portably, &layer.pairs, values.as_chunks().0);
            assert_eq!(portably, expected, "{inputs} inputs, {blocks} blocks, on any processor");
        }
    }

    #[test]
    fn blocks_around_count_where_there_are_any() {
        let (layer, values) = any(3 * WIDTH, 2);
        let (values, _) = values.as_chunks::<WIDTH>();
        for blocks in [0, 1, 2, 5] {
            let values = &values[..blocks];
            let other = |at: Option<usize>| at.and_then(|at| values.get(at)).copied().unwrap_or([0; WIDTH]);
            let window = |at: usize| [other(at.checked_sub(2)), values[at], other(at.checked_add(2))];
            let expected: Vec<Sums> =
                (0..blocks).map(|at| expected(&layer, window(at).as_flattened()).map(|sum| sum + 5)).collect();
            for rows in [0..blocks, 1.min(blocks)..blocks, blocks / 2..blocks.div_ceil(2)] {
                let sums = layer.sums_around(values, rows.clone(), 2, &[5; WIDTH]);
                assert_eq!(sums, expected[rows]);
            }
        }
    }
}
