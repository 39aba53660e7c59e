//! `/session short|medium|long`: how far back short-term memory goes.

use super::Asked;
use crate::{db::accounts, memory::SessionLength, texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.args.is_empty() {
        return Ok(texts::session_is(asked.chat.session));
    }
    let Some(session) = SessionLength::parse(asked.args) else {
        return Ok(texts::session_unknown(asked.args));
    };
    let brain = asked.brain;
    accounts::set_session(&brain.pool, asked.at.chat, session, brain.clock.now()).await?;
    Ok(texts::session_set(session))
}
