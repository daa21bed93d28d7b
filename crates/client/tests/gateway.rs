//! Sessions, events and failures of the gateway, against one played by hand.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use guestlist_client::{
    Client, Gateway, GatewayConfig, GatewayError, GatewayItem, Item, SavedSession, ShardRange,
    Shards, Token,
};
use guestlist_model::{Event, RawFrame, ShardId};
use serde_json::json;
use std::time::{Duration, Instant};
use support::{Scripted, answer, gateway::FakeGateway};
use tokio::time::timeout;

fn token() -> Token {
    Token::new("abc").unwrap()
}

fn config(discord: &FakeGateway) -> GatewayConfig {
    GatewayConfig::new(token())
        .url(discord.url.parse().unwrap())
        .shards(Shards::Range(ShardRange::new(0, 0, 1).unwrap()))
}

async fn connect(config: GatewayConfig) -> Gateway {
    let client = Client::builder(token()).build().unwrap();
    Gateway::connect(&client, config).await.unwrap()
}

async fn next(gateway: &mut Gateway) -> Item {
    let item = timeout(Duration::from_secs(5), gateway.next())
        .await
        .expect("no item");
    let GatewayItem {
        shard: ShardId::ONE,
        item,
        ..
    } = item.expect("the gateway ended")
    else {
        panic!("another shard")
    };
    item
}

async fn next_frame(gateway: &mut Gateway) -> RawFrame {
    match next(gateway).await {
        Item::Frame(frame) => frame,
        other => panic!("{other:?}"),
    }
}

async fn next_session(gateway: &mut Gateway) -> SavedSession {
    let Item::Session(session) = next(gateway).await else {
        panic!("no session")
    };
    let ready = next_frame(gateway).await;
    assert_eq!(ready.name.as_deref(), Some("READY"));
    assert_eq!(ready.sequence, Some(session.sequence));
    session
}

async fn next_deleted(gateway: &mut Gateway) -> (u64, String) {
    let frame = next_frame(gateway).await;
    match Event::from_frame(&frame.bytes).unwrap().unwrap().event {
        Event::InviteDelete(event) => (frame.sequence.unwrap(), event.code.as_str().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn events_come_with_their_sequence() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept().await;
    assert!(
        peer.uri.query() == Some("v=10&encoding=json&compress=zstd-stream"),
        "{}",
        peer.uri
    );
    let agent = peer.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("DiscordBot (https://"), "{agent}");
    let identify = peer.receive().await;
    assert_eq!(identify["d"]["token"], "Bot abc");
    assert_eq!(identify["d"]["shard"], json!([0, 1]));
    // GUILDS, GUILD_MEMBERS, GUILD_MODERATION, GUILD_INVITES
    assert_eq!(
        identify["d"]["intents"],
        (1 << 0) | (1 << 1) | (1 << 2) | (1 << 6)
    );
    peer.ready("s1", "ws://127.0.0.1:1/r/").await;
    let session = next_session(&mut gateway).await;
    assert_eq!(
        session,
        SavedSession::new(ShardId::ONE, "s1".into(), "ws://127.0.0.1:1/r".into(), 1)
    );

    peer.invite_delete(2, "abc").await;
    peer.dispatch(3, "TYPING_START", json!({"whatever": [1, 2, 3]}))
        .await;
    assert_eq!(next_deleted(&mut gateway).await, (2, "abc".into()));
    let other = next_frame(&mut gateway).await;
    assert_eq!(other.name.as_deref(), Some("TYPING_START"));
    assert_eq!(other.sequence, Some(3));
}

#[tokio::test]
async fn an_undecodable_event_stops_nothing() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.dispatch(2, "INVITE_DELETE", json!({"code": 5})).await;
    peer.send_text("this is no JSON".to_owned()).await;
    peer.send_text(r#"{"op":0,"t":"X","s":2}"#.to_owned()).await;
    peer.invite_delete(3, "abc").await;
    let odd = next_frame(&mut gateway).await;
    assert_eq!(odd.sequence, Some(2));
    assert!(Event::from_frame(&odd.bytes).is_err());
    let no_json = next_frame(&mut gateway).await;
    assert_eq!((no_json.sequence, no_json.name), (None, None));
    assert_eq!(no_json.bytes, "this is no JSON");
    assert_eq!(next_frame(&mut gateway).await.sequence, Some(2));
    assert_eq!(next_deleted(&mut gateway).await, (3, "abc".into()));
}

#[tokio::test]
async fn a_cut_connection_is_resumed_where_ready_said() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.invite_delete(2, "a").await;
    assert_eq!(next_deleted(&mut gateway).await.0, 2);
    drop(peer);
    assert!(matches!(
        next(&mut gateway).await,
        Item::Reconnecting { .. }
    ));
    let mut peer = discord.accept().await;
    assert!(peer.uri.path().starts_with("/resume"), "{}", peer.uri);
    let resume = peer.receive().await;
    assert_eq!((&resume["op"], &resume["d"]["seq"]), (&json!(6), &json!(2)));
    assert_eq!(resume["d"]["session_id"], "s1");
    peer.invite_delete(3, "b").await;
    peer.dispatch(4, "RESUMED", json!({})).await;
    assert_eq!(next_deleted(&mut gateway).await, (3, "b".into()));
    let resumed = next_frame(&mut gateway).await;
    assert_eq!(resumed.name.as_deref(), Some("RESUMED"));
    assert_eq!(resumed.sequence, Some(4));
}

#[tokio::test]
async fn a_connection_without_acknowledgements_is_given_up() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_at(200).await;
    assert_eq!(peer.receive().await["op"], 2);
    let resume = discord.url.clone();
    peer.ready("s1", &resume).await;
    next_session(&mut gateway).await;
    assert_eq!(peer.receive_heartbeat().await["d"], 1);
    peer.acknowledge().await;
    // What follows has no acknowledgement, and the socket stays open.
    assert_eq!(peer.receive_close().await, 4000);
    let Item::Reconnecting { reason } = next(&mut gateway).await else {
        panic!("another item")
    };
    assert!(reason.text.contains("acknowledged"), "{reason}");
    assert_eq!(discord.accept().await.receive().await["op"], 6);
}

#[tokio::test]
async fn a_heartbeat_is_sent_when_discord_asks_for_it() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.send(json!({"op": 1, "d": null})).await;
    assert_eq!(peer.receive_heartbeat().await["d"], 1);
}

#[tokio::test]
async fn a_barrier_waits_for_the_session() {
    let mut discord = FakeGateway::start().await;
    let saved = SavedSession::new(ShardId::ONE, "s1".into(), discord.url.clone(), 1);
    let mut gateway = connect(config(&discord).resume([saved])).await;
    let mut peer = discord.accept_at(300).await;
    assert_eq!(peer.receive().await["op"], 6);
    gateway.barrier(ShardId::ONE, 7);
    // This acknowledgement comes before what was missed.
    peer.receive_heartbeat().await;
    peer.acknowledge().await;
    peer.invite_delete(2, "missed").await;
    peer.dispatch(3, "RESUMED", json!({})).await;
    assert_eq!(next_deleted(&mut gateway).await.0, 2);
    assert_eq!(next_frame(&mut gateway).await.sequence, Some(3));
    peer.receive_heartbeat().await;
    peer.acknowledge().await;
    assert!(matches!(next(&mut gateway).await, Item::Barrier(7)));
}

#[tokio::test]
async fn a_session_that_is_invalid_for_now_is_resumed() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    for (op, flag) in [(9, json!(true)), (7, json!(null))] {
        let mut peer = match op {
            9 => discord.accept_ready("s1").await,
            _ => discord.accept().await,
        };
        if op == 9 {
            next_session(&mut gateway).await;
        } else {
            assert_eq!(peer.receive().await["op"], 6);
        }
        peer.send(json!({"op": op, "d": flag})).await;
        assert_eq!(peer.receive_close().await, 4000);
        assert!(matches!(
            next(&mut gateway).await,
            Item::Reconnecting { .. }
        ));
    }
    let resume = discord.accept().await.receive().await;
    assert_eq!(resume["d"]["session_id"], "s1");
}

#[tokio::test]
async fn a_timed_out_session_is_told_as_lost() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.close(4009).await;
    assert!(matches!(next(&mut gateway).await, Item::SessionLost));
    assert!(matches!(
        next(&mut gateway).await,
        Item::Reconnecting { .. }
    ));
    assert_eq!(discord.accept().await.receive().await["op"], 2);
}

#[tokio::test]
async fn a_broken_stream_is_resumed() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.send_binary(b"this is not compressed".to_vec()).await;
    let Item::Reconnecting { reason } = next(&mut gateway).await else {
        panic!("another item")
    };
    assert!(reason.text.contains("stream is corrupt"), "{reason}");
    assert_eq!(discord.accept().await.receive().await["op"], 6);
}

#[tokio::test]
async fn a_saved_session_is_resumed_after_a_restart() {
    let mut discord = FakeGateway::start().await;
    let saved = SavedSession::new(
        ShardId::ONE,
        "old".into(),
        format!("{}/resume", discord.url),
        42,
    );
    let mut gateway = connect(config(&discord).resume([saved])).await;
    let mut peer = discord.accept().await;
    assert!(peer.uri.path().starts_with("/resume"));
    assert_eq!(peer.receive().await["d"]["seq"], 42);
    peer.invite_delete(43, "missed").await;
    assert_eq!(next_deleted(&mut gateway).await, (43, "missed".into()));
}

#[tokio::test]
async fn a_lost_session_is_told_once_and_a_new_one_begins() {
    let mut discord = FakeGateway::start().await;
    let saved = SavedSession::new(ShardId::ONE, "old".into(), discord.url.clone(), 42);
    let mut gateway = connect(config(&discord).resume([saved])).await;
    let mut peer = discord.accept().await;
    assert_eq!(peer.receive().await["op"], 6);
    peer.send(json!({"op": 9, "d": false})).await;
    assert!(matches!(next(&mut gateway).await, Item::SessionLost));
    drop(peer);
    let _peer = discord.accept_ready("new").await;
    loop {
        match next(&mut gateway).await {
            Item::Reconnecting { .. } => {}
            Item::Session(session) => break assert_eq!(session.session_id, "new"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_session_of_another_number_of_shards_is_lost() {
    let mut discord = FakeGateway::start().await;
    let saved = SavedSession::new(
        ShardId::new(0, 2).unwrap(),
        "old".into(),
        discord.url.clone(),
        42,
    );
    let mut gateway = connect(config(&discord).resume([saved])).await;
    assert!(matches!(next(&mut gateway).await, Item::SessionLost));
    let _peer = discord.accept_ready("new").await;
    next_session(&mut gateway).await;
}

#[tokio::test]
async fn fatal_close_codes_are_explained() {
    for (code, words) in [
        (4004, "developers/applications"),
        (4014, "SERVER MEMBERS INTENT"),
    ] {
        let mut discord = FakeGateway::start().await;
        let mut gateway = connect(config(&discord)).await;
        let mut peer = discord.accept().await;
        peer.receive().await;
        peer.close(code).await;
        let Item::Fatal(error) = next(&mut gateway).await else {
            panic!("not fatal")
        };
        assert!(error.help().unwrap().contains(words), "{error}");
        let end = timeout(Duration::from_secs(5), gateway.next())
            .await
            .unwrap();
        assert!(end.is_none(), "{end:?}");
    }
}

#[tokio::test]
async fn closing_leaves_the_session_resumable_and_loses_nothing() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    peer.invite_delete(2, "a").await;
    assert_eq!(next_deleted(&mut gateway).await.0, 2);
    gateway.close();
    // 1000 and 1001 would end the session.
    assert_eq!(peer.receive_close().await, 4000);
    drop(peer);
    let end = timeout(Duration::from_secs(5), gateway.next())
        .await
        .unwrap();
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn closing_does_not_wait_for_a_silent_gateway() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let _peer = discord.accept_ready("s1").await;
    next_session(&mut gateway).await;
    let started = Instant::now();
    gateway.close();
    assert!(
        timeout(Duration::from_secs(5), gateway.next())
            .await
            .unwrap()
            .is_none()
    );
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn an_unusable_resume_url_does_not_end_the_shard() {
    let mut discord = FakeGateway::start().await;
    let mut gateway = connect(config(&discord)).await;
    let mut peer = discord.accept().await;
    peer.receive().await;
    peer.ready("s1", "no url at all").await;
    let session = next_session(&mut gateway).await;
    assert_eq!(session.resume_url, "");
    drop(peer);
    // The shard resumes at the base.
    let mut peer = discord.accept().await;
    let resume = peer.receive().await;
    assert_eq!(
        (&resume["op"], &resume["d"]["session_id"]),
        (&json!(6), &json!("s1"))
    );
    peer.invite_delete(2, "a").await;
    assert!(matches!(
        next(&mut gateway).await,
        Item::Reconnecting { .. }
    ));
    assert_eq!(next_deleted(&mut gateway).await.0, 2);
}

#[tokio::test]
async fn a_gateway_that_hangs_up_at_once_is_not_stormed() {
    let mut discord = FakeGateway::start().await;
    let saved = SavedSession::new(ShardId::ONE, "old".into(), discord.url.clone(), 42);
    let _gateway = connect(config(&discord).resume([saved])).await;
    let started = Instant::now();
    let mut connections = 0;
    while started.elapsed() < Duration::from_millis(1500) {
        if let Ok(peer) = timeout(Duration::from_millis(1500), discord.accept()).await {
            connections += 1;
            drop(peer);
        }
    }
    assert!(
        (2..=6).contains(&connections),
        "{connections} connections in 1.5 s"
    );
}

#[tokio::test]
async fn the_api_is_asked_where_the_gateway_is() {
    let mut discord = FakeGateway::start().await;
    let body = format!(
        r#"{{"url":"{}","shards":2,"session_start_limit":{{"total":1000,"remaining":1000,"reset_after":1,"max_concurrency":2}}}}"#,
        discord.url
    );
    let api = Scripted::answering([answer(200, body), support::refusal(401, 0)]).await;
    let client = api.client();
    let gateway = Gateway::connect(&client, GatewayConfig::new(token()))
        .await
        .unwrap();
    assert_eq!(gateway.shards().total(), 2);
    let (mut first, mut second) = (discord.accept().await, discord.accept().await);
    let mut shards = Vec::new();
    for peer in [&mut first, &mut second] {
        shards.push(peer.receive().await["d"]["shard"][0].as_u64().unwrap());
    }
    shards.sort_unstable();
    assert_eq!(shards, [0, 1]);
    let error = Gateway::connect(&client, GatewayConfig::new(token()))
        .await
        .unwrap_err();
    assert!(
        matches!(
            &error,
            GatewayError::Api(guestlist_client::ApiError::Unauthorized { .. })
        ),
        "{error}"
    );
}
