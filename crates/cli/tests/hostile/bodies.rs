//! What HTTP answers contain: pages, nothing, too little, too much.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Rows;
use crate::discord::{Discord, TOKEN};
use crate::fault::{Fault, Reply, gzip_bomb};
use crate::track::{Track, pauses_grow};

/// What is asked before the gateway is connected, and after.
const START: &[&str] = &["/applications", "/gateway"];
const GUILD: &[&str] = &["/guilds"];

const MEGABYTES: usize = 1 << 20;

/// The server answers so from the start. Then, when it is well and connected, it answers
/// so to what is asked about a server.
async fn row(name: &'static str, reply: Reply, cause: &'static str) {
    let discord = Discord::start().await;
    discord.break_with(Fault::rest(START, reply.clone()));
    let track = Track::start(name, &discord);
    let soon = Duration::from_secs(30);
    assert!(
        discord.tried(4, soon).await,
        "{name}: it does not try again"
    );
    let tries = discord.broken_tries();
    pauses_grow(name, &tries, Duration::from_millis(250));
    track.warned_once(cause);
    discord.mend();
    track.counts_a_join(&discord).await;

    discord.break_with(Fault::rest(GUILD, reply));
    let before = discord.broken_tries().len();
    let since = Instant::now();
    while discord.broken_tries().len() < before + 3 {
        assert!(since.elapsed() < soon, "{name}: it does not ask again");
        discord.join();
        sleep(Duration::from_millis(500)).await;
    }
    discord.mend();
    track.counts_a_join(&discord).await;
    let lists = discord.broken_tries().into_iter().skip(before);
    let lists: Vec<_> = lists.filter(|it| it.path.ends_with("/invites")).collect();
    assert!(lists.len() < 20, "{name}: {} lists", lists.len());
    let ended = track.bounded().await;
    println!("{name}: {} MB, {} lines", ended.memory, ended.lines);
}

#[tokio::test]
async fn no_body_does_harm() {
    let mut rows = Rows::new();
    bodies_of_another_form(&mut rows);
    bodies_that_do_not_end_as_they_should(&mut rows);
    bombs(&mut rows);
    rows.finish().await;
}

fn bodies_of_another_form(rows: &mut Rows) {
    let page =
        format!("<!DOCTYPE html><html><title>Log in to the hotel\u{1b}[31m {TOKEN}</title></html>");
    let page = Reply::new(200, "Content-Type: text/html\r\n", page.as_bytes());
    rows.row(row("HTML", page, "a web page, “Log in to the hotel"));
    rows.row(row("empty", Reply::new(200, "", b""), "an empty body"));
    let error =
        format!("{{\"code\": 0, \"message\": \"{TOKEN}\\u001b[2J\\r\\nINFO all is well\"}}");
    let error = Reply::new(500, "", error.as_bytes());
    rows.row(row("500 with the token", error, "HTTP 500"));
    let deep = "[".repeat(100_000);
    rows.row(row(
        "deep JSON",
        Reply::new(200, "", deep.as_bytes()),
        "unexpected form",
    ));
    let binary = Reply::new(200, "", &[0xff; 4096]);
    rows.row(row("binary", binary, "does not come from Discord"));
}

fn bodies_that_do_not_end_as_they_should(rows: &mut Rows) {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".to_vec();
    let with = |more: &str| [&head[..], more.as_bytes()].concat();
    let truncated = Reply::Bytes(with("Content-Length: 1000\r\n\r\n{\"id\": \"1\""));
    rows.row(row(
        "truncated",
        truncated,
        "end of file before message length reached",
    ));
    let stalled = Reply::Stalled(with("Content-Length: 1000\r\n\r\n{\"id\": \"1\""));
    rows.row(row("stalled", stalled, "did not respond in time"));
    rows.row(row(
        "stalled head",
        Reply::Stalled(head.clone()),
        "did not respond in time",
    ));
    let spaces = vec![b' '; 64 * 1024];
    let endless = Reply::Endless(with("Connection: close\r\n\r\n"), spaces.clone());
    rows.row(row("endless", endless, "larger than 8 MB"));
    let chunk = [b"10000\r\n", &spaces[..], b"\r\n"].concat();
    let chunked = Reply::Endless(with("Transfer-Encoding: chunked\r\n\r\n"), chunk);
    rows.row(row("endless chunks", chunked, "larger than 8 MB"));
    let header = format!("X-Header: {}\r\n", "x".repeat(1000));
    let headers = Reply::Endless(head.clone(), header.into_bytes());
    rows.row(row("endless head", headers, "message head is too large"));
}

fn bombs(rows: &mut Rows) {
    let bomb = gzip_bomb(128 * MEGABYTES);
    let gzip = Reply::new(200, "Content-Encoding: gzip\r\n", &bomb);
    rows.row(row("gzip bomb", gzip, "larger than 8 MB"));
    let refused = Reply::new(500, "Content-Encoding: gzip\r\n", &bomb);
    rows.row(row("gzip bomb of an error", refused, "larger than 8 MB"));
    // Brotli is not asked for, so that whatever it has is not unpacked.
    let brotli = Reply::new(200, "Content-Encoding: br\r\n", &[0x5b; 4096]);
    rows.row(row(
        "brotli bomb",
        brotli,
        "an encoding that was not requested",
    ));
    let twice = Reply::new(200, "Content-Encoding: gzip, gzip\r\n", &bomb);
    rows.row(row(
        "gzip in gzip",
        twice,
        "an encoding that was not requested",
    ));
    let corrupt = Reply::new(200, "Content-Encoding: gzip\r\n", b"this is not compressed");
    rows.row(row(
        "corrupt gzip",
        corrupt,
        "the compressed response is corrupt",
    ));
    let cut = Reply::new(
        200,
        "Content-Encoding: gzip\r\n",
        &gzip_bomb(MEGABYTES)[..512],
    );
    rows.row(row("truncated gzip", cut, "ends too early"));
}
