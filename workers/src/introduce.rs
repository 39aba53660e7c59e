//! At the start: who is the bot, and which commands should Telegram's clients offer. Goes on trying until Telegram answers.

use std::time::Duration;

use brain::command::COMMANDS;

use crate::context::Context;

const AGAIN: Duration = Duration::from_secs(10);

/// Asks and tells, once each.
pub(crate) async fn introduce(context: Context) {
    let telegram = &context.brain.telegram;
    let commands: Vec<(&str, &str)> = COMMANDS.iter().map(|command| (command.name, command.help)).collect();
    loop {
        let done = async {
            context.brain.bot.set(telegram.get_me().await?);
            telegram.set_commands(false, &commands).await?;
            telegram.set_commands(true, &commands).await
        };
        match done.await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(error = %error, "Telegram does not say who this bot is; asking again");
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}
