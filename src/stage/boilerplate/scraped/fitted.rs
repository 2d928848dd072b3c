//! What tells a scraped page, in thousandths of the logarithm of the odds, as `scripts/boilerplate/scraped.py` writes it.

pub(super) const BIAS: i32 = -6010;

/// A step of each trait: chrome, hint_kinds, hints, short, sentences, prose, code, marked, blocks, named.
pub(super) const WEIGHTS: [i32; super::TRAITS.len()] = [103, 1125, 800, 74, -19, 43, -80, -179, 5, 85];
