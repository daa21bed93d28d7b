//! HELLO, heartbeats, and the beginning of a session.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Rows;
use crate::discord::Discord;
use crate::fault::{Fault, Gateway, Play, Reply};
use crate::track::{Track, pauses_grow};

const SOON: Duration = Duration::from_secs(40);

/// The gateway is broken from the start, and is connected so often before it is well
/// again.
async fn row(
    name: &'static str,
    gateway: Gateway,
    tries: usize,
    kind: &'static str,
    cause: &'static str,
) {
    let discord = Discord::start().await;
    discord.break_with(Fault::gateway(gateway));
    let track = Track::start(name, &discord);
    assert!(
        discord.tried(tries, SOON).await,
        "{name}: it does not try again"
    );
    pauses_grow(name, &discord.broken_tries(), Duration::from_millis(125));
    track.warned_once(cause);
    track.told(kind, cause);
    discord.mend();
    track.counts_a_join(&discord).await;
    let ended = track.bounded().await;
    println!("{name}: {} MB, {} lines", ended.memory, ended.lines);
}

#[tokio::test]
async fn no_greeting_does_harm() {
    let mut rows = Rows::new();
    heartbeats_that_cannot_be_kept(&mut rows);
    gateways_that_do_not_greet(&mut rows);
    rows.row(flood_of_demands());
    rows.finish().await;
}

fn heartbeats_that_cannot_be_kept(rows: &mut Rows) {
    let intervals: [(&str, Value); 8] = [
        ("heartbeat 0", json!(0)),
        ("heartbeat 1 ms", json!(1)),
        ("heartbeat negative", json!(-41_250)),
        ("heartbeat text", json!("41250")),
        ("heartbeat fraction", json!(1e300)),
        ("heartbeat null", json!(null)),
        ("heartbeat of a year", json!(31_536_000_000_u64)),
        ("heartbeat of ages", json!(u64::MAX)),
    ];
    for (name, interval) in intervals {
        let gateway = Gateway::Heartbeat(interval);
        rows.row(row(
            name,
            gateway,
            5,
            "malformed",
            "no heartbeat interval that can be kept",
        ));
    }
}

fn gateways_that_do_not_greet(rows: &mut Rows) {
    rows.row(row(
        "no HELLO",
        Gateway::NoHello,
        4,
        "silent",
        "did not send HELLO",
    ));
    let page = Reply::new(200, "Content-Type: text/html\r\n", b"<title>hotel</title>");
    rows.row(row(
        "no upgrade",
        Gateway::Instead(page),
        5,
        "unreachable",
        "got status code 200",
    ));
    let stalled = Reply::Stalled(b"HTTP/1.1 101 Switching Protocols\r\n".to_vec());
    rows.row(row(
        "stalled upgrade",
        Gateway::Instead(stalled),
        4,
        "unreachable",
        "no connection within 1 s",
    ));
    let endless = Reply::Endless(
        b"HTTP/1.1 101 Switching Protocols\r\n".to_vec(),
        format!("X: {}\r\n", "x".repeat(4000)).into_bytes(),
    );
    rows.row(row(
        "endless upgrade",
        Gateway::Instead(endless),
        4,
        "unreachable",
        "handshake does not end",
    ));
    let one_line = Reply::Endless(b"HTTP/1.1 101 ".to_vec(), vec![b'x'; 64 * 1024]);
    rows.row(row(
        "endless line",
        Gateway::Instead(one_line),
        4,
        "unreachable",
        "handshake does not end",
    ));
    let closed = Play::Close(
        4000,
        format!("\u{1b}[2J\n{}", crate::discord::TOKEN.get(..60).unwrap()),
    );
    rows.row(row(
        "closed at once",
        Gateway::BeforeSession(vec![closed]),
        3,
        "closed",
        "closed with code 4000",
    ));
    let twice = Play::Json(json!({"op": 10, "d": {"heartbeat_interval": 5000}}));
    rows.row(row(
        "HELLO twice",
        Gateway::BeforeSession(vec![twice]),
        3,
        "malformed",
        "HELLO twice",
    ));
    rows.row(row(
        "no READY",
        Gateway::BeforeSession(Vec::new()),
        3,
        "silent",
        "did not begin or resume",
    ));
    let invalid = Play::Json(json!({"op": 9, "d": false}));
    rows.row(row(
        "session invalid",
        Gateway::BeforeSession(vec![invalid]),
        3,
        "requested",
        "the session is invalid",
    ));
}

/// What asks for an answer is answered at our pace.
async fn flood_of_demands() {
    let name = "flood of heartbeats";
    let discord = Discord::start().await;
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    let demand = json!({"op": 1, "d": null}).to_string();
    let flood = Play::Flood(demand, 100_000);
    discord.break_with(Fault::gateway(Gateway::AfterSession(vec![flood])));
    discord.join();
    assert!(discord.tried(1, SOON).await);
    tokio::time::sleep(Duration::from_secs(2)).await;
    discord.mend();
    track.counts_a_join(&discord).await;
    track.bounded().await;
}
