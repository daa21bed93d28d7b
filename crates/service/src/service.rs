//! A service and its builder.

use std::{sync::Arc, time::Duration};

use guestlist_ledger::{
    ChangeFilter, Cursor, Ledger, LedgerError, Partition, Reports, Resume, Store,
};
use guestlist_tracker::Config;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    Connect, Frames, Report, Requester, ServiceError, Status, Subscription,
    driver::{Driver, Outlets},
    frames,
    limits::Limits,
};

/// The driver of the attribution engine.
///
/// It receives events, sends the tracker's requests, and stores the tracker's records,
/// its state, and the position in the stream of events in one transaction. It can be
/// stopped or killed at any time: when it starts again with the same ledger, it resumes
/// the sessions, and nothing is lost or duplicated. If a session cannot be resumed, the
/// tracker searches for members who joined in the meantime.
///
/// ```no_run
/// use guestlist_service::Service;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let token = std::env::var("DISCORD_TOKEN")?;
/// let running = Service::discord(token, "guestlist.db").start().await?;
/// running.on_attribution(|answer| println!("{answer}"));
/// # running.stop().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Service<R, C, L> {
    requester: R,
    connect: C,
    pub(crate) ledger: Arc<L>,
    config: Config,
    limits: Limits,
    pub(crate) outlets: Outlets,
}

/// Builds a [`Service`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ServiceBuilder<R, C, L> {
    requester: R,
    connect: C,
    ledger: Arc<L>,
    config: Config,
    limits: Limits,
}

impl<R, C, L> Service<R, C, L>
where
    R: Requester,
    C: Connect,
    L: Ledger + 'static,
{
    /// Creates a builder for a service that sends requests through `requester`, receives
    /// events from the source that `connect` opens, and stores records in `ledger`.
    /// `ledger` can be an `Arc`, to read it elsewhere.
    pub fn builder(requester: R, connect: C, ledger: L) -> ServiceBuilder<R, C, L> {
        ServiceBuilder {
            requester,
            connect,
            ledger: Arc::new(ledger),
            config: Config::default(),
            limits: Limits::default(),
        }
    }

    /// Returns all changes that match the filter from now on, once they are stored.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    pub async fn subscribe(&self, filter: ChangeFilter) -> Result<Subscription<L>, LedgerError> {
        let latest = self.ledger.latest().await?;
        Ok(self.subscribe_after(latest, filter))
    }

    /// Returns all changes that match the filter after a position in the ledger's feed:
    /// the [`Subscription::cursor`] of an earlier subscription, or [`Cursor::START`] for
    /// all changes.
    #[must_use]
    pub fn subscribe_after(&self, cursor: Cursor, filter: ChangeFilter) -> Subscription<L> {
        let ledger = Arc::clone(&self.ledger);
        Subscription::new(ledger, filter, cursor, self.outlets.stored.subscribe())
    }

    /// The frames that the service receives from now on, for a bot that shares the
    /// connection. A listener never slows down the service; see [`Frames`].
    ///
    /// ```no_run
    /// # use guestlist_ledger::SqliteLedger;
    /// # use guestlist_service::{Connect, Heard, Requester, Service};
    /// # async fn example<R: Requester, C: Connect>(service: &Service<R, C, SqliteLedger>) {
    /// let mut frames = service.frames();
    /// while let Some(heard) = frames.next().await {
    ///     match heard {
    ///         Heard::Frame(frame) => println!("{:?}: {} bytes", frame.name, frame.bytes.len()),
    ///         Heard::Missed(count) => println!("too slow: {count} frames are gone"),
    ///         _ => {}
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn frames(&self) -> Frames {
        frames::listen(&self.outlets.listeners)
    }

    /// The status of the service, with updates. The channel closes when the service ends.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.outlets.status.subscribe()
    }

    /// Runs the service in the current task until `stop` is cancelled or the source has ended. The
    /// service then finishes the requests in progress, stores their results, and closes the
    /// sessions so that they can be resumed.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] if the ledger fails, or the source cannot be opened or cannot
    /// continue.
    pub async fn run(self, stop: CancellationToken) -> Result<Report, ServiceError<C::Error>> {
        let Self {
            requester,
            mut connect,
            ledger,
            mut config,
            limits,
            outlets,
        } = self;
        config.barriers = connect.barriers();
        connect.report_to(crate::Starting::new(outlets.status.clone()));
        let owner = format!("process {}", std::process::id());
        let claim = ledger
            .claim(Partition::ALL, &owner)
            .await
            .map_err(ServiceError::Ledger)?;
        let point = ledger
            .resume_point(claim.partition)
            .await
            .map_err(ServiceError::Ledger)?;
        tracing::info!(
            guilds = point.guild_states.len(),
            positions = point.positions.len(),
            "continuing from the ledger"
        );
        let mut driver = Driver::new(requester, ledger, claim, config, limits, outlets);
        let sessions = driver.restore(point).map_err(ServiceError::State)?;
        let source = tokio::select! {
            source = connect.connect(sessions) => source.map_err(ServiceError::Connect)?,
            () = stop.cancelled() => return Ok(driver.report()),
        };
        driver.run(source, stop).await
    }
}

impl<R, C, L> ServiceBuilder<R, C, L>
where
    R: Requester,
    C: Connect,
    L: Ledger + 'static,
{
    /// Sets the tracker's settings. [`Config::barriers`] is ignored: the source of events
    /// determines it ([`Connect::barriers`]).
    pub const fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets how long a record may wait to be stored together with others; defaults to 100
    /// ms.
    pub const fn commit_every(mut self, interval: Duration) -> Self {
        self.limits.commit_every = interval;
        self
    }

    /// Sets how long requests in progress may take when the service stops; defaults to 5
    /// s.
    pub const fn stop_within(mut self, grace: Duration) -> Self {
        self.limits.grace = grace;
        self
    }

    /// Sets how many requests may be in progress at once; defaults to 64.
    pub const fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests;
        self
    }

    /// Builds the service without starting it.
    #[must_use]
    pub fn build(self) -> Service<R, C, L> {
        Service {
            requester: self.requester,
            connect: self.connect,
            ledger: self.ledger,
            config: self.config,
            limits: self.limits,
            outlets: Outlets {
                stored: watch::Sender::new(Cursor::START),
                status: watch::Sender::new(Status::default()),
                listeners: frames::listeners(),
            },
        }
    }
}
