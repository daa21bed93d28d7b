//! What every page is made from.

use std::{
    collections::HashMap,
    future::IntoFuture as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use guestlist_client::Client;
use guestlist_ledger::{Cursor, Labels, LedgerError, Reports};
use guestlist_model::{GuildId, Timestamp};
use guestlist_service::{
    Status,
    doctor::{Finding, check_permissions_of},
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, MissedTickBehavior, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::keeping::Keeping;
use crate::{
    access::{Access, DiscordLogin, Sight, Visit, WebToken},
    pace::{self, Pace},
    personal::Orders,
    seen::Seen,
};

/// Live streams that may be open at once.
const STREAMS: usize = 128;

/// How long what was found about permissions is shown without asking again.
const BELIEVED: Duration = Duration::from_secs(60);

/// How long a page waits for it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

/// How long a pause of invites is shown without asking again.
const PAUSE_BELIEVED: Duration = Duration::from_secs(15);

/// How long a page waits for that.
const PAUSE_WITHIN: Duration = Duration::from_secs(3);

/// What was found, and when.
type Known = HashMap<Option<GuildId>, (Instant, Result<Vec<Finding>, String>)>;

/// What a dashboard is set up with.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) ledger: Arc<dyn Reports>,
    pub(crate) status: Option<watch::Receiver<Status>>,
    pub(crate) database: Option<PathBuf>,
    pub(crate) labels: Option<Arc<dyn Labels>>,
    pub(crate) client: Option<Client>,
    pub(crate) token: Option<WebToken>,
    pub(crate) discord: Option<DiscordLogin>,
    pub(crate) names: Vec<String>,
}

impl Setup {
    pub(crate) fn new(ledger: Arc<dyn Reports>) -> Self {
        Self {
            ledger: Arc::new(Keeping::new(ledger)),
            status: None,
            database: None,
            labels: None,
            client: None,
            token: None,
            discord: None,
            names: Vec::new(),
        }
    }
}

/// Shared by all requests.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    setup: Setup,
    access: Access,
    findings: tokio::sync::Mutex<Known>,
    /// Until when invites are paused, and when that was known.
    pauses: Mutex<HashMap<GuildId, (Instant, Option<Timestamp>)>>,
    orders: Orders,
    stop: CancellationToken,
    /// How far the ledger's feed goes.
    feed: watch::Sender<Cursor>,
    streams: Arc<Semaphore>,
    pace: Mutex<Pace>,
}

impl App {
    pub(crate) fn new(setup: Setup, access: Access, stop: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            setup,
            access,
            findings: tokio::sync::Mutex::default(),
            pauses: Mutex::default(),
            orders: Orders::default(),
            stop,
            feed: watch::Sender::new(Cursor::START),
            streams: Arc::new(Semaphore::new(STREAMS)),
            pace: Mutex::default(),
        }))
    }

    /// The ledger, as far as somebody may see it.
    pub(crate) fn ledger(&self, visit: &Visit) -> Arc<dyn Reports> {
        let ledger = Arc::clone(&self.0.setup.ledger);
        match &visit.sight {
            Sight::All => ledger,
            Sight::Only(guilds) => Arc::new(Seen::new(ledger, Arc::clone(guilds))),
        }
    }

    /// The whole ledger, for what is about nobody's server.
    pub(crate) fn every_ledger(&self) -> &dyn Reports {
        &*self.0.setup.ledger
    }

    /// Whoever makes changes at Discord, if they can be made here.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.0.setup.client.as_ref()
    }

    /// What the bot may do in a server, or in all, as Discord said within the last minute.
    /// Somebody waits for it: where it was asked for already, nobody asks again meanwhile.
    pub(crate) async fn permissions(
        &self,
        only: Option<GuildId>,
    ) -> Option<Result<Vec<Finding>, String>> {
        let client = self.client()?;
        let mut known = self.0.findings.lock().await;
        if let Some((at, found)) = known.get(&only)
            && at.elapsed() < BELIEVED
        {
            return Some(found.clone());
        }
        let found = match timeout(ANSWERED_WITHIN, check_permissions_of(client, only)).await {
            Ok(found) => found.map_err(|error| format!("{error}. To fix it: {}", error.help())),
            Err(_) => Err("Discord does not answer in time. Load the page again later".to_owned()),
        };
        known.retain(|_, (at, _)| at.elapsed() < BELIEVED);
        known.insert(only, (Instant::now(), found.clone()));
        Some(found)
    }

    /// Until when the invites of a server are paused, as Discord said lately. None, too, if it
    /// does not answer soon; then it is not asked again for a while.
    pub(crate) async fn paused(&self, guild: GuildId) -> Option<Timestamp> {
        let client = self.client()?;
        let known = self.pauses(|pauses| pauses.get(&guild).copied());
        let until = match known {
            Some((at, until)) if at.elapsed() < PAUSE_BELIEVED => until,
            _ => {
                let begun = Instant::now();
                let asked = timeout(PAUSE_WITHIN, client.get_guild(guild).into_future());
                let found = asked.await.ok().and_then(Result::ok);
                let incidents = found.and_then(|guild| guild.incidents_data);
                let until = incidents.and_then(|it| it.invites_disabled_until);
                // Somebody may have begun or ended a pause meanwhile.
                let changed = self.pauses(|pauses| pauses.get(&guild).copied());
                match changed {
                    Some((at, until)) if at > begun => until,
                    _ => {
                        self.note_pause(guild, until);
                        until
                    }
                }
            }
        };
        until.filter(|until| *until > now())
    }

    /// Remembers until when the invites of a server are paused.
    pub(crate) fn note_pause(&self, guild: GuildId, until: Option<Timestamp>) {
        self.pauses(|pauses| {
            pauses.retain(|_, (at, _)| at.elapsed() < PAUSE_BELIEVED);
            pauses.insert(guild, (Instant::now(), until));
        });
    }

    fn pauses<T>(
        &self,
        look: impl FnOnce(&mut HashMap<GuildId, (Instant, Option<Timestamp>)>) -> T,
    ) -> T {
        look(&mut self.0.pauses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where labels are written, if they can be.
    pub(crate) fn labels(&self) -> Option<&Arc<dyn Labels>> {
        self.0.setup.labels.as_ref()
    }

    /// Personal links that are being made.
    pub(crate) fn orders(&self) -> &Orders {
        &self.0.orders
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    /// How the service is doing, if it runs in this process.
    pub(crate) fn status(&self) -> Option<Status> {
        let status = self.0.setup.status.as_ref()?;
        Some(status.borrow().clone())
    }

    /// Looks at the requests from time to time, until the dashboard stops.
    pub(crate) async fn keep_pace(self) {
        let mut ticks = tokio::time::interval(pace::EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while let Some(_tick) = self.0.stop.run_until_cancelled(ticks.tick()).await {
            let Some(status) = self.status() else { return };
            self.pace(|pace| pace.note(Instant::now(), &status.stats));
        }
    }

    /// The requests to Discord lately.
    pub(crate) fn pace<T>(&self, look: impl FnOnce(&mut Pace) -> T) -> T {
        look(&mut self.0.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The size of the database in bytes, with what is still in its log.
    pub(crate) fn database_size(&self) -> Option<u64> {
        let path = self.0.setup.database.as_ref()?;
        let size = |path: &std::path::Path| std::fs::metadata(path).map(|it| it.len());
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let log = size(log.as_ref()).unwrap_or(0);
        size(path).ok().map(|file| file + log)
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(crate) fn feed(&self) -> &watch::Sender<Cursor> {
        &self.0.feed
    }

    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.streams)
    }

    /// The servers that somebody may see, by name.
    pub(crate) async fn guilds(&self, visit: &Visit) -> Result<Vec<Guild>, LedgerError> {
        let names = self.ledger(visit).guild_names().await?;
        let mut guilds: Vec<Guild> = names
            .into_iter()
            .map(|(id, name)| Guild { id, name })
            .collect();
        guilds.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(guilds)
    }
}

/// A server, as the choice of one shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guild {
    pub(crate) id: GuildId,
    pub(crate) name: Option<String>,
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}
