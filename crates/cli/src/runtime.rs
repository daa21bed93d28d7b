//! The asynchronous runtime, for the subcommands that need it, and signals.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use crate::error::{CliError, ConfigError};

/// Runs something asynchronous on this thread.
pub(crate) fn block_on<T>(
    future: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ConfigError::Runtime)?
        .block_on(future)
}

/// Runs something asynchronous that has work for several threads.
pub(crate) fn block_on_threads<T>(
    future: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ConfigError::Runtime)?
        .block_on(future)
}

/// A token that Ctrl-C or SIGTERM cancels. A second signal ends the program at
/// once, for whoever does not want to wait.
pub(crate) fn cancelled_by_signals() -> Result<CancellationToken, CliError> {
    let token = CancellationToken::new();
    let cancel = token.clone();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        cancel.cancel();
        signals.next().await;
        std::process::exit(130);
    });
    Ok(token)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(ConfigError::Runtime)?,
            terminate: signal(SignalKind::terminate()).map_err(ConfigError::Runtime)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self, CliError> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
