//! What goes wrong at the command of a test, and stops when the command is taken back.

use std::time::{Duration, Instant};

use guestlist_sandbox::{
    BodyFault, ConnectionFault, EventFault, FaultRule, FaultTarget, Options, RateLimits, Running,
    Sandbox, world::NewInvite,
};
use serde_json::{Value, json};

use crate::support::{Gateway, Heard, control, discord, identify, send};

const INVITES: u64 = 1 << 6;
const MODERATION: u64 = 1 << 2;

async fn start() -> (Running, u64) {
    let options = Options::seeded(8).guilds(1).rate_limits(RateLimits::none());
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    (running, guild)
}

/// Asks for the list of invites without holding it against the specification.
async fn list(running: &Running, guild: u64) -> (u16, Vec<u8>) {
    let token = format!("Bot {}", running.token());
    let path = format!("/api/v10/guilds/{guild}/invites");
    let headers = [("authorization", token.as_str())];
    let answer = send(running, "GET", &path, &headers, "").await;
    (answer.status, answer.body)
}

fn codes(body: &[u8]) -> Vec<String> {
    let list: Value = serde_json::from_slice(body).unwrap();
    let codes = list.as_array().unwrap().iter();
    codes
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn bodies_are_spoilt_as_long_as_a_guard_lives() {
    let (running, guild) = start().await;
    let world = running.world();
    let whole = list(&running, guild).await;
    let spoil = |fault| world.scoped_fault(FaultRule::body(fault).on("GET", "*/invites"));

    let guard = spoil(BodyFault::Html);
    let (status, body) = list(&running, guild).await;
    assert_eq!((status, &body[..6]), (502, &b"<html>"[..]));
    drop(guard);
    let guard = spoil(BodyFault::Truncated);
    let (status, body) = list(&running, guild).await;
    assert_eq!((status, body.len()), (200, whole.1.len() / 2));
    drop(guard);
    let guard = spoil(BodyFault::Stalled);
    let wait = Duration::from_millis(300);
    let stalled = tokio::time::timeout(wait, list(&running, guild)).await;
    assert!(stalled.is_err(), "{stalled:?}");
    drop(guard);

    let before = codes(&whole.1);
    world.create_invite(guild, NewInvite::default()).unwrap();
    let after = codes(&list(&running, guild).await.1);
    assert_eq!(after.len(), before.len() + 1);
    let guard = spoil(BodyFault::Earlier);
    assert_eq!(codes(&list(&running, guild).await.1), before);
    drop(guard);
    let guard = spoil(BodyFault::RowMissing);
    assert_eq!(list_len(&running, guild).await, after.len() - 1);
    drop(guard);
    let guard = spoil(BodyFault::RowDoubled);
    assert_eq!(list_len(&running, guild).await, after.len() + 1);
    drop(guard);
    assert_eq!(codes(&list(&running, guild).await.1), after);
}

async fn list_len(running: &Running, guild: u64) -> usize {
    codes(&list(running, guild).await.1).len()
}

#[tokio::test]
async fn rows_of_a_search_go_missing_and_double() {
    let (running, guild) = start().await;
    let path = format!("/guilds/{guild}/members-search");
    let count = async || {
        let answer = discord(&running, "POST", &path, r#"{"limit": 5}"#).await;
        answer.json()["members"].as_array().unwrap().len()
    };
    for (body, expected) in [("row_missing", 4), ("row_doubled", 6)] {
        let rule = json!({"path": "members-search", "body": body, "times": 1});
        control(&running, "POST", "/faults", rule).await;
        assert_eq!((count().await, count().await), (expected, 5), "{body}");
    }
}

#[tokio::test]
async fn events_are_lost_doubled_and_late() {
    let (running, guild) = start().await;
    let world = running.world();
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, INVITES).await;
    let made = || {
        let new = NewInvite::default();
        world.create_invite(guild, new).unwrap().code
    };
    let rule = |fault| FaultRule::event("INVITE_CREATE", fault);

    let lossy = world.scoped_fault(rule(EventFault::Dropped));
    made();
    drop(lossy);
    let twice = world.scoped_fault(rule(EventFault::Duplicated).times(1));
    let code = made();
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], code);
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], code);
    drop(twice);
    let late = json!({"on": "event", "event": "INVITE_*", "delay_ms": 200, "times": 1});
    control(&running, "POST", "/faults", late).await;
    let asked = Instant::now();
    let code = made();
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], code);
    assert!(asked.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn an_event_comes_after_the_next_one() {
    let (running, guild) = start().await;
    let world = running.world();
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, INVITES | MODERATION).await;
    let made = || world.create_invite(guild, NewInvite::default()).unwrap();
    let rule = FaultRule::event("INVITE_CREATE", EventFault::Reordered);
    let swapped = world.scoped_fault(rule);
    made();
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    gateway.expect("INVITE_CREATE").await;
    drop(swapped);
    made();
    gateway.expect("INVITE_CREATE").await;
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
}

#[tokio::test]
async fn connections_go_wrong_where_the_rule_says() {
    let (running, guild) = start().await;
    let world = running.world();
    let fault = |target, fault| world.scoped_fault(FaultRule::connection(target, fault).times(1));
    let connect = async || {
        let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
        gateway.identify(&running, INVITES).await;
        gateway
    };

    let mut gateway = connect().await;
    let _deaf = fault(FaultTarget::Heartbeat, ConnectionFault::Ignored);
    let beat = json!({"op": 1, "d": null});
    gateway.send(beat.clone()).await;
    gateway.send(beat.clone()).await;
    assert_eq!(
        gateway.frame().await["op"],
        11,
        "the second is acknowledged"
    );
    let _over = fault(
        FaultTarget::Heartbeat,
        ConnectionFault::InvalidSession(false),
    );
    gateway.send(beat).await;
    let frame = gateway.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));

    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    assert_eq!(gateway.frame().await["op"], 10);
    let _refused = fault(FaultTarget::Identify, ConnectionFault::Closed(4000));
    gateway.send(identify(running.token(), 0)).await;
    assert_eq!(gateway.hear().await, Heard::Closed(4000));

    let mut gateway = connect().await;
    let _asked = fault(FaultTarget::Event, ConnectionFault::Reconnect);
    let code = world
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    assert_eq!(gateway.expect("INVITE_CREATE").await["code"], code);
    assert_eq!(gateway.frame().await["op"], 7);
    let _cut = fault(FaultTarget::Event, ConnectionFault::Aborted);
    world.create_invite(guild, NewInvite::default()).unwrap();
    gateway.expect("INVITE_CREATE").await;
    assert_eq!(gateway.hear().await, Heard::Cut);
}

#[tokio::test]
async fn rules_have_numbers_and_say_what_is_wrong_with_them() {
    let (running, _) = start().await;
    let rules = json!({"rules": [
        {"status": 500},
        {"path": "/users/*", "delay_ms": 1, "delay_up_to_ms": 2, "probability": 0.5},
    ]});
    let added = control(&running, "POST", "/faults", rules).await;
    let first = added["added"][0].as_u64().unwrap();
    assert_eq!(discord(&running, "GET", "/users/@me", "").await.status, 500);
    control(&running, "DELETE", &format!("/faults/{first}"), Value::Null).await;
    assert_eq!(discord(&running, "GET", "/users/@me", "").await.status, 200);
    let left = control(&running, "GET", "/faults", Value::Null).await;
    assert_eq!(left["rules"].as_array().unwrap().len(), 1);
    let again = send(
        &running,
        "DELETE",
        &format!("/sandbox/faults/{first}"),
        &[],
        "",
    )
    .await;
    assert_eq!(again.status, 404);
    for (rule, field) in [
        (json!({"on": "event", "status": 500}), "status"),
        (json!({"on": "heartbeat", "delay_ms": 5}), "delay_ms"),
        (json!({"how": "abort"}), "how"),
        (
            json!({"on": "event", "event_fault": "eaten"}),
            "event_fault",
        ),
        (json!({"status": 500, "probability": 2}), "probability"),
        (
            json!({"on": "resume", "how": "abort", "close_code": 4000}),
            "close_code",
        ),
        (json!({"on": "resume"}), "status"),
    ] {
        let answer = send(&running, "POST", "/sandbox/faults", &[], &rule.to_string()).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &json!(field)),
            "{rule}"
        );
    }
}
