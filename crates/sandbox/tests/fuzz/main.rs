//! Requests, bodies and frames of all kinds and none: the sandbox neither panics, nor stops answering,
//! nor fills its memory. For a few seconds among the tests; for longer with
//!
//! ```console
//! $ FUZZ_SEED=7 FUZZ_SECONDS=60 cargo test -p guestlist-sandbox --test fuzz -- --nocapture
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they need"
)]

mod frames;
mod requests;
mod values;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use guestlist_sandbox::{Options, RateLimits, Running, Sandbox};
use guestlist_testkit::{Random, number, seed};
use serde_json::{Value, json};

/// So many attack at the same time: most with requests, the others with frames.
const ATTACKERS: u64 = 8;
/// More than this does not come in the second half of the time. What is kept on purpose, such as the
/// latest requests and messages, is full by then or grows slowly.
const MOST_GROWTH: u64 = 48 * 1024 * 1024;

/// What the attackers know of the sandbox.
struct Target {
    address: std::net::SocketAddr,
    /// Tokens of bots and people, and none.
    tokens: Vec<String>,
    /// Ids that there are, and those of guilds, channels, roles, users and applications alone.
    ids: Vec<String>,
    ids_of: BTreeMap<&'static str, Vec<String>>,
    codes: Vec<String>,
    /// The control API's paths with their methods.
    controls: Vec<(String, String, Vec<String>)>,
    until: Instant,
    /// The control API may change the world until then.
    building_until: Instant,
    made: AtomicU64,
}

#[test]
fn nothing_that_comes_in_breaks_it() {
    let (seed, seconds) = (seed("FUZZ_SEED", 7), number("FUZZ_SECONDS", 4));
    let panics = Arc::new(AtomicU64::new(0));
    let (counted, usual) = (Arc::clone(&panics), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        counted.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(attack(seed, Duration::from_secs(seconds)));
    assert_eq!(
        panics.load(Ordering::Relaxed),
        0,
        "it panicked, with seed {seed}"
    );
}

async fn attack(seed: u64, time: Duration) {
    let mut options = Options::seeded(seed).rate_limits(RateLimits::none());
    options.patience = Duration::from_secs(1);
    options.world.bots = vec![String::from("second")];
    let running = Sandbox::start(options).await.unwrap();
    let target = Arc::new(target(&running, time).await);
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|number| {
            let (target, random) = (Arc::clone(&target), Random::new(seed ^ number << 32));
            tokio::spawn(async move {
                if number % 4 == 3 {
                    frames::attack(&target, random).await;
                } else {
                    requests::attack(&target, random).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(time / 2).await;
    let half_way = memory();
    for attacker in attackers {
        attacker.await.unwrap();
    }
    // Faults may be left, and one of them may stall.
    ask(&running, "DELETE", "/faults").await;
    let growth = memory().saturating_sub(half_way);
    let made = target.made.load(Ordering::Relaxed);
    println!(
        "seed {seed}: {made} requests and frames, memory grew by {growth} bytes in the second half"
    );
    assert!(made > 100, "{made}");
    assert!(
        growth < MOST_GROWTH,
        "memory grew by {growth} bytes, with seed {seed}"
    );
    let counts = ask(&running, "GET", "/requests?limit=1").await;
    let served = counts["counts"].as_object().unwrap().values();
    let served = served
        .filter(|it| {
            let mut statuses = it["by_status"].as_object().unwrap().keys();
            statuses.any(|status| status.starts_with('2'))
        })
        .count();
    println!("{served} endpoints served a request");
    assert!(served > 12, "only {served}: {counts}");
    let overview = ask(&running, "GET", "").await;
    assert_eq!(overview["seed"], seed);
    running.shutdown().await;
}

async fn ask(running: &Running, method: &str, path: &str) -> Value {
    let path = format!("/sandbox{path}");
    let request = guestlist_testkit::http::Request::new(method, &path);
    let answer = request.send_async(running.address()).await;
    assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
    answer.json()
}

async fn target(running: &Running, time: Duration) -> Target {
    let mut tokens = vec![
        String::new(),
        String::from("Bot wrong"),
        String::from("Bearer x"),
    ];
    let bots = running.bots();
    // Most of what there is, is for bots.
    for bot in bots.iter().cycle().take(16) {
        tokens.push(format!("Bot {}", bot.token));
    }
    let mut codes = vec![String::from("guestlist-0")];
    let mut ids_of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut put = |kind, id: u64| ids_of.entry(kind).or_default().push(id.to_string());
    for bot in &bots {
        put("application", bot.id());
        put("webhook", bot.id());
    }
    running.world().read(|world| {
        for id in world.guild_ids() {
            let guild = world.guild(id).unwrap();
            put("guild", id);
            guild.channels.keys().for_each(|id| put("channel", *id));
            guild.roles.keys().for_each(|id| put("role", *id));
            codes.extend(guild.invites.keys().cloned());
            // Without bots in it, a server would have little to say to them.
            let people = guild.members.values().filter(|it| !it.user.bot);
            let people: Vec<u64> = people.map(|it| it.user.id).collect();
            people.iter().for_each(|id| put("user", *id));
            let two = people.iter().filter_map(|id| world.user_token(*id));
            tokens.extend(two.take(2));
        }
    });
    let ids = ids_of.values().flatten().cloned().collect();
    let document = ask(running, "GET", "/openapi.json").await;
    let mut controls = Vec::new();
    for (path, calls) in document["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            let schema = &call["requestBody"]["content"]["application/json"]["schema"];
            let fields = schema["properties"].as_object();
            let fields = fields
                .map(|it| it.keys().cloned().collect())
                .unwrap_or_default();
            if path != "/sandbox/requests" {
                controls.push((method.to_uppercase(), path.clone(), fields));
            }
        }
    }
    let now = Instant::now();
    Target {
        address: running.address(),
        tokens,
        ids,
        ids_of,
        codes,
        controls,
        until: now + time,
        building_until: now + time / 3,
        made: AtomicU64::new(0),
    }
}

impl Target {
    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn count(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    /// An IDENTIFY that is in order.
    fn identify(&self, random: &mut Random) -> Value {
        let token = random.pick(&self.tokens).unwrap();
        let token = token.trim_start_matches("Bot ").to_owned();
        json!({"op": 2, "d": {
            "token": token, "intents": 0x31_ffff_u64 >> random.below(22), "properties": {},
            "shard": [0, 1 + random.below(3)], "compress": random.chance(100),
        }})
    }
}

/// Resident memory in bytes; 0 where the system does not tell it.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
