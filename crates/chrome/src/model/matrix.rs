//! The features of all blocks of a page: a column a feature, a byte a value.

use std::ops::Range;

/// Columns of equal length, one a feature.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matrix {
    /// Number of blocks.
    pub rows: usize,
    /// Names of the columns.
    pub names: Vec<&'static str>,
    /// The columns, one after the other.
    pub values: Vec<u8>,
}

impl Matrix {
    /// No columns yet.
    pub fn new(rows: usize) -> Self {
        Self { rows, names: Vec::new(), values: Vec::with_capacity(rows * 168) }
    }

    /// Appends a column.
    pub fn add(&mut self, name: &'static str, values: impl Iterator<Item = u8>) {
        self.names.push(name);
        self.values.extend(values);
        debug_assert_eq!(self.values.len(), self.names.len() * self.rows, "{name} has one value a block");
    }

    /// Appends a column that has the same value for each block.
    pub fn add_for_all(&mut self, name: &'static str, value: u8) {
        self.add(name, std::iter::repeat_n(value, self.rows));
    }

    /// Makes this the value of one feature for one block.
    pub fn set(&mut self, feature: usize, row: usize, value: u8) {
        if let Some(old) = self.values.get_mut(feature * self.rows + row) {
            *old = value;
        }
    }

    /// The blocks of `rows` alone.
    pub fn part(&self, rows: Range<usize>) -> Self {
        let columns = (0..self.names.len()).map(|feature| self.column(feature).get(rows.clone()).unwrap_or_default());
        let values = columns.flatten().copied().collect();
        Self { rows: rows.len(), names: self.names.clone(), values }
    }

    /// The values of one feature.
    pub fn column(&self, feature: usize) -> &[u8] {
        self.values.get(feature * self.rows..(feature + 1) * self.rows).unwrap_or_default()
    }
}

/// A count as a byte: exact below 16, then three bits after the leading one.
pub(crate) fn step(count: u32) -> u8 {
    if count < 16 {
        return count as u8;
    }
    let exponent = count.ilog2();
    (16 + (exponent - 4) * 8 + ((count >> (exponent - 3)) & 7)) as u8
}

/// `part` of `whole` as a byte, 255 for all of it; 0 where there is nothing.
pub(crate) fn share(part: u32, whole: u32) -> u8 {
    if whole == 0 {
        return 0;
    }
    (u64::from(part.min(whole)) * 255 / u64::from(whole)) as u8
}

/// A signed value as a byte around 128.
pub(crate) fn around(value: i32) -> u8 {
    (128 + value).clamp(0, 255) as u8
}

/// Sums over ranges of blocks.
pub(crate) struct Sums(Vec<i64>);

impl Sums {
    /// Of these values, one a block.
    pub fn of(values: impl Iterator<Item = i64>) -> Self {
        let mut sums = vec![0];
        let mut sum = 0;
        sums.extend(values.map(|value| {
            sum += value;
            sum
        }));
        Self(sums)
    }

    /// The sum from block `from` up to, not with, block `to`; both are held to the page.
    pub fn between(&self, from: usize, to: usize) -> i64 {
        let last = self.0.len() - 1;
        self.0[to.min(last)] - self.0[from.min(last)]
    }

    /// The mean over the up to `length` blocks before `at`, or `otherwise`.
    pub fn left(&self, at: usize, length: usize, otherwise: i64) -> i64 {
        let from = at.saturating_sub(length);
        if from == at { otherwise } else { self.between(from, at) / (at - from) as i64 }
    }

    /// The mean over the up to `length` blocks after `at`, or `otherwise`.
    pub fn right(&self, at: usize, length: usize, otherwise: i64) -> i64 {
        let to = (at + 1 + length).min(self.0.len() - 1);
        if to <= at + 1 { otherwise } else { self.between(at + 1, to) / (to - at - 1) as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rise_with_the_count_and_end_within_a_byte() {
        let mut last = 0;
        for count in 0..100_000 {
            assert!(step(count) >= last);
            last = step(count);
        }
        assert_eq!((step(15), step(16), step(17), step(18), step(u32::MAX)), (15, 16, 16, 17, 239));
    }

    #[test]
    fn windows_are_held_to_the_page() {
        let sums = Sums::of([10, 20, 30].into_iter());
        assert_eq!(sums.left(0, 5, -1), -1);
        assert_eq!(sums.left(2, 5, -1), 15);
        assert_eq!(sums.right(0, 1, -1), 20);
        assert_eq!(sums.right(2, 1, -1), -1);
        assert_eq!(sums.between(1, 99), 50);
    }
}
