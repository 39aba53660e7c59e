//! What every subcommand's process does alike: runtime, log, the word to stop.

use std::io::IsTerminal;

use brain::config::LogFormat;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// The async runtime.
///
/// # Panics
/// When the operating system gives no threads.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    // Two of our dependencies bring different TLS providers; whoever connects first would have to guess.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads can be started")
}

/// Starts logging to standard error. `quiet` is what is logged where `RUST_LOG` says nothing.
pub(crate) fn log(format: LogFormat, quiet: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(quiet));
    // It logs the whole of an answer that it cannot read, and answers hold people's words.
    let filter = filter.add_directive("async_openai=off".parse().expect("a directive"));
    // A line for each connection that is cut off, which a stranger could make thousands of. The web process says it once.
    let filter = filter.add_directive("salvo_core::conn=warn".parse().expect("a directive"));
    // It takes the order of a worker's layers for a mistake that it is not, and says so at every start.
    let filter = filter.add_directive("apalis_core::worker::context=error".parse().expect("a directive"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// More descriptors than this are of no use to any process of ours.
const DESCRIPTORS: u64 = 65_536;

/// Takes as many descriptors as the system allows: how many there are now. Shells give 1,024 to begin with, for the sake of
/// programs that call `select`, and we are none.
pub(crate) fn raise_descriptors() -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 1024 };
    let wanted = hard.min(DESCRIPTORS).max(soft);
    let now = if setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() { wanted } else { soft };
    usize::try_from(now.min(DESCRIPTORS)).unwrap_or(1024)
}

/// A token that is cancelled by Ctrl-C or SIGTERM.
///
/// # Errors
/// When the signals cannot be listened to.
pub(crate) fn stopped_by_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stopping = CancellationToken::new();
    let token = stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        token.cancel();
    });
    Ok(stopping)
}
