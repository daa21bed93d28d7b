//! Time that passes faster than it does, or only in steps.

use std::time::{Duration, Instant};

use guestlist_sandbox::{
    Clock, IdentifyLimit, Limit, Options, RateLimits, Running, Sandbox, world::NewInvite,
};
use guestlist_testkit::until;
use serde_json::{Value, json};

use crate::support::{Gateway, Heard, control, discord, identify, send};

#[tokio::test]
async fn everything_follows_a_faster_clock() {
    let minute = Limit::new(1, Duration::from_secs(60));
    let limits = RateLimits::none().route("GET", "/users/@me", minute);
    let options = Options::seeded(2).guilds(1).speed(20).rate_limits(limits);
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    let began = Instant::now();
    let now = async || {
        let clock = control(&running, "GET", "/clock", Value::Null).await;
        clock["now_ms"].as_u64().unwrap()
    };
    let first = now().await;

    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let hello = gateway.frame().await;
    assert_eq!(hello["d"]["heartbeat_interval"], 2062);

    let world = running.world();
    let minute = NewInvite::default().max_age(60);
    let code = world.create_invite(guild, minute).unwrap().code;
    let path = format!("/invites/{code}");
    assert_eq!(discord(&running, "GET", &path, "").await.status, 200);
    assert_eq!(discord(&running, "GET", "/users/@me", "").await.status, 200);
    let limited = discord(&running, "GET", "/users/@me", "").await;
    // A client waits by its own clock, and reads a moment by the sandbox's.
    let wait = limited.json()["retry_after"].as_f64().unwrap();
    assert!(limited.status == 429 && wait <= 3.0, "{wait}");
    let reset: f64 = limited.headers["x-ratelimit-reset"].parse().unwrap();
    let told = u32::try_from(now().await / 1000).unwrap();
    assert!((reset - f64::from(told)).abs() < 90.0, "{reset} {told}");
    tokio::time::sleep(Duration::from_secs_f64(wait)).await;
    assert_eq!(discord(&running, "GET", "/users/@me", "").await.status, 200);
    until("the invite has expired", async || {
        discord(&running, "GET", &path, "").await.status == 404
    })
    .await;
    let passed = now().await - first;
    let real = u64::try_from(began.elapsed().as_millis()).unwrap();
    assert!(
        passed <= real * 20 + 20 && passed > 59_000,
        "{passed} {real}"
    );
    let advanced = control(&running, "POST", "/clock", json!({"advance_ms": 3_600_000})).await;
    assert!(advanced["now_ms"].as_u64().unwrap() >= first + passed + 3_600_000);
}

/// A sandbox whose clock stands still.
async fn stepped(limits: RateLimits) -> Running {
    let options = Options::seeded(2).guilds(1).clock(Clock::Manual);
    Sandbox::start(options.rate_limits(limits)).await.unwrap()
}

async fn step(running: &Running, millis: u64) {
    control(running, "POST", "/clock", json!({"advance_ms": millis})).await;
}

#[tokio::test]
async fn limits_follow_a_stepped_clock() {
    let short = Limit::new(1, Duration::from_millis(50));
    let limits = RateLimits::none()
        .route("GET", "/users/@me", short)
        .lookups(Some(Limit::new(1, Duration::from_secs(600))))
        .identify(Some(IdentifyLimit::new(1000, 1, Duration::from_secs(5))));
    let running = stepped(limits).await;
    let ask = async || discord(&running, "GET", "/users/@me", "").await;
    assert_eq!(ask().await.status, 200);
    assert_eq!(ask().await.json()["retry_after"], 0.05);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(ask().await.status, 429, "no time has passed");
    step(&running, 49).await;
    assert_eq!(ask().await.json()["retry_after"], 0.001);
    step(&running, 1).await;
    assert_eq!(ask().await.status, 200);

    let path = "/api/v10/invites/guestlist-0";
    let look_up = async || send(&running, "GET", path, &[], "").await.status;
    assert_eq!((look_up().await, look_up().await), (200, 429));
    step(&running, 86_399_000).await;
    assert_eq!(look_up().await, 429);
    step(&running, 1_000).await;
    assert_eq!(look_up().await, 200);

    let mut first = Gateway::connect(&running, "v=10&encoding=json").await;
    first.identify(&running, 0).await;
    let told = discord(&running, "GET", "/gateway/bot", "").await.json();
    let told = &told["session_start_limit"];
    assert_eq!(
        (&told["remaining"], &told["reset_after"]),
        (&json!(999), &json!(86_400_000))
    );
    let mut second = Gateway::connect(&running, "v=10&encoding=json").await;
    assert_eq!(second.frame().await["op"], 10);
    second.send(identify(running.token(), 0)).await;
    assert_eq!(second.frame().await["op"], 9);
    step(&running, 5_000).await;
    second.send(identify(running.token(), 0)).await;
    second.expect("READY").await;
    let told = discord(&running, "GET", "/gateway/bot", "").await.json();
    let told = &told["session_start_limit"];
    assert_eq!(
        (&told["remaining"], &told["reset_after"]),
        (&json!(998), &json!(86_395_000))
    );
}

#[tokio::test]
async fn sessions_and_heartbeats_follow_a_stepped_clock() {
    let running = stepped(RateLimits::none()).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let ready = gateway.identify(&running, 0).await;
    // A client is given the chance to send what was due while time was skipped.
    step(&running, 61_000).await;
    gateway.nothing().await;
    step(&running, 3_600_000).await;
    assert_eq!(
        gateway.frame().await["op"],
        1,
        "the gateway asks for a heartbeat"
    );
    gateway.nothing().await;
    step(&running, 61_000).await;
    gateway.nothing().await;

    // A session waits for a RESUME for three minutes of the sandbox's time.
    let sequence = gateway.sequence;
    let session = ready["session_id"].as_str().unwrap();
    drop(gateway);
    until("the connection is gone", async || {
        let sessions = control(&running, "GET", "/gateway", Value::Null).await;
        sessions[0]["connected"] == false
    })
    .await;
    step(&running, 179_000).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.resume(&running, session, sequence).await;
    gateway.expect("RESUMED").await;
    drop(gateway);
    until("the connection is gone", async || {
        let sessions = control(&running, "GET", "/gateway", Value::Null).await;
        sessions[0]["connected"] == false
    })
    .await;
    step(&running, 181_000).await;
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.resume(&running, session, sequence + 1).await;
    assert_eq!(gateway.frame().await["op"], 9);
}

#[tokio::test]
async fn a_client_that_does_not_answer_after_a_step_is_taken_for_dead() {
    let mut options = Options::seeded(2).clock(Clock::Manual);
    options.patience = Duration::from_millis(500);
    let running = Sandbox::start(options).await.unwrap();
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 0).await;
    step(&running, 62_000).await;
    assert_eq!(gateway.frame().await["op"], 1);
    let asked = Instant::now();
    assert_eq!(gateway.hear().await, Heard::Closed(4009));
    let waited = asked.elapsed();
    assert!(waited >= Duration::from_millis(450), "{waited:?}");
}
