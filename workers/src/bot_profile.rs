//! At the start: who is the bot, and which commands should Telegram's clients offer. Goes on trying until Telegram answers.

use std::time::Duration;

use brain::{command::COMMANDS, ports::telegram::TelegramError};

use crate::context::Context;

const AGAIN: Duration = Duration::from_secs(10);

/// Asks and tells, once each.
pub(crate) async fn sync(context: Context) {
    let telegram = &context.brain.telegram;
    let commands: Vec<(&str, &str)> = COMMANDS.iter().map(|command| (command.name, command.help)).collect();
    loop {
        match telegram.get_me().await {
            Ok(bot) => break context.brain.bot.set(bot),
            Err(error) => {
                tracing::warn!(error = %error, "Telegram does not say who this bot is; asking again");
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
    for groups in [false, true] {
        while let Err(error) = telegram.set_commands(groups, &commands).await {
            // The token is good, so another refusal is about the method: some Bot API servers do not have it.
            if !matches!(error, TelegramError::TooManyRequests(_) | TelegramError::Unavailable(_)) {
                tracing::warn!(error = %error, "Telegram's clients will not offer the bot's commands");
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
