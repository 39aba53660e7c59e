//! What every page works with: the database, the clock, the address under which people reach us, and the keys of forms.

use brain::{
    clock::Clock,
    config::{SupabaseConfig, TrustedProxies},
    db::{
        api::{Api, Direct},
        web_sessions::Session,
    },
    seal::Seal,
    sign_in::{Prover, hex, keyed},
};
use secrecy::SecretString;
use sqlx::PgPool;

use crate::auth::{NotMade, Supabase, Unavailable};

/// What the pages need beside the database.
pub struct Settings {
    /// `PUBLIC_URL`: where people reach us, without a slash at the end.
    pub public_url: String,
    /// Keys for links, codes and forms are derived from its key.
    pub seal: Seal,
    /// The time.
    pub clock: Clock,
    /// The project that people sign in through, where there is one.
    pub supabase: Option<SupabaseConfig>,
    /// The operator's model server (`OPENAI_BASE_URL`), which an account may name too.
    pub model_server: String,
    /// Whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// What opens `/metrics` from elsewhere than this machine.
    pub metrics_token: Option<SecretString>,
}

/// The pages' common ground.
pub(crate) struct Site {
    pub(crate) pool: PgPool,
    pub(crate) clock: Clock,
    pub(crate) prover: Prover,
    /// The project that people sign in through, where there is one.
    pub(crate) supabase: Option<Supabase>,
    pub(crate) seal: Seal,
    pub(crate) model_server: String,
    public_url: String,
    forms: [u8; 32],
    origins: [u8; 32],
}

impl Site {
    /// # Errors
    /// When an HTTP client cannot be made.
    pub(crate) fn new(pool: PgPool, settings: Settings) -> Result<Self, NotMade> {
        let clock = settings.clock;
        let supabase = settings
            .supabase
            .map(|config| Supabase::new(&config, &clock, settings.seal.clone()))
            .transpose()?;
        Ok(Self {
            pool,
            clock,
            supabase,
            model_server: settings.model_server,
            prover: Prover::new(&settings.seal),
            public_url: settings.public_url,
            forms: settings.seal.derive("web forms"),
            origins: settings.seal.derive("browsers' addresses"),
            seal: settings.seal,
        })
    }

    /// Whether people come by https, so that cookies may say so.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether a page of this origin is ours: under our public address, or under the name by which it was asked for.
    pub(crate) fn is_ours(&self, origin: &str, host: Option<&str>) -> bool {
        let ours = url::Url::parse(&self.public_url).map(|url| url.origin().ascii_serialization());
        let (scheme, name) = origin.split_once("://").unwrap_or_default();
        ours.is_ok_and(|ours| ours == origin)
            || host.is_some_and(|host| {
                name.eq_ignore_ascii_case(host) && scheme == if self.is_secure() { "https" } else { "http" }
            })
    }

    /// What a form must bring back, for the browser that holds this secret.
    pub(crate) fn form_token(&self, secret: &str) -> String {
        hex(&keyed(&self.forms, &[secret.as_bytes()]))
    }

    /// A browser's address as tries are counted by it: not to be read back.
    pub(crate) fn origin_key(&self, network: &str) -> String {
        hex(&keyed(&self.origins, &[network.as_bytes()])[..16])
    }

    /// The functions of the dashboard, as the person who is signed in: over PostgREST with their token, or straight to the database.
    /// `None`: their session is over where it came from.
    pub(crate) async fn api(
        &self,
        session: &Session,
        secret: &str,
        origin: &str,
    ) -> Result<Option<Box<dyn Api>>, Unavailable> {
        match &self.supabase {
            None => Ok(Some(Box::new(Direct::new(self.pool.clone(), &session.identity(), origin)))),
            Some(supabase) => supabase.api(&self.pool, &self.clock, secret, origin).await,
        }
    }
}
