//! A service in the background: one call for all of it, or events from a bot's own
//! connection.

use std::time::{Duration, Instant};

use guestlist_client::{Client, Gateway, GatewayConfig, Item, Token};
use guestlist_ledger::SqliteLedger;
use guestlist_model::UserId;
use guestlist_sandbox::{Options, RateLimits, Running as Server, Sandbox, world::NewInvite};
use guestlist_service::{
    DiscordBuilder, Feed, Running, Service, ServiceError, StartError, WaitError,
};
use guestlist_tracker::{Certainty, Config};
use tempfile::tempdir;

const LONG: Duration = Duration::from_secs(20);

async fn server() -> Server {
    let mut options = Options::seeded(11)
        .guilds(1)
        .rate_limits(RateLimits::none());
    // After a restart, what the index does not hold yet is searched for only half a minute
    // later.
    options.world.quirks.search_lag = 0;
    Sandbox::start(options).await.unwrap()
}

fn service(server: &Server, ledger: &std::path::Path) -> DiscordBuilder {
    Service::discord(server.token(), ledger)
        .api(server.api_url().parse().unwrap())
        .config(Config::for_tests())
}

/// Somebody joins by an invite of their own. Returns who, and the code.
fn join(server: &Server) -> (UserId, String) {
    let guild = server.guild_ids()[0];
    let invite = server
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap();
    let joined = server.world().accept_invite(&invite.code, None).unwrap();
    (UserId::new_checked(joined.user_id).unwrap(), invite.code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_says_how_members_came_in() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let server = server().await;
    let running = service(&server, &path).start().await.unwrap();
    let mut answers = running.attributions().finals();
    running.wait_until_ready(LONG).await.unwrap();
    let mut fastest = LONG;
    for _ in 0..5 {
        let since = Instant::now();
        let (user, code) = join(&server);
        let answer = running.wait_for_attribution(user, LONG).await.unwrap();
        fastest = fastest.min(since.elapsed());
        assert_eq!(answer.code().map(|code| code.as_str()), Some(&*code));
        let next = answers.next().await.unwrap().unwrap();
        assert_eq!(next.user(), user, "{next}");
        assert!(next.to_string().contains(&code), "{next}");
        // At once, for it is there.
        running
            .wait_for_attribution(user, Duration::ZERO)
            .await
            .unwrap();
    }
    println!("the fastest answer took {fastest:?}");
    // Others may be slower because the machine is busy.
    assert!(fastest < Duration::from_millis(500), "{fastest:?}");
    let report = running.stop().await.unwrap();
    assert_eq!(report.stats.joins, 5);
    assert_eq!(running.stop().await.unwrap(), report, "the same again");
    while let Some(answer) = answers.next().await {
        assert!(matches!(
            answer.unwrap().attribution.certainty,
            Certainty::Confirmed(_)
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_in_vain_says_what_was_seen() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let server = server().await;
    let running = service(&server, &path).start().await.unwrap();
    running.wait_until_ready(LONG).await.unwrap();
    let (user, _) = join(&server);
    running.wait_for_attribution(user, LONG).await.unwrap();
    let nobody = UserId::new_checked(4).unwrap();
    let error = running
        .wait_for_attribution(nobody, Duration::from_millis(10))
        .await
        .unwrap_err();
    assert!(matches!(&error, WaitError::TimedOut(seen) if seen.others == [user]));
    assert_eq!(
        error.to_string(),
        format!(
            "no final answer for user 4 within 10ms: no join of this user is stored; the latest \
             joins are by {user}; 1 of 1 shards connected, 1 of 1 servers seen, {} lists of invites \
             requested, 0 requests in progress, 0 joins pending",
            running.status().borrow().stats.list_requests
        )
    );
    running.stop().await.unwrap();
    let error = running
        .wait_for_attribution(nobody, LONG)
        .await
        .unwrap_err();
    assert!(matches!(error, WaitError::Ended(None)), "{error:?}");
}

#[tokio::test]
async fn what_fails_is_the_last_answer() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let refused = Service::discord("a b", &path).start().await.unwrap_err();
    assert!(matches!(refused, StartError::Token(_)), "{refused:?}");

    let server = server().await;
    let running = Service::discord("MTIz.Nobody.Knows", &path)
        .api(server.api_url().parse().unwrap())
        .start()
        .await
        .unwrap();
    let mut answers = running.attributions();
    let error = answers.next().await.unwrap().unwrap_err();
    assert!(matches!(&*error, ServiceError::Connect(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("Nobody"));
    assert!(answers.next().await.is_none());
    assert!(running.stop().await.is_err());
    let error = running.wait_until_ready(LONG).await.unwrap_err();
    assert!(matches!(error, WaitError::Ended(Some(_))), "{error:?}");
}

/// A bot that has a connection of its own.
struct Bot {
    running: Running<SqliteLedger, std::convert::Infallible>,
    pump: tokio::task::JoinHandle<()>,
}

impl Bot {
    async fn start(server: &Server, ledger: &std::path::Path) -> Self {
        let token = Token::new(server.token()).unwrap();
        let client = Client::builder(token.clone())
            .api(server.api_url().parse().unwrap())
            .build()
            .unwrap();
        let (feed, source) = Feed::new();
        let ledger = SqliteLedger::open(ledger).await.unwrap();
        let running = Service::builder(client.clone(), source, ledger)
            .config(Config::for_tests())
            .build()
            .start()
            .await
            .unwrap();
        let mut gateway = Gateway::connect(&client, GatewayConfig::new(token))
            .await
            .unwrap();
        let pump = tokio::spawn(async move {
            while let Some(item) = gateway.next().await {
                match item.item {
                    Item::Frame(frame) => feed.frame(item.shard, &frame.bytes),
                    Item::Reconnecting { reason } => feed.disconnected(item.shard, reason),
                    _ => {}
                }
            }
        });
        running.wait_until_ready(LONG).await.unwrap();
        Self { running, pump }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_hands_over_its_frames_and_goes_on_after_a_restart() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("guestlist.db");
    let server = server().await;
    let bot = Bot::start(&server, &path).await;
    let (user, code) = join(&server);
    let answer = bot.running.wait_for_attribution(user, LONG).await.unwrap();
    assert_eq!(answer.code().map(|code| code.as_str()), Some(&*code));

    // The connection breaks, and is resumed.
    server.world().drop_gateway(None, true);
    let (user, code) = join(&server);
    let answer = bot.running.wait_for_attribution(user, LONG).await.unwrap();
    assert_eq!(answer.code().map(|code| code.as_str()), Some(&*code));
    assert_eq!(bot.running.stop().await.unwrap().resumed, 1);
    bot.pump.abort();
    drop(bot);

    // Nobody watches.
    let joined = server.world().accept_invite(&code, None).unwrap();
    let user = UserId::new_checked(joined.user_id).unwrap();
    let bot = Bot::start(&server, &path).await;
    let answer = bot.running.wait_for_attribution(user, LONG).await.unwrap();
    assert_eq!(
        answer.code().map(|code| code.as_str()),
        Some(&*code),
        "{answer}, because {:?}",
        answer.attribution.evidence
    );
    // The feed is gone with the pump, so there is nothing more to wait for.
    bot.pump.abort();
    assert_eq!(bot.running.stop().await.unwrap().stats.joins, 1);
}
