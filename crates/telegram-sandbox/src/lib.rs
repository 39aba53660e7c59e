//! Telegram's Bot API on this machine: who is in which chat, what was said, and what a bot's call comes to.
//!
//! | file | what is in it |
//! |---|---|
//! | `chats` | people, chats and messages, event by event |
//! | `say`, `new_chat` | what people do, checked and numbered |
//! | `objects` | all of it as Telegram writes it, and the updates that bring it to a bot |
//! | `entities`, `html` | marked places in a text, and the markup that they are read from |
//! | `keyboard` | keys under a message |
//! | `form` | what a call brings, in any encoding |
//! | `updates` | the queue behind `getUpdates` |
//! | `error` | Telegram's way to refuse a call |

#![expect(
    missing_docs,
    clippy::must_use_candidate,
    clippy::missing_errors_doc,
    reason = "fields have Telegram's names and meanings, and every error is Telegram's or the sandbox's one refusal"
)]

pub mod chats;
pub mod entities;
pub mod error;
pub mod form;
pub mod html;
pub mod keyboard;
pub mod new_chat;
pub mod objects;
pub mod say;
pub mod updates;
