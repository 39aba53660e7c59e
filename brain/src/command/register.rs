//! `/register`: the way to a permanent account.

use super::Asked;
use crate::texts;

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    Ok(texts::registration_is_not_open(asked.chat.tenancy))
}
