//! A sandbox, a service on it, and the truth to compare with.

use std::{collections::BTreeMap, path::Path, time::Duration};

use guestlist_client::{Client, GatewayConfig, GatewayError, Token};
use guestlist_ledger::{JoinRow, Page, Reports, Scope, SqliteLedger};
use guestlist_sandbox::{
    Options, Running as Server, Sandbox,
    world::{NewInvite, TrueJoin, Via},
};
use guestlist_service::{Discord, Report, Service, ServiceError};
pub(crate) use guestlist_testkit::until;
use guestlist_tracker::{Config, Origin};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) type Outcome = Result<Report, ServiceError<GatewayError>>;

pub(crate) struct Setup {
    pub(crate) server: Server,
    pub(crate) codes: Vec<(u64, String)>,
}

impl Setup {
    /// A sandbox of this seed, with an endless invite of the owner's in each guild.
    pub(crate) async fn new(seed: u64, shards: u32) -> Self {
        println!("seed {seed}");
        let limits = guestlist_sandbox::RateLimits::none();
        let mut options = Options::seeded(seed)
            .guilds(3)
            .shards(shards)
            .rate_limits(limits);
        // What the index does not hold yet is searched for once more after half a
        // minute; these stories are not about that.
        options.world.quirks.search_lag = 0;
        let server = Sandbox::start(options).await.unwrap();
        let world = server.world();
        let mut codes = Vec::new();
        for guild in server.guild_ids() {
            let owner = world.read(|world| world.guild(guild).unwrap().owner_id);
            for _ in 0..2 {
                let mut new = NewInvite::default().by(owner).max_age(0);
                new.unique = true;
                codes.push((guild, world.create_invite(guild, new).unwrap().code));
            }
        }
        Self { server, codes }
    }

    pub(crate) fn join(&self, which: usize) -> u64 {
        let (_, code) = &self.codes[which % self.codes.len()];
        self.server
            .world()
            .accept_invite(code, None)
            .unwrap()
            .user_id
    }

    pub(crate) fn truth(&self) -> Vec<TrueJoin> {
        self.server
            .world()
            .read(|world| world.true_joins().to_vec())
    }

    pub(crate) fn service(&self, ledger: SqliteLedger) -> Service<Client, Discord, SqliteLedger> {
        service(&self.server.api_url(), self.server.token(), ledger)
    }

    pub(crate) async fn start(&self, directory: &Path) -> Running {
        let ledger = SqliteLedger::open(directory.join("guestlist.db"))
            .await
            .unwrap();
        let stop = CancellationToken::new();
        let service = self.service(ledger);
        let status = service.status();
        let task = tokio::spawn(service.run(stop.clone()));
        Running { task, stop, status }
    }

    /// Every join of the truth is in the ledger once, nothing else is, and no
    /// confirmed or deduced attribution is wrong. Returns how many there are.
    pub(crate) async fn agrees(&self, directory: &Path) -> usize {
        let ledger = SqliteLedger::open_read_only(directory.join("guestlist.db"))
            .await
            .unwrap();
        let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
        let mut held: BTreeMap<(u64, u64, i64), &JoinRow> = BTreeMap::new();
        for row in &rows {
            let key = (
                row.join.key.guild.get(),
                row.join.key.user.get(),
                row.join.joined_at.as_micros(),
            );
            assert!(held.insert(key, row).is_none(), "{key:?} is there twice");
        }
        let mut known = 0;
        for join in self.truth() {
            let key = (join.guild_id, join.user_id, join.joined_at);
            let row = held
                .remove(&key)
                .unwrap_or_else(|| panic!("{join:?} is lost"));
            let origin = row
                .attribution
                .as_ref()
                .and_then(|attribution| attribution.certainty.origin());
            if let Some(origin) = origin {
                assert!(
                    is_right(origin, &join),
                    "{join:?} is attributed {:?}",
                    row.attribution
                );
                known += 1;
            }
        }
        assert!(held.is_empty(), "nobody joined like this: {held:?}");
        known
    }

    /// Waits until the ledger has so many joins, each with an answer.
    pub(crate) async fn attributed(&self, directory: &Path) {
        let joins = self.truth().len();
        let ledger = SqliteLedger::open_read_only(directory.join("guestlist.db"))
            .await
            .unwrap();
        until(&format!("an answer for {joins} joins"), || async {
            let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
            rows.len() >= joins && rows.iter().all(|row| row.attribution.is_some())
        })
        .await;
    }
}

fn is_right(origin: &Origin, join: &TrueJoin) -> bool {
    match (origin, join.via) {
        (Origin::Invite { code, .. }, Via::Invite) => Some(code.as_str()) == join.code.as_deref(),
        (Origin::Vanity { .. }, Via::Vanity) | (Origin::Bot { .. }, Via::Bot) => true,
        _ => false,
    }
}

pub(crate) fn service(
    api: &str,
    token: &str,
    ledger: SqliteLedger,
) -> Service<Client, Discord, SqliteLedger> {
    let token = Token::new(token).unwrap();
    let client = Client::builder(token.clone())
        .api(api.parse().unwrap())
        .build()
        .unwrap();
    let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
    Service::builder(client, gateway, ledger)
        .config(Config::for_tests())
        .commit_every(Duration::from_millis(20))
        .build()
}

pub(crate) struct Running {
    pub(crate) task: JoinHandle<Outcome>,
    pub(crate) stop: CancellationToken,
    pub(crate) status: tokio::sync::watch::Receiver<guestlist_service::Status>,
}

impl Running {
    pub(crate) async fn stop(self) -> Report {
        self.stop.cancel();
        self.task.await.unwrap().unwrap()
    }

    /// As a crash: nothing is finished, nothing is closed.
    pub(crate) async fn abort(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Connected, and the invites of so many guilds were listed.
    pub(crate) async fn listed(&self, shards: usize, guilds: usize) {
        self.connected(shards, guilds).await;
        until("the lists", || async {
            let status = self.status.borrow();
            status.stats.list_requests >= guilds as u64
                && status.requests == 0
                && status.uncommitted == 0
        })
        .await;
    }

    pub(crate) async fn connected(&self, shards: usize, guilds: usize) {
        until("a connection", || async {
            let status = self.status.borrow();
            status.connected() == shards && status.guilds == guilds
        })
        .await;
    }
}
