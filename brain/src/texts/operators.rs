//! What operators are mailed.

use chrono::NaiveDate;

use super::registration::Mail;

/// A threshold of `DAILY_TOKENS` was reached.
#[must_use]
pub fn tokens_are_used(day: NaiveDate, percent: u8, tokens: u64) -> Mail {
    let then = if percent < 100 {
        "When all of it is used, people are told that answers go on after midnight UTC; their messages are kept."
    } else {
        "People are told that answers go on after midnight UTC. Their messages are kept, and nothing is lost."
    };
    Mail {
        subject: format!("PykhBrain: {percent} % of the day's tokens are used"),
        text: format!(
            "On {day} (UTC), {percent} % of the {tokens} tokens that DAILY_TOKENS allows for a day are used.\n\n{then}\n\n\
             To let more through, set DAILY_TOKENS higher and restart the workers."
        ),
    }
}
