//! A service in the background.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use guestlist_client::{GatewayError, Repeated};
use guestlist_ledger::{
    ChangeFilter, ChangeKind, Cursor, Ledger, LedgerError, Page, Reports, Scope, SqliteLedger,
};
use guestlist_model::UserId;
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, sleep, timeout_at},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Attributed, Attributions, Connect, Frames, Report, Requester, Seen, Service, ServiceError,
    Status, Subscription, WaitError,
    frames::{self, WeakListeners},
};

/// How long to wait before reading again if the ledger cannot be read.
const AGAIN: Duration = Duration::from_secs(1);

/// How a service ended. All callers share the error.
pub type Outcome<E = GatewayError> = Result<Report, Arc<ServiceError<E>>>;

/// A service that runs in the background; see [`Service::start`].
///
/// Clones share the same service. When the last one is dropped, the service stops in the
/// background; [`stop`](Self::stop) also waits until it has stopped.
///
/// ```no_run
/// use guestlist_service::Service;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let running = Service::discord("the bot's token", "guestlist.db").start().await?;
/// let mut answers = running.attributions();
/// while let Some(answer) = answers.next().await {
///     println!("{}", answer?);
/// }
/// # Ok(()) }
/// ```
pub struct Running<L = SqliteLedger, E = GatewayError>
where
    E: Error + 'static,
{
    ledger: Arc<L>,
    stored: watch::Receiver<Cursor>,
    status: watch::Receiver<Status>,
    listeners: WeakListeners,
    outcome: watch::Receiver<Option<Outcome<E>>>,
    stop: Arc<DropGuard>,
    token: CancellationToken,
    runtime: Handle,
}

impl<R, C, L> Service<R, C, L>
where
    R: Requester,
    C: Connect + 'static,
    C::Source: 'static,
    L: Ledger + 'static,
{
    /// Runs the service in a new task. [`run`](Self::run) runs it in the current task.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read. A later error ends the service, and
    /// [`Running::attributions`] and [`Running::stop`] return it.
    pub async fn start(self) -> Result<Running<L, C::Error>, LedgerError> {
        let latest = self.ledger.latest().await?;
        self.outlets.stored.send_replace(latest);
        let token = CancellationToken::new();
        let (sender, outcome) = watch::channel(None);
        let running = Running {
            ledger: Arc::clone(&self.ledger),
            stored: self.outlets.stored.subscribe(),
            status: self.outlets.status.subscribe(),
            listeners: self.outlets.listeners.downgrade(),
            outcome,
            stop: Arc::new(token.clone().drop_guard()),
            token: token.clone(),
            runtime: Handle::current(),
        };
        let task = tokio::spawn(self.run(token));
        tokio::spawn(async move {
            let outcome = match task.await {
                Ok(outcome) => outcome.map_err(Arc::new),
                Err(error) => Err(Arc::new(ServiceError::Panicked(error.to_string()))),
            };
            sender.send_replace(Some(outcome));
        });
        Ok(running)
    }
}

impl<L, E> Running<L, E>
where
    L: Reports + 'static,
    E: Error + Send + Sync + 'static,
{
    /// Returns a stream of every answer from now on, once it is stored. A join usually
    /// has several answers: a provisional one immediately, then a final one, which may be
    /// confirmed later. [`Attributions::finals`] skips the provisional ones.
    #[must_use]
    pub fn attributions(&self) -> Attributions<E> {
        let answers = ChangeFilter::new().kind(ChangeKind::Attribution);
        Attributions::new(self.subscribe(answers), self.outcome.clone())
    }

    /// Calls a function with every answer from now on, in a new task, until the service
    /// has ended. To run async code for each answer, use
    /// [`attributions`](Self::attributions).
    ///
    /// ```no_run
    /// # async fn example(running: guestlist_service::Running) {
    /// running.on_attribution(|answer| println!("{answer}"));
    /// # }
    /// ```
    pub fn on_attribution(&self, mut act: impl FnMut(Attributed) + Send + 'static) {
        let mut answers = self.attributions();
        let failed = Repeated::new();
        self.runtime.spawn(async move {
            while let Some(answer) = answers.next().await {
                match answer {
                    Ok(answer) => act(answer),
                    Err(error) => {
                        if let Some(times) = failed.note(()) {
                            let error = &*error as &dyn Error;
                            tracing::error!(error, "there is no answer{times}");
                        }
                        sleep(AGAIN).await;
                    }
                }
            }
        });
    }

    /// Returns all changes that match the filter from now on, once they are stored.
    #[must_use]
    pub fn subscribe(&self, filter: ChangeFilter) -> Subscription<L> {
        let now = *self.stored.borrow();
        self.subscribe_after(now, filter)
    }

    /// Returns all changes that match the filter after a position in the ledger's feed:
    /// the [`Subscription::cursor`] of an earlier subscription, or [`Cursor::START`] for
    /// all changes.
    #[must_use]
    pub fn subscribe_after(&self, cursor: Cursor, filter: ChangeFilter) -> Subscription<L> {
        Subscription::new(
            Arc::clone(&self.ledger),
            filter,
            cursor,
            self.stored.clone(),
        )
    }

    /// Waits for the best answer for a member's current join. Intended for tests.
    ///
    /// Returns a confirmed answer as soon as it is stored. Returns another final answer when
    /// no better one is expected, or when the time is up.
    ///
    /// A join that has ended does not count. A bot that acts on joins should use
    /// [`attributions`](Self::attributions), which misses none and says which join each
    /// answer is about.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`] if there is no final answer in time. The error says what
    /// was seen instead. [`WaitError::Ended`] if the service ended first.
    pub async fn wait_for_attribution(
        &self,
        user: UserId,
        within: Duration,
    ) -> Result<Attributed, WaitError<E>> {
        let deadline = Instant::now() + within;
        let (mut stored, mut status) = (self.stored.clone(), self.status.clone());
        let scope = Scope::new().user(user);
        let mut ended = false;
        loop {
            let in_time = !ended && Instant::now() < deadline;
            stored.borrow_and_update();
            // Before the ledger is asked: what is done by now is in it.
            let idle = status.borrow_and_update().is_idle();
            let rows = self.ledger.joins(&scope, Page::first(1)).await;
            let row = rows.map_err(WaitError::Ledger)?.pop();
            let here = row.clone().filter(|row| row.left_at.is_none());
            let answer = here.and_then(Attributed::new);
            if let Some(answer) = answer.filter(Attributed::is_final)
                && (answer.is_confirmed() || idle || !in_time)
            {
                return Ok(answer);
            }
            if ended {
                return Err(WaitError::Ended(self.outcome().await.err()));
            }
            if !in_time {
                let others = self.others(user).await.map_err(WaitError::Ledger)?;
                let seen = Seen::new(user, within, row, others, &self.status.borrow());
                return Err(WaitError::TimedOut(Box::new(seen)));
            }
            let changed = async {
                tokio::select! {
                    changed = stored.changed() => changed,
                    changed = status.changed() => changed,
                }
            };
            // What was stored last is looked at once more.
            ended = matches!(timeout_at(deadline, changed).await, Ok(Err(_)));
        }
    }

    /// Some of the members who joined last, for an error message.
    async fn others(&self, user: UserId) -> Result<Vec<UserId>, LedgerError> {
        let rows = self.ledger.joins(&Scope::new(), Page::first(5)).await?;
        let users = rows.into_iter().map(|row| row.join.key.user);
        Ok(users.filter(|other| *other != user).collect())
    }

    /// Waits until all shards of the bot are connected and the invites of every server were
    /// listed. From then on, counts prove how members joined. A test calls this before its
    /// first join. See [`Status::is_ready`].
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`] if that takes longer, [`WaitError::Ended`] if the service
    /// ended first.
    pub async fn wait_until_ready(&self, within: Duration) -> Result<(), WaitError<E>> {
        let mut status = self.status.clone();
        match timeout_at(Instant::now() + within, status.wait_for(Status::is_ready)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(WaitError::Ended(self.outcome().await.err())),
            Err(_) => Err(WaitError::NotReady {
                within,
                status: Box::new(self.status.borrow().clone()),
            }),
        }
    }

    /// Stops the service and waits until it has stopped. The service finishes the requests
    /// in progress, stores their results, and closes the sessions so that they can be
    /// resumed. If the service has already ended, this returns the same outcome again.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] if the service failed.
    pub async fn stop(&self) -> Outcome<E> {
        self.token.cancel();
        self.outcome().await
    }

    async fn outcome(&self) -> Outcome<E> {
        let mut outcome = self.outcome.clone();
        let ended = outcome.wait_for(Option::is_some).await.ok();
        ended
            .and_then(|outcome| outcome.clone())
            // The runtime is shutting down.
            .unwrap_or_else(|| Err(Arc::new(ServiceError::Panicked("cancelled".to_owned()))))
    }
}

impl<L, E: Error + 'static> Running<L, E> {
    /// The ledger, for queries.
    #[must_use]
    pub fn ledger(&self) -> &L {
        &self.ledger
    }

    /// The status of the service, with updates. The channel closes when the service ends.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// The frames that the service receives from now on, for a bot that shares the
    /// connection. A listener never slows down the service; see [`Frames`].
    #[must_use]
    pub fn frames(&self) -> Frames {
        frames::listen_weakly(&self.listeners)
    }
}

impl<L, E: Error + 'static> Clone for Running<L, E> {
    fn clone(&self) -> Self {
        Self {
            ledger: Arc::clone(&self.ledger),
            stored: self.stored.clone(),
            status: self.status.clone(),
            listeners: self.listeners.clone(),
            outcome: self.outcome.clone(),
            stop: Arc::clone(&self.stop),
            token: self.token.clone(),
            runtime: self.runtime.clone(),
        }
    }
}

impl<L, E: Error + 'static> fmt::Debug for Running<L, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("status", &*self.status.borrow())
            .finish_non_exhaustive()
    }
}
