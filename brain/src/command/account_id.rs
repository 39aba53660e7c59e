//! `/account_id`: which account and chat this is, for who asks an operator for help.

use super::Asked;
use crate::texts;

pub(super) fn run(asked: &Asked<'_>) -> String {
    texts::account_id(asked.chat.account, asked.at.chat, asked.chat.tenancy)
}
