//! Trees that ask the same question of all blocks on each level, so that many blocks go down one tree at once.

use super::matrix::Matrix;

/// Levels of each tree.
pub(crate) const DEPTH: usize = 6;
const LEAVES: usize = 1 << DEPTH;
/// Blocks that go down the trees together: their columns stay in the nearest cache.
const TOGETHER: usize = 64;

/// A sum of trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forest {
    trees: Vec<Tree>,
    /// What is added to the sum of the leaves.
    bias: i32,
    /// Sums from which the score is 1, 2, ... 255.
    steps: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tree {
    /// On each level, a feature and the greatest value that goes left.
    questions: [(u8, u8); DEPTH],
    leaves: [i16; LEAVES],
}

impl Forest {
    /// Reads a forest from the beginning of `bytes` and moves them on: the number of trees (u16), the bias (i32), 255 steps
    /// (i32), and of each tree its features, its limits and its leaves (i16), all little-endian.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let count = u16::from_le_bytes(take(bytes)?);
        let bias = i32::from_le_bytes(take(bytes)?);
        let steps = (0..255).map(|_| Some(i32::from_le_bytes(take(bytes)?))).collect::<Option<_>>()?;
        let trees = (0..count).map(|_| Tree::read(bytes)).collect::<Option<_>>()?;
        Some(Self { trees, bias, steps })
    }

    /// How many features the matrix must have.
    #[cfg(test)]
    pub fn features(&self) -> usize {
        let most = self.trees.iter().flat_map(|tree| tree.questions).map(|(feature, _)| usize::from(feature)).max();
        most.map_or(0, |most| most + 1)
    }

    /// The score of each block: 0 chrome, 255 article.
    pub fn scores(&self, matrix: &Matrix) -> Vec<u8> {
        let mut sums = vec![self.bias; matrix.rows];
        for (chunk, sums) in sums.chunks_mut(TOGETHER).enumerate() {
            let start = chunk * TOGETHER;
            for tree in &self.trees {
                tree.add_to(sums, matrix, start);
            }
        }
        sums.iter().map(|sum| self.steps.partition_point(|step| step <= sum) as u8).collect()
    }
}

impl Tree {
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let features: [u8; DEPTH] = take(bytes)?;
        let limits: [u8; DEPTH] = take(bytes)?;
        let mut questions = [(0, 0); DEPTH];
        for (question, pair) in questions.iter_mut().zip(features.into_iter().zip(limits)) {
            *question = pair;
        }
        let mut leaves = [0; LEAVES];
        for leaf in &mut leaves {
            *leaf = i16::from_le_bytes(take(bytes)?);
        }
        Some(Self { questions, leaves })
    }

    /// Adds the leaf of each of the blocks from `start` on.
    fn add_to(&self, sums: &mut [i32], matrix: &Matrix, start: usize) {
        let mut places = [0u8; TOGETHER];
        for (level, (feature, limit)) in self.questions.iter().enumerate() {
            let column = matrix.column(usize::from(*feature)).get(start..start + sums.len()).unwrap_or_default();
            for (place, value) in places.iter_mut().zip(column) {
                *place |= u8::from(value > limit) << level;
            }
        }
        for (sum, place) in sums.iter_mut().zip(&places) {
            *sum += i32::from(self.leaves[usize::from(*place) % LEAVES]);
        }
    }
}

/// The first `N` bytes, which `bytes` then no longer has.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two trees: the first asks one thing, the second nothing that any block answers with yes.
    fn bytes() -> Vec<u8> {
        let mut bytes = 2u16.to_le_bytes().to_vec();
        bytes.extend((-10i32).to_le_bytes());
        (0..255).for_each(|step: i32| bytes.extend((step - 100).to_le_bytes()));
        for (question, leaves) in [((1u8, 9u8), [5i16, 70]), ((0, 255), [-3, 999])] {
            bytes.extend([question.0, 0, 0, 0, 0, 0]);
            bytes.extend([question.1, 255, 255, 255, 255, 255]);
            (0..LEAVES).for_each(|leaf| bytes.extend(leaves.get(leaf).unwrap_or(&0).to_le_bytes()));
        }
        bytes
    }

    #[test]
    fn each_block_gets_the_sum_of_its_leaves_however_many_there_are() {
        let bytes = bytes();
        let mut rest = bytes.as_slice();
        let forest = Forest::read(&mut rest).expect("well formed");
        assert!(rest.is_empty());
        assert_eq!(forest.features(), 2);
        let mut matrix = Matrix::new(150);
        matrix.add_for_all("a", 255);
        matrix.add("b", (0..150).map(|row| if row % 3 == 0 { 10 } else { 9 }));
        // -10 + 70 - 3 = 57 has passed 158 steps from -100 on, -10 + 5 - 3 = -8 has passed 93.
        let expected: Vec<u8> = (0..150).map(|row| if row % 3 == 0 { 158 } else { 93 }).collect();
        assert_eq!(forest.scores(&matrix), expected);
    }

    #[test]
    fn a_forest_that_is_cut_short_is_none() {
        let bytes = bytes();
        assert_eq!(Forest::read(&mut &bytes[..bytes.len() - 1]), None);
        assert_eq!(Forest::read(&mut &bytes[..5]), None);
    }
}
