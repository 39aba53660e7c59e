//! `/notify on|off`: whether new facts are announced, and what is announced.

use super::Asked;
use crate::{
    db::accounts,
    memory::Fact,
    reply::{Key, Keyboard, Part, plain_parts},
    texts::memory as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    let on = match asked.args.trim().to_lowercase().as_str() {
        "on" => true,
        "off" => false,
        _ => return Ok(texts::notify(asked.chat.notify_facts)),
    };
    accounts::set_notify(&asked.brain.pool, asked.at.chat, on).await?;
    Ok(texts::notify(on))
}

/// New facts that are announced one by one; more would be a flood.
const ONE_BY_ONE: usize = 5;

/// What people read of new facts, and what they can do about each.
#[must_use]
pub fn announcements(facts: &[Fact]) -> Vec<(Part, Option<Keyboard>)> {
    let mut posts = Vec::new();
    for fact in facts.iter().take(ONE_BY_ONE) {
        let key = |text, what| Key::new(text, format!("{what}:{}", fact.number));
        let keys = Keyboard::row([key("Keep", "keep"), key("Fix", "fix"), key("Forget", "forget")]);
        // A fact is a sentence: one part.
        posts.extend(
            plain_parts(&texts::will_remember(fact)).into_iter().map(|part| (part, Some(keys.clone()))),
        );
    }
    if facts.len() > ONE_BY_ONE {
        let more = plain_parts(&texts::will_remember_more(facts.len() - ONE_BY_ONE));
        posts.extend(more.into_iter().map(|part| (part, None)));
    }
    posts
}
