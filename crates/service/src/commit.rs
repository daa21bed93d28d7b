//! Handing a batch to the ledger.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use guestlist_client::Repeated;
use guestlist_ledger::{Batch, Claim, Committed, LedgerError, Store};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::Status;

/// How long somebody else's lock on the ledger is waited for, besides the
/// ledger's own patience.
const LOCKED_FOR: Duration = Duration::from_secs(30);
/// The first pause before a commit is tried again that the disk prevents.
const PAUSE: Duration = Duration::from_millis(500);
/// The pauses grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

static LOCKED: Repeated<()> = Repeated::new();

/// A commit under way, which gives its batch back.
pub(crate) type Commit =
    Pin<Box<dyn Future<Output = Result<(Batch, Committed), LedgerError>> + Send>>;

/// Stores a batch, waiting for a while if somebody else has the ledger locked, and until the
/// service is to stop if the disk is full or cannot be written.
pub(crate) async fn commit<L: Store>(
    ledger: Arc<L>,
    claim: Claim,
    batch: Batch,
    status: watch::Sender<Status>,
    stop: CancellationToken,
) -> Result<(Batch, Committed), LedgerError> {
    let deadline = Instant::now() + LOCKED_FOR;
    let mut pause = PAUSE;
    let mut blocked = false;
    loop {
        match ledger.commit(claim, &batch).await {
            Ok(committed) => {
                if blocked {
                    tracing::info!(
                        records = batch.records.len(),
                        "the ledger can be written again"
                    );
                    status.send_modify(|status| status.blocked = None);
                }
                return Ok((batch, committed));
            }
            Err(error) if error.is_transient() && Instant::now() < deadline => {
                if let Some(times) = LOCKED.note(()) {
                    tracing::warn!(%error, "the ledger is locked; trying again{times}");
                }
                sleep(PAUSE).await;
            }
            Err(error) if error.is_outage() && !stop.is_cancelled() => {
                if !blocked {
                    tracing::error!(
                        %error,
                        "nothing can be stored; events wait until the ledger can be written again"
                    );
                    status.send_modify(|status| status.blocked = Some(error.to_string()));
                    blocked = true;
                }
                tokio::select! {
                    () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                    // Once more, at once.
                    () = stop.cancelled() => {}
                }
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
