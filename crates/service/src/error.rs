//! Why the service ended otherwise than asked.

use std::error::Error;

use guestlist_client::GatewayError;
use guestlist_ledger::LedgerError;
use guestlist_model::ShardId;
use guestlist_tracker::StateError;

/// Why the service ended otherwise than asked. Everything that the ledger
/// acknowledged is kept, and a restart goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError<E: Error + 'static = GatewayError> {
    /// The ledger cannot be read or written. What was not yet written will come
    /// again when the sessions are resumed.
    #[error("the ledger failed")]
    Ledger(#[source] LedgerError),
    /// The ledger holds a state of the tracker that cannot be read.
    #[error("the ledger cannot be taken up")]
    State(#[source] StateError),
    /// The source of events could not be opened.
    #[error("cannot connect to the gateway")]
    Connect(#[source] E),
    /// A shard cannot go on.
    #[error("shard {shard} cannot go on")]
    Shard {
        /// Which one.
        shard: ShardId,
        /// Why.
        #[source]
        error: E,
    },
    /// The service's task ended by itself: a fault of guestlist.
    #[error("the service stopped unexpectedly: {0}")]
    Panicked(String),
}
