//! How long a session is: what was said within it is short-term memory.

use chrono::{DateTime, Duration, Utc};

/// A chat's session length, set by `/session`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionLength {
    /// Three hours.
    Short,
    /// Six hours.
    #[default]
    Medium,
    /// Twelve hours.
    Long,
}

impl SessionLength {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// The name that people type and the database keeps.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }

    /// The length of the name, whatever its case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Hours of it.
    #[must_use]
    pub const fn hours(self) -> i64 {
        match self {
            Self::Short => 3,
            Self::Medium => 6,
            Self::Long => 12,
        }
    }

    /// The moment that divides: what was said after it is short-term, what was said exactly then or before is not.
    #[must_use]
    pub fn began(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::hours(self.hours())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_in_any_case_and_nothing_else_is() {
        assert_eq!(SessionLength::parse(" LONG "), Some(SessionLength::Long));
        assert_eq!(SessionLength::parse("longer"), None);
    }
}
