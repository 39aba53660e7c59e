//! The table of variables: what is not in it cannot be read, and `pykhbrain help` and `.env.example` are made from it.

use std::fmt::Write as _;

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

impl Variable {
    /// Whether there is one with this name.
    pub(super) fn is_declared(name: &str) -> bool {
        VARIABLES.iter().any(|variable| variable.name == name)
    }
}

/// The text of `.env.example`.
#[must_use]
pub fn env_example() -> String {
    let mut text =
        "# Copy to .env and set what you need. Everything has a default that `cargo run` works with.\n\
                    # Made by `cargo run -- env-example > .env.example`.\n"
            .to_owned();
    for Variable { name, default, meaning } in VARIABLES {
        let _ = write!(text, "\n# {meaning}\n# [{default}]\n#{name}=\n");
    }
    text
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
    variable(
        "TRUSTED_PROXIES",
        "none",
        "addresses and networks (10.0.0.0/8) whose X-Forwarded-For is believed, separated by commas",
    ),
    variable("METRICS_TOKEN", "only this machine", "the bearer token that opens /metrics from elsewhere"),
    variable("LOG_FORMAT", "text", "text or json"),
    variable("RUST_LOG", "info", "which log lines are written"),
    variable("WORKER_CONCURRENCY", "64", "chats that one worker answers at the same time"),
    variable("SUMMARIES_PER_MINUTE", "20", "readings for facts a minute, over the whole cluster"),
    variable("TELEGRAM_RATE", "30", "messages a second over the whole cluster; 0: no pacing (benchmarks)"),
    variable("DB_POOL_SIZE", "web 3, worker 4, dev 16", "database connections of this process"),
    variable(
        "TEMP_DAILY_MESSAGES",
        "200",
        "answers a day (UTC) for a temporary account, and for a person in all of them together",
    ),
    variable("TEMP_DAILY_TOKENS", "200000", "tokens a day for the same"),
    variable(
        "ACCOUNT_DAILY_MESSAGES",
        "1000",
        "answers a day for a permanent account (`pykhbrain limits` changes it for one)",
    ),
    variable("ACCOUNT_DAILY_TOKENS", "2000000", "tokens a day for the same"),
    variable("DAILY_TOKENS", "no limit", "tokens a day for everybody together"),
    variable(
        "ADMIN_EMAILS",
        "none",
        "mail addresses of the operators, separated by commas: told when DAILY_TOKENS are nearly used",
    ),
    variable(
        "LEGACY_MEMORY_DIR",
        "none",
        "the old bot's memory files: chats that have some are brought over",
    ),
    variable("LEGACY_CHAT_ID", "none", "the chat of old files that name none"),
    variable("ALLOWED_CHATS", "all", "chat ids that may talk to the bot, separated by commas"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The sources of everything that reads variables.
    fn sources(folder: &Path) -> String {
        let mut text = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                text += &sources(&path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("config/table.rs")
            {
                text += &fs::read_to_string(path).unwrap();
            }
        }
        text
    }

    #[test]
    fn the_example_is_made_from_the_table() {
        let there = include_str!("../../../.env.example");
        assert_eq!(there, env_example(), "run `cargo run -- env-example > .env.example`");
    }

    #[test]
    fn every_variable_is_read_and_what_is_read_is_in_the_table() {
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let text: String = sources(&house.join("brain/src/config")) + &sources(&house.join("src"));
        // The log's own library reads this one.
        for Variable { name, .. } in VARIABLES.iter().filter(|variable| variable.name != "RUST_LOG") {
            assert!(text.contains(&format!("\"{name}\"")), "nobody reads {name}");
        }
        let squeezed: String = text.split_whitespace().collect();
        for reads in ["env.get(\"", "env.require(\"", "env.parse_or(\""] {
            for name in squeezed.split(reads).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(Variable::is_declared(name), "{name} is not in the table");
            }
        }
    }
}
