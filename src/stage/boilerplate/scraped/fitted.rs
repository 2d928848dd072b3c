//! What tells a scraped page, in thousandths of the logarithm of the odds, as `scripts/boilerplate/scraped.py` writes it.

pub(super) const BIAS: i32 = -6182;

/// A step of each trait: chrome, hint_kinds, hints, short, sentences, prose, code, marked, blocks, named.
pub(super) const WEIGHTS: [i32; super::TRAITS.len()] = [123, 1268, 793, 70, -18, 39, -75, -182, 4, 81];
