//! The bot's commands: one file each, one line each in [`COMMANDS`], which `/help` and Telegram's own menu show too.

mod account_id;
mod analyze;
mod clear;
mod context;
mod dashboard;
mod export;
mod facts;
mod forget;
mod help;
mod invitation;
mod link;
mod model;
mod notify;
mod other_memory;
pub mod parse;
mod press;
mod register;
mod respond;
mod rules;
mod session;
mod share;
mod start;
mod status;
mod tiers;
mod unlink;
mod why;

use futures::future::BoxFuture;

use crate::{
    Brain,
    account::Tenancy,
    db::{account_users, accounts::ChatAccount},
    export::Document,
    ids::{ChatId, Conversation},
    reply::Keyboard,
    sign_in::Secret,
    telegram::Message,
    texts,
};
pub use model::consent_keys;
pub use notify::announcements;
use parse::Invocation;
pub use press::{BUTTONS, Press, Pressed, PressedKey, pressed};
pub use register::is_awaited_address;

/// Who may give a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Every member of the chat.
    Everybody,
    /// In a group its administrators on Telegram only, because it changes or shows what belongs to all there; in a private chat its person.
    Administrators,
    /// The administrators of the account, because it concerns more than this chat; who administers a group on Telegram is not one of them by
    /// that. A temporary account has this one chat only, and nobody but the chat's administrators.
    AccountAdministrators,
}

/// One command.
pub struct Command {
    /// The name, without the slash.
    pub name: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// Who may give it in a group.
    pub who: Who,
    /// Answers it.
    run: Run,
}

/// How a command comes to its answer.
enum Run {
    /// From what is known already.
    Says(fn(&Asked<'_>) -> String),
    /// By reading or changing the database.
    Does(for<'a> fn(&'a Asked<'a>) -> BoxFuture<'a, sqlx::Result<String>>),
    /// The same, with more than a text to answer.
    Gives(for<'a> fn(&'a Asked<'a>) -> BoxFuture<'a, sqlx::Result<Answer>>),
}

/// What is answered to a command or a press.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The message; empty: none.
    pub text: String,
    /// Keys under its last part.
    pub keyboard: Option<Keyboard>,
    /// A file, after it or in another chat.
    pub document: Option<Document>,
    /// What is put in the text's [`PLACE`](crate::sign_in::PLACE) when it is sent.
    pub secret: Option<Secret>,
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// A command as it was given.
pub struct Asked<'a> {
    /// The database, the clock and the rest.
    pub brain: &'a Brain,
    /// Where.
    pub at: Conversation,
    /// In which message.
    pub message: &'a Message,
    /// The chat's account.
    pub chat: &'a ChatAccount,
    /// What follows the command's name.
    pub args: &'a str,
}

/// Every command, in the order in which people should read them.
pub const COMMANDS: &[Command] = &[
    Command { name: "start", help: "Start the bot", who: Who::Everybody, run: Run::Says(start::run) },
    Command { name: "help", help: "Show available commands", who: Who::Everybody, run: Run::Says(help::run) },
    Command {
        name: "register",
        help: "Create a permanent account",
        who: Who::Administrators,
        run: Run::Gives(|asked| Box::pin(register::run(asked))),
    },
    Command {
        name: "dashboard",
        help: "Get a link that signs you in on the dashboard",
        who: Who::Everybody,
        run: Run::Gives(|asked| Box::pin(dashboard::run(asked))),
    },
    Command {
        name: "link",
        help: "Let another chat share this account, or join one",
        // A code is for the account's administrators, joining by one for the chat's: it looks itself.
        who: Who::Everybody,
        run: Run::Gives(|asked| Box::pin(link::run(asked))),
    },
    Command {
        name: "unlink",
        help: "Take this chat out of its account",
        // A private chat's person needs nobody's leave, a group's administrator the account's: it looks itself.
        who: Who::Everybody,
        run: Run::Gives(|asked| Box::pin(unlink::run(asked))),
    },
    Command {
        name: "clear",
        help: "Clear conversation history",
        who: Who::Administrators,
        run: Run::Does(|asked| Box::pin(clear::run(asked))),
    },
    Command {
        name: "session",
        help: "Set session duration: short, medium or long",
        who: Who::Administrators,
        run: Run::Does(|asked| Box::pin(session::run(asked))),
    },
    Command {
        name: "respond",
        help: "In groups: answer mentions only, or everything",
        who: Who::Administrators,
        run: Run::Does(|asked| Box::pin(respond::run(asked))),
    },
    Command {
        name: "shortterm",
        help: "Show short-term memory stats",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(tiers::short_term(asked))),
    },
    Command {
        name: "midterm",
        help: "Show mid-term memory stats",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(tiers::mid_term(asked))),
    },
    Command {
        name: "wholehistory",
        help: "Show whole history stats",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(tiers::whole_history(asked))),
    },
    Command {
        name: "context",
        help: "Show what I know now",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(context::short(asked))),
    },
    Command {
        name: "historycontext",
        help: "Show all I know, with dates and sources",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(context::full(asked))),
    },
    Command {
        name: "analyze",
        help: "Read what is new for facts, now",
        who: Who::AccountAdministrators,
        run: Run::Does(|asked| Box::pin(analyze::run(asked))),
    },
    Command {
        name: "why",
        help: "Show what went into an answer",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(why::run(asked))),
    },
    Command {
        name: "forget",
        help: "Delete a fact by number or words, or all",
        who: Who::Administrators,
        run: Run::Gives(|asked| Box::pin(forget::run(asked))),
    },
    Command {
        name: "fix",
        help: "Correct a fact: number and the right words",
        who: Who::Administrators,
        run: Run::Does(|asked| Box::pin(facts::fix(asked))),
    },
    Command {
        name: "share",
        help: "Let your other chats know a private fact",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(share::run(asked))),
    },
    Command {
        name: "notify",
        help: "Announce new facts: on or off",
        who: Who::Administrators,
        run: Run::Does(|asked| Box::pin(notify::run(asked))),
    },
    Command {
        name: "rules",
        help: "Show my rules",
        who: Who::Everybody,
        run: Run::Does(|asked| Box::pin(rules::run(asked))),
    },
    Command {
        name: "export",
        help: "Get everything that I keep of this chat, as a file",
        who: Who::Administrators,
        run: Run::Gives(|asked| Box::pin(export::run(asked))),
    },
    Command {
        name: "status",
        help: "Show how this chat is set up",
        who: Who::Everybody,
        run: Run::Says(status::run),
    },
    Command {
        name: "account_id",
        help: "Show this chat's account",
        who: Who::Everybody,
        run: Run::Says(account_id::run),
    },
    Command {
        name: "model",
        help: "Show which model answers, and let it read this chat or not",
        who: Who::Everybody,
        run: Run::Gives(|asked| Box::pin(model::run(asked))),
    },
];

/// Answers a command. A name that no command has gets the nearest one that exists.
///
/// # Errors
/// When the database does not answer.
pub async fn answer(
    brain: &Brain,
    at: Conversation,
    message: &Message,
    chat: &ChatAccount,
    invocation: &Invocation,
) -> sqlx::Result<Answer> {
    let Some(command) = COMMANDS.iter().find(|command| command.name == invocation.name) else {
        let nearest = parse::nearest(&invocation.name, COMMANDS.iter().map(|command| command.name));
        return Ok(texts::unknown_command(&invocation.name, nearest).into());
    };
    let may = match command.who {
        Who::Everybody => Some(true),
        Who::Administrators => may_change_chat(brain, at.chat, message.from.id).await,
        Who::AccountAdministrators => may_change_account(brain, at.chat, message.from.id, chat).await?,
    };
    match may {
        Some(true) => {}
        Some(false) if command.who == Who::AccountAdministrators && chat.tenancy == Tenancy::Permanent => {
            return Ok(texts::account::account_administrators_only(command.name).into());
        }
        Some(false) => return Ok(texts::administrators_only(command.name).into()),
        None => return Ok(texts::cannot_check_administrators(command.name).into()),
    }
    let asked = Asked { brain, at, message, chat, args: &invocation.args };
    let mut answer = match command.run {
        Run::Says(says) => says(&asked).into(),
        Run::Does(does) => does(&asked).await?.into(),
        Run::Gives(gives) => gives(&asked).await?,
    };
    if let Some(old) = other_memory::add(&asked, command.name).await {
        answer.text = format!("{}\n\n{old}", answer.text);
    }
    Ok(answer)
}

/// Whether the person may change what concerns the chat alone; `None` where Telegram does not say.
async fn may_change_chat(brain: &Brain, chat: ChatId, person: i64) -> Option<bool> {
    if chat.is_group() { administers(brain, chat, person).await } else { Some(true) }
}

/// Whether the person may change what concerns the whole account; `None` where Telegram does not say who administers the only chat of a
/// temporary one.
async fn may_change_account(
    brain: &Brain,
    here: ChatId,
    person: i64,
    chat: &ChatAccount,
) -> sqlx::Result<Option<bool>> {
    match chat.tenancy {
        Tenancy::Temporary { .. } => Ok(may_change_chat(brain, here, person).await),
        Tenancy::Permanent => {
            account_users::administers(&brain.pool, ChatId(person), chat.account).await.map(Some)
        }
    }
}

/// Whether the person administers the chat; `None` where Telegram does not say. Who speaks as the group itself is an
/// anonymous administrator: <https://core.telegram.org/bots/api#message> (`sender_chat`).
async fn administers(brain: &Brain, chat: ChatId, person: i64) -> Option<bool> {
    if person == chat.0 {
        return Some(true);
    }
    brain.telegram.is_administrator(chat, person).await.ok()
}
