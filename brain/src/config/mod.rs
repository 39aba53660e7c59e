//! Configuration, one struct per concern. The only place that reads the environment.

mod brain;
mod encryption;
mod env;
mod legacy;
mod limits;
mod llm;
mod mail;
mod operators;
mod proxies;
mod secret;
mod server;
mod supabase;
mod table;
mod telegram;
mod worker;

pub use brain::BrainConfig;
pub use encryption::EncryptionConfig;
pub use env::{ConfigError, Env};
pub use legacy::LegacyConfig;
pub use limits::Limits;
pub use llm::{LlmConfig, OFFLINE};
pub use mail::{MailConfig, Reach};
pub use operators::Operators;
pub use proxies::TrustedProxies;
pub use secret::is_secret;
pub use server::{DatabaseConfig, LogFormat, Role, ServerConfig};
pub use supabase::SupabaseConfig;
pub use table::{VARIABLES, Variable, env_example};
pub use telegram::TelegramConfig;
pub use worker::WorkerConfig;
