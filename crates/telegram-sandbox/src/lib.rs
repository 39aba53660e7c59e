//! Telegram's Bot API on this machine: who is in which chat, what was said, and what a bot's call comes to.
//!
//! [`Sandbox::perform`] says what a call comes to, or how Telegram refuses it, and changes nothing; [`Sandbox::apply`] lets the
//! change hold. Between the two stands whoever uses the sandbox: the local chat writes the change down, the tests count it against
//! Telegram's limits. Files' bytes, journals, pages and faults are theirs.
//!
//! | file | what is in it |
//! |---|---|
//! | `sandbox` | the state, and the changes that make it |
//! | `methods` | what each method does |
//! | `people` | who may talk to the bot, and where |
//! | `chats` | the chats and what was said in them, event by event |
//! | `commands` | what the bot offers after a `/` |
//! | `say`, `new_chat` | what people do, checked and numbered |
//! | `objects` | all of it as Telegram writes it, and the updates that bring it to a bot |
//! | `updates` | the queue behind `getUpdates` |
//! | `entities`, `html` | marked places in a text, and the markup that they are read from |
//! | `keyboard` | keys under a message |
//! | `form` | what a call brings, in any encoding |
//! | `error` | Telegram's way to refuse a call |

#![expect(
    missing_docs,
    clippy::must_use_candidate,
    clippy::missing_errors_doc,
    reason = "fields have Telegram's names and meanings, and every error is Telegram's or the sandbox's one refusal"
)]

pub mod chats;
pub mod commands;
pub mod entities;
pub mod error;
pub mod form;
pub mod html;
pub mod keyboard;
mod methods;
pub mod new_chat;
pub mod objects;
pub mod people;
pub mod sandbox;
pub mod say;
pub mod updates;

pub use sandbox::{Change, Done, Sandbox};
