//! Frames and compressed streams that are none.

use std::time::Duration;

use serde_json::json;

use crate::Rows;
use crate::discord::{Discord, TOKEN};
use crate::fault::{Fault, Gateway, Play, zstd_frame};
use crate::track::{Track, pauses_grow};

const SOON: Duration = Duration::from_secs(40);

/// A session is there. Then the gateway does this on it, and on each that is resumed.
/// Whatever ends the connection is tried again after pauses that grow.
async fn ends(name: &'static str, play: Play, kind: &'static str, cause: &'static str) {
    let discord = Discord::start().await;
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    discord.break_with(Fault::gateway(Gateway::AfterSession(vec![play])));
    discord.join();
    assert!(
        discord.tried(6, SOON).await,
        "{name}: it does not try again"
    );
    // The first is the session itself, the second comes at once.
    pauses_grow(name, &discord.broken_tries(), Duration::from_millis(125));
    track.warned_once(cause);
    track.told(kind, cause);
    discord.mend();
    track.counts_a_join(&discord).await;
    let ended = track.bounded().await;
    println!("{name}: {} MB, {} lines", ended.memory, ended.lines);
}

/// The same, with what does not end the connection.
async fn goes_on(name: &'static str, plays: Vec<Play>, cause: Option<&'static str>) {
    let discord = Discord::start().await;
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    discord.break_with(Fault::gateway(Gateway::AfterSession(plays)));
    discord.join();
    assert!(discord.tried(1, SOON).await, "{name}: there is no session");
    tokio::time::sleep(Duration::from_secs(2)).await;
    discord.mend();
    track.counts_a_join(&discord).await;
    if let Some(cause) = cause {
        track.warned_once(cause);
    }
    let ended = track.bounded().await;
    println!("{name}: {} MB, {} lines", ended.memory, ended.lines);
}

#[tokio::test]
async fn no_frame_does_harm() {
    let mut rows = Rows::new();
    streams_that_are_not_compressed_as_said(&mut rows);
    frames_that_are_too_large(&mut rows);
    frames_that_are_no_gateway_frames(&mut rows);
    rows.finish().await;
}

fn streams_that_are_not_compressed_as_said(rows: &mut Rows) {
    let corrupt = "the compressed stream is corrupt";
    rows.row(ends(
        "corrupt zstd",
        Play::Binary(b"this is not compressed".to_vec()),
        "malformed",
        corrupt,
    ));
    let zlib = vec![0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    rows.row(ends("zlib", Play::Binary(zlib), "malformed", corrupt));
    let mut cut = zstd_frame(br#"{"op": 11}"#);
    let half = cut.len() / 2;
    cut.splice(half.., [0xff; 64]);
    rows.row(ends("half zstd", Play::Binary(cut), "malformed", corrupt));
    let bomb = zstd_frame(&vec![b' '; 64 << 20]);
    rows.row(ends(
        "zstd bomb",
        Play::Binary(bomb),
        "malformed",
        "larger than 16 MB",
    ));
    let window = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
    rows.row(ends(
        "zstd window of 2 GB",
        Play::Binary(window),
        "malformed",
        corrupt,
    ));
}

fn frames_that_are_too_large(rows: &mut Rows) {
    rows.row(ends(
        "100 MB",
        Play::Huge(100 << 20),
        "malformed",
        "payload",
    ));
    rows.row(ends(
        "exabytes",
        Play::Huge(1 << 62),
        "malformed",
        "payload",
    ));
    rows.row(ends(
        "fragments without end",
        Play::Fragments,
        "malformed",
        "payload",
    ));
}

fn frames_that_are_no_gateway_frames(rows: &mut Rows) {
    let flood = Play::Flood("this is no JSON \u{1b}[2J".to_owned(), 200_000);
    rows.row(ends("no JSON", flood, "malformed", "no gateway frames"));
    let flood = Play::Flood(json!({"op": "0", "d": TOKEN}).to_string(), 100_000);
    rows.row(ends(
        "opcode of another type",
        flood,
        "malformed",
        "no gateway frames",
    ));
    let unknown = Play::Flood(
        json!({"op": 77, "d": {"token": TOKEN}}).to_string(),
        100_000,
    );
    rows.row(goes_on("unknown opcodes", vec![unknown], None));
    let named = json!({"op": 0, "s": 99, "t": "NEW\u{1b}[2J\r\nEVENT", "d": {"x": TOKEN}});
    rows.row(goes_on(
        "unknown events",
        vec![Play::Flood(named.to_string(), 50_000)],
        None,
    ));
    let large = json!({"op": 0, "s": 99, "t": "NEW", "d": "x".repeat(4 << 20)});
    rows.row(goes_on(
        "large events",
        vec![Play::Flood(large.to_string(), 50)],
        None,
    ));
}
