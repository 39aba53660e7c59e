//! `/respond mention|all`: whom the bot answers in a group.

use super::Asked;
use crate::{account::RespondTo, db::accounts, telegram::ChatKind, texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.message.chat.kind == ChatKind::Private {
        return Ok(texts::RESPOND_IS_FOR_GROUPS.into());
    }
    let respond_to = match asked.args.trim().to_lowercase().as_str() {
        "mention" | "mentions" => RespondTo::Mention,
        "all" | "everything" => RespondTo::All,
        _ => return Ok(texts::respond_is(asked.chat.respond_to)),
    };
    accounts::set_respond_to(&asked.brain.pool, asked.at.chat, respond_to).await?;
    Ok(texts::respond_is(respond_to))
}
