//! The lines that mark the parts of a prompt. Whoever writes a prompt and whoever reads one without a model (the
//! built-in offline model) take them from here.
//!
//! A prompt for an answer:
//!
//! ```text
//! system     guidelines, then
//!            Rules:
//!            - Answer in the language of the message
//!
//!            What you know:
//!            - [2026-10-02] Olena lives in Lviv          (the date may be missing)
//!
//!            The conversation so far: text in one line
//! user       Olena: text                                 (a name only in groups, one such line for each message)
//! assistant  text
//! user       Earlier messages that may help, oldest first:
//!            [2026-10-02 14:03] Olena: text
//!            [2026-10-02 14:03] PykhBrain: text
//!
//!            The message to answer:
//!            text                                        (only this line where nothing was recalled)
//! ```
//!
//! A group's system message says that it is one. Before the message to answer may stand the message that it replies to,
//! `[in reply to Olena: "text"]`; a forwarded text begins with `[forwarded, written by Olena]`, one with a photo or a
//! file with `[photo]` or the like.
//!
//! A prompt for fact operations:
//!
//! ```text
//! system     instructions
//! user       The conversation so far:
//!            text in one line                            (both may be missing)
//!
//!            Current facts:
//!            [f12] Olena lives in Lviv
//!
//!            Transcript:
//!            [#345] 2026-10-02 14:03 Olena: text
//! ```

/// The name under which the bot's own messages stand in recalled messages and in transcripts.
pub const BOT: &str = "PykhBrain";

/// Stands for the name of a person who has none.
pub const SOMEBODY: &str = "User";

/// In the system message of a group's prompt, and of no other.
pub const GROUP: &str = "This is a group.";

/// Before the author of the message that the current one replies to; `: "`, its text and `"]` follow.
pub const IN_REPLY_TO: &str = "[in reply to ";

/// Before the author of a forwarded message; `]` and its text follow.
pub const FORWARDED: &str = "[forwarded, written by ";

/// Before the facts, in the system message.
pub const FACTS: &str = "What you know:";

/// Before each fact.
pub const FACT: &str = "- ";

/// Before the recalled messages, in the last user message.
pub const RECALLED: &str = "Earlier messages that may help, oldest first:";

/// Between the recalled messages and the current one.
pub const CURRENT: &str = "The message to answer:";

/// Before the facts that may be changed, in a prompt for fact operations.
pub const CURRENT_FACTS: &str = "Current facts:";

/// Before a fact's number, which `]` follows.
pub const FACT_NUMBER: &str = "[f";

/// Before the numbered messages, in a prompt for fact operations.
pub const TRANSCRIPT: &str = "Transcript:";

/// Before a message's number, which `]` follows.
pub const MESSAGE_NUMBER: &str = "[#";
