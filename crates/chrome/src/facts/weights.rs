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
    Score,
    FromArticle,
    Hit,
    HitBefore,
    HitBehind,
    RankLong,
    ShortRun,
    SharedNext,
    ProseAfter,
}

/// Traits there are.
pub(super) const TRAITS: usize = Trait::ProseAfter as usize + 1;
/// Values a trait may have, from 0.
pub(super) const VALUES: usize = 10;

/// One value for each trait, and the points that they come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Features<'w> {
    weights: &'w Weights,
    values: [u8; TRAITS],
    /// The candidate's points.
    pub score: i32,
}

impl<'w> Features<'w> {
    /// All values are 0.
    pub fn new(weights: &'w Weights) -> Self {
        Self { weights, values: [0; TRAITS], score: weights.iter().map(|row| i32::from(row[0])).sum() }
    }

    pub fn set(&mut self, what: Trait, value: u8) {
        debug_assert!(usize::from(value) < VALUES, "{what:?} has no value {value}");
        let weight = |value: u8| row(self.weights, what).get(usize::from(value)).copied().map_or(0, i32::from);
        let own = &mut self.values[what as usize];
        self.score += weight(value) - weight(*own);
        *own = value;
    }

    #[cfg(test)]
    pub fn values(&self) -> &[u8] {
        &self.values
    }
}

/// The weights of one trait's values.
pub(super) fn row(weights: &Weights, what: Trait) -> &[i16; VALUES] {
    &weights[what as usize]
}

/// A weight for each value of each trait.
pub(super) type Weights = [[i16; VALUES]; TRAITS];

/// How many of `limits` the value reaches.
pub(super) fn bucket(value: usize, limits: &[usize]) -> u8 {
    limits.iter().take_while(|limit| value >= **limit).count() as u8
}
