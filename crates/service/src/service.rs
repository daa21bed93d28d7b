//! A service and how it is set up.

use std::{sync::Arc, time::Duration};

use guestlist_ledger::{Ledger, Partition, Resume, Store};
use guestlist_tracker::{Config, Record};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    Connect, EventSource, Report, Requester, ServiceError, Status, Subscription, driver::Driver,
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
    ledger: Arc<L>,
    config: Config,
    limits: Limits,
    records: broadcast::Sender<Arc<Record>>,
    status: watch::Sender<Status>,
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
    backlog: usize,
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
            backlog: 4096,
        }
    }

    /// Tells every record from now on, once it is stored.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription::new(self.records.subscribe())
    }

    /// How the service is doing; changes whenever that does. Closed when the
    /// service ends.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Runs until `stop` is cancelled or the source has ended: then finishes the
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
            records,
            status,
        } = self;
        config.barriers = C::Source::BARRIERS;
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
        let mut driver = Driver::new(requester, ledger, claim, config, limits, records, status);
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
    /// The tracker's settings.
    pub const fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How long a record may wait for others to be stored with; 100 ms unless
    /// told otherwise.
    pub const fn commit_every(mut self, interval: Duration) -> Self {
        self.limits.commit_every = interval;
        self
    }

    /// How long requests under way may take when the service is asked to stop;
    /// 5 s unless told otherwise.
    pub const fn stop_within(mut self, grace: Duration) -> Self {
        self.limits.grace = grace;
        self
    }

    /// How many requests may be under way at once; 64 unless told otherwise.
    pub const fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests;
        self
    }

    /// How many records a subscription may lag behind before it misses some;
    /// 4096 unless told otherwise.
    pub const fn subscription_backlog(mut self, records: usize) -> Self {
        self.backlog = records;
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
            records: broadcast::Sender::new(self.backlog.max(1)),
            status: watch::Sender::new(Status::default()),
        }
    }
}
