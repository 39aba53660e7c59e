//! What the bot says about accounts: how long they last, and how chats come to share one.

use chrono::{DateTime, Utc};

use super::day;

/// Before a temporary account ends.
#[must_use]
pub fn ends_soon(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (expires_at - now).as_seconds_f64() / 86_400.0;
    let left = if days <= 1.0 { "within a day".to_owned() } else { format!("in {:.0} days", days.ceil()) };
    format!(
        "This chat's temporary account ends {left}, on {}. Then I delete everything that I keep of this chat. \
         /register keeps all of it, and /export gives you a copy.",
        day(expires_at)
    )
}
