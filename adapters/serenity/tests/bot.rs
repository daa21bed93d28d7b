//! A bot on serenity, against a sandbox.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use guestlist::{Config, LedgerError, UserId};
use guestlist_sandbox::{
    FaultRule, Options, RateLimits, Running as Server, Sandbox, world::NewInvite,
};
use guestlist_serenity::{Guestlist, INTENTS};
use serenity::all::{ClientBuilder, Context, EventHandler, HttpBuilder, Member, ShardManager};
use serenity::async_trait;
use tempfile::tempdir;
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_secs(30);

/// What the bot does besides.
struct Counter(Arc<AtomicUsize>);

#[async_trait]
impl EventHandler for Counter {
    async fn guild_member_addition(&self, _: Context, _: Member) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

async fn server() -> (Server, Vec<String>) {
    let mut options = Options::seeded(9).shards(1).rate_limits(RateLimits::none());
    options.world.quirks.search_lag = 0;
    let server = Sandbox::start(options).await.unwrap();
    let invite = |guild| {
        let made = server.world().create_invite(guild, NewInvite::default());
        made.unwrap().code
    };
    let codes = server.guild_ids().into_iter().map(invite).collect();
    (server, codes)
}

/// A bot that runs until its shards are shut down, and how many joins its own handler has seen.
async fn bot(server: &Server, guests: &Guestlist) -> (Arc<ShardManager>, Arc<AtomicUsize>) {
    let seen = Arc::default();
    let http = HttpBuilder::new(server.token())
        .proxy(server.api_url())
        .ratelimiter_disabled(true)
        .build();
    let mut client = ClientBuilder::new_with_http(http, INTENTS)
        .event_handler(Counter(Arc::clone(&seen)))
        .raw_event_handler(guests.clone())
        .await
        .unwrap();
    let shards = Arc::clone(&client.shard_manager);
    tokio::spawn(async move { client.start_autosharded().await.unwrap() });
    (shards, seen)
}

fn join(server: &Server, code: &str) -> UserId {
    let joined = server.world().accept_invite(code, None).unwrap();
    UserId::new_checked(joined.user_id).unwrap()
}

/// Somebody joins by this invite, and that is found out.
async fn joins_by(server: &Server, guests: &Guestlist, code: &str) {
    let user = join(server, code);
    let answer = guests.wait_for_attribution(user, LONG).await.unwrap();
    let found = answer.code().map(|code| code.as_str());
    assert_eq!(found, Some(code), "{answer}");
    assert!(answer.is_confirmed(), "the members search was asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_knows_how_members_came_in() {
    let directory = tempdir().unwrap();
    let ledger = directory.path().join("guestlist.db");
    let (server, codes) = server().await;
    let start = || Guestlist::start_with(&ledger, Config::for_tests());

    let guests = start().await.unwrap();
    let (shards, seen) = bot(&server, &guests).await;
    guests.wait_until_ready(LONG).await.unwrap();
    for code in &codes {
        joins_by(&server, &guests, code).await;
    }
    // The connection breaks, and is resumed.
    assert_eq!(server.world().drop_gateway(None, true), 1);
    for code in &codes {
        joins_by(&server, &guests, code).await;
    }
    assert_eq!(seen.load(Ordering::Relaxed), 6);
    let report = guests.stop().await.unwrap();
    assert_eq!((report.stats.joins, report.undecodable), (6, 0));
    // Each event was handed over once.
    assert_eq!(report.stats.duplicates, 0);
    shards.shutdown_all().await;

    // Somebody joins while nobody watches.
    let user = join(&server, &codes[0]);
    let guests = timeout(LONG, async {
        // serenity's tasks hold the first bot's ledger until they have ended.
        loop {
            match start().await {
                Err(LedgerError::InUse { .. }) => sleep(Duration::from_millis(20)).await,
                started => return started.unwrap(),
            }
        }
    })
    .await
    .unwrap();
    let (shards, _) = bot(&server, &guests).await;
    let answer = guests.wait_for_attribution(user, LONG).await.unwrap();
    let found = answer.code().map(|code| code.as_str());
    assert_eq!(found, Some(codes[0].as_str()), "{answer}");
    shards.shutdown_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_arrives_as_discord_meant_it() {
    let directory = tempdir().unwrap();
    let (server, codes) = server().await;
    let mut refusal = FaultRule::fail(403, u32::MAX);
    refusal.code = 50013;
    refusal.path = Some("/guilds/".into());
    server.world().fault(refusal);
    let config = Config::for_tests();
    let guests = Guestlist::start_with(directory.path().join("guestlist.db"), config)
        .await
        .unwrap();
    let (shards, _) = bot(&server, &guests).await;
    guests.wait_until_ready(LONG).await.unwrap();
    let user = join(&server, &codes[0]);
    let answer = guests.wait_for_attribution(user, LONG).await.unwrap();
    assert!(
        answer.to_string().contains("it needs Manage Server"),
        "{answer}"
    );
    shards.shutdown_all().await;
}
