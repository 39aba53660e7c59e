//! The table of variables, as `pykhbrain help` prints it.

/// One environment variable.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
    /// What it does, in one line.
    pub meaning: &'static str,
}

const fn variable(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default, meaning }
}

/// Every variable that the program reads.
pub const VARIABLES: &[Variable] = &[
    variable(
        "DATABASE_URL",
        "`dev` starts its own",
        "PostgreSQL, direct or session mode (port 5432, not 6543)",
    ),
    variable(
        "WEB_DATABASE_URL",
        "DATABASE_URL",
        "a login of its own for the web process, which can do less (docs/sign-in.md)",
    ),
    variable("TELEGRAM_TOKEN", "`dev` has a local chat", "the bot's token, from @BotFather"),
    variable("TELEGRAM_WEBHOOK_SECRET", "derived from the token", "what Telegram sends to prove itself"),
    variable("TELEGRAM_API_URL", "https://api.telegram.org", "another Bot API server"),
    variable("PUBLIC_URL", "http://localhost:$PORT", "for links; with https `web` also sets the webhook"),
    variable(
        "OPENAI_API_KEY",
        "`dev` takes a server on this machine, else the built-in model",
        "the key of an OpenAI-compatible server",
    ),
    variable("OPENAI_BASE_URL", "https://api.openai.com/v1", "that server"),
    variable("OPENAI_MODEL", "gpt-6-luna", "the model that answers; offline: the built-in one"),
    variable("OLLAMA_HOST", "127.0.0.1:11434", "where `dev` looks for Ollama when there is no key"),
    variable("LLM_TIMEOUT", "60", "seconds that one call of the model may take"),
    variable("SMTP_URL", "no mail; `dev` prints it", "the mail server, as smtps://user:password@host:465"),
    variable("MAIL_FROM", "none", "who mails are from, as PykhBrain <bot@example.com>"),
    variable(
        "ENCRYPTION_KEY",
        "`dev` makes and keeps its own",
        "32 bytes in base64 (openssl rand -base64 32) for the secrets that people store; \
         several, separated by commas: the first one seals, all open",
    ),
    variable("SUPABASE_URL", "none", "the Supabase project that people sign in through"),
    variable("SUPABASE_PUBLISHABLE_KEY", "none", "that project's publishable key (sb_publishable_...)"),
    variable("SUPABASE_SECRET_KEY", "none", "that project's secret key (sb_secret_...)"),
    variable(
        "SUPABASE_JWT_SECRET",
        "its published keys",
        "what it signs tokens with, where it signs with HS256",
    ),
    variable("HOST", "0.0.0.0", "where the web process listens (`dev`: 127.0.0.1)"),
    variable("PORT", "8080", "and on which port"),
    variable("LOG_FORMAT", "text", "text or json"),
    variable("RUST_LOG", "info", "which log lines are written"),
    variable("WORKER_CONCURRENCY", "64", "chats that one worker answers at the same time"),
    variable("TELEGRAM_RATE", "30", "messages a second over the whole cluster; 0: no pacing (benchmarks)"),
    variable("DB_POOL_SIZE", "web 3, worker 4, dev 16", "database connections of this process"),
    variable("TEMP_DAILY_MESSAGES", "200", "answers a day for a temporary account"),
    variable("TEMP_DAILY_TOKENS", "200000", "tokens a day for a temporary account"),
    variable(
        "LEGACY_MEMORY_DIR",
        "none",
        "the old bot's memory files: chats that have some are brought over",
    ),
    variable("LEGACY_CHAT_ID", "none", "the chat of old files that name none"),
    variable("ALLOWED_CHATS", "all", "chat ids that may talk to the bot, separated by commas"),
];
