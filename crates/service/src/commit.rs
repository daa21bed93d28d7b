//! Handing a batch to the ledger.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use guestlist_client::Repeated;
use guestlist_ledger::{Batch, Claim, Committed, LedgerError, Store};
use tokio::time::{Instant, sleep};

/// How long somebody else's lock on the ledger is waited for, besides the
/// ledger's own patience.
const LOCKED_FOR: Duration = Duration::from_secs(30);

static LOCKED: Repeated<()> = Repeated::new();

/// A commit under way, which gives its batch back.
pub(crate) type Commit =
    Pin<Box<dyn Future<Output = Result<(Batch, Committed), LedgerError>> + Send>>;

/// Stores a batch, waiting for a while if somebody else has the ledger locked.
pub(crate) async fn commit<L: Store>(
    ledger: Arc<L>,
    claim: Claim,
    batch: Batch,
) -> Result<(Batch, Committed), LedgerError> {
    let deadline = Instant::now() + LOCKED_FOR;
    loop {
        match ledger.commit(claim, &batch).await {
            Ok(committed) => return Ok((batch, committed)),
            Err(error) if error.is_transient() && Instant::now() < deadline => {
                if let Some(times) = LOCKED.note(()) {
                    tracing::warn!(%error, "the ledger is locked; trying again{times}");
                }
                sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Waits for the commit under way; for ever if there is none.
pub(crate) async fn finished(
    commit: &mut Option<Commit>,
) -> Result<(Batch, Committed), LedgerError> {
    match commit {
        Some(future) => {
            let outcome = future.await;
            *commit = None;
            outcome
        }
        None => std::future::pending().await,
    }
}
