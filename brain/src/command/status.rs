//! `/status`: how the chat is set up and what today has used.

use super::Asked;
use crate::texts;

pub(super) fn run(asked: &Asked<'_>) -> String {
    let model = asked.brain.model_name(&asked.chat.model);
    texts::status(asked.chat, &model, &asked.brain.limits, asked.message.chat.kind)
}
