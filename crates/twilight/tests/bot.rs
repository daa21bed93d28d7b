//! Bots on twilight, against a sandbox.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use std::path::Path;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use guestlist::{Config, UserId};
use guestlist_sandbox::{Options, RateLimits, Running as Server, Sandbox, world::NewInvite};
use guestlist_twilight::{Guestlist, INTENTS};
use tempfile::tempdir;
use tokio::task::JoinSet;
use twilight_gateway::{
    ConfigBuilder, Event, EventTypeFlags, Message, Shard, ShardId, StreamExt as _,
};
use twilight_http::Client;

const LONG: Duration = Duration::from_secs(20);

/// A sandbox, and somebody's invite to each of its servers.
async fn server(shards: u32) -> (Server, Vec<String>) {
    let mut options = Options::seeded(5)
        .shards(shards)
        .rate_limits(RateLimits::none());
    options.world.quirks.search_lag = 0;
    let server = Sandbox::start(options).await.unwrap();
    let invite = |guild| {
        let made = server.world().create_invite(guild, NewInvite::default());
        made.unwrap().code
    };
    let codes = server.guild_ids().into_iter().map(invite).collect();
    (server, codes)
}

fn http(server: &Server) -> Arc<Client> {
    let client = Client::builder()
        .token(server.token().to_owned())
        .proxy(server.address().to_string(), true);
    Arc::new(client.build())
}

fn shards(server: &Server, count: u32) -> Vec<Shard> {
    let config = ConfigBuilder::new(server.token().to_owned(), INTENTS)
        .proxy_url(server.gateway_url())
        .build();
    (0..count)
        .map(|number| Shard::with_config(ShardId::new(number, count), config.clone()))
        .collect()
}

async fn start(server: &Server, ledger: &Path) -> Guestlist {
    Guestlist::start_with(http(server), ledger, Config::for_tests())
        .await
        .unwrap()
}

/// Somebody joins by this invite, and that is found out.
async fn joins_by(server: &Server, guests: &Guestlist, code: &str) {
    let joined = server.world().accept_invite(code, None).unwrap();
    let user = UserId::new_checked(joined.user_id).unwrap();
    let answer = guests.wait_for_attribution(user, LONG).await.unwrap();
    let found = answer.code().map(|code| code.as_str());
    assert_eq!(found, Some(code), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_that_are_watched_tell_everything() {
    let directory = tempdir().unwrap();
    let ledger = directory.path().join("guestlist.db");
    let (server, codes) = server(2).await;
    for round in 0..2 {
        let guests = start(&server, &ledger).await;
        let mut bot = JoinSet::new();
        let seen = Arc::new(AtomicUsize::new(0));
        for shard in shards(&server, 2) {
            let (mut shard, seen) = (guests.watch(shard), Arc::clone(&seen));
            bot.spawn(async move {
                // The bot sees the same events as ever.
                while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
                    if let Ok(Event::MemberAdd(_)) = event {
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        guests.wait_until_ready(LONG).await.unwrap();
        assert_eq!(guests.status().borrow().connected(), 2);
        for code in &codes {
            joins_by(&server, &guests, code).await;
        }
        assert!(server.world().drop_gateway(None, true) > 0);
        for code in &codes {
            joins_by(&server, &guests, code).await;
        }
        let seen = seen.load(Ordering::Relaxed);
        // What is sent again after a connection broke may come twice.
        assert!((6..=9).contains(&seen), "{seen}");
        let report = guests.clone().stop().await.unwrap();
        let joins = report.stats.joins;
        assert_eq!(joins, if round == 0 { 6 } else { 7 }, "{report:?}");
        bot.abort_all();
        drop(guests);
        // Somebody joins while nobody watches, and is found in the next round.
        server.world().accept_invite(&codes[0], None).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_twilight_has_decoded_are_as_good() {
    let directory = tempdir().unwrap();
    let (server, codes) = server(1).await;
    let guests = start(&server, &directory.path().join("guestlist.db")).await;
    let [mut shard] = <[Shard; 1]>::try_from(shards(&server, 1)).unwrap();
    let bot = tokio::spawn({
        let guests = guests.clone();
        async move {
            while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
                guests.event(shard.id(), &event.unwrap());
            }
        }
    });
    guests.wait_until_ready(LONG).await.unwrap();
    for code in &codes {
        joins_by(&server, &guests, code).await;
    }
    // An invite that is used up, and one that nobody has seen in a list before.
    let new = NewInvite::default().max_uses(1);
    let made = server.world().create_invite(server.guild_ids()[0], new);
    joins_by(&server, &guests, &made.unwrap().code).await;
    server.world().drop_gateway(None, true);
    for code in &codes {
        joins_by(&server, &guests, code).await;
    }
    let report = guests.clone().stop().await.unwrap();
    assert_eq!((report.undecodable, report.stats.joins), (0, 7));
    bot.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_may_be_handed_over_one_by_one() {
    let directory = tempdir().unwrap();
    let (server, codes) = server(1).await;
    let guests = start(&server, &directory.path().join("guestlist.db")).await;
    let [mut shard] = <[Shard; 1]>::try_from(shards(&server, 1)).unwrap();
    let bot = tokio::spawn({
        let guests = guests.clone();
        async move {
            while let Some(message) = next(&mut shard).await {
                match message {
                    Message::Text(json) => guests.frame(ShardId::ONE, &json),
                    Message::Close(_) => guests.disconnected(ShardId::ONE, "it is closed"),
                }
            }
        }
    });
    guests.wait_until_ready(LONG).await.unwrap();
    joins_by(&server, &guests, &codes[0]).await;
    guests.clone().stop().await.unwrap();
    bot.abort();
}

async fn next(shard: &mut Shard) -> Option<Message> {
    futures_util::StreamExt::next(shard)
        .await
        .map(Result::unwrap)
}
