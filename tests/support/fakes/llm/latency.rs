//! How long the model thinks.

use std::{ops::RangeInclusive, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Times from a range, the same ones for the same seed.
pub struct Latency {
    range: RangeInclusive<Duration>,
    random: StdRng,
}

impl Latency {
    /// Times from this range, its ends included.
    pub fn between(range: RangeInclusive<Duration>, seed: u64) -> Self {
        Self { range, random: StdRng::seed_from_u64(seed) }
    }

    /// The next one.
    pub fn next(&mut self) -> Duration {
        self.random.random_range(self.range.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_times_again_and_all_are_in_range() {
        let range = Duration::from_millis(100)..=Duration::from_secs(1);
        let times = |seed| {
            let mut latency = Latency::between(range.clone(), seed);
            (0..50).map(|_| latency.next()).collect::<Vec<_>>()
        };
        assert_eq!(times(7), times(7));
        assert_ne!(times(7), times(8));
        assert!(times(7).iter().all(|time| range.contains(time)));
    }
}
