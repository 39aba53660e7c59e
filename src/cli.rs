//! The command line. Exit codes: 0 done, 1 failed, 2 usage (a wrong command line or a wrong variable).

use std::process::ExitCode;

use brain::config::{ConfigError, Env, VARIABLES, env_example};
use clap::{Parser, Subcommand};

use crate::{
    chat, dev, doctor, enqueue, eval, import, limits, login_link, migrate, process, queue, rotate_keys, web,
    webhook, worker,
};

/// A Telegram bot with a memory, for many people at once.
#[derive(Parser)]
#[command(name = "pykhbrain", version, after_help = variables())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Everything in one process, with a database of its own and a local chat (also the default)
    Dev,
    /// The web process: takes Telegram's updates, serves pages
    Web {
        /// Run a worker in the same process, for hosts without background workers
        #[arg(long)]
        with_worker: bool,
    },
    /// The worker process: answers, and everything that runs behind
    Worker,
    /// Bring the database to this program's schema
    Migrate,
    /// Bring the old bot's memory files into the database
    Import(import::Options),
    /// The local chat in the terminal
    Chat(chat::Options),
    /// Look at everything that has to work, and say what does not
    Doctor,
    /// Where Telegram delivers updates
    Webhook {
        #[command(subcommand)]
        action: webhook::Action,
    },
    /// What waits, runs and has failed
    Queue {
        #[command(subcommand)]
        action: Option<queue::Action>,
    },
    /// Measure what memory finds
    Eval {
        #[command(subcommand)]
        what: eval::What,
    },
    /// A link that signs somebody in on the dashboard
    LoginLink(login_link::Options),
    /// What an account may use of the operator's model in a day: shown, or changed
    Limits(limits::Options),
    /// Seal all stored secrets with the first of the configured keys
    RotateKeys,
    /// Put a job on the queue
    Enqueue(enqueue::Options),
    /// The text of `.env.example`
    #[command(hide = true)]
    EnvExample,
}

/// Reads the command line and runs what it says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let _ = dotenvy::dotenv();
    let env = Env::of_process();
    let runtime = process::runtime();
    let result = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Dev) {
            Command::Dev => dev::run(env).await,
            Command::Web { with_worker } => web::run(&env, with_worker).await,
            Command::Worker => worker::run(&env).await,
            Command::Migrate => migrate::run(&env).await,
            Command::Import(options) => import::run(&env, &options).await,
            Command::Chat(options) => chat::run(env, &options).await,
            Command::Doctor => doctor::run(&env).await,
            Command::Webhook { action } => webhook::run(&env, &action).await,
            Command::Queue { action } => queue::run(&env, action.unwrap_or(queue::Action::List)).await,
            Command::Eval { what } => eval::run(env, &what).await,
            Command::LoginLink(options) => login_link::run(&env, &options).await,
            Command::Limits(options) => limits::run(&env, &options).await,
            Command::RotateKeys => rotate_keys::run(&env).await,
            Command::Enqueue(options) => enqueue::run(&env, &options).await,
            Command::EnvExample => {
                print!("{}", env_example());
                Ok(())
            }
        }
    });
    // Not waiting for whoever still reads the terminal.
    runtime.shutdown_background();
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("pykhbrain: {error:#}");
    if error.is::<ConfigError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// The table of variables under `pykhbrain help`.
fn variables() -> String {
    let lines: Vec<String> = VARIABLES
        .iter()
        .map(|variable| format!("  {:<24} {} [{}]", variable.name, variable.meaning, variable.default))
        .collect();
    format!("Environment (a file .env is read too):\n{}", lines.join("\n"))
}
