//! `track` is killed, over and over, while members join; nothing is lost or doubled.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use guestlist::ledger::{JoinFilter, JoinRow, Ledger, SqliteLedger};
use guestlist_sandbox::world::{ScenarioOptions, TrueJoin};
use guestlist_sandbox::{Options, Running, Sandbox};

use crate::harness::Place;

const KILLS: u32 = 50;
const JOINS_PER_SECOND: f64 = 12.0;
/// Longest life of a tracker, in milliseconds: long enough to reach every phase, from
/// before the first connection to a full batch under way.
const LONGEST: u64 = 900;
/// How long the last tracker may take to make up for everything.
const PATIENCE: Duration = Duration::from_secs(90);

/// A small generator for the moments, so that a seed repeats them.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn track(place: &Place, sandbox: &Running, db: &Path) -> Child {
    let db = db.display().to_string();
    let url = sandbox.api_url();
    place
        .command(["track", "--json", "--api", &url, "--db", &db])
        .env("DISCORD_TOKEN", sandbox.token())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn rows(db: &Path) -> Vec<JoinRow> {
    match SqliteLedger::open_read_only(db).await {
        Ok(ledger) => ledger.joins(&JoinFilter::new()).await.unwrap(),
        // Not made yet.
        Err(_) => Vec::new(),
    }
}

fn key(join: &TrueJoin) -> (u64, u64, i64) {
    (join.guild_id, join.user_id, join.joined_at)
}

fn row_key(row: &JoinRow) -> (u64, u64, i64) {
    let key = &row.join.key;
    (key.guild.get(), key.user.get(), key.joined_at.as_micros())
}

#[test]
fn fifty_kills_lose_nothing_and_double_nothing() {
    let seed = std::env::var("GUESTLIST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(50);
    println!("seed {seed}: GUESTLIST_SEED={seed} repeats the moments");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime
        .block_on(Sandbox::start(Options::seeded(seed)))
        .unwrap();
    let place = Place::new();
    let db = place.path("guestlist.db");
    let world = sandbox.world();

    // The first tracker has to see the servers once: who joined before that is not ours
    // to tell.
    let mut tracker = track(&place, &sandbox, &db);
    let started = Instant::now();
    while known_servers(&runtime, &db) < sandbox.guild_ids().len() {
        assert!(started.elapsed() < PATIENCE, "the first tracker saw nothing");
        sleep(Duration::from_millis(20));
    }
    world.start_scenario(
        ScenarioOptions::new(100_000)
            .seed(seed)
            .per_second(JOINS_PER_SECOND),
    );

    let mut moments = Moments(seed | 1);
    for _ in 0..KILLS {
        sleep(Duration::from_millis(moments.next(LONGEST)));
        // SIGKILL: no destructor runs, nothing is flushed.
        tracker.kill().unwrap();
        tracker.wait().unwrap();
        tracker = track(&place, &sandbox, &db);
    }
    world.start_scenario(ScenarioOptions::new(0));
    let truth: BTreeMap<_, _> = world.read(|world| {
        world
            .true_joins()
            .iter()
            .map(|join| (key(join), join.clone()))
            .collect()
    });
    assert!(truth.len() > 100, "only {} joins", truth.len());

    let ended = Instant::now();
    let found = loop {
        let found = runtime.block_on(rows(&db));
        let missing = truth.len().saturating_sub(found.len());
        if missing == 0 || ended.elapsed() > PATIENCE {
            break found;
        }
        sleep(Duration::from_millis(100));
    };
    tracker.kill().unwrap();
    tracker.wait().unwrap();

    let mut times: BTreeMap<_, u32> = BTreeMap::new();
    for row in &found {
        *times.entry(row_key(row)).or_default() += 1;
    }
    let lost: Vec<_> = truth.keys().filter(|key| !times.contains_key(key)).collect();
    let invented: Vec<_> = times.keys().filter(|key| !truth.contains_key(key)).collect();
    let doubled: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    println!(
        "{} joins, {} in the ledger after {KILLS} kills",
        truth.len(),
        found.len()
    );
    assert!(lost.is_empty(), "seed {seed}: lost {lost:?}");
    assert!(invented.is_empty(), "seed {seed}: invented {invented:?}");
    assert!(doubled.is_empty(), "seed {seed}: doubled {doubled:?}");
    for row in &found {
        let stated = row
            .attribution
            .as_ref()
            .and_then(|attribution| attribution.certainty.origin());
        let truth = &truth[&row_key(row)];
        if let Some(code) = stated.and_then(|origin| origin.code()) {
            assert_eq!(
                Some(code.as_str()),
                truth.code.as_deref(),
                "seed {seed}: a wrong statement: {row:?}"
            );
        }
    }
    runtime.block_on(sandbox.shutdown());
}

/// How many servers the ledger knows.
fn known_servers(runtime: &tokio::runtime::Runtime, db: &Path) -> usize {
    runtime.block_on(async {
        match SqliteLedger::open_read_only(db).await {
            Ok(ledger) => ledger.guild_states().await.map_or(0, |states| states.len()),
            Err(_) => 0,
        }
    })
}
