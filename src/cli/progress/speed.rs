//! How fast a build goes: a mean in which the last seconds count most, so that what was found done does not promise too much.

/// After so many seconds what was measured counts a third of what is measured now.
const MEMORY: f64 = 8.0;

/// Shorter spans tell nothing.
const LEAST_SPAN: f64 = 0.1;

/// The share of a build that is done in a second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speed {
    /// When it was measured last, and what was done by then.
    last: Option<(f64, f64)>,
    /// Sum of shares and sum of seconds, older ones counted less.
    shares: f64,
    seconds: f64,
}

impl Speed {
    /// Takes in that `done` is done after `seconds`; the speed, once a second or so was measured.
    pub fn at(&mut self, seconds: f64, done: f64) -> Option<f64> {
        let (last, before) = *self.last.get_or_insert((seconds, done));
        let span = seconds - last;
        if span >= LEAST_SPAN {
            let kept = (-span / MEMORY).exp();
            self.shares = self.shares * kept + (done - before).max(0.0);
            self.seconds = self.seconds * kept + span;
            self.last = Some((seconds, done));
        }
        (self.seconds >= 1.0 && self.shares > 0.0).then(|| self.shares / self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_at_the_beginning_is_forgotten_and_a_steady_pace_is_told() {
        let mut speed = Speed::default();
        assert_eq!(speed.at(0.0, 0.0), None);
        speed.at(0.5, 0.5);
        let told: Vec<f64> =
            (1..400).filter_map(|n| speed.at(0.5 + f64::from(n) / 10.0, 0.5 + f64::from(n) / 1000.0)).collect();
        let last = told.last().copied().unwrap_or_default();
        assert!((0.0099..0.0125).contains(&last), "{last}");
        assert!(told.windows(2).all(|pair| pair[1] <= pair[0] + 1e-9));
    }
}
