//! Stories on the gateway, told with a raw WebSocket.
use std::time::{Duration, Instant};

use crate::support::{Gateway, Heard, control, discord, identify};
use guestlist_sandbox::{IdentifyLimit, Options, RateLimits, Running, Sandbox, world::NewInvite};
use serde_json::json;

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MODERATION: u64 = 1 << 2;
const INVITES: u64 = 1 << 6;
const ALL: u64 = GUILDS | MEMBERS | MODERATION | INVITES;

async fn start(guilds: usize) -> Running {
    let mut options = Options::seeded(8)
        .guilds(guilds)
        .rate_limits(RateLimits::none());
    options.world.quirks.repeat_member_add = 0.0;
    options.world.quirks.delete_before_add = Some(false);
    Sandbox::start(options).await.unwrap()
}

async fn story(query: &str) {
    let running = start(1).await;
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, query).await;
    let ready = gateway.identify(&running, ALL).await;
    assert_eq!(
        ready["guilds"],
        json!([{"id": guild.to_string(), "unavailable": true}])
    );
    assert_eq!(ready["resume_gateway_url"], running.gateway_url());
    let session = ready["session_id"].as_str().unwrap().to_owned();
    let create = gateway.expect("GUILD_CREATE").await;
    assert_eq!(create["id"], guild.to_string());
    assert_eq!(
        create["members"].as_array().unwrap().len(),
        1,
        "the bot alone"
    );
    let made = running
        .world()
        .create_invite(guild, NewInvite::default().max_uses(1))
        .unwrap();
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], made.code);
    assert_eq!(
        gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await["action_type"],
        40
    );
    gateway.send(json!({"op": 1, "d": gateway.sequence})).await;
    assert_eq!(gateway.frame().await["op"], 11);

    assert_eq!(running.world().drop_gateway(None, true), 1);
    assert_eq!(gateway.hear().await, Heard::Cut);
    let joined = running.world().accept_invite(&made.code, None).unwrap();
    let seen = gateway.sequence;
    let mut gateway = Gateway::connect(&running, query).await;
    gateway.resume(&running, &session, seen).await;
    let added = gateway.expect("GUILD_MEMBER_ADD").await;
    assert_eq!(added["user"]["id"], joined.user_id.to_string());
    assert_eq!(added["guild_id"], guild.to_string());
    assert_eq!(gateway.expect("INVITE_DELETE").await["code"], made.code);
    gateway.expect("RESUMED").await;
    running.world().leave(guild, joined.user_id).unwrap();
    gateway.expect("GUILD_MEMBER_REMOVE").await;
    running.shutdown().await;
}

#[tokio::test]
async fn events_survive_a_cut_as_text() {
    story("v=10&encoding=json").await;
}

#[tokio::test]
async fn events_survive_a_cut_in_a_zlib_stream() {
    story("v=10&encoding=json&compress=zlib-stream").await;
}

#[tokio::test]
async fn events_survive_a_cut_in_a_zstd_stream() {
    story("v=10&encoding=json&compress=zstd-stream").await;
}

#[tokio::test]
async fn ready_tells_the_version_that_was_asked_for() {
    let running = start(1).await;
    for version in [9, 10] {
        let query = format!("v={version}&encoding=json");
        let mut gateway = Gateway::connect(&running, &query).await;
        assert_eq!(gateway.identify(&running, 0).await["v"], version);
    }
}

#[tokio::test]
async fn payloads_are_compressed_for_those_who_ask() {
    let running = start(1).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    assert_eq!(gateway.frame().await["op"], 10);
    let mut frame = identify(running.token(), ALL);
    frame["d"]["compress"] = json!(true);
    gateway.send(frame).await;
    gateway.expect("READY").await;
    gateway.expect("GUILD_CREATE").await;
}

#[tokio::test]
async fn only_what_was_asked_for_arrives() {
    let running = start(1).await;
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, INVITES).await;
    let made = running
        .world()
        .create_invite(guild, NewInvite::default().max_uses(1))
        .unwrap();
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], made.code);
    running.world().accept_invite(&made.code, None).unwrap();
    gateway.expect("INVITE_DELETE").await;
}

#[tokio::test]
async fn shards_hear_of_their_own_guilds() {
    let running = start(6).await;
    let mut seen = Vec::new();
    for shard in 0..2 {
        let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
        assert_eq!(gateway.frame().await["op"], 10);
        let mut frame = identify(running.token(), GUILDS);
        frame["d"]["shard"] = json!([shard, 2]);
        gateway.send(frame).await;
        let ready = gateway.expect("READY").await;
        assert_eq!(ready["shard"], json!([shard, 2]));
        for guild in ready["guilds"].as_array().unwrap() {
            let id: u64 = guild["id"].as_str().unwrap().parse().unwrap();
            assert_eq!((id >> 22) % 2, shard);
            assert_eq!(gateway.expect("GUILD_CREATE").await["id"], guild["id"]);
            seen.push(id);
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, running.guild_ids());
}

async fn refused(running: &Running, frame: serde_json::Value) -> u16 {
    let mut gateway = Gateway::connect(running, "v=10&encoding=json").await;
    assert_eq!(gateway.frame().await["op"], 10);
    gateway.send(frame).await;
    match gateway.hear().await {
        Heard::Closed(code) => code,
        other => panic!("not closed: {other:?}"),
    }
}

#[tokio::test]
async fn mistakes_are_answered_with_discords_codes() {
    let mut options = Options::seeded(8).guilds(1).rate_limits(RateLimits::none());
    options.world.application_flags = 0;
    let running = Sandbox::start(options).await.unwrap();
    let token = running.token();
    assert_eq!(
        refused(&running, json!({"op": 2, "d": "hello"})).await,
        4002
    );
    assert_eq!(refused(&running, json!([])).await, 4002);
    assert_eq!(refused(&running, json!({"op": 99, "d": null})).await, 4001);
    assert_eq!(refused(&running, json!({"op": 3, "d": {}})).await, 4003);
    assert_eq!(refused(&running, identify("wrong", GUILDS)).await, 4004);
    assert_eq!(refused(&running, identify(token, 1 << 40)).await, 4013);
    assert_eq!(refused(&running, identify(token, MEMBERS)).await, 4014);
    let mut shard = identify(token, GUILDS);
    shard["d"]["shard"] = json!([3, 2]);
    assert_eq!(refused(&running, shard).await, 4010);
    for query in ["v=10&encoding=etf", "v=3&encoding=json"] {
        let mut gateway = Gateway::connect(&running, query).await;
        assert_eq!(gateway.hear().await, Heard::Closed(4012), "{query}");
    }
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 0).await;
    gateway.send(identify(token, 0)).await;
    assert_eq!(gateway.hear().await, Heard::Closed(4005));
}

#[tokio::test]
async fn sessions_are_started_so_often_and_no_more() {
    let hour = Duration::from_secs(3600);
    let limits = RateLimits::none().identify(Some(IdentifyLimit::new(3, 4, hour)));
    let options = Options::seeded(8).guilds(1).rate_limits(limits);
    let running = Sandbox::start(options).await.unwrap();
    let as_shard = |shard: u64| {
        let mut frame = identify(running.token(), 0);
        frame["d"]["shard"] = json!([shard, 8]);
        frame
    };
    let mut sockets = Vec::new();
    for shard in [0, 1, 4] {
        let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
        assert_eq!(gateway.frame().await["op"], 10);
        gateway.send(as_shard(shard)).await;
        if shard < 4 {
            gateway.expect("READY").await;
        }
        sockets.push(gateway);
    }
    let frame = sockets[2].frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    sockets[2].send(as_shard(2)).await;
    sockets[2].expect("READY").await;
    let told = discord(&running, "GET", "/gateway/bot", "").await.json();
    let told = &told["session_start_limit"];
    assert_eq!((&told["total"], &told["remaining"]), (&json!(3), &json!(0)));
    assert_eq!(told["max_concurrency"], 4);
    assert!(told["reset_after"].as_u64().unwrap() <= 86_400_000);

    // One too many: the token is worth nothing any more.
    assert_eq!(refused(&running, as_shard(3)).await, 4004);
    assert_eq!(sockets[0].hear().await, Heard::Closed(4004));
}

#[tokio::test]
async fn a_bit_that_older_clients_set_does_no_harm() {
    let running = start(1).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    // Everything but what is privileged, by a loop over too many bits.
    gateway.identify(&running, 53_706_493).await;
    gateway.expect("GUILD_CREATE").await;
    assert_eq!(
        refused(&running, identify(running.token(), 1 << 18)).await,
        4013
    );
}

#[tokio::test]
async fn who_identifies_too_early_learns_it_after_a_pause() {
    let window = Duration::from_secs(2);
    let limits = RateLimits::none().identify(Some(IdentifyLimit::new(1000, 1, window)));
    let options = Options::seeded(8).guilds(1).rate_limits(limits);
    let running = Sandbox::start(options).await.unwrap();
    let mut first = Gateway::connect(&running, "v=10&encoding=json").await;
    first.identify(&running, 0).await;
    let mut second = Gateway::connect(&running, "v=10&encoding=json").await;
    assert_eq!(second.frame().await["op"], 10);
    let asked = Instant::now();
    second.send(identify(running.token(), 0)).await;
    second.send(json!({"op": 1, "d": null})).await;
    assert_eq!(
        second.frame().await["op"],
        11,
        "heartbeats are answered meanwhile"
    );
    let frame = second.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    assert!(
        asked.elapsed() >= Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    // A client that tries again at once is in time then.
    second.send(identify(running.token(), 0)).await;
    second.expect("READY").await;
}

#[tokio::test]
async fn what_is_too_long_is_told_so() {
    let running = start(1).await;
    for length in [5_000, 20_000_000] {
        let frame = json!({"op": 1, "d": "x".repeat(length)});
        assert_eq!(refused(&running, frame).await, 4002, "{length}");
    }
}

#[tokio::test]
async fn an_intent_can_be_switched_off_and_on_again() {
    let running = start(1).await;
    let off = json!({"members_intent": false});
    control(&running, "PATCH", "/application", off).await;
    let members = identify(running.token(), MEMBERS);
    assert_eq!(refused(&running, members).await, 4014);
    let guild = running.guild_ids()[0];
    let list = format!("/guilds/{guild}/members");
    assert_eq!(discord(&running, "GET", &list, "").await.status, 403);
    let own = discord(&running, "GET", "/applications/@me", "")
        .await
        .json();
    assert_eq!(own["flags"], 1 << 13 | 1 << 19, "the other intents stay");

    let on = json!({"members_intent": true});
    control(&running, "PATCH", "/application", on).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, MEMBERS).await;
    let verified = json!({"flags": 1 << 14});
    let told = control(&running, "PATCH", "/application", verified).await;
    assert_eq!(told["flags"], 1 << 14);
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, MEMBERS).await;
}

#[tokio::test]
async fn what_cannot_be_resumed_is_told() {
    let running = start(1).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.resume(&running, "nobody", 3).await;
    let frame = gateway.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));

    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let ready = gateway.identify(&running, GUILDS).await;
    let session = ready["session_id"].as_str().unwrap();
    drop(gateway);
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.resume(&running, session, 77).await;
    assert_eq!(gateway.hear().await, Heard::Closed(4007));

    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let ready = gateway.identify(&running, GUILDS).await;
    let session = ready["session_id"].as_str().unwrap();
    gateway.expect("GUILD_CREATE").await;
    control(
        &running,
        "POST",
        "/gateway/drop",
        json!({"resumable": false}),
    )
    .await;
    assert_eq!(gateway.hear().await, Heard::Cut);
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.resume(&running, session, 1).await;
    assert_eq!(gateway.frame().await["op"], 9);
}

#[tokio::test]
async fn an_invalidated_session_leaves_its_socket_free() {
    let running = start(1).await;
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let ready = gateway.identify(&running, ALL).await;
    gateway.expect("GUILD_CREATE").await;
    let how = json!({"how": "invalid_session"});
    control(&running, "POST", "/gateway/drop", how).await;
    let frame = gateway.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(true)));
    let made = running
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap();
    let data = json!({
        "token": running.token(),
        "session_id": ready["session_id"],
        "seq": gateway.sequence,
    });
    gateway.send(json!({"op": 6, "d": data})).await;
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], made.code);
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    gateway.expect("RESUMED").await;

    let how = json!({"how": "invalid_session", "resumable": false});
    control(&running, "POST", "/gateway/drop", how).await;
    let frame = gateway.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    gateway.sequence = 0;
    gateway.send(identify(running.token(), ALL)).await;
    let again = gateway.expect("READY").await;
    assert_ne!(again["session_id"], ready["session_id"]);
}

#[tokio::test]
async fn an_outage_lets_no_session_begin_until_it_is_over() {
    let running = start(1).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let ready = gateway.identify(&running, GUILDS).await;
    gateway.expect("GUILD_CREATE").await;
    let outage = json!({"resumable": false, "refuse_ms": 3_600_000});
    control(&running, "POST", "/gateway/drop", outage).await;
    assert_eq!(gateway.hear().await, Heard::Cut);

    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    assert_eq!(gateway.frame().await["op"], 10);
    for _ in 0..2 {
        gateway.send(identify(running.token(), GUILDS)).await;
        let frame = gateway.frame().await;
        assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    }
    control(&running, "POST", "/gateway/drop", json!({"refuse_ms": 0})).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let again = gateway.identify(&running, GUILDS).await;
    assert_ne!(again["session_id"], ready["session_id"]);
}

#[tokio::test]
async fn the_server_asks_and_orders() {
    let running = start(1).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, GUILDS | MEMBERS).await;
    let guild = gateway.expect("GUILD_CREATE").await;
    control(&running, "POST", "/gateway/heartbeat", json!({})).await;
    assert_eq!(gateway.frame().await["op"], 1);
    control(
        &running,
        "POST",
        "/gateway/drop",
        json!({"how": "reconnect"}),
    )
    .await;
    assert_eq!(gateway.frame().await["op"], 7);
    let request = json!({"guild_id": guild["id"], "query": "", "limit": 0, "nonce": "n"});
    gateway.send(json!({"op": 8, "d": request})).await;
    let chunk = gateway.expect("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(
        (&chunk["chunk_count"], &chunk["nonce"]),
        (&json!(1), &json!("n"))
    );
    let members = u64::try_from(chunk["members"].as_array().unwrap().len()).unwrap();
    assert_eq!(Some(members), guild["member_count"].as_u64());
}

#[tokio::test]
async fn the_silent_are_taken_for_dead() {
    let mut options = Options::seeded(8).guilds(1).rate_limits(RateLimits::none());
    options.heartbeat_interval = Duration::from_millis(100);
    let running = Sandbox::start(options).await.unwrap();
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 0).await;
    assert_eq!(gateway.hear().await, Heard::Closed(4009));
}

#[tokio::test]
async fn swapped_events_arrive_the_other_way_round() {
    let running = start(1).await;
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, INVITES | MODERATION).await;
    control(&running, "POST", "/faults", json!({"swap_events": 1})).await;
    running
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap();
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    gateway.expect("INVITE_CREATE").await;
}
