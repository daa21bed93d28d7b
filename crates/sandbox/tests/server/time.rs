//! Time that passes faster than it does.

use std::time::{Duration, Instant};

use guestlist_sandbox::{Limit, Options, RateLimits, Sandbox, world::NewInvite};
use guestlist_testkit::until;
use serde_json::{Value, json};

use crate::support::{Gateway, control, discord};

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
