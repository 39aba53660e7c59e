//! `/model`: which model answers.

use super::Asked;
use crate::texts;

pub(super) fn run(asked: &Asked<'_>) -> String {
    texts::model(&asked.brain.model_name(&asked.chat.model))
}
