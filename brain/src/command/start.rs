//! `/start`: the welcome, also for who came by a deep link.

use super::Asked;
use crate::texts;

pub(super) fn run(asked: &Asked<'_>) -> String {
    // A deep link's payload (`/start something`) that nothing here knows is no reason to turn anybody away.
    texts::welcome(asked.chat.tenancy)
}
