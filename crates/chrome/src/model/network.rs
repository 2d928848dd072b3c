//! A small convolutional network over the blocks of a page: what the features of a block and of the blocks around it say.
//!
//! The first layer sees one block. Each of those after it adds what a block, one before it and one after it say together,
//! the two being further away in each layer (dilated convolutions: Yu and Koltun, Multi-scale context aggregation by dilated
//! convolutions, 2016; added to what there was, as in He et al., Deep residual learning for image recognition, 2016), and in
//! the light of the page's mean and maximum. Weights and values between layers are whole numbers of 16 bits, sums have 32, so
//! every machine decides alike; weights with which a sum could overflow are refused.

use super::dense::{Dense, MOST, Sums, Values, WIDTH, shorts, sums, take};
use super::matrix::Matrix;

/// Blocks whose sums are made at once: they and a layer's weights are in the fastest cache together.
const AT_ONCE: usize = 64;

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    /// For each input of the first layer the feature, and what its values become.
    numbers: Vec<(u8, [i8; 256])>,
    /// Features that are kinds, not numbers, each with the row of `rows` that each kind adds to the first layer.
    kinds: Vec<(u8, [u8; 256])>,
    rows: Vec<Sums>,
    first: Dense,
    layers: Vec<Layer>,
    last: Dense,
    out: Values,
    bias: i32,
    /// Sums from which the score is 1, 2, ... 255.
    steps: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Layer {
    /// Blocks from the one in the middle to the others.
    apart: usize,
    /// What the means and the maxima of the page's values say.
    page: Dense,
    together: Dense,
    added: Dense,
}

/// What a page as a whole said to each layer.
#[derive(Debug, Default)]
pub(crate) struct Context(Vec<Sums>);

impl Network {
    /// Reads a network from the beginning of `bytes` and moves them on; numbers are little-endian, and what there are several
    /// of has its count before it (u8). Inputs (feature u8, 256 values i8), kinds (feature u8, 256 rows u8), rows ([`WIDTH`]
    /// sums i32), the first layer, the layers (distance u8, three dense layers), the last layer, the weights of the score
    /// ([`WIDTH`] of i16), its bias (i32), 255 steps (i32).
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let numbers = many(bytes, |bytes| Some((take::<1>(bytes)?[0], take::<256>(bytes)?.map(|value| value as i8))))?;
        let kinds = many(bytes, |bytes| Some((take::<1>(bytes)?[0], take::<256>(bytes)?)))?;
        let rows: Vec<_> = many(bytes, sums)?;
        let most = |at: usize| rows.iter().map(|row: &Sums| i64::from(row[at].unsigned_abs())).max().unwrap_or(0);
        let room = std::array::from_fn(|at| most(at) * kinds.len() as i64);
        let first = Dense::read(bytes, numbers.len(), 127, &room)?;
        let layers = many(bytes, |bytes| {
            let apart = usize::from(take::<1>(bytes)?[0]);
            let page = Dense::read(bytes, 2 * WIDTH, MOST, &[0; WIDTH])?;
            let together = Dense::read(bytes, 3 * WIDTH, MOST, &page.greatest(MOST))?;
            let added = Dense::read(bytes, WIDTH, MOST, &[0; WIDTH])?;
            Some(Layer { apart, page, together, added })
        })?;
        let last = Dense::read(bytes, WIDTH, MOST, &[0; WIDTH])?;
        let out: Values = shorts(bytes, WIDTH)?.try_into().ok()?;
        let bias = i32::from_le_bytes(take(bytes)?);
        let weights: i64 = out.iter().map(|weight| i64::from(weight.unsigned_abs())).sum();
        (weights * MOST + i64::from(bias.unsigned_abs()) <= i64::from(i32::MAX)).then_some(())?;
        let steps = (0..255).map(|_| Some(i32::from_le_bytes(take(bytes)?))).collect::<Option<_>>()?;
        let known = kinds.iter().all(|(_, kinds)| kinds.iter().all(|row| usize::from(*row) < rows.len()));
        known.then_some(Self { numbers, kinds, rows, first, layers, last, out, bias, steps })
    }

    /// How many features the matrix must have.
    #[cfg(test)]
    pub fn features(&self) -> usize {
        let all = self.numbers.iter().map(|(feature, _)| feature).chain(self.kinds.iter().map(|(feature, _)| feature));
        all.max().map_or(0, |most| usize::from(*most) + 1)
    }

    /// Blocks before and after a block on which its score depends, beside what its features say of others.
    pub fn reach(&self) -> usize {
        self.layers.iter().map(|layer| layer.apart).sum()
    }

    /// The score of each block (0 chrome, 255 article), and what the page said to each layer.
    pub fn scores(&self, matrix: &Matrix) -> (Vec<u8>, Context) {
        let mut context = Context(Vec::with_capacity(self.layers.len()));
        let mut values = self.inputs(matrix);
        for layer in &self.layers {
            let page = layer.page.sums_of_one(&summary(&values));
            layer.add(&mut values, &page);
            context.0.push(page);
        }
        let scores = |values: &[Values]| {
            let sums = self.last.sums(values.as_flattened());
            sums.into_iter().map(|sums| self.score(&sums))
        };
        (values.chunks(AT_ONCE).flat_map(scores).collect(), context)
    }

    /// The score of block `row` of some blocks of a page that says this.
    pub fn score_within(&self, matrix: &Matrix, context: &Context, row: usize) -> u8 {
        let mut values = self.inputs(matrix);
        for (layer, page) in self.layers.iter().zip(&context.0) {
            layer.add(&mut values, page);
        }
        values.get(row).map_or(0, |values| self.score(&self.last.sums_of_one(values)))
    }

    /// What the first layer makes of each block.
    fn inputs(&self, matrix: &Matrix) -> Vec<Values> {
        let size = self.first.inputs();
        let mut all = Vec::with_capacity(matrix.rows);
        for from in (0..matrix.rows).step_by(AT_ONCE) {
            let rows = from..(from + AT_ONCE).min(matrix.rows);
            let column = |feature: u8| matrix.column(usize::from(feature)).get(rows.clone()).unwrap_or_default();
            let mut inputs = vec![0i16; size * rows.len()];
            for (at, (feature, values)) in self.numbers.iter().enumerate() {
                for (inputs, value) in inputs.chunks_exact_mut(size).zip(column(*feature)) {
                    inputs[at] = i16::from(values[usize::from(*value)]);
                }
            }
            let mut sums = self.first.sums(&inputs);
            for (feature, kinds) in &self.kinds {
                for (sums, value) in sums.iter_mut().zip(column(*feature)) {
                    let added = self.rows.get(usize::from(kinds[usize::from(*value)])).unwrap_or(&[0; WIDTH]);
                    sums.iter_mut().zip(added).for_each(|(sum, added)| *sum += added);
                }
            }
            all.extend(sums.iter().map(|sums| self.first.rectified(sums)));
        }
        all
    }

    /// The score of a block of which the last layer has these sums.
    fn score(&self, sums: &Sums) -> u8 {
        let values = self.last.rectified(sums);
        let products = self.out.iter().zip(values).map(|(weight, value)| i32::from(*weight) * i32::from(value));
        let sum = self.bias + products.sum::<i32>();
        self.steps.partition_point(|step| *step <= sum) as u8
    }
}

impl Layer {
    /// Adds what the layer makes of all blocks, the page saying this.
    fn add(&self, values: &mut [Values], page: &Sums) {
        let mut together: Vec<Values> = Vec::with_capacity(values.len());
        for from in (0..values.len()).step_by(AT_ONCE) {
            let rows = from..(from + AT_ONCE).min(values.len());
            let sums = self.together.sums_around(values, rows, self.apart, page);
            together.extend(sums.iter().map(|sums| self.together.rectified(sums)));
        }
        for (values, together) in values.chunks_mut(AT_ONCE).zip(together.chunks(AT_ONCE)) {
            for (values, sums) in values.iter_mut().zip(self.added.sums(together.as_flattened())) {
                let added = self.added.shifted(&sums);
                values.iter_mut().zip(added).for_each(|(value, added)| *value = value.saturating_add(added));
            }
        }
    }
}

/// The mean of each value over the page, and its maximum, at least zero.
fn summary(values: &[Values]) -> [i16; 2 * WIDTH] {
    let mut sums = [0i64; WIDTH];
    let mut summary = [0; 2 * WIDTH];
    for values in values {
        for (at, value) in values.iter().enumerate() {
            sums[at] += i64::from(*value);
            summary[WIDTH + at] = summary[WIDTH + at].max(*value);
        }
    }
    for (mean, sum) in summary.iter_mut().zip(sums) {
        *mean = (sum / values.len().max(1) as i64) as i16;
    }
    summary
}

fn many<T>(bytes: &mut &[u8], read: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = take::<1>(bytes)?[0];
    (0..count).map(|_| read(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dense layer with these weights, each (sum, input, weight), and this bias in the first sum.
    fn dense(inputs: usize, weights: &[(usize, usize, i16)], bias: i32, shift: u8) -> Vec<u8> {
        let mut all = vec![0i16; WIDTH * inputs];
        weights.iter().for_each(|(sum, input, weight)| all[sum * inputs + input] = *weight);
        let mut bytes: Vec<u8> = all.into_iter().flat_map(i16::to_le_bytes).collect();
        bytes.extend(sums(bias));
        bytes.push(shift);
        bytes
    }

    fn sums(first: i32) -> Vec<u8> {
        (0..WIDTH).flat_map(|at| if at == 0 { first } else { 0 }.to_le_bytes()).collect()
    }

    /// The first value is the first feature, and a thousand more where the second is 7. The one layer adds half of what the
    /// block two before has, a quarter of the page's maximum, and takes 3 away. The score is a hundredth of what comes out.
    fn bytes(weight_before: i16) -> Vec<u8> {
        let mut bytes = vec![1, 0];
        bytes.extend((0..=255u8).map(|value| value.min(127)));
        bytes.extend([1, 1]);
        bytes.extend((0..=255u8).map(|value| u8::from(value == 7)));
        bytes.push(2);
        bytes.extend([sums(0), sums(4000)].concat());
        bytes.extend(dense(1, &[(0, 0, 4)], 0, 2));
        bytes.extend([1, 2]);
        bytes.extend(dense(2 * WIDTH, &[(0, WIDTH, 1)], -12, 2));
        bytes.extend(dense(3 * WIDTH, &[(0, 0, weight_before)], 0, 2));
        bytes.extend(dense(WIDTH, &[(0, 0, 1)], 0, 0));
        bytes.extend(dense(WIDTH, &[(0, 0, 1)], 0, 0));
        bytes.extend((0..WIDTH).flat_map(|at| i16::from(at == 0).to_le_bytes()));
        bytes.extend(0i32.to_le_bytes());
        (1..=255i32).for_each(|step| bytes.extend((100 * step).to_le_bytes()));
        bytes
    }

    fn network() -> Network {
        let bytes = bytes(2);
        let mut rest = bytes.as_slice();
        let network = Network::read(&mut rest).expect("well formed");
        assert!(rest.is_empty());
        network
    }

    fn page() -> Matrix {
        let mut matrix = Matrix::new(5);
        matrix.add("number", [100, 200, 50, 0, 0].into_iter());
        matrix.add("kind", [7, 1, 2, 7, 8].into_iter());
        matrix
    }

    #[test]
    fn a_block_is_judged_by_itself_by_others_and_by_the_page() {
        // First values 1100, 127, 50, 1000, 0; a quarter of the greatest is 275.
        let expected = [1100 + 275 - 3, 127 + 275 - 3, 50 + 550 + 275 - 3, 1000 + 63 + 275 - 3, 25 + 275 - 3];
        assert_eq!(network().features(), 2);
        assert_eq!(network().scores(&page()).0, expected.map(|value| (value / 100) as u8));
    }

    #[test]
    fn a_part_of_a_page_scores_like_the_page_within_reach() {
        let (network, page) = (network(), page());
        let (scores, context) = network.scores(&page);
        assert_eq!(network.reach(), 2);
        for (row, score) in scores.into_iter().enumerate() {
            let rows = row.saturating_sub(2)..(row + 3).min(5);
            let at = row - rows.start;
            assert_eq!(network.score_within(&page.part(rows), &context, at), score);
        }
    }

    #[test]
    fn weights_that_could_overflow_or_end_early_are_none() {
        let bytes = bytes(i16::MAX);
        assert!(Network::read(&mut bytes.as_slice()).is_some());
        let mut more = bytes.clone();
        let weights = bytes.windows(2).position(|pair| pair == i16::MAX.to_le_bytes()).expect("it is there");
        more[weights + 2..weights + 8].copy_from_slice(&[0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f]);
        assert_eq!(Network::read(&mut more.as_slice()), None);
        assert_eq!(Network::read(&mut &bytes[..bytes.len() - 1]), None);
        assert_eq!(Network::read(&mut &bytes[..5]), None);
    }
}
