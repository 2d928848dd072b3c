//! From the products with the output matrix to a probability for each label.
//!
//! The exponential function is that of the `libm` crate, so that all machines agree.

use super::FastTextError;
use super::matrix::Matrix;

/// How the labels' probabilities hang together.
pub enum Loss {
    /// They sum up to 1.
    Softmax,
    /// Each label is a question of its own (one against all; negative sampling).
    Independent,
    /// A label is a leaf of a binary tree, and its probability the product along the way.
    Tree(Vec<Node>),
}

/// An inner node of the tree, the root last. Numbers below that of labels are leaves.
pub struct Node {
    left: u32,
    right: u32,
}

/// fastText adds this to each probability before it takes the logarithm.
const EPSILON: f32 = 1e-5;

impl Loss {
    /// The tree of frequent labels near the root and rare ones far away (Huffman), given how often each was seen.
    pub fn tree(counts: &[u64]) -> Result<Self, FastTextError> {
        let leaves = counts.len();
        if let Some(count) = counts.iter().find(|count| **count >= NEVER) {
            return Err(FastTextError::damaged(format!("a label was seen {count} times")));
        }
        let mut weights = counts.to_vec();
        let mut nodes: Vec<Node> = Vec::with_capacity(leaves);
        // Labels are sorted by falling count, so the two lightest are a last label or a first inner node.
        let (mut unused, mut inner) = (leaves, leaves);
        while nodes.len() + 1 < leaves {
            let mut lightest = || {
                let node = weights.get(inner).copied().unwrap_or(NEVER);
                if unused > 0 && weights[unused - 1] < node {
                    unused -= 1;
                    unused
                } else {
                    inner += 1;
                    inner - 1
                }
            };
            let (left, right) = (lightest(), lightest());
            weights.push(weights[left].saturating_add(weights[right]));
            nodes.push(Node { left: left as u32, right: right as u32 });
        }
        Ok(Self::Tree(nodes))
    }

    /// The probability of each label, as fastText reports it.
    pub fn probabilities(&self, output: &Matrix, labels: usize, hidden: &[f32]) -> Vec<f32> {
        let products = |count: usize| (0..count).map(|row| output.product(row, hidden));
        match self {
            Self::Softmax => {
                let mut all: Vec<f32> = products(labels).collect();
                let most = all.iter().copied().fold(f32::MIN, f32::max);
                all.iter_mut().for_each(|value| *value = libm::expf(*value - most));
                let sum: f32 = all.iter().sum();
                all.iter().map(|value| bounded(value / sum + EPSILON)).collect()
            }
            Self::Independent => products(labels).map(|value| bounded(stepped_sigmoid(value) + EPSILON)).collect(),
            Self::Tree(nodes) => {
                let mut all = vec![0.0; labels + nodes.len()];
                if let Some(root) = all.last_mut() {
                    *root = 1.0;
                }
                for (number, node) in nodes.iter().enumerate().rev() {
                    let own = all[labels + number];
                    let right = sigmoid(output.product(number, hidden));
                    all[node.left as usize] = own * (1.0 - right + EPSILON);
                    all[node.right as usize] = own * (right + EPSILON);
                }
                all.truncate(labels);
                all.iter_mut().for_each(|value| *value = bounded(*value));
                all
            }
        }
    }
}

/// More than any label is seen.
const NEVER: u64 = 1_000_000_000_000_000;

/// A probability that is at most 1, and 0 where a damaged model gives no number.
fn bounded(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.min(1.0) }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

/// The sigmoid function as fastText tabulates it: 512 steps between -8 and 8.
fn stepped_sigmoid(x: f32) -> f32 {
    if x < -8.0 {
        0.0
    } else if x > 8.0 {
        1.0
    } else {
        let step = ((x + 8.0) * 512.0 / 8.0 / 2.0).floor();
        sigmoid(step * 16.0 / 512.0 - 8.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_labels_stand_near_the_root() {
        let Ok(Loss::Tree(nodes)) = Loss::tree(&[50, 20, 15, 10, 5]) else { panic!("it is a tree") };
        let pairs: Vec<(u32, u32)> = nodes.iter().map(|node| (node.left, node.right)).collect();
        assert_eq!(pairs, [(4, 3), (5, 2), (1, 6), (7, 0)]);
    }

    #[test]
    fn counts_in_any_order_make_a_tree_with_each_label_once() {
        for counts in [vec![7], vec![0, 0, 0, 0], vec![1, 5, 2, 900, 3, 3], vec![NEVER - 1; 9]] {
            let Ok(Loss::Tree(nodes)) = Loss::tree(&counts) else { panic!("it is a tree") };
            let mut children: Vec<u32> = nodes.iter().flat_map(|node| [node.left, node.right]).collect();
            children.sort_unstable();
            assert_eq!(children, (0..(2 * counts.len() - 2) as u32).collect::<Vec<_>>());
        }
        assert!(Loss::tree(&[u64::MAX, 1]).is_err());
    }
}
