//! Signing in through a Supabase project: its links are taken for tokens, its tokens are kept sealed and renewed, and with them the
//! dashboard's functions are called over its PostgREST.

use brain::{
    clock::Clock,
    config::SupabaseConfig,
    db::{
        api::{Api, Identity, RestServer},
        web_sessions::{self, SealedTokens, token_context},
    },
    ports::supabase::{Auth, AuthError, LinkKind, Tokens, Verifier},
    seal::Seal,
};
use chrono::Duration;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use tokio::sync::Mutex;

use super::Unavailable;

/// A token that ends within this time is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::seconds(60);

/// The project.
pub(crate) struct Supabase {
    auth: Auth,
    verifier: Verifier,
    rest: RestServer,
    seal: Seal,
    /// A renewal holds a connection while the project takes its time: one at a time, so that the rest are left for updates.
    one: Mutex<()>,
}

/// An HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no client of the Supabase project can be made: {0}")]
pub(crate) struct NotMade(String);

/// Who has used a link.
pub(crate) struct Proved {
    pub(crate) identity: Identity,
    tokens: Tokens,
}

impl Supabase {
    pub(crate) fn new(config: &SupabaseConfig, clock: &Clock, seal: Seal) -> Result<Self, NotMade> {
        let make = || {
            let (auth, verifier) = (Auth::new(config)?, Verifier::new(config, clock.clone())?);
            Ok(Self { auth, verifier, rest: RestServer::new(config)?, seal, one: Mutex::new(()) })
        };
        make().map_err(|error: Box<dyn std::error::Error>| NotMade(error.to_string()))
    }

    /// Uses a link up. `None`: it is over, or was never one.
    pub(crate) async fn take(&self, token: &str, kind: &str) -> Result<Option<Proved>, Unavailable> {
        let Ok(kind) = kind.parse::<LinkKind>() else { return Ok(None) };
        let tokens = match self.auth.verify(token, kind).await {
            Ok(tokens) => tokens,
            Err(AuthError::LinkOver) => return Ok(None),
            Err(error) => return Err(away(&error)),
        };
        // Its own word for who it is, not the one beside it.
        match self.verifier.verify(&tokens.access).await {
            Ok(identity) => Ok(Some(Proved { identity, tokens })),
            Err(error) => Err(away(&error)),
        }
    }

    /// The tokens as they are kept with the session of this secret.
    pub(crate) fn sealed(&self, proved: &Proved, secret: &str) -> SealedTokens {
        self.seal_tokens(&proved.tokens, secret)
    }

    fn seal_tokens(&self, tokens: &Tokens, secret: &str) -> SealedTokens {
        let seal = |kind, token: &SecretString| {
            self.seal.seal(&token_context(secret, kind), token.expose_secret().as_bytes())
        };
        SealedTokens {
            access: seal("access", &tokens.access),
            expires_at: tokens.expires_at,
            refresh: seal("refresh", &tokens.refresh),
        }
    }

    fn open(&self, secret: &str, kind: &str, sealed: &[u8]) -> Option<SecretString> {
        let plain = self.seal.open(&token_context(secret, kind), sealed).ok()?;
        String::from_utf8(plain.expose_secret().to_vec()).ok().map(SecretString::from)
    }

    /// The dashboard's functions with the session's token, renewed where it ends soon. `None`: the session is over there.
    pub(crate) async fn api(
        &self,
        pool: &PgPool,
        clock: &Clock,
        secret: &str,
        origin: &str,
    ) -> Result<Option<Box<dyn Api>>, Unavailable> {
        let access = self.access(pool, clock, secret).await?;
        Ok(access.map(|access| Box::new(self.rest.signed_in(access, origin)) as Box<dyn Api>))
    }

    /// A refresh token is good for one renewal, and using it twice ends the session: the session's row is held meanwhile, and who
    /// waited for it finds the new ones.
    async fn access(
        &self,
        pool: &PgPool,
        clock: &Clock,
        secret: &str,
    ) -> Result<Option<SecretString>, Unavailable> {
        let fresh = |tokens: &SealedTokens| tokens.expires_at - RENEW_BEFORE > clock.now();
        match web_sessions::tokens(pool, secret).await? {
            None => return Ok(None),
            Some(tokens) if fresh(&tokens) => return Ok(self.open(secret, "access", &tokens.access)),
            Some(_) => {}
        }
        let _one = self.one.lock().await;
        let mut tx = pool.begin().await?;
        let Some(held) = web_sessions::hold_tokens(&mut tx, secret).await? else { return Ok(None) };
        if fresh(&held) {
            return Ok(self.open(secret, "access", &held.access));
        }
        let Some(refresh) = self.open(secret, "refresh", &held.refresh) else { return Ok(None) };
        match self.auth.refresh(&refresh).await {
            Ok(tokens) => {
                web_sessions::keep_tokens(&mut tx, secret, &self.seal_tokens(&tokens, secret)).await?;
                tx.commit().await?;
                Ok(Some(tokens.access))
            }
            Err(AuthError::SessionOver) => Ok(None),
            Err(error) => Err(away(&error)),
        }
    }

    /// Ends the session there too. What fails is only logged: here it is over in any case.
    pub(crate) async fn end(&self, pool: &PgPool, clock: &Clock, secret: &str) {
        if let Ok(Some(access)) = self.access(pool, clock, secret).await
            && let Err(error) = self.auth.sign_out(&access).await
        {
            tracing::info!(%error, "a session was not ended at Supabase");
        }
    }
}

fn away(error: &dyn std::error::Error) -> Unavailable {
    tracing::warn!(error = %error, "the sign-in service does not do its part");
    Unavailable
}
