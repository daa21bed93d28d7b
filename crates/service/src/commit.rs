//! Stores batches in the ledger.

use std::{panic::resume_unwind, sync::Arc, time::Duration};

use guestlist_client::Repeated;
use guestlist_ledger::{Batch, Claim, Committed, LedgerError, Store};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::Status;

/// How long to wait for another process's lock on the ledger, in addition to the ledger's own
/// timeout.
const LOCKED_FOR: Duration = Duration::from_secs(30);
/// The first pause before a commit that the disk prevented is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

static LOCKED: Repeated<()> = Repeated::new();

/// The result of a commit: its batch, and the outcome.
type Outcome = Result<(Batch, Committed), LedgerError>;

/// A commit in progress. It runs in its own task, so a busy driver does not delay it. Dropping
/// this aborts it.
pub(crate) struct Commit(JoinSet<Outcome>);

impl Commit {
    /// Starts to store a batch.
    pub(crate) fn begin<L: Store + 'static>(
        ledger: Arc<L>,
        claim: Claim,
        batch: Batch,
        status: watch::Sender<Status>,
        stop: CancellationToken,
    ) -> Self {
        let mut task = JoinSet::new();
        task.spawn(store(ledger, claim, batch, status, stop));
        Self(task)
    }

    /// Waits until the commit has ended. Cancel safe.
    async fn ended(&mut self) -> Outcome {
        match self.0.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            // Nobody gives it up before.
            _ => std::future::pending().await,
        }
    }
}

/// Stores a batch. Waits for a while if another process has locked the ledger, and until the
/// service stops if the disk is full or cannot be written.
async fn store<L: Store>(
    ledger: Arc<L>,
    claim: Claim,
    batch: Batch,
    status: watch::Sender<Status>,
    stop: CancellationToken,
) -> Outcome {
    let deadline = Instant::now() + LOCKED_FOR;
    let mut pause = PAUSE;
    // Why nothing can be stored, if so.
    let mut blocked = None;
    loop {
        match ledger.commit(claim, &batch).await {
            Ok(committed) => {
                if blocked.is_some() {
                    tracing::info!(
                        records = batch.records.len(),
                        "the ledger can be written again"
                    );
                    status.send_modify(|status| status.blocked = None);
                }
                return Ok((batch, committed));
            }
            // Nothing was to be stored.
            Err(error) if error.is_transient() && batch.is_empty() => {
                if blocked.is_some() {
                    status.send_modify(|status| status.blocked = None);
                }
                return Ok((batch, Committed::default()));
            }
            Err(error) if error.is_transient() && Instant::now() < deadline => {
                if let Some(times) = LOCKED.note(()) {
                    tracing::warn!(%error, "the ledger is locked; trying again{times}");
                }
                sleep(PAUSE).await;
            }
            Err(error) if error.is_outage() && !stop.is_cancelled() => {
                let reason = Some(error.to_string());
                if blocked != reason {
                    tracing::error!(
                        %error,
                        "nothing can be stored; events wait until the ledger can be written again"
                    );
                    blocked.clone_from(&reason);
                    status.send_modify(|status| status.blocked = reason);
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

/// Waits for the commit in progress; forever if there is none.
pub(crate) async fn finished(commit: &mut Option<Commit>) -> Outcome {
    match commit {
        Some(under_way) => {
            let outcome = under_way.ended().await;
            *commit = None;
            outcome
        }
        None => std::future::pending().await,
    }
}
