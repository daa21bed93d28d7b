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
    Batch, Committed, Forgotten, InviteFilter, InviteRow, InviterFilter, InviterRow, JoinFilter,
    JoinRow, Ledger, LedgerError, ResumePoint, SqliteLedger, Totals,
};
use guestlist_model::UserId;
use guestlist_service::{Report, Service, ServiceError};
pub(crate) use guestlist_testkit::until;
use guestlist_tracker::{Attribution, Config, JoinKey};
use tokio::task::JoinHandle;
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
}

impl Running {
    pub(crate) async fn stop(self) -> Outcome {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

pub(crate) fn start<L: Ledger + 'static>(service: Service<Fake, Fake, L>) -> Running {
    let stop = CancellationToken::new();
    Running {
        task: tokio::spawn(service.run(stop.clone())),
        stop,
    }
}

/// Whether every join has an answer.
pub(crate) async fn all_attributed(ledger: &impl Ledger, joins: usize) -> bool {
    let rows = ledger.joins(&JoinFilter::new()).await.unwrap();
    rows.len() == joins && rows.iter().all(|row| row.attribution.is_some())
}

/// Every join of the truth is in the ledger once, no other is, and no
/// attribution names another code. Returns how many are confirmed or deduced.
pub(crate) async fn agrees(ledger: &impl Ledger, fake: &Fake) -> usize {
    let rows = ledger.joins(&JoinFilter::new()).await.unwrap();
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
        let key = JoinKey {
            guild,
            user: member.user,
            joined_at: member.joined_at,
        };
        let row = held
            .remove(&key)
            .unwrap_or_else(|| panic!("{key:?} is lost"));
        let origin = row
            .attribution
            .as_ref()
            .and_then(|attribution| attribution.certainty.origin());
        if let Some(origin) = origin {
            let code = origin.code().map(guestlist_model::InviteCode::as_str);
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

impl Ledger for Moody {
    async fn commit(&self, batch: &Batch) -> Result<Committed, LedgerError> {
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
        let committed = self.inner.commit(batch).await?;
        self.batches.lock().unwrap().push(batch.clone());
        Ok(committed)
    }

    async fn resume_point(&self) -> Result<ResumePoint, LedgerError> {
        self.inner.resume_point().await
    }

    async fn joins(&self, filter: &JoinFilter) -> Result<Vec<JoinRow>, LedgerError> {
        self.inner.joins(filter).await
    }

    async fn inviters(&self, filter: &InviterFilter) -> Result<Vec<InviterRow>, LedgerError> {
        self.inner.inviters(filter).await
    }

    async fn invites(&self, filter: &InviteFilter) -> Result<Vec<InviteRow>, LedgerError> {
        self.inner.invites(filter).await
    }

    async fn attribution_history(&self, join: &JoinKey) -> Result<Vec<Attribution>, LedgerError> {
        self.inner.attribution_history(join).await
    }

    async fn totals(&self) -> Result<Totals, LedgerError> {
        self.inner.totals().await
    }

    async fn forget_user(&self, user: UserId) -> Result<Forgotten, LedgerError> {
        self.inner.forget_user(user).await
    }
}
