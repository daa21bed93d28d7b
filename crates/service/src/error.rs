//! The error of a failed service.

use std::error::Error;

use guestlist_client::GatewayError;
use guestlist_ledger::LedgerError;
use guestlist_model::ShardId;
use guestlist_tracker::StateError;

/// The error of a failed service. Everything that the ledger has acknowledged is kept,
/// and a restart continues from there.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), std::convert::Infallible> {
/// use guestlist_service::ServiceError;
///
/// if let Err(error) = running.stop().await {
///     match &*error {
///         ServiceError::Ledger(error) => println!("the ledger failed: {error}"),
///         ServiceError::Connect(error) => println!("no connection: {error}; {:?}", error.help()),
///         other => println!("{other}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ServiceError<E: Error + 'static = GatewayError> {
    /// The ledger cannot be read or written. Events that were not stored arrive again
    /// when the sessions are resumed.
    #[error("the ledger failed")]
    Ledger(#[source] LedgerError),
    /// The ledger contains a state of the tracker that cannot be read.
    #[error("cannot restore the state from the ledger")]
    State(#[source] StateError),
    /// The source of events could not be opened.
    #[error("cannot connect to the gateway")]
    Connect(#[source] E),
    /// A shard cannot continue.
    #[error("shard {shard} cannot continue")]
    Shard {
        /// The shard.
        shard: ShardId,
        /// The error.
        #[source]
        error: E,
    },
    /// The service's task panicked, which is a bug in guestlist.
    #[error("the service stopped unexpectedly: {0}")]
    Panicked(String),
}
