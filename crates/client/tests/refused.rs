//! A gateway that refuses every connection is asked less and less often, and its words are
//! logged once.

mod support;

use guestlist_client::{Client, Gateway, GatewayConfig, ShardRange, Shards, Token};
use guestlist_testkit::Log;
use std::time::{Duration, Instant};
use support::gateway::FakeGateway;

#[tokio::test]
async fn a_refusal_is_retried_in_growing_pauses_and_warned_of_once() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();
    let mut discord = FakeGateway::start().await;
    let token = Token::new("abc").unwrap();
    let client = Client::builder(token.clone()).build().unwrap();
    let config = GatewayConfig::new(token)
        .url(discord.url.parse().unwrap())
        .shards(Shards::Range(ShardRange::new(0, 0, 1).unwrap()));
    let _gateway = Gateway::connect(&client, config).await.unwrap();
    // It is refused before it identifies, which twilight does every five seconds at most.
    // Refused, the gateway is asked again at once, and then after pauses that double. At
    // most half of a pause is left to chance. The last is too long to leave a connection open.
    let mut refused: Option<Instant> = None;
    for least in [0, 0, 125, 250, 500, 1_000, 2_000] {
        let peer = discord.accept().await;
        if let Some(since) = refused {
            let pause = since.elapsed();
            assert!(pause >= Duration::from_millis(least), "{least}: {pause:?}");
        }
        refused = Some(Instant::now());
        peer.close(4002).await;
    }
    let log = log.text();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("4002")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("WARN") && line.contains("as scripted")),
        "{log}"
    );
}
