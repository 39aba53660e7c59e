//! `/dashboard`: a link that signs in whoever writes in this private chat.

use super::{Answer, Asked};
use crate::{
    account::Tenancy,
    db::sign_in_links::{self, Claimed},
    sign_in::{PLACE, Secret},
    telegram::ChatKind,
    texts::registration as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    if asked.message.chat.kind != ChatKind::Private {
        return Ok(texts::DASHBOARD_IS_PRIVATE.to_owned().into());
    }
    let now = asked.brain.clock.now();
    match sign_in_links::claim(&asked.brain.pool, asked.at.chat, now).await? {
        Claimed::By(email) => link(asked, &email).await,
        Claimed::Busy(until) => {
            // One that is still good is shown again rather than refused.
            let again = sign_in_links::shown(&asked.brain.pool, asked.at.chat, now).await?;
            Ok(again
                .map_or_else(|| texts::too_many_links(until - now).into(), |link| shows(Secret::Link(link))))
        }
        Claimed::Nobody if matches!(asked.chat.tenancy, Tenancy::Temporary { .. }) => {
            Ok(texts::DASHBOARD_NEEDS_REGISTER.to_owned().into())
        }
        Claimed::Nobody => Ok(texts::DASHBOARD_NEEDS_ADDRESS.to_owned().into()),
    }
}

async fn link(asked: &Asked<'_>, email: &str) -> sqlx::Result<Answer> {
    let (brain, now) = (asked.brain, asked.brain.clock.now());
    let secret = if brain.supabase.is_some() {
        Secret::ServiceLink(email.to_owned())
    } else {
        Secret::Link(sign_in_links::make(&brain.pool, &brain.prover, Some(asked.at.chat), email, now).await?)
    };
    Ok(shows(secret))
}

fn shows(secret: Secret) -> Answer {
    Answer { text: texts::dashboard(PLACE), secret: Some(secret), ..Answer::default() }
}
