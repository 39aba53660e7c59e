//! `/start`: the welcome, also for who came by a deep link.

use super::Asked;
use crate::texts;

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    // A deep link's payload (`/start something`) that nothing here knows is no reason to turn anybody away.
    Ok(texts::welcome(asked.chat.tenancy))
}
