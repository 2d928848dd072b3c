//! What tells a scraped page, in thousandths of the logarithm of the odds, as `scripts/boilerplate/scraped.py` writes it.

pub(super) const BIAS: i32 = -6041;

/// A step of each trait: chrome, hint_kinds, hints, short, sentences, prose, code, marked, blocks, named.
pub(super) const WEIGHTS: [i32; super::TRAITS.len()] = [129, 1298, 834, 74, -14, 38, -74, -181, 1, 73];
