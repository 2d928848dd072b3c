//! Days, without a time or a zone: what a dateline says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01 (Parquet's `date32`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i32);

impl Day {
    /// The day `year-month-day`, if there is such a day.
    ///
    /// ```
    /// use tamis_text::day::Day;
    /// assert_eq!(Day::new(2023, 9, 4).map(|day| day.to_string()).as_deref(), Some("2023-09-04"));
    /// assert_eq!(Day::new(2023, 2, 29), None);
    /// ```
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        Some(Self((date - EPOCH).get_days()))
    }
}

impl fmt::Display for Day {
    /// ISO 8601, e.g. `2023-09-04`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(jiff::Span::new().days(self.0)) {
            Ok(date) => write!(formatter, "{date}"),
            Err(_) => write!(formatter, "day {}", self.0),
        }
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_unix_epoch() {
        assert_eq!(Day::new(1970, 1, 1), Some(Day(0)));
        assert_eq!(Day::new(1969, 12, 31), Some(Day(-1)));
        assert_eq!(Day::new(2024, 2, 29).map(|day| day.0), Some(19_782));
    }
}
