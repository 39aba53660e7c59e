//! `/model`: which model answers.

use super::Asked;
use crate::texts;

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    Ok(texts::model(asked.brain.model_name(asked.chat.model.as_deref())))
}
