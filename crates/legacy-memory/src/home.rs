//! Where what was learned in several chats is filed: what was private stays private.

use std::collections::BTreeSet;

use brain::ids::ChatId;

/// The first of these that facts of a whole account may be filed under: what was private stays private.
pub(crate) fn home(
    chats: &BTreeSet<ChatId>,
    given: Option<ChatId>,
    temporary: Option<ChatId>,
) -> Option<ChatId> {
    let private = || chats.iter().copied().find(|chat| !chat.is_group());
    given
        .filter(|chat| chats.contains(chat))
        .or_else(|| temporary.filter(|chat| chats.contains(chat) && !chat.is_group()))
        .or_else(private)
        .or_else(|| chats.first().copied())
}
