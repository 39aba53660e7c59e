//! What a message shows only when it is sent: made now, so that the outbox holds nothing that opens anything.

use brain::{
    Brain,
    db::{outgoing::Claimed, secrets, sign_in_links::address},
    reply::plain_parts,
    sign_in::Secret,
    texts::registration as texts,
};
use secrecy::ExposeSecret;

/// Puts the message's secret in its place, or another text in the message's where there is none any more.
pub(super) async fn put_in(brain: &Brain, message: &mut Claimed, secret: &Secret) -> sqlx::Result<()> {
    let (pool, prover, now) = (&brain.pool, &brain.prover, brain.clock.now());
    let revealed = match secret {
        Secret::Link(id) => secrets::link(pool, prover, &brain.public_url, *id, now).await?,
        Secret::Digits(registration) => secrets::digits(pool, prover, *registration, now).await?,
        Secret::LinkCode(seed) => secrets::link_code(pool, prover, *seed, now).await?,
        Secret::ServiceLink(email) => {
            let Some(link) = service_link(brain, email).await else {
                say_instead(message, texts::DASHBOARD_IS_AWAY);
                return Ok(());
            };
            Some(link)
        }
    };
    match revealed {
        Some(revealed) => message.part = message.part.with_secret(&revealed),
        None => say_instead(message, texts::SECRET_IS_OVER),
    }
    Ok(())
}

fn say_instead(message: &mut Claimed, text: &str) {
    message.part = plain_parts(text).remove(0);
}

/// From the service that signs people in, which keeps its links itself.
async fn service_link(brain: &Brain, email: &str) -> Option<String> {
    let made = brain.supabase.as_ref()?.one_time_link(email).await;
    let link =
        made.inspect_err(|error| tracing::warn!(%error, "no link to the dashboard was to be had")).ok()?;
    Some(address(&brain.public_url, link.token_hash.expose_secret(), &link.kind.to_string(), None))
}
