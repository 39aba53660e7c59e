//! This process's own pace of readings for facts, under the cluster's: a governor that lives by the product's clock.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter, clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

/// So many in a minute, at once or spread.
pub(crate) struct Pace {
    clock: brain::clock::Clock,
    limiter: RateLimiter<NotKeyed, InMemoryState, SinceEpoch, NoOpMiddleware<Duration>>,
}

/// What the governor reads: the product's clock, as the time since 1970.
#[derive(Clone)]
struct SinceEpoch(brain::clock::Clock);

impl clock::Clock for SinceEpoch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().timestamp_millis()).unwrap_or(0))
    }
}

impl Pace {
    /// A pace of `per_minute`; 0 counts as 1.
    pub(crate) fn new(per_minute: u32, clock: &brain::clock::Clock) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let limiter = RateLimiter::direct_with_clock(quota, SinceEpoch(clock.clone()));
        Self { clock: clock.clone(), limiter }
    }

    /// Takes a place, or says how long there is none.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        let now = clock::Clock::now(&SinceEpoch(self.clock.clone()));
        self.limiter.check().map_err(|not_yet| not_yet.wait_time_from(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_a_minute_are_two_a_minute() {
        let noon = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = brain::clock::Clock::standing_at(noon);
        let pace = Pace::new(2, &clock);
        assert_eq!([pace.take(), pace.take()], [Ok(()), Ok(())]);
        assert_eq!(pace.take(), Err(Duration::from_secs(30)));
        clock.advance((noon + Duration::from_secs(30)) - noon);
        assert_eq!(pace.take(), Ok(()));
    }
}
