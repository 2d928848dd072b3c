//! How candidates for title, author and day are weighed: each has one value a trait, each value has a weight, the sum decides.
//!
//! The weights are whole numbers fitted on development pages by `scripts/facts/fit.py` (conditional logistic regression over
//! the candidates of a page); every machine decides alike.

/// What is measured of a candidate. Each task uses some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    Words,
    End,
    Place,
    PlaceWithin,
    NextProse,
    FromTop,
    Copies,
    Repeats,
    Prose,
    Shared,
    SharedShare,
    SharedTwiceShare,
    DayAhead,
    BylineAhead,
    DayBehind,
    BylineBehind,
    IsDated,
    IsByline,
    Blank,
    Before,
    Behind,
    Trail,
    Bar,
    Letters,
    Item,
    Commas,
    Signs,
    HeldBy,
    Address,
    LastLong,
    LastShort,
    Best,
    Kind,
    FromTitle,
    Rank,
    Label,
    Rest,
    Days,
    Order,
    Time,
    NamesAround,
    InTitle,
    CoveredLong,
    CoveredShort,
    Likest,
}

/// Traits there are.
pub(super) const TRAITS: usize = Trait::Likest as usize + 1;
/// Values a trait may have, from 0.
pub(super) const VALUES: usize = 10;

/// One value for each trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features([u8; TRAITS]);

impl Default for Features {
    fn default() -> Self {
        Self([0; TRAITS])
    }
}

impl Features {
    pub fn set(&mut self, what: Trait, value: u8) {
        debug_assert!(usize::from(value) < VALUES, "{what:?} has no value {value}");
        if let Some(slot) = self.0.get_mut(what as usize) {
            *slot = value;
        }
    }

    /// The candidate's points under `weights`.
    pub fn score(&self, weights: &Weights) -> i32 {
        let points = self.0.iter().zip(weights).filter_map(|(value, weights)| weights.get(usize::from(*value)));
        points.map(|points| i32::from(*points)).sum()
    }

    #[cfg(test)]
    pub fn values(&self) -> &[u8] {
        &self.0
    }
}

/// A weight for each value of each trait.
pub(super) type Weights = [[i16; VALUES]; TRAITS];

/// How many of `limits` the value reaches.
pub(super) fn bucket(value: usize, limits: &[usize]) -> u8 {
    limits.iter().take_while(|limit| value >= **limit).count() as u8
}
