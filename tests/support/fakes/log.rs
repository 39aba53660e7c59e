//! What a fake has seen, in order, with a way to wait for more of it.

use std::{fmt, time::Duration};

use tokio::sync::watch;

/// A list that only grows, and wakes those who wait for an entry.
#[derive(Debug)]
pub struct Log<T>(watch::Sender<Vec<T>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl<T: Clone + fmt::Debug> Log<T> {
    /// Appends what `make` builds from the entry's place, and returns that place.
    pub fn push(&self, make: impl FnOnce(usize) -> T) -> usize {
        let mut place = 0;
        self.0.send_modify(|entries| {
            place = entries.len();
            entries.push(make(place));
        });
        place
    }

    /// Changes entries in place.
    pub fn change<R>(&self, change: impl FnOnce(&mut [T]) -> R) -> R {
        let mut result = None;
        self.0.send_modify(|entries| result = Some(change(entries)));
        result.expect("send_modify calls its closure")
    }

    /// Looks at the entries without copying them.
    pub fn read<R>(&self, look: impl FnOnce(&[T]) -> R) -> R {
        look(&self.0.borrow())
    }

    /// Waits until `holds` of all entries so far, and returns those. Looks again after each change.
    pub async fn wait_for(
        &self,
        mut holds: impl FnMut(&[T]) -> bool,
        timeout: Duration,
    ) -> Result<Vec<T>, NotSeen> {
        let mut entries = self.0.subscribe();
        if let Ok(Ok(seen)) = tokio::time::timeout(timeout, entries.wait_for(|seen| holds(seen))).await {
            return Ok(seen.clone());
        }
        Err(self.read(|seen| NotSeen::among(seen, timeout)))
    }
}

/// What was waited for did not come in time. Shows what came instead, the newest twenty of it.
#[derive(Clone)]
pub struct NotSeen(String);

impl NotSeen {
    fn among<T: fmt::Debug>(seen: &[T], timeout: Duration) -> Self {
        let newest = &seen[seen.len().saturating_sub(20)..];
        Self(format!("not seen within {timeout:?} among {} entries, the newest: {newest:#?}", seen.len()))
    }
}

impl fmt::Display for NotSeen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// As readable as `Display`, because `unwrap` prints this one.
impl fmt::Debug for NotSeen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for NotSeen {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_waiter_is_woken_by_the_entry_it_waits_for() {
        let log = Log::default();
        log.push(|_| "first");
        let second = async { log.push(|place| if place == 1 { "second" } else { "misplaced" }) };
        let waiter = log.wait_for(|seen| seen.len() == 2, Duration::from_mins(1));
        let (seen, _) = tokio::join!(waiter, second);
        assert_eq!(seen.unwrap(), ["first", "second"]);
    }

    #[tokio::test]
    async fn whoever_waits_in_vain_is_told_what_came_instead() {
        let log = Log::default();
        log.push(|_| "something else");
        let error = log.wait_for(|seen| seen.contains(&"this"), Duration::ZERO).await.unwrap_err();
        assert!(error.to_string().contains("something else"), "{error}");
    }
}
