//! Counts, times and a checksum over messages, the same in whatever order they come.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Of some messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    count: u64,
    /// Said within the session.
    short_term: u64,
    pub(super) first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    checksum: u128,
}

impl Sum {
    /// Adds a message.
    pub(super) fn add(&mut self, at: DateTime<Utc>, role: &str, content: &str, is_short_term: bool) {
        let mut digest = Sha256::new();
        digest.update(at.timestamp_micros().to_le_bytes());
        digest.update([u8::from(role == "assistant")]);
        digest.update(content);
        let digest: [u8; 32] = digest.finalize().into();
        let half: [u8; 16] = digest[..16].try_into().expect("half of it");
        *self = self.and(Self {
            count: 1,
            short_term: u64::from(is_short_term),
            first: Some(at),
            last: Some(at),
            checksum: u128::from_le_bytes(half),
        });
    }

    /// Of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            short_term: self.short_term + other.short_term,
            first: [self.first, other.first].into_iter().flatten().min(),
            last: self.last.max(other.last),
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }

    /// In words, what differs from what is stored.
    pub(super) fn difference(&self, stored: &Self) -> Option<String> {
        if self.count != stored.count {
            return Some(format!("{} messages in the file, {} stored", self.count, stored.count));
        }
        if (self.first, self.last) != (stored.first, stored.last) {
            return Some("the first or the last message's time is another one".into());
        }
        if self.short_term != stored.short_term {
            return Some(format!(
                "{} messages belong to short-term, {} stored ones do",
                self.short_term, stored.short_term
            ));
        }
        (self.checksum != stored.checksum)
            .then(|| "the checksum over times, roles and texts is another one".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_every_byte_does() {
        let at = |second| DateTime::from_timestamp(second, 0).expect("a time");
        let sum = |messages: &[(i64, &str, &str)]| {
            let mut sum = Sum::default();
            for (second, role, text) in messages {
                sum.add(at(*second), role, text, false);
            }
            sum
        };
        let whole = sum(&[(1, "user", "a"), (2, "assistant", "b")]);
        assert_eq!(whole.difference(&sum(&[(2, "assistant", "b"), (1, "user", "a")])), None);
        for other in [
            sum(&[(1, "user", "a"), (2, "assistant", "c")]),
            sum(&[(1, "user", "a"), (2, "user", "b")]),
            sum(&[(1, "user", "a"), (3, "assistant", "b")]),
            sum(&[(1, "user", "a")]),
            sum(&[(1, "user", "b"), (2, "assistant", "a")]),
        ] {
            assert!(whole.difference(&other).is_some());
        }
    }
}
