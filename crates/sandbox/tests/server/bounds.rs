//! Nobody keeps the sandbox busy, or its memory.

use std::time::{Duration, Instant};

use guestlist_sandbox::{Clock, Options, RateLimits, Sandbox, world::NewInvite};
use guestlist_testkit::until;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Gateway, control};

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    tokio::time::timeout(Duration::from_secs(10), end)
        .await
        .expect("it is cut")
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn who_never_finishes_a_request_is_cut() {
    let mut options = Options::seeded(2);
    options.patience = Duration::from_millis(200);
    let running = Sandbox::start(options).await.unwrap();
    let body = format!(
        "POST /api/v10/users/@me/channels HTTP/1.1\r\nhost: x\r\nauthorization: Bot {}\r\n\
         content-type: application/json\r\ncontent-length: 99\r\n\r\n{{",
        running.token()
    );
    let whole = "GET /api/v10/gateway HTTP/1.1\r\nhost: x\r\n\r\n";
    let twice = whole.repeat(2);
    // One that waits for its next request is given more time.
    for (sent, expected, least) in [
        ("GET /api/v10/gateway HT", "", 200),
        (&*body, "408", 200),
        ("", "", 2_400),
        (&*twice, "200 OK", 2_400),
    ] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let heard = rest(&mut stream).await;
        assert!(heard.contains(expected), "{sent:?}: {heard:?}");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(least), "{sent:?}: {took:?}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_before_the_body_is_sent() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let guild = running.guild_ids()[0];
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let head = format!(
        "PATCH /api/v10/guilds/{guild} HTTP/1.1\r\nhost: x\r\nauthorization: Bot wrong\r\n\
         content-length: 24000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let heard = rest(&mut stream).await;
    assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
    assert!(!heard.to_lowercase().contains("x-ratelimit"), "{heard}");
}

#[tokio::test]
async fn what_is_larger_than_discord_takes_is_not_read() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    for (path, length, code) in [
        ("/api/v10/users/@me/channels", 26 * 1024 * 1024 + 1, "40005"),
        ("/sandbox/users", 1024 * 1024 + 1, "40005"),
    ] {
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bot {}\r\n\
             content-length: {length}\r\n\r\n",
            running.token()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let heard = rest(&mut stream).await;
        assert!(
            heard.starts_with("HTTP/1.1 413") && heard.contains(code),
            "{heard}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_served_while_the_clock_makes_a_long_step() {
    let options = Options::seeded(2).guilds(2).clock(Clock::Manual);
    let running = Sandbox::start(options).await.unwrap();
    let body = json!({"joins": 3_000, "seed": 7, "per_second": 1000});
    control(&running, "POST", "/scenario", body).await;
    let world = running.world();
    let step = tokio::task::spawn_blocking(move || world.advance(Duration::from_secs(3600)));
    let mut seen = std::collections::BTreeSet::new();
    let mut longest = Duration::ZERO;
    while !step.is_finished() {
        let asked = Instant::now();
        let progress = control(&running, "GET", "/scenario", Value::Null).await;
        longest = longest.max(asked.elapsed());
        seen.insert(progress["done"].as_u64().unwrap());
    }
    step.await.unwrap();
    println!(
        "{} answers on the way, the longest after {longest:?}",
        seen.len()
    );
    assert!(seen.len() > 10, "{seen:?}");
    let progress = control(&running, "GET", "/scenario", Value::Null).await;
    assert_eq!(progress["state"], "finished");
}

#[tokio::test]
async fn the_truth_comes_page_by_page() {
    let options = Options::seeded(2).clock(Clock::Manual);
    let running = Sandbox::start(options).await.unwrap();
    let body = json!({"joins": 60, "seed": 7, "per_second": 20});
    control(&running, "POST", "/scenario", body).await;
    control(&running, "POST", "/clock", json!({"advance_ms": 600_000})).await;
    let whole = control(&running, "GET", "/truth", Value::Null).await;
    assert_eq!(whole["next"], Value::Null);
    let guild = whole["joins"][0]["guild_id"].as_str().unwrap();
    let of_guild = |key: &str| {
        let mut all = whole[key].as_array().unwrap().clone();
        all.retain(|it| it["guild_id"] == guild);
        all
    };
    let everything = |key: &str| whole[key].as_array().unwrap().clone();
    for (query, joins, invites) in [
        ("", everything("joins"), everything("invites")),
        (
            &*format!("&guild={guild}"),
            of_guild("joins"),
            of_guild("invites"),
        ),
    ] {
        let (mut seen, mut pages) = ((Vec::new(), Vec::new()), 0);
        let mut after = String::new();
        loop {
            let path = format!("/truth?limit=7{query}{after}");
            let page = control(&running, "GET", &path, Value::Null).await;
            seen.0.extend(page["joins"].as_array().unwrap().clone());
            seen.1.extend(page["invites"].as_array().unwrap().clone());
            pages += 1;
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert!(pages > 2, "{pages}");
        assert_eq!(seen, (joins, invites));
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off() {
    let mut options = Options::seeded(2).guilds(1).rate_limits(RateLimits::none());
    options.patience = Duration::from_millis(200);
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 1 << 6).await;
    let world = running.world();
    // More than the buffers of a connection hold.
    for _ in 0..25_000 {
        let made = world.create_invite(guild, NewInvite::default()).unwrap();
        world.revoke_invite(&made.code, None).unwrap();
    }
    until("it is cut off", async || {
        let sessions = control(&running, "GET", "/gateway", Value::Null).await;
        sessions[0]["connected"] == false
    })
    .await;
}
