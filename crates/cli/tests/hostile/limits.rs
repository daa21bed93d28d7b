//! 401 and 429, with waits that no server means.

use std::time::Duration;

use serde_json::json;

use crate::Rows;
use crate::discord::{Discord, TOKEN};
use crate::fault::{Fault, Reply};
use crate::track::Track;

const SOON: Duration = Duration::from_secs(30);

/// A 429 with these headers and this body, to what is asked about a server.
async fn limited(name: &'static str, headers: &'static str, body: &'static str) {
    let discord = Discord::start().await;
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    let reply = Reply::new(429, headers, body.as_bytes());
    discord.break_with(Fault::rest(&["/guilds"], reply));
    discord.join();
    assert!(discord.tried(1, SOON).await, "{name}: nothing is asked");
    // A server that says that it is asked too often is asked seldom.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let tries = discord.broken_tries().len();
    assert!(tries <= 8, "{name}: {tries} requests in 3 s");
    discord.mend();
    // The join itself needs no request.
    track.counts_a_join(&discord).await;
    let ended = track.bounded().await;
    println!(
        "{name}: {} MB, {} lines, {tries} requests",
        ended.memory, ended.lines
    );
}

#[tokio::test]
async fn no_limit_does_harm() {
    let mut rows = Rows::new();
    waits_that_no_server_means(&mut rows);
    rows.row(unauthorized_for_ever());
    rows.row(unauthorized_once());
    rows.finish().await;
}

fn waits_that_no_server_means(rows: &mut Rows) {
    let bucket = "X-RateLimit-Bucket: abcd\r\nX-RateLimit-Limit: 5\r\n\
        X-RateLimit-Remaining: 0\r\nX-RateLimit-Scope: user\r\n";
    let with = |reset: &str| -> &'static str {
        format!("{bucket}X-RateLimit-Reset-After: {reset}\r\n").leak()
    };
    rows.row(limited(
        "429 for a year",
        "Retry-After: 31536000\r\n",
        r#"{"message":"m","retry_after":31536000.0,"global":true}"#,
    ));
    rows.row(limited(
        "429 negative",
        "Retry-After: -5\r\n",
        r#"{"message":"m","retry_after":-5,"global":false}"#,
    ));
    rows.row(limited(
        "429 NaN",
        "Retry-After: NaN\r\n",
        r#"{"message":"m","retry_after":NaN}"#,
    ));
    rows.row(limited("429 missing", "", "{}"));
    rows.row(limited(
        "429 page",
        "Content-Type: text/html\r\n",
        "error code: 1015",
    ));
    rows.row(limited(
        "429 at once",
        "Retry-After: 0\r\n",
        r#"{"message":"m","retry_after":0.0}"#,
    ));
    rows.row(limited("bucket for a year", with("31536000"), "{}"));
    rows.row(limited("bucket for ever", with("1e30"), "{}"));
    rows.row(limited("bucket negative", with("-1"), "{}"));
    rows.row(limited("bucket NaN", with("NaN"), "{}"));
    rows.row(limited(
        "shared without a wait",
        "X-RateLimit-Scope: shared\r\n",
        "{}",
    ));
}

/// The token is not accepted while it runs.
async fn unauthorized_for_ever() {
    let discord = Discord::start().await;
    let name = "401 for ever";
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    let body = json!({"code": 0, "message": format!("401: Unauthorized {TOKEN}")});
    discord.break_with(Fault::rest(&["/"], Reply::json(401, &body)));
    for _ in 0..20 {
        discord.join();
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let tries = discord.broken_tries().len();
    assert!((1..=4).contains(&tries), "{tries} requests in 3 s");
    track.warned_once("Discord does not accept the bot token");
    discord.mend();
    track.counts_a_join(&discord).await;
    track.bounded().await;
}

/// One mishap of the server's is none of the token's.
async fn unauthorized_once() {
    let discord = Discord::start().await;
    let track = Track::start("401 once", &discord);
    track.counts_a_join(&discord).await;
    let body = json!({"code": 0, "message": "401: Unauthorized"});
    discord.break_with(Fault::rest(&["/guilds"], Reply::json(401, &body)));
    discord.join();
    assert!(discord.tried(1, SOON).await);
    discord.mend();
    track.counts_a_join(&discord).await;
    // Once the pause is over, lists are asked for again.
    let lists = || {
        discord
            .tries()
            .into_iter()
            .filter(|it| it.path.ends_with("/invites"))
            .count()
    };
    let before = lists();
    let since = std::time::Instant::now();
    while lists() == before {
        assert!(since.elapsed() < SOON, "nothing is asked any more");
        discord.join();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    track.bounded().await;
}
