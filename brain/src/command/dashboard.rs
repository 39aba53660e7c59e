//! `/dashboard`: a link that signs in whoever writes in this private chat.

use super::Asked;
use crate::{
    account::Tenancy,
    db::sign_in_links::{self, Given},
    telegram::ChatKind,
    texts::registration as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.message.chat.kind != ChatKind::Private {
        return Ok(texts::DASHBOARD_IS_PRIVATE.into());
    }
    let (brain, now) = (asked.brain, asked.brain.clock.now());
    Ok(match sign_in_links::for_dashboard(&brain.pool, &brain.prover, asked.at.chat, now).await? {
        Given::Token(token) => texts::dashboard(&sign_in_links::address(&brain.public_url, &token, None)),
        Given::Busy(until) => texts::too_many_links(until - now),
        Given::Unknown if matches!(asked.chat.tenancy, Tenancy::Temporary { .. }) => {
            texts::DASHBOARD_NEEDS_REGISTER.into()
        }
        Given::Unknown => texts::DASHBOARD_NEEDS_ADDRESS.into(),
    })
}
