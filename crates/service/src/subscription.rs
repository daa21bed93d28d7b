//! Telling others what was stored.

use std::sync::Arc;

use guestlist_tracker::Record;
use tokio::sync::broadcast;

/// Records, each told after the ledger acknowledged it, and only if it was news
/// to the ledger.
///
/// The service never waits for whoever listens: a subscription that is not read
/// for too long misses records, and is told how many.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Record>>,
}

/// What a [`Subscription`] tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// A record is in the ledger.
    Record(Arc<Record>),
    /// So many records were not read in time. They are in the ledger.
    Missed(u64),
}

impl Subscription {
    pub(crate) const fn new(receiver: broadcast::Receiver<Arc<Record>>) -> Self {
        Self { receiver }
    }

    /// The next news; none when the service has ended and all was told.
    ///
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<News> {
        match self.receiver.recv().await {
            Ok(record) => Some(News::Record(record)),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(News::Missed(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
