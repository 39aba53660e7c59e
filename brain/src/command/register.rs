//! `/register`: the way to a permanent account.

use super::Asked;
use crate::texts;

pub(super) fn run(asked: &Asked<'_>) -> String {
    texts::registration_is_not_open(asked.chat.tenancy)
}
