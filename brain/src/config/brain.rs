//! All that a [`Brain`](crate::Brain) is made from.

use super::{
    ConfigError, EncryptionConfig, Env, Limits, LlmConfig, MailConfig, Operators, ServerConfig,
    SupabaseConfig, TelegramConfig, WorkerConfig,
};

/// The concerns of whoever answers people.
#[derive(Debug)]
pub struct BrainConfig {
    /// The bot.
    pub telegram: TelegramConfig,
    /// The model.
    pub llm: LlmConfig,
    /// How much at once.
    pub worker: WorkerConfig,
    /// What a chat may use.
    pub limits: Limits,
    /// What seals the secrets that people store.
    pub encryption: EncryptionConfig,
    /// How mail goes out.
    pub mail: MailConfig,
    /// Who is told what operators should know.
    pub operators: Operators,
    /// The Supabase project that people sign in through, where there is one.
    pub supabase: Option<SupabaseConfig>,
    /// The address of the web process, for links.
    pub public_url: String,
}

impl BrainConfig {
    /// Reads the variables of all of them.
    ///
    /// # Errors
    /// When one is missing or wrong.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            telegram: TelegramConfig::from_env(env)?,
            llm: LlmConfig::from_env(env)?,
            worker: WorkerConfig::from_env(env)?,
            limits: Limits::from_env(env)?,
            encryption: EncryptionConfig::from_env(env)?,
            mail: MailConfig::from_env(env)?,
            operators: Operators::from_env(env)?,
            supabase: SupabaseConfig::from_env(env)?,
            public_url: ServerConfig::from_env(env)?.public_url,
        })
    }
}
