//! When the clock brings a job.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How often, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Every minute.
    Minutely,
    /// Every hour.
    Hourly,
    /// Every day, so long after midnight.
    Daily(Duration),
}

impl Schedule {
    /// The stretch of time that `now` is in, by name: a job comes once in each.
    #[must_use]
    pub fn period(self, now: DateTime<Utc>) -> String {
        match self {
            Self::Minutely => now.format("%Y-%m-%dT%H:%M").to_string(),
            Self::Hourly => now.format("%Y-%m-%dT%H").to_string(),
            Self::Daily(after) => (now - after).format("%Y-%m-%d").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_it_is_said_to() {
        let daily = Schedule::Daily(Duration::from_hours(3));
        let at = |time: &str| daily.period(time.parse().unwrap());
        assert_eq!(at("2026-11-22T02:59:59Z"), "2026-11-21");
        assert_eq!(at("2026-11-22T03:00:00Z"), "2026-11-22");
    }
}
