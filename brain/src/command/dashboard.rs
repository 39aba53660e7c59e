//! `/dashboard`: a link that signs in whoever writes in this private chat.

use secrecy::ExposeSecret;

use super::Asked;
use crate::{
    account::Tenancy,
    db::sign_in_links::{self, Claimed, address},
    telegram::ChatKind,
    texts::registration as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.message.chat.kind != ChatKind::Private {
        return Ok(texts::DASHBOARD_IS_PRIVATE.into());
    }
    let now = asked.brain.clock.now();
    match sign_in_links::claim(&asked.brain.pool, asked.at.chat, now).await? {
        Claimed::By(email) => link(asked, &email).await,
        Claimed::Busy(until) => {
            // One that is still good is shown again rather than refused.
            let again =
                sign_in_links::shown(&asked.brain.pool, &asked.brain.prover, asked.at.chat, now).await?;
            Ok(again.map_or_else(
                || texts::too_many_links(until - now),
                |token| texts::dashboard(&address(&asked.brain.public_url, &token, "magiclink", None)),
            ))
        }
        Claimed::Nobody if matches!(asked.chat.tenancy, Tenancy::Temporary { .. }) => {
            Ok(texts::DASHBOARD_NEEDS_REGISTER.into())
        }
        Claimed::Nobody => Ok(texts::DASHBOARD_NEEDS_ADDRESS.into()),
    }
}

async fn link(asked: &Asked<'_>, email: &str) -> sqlx::Result<String> {
    let (brain, now) = (asked.brain, asked.brain.clock.now());
    let Some(supabase) = &brain.supabase else {
        let token = sign_in_links::make(&brain.pool, &brain.prover, Some(asked.at.chat), email, now).await?;
        return Ok(texts::dashboard(&address(&brain.public_url, &token, "magiclink", None)));
    };
    Ok(match supabase.one_time_link(email).await {
        Ok(link) => {
            let (token, kind) = (link.token_hash.expose_secret(), link.kind.to_string());
            texts::dashboard(&address(&brain.public_url, token, &kind, None))
        }
        Err(error) => {
            tracing::warn!(chat.id = asked.at.chat.0, %error, "no link to the dashboard was to be had");
            texts::DASHBOARD_IS_AWAY.into()
        }
    })
}
