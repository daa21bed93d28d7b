//! Running a service in a test, and comparing the ledger with the truth.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use guestlist_ledger::{
    Answer, Batch, Claim, Committed, Forgotten, JoinRow, Label, Labels, Ledger, LedgerError, Page,
    Partition, Privacy, Reports, Resume, ResumePoint, Scope, SqliteLedger, Store,
};
use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_service::{GatewaySession, Report, Service, ServiceError, Status};
pub(crate) use guestlist_testkit::until;
use guestlist_tracker::{Config, JoinKey};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::fake::{Broken, Fake};

pub(crate) type Outcome = Result<Report, ServiceError<Broken>>;

/// Settings that do not make tests wait.
pub(crate) fn quick() -> Config {
    let mut config = Config::default();
    config.settle = Duration::from_millis(30);
    config.count_lag = Duration::from_millis(60);
    config.list_delay = Duration::from_millis(5);
    config.list_interval = Duration::from_millis(20);
    config.search_delay = Duration::from_millis(20);
    config.confirm_gather = Duration::from_millis(40);
    config.refused_for = Duration::from_millis(200);
    config
}

pub(crate) fn service<L: Ledger + 'static>(fake: &Fake, ledger: L) -> Service<Fake, Fake, L> {
    Service::builder(fake.clone(), fake.clone(), ledger)
        .config(quick())
        .commit_every(Duration::from_millis(10))
        .stop_within(Duration::from_secs(2))
        .build()
}

pub(crate) struct Running {
    pub(crate) task: JoinHandle<Outcome>,
    pub(crate) stop: CancellationToken,
    status: watch::Receiver<Status>,
}

impl Running {
    /// Waits until so many guilds are known and their invites were counted and stored.
    pub(crate) async fn counted(&self, guilds: usize) {
        self.status("the baselines", |status| {
            status.guilds >= guilds
                && status.stats.list_requests >= guilds as u64
                && status.requests == 0
                && status.uncommitted == 0
        })
        .await;
    }

    /// Waits until so many shards are connected and so many guilds are known.
    pub(crate) async fn connected(&self, shards: usize, guilds: usize) {
        self.status("the connections", |status| {
            status.connected() >= shards && status.guilds >= guilds
        })
        .await;
    }

    pub(crate) async fn status(&self, what: &str, holds: impl Fn(&Status) -> bool) {
        until(what, || {
            let holds = holds(&self.status.borrow());
            async move { holds }
        })
        .await;
    }

    pub(crate) async fn stop(self) -> Outcome {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

pub(crate) fn start<L: Ledger + 'static>(service: Service<Fake, Fake, L>) -> Running {
    let stop = CancellationToken::new();
    let status = service.status();
    Running {
        status,
        task: tokio::spawn(service.run(stop.clone())),
        stop,
    }
}

/// Whether every join has an answer.
pub(crate) async fn all_attributed(ledger: &impl Reports, joins: usize) -> bool {
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let is_answered = |row: &JoinRow| {
        let attribution = row.attribution.as_ref();
        attribution.is_some_and(|said| said.certainty.is_final())
    };
    rows.len() == joins && rows.iter().all(is_answered)
}

/// Every join of the truth is in the ledger once, no other is, and no
/// attribution names another code. Returns how many are confirmed or deduced.
pub(crate) async fn agrees(ledger: &impl Reports, fake: &Fake) -> usize {
    let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let mut held: BTreeMap<JoinKey, &JoinRow> = BTreeMap::new();
    for row in &rows {
        assert!(
            held.insert(row.join.key, row).is_none(),
            "{:?} is there twice",
            row.join.key
        );
    }
    let mut known = 0;
    for (guild, member) in fake.truth() {
        let key = JoinKey::new(guild, member.user, member.joined_at);
        let row = held
            .remove(&key)
            .unwrap_or_else(|| panic!("{key:?} is lost"));
        let origin = row
            .attribution
            .as_ref()
            .and_then(|attribution| attribution.certainty.origin());
        if let Some(origin) = origin {
            let code = origin.code().map(InviteCode::as_str);
            assert_eq!(
                code,
                Some(member.code.as_str()),
                "{:?} is wrong",
                row.attribution
            );
            known += 1;
        }
    }
    assert!(held.is_empty(), "nobody joined like this: {held:?}");
    known
}

/// The sessions that are stored.
pub(crate) async fn sessions(ledger: &impl Resume) -> Vec<GatewaySession> {
    let point = ledger.resume_point(Partition::ALL).await.unwrap();
    let sessions = point.positions.iter().map(GatewaySession::of);
    sessions.map(Option::unwrap).collect()
}

pub(crate) async fn file(directory: &Path) -> SqliteLedger {
    SqliteLedger::open(directory.join("guestlist.db"))
        .await
        .unwrap()
}

/// A ledger that can be made to fail, to hang, and that remembers what it was given.
pub(crate) struct Moody {
    inner: SqliteLedger,
    pub(crate) full: AtomicBool,
    pub(crate) busy_for: AtomicU64,
    pub(crate) slow: AtomicU64,
    pub(crate) batches: Mutex<Vec<Batch>>,
}

impl Moody {
    pub(crate) async fn new() -> Self {
        Self {
            inner: SqliteLedger::in_memory().await.unwrap(),
            full: AtomicBool::new(false),
            busy_for: AtomicU64::new(0),
            slow: AtomicU64::new(0),
            batches: Mutex::default(),
        }
    }
}

impl Store for Moody {
    fn claim<'a>(&'a self, partition: Partition, owner: &'a str) -> Answer<'a, Claim> {
        self.inner.claim(partition, owner)
    }

    fn commit<'a>(&'a self, claim: Claim, batch: &'a Batch) -> Answer<'a, Committed> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(self.slow.load(Ordering::Relaxed))).await;
            if self.full.load(Ordering::Relaxed) {
                return Err(LedgerError::DiskFull { at: "/full".into() });
            }
            let busy = self
                .busy_for
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                });
            if busy.is_ok() {
                return Err(LedgerError::Busy { at: "/busy".into() });
            }
            let committed = self.inner.commit(claim, batch).await?;
            self.batches.lock().unwrap().push(batch.clone());
            Ok(committed)
        })
    }
}

impl Resume for Moody {
    fn resume_point(&self, partition: Partition) -> Answer<'_, ResumePoint> {
        self.inner.resume_point(partition)
    }

    fn present(&self, guild: GuildId) -> Answer<'_, Vec<JoinKey>> {
        self.inner.present(guild)
    }
}

impl Reports for Moody {
    guestlist_ledger::hand_through!(self => self.inner;
        joins, join, attribution_history, inviters, invites, guilds, guild_names, totals, series, gaps,
        changes, labels, facts, names, retention, inviter_profiles, bursts, tree, accuracy, latest);
}

impl Labels for Moody {
    fn set_label<'a>(
        &'a self,
        guild: GuildId,
        code: &'a InviteCode,
        label: &'a Label,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        self.inner.set_label(guild, code, label, now)
    }

    fn remove_label<'a>(&'a self, guild: GuildId, code: &'a InviteCode) -> Answer<'a, bool> {
        self.inner.remove_label(guild, code)
    }
}

impl Privacy for Moody {
    fn forget_user(&self, user: UserId, now: Timestamp) -> Answer<'_, Forgotten> {
        self.inner.forget_user(user, now)
    }

    fn idle_people(&self, before: Timestamp, limit: u32) -> Answer<'_, Vec<UserId>> {
        self.inner.idle_people(before, limit)
    }
}
