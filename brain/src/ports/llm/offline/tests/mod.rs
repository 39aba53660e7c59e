//! The offline model in conversations: what it is told in one session it knows in the next.

mod conversation;
mod group_dialogue;
mod limits;
mod operations;
mod private_dialogue;
