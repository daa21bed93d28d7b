//! A service and how it is set up.

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
/// Takes in events, sends the tracker's requests, and stores what the tracker
/// states, its state, and how far the events were read, in one transaction. So
/// it can be stopped or killed at any moment: started again on the same ledger
/// it resumes the sessions, and nothing is lost or told twice. Where a session
/// cannot be resumed, the tracker asks Discord who joined meanwhile.
#[derive(Debug)]
pub struct Service<R, C, L> {
    requester: R,
    connect: C,
    pub(crate) ledger: Arc<L>,
    config: Config,
    limits: Limits,
    pub(crate) outlets: Outlets,
}

/// Sets up a [`Service`].
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
    /// A service that asks `requester`, listens to what `connect` opens, and
    /// stores in `ledger`, which may be an `Arc` of one to be read elsewhere.
    pub fn builder(requester: R, connect: C, ledger: L) -> ServiceBuilder<R, C, L> {
        ServiceBuilder {
            requester,
            connect,
            ledger: Arc::new(ledger),
            config: Config::default(),
            limits: Limits::default(),
        }
    }

    /// Everything of these kinds from now on, once it is stored.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn subscribe(&self, filter: ChangeFilter) -> Result<Subscription<L>, LedgerError> {
        let latest = self.ledger.latest().await?;
        Ok(self.subscribe_after(latest, filter))
    }

    /// Everything of these kinds behind a place in the ledger's feed: where an earlier
    /// [`Subscription::cursor`] was, or [`Cursor::START`] for all that there is.
    #[must_use]
    pub fn subscribe_after(&self, cursor: Cursor, filter: ChangeFilter) -> Subscription<L> {
        let ledger = Arc::clone(&self.ledger);
        Subscription::new(ledger, filter, cursor, self.outlets.stored.subscribe())
    }

    /// The frames that the service takes in from now on, for a bot that works beside it on
    /// the same connection. Whoever listens never slows the service; see [`Frames`].
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

    /// How the service is doing; changes whenever that does. Closed when the
    /// service ends.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.outlets.status.subscribe()
    }

    /// Runs in the task that calls this, until `stop` is cancelled or the source has ended: then finishes the
    /// requests under way, stores what came of them, and closes the sessions such
    /// that they can be resumed.
    ///
    /// # Errors
    ///
    /// When the ledger fails, or the source cannot be opened or go on.
    pub async fn run(self, stop: CancellationToken) -> Result<Report, ServiceError<C::Error>> {
        let Self {
            requester,
            connect,
            ledger,
            mut config,
            limits,
            outlets,
        } = self;
        config.barriers = connect.barriers();
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
            "taking up where the ledger left off"
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
    /// The tracker's settings. [`Config::barriers`] is not a choice here: it says what the
    /// source of events can do, so the source is asked ([`Connect::barriers`]).
    pub const fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How long a record may wait for others to be stored with; defaults to
    /// 100 ms.
    pub const fn commit_every(mut self, interval: Duration) -> Self {
        self.limits.commit_every = interval;
        self
    }

    /// How long requests under way may take when the service is asked to stop;
    /// defaults to 5 s.
    pub const fn stop_within(mut self, grace: Duration) -> Self {
        self.limits.grace = grace;
        self
    }

    /// How many requests may be under way at once; defaults to 64.
    pub const fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests;
        self
    }

    /// The service, not yet started.
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
