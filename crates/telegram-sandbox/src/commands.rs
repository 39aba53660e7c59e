//! What the bot offers after a `/`, by scope and language.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{form::Form, people::ChatKind};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotCommand {
    pub command: String,
    pub description: String,
}

/// Whom a list of commands is for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Audience {
    scope: Option<Value>,
    language: Option<String>,
}

/// A list of commands and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandList {
    audience: Audience,
    commands: Vec<BotCommand>,
}

/// Every list, in the order of their setting.
#[derive(Clone, Debug, Default)]
pub struct Commands(Vec<CommandList>);

impl Audience {
    fn read(form: &Form) -> Self {
        Self { scope: form.json("scope"), language: form.text("language_code").map(str::to_owned) }
    }

    /// <https://core.telegram.org/bots/api#botcommandscope>: kinds of chat are all that differs here.
    fn is_in(&self, kind: ChatKind) -> bool {
        let scope = self.scope.as_ref().and_then(|scope| scope["type"].as_str());
        scope != Some(if kind == ChatKind::Private { "all_group_chats" } else { "all_private_chats" })
    }
}

impl CommandList {
    /// What `setMyCommands` brings.
    pub(crate) fn read(form: &Form) -> Self {
        let commands = form.json("commands").and_then(|commands| serde_json::from_value(commands).ok());
        Self { audience: Audience::read(form), commands: commands.unwrap_or_default() }
    }
}

impl Commands {
    pub(crate) fn set(&mut self, list: CommandList) {
        self.0.retain(|other| other.audience != list.audience);
        self.0.push(list);
    }

    /// The commands last set for the scope and language that the form names.
    pub(crate) fn of(&self, form: &Form) -> &[BotCommand] {
        let audience = Audience::read(form);
        self.0.iter().find(|list| list.audience == audience).map_or(&[], |list| &list.commands)
    }

    /// The commands last set for a kind of chat.
    pub fn in_chats(&self, kind: ChatKind) -> &[BotCommand] {
        self.0.iter().rfind(|list| list.audience.is_in(kind)).map_or(&[], |list| &list.commands)
    }
}
